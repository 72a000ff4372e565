"""What a registry sends in the place of signatures, or of their list."""

import json
from dataclasses import replace
from typing import Any

import pytest

from flux.errors import FluxInputError
from flux.signature.in_registry import MOST_SIGNATURES
from flux.signature.signed_digest import cosign_payload
from flux.signature.verify import verify_signature
from tests.any_server import Answer, any_server
from tests.flux.oci_server import Registry
from tests.flux.signed_artifacts import (
    NAME,
    another_key,
    b64,
    layer,
    our_key,
    put_layers,
    put_referrers,
    signed,
)
from tests.flux.test_signatures import reference, with_key
from tests.security.refused_signatures import GARBAGE, OTHER, refused


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


@pytest.mark.parametrize("odd", ["sha256:../../x", "../blobs/x", "sha512:" + "ab" * 64, OTHER + "?x=1", OTHER.upper(), ""])
@pytest.mark.parametrize("where", ["payload", "referrer"])
def test_a_digest_that_would_be_another_path(where: str, odd: str, registry: Registry, digest: str) -> None:
    if where == "payload":
        put_layers(registry, digest, {**layer(registry, b"x", b"x"), "digest": odd})
    else:
        item = {"artifactType": "application/vnd.dev.sigstore.bundle.v0.3+json", "digest": odd}
        registry.content[f"referrers/{digest}"] = json.dumps({"manifests": [item]}).encode()

    assert "it cannot be read" in refused(registry, digest).message.wrong
    assert not [path for path in registry.requests if odd and odd in path]
    assert len(registry.requests) <= 3


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


def test_the_reasons_of_many_signatures_are_told_once_each(registry: Registry, digest: str) -> None:
    payload, other = cosign_payload(NAME, digest), cosign_payload(NAME, OTHER)
    theirs = [layer(registry, payload, signed(another_key(), payload))] * 5
    put_layers(registry, digest, *theirs, layer(registry, other, signed(our_key(), other)), layer(registry, payload, "!"))

    told = refused(registry, digest).message.wrong

    assert "accepts none of 7 signatures" in told
    assert told.count("it was not made with this key") == 1
    assert f"it is the signature of {OTHER}" in told
    assert "it cannot be read" in told
