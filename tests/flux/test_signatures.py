"""Signatures that are as they should be, in every layout of cosign and with every kind of key."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from flux.errors import FluxInputError
from flux.release.artifact_reference import ArtifactReference, parse_reference
from flux.signature.policy import OidcIdentity, SignaturePolicy
from flux.signature.signed_digest import cosign_payload
from flux.signature.verify import verify_signature
from tests.any_server import Answer, AnyServer, any_server
from tests.flux.oci_server import Registry, serving
from tests.flux.private_sigstore import ISSUER, SUBJECT, PrivateSigstore, private_sigstore, promise_of
from tests.flux.signed_artifacts import (
    FILES,
    NAME,
    another_key,
    bundle_of_file,
    bundle_with_key,
    layer,
    our_key,
    public_pem,
    put_layers,
    put_referrers,
    sign_as_tag,
    signed,
    statement,
)
from tests.keys import Key, rsa_key

US = (OidcIdentity(issuer=f"^{re.escape(ISSUER)}$", subject=f"^{re.escape(SUBJECT)}$"),)
OUR_KEY = "the key in gitops:flux.verify.key"
KEYS: dict[str, Callable[[], Key]] = {
    "P-256": our_key,
    "P-384": lambda: ec.generate_private_key(ec.SECP384R1()),
    "P-521": lambda: ec.generate_private_key(ec.SECP521R1()),
    "Ed25519": ed25519.Ed25519PrivateKey.generate,
    "RSA": lambda: rsa_key(2048),
}


@pytest.fixture(name="registry")
def _registry() -> Iterator[Registry]:
    with serving() as registry:
        yield registry


def with_key(key: Key, bundle: bytes | None = None) -> SignaturePolicy:
    return SignaturePolicy(key=public_pem(key).encode(), bundle=bundle)


def keyless(sigstore: PrivateSigstore, folder: Path, bundle: bytes | None = None) -> SignaturePolicy:
    return SignaturePolicy(identities=US, trusted_root=sigstore.trusted_root(folder / "trusted_root.json"), bundle=bundle)


def reference(registry: Registry | AnyServer, digest: str) -> ArtifactReference:
    return parse_reference(f"{registry.address}/fluxcd/flux-manifests:v2.9.4@{digest}")


# With a key of one's own.


@pytest.mark.parametrize("kind", KEYS)
def test_a_signature_with_a_key_is_accepted_from_the_tag_beside_the_artifact(kind: str, registry: Registry) -> None:
    key, digest = KEYS[kind](), registry.add(FILES)
    sign_as_tag(registry, digest, key)

    found = verify_signature(reference(registry, digest), with_key(key))

    assert (found.who, found.named) == (OUR_KEY, NAME)


@pytest.mark.parametrize("kind", KEYS)
@pytest.mark.parametrize("api", [True, False], ids=["the referrers API", "the tag that stands for it"])
def test_a_signature_with_a_key_is_accepted_as_a_bundle_among_the_referrers(kind: str, api: bool, registry: Registry) -> None:
    key, digest = KEYS[kind](), registry.add(FILES)
    put_referrers(registry, digest, bundle_with_key(key, digest), api=api)

    assert verify_signature(reference(registry, digest), with_key(key)).who == OUR_KEY


def test_one_accepted_signature_among_others_is_enough_and_the_rest_is_not_fetched(registry: Registry) -> None:
    digest = registry.add(FILES)
    payload = cosign_payload(NAME, digest)
    theirs = layer(registry, payload, signed(another_key(), payload))
    ours = layer(registry, payload, signed(our_key(), payload))
    put_layers(registry, digest, theirs, ours)

    assert verify_signature(reference(registry, digest), with_key(our_key())).who == OUR_KEY
    assert not [path for path in registry.requests if "referrers" in path]


def test_an_attestation_beside_the_signature_does_no_harm(registry: Registry) -> None:
    digest = registry.add(FILES)
    scanned = bundle_with_key(our_key(), digest, "https://cosign.sigstore.dev/attestation/vuln/v1")
    put_referrers(registry, digest, scanned, bundle_with_key(our_key(), digest))

    assert verify_signature(reference(registry, digest), with_key(our_key())).who == OUR_KEY


def test_a_bundle_beside_the_stack_file_needs_no_registry() -> None:
    nowhere = parse_reference(f"127.0.0.1:1/fluxcd/flux-manifests:v2.9.4@sha256:{'ab' * 32}")

    assert verify_signature(nowhere, with_key(our_key(), bundle_with_key(our_key(), nowhere.digest or ""))).who == OUR_KEY


@pytest.mark.parametrize("kind", ["P-256", "RSA", "Ed25519"])
def test_a_bundle_may_be_the_signature_of_cosigns_payload(kind: str, registry: Registry) -> None:
    key, digest = KEYS[kind](), registry.add(FILES)
    for name in (NAME, f"{registry.address}/fluxcd/flux-manifests"):
        bundle = bundle_of_file(key, cosign_payload(name, digest))
        assert verify_signature(reference(registry, digest), with_key(key, bundle)).who == OUR_KEY


@pytest.mark.parametrize("kind", ["P-256", "RSA"])
def test_a_bundle_may_be_the_signature_of_the_manifest_itself(kind: str, registry: Registry) -> None:
    key, digest = KEYS[kind](), registry.add(FILES)
    bundle = bundle_of_file(key, registry.content[f"manifests/{digest}"])

    assert verify_signature(reference(registry, digest), with_key(key, bundle)).who == OUR_KEY


def test_the_payload_is_what_cosign_writes() -> None:
    assert cosign_payload("a.example/b", "sha256:cd").decode() == (
        '{"critical":{"identity":{"docker-reference":"a.example/b"},"image":{"docker-manifest-digest":"sha256:cd"},'
        '"type":"cosign container image signature"},"optional":null}'
    )


def test_a_private_registrys_signature_is_fetched_with_its_token(registry: Registry) -> None:
    digest = registry.add(FILES)
    sign_as_tag(registry, digest, our_key())
    registry.token = "a-token-of-a-test"

    assert verify_signature(reference(registry, digest), with_key(our_key())).who == OUR_KEY


def test_a_registry_without_referrers_redirects_them_to_a_page_as_ghcr_does() -> None:
    with any_server(lambda _: Answer(status=404)) as server:
        server.answer = lambda request: (
            Answer(status=303, headers={"Location": "https://github.com/-/v2/x"}) if "/referrers/" in request.path else Answer(status=404)
        )
        with pytest.raises(FluxInputError, match="finds no signature by cosign"):
            verify_signature(parse_reference(f"{server.address}/fluxcd/flux-manifests@sha256:{'ab' * 32}"), with_key(our_key()))


# Without a key: a Sigstore of the test, whose certificates expired long ago, as all of Fulcio's have.


def test_a_keyless_signature_is_accepted_from_the_tag_with_the_proof_that_the_log_has(registry: Registry, tmp_path: Path) -> None:
    digest = registry.add(FILES)
    payload = cosign_payload(NAME, digest)
    with private_sigstore() as (sigstore, log):
        signer = sigstore.signer()
        signature = signed(signer.key, payload)
        entry = sigstore.entry_of_file(signer, payload, signature)
        put_layers(registry, digest, layer(registry, payload, signature, certificate=signer.pem, bundle=promise_of(entry)))

        found = verify_signature(reference(registry, digest), keyless(sigstore, tmp_path))

        assert (found.who, found.named) == (f"{SUBJECT} (issuer {ISSUER})", NAME)
        assert [request.path for request in log.requests] == ["/api/v1/log/entries?logIndex=0"]


def test_a_keyless_bundle_among_the_referrers_asks_nobody_else(registry: Registry, tmp_path: Path) -> None:
    digest, sigstore = registry.add(FILES), PrivateSigstore()
    put_referrers(registry, digest, sigstore.bundle_of_artifact(sigstore.signer(), digest))

    assert verify_signature(reference(registry, digest), keyless(sigstore, tmp_path)).who == f"{SUBJECT} (issuer {ISSUER})"


def test_a_keyless_bundle_beside_the_stack_file_asks_nothing_of_the_network(tmp_path: Path) -> None:
    sigstore, nowhere = PrivateSigstore(), parse_reference(f"127.0.0.1:1/fluxcd/flux-manifests:v2.9.4@sha256:{'ab' * 32}")
    bundle = sigstore.bundle_of_artifact(sigstore.signer(), nowhere.digest or "")

    assert verify_signature(nowhere, keyless(sigstore, tmp_path, bundle)).who == f"{SUBJECT} (issuer {ISSUER})"


@pytest.mark.parametrize("what", ["payload", "manifest"])
def test_a_keyless_bundle_may_be_the_signature_of_a_file(what: str, registry: Registry, tmp_path: Path) -> None:
    digest, sigstore = registry.add(FILES), PrivateSigstore()
    content = cosign_payload(NAME, digest) if what == "payload" else registry.content[f"manifests/{digest}"]
    bundle = sigstore.bundle_of_file(sigstore.signer(), content)

    assert verify_signature(reference(registry, digest), keyless(sigstore, tmp_path, bundle)).who == f"{SUBJECT} (issuer {ISSUER})"


def test_one_of_several_identities_is_enough(tmp_path: Path) -> None:
    sigstore, nowhere = PrivateSigstore(), parse_reference(f"127.0.0.1:1/fluxcd/flux-manifests:v2.9.4@sha256:{'ab' * 32}")
    bundle = sigstore.bundle_of_artifact(sigstore.signer(), nowhere.digest or "")
    others = OidcIdentity(issuer="^https://accounts\\.example$", subject="^release@example\\.org$")
    root = sigstore.trusted_root(tmp_path / "root.json")

    assert verify_signature(nowhere, SignaturePolicy(identities=(others, *US), trusted_root=root, bundle=bundle)).who.startswith(SUBJECT)


def test_the_statement_of_cosign_is_the_one_that_is_read() -> None:
    assert b'"predicateType": "https://sigstore.dev/cosign/sign/v1"' in statement(f"sha256:{'ab' * 32}")
