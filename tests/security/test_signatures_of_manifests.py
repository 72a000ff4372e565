"""What a registry, a signer or a transparency log tries, so that manifests are taken for signed that are not."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from flux.errors import FluxInputError
from flux.signature import transparency_log
from flux.signature.in_registry import MOST_SIGNATURES
from flux.signature.policy import OidcIdentity, SignaturePolicy
from flux.signature.signed_digest import cosign_payload
from flux.signature.verify import verify_signature
from tests.any_server import Answer, AnyServer, any_server
from tests.flux.oci_server import Registry, digest_of
from tests.flux.private_sigstore import ISSUER, SIGNED_AT, SUBJECT, PrivateSigstore, Signer, private_sigstore, promise_of
from tests.flux.signed_artifacts import (
    FILES,
    NAME,
    another_key,
    b64,
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
from tests.flux.test_signatures import US, keyless, reference, with_key
from tests.security.odd_servers import DEEP

OTHER = f"sha256:{'ab' * 32}"
HOUR = timedelta(hours=1)


def refused(registry: Registry, digest: str, policy: SignaturePolicy | None = None) -> FluxInputError:
    """What is told, in three parts, about the key `flux.verify`."""
    with pytest.raises(FluxInputError) as caught:
        verify_signature(reference(registry, digest), policy or with_key(our_key()))
    told = caught.value
    assert told.path[:2] == ("flux", "verify")
    assert all((told.message.wrong, told.message.consequence, told.message.fix))
    assert "Traceback" not in str(told)
    return told


@pytest.fixture(name="digest")
def _digest(registry: Registry) -> str:
    return registry.add(FILES)


# A key of one's own.


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


def test_an_envelope_whose_type_is_not_signed(registry: Registry, digest: str) -> None:
    """Signed as text, and called a statement afterwards."""
    payload = statement(digest)
    odd = envelope(signed(our_key(), pae(payload, "text/plain")), payload)

    assert "it was not made with this key" in refused(registry, digest, with_key(our_key(), bundle({}, dsseEnvelope=odd))).message.wrong


def test_ten_thousand_signatures(registry: Registry, digest: str) -> None:
    payload = cosign_payload(NAME, digest)
    put_layers(registry, digest, *[{"mediaType": layer(registry, payload, b"x")["mediaType"]}] * 10_000)

    told = refused(registry, digest)

    assert told.message.wrong == f"finds 10000 signatures, and reads at most {MOST_SIGNATURES}"
    assert len(registry.requests) == 1


def test_five_thousand_referrers(registry: Registry, digest: str) -> None:
    item = {"artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json", "digest": OTHER}
    registry.content[f"referrers/{digest}"] = json.dumps({"manifests": [item] * 5_000}).encode()

    assert "finds 5000 signatures" in refused(registry, digest).message.wrong
    assert len(registry.requests) == 2


def test_a_list_of_signatures_without_end(digest: str) -> None:
    with any_server(lambda _: Answer(body=lambda: b"x" * 1024**2)) as server:
        with pytest.raises(FluxInputError, match=r"flux\.verify: cannot be checked: .* is larger than") as caught:
            verify_signature(reference(server, digest), with_key(our_key()))
        assert caught.value.path == ("flux", "verify")
        assert server.sent < 64 * 1024**2


GARBAGE: dict[str, bytes] = {
    "deep": DEEP,
    "bytes": b"\xff\xfe",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1" * 5_000,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE)
@pytest.mark.parametrize("where", ["tag", "referrers", "referrer", "payload", "bundle"])
def test_garbage_in_the_place_of_a_signature(where: str, garbage: bytes, registry: Registry, digest: str) -> None:
    tag = digest.replace(":", "-")
    if where == "tag":
        registry.content[f"manifests/{tag}.sig"] = garbage
    elif where == "referrers":
        registry.content[f"referrers/{digest}"] = garbage
    elif where == "referrer":
        item = {"artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json", "digest": registry.add_manifest(garbage)}
        registry.content[f"referrers/{digest}"] = json.dumps({"manifests": [item]}).encode()
    elif where == "payload":
        put_layers(registry, digest, layer(registry, garbage, signed(our_key(), garbage)))
    else:
        put_referrers(registry, digest, garbage)

    told = refused(registry, digest).message.wrong
    assert "cannot be read" in told or (where == "payload" and "is larger than" in told)


@pytest.mark.parametrize("signature", ["", "!", "\u00e4", "AAAA", b64(b"\x30" * 10_000), "x" * 100_000])
def test_a_signature_that_is_none(signature: str, registry: Registry, digest: str) -> None:
    put_layers(registry, digest, layer(registry, cosign_payload(NAME, digest), signature))

    told = refused(registry, digest).message.wrong
    assert "it cannot be read" in told or "it was not made with this key" in told
    assert len(told) < 400


@pytest.mark.parametrize(
    "odd",
    [
        {"layers": 5},
        {"layers": [5, None, []]},
        {"layers": [{"mediaType": 5}]},
        {"layers": [{"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json"}]},
        {"layers": [{"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", "digest": "sha256:../../x", "annotations": {}}]},
        {"layers": [{"mediaType": "application/vnd.dev.cosign.simplesigning.v1+json", "digest": OTHER, "annotations": []}]},
    ],
)
def test_a_list_of_signatures_of_odd_shape(odd: dict[str, Any], registry: Registry, digest: str) -> None:
    registry.content[f"manifests/{digest.replace(':', '-')}.sig"] = json.dumps(odd).encode()

    told = refused(registry, digest).message.wrong
    assert "finds no signature" in told or "cannot be read" in told
    assert not [path for path in registry.requests if "/../" in path]


def test_a_payload_of_another_media_type(registry: Registry, digest: str) -> None:
    payload = cosign_payload(NAME, digest)
    odd = {**layer(registry, payload, signed(our_key(), payload)), "mediaType": "application/octet-stream"}
    put_layers(registry, digest, odd)

    assert "finds no signature" in refused(registry, digest).message.wrong


@pytest.mark.parametrize("status", [401, 403, 429, 500, 503])
def test_a_registry_that_refuses_to_show_signatures(status: int, digest: str) -> None:
    told = rf"flux\.verify: cannot be checked: .* answered {status}"
    with any_server(lambda _: Answer(status=status)) as server, pytest.raises(FluxInputError, match=told):
        verify_signature(reference(server, digest), with_key(our_key()))


def test_a_registry_that_cannot_be_reached(registry: Registry, digest: str) -> None:
    nowhere = replace(reference(registry, digest), registry="127.0.0.1:1")

    with pytest.raises(FluxInputError) as caught:
        verify_signature(nowhere, with_key(our_key()))

    assert caught.value.message.wrong == "cannot be checked: 127.0.0.1:1 cannot be reached (ConnectError)"
    assert caught.value.message.fix == "Check the network, or commit the signature: bundle."


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


# Without a key.


@pytest.fixture(name="sigstore", scope="module")
def _sigstore() -> PrivateSigstore:
    return PrivateSigstore()


def test_somebody_else_signed(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    fork = "https://github.com/attacker/flux2/.github/workflows/release.yaml@refs/tags/v2.9.4"
    policy = keyless(sigstore, tmp_path, sigstore.bundle_of_artifact(sigstore.signer(fork), digest))

    assert f"it was made by {fork} (issuer {ISSUER})" in refused(registry, digest, policy).message.wrong


def test_another_issuer_vouches_for_the_same_name(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    signer = sigstore.signer(issuer="https://accounts.attacker.example")
    policy = keyless(sigstore, tmp_path, sigstore.bundle_of_artifact(signer, digest))

    assert f"it was made by {SUBJECT} (issuer https://accounts.attacker.example)" in refused(registry, digest, policy).message.wrong


@pytest.mark.parametrize(
    ("subject", "issuer"),
    [
        (f"https://attacker.example/{SUBJECT}", ISSUER),
        (f"{SUBJECT}.attacker.example", ISSUER),
        (f"{SUBJECT}\n", ISSUER),
        (f"\n{SUBJECT}", ISSUER),
        (SUBJECT, f"{ISSUER}.attacker.example"),
        (SUBJECT, f"{ISSUER}\nhttps://attacker.example"),
        (SUBJECT, ""),
    ],
)
def test_a_name_contains_the_one_that_is_accepted(
    subject: str, issuer: str, sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    policy = keyless(sigstore, tmp_path, sigstore.bundle_of_artifact(sigstore.signer(subject, issuer), digest))

    assert "it was made by" in refused(registry, digest, policy).message.wrong


def test_a_pattern_with_alternatives_is_anchored_in_each(
    sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    """`^a|b$` accepts in Go whatever begins with a."""
    loose = OidcIdentity(issuer=US[0].issuer, subject="^https://github\\.com/fluxcd/.*|^nobody$")
    bundle_of = sigstore.bundle_of_artifact(sigstore.signer("https://github.com/fluxcd/x\nevil"), digest)
    root = sigstore.trusted_root(tmp_path / "root.json")

    refused(registry, digest, SignaturePolicy(identities=(loose,), trusted_root=root, bundle=bundle_of))


@pytest.mark.parametrize("at", [SIGNED_AT + HOUR, SIGNED_AT - HOUR], ids=["after", "before"])
@pytest.mark.parametrize("form", ["artifact", "file"])
def test_the_certificate_was_not_valid_when_the_log_took_the_signature(
    at: Any, form: str, sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    """A stolen key is of use for ten minutes: later, the log gives it another time."""
    signer = sigstore.signer()
    made = (
        sigstore.bundle_of_artifact(signer, digest, at)
        if form == "artifact"
        else sigstore.bundle_of_file(signer, cosign_payload(NAME, digest), at)
    )

    assert "it is not valid" in refused(registry, digest, keyless(sigstore, tmp_path, made)).message.wrong


def test_the_time_of_the_log_is_changed_in_the_bundle(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    made = json.loads(sigstore.bundle_of_artifact(sigstore.signer(), digest, SIGNED_AT + HOUR))
    made["verificationMaterial"]["tlogEntries"][0]["integratedTime"] = str(int(SIGNED_AT.timestamp()))

    told = refused(registry, digest, keyless(sigstore, tmp_path, json.dumps(made).encode())).message.wrong
    assert "it is not valid (invalid log entry" in told


def test_a_keyless_signature_of_another_artifact(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    policy = keyless(sigstore, tmp_path, sigstore.bundle_of_artifact(sigstore.signer(), OTHER))

    assert f"it is the signature of {OTHER}" in refused(registry, digest, policy).message.wrong


def test_a_keyless_signature_of_another_file(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    policy = keyless(sigstore, tmp_path, sigstore.bundle_of_file(sigstore.signer(), cosign_payload(NAME, OTHER)))

    assert "it is not valid" in refused(registry, digest, policy).message.wrong


def test_a_keyless_attestation_is_taken_for_a_signature(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    made = sigstore.bundle_of_artifact(sigstore.signer(), digest, payload=statement(digest, "https://slsa.dev/provenance/v1"))

    assert "it is an attestation, not a signature" in refused(registry, digest, keyless(sigstore, tmp_path, made)).message.wrong


def test_another_sigstore_certified_the_signer(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    """An attacker's own authority and logs, with all the right names."""
    theirs = PrivateSigstore()
    made = theirs.bundle_of_artifact(theirs.signer(), digest)

    assert "it is not valid" in refused(registry, digest, keyless(sigstore, tmp_path, made)).message.wrong


