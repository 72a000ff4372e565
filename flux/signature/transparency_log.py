"""An entry of a transparency log, with the proof that the log has it, which cosign's first layout lacks.

Nothing in the answer is believed here: what is made of it, is verified with the log's key.
"""

import base64
from collections.abc import Mapping
from typing import Any

from flux.addresses import address_of, is_loopback
from flux.any_shape import at, mapping, text
from flux.bounded_documents import Bounds, json_object
from flux.environment import trusted_authorities
from flux.errors import FluxInputError
from flux.release.bounded_answer import HEADERS, TooLargeError, TooSlowError, received
from flux.signature.policy import refused, unreadable

AN_ENTRY = Bounds(size=256 * 1024)
SILENT_SECONDS = 30.0
WHOLE_SECONDS = 60.0
_LARGEST_INDEX = 2**63 - 1


def entry_of_bundle(log: str, index: int) -> Mapping[str, Any]:
    """The entry with this index of the log at `log`, as a bundle has it.

    Raises FluxInputError where the log cannot be reached, and RejectedError for an answer that is no entry.
    """
    import httpx

    from flux.http_client import http_client

    address = address_of(log)
    if address is None or not (address.scheme == "https" or is_loopback(address.host)):
        raise _unreachable("the transparency log", "the trusted root has no https address for it")
    url = f"{log.rstrip('/')}/api/v1/log/entries"
    try:
        with http_client(timeout=SILENT_SECONDS, follow_redirects=False, headers=HEADERS, verify=trusted_authorities()) as client:
            status, _, content = received(client, "GET", url, largest=AN_ENTRY.size, seconds=WHOLE_SECONDS, params={"logIndex": str(index)})
    except TooLargeError:
        raise unreadable("the entry of the transparency log") from None
    except (httpx.HTTPError, httpx.InvalidURL, TooSlowError) as error:
        raise _unreachable(log, f"cannot be reached ({type(error).__name__})") from None
    if status != httpx.codes.OK:
        raise _unreachable(log, f"answered {status}")
    answer = json_object(content, AN_ENTRY) or {}
    if len(answer) != 1:
        raise unreadable("the entry of the transparency log")
    return _as_in_a_bundle(next(iter(answer.values())))


def _as_in_a_bundle(entry: Any) -> Mapping[str, Any]:
    verification, proof = mapping(entry, "verification"), mapping(entry, "verification", "inclusionProof")
    hashes = proof.get("hashes")
    try:
        body = base64.b64decode(text(entry, "body") or "", validate=True)
        kind = json_object(body, AN_ENTRY) or {}
        return {
            "logIndex": _number(at(entry, "logIndex")),
            "logId": {"keyId": _base64_of_hex(text(entry, "logID"))},
            "kindVersion": {"kind": kind["kind"], "version": kind["apiVersion"]},
            "integratedTime": _number(at(entry, "integratedTime")),
            "inclusionPromise": {"signedEntryTimestamp": text(verification, "signedEntryTimestamp")},
            "inclusionProof": {
                "logIndex": _number(proof.get("logIndex")),
                "rootHash": _base64_of_hex(text(proof, "rootHash")),
                "treeSize": _number(proof.get("treeSize")),
                "hashes": [_base64_of_hex(each) for each in hashes] if isinstance(hashes, list) else [],
                "checkpoint": {"envelope": text(proof, "checkpoint")},
            },
            "canonicalizedBody": text(entry, "body"),
        }
    except (ValueError, TypeError, KeyError, RecursionError):
        raise unreadable("the entry of the transparency log") from None


def _number(value: Any) -> str:
    """Protocol Buffers write numbers of 64 bits as texts."""
    if type(value) is not int or not 0 <= value <= _LARGEST_INDEX:
        raise ValueError
    return str(value)


def _base64_of_hex(value: Any) -> str:
    return base64.b64encode(bytes.fromhex(value)).decode()


def _unreachable(log: str, why: str) -> FluxInputError:
    return refused(
        f"cannot be checked: {log} {why}",
        "It is unknown whether the signature stands in the transparency log.",
        "Check the network, or commit the signature with its proof: bundle.",
    )
