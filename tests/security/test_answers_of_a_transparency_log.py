"""What a transparency log answers, or somebody in its place, for the proof that cosign's first layout lacks."""

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from flux.signature import transparency_log
from flux.signature.signed_digest import cosign_payload
from tests.any_server import Answer, any_server
from tests.flux.oci_server import Registry
from tests.flux.private_sigstore import SIGNED_AT, promise_of
from tests.flux.signed_artifacts import (
    NAME,
    b64,
    layer,
    put_layers,
    signed,
)
from tests.flux.test_signatures import keyless
from tests.security.odd_servers import DEEP
from tests.security.refused_signatures import GARBAGE, OTHER, Logged, refused

HOUR = timedelta(hours=1)


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
