"""Signers, authorities and bundles that are taken for those that a stack accepts (Sigstore)."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flux.signature.policy import OidcIdentity, SignaturePolicy
from flux.signature.signed_digest import cosign_payload
from tests.flux.oci_server import Registry
from tests.flux.private_sigstore import ISSUER, SIGNED_AT, SUBJECT, PrivateSigstore
from tests.flux.signed_artifacts import (
    NAME,
    bundle_with_key,
    our_key,
    put_referrers,
    sign_as_tag,
    statement,
)
from tests.flux.test_signatures import US, keyless
from tests.security.refused_signatures import OTHER, refused

HOUR = timedelta(hours=1)


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


def test_what_is_told_of_a_signer_is_short_and_on_one_line(
    sigstore: PrivateSigstore, registry: Registry, digest: str, tmp_path: Path
) -> None:
    signer = sigstore.signer("https://a.example/" + "x" * 10_000)

    assert len(refused(registry, digest, keyless(sigstore, tmp_path, sigstore.bundle_of_artifact(signer, digest))).message.wrong) < 600