@pytest.mark.parametrize("part", ["authority", "certificate_log", "log"])
def test_one_part_of_the_sigstore_is_an_attackers(
    part: str, sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    theirs = PrivateSigstore()
    for name in ("authority", "root", "certificate_log", "log"):
        if name != part and not (part == "authority" and name == "root"):
            setattr(theirs, name, getattr(sigstore, name))
    if part != "authority":
        theirs.root = sigstore.root
    made = theirs.bundle_of_artifact(theirs.signer(), digest)

    assert "it is not valid" in refused(registry, digest, keyless(sigstore, tmp_path, made)).message.wrong


@pytest.mark.parametrize(
    "path",
    [
        ("inclusionPromise",),
        ("inclusionProof",),
        ("inclusionProof", "checkpoint"),
        ("inclusionProof", "hashes"),
        ("canonicalizedBody",),
        ("logId",),
        ("kindVersion",),
    ],
)
@pytest.mark.parametrize("how", ["missing", "null", "odd"])
def test_a_bundle_without_one_of_its_proofs(
    path: tuple[str, ...], how: str, sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    made = json.loads(sigstore.bundle_of_artifact(sigstore.signer(), digest))
    entry = made["verificationMaterial"]["tlogEntries"][0]
    holder = entry if len(path) == 1 else entry[path[0]]
    if how == "missing":
        del holder[path[-1]]
    else:
        holder[path[-1]] = None if how == "null" else [{"a": 5}]

    told = refused(registry, digest, keyless(sigstore, tmp_path, json.dumps(made).encode())).message.wrong
    assert "it cannot be read" in told or "it is not valid" in told


def test_a_bundle_without_an_entry_of_a_log(sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    made = json.loads(sigstore.bundle_of_artifact(sigstore.signer(), digest))
    made["verificationMaterial"]["tlogEntries"] = []

    assert "it cannot be read" in refused(registry, digest, keyless(sigstore, tmp_path, json.dumps(made).encode())).message.wrong


def test_the_signature_with_a_key_where_an_identity_is_asked_for(
    sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    put_referrers(registry, digest, bundle_with_key(our_key(), digest))
    assert "it was made with a key, and has no identity" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong
    sign_as_tag(registry, digest, our_key())
    assert "accepts none of 2 signatures" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong


@pytest.mark.parametrize(
    "content", [b"{}", b'{"mediaType": "x"}', b"[]", b"", b'{"mediaType":"application/vnd.dev.sigstore.trustedroot+json;version=0.1"}']
)
def test_a_trusted_root_that_is_none(content: bytes, sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path) -> None:
    file = tmp_path / "odd.json"
    file.write_bytes(content)
    made = sigstore.bundle_of_artifact(sigstore.signer(), digest)

    told = refused(registry, digest, SignaturePolicy(identities=US, trusted_root=file, bundle=made))
    assert (told.message.wrong, told.path) == ("is not a trusted root of Sigstore", ("flux", "verify", "trustedRoot"))


def test_sigstores_trusted_root_cannot_be_fetched(
    sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Through a proxy that is not there: what an office without internet access sees."""
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    made = sigstore.bundle_of_artifact(sigstore.signer(), digest)

    told = refused(registry, digest, SignaturePolicy(identities=US, bundle=made)).message

    assert told.wrong == "cannot be checked: Sigstore's trusted root cannot be fetched (TUFError)"
    assert told.consequence == "It is unknown which certificates and logs to trust."
    assert told.fix == "Check the network, or commit the trusted root: trustedRoot."


# The transparency log, which is asked for the proof that cosign's first layout lacks.


@pytest.fixture(name="logged")
def _logged(registry: Registry, digest: str) -> Iterator[tuple[PrivateSigstore, AnyServer, Signer]]:
    payload = cosign_payload(NAME, digest)
    with private_sigstore() as (sigstore, log):
        signer = sigstore.signer()
        signature = signed(signer.key, payload)
        entry = sigstore.entry_of_file(signer, payload, signature)
        put_layers(registry, digest, layer(registry, payload, signature, certificate=signer.pem, bundle=promise_of(entry)))
        yield sigstore, log, signer


Logged = tuple[PrivateSigstore, AnyServer, Signer]


def test_the_transparency_log_cannot_be_reached(logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, _, _ = logged
    sigstore.log_address = "http://127.0.0.1:1"

    told = refused(registry, digest, keyless(sigstore, tmp_path)).message

    assert told.wrong == "cannot be checked: http://127.0.0.1:1 cannot be reached (ConnectError)"
    assert told.consequence == "It is unknown whether the signature stands in the transparency log."
    assert told.fix == "Check the network, or commit the signature with its proof: bundle."


@pytest.mark.parametrize("status", [302, 404, 500])
def test_the_transparency_log_does_not_have_it(status: int, logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, log, _ = logged
    with any_server() as internal:
        log.answer = lambda _: Answer(status=status, headers={"Location": f"http://{internal.address}/"})

        assert f"answered {status}" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong
        assert internal.requests == []


def test_the_transparency_log_is_not_spoken_to_in_plain_text(logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, _, _ = logged
    for address in ("http://log.test.example", "file:///etc/passwd", "nowhere"):
        sigstore.log_address = address
        assert "no https address" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong


@pytest.mark.parametrize("garbage", [*GARBAGE.values(), b"{}", b'{"a": 5}', b'{"a": {}, "b": {}}'], ids=[*GARBAGE, "{}", "5", "two"])
def test_the_transparency_log_answers_garbage(garbage: bytes, logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, log, _ = logged
    log.answer = lambda _: Answer(body=garbage)

    assert "the entry of the transparency log cannot be read" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong


def test_the_transparency_log_answers_without_end(logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, log, _ = logged
    log.answer = lambda _: Answer(body=lambda: b"x" * 1024**2)

    assert "cannot be read" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong
    assert log.sent < 64 * 1024**2


def test_the_transparency_log_drips(
    logged: Logged, registry: Registry, digest: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import time

    def drip() -> bytes:
        time.sleep(0.02)
        return b"x"

    sigstore, log, _ = logged
    monkeypatch.setattr(transparency_log, "WHOLE_SECONDS", 0.3)
    log.answer = lambda _: Answer(body=drip)

    assert "cannot be reached (TooSlowError)" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong


def changed(**fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda entry: {**entry, **fields}


def proof_changed(**fields: Any) -> Callable[[dict[str, Any]], dict[str, Any]]:
    def change(entry: dict[str, Any]) -> dict[str, Any]:
        verification = entry["verification"]
        return {**entry, "verification": {**verification, "inclusionProof": {**verification["inclusionProof"], **fields}}}

    return change


@pytest.mark.parametrize(
    "change",
    [
        changed(integratedTime=2**70),
        changed(integratedTime=-1),
        changed(integratedTime=int((SIGNED_AT + HOUR).timestamp())),
        changed(integratedTime="1"),
        changed(logIndex=True),
        changed(logID="zz"),
        changed(logID="ab" * 32),
        changed(body="!"),
        changed(body=b64(b"{}")),
        changed(body=b64(DEEP)),
        changed(verification={}),
        changed(verification=None),
        proof_changed(hashes=[]),
        proof_changed(hashes=[5]),
        proof_changed(hashes=["ab" * 32] * 500),
        proof_changed(rootHash="ab" * 32),
        proof_changed(treeSize=0),
        proof_changed(treeSize=2**62),
        proof_changed(logIndex=2**62),
        proof_changed(checkpoint=""),
        proof_changed(checkpoint="a\n\n\u2014 b c\n"),
        proof_changed(checkpoint="a\n1\n!\n\n\u2014 b AAAA\n"),
    ],
)
def test_the_transparency_log_answers_another_entry(
    change: Callable[[dict[str, Any]], dict[str, Any]], logged: Logged, registry: Registry, digest: str, tmp_path: Path
) -> None:
    sigstore, _, _ = logged
    sigstore.entries[0] = change(sigstore.entries[0])

    told = refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong
    assert "cannot be read" in told or "it is not valid" in told


def test_the_entry_of_another_signature(logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    """CVE-2022-36056: the log has something that is truly signed, and is not this."""
    sigstore, _, signer = logged
    payload = cosign_payload(NAME, OTHER)
    sigstore.entry_of_file(signer, payload, signed(signer.key, payload))
    sigstore.entries[0] = sigstore.entries[1]

    assert "it is not valid" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong


@pytest.mark.parametrize(
    "promise", ["", "null", "[]", '{"Payload": 5}', '{"Payload": {"logIndex": -1}}', '{"Payload": {"logIndex": "0"}}', DEEP.decode()]
)
def test_a_signature_that_is_in_no_log(promise: str, logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, log, signer = logged
    payload = cosign_payload(NAME, digest)
    put_layers(registry, digest, layer(registry, payload, signed(signer.key, payload), certificate=signer.pem, bundle=promise))

    assert "it has no entry in a transparency log" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong
    assert log.requests == []


def test_a_signature_in_a_log_of_its_own(logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, log, signer = logged
    payload = cosign_payload(NAME, digest)
    promise = json.dumps({"Payload": {"logIndex": 0, "logID": "ab" * 32}})
    put_layers(registry, digest, layer(registry, payload, signed(signer.key, payload), certificate=signer.pem, bundle=promise))

    assert "a transparency log that the trusted root does not have" in refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong
    assert log.requests == []


@pytest.mark.parametrize("certificate", ["", "garbage", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "\u00e4"])
def test_a_certificate_that_is_none(certificate: str, logged: Logged, registry: Registry, digest: str, tmp_path: Path) -> None:
    sigstore, _, signer = logged
    payload = cosign_payload(NAME, digest)
    promise = promise_of(sigstore.entries[0])
    put_layers(registry, digest, layer(registry, payload, signed(signer.key, payload), certificate=certificate, bundle=promise))

    told = refused(registry, digest, keyless(sigstore, tmp_path)).message.wrong
    assert "cannot be read" in told or "it was made with a key" in told


def test_what_is_told_of_a_signer_is_short_and_on_one_line(
    sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    signer = sigstore.signer("https://a.example/" + "x" * 10_000)

    assert len(refused(registry, digest, keyless(sigstore, tmp_path, sigstore.bundle_of_artifact(signer, digest))).message.wrong) < 600


def test_the_reasons_of_many_signatures_are_told_once_each(registry: Registry, digest: str) -> None:
    payload, other = cosign_payload(NAME, digest), cosign_payload(NAME, OTHER)
    theirs = [layer(registry, payload, signed(another_key(), payload))] * 5
    put_layers(registry, digest, *theirs, layer(registry, other, signed(our_key(), other)), layer(registry, payload, "!"))

    told = refused(registry, digest).message.wrong

    assert "accepts none of 7 signatures" in told
    assert told.count("it was not made with this key") == 1
    assert f"it is the signature of {OTHER}" in told
    assert "it cannot be read" in told
