"""Signatures as cosign writes them, made with keys of the test, and put where cosign puts them."""

import base64
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from flux.signature.signed_digest import cosign_payload
from tests.flux.oci_server import IMAGE_INDEX, IMAGE_MANIFEST, Registry, digest_of
from tests.keys import Key, elliptic_key

PAYLOAD = "application/vnd.dev.cosign.simplesigning.v1+json"
BUNDLE = "application/vnd.dev.sigstore.bundle.v0.3+json"
SIGN = "https://sigstore.dev/cosign/sign/v1"
IN_TOTO = "application/vnd.in-toto+json"
NAME = "ghcr.io/fluxcd/flux-manifests"
FILES = {"source-controller.yaml": "kind: Deployment\n"}


def our_key() -> ec.EllipticCurvePrivateKey:
    return elliptic_key("our signing key")


def another_key() -> ec.EllipticCurvePrivateKey:
    return elliptic_key("the key of somebody else")


def public_pem(key: Key) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def signed(key: Key, content: bytes) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(content)
    if isinstance(key, ec.EllipticCurvePrivateKey):
        return key.sign(content, ec.ECDSA(SHA256()))
    return key.sign(content, padding.PKCS1v15(), SHA256())


def b64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def statement(digest: str, predicate: str = SIGN) -> bytes:
    subject = [{"digest": {"sha256": digest.removeprefix("sha256:")}}]
    return json.dumps(
        {"_type": "https://in-toto.io/Statement/v1", "subject": subject, "predicateType": predicate, "predicate": {}}
    ).encode()


def pae(payload: bytes, kind: str = IN_TOTO) -> bytes:
    return f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload


def envelope(signature: bytes, payload: bytes, kind: str = IN_TOTO) -> dict[str, Any]:
    return {"payloadType": kind, "payload": b64(payload), "signatures": [{"sig": b64(signature)}]}


def bundle(material: Mapping[str, Any], **content: Any) -> bytes:
    return json.dumps({"mediaType": BUNDLE, "verificationMaterial": material, **content}).encode()


def bundle_with_key(key: Key, digest: str, predicate: str = SIGN) -> bytes:
    payload = statement(digest, predicate)
    return bundle({"publicKey": {"hint": "ours"}}, dsseEnvelope=envelope(signed(key, pae(payload)), payload))


def bundle_of_file(key: Key, content: bytes) -> bytes:
    return bundle({"publicKey": {"hint": "ours"}}, messageSignature={"signature": b64(signed(key, content))})


def layer(registry: Registry, payload: bytes, signature: str | bytes, **annotations: str) -> dict[str, Any]:
    """A layer of cosign's first layout, whose payload the registry then has."""
    registry.content[f"blobs/{digest_of(payload)}"] = payload
    value = signature if isinstance(signature, str) else b64(signature)
    more = {f"dev.sigstore.cosign/{name}": text for name, text in annotations.items()}
    return {
        "mediaType": PAYLOAD,
        "digest": digest_of(payload),
        "size": len(payload),
        "annotations": {"dev.cosignproject.cosign/signature": value, **more},
    }


def put_layers(registry: Registry, digest: str, *layers: dict[str, Any]) -> None:
    manifest = {"schemaVersion": 2, "mediaType": IMAGE_MANIFEST, "layers": list(layers)}
    registry.content[f"manifests/{digest.replace(':', '-')}.sig"] = json.dumps(manifest).encode()


def sign_as_tag(registry: Registry, digest: str, key: Key, *, of: str | None = None) -> None:
    """`cosign sign --key` of cosign 2. `of`: the digest that is signed, if it is another."""
    payload = cosign_payload(NAME, of or digest)
    put_layers(registry, digest, layer(registry, payload, signed(key, payload)))


def put_referrers(registry: Registry, digest: str, *bundles: bytes, api: bool = True, predicate: str | None = None) -> None:
    """`cosign sign` of cosign 3: with the referrers API, or the tag that stands for it."""
    items = []
    for content in bundles:
        registry.content[f"blobs/{digest_of(content)}"] = content
        described = registry.add_manifest({"mediaType": IMAGE_MANIFEST, "layers": [{"mediaType": BUNDLE, "digest": digest_of(content)}]})
        annotations = {"annotations": {"dev.sigstore.bundle.predicateType": predicate}} if predicate else {}
        items.append({"mediaType": IMAGE_MANIFEST, "digest": described, "artifactType": BUNDLE, **annotations})
    index = json.dumps({"schemaVersion": 2, "mediaType": IMAGE_INDEX, "manifests": items}).encode()
    registry.content[f"referrers/{digest}" if api else f"manifests/{digest.replace(':', '-')}"] = index
