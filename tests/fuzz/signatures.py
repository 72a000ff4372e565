"""The readers of what cosign and Sigstore write, each with an example that is accepted as it is."""

import json
import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from flux.release.artifact_reference import parse_reference
from flux.release.oci_registry import OciRegistry
from flux.signature.in_registry import signatures_of
from flux.signature.keyless import Keyless
from flux.signature.own_key import OwnKey
from flux.signature.policy import OidcIdentity, RejectedError
from flux.signature.signature_forms import BundleSignature
from flux.signature.signed_digest import cosign_payload
from flux.signature.transparency_log import entry_of_bundle
from tests.any_server import Answer, any_server
from tests.flux.oci_server import Registry
from tests.flux.private_sigstore import ISSUER, SUBJECT, PrivateSigstore
from tests.flux.signed_artifacts import NAME, bundle_with_key, layer, our_key, put_layers, put_referrers, signed

DIGEST = f"sha256:{'ab' * 32}"
REFERENCE = parse_reference(f"registry.example.org/flux-manifests:v2.9.4@{DIGEST}")
TAG = f"manifests/{DIGEST.replace(':', '-')}.sig"
REFERRERS = f"referrers/{DIGEST}"
SIGSTORE, REGISTRY = PrivateSigstore(), Registry()
PAYLOAD = cosign_payload(NAME, DIGEST)
put_layers(REGISTRY, DIGEST, layer(REGISTRY, PAYLOAD, signed(our_key(), PAYLOAD)))
put_referrers(REGISTRY, DIGEST, bundle_with_key(our_key(), DIGEST))
KEYLESS = SIGSTORE.bundle_of_artifact(SIGSTORE.signer(), DIGEST).decode()
KEYED = bundle_with_key(our_key(), DIGEST).decode()
ENTRY = json.dumps({"24296fb24b8ad77a": SIGSTORE.entry(b'{"apiVersion": "0.0.1", "kind": "hashedrekord", "spec": {}}')})
LISTS = {path: REGISTRY.content[path].decode() for path in (TAG, REFERRERS)}
Read = Callable[[str], None]


class _OneList:
    """A registry whose list of signatures at one path is damaged."""

    def __init__(self, path: str, text: str) -> None:
        self._content = {**REGISTRY.content, path: text.encode(errors="surrogatepass")}
        self._content = {each: content for each, content in self._content.items() if each == path or each not in LISTS}

    def find(self, path: str, largest: int, _: str) -> bytes | None:
        return self._content.get(path, b"")[:largest] or None

    def get(self, path: str, largest: int, _: str) -> bytes:
        return self._content.get(path, b"")[:largest]


@contextmanager
def signatures_in_a_registry(path: str) -> Iterator[Read]:
    key = OwnKey(our_key().public_key())

    def read(text: str) -> None:
        for found in signatures_of(cast("OciRegistry", _OneList(path, text)), DIGEST):
            if isinstance(found, RejectedError):
                raise found
            key.accept(found, REFERENCE)

    yield read


@contextmanager
def bundle_of_sigstore() -> Iterator[Read]:
    with tempfile.TemporaryDirectory() as name:
        root = SIGSTORE.trusted_root(Path(name) / "trusted_root.json")
        keyless = Keyless([OidcIdentity(issuer=re.escape(ISSUER), subject=re.escape(SUBJECT))], root)
        key = OwnKey(our_key().public_key())

        def read(text: str) -> None:
            signature = BundleSignature(content=text.encode(errors="surrogatepass"))
            accepting: Any = keyless if "tlogEntries" in text else key
            accepting.accept(signature, REFERENCE)

        yield read


@contextmanager
def entry_of_a_log() -> Iterator[Read]:
    with any_server() as server:

        def read(text: str) -> None:
            server.answer = lambda _: Answer(body=text.encode(errors="surrogatepass"))
            json.dumps(entry_of_bundle(f"http://{server.address}", 0))

        yield read
