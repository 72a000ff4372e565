"""What is put in the place of a signature that a key of the stack must have made."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from flux.signature.policy import SignaturePolicy
from flux.signature.signed_digest import cosign_payload
from flux.signature.verify import verify_signature
from flux.visible_text import visible
from tests.flux.oci_server import Registry, digest_of
from tests.flux.signed_artifacts import (
    NAME,
    another_key,
    bundle,
    bundle_of_file,
    bundle_with_key,
    envelope,
    layer,
    our_key,
    pae,
    public_pem,
    put_layers,
    put_referrers,
    sign_as_tag,
    signed,
    statement,
)
from tests.flux.test_signatures import reference, with_key
from tests.security.refused_signatures import OTHER, refused


def test_an_artifact_that_is_not_signed(registry: Registry, digest: str) -> None:
    told = refused(registry, digest)

    assert told.message.wrong == f"finds no signature by cosign for {reference(registry, digest)}"
    assert told.message.consequence == "It is unknown who made these manifests."


@pytest.mark.parametrize("layout", ["tag", "referrers", "file"])
def test_an_artifact_is_signed_with_another_key(layout: str, registry: Registry, digest: str) -> None:
    policy = with_key(our_key(), bundle_with_key(another_key(), digest) if layout == "file" else None)
    if layout == "tag":
        sign_as_tag(registry, digest, another_key())
    if layout == "referrers":
        put_referrers(registry, digest, bundle_with_key(another_key(), digest))

    assert "it was not made with this key" in refused(registry, digest, policy).message.wrong


@pytest.mark.parametrize("layout", ["tag", "referrers", "file"])
def test_the_signature_of_another_artifact_is_put_beside_this_one(layout: str, registry: Registry, digest: str) -> None:
    """An old release with a hole, or another artifact of the same project: truly signed, and not what is pinned."""
    policy = with_key(our_key(), bundle_with_key(our_key(), OTHER) if layout == "file" else None)
    if layout == "tag":
        sign_as_tag(registry, digest, our_key(), of=OTHER)
    if layout == "referrers":
        put_referrers(registry, digest, bundle_with_key(our_key(), OTHER))

    assert f"it is the signature of {OTHER}" in refused(registry, digest, policy).message.wrong


def test_the_signature_of_another_file_is_named_as_the_bundle(registry: Registry, digest: str) -> None:
    for content in (b"another file", cosign_payload(NAME, OTHER), registry.content[f"manifests/{digest}"] + b" "):
        assert (
            "it was not made with this key, or for"
            in refused(registry, digest, with_key(our_key(), bundle_of_file(our_key(), content))).message.wrong
        )


def test_the_payload_is_exchanged_under_its_signature(registry: Registry, digest: str) -> None:
    theirs = cosign_payload(NAME, OTHER)
    put_layers(registry, digest, layer(registry, cosign_payload(NAME, digest), signed(our_key(), theirs)))

    assert "it was not made with this key" in refused(registry, digest).message.wrong


def test_the_registry_sends_another_payload_than_it_lists(registry: Registry, digest: str) -> None:
    payload, theirs = cosign_payload(NAME, digest), cosign_payload(NAME, OTHER)
    listed = layer(registry, payload, signed(our_key(), theirs))
    registry.content[f"blobs/{digest_of(payload)}"] = theirs
    put_layers(registry, digest, listed)

    assert "the registry sent other bytes than it lists" in refused(registry, digest).message.wrong


def test_the_digest_stands_in_what_is_not_signed(registry: Registry, digest: str) -> None:
    """In the annotations, in the name of the tag, in a field that cosign does not read."""
    payload = json.loads(cosign_payload(NAME, OTHER))
    payload["optional"] = {"docker-manifest-digest": digest, "critical": {"image": {"docker-manifest-digest": digest}}}
    content = json.dumps(payload).encode()
    put_layers(registry, digest, layer(registry, content, signed(our_key(), content), digest=digest))

    assert f"it is the signature of {OTHER}" in refused(registry, digest).message.wrong


def test_a_key_twice_in_a_payload_names_two_digests(registry: Registry, digest: str) -> None:
    """Readers of JSON differ in which one they take: signed is signed, and the last is what is read, by cosign as well."""
    image = f'"image":{{"docker-manifest-digest":"{digest}","docker-manifest-digest":"{OTHER}"}}'
    content = f'{{"critical":{{{image},"type":"cosign container image signature"}}}}'.encode()
    put_layers(registry, digest, layer(registry, content, signed(our_key(), content)))

    assert f"it is the signature of {OTHER}" in refused(registry, digest).message.wrong


def test_another_document_that_was_signed_with_the_key_is_taken_for_a_signature(registry: Registry, digest: str) -> None:
    """The same key signs files, too: what was signed must say that it is the signature of an artifact."""
    content = json.dumps({"critical": {"image": {"docker-manifest-digest": digest}, "type": "atomic container signature"}}).encode()
    put_layers(registry, digest, layer(registry, content, signed(our_key(), content)))

    assert "its payload cannot be read" in refused(registry, digest).message.wrong


@pytest.mark.parametrize("annotated", [True, False], ids=["said in the list", "not said"])
def test_an_attestation_of_a_scanner_is_taken_for_a_signature(annotated: bool, registry: Registry, digest: str) -> None:
    vulnerable = "https://cosign.sigstore.dev/attestation/vuln/v1"
    scanned = bundle_with_key(our_key(), digest, vulnerable)
    put_referrers(registry, digest, scanned, predicate=vulnerable if annotated else None)

    assert ("finds no signature" if annotated else "it is an attestation, not a signature") in refused(registry, digest).message.wrong


def test_an_envelope_with_a_statement_of_another_type(registry: Registry, digest: str) -> None:
    payload = statement(digest)
    odd = envelope(signed(our_key(), pae(payload, "text/plain")), payload, "text/plain")

    assert "its statement cannot be read" in refused(registry, digest, with_key(our_key(), bundle({}, dsseEnvelope=odd))).message.wrong


@pytest.mark.parametrize("odd", ["\ud800", "\u00e4", "", 5, None, ["a"]])
@pytest.mark.parametrize("where", ["payloadType", "payload", "sig"])
def test_an_envelope_of_odd_fields(where: str, odd: object, registry: Registry, digest: str) -> None:
    payload = statement(digest)
    made = envelope(signed(our_key(), pae(payload)), payload)
    (made["signatures"][0] if where == "sig" else made)[where] = odd

    told = refused(registry, digest, with_key(our_key(), bundle({}, dsseEnvelope=made))).message.wrong
    assert "it cannot be read" in told or "it was not made with this key" in told


def test_an_envelope_whose_type_is_not_signed(registry: Registry, digest: str) -> None:
    """Signed as text, and called a statement afterwards."""
    payload = statement(digest)
    odd = envelope(signed(our_key(), pae(payload, "text/plain")), payload)

    assert "it was not made with this key" in refused(registry, digest, with_key(our_key(), bundle({}, dsseEnvelope=odd))).message.wrong


@pytest.mark.parametrize("key", [b"", b"garbage", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"])
def test_a_key_that_is_none(key: bytes, registry: Registry, digest: str) -> None:
    assert "is not a public key of cosign" in refused(registry, digest, SignaturePolicy(key=key)).message.wrong


def test_a_key_that_is_too_short_or_of_an_unusual_curve() -> None:
    from cryptography.hazmat.primitives.asymmetric import x25519

    from flux.signature.own_key import public_key
    from tests.keys import rsa_key

    assert public_key(public_pem(rsa_key(1024)).encode()) is None
    assert public_key(public_pem(ec.generate_private_key(ec.SECP256K1())).encode()) is None
    assert public_key(public_pem(x25519.X25519PrivateKey.generate()).encode()) is None  # type: ignore[arg-type]


def test_the_name_that_a_signer_gives_acts_on_the_terminal(registry: Registry, digest: str) -> None:
    """It is signed, and still somebody else's text: the door that prints it escapes it."""
    content = cosign_payload("\x1b[2Jghcr.io/fluxcd\u202e\ud800", digest)
    put_layers(registry, digest, layer(registry, content, signed(our_key(), content)))

    named = verify_signature(reference(registry, digest), with_key(our_key())).named or ""
    assert visible(named).encode().isascii()
    assert visible(named).isprintable()
