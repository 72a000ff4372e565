"""What the tests of signatures share: how a refusal is looked at, and what stands in the place of an answer."""

from collections.abc import Iterator

import pytest

from flux.errors import FluxInputError
from flux.signature.policy import SignaturePolicy
from flux.signature.signed_digest import cosign_payload
from flux.signature.verify import verify_signature
from tests.any_server import AnyServer
from tests.flux.oci_server import Registry
from tests.flux.private_sigstore import PrivateSigstore, Signer, private_sigstore, promise_of
from tests.flux.signed_artifacts import FILES, NAME, layer, our_key, put_layers, signed
from tests.flux.test_signatures import reference, with_key
from tests.security.odd_servers import DEEP

OTHER = f"sha256:{'ab' * 32}"
Logged = tuple[PrivateSigstore, AnyServer, Signer]
GARBAGE: dict[str, bytes] = {
    "deep": DEEP,
    "bytes": b"\xff\xfe",
    "nothing": b"",
    "null": b"null",
    "a list": b"[]",
    "a number": b"1" * 5_000,
}


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
def unsigned_artifact(registry: Registry) -> str:
    return registry.add(FILES)


@pytest.fixture(scope="session")
def sigstore() -> PrivateSigstore:
    return PrivateSigstore()


@pytest.fixture
def logged(registry: Registry, digest: str) -> Iterator[Logged]:
    payload = cosign_payload(NAME, digest)
    with private_sigstore() as (sigstore, log):
        signer = sigstore.signer()
        signature = signed(signer.key, payload)
        entry = sigstore.entry_of_file(signer, payload, signature)
        put_layers(registry, digest, layer(registry, payload, signature, certificate=signer.pem, bundle=promise_of(entry)))
        yield sigstore, log, signer
