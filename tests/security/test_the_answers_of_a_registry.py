"""What a registry tries, or whoever answers in its place."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from flux.errors import FluxInputError
from flux.release import oci_registry
from flux.release.artifact import pull_manifests, registry_digest
from flux.release.artifact_reference import parse_reference
from flux.release.oci_registry import OciRegistry
from tests.any_server import Answer, Request, any_server
from tests.flux.oci_server import Registry, digest_of
from tests.security.conftest import log_in, reference


def test_a_registry_redirects_to_an_internal_service(tmp_path: Path) -> None:
    with any_server() as internal, any_server() as registry:
        registry.answer = lambda _: Answer(status=307, headers={"Location": f"http://{internal.address}/secret"})
        with pytest.raises(FluxInputError, match=rf"redirects .* to http://{internal.address}\. Content is fetched only from the registry"):
            pull_manifests(reference(registry, digest_of(b"")), tmp_path)
        assert internal.requests == []


def test_a_registry_wants_its_token_from_an_internal_service(tmp_path: Path, no_docker_config: Path) -> None:
    with any_server(lambda _: Answer(body=b'{"token": "internal"}')) as internal, any_server() as registry:
        challenge = f'Bearer realm="http://{internal.address}/token",service="x"'
        registry.answer = lambda _: Answer(status=401, headers={"WWW-Authenticate": challenge})
        log_in(no_docker_config, registry.address)
        with pytest.raises(FluxInputError, match="The login would be sent to a host other"):
            pull_manifests(reference(registry, digest_of(b"")), tmp_path)
        assert internal.requests == []
        assert registry.authorizations == []


def test_a_registry_redirects_without_end(tmp_path: Path) -> None:
    with any_server() as registry:
        registry.answer = lambda request: Answer(status=302, headers={"Location": request.path + "x"})
        with pytest.raises(FluxInputError, match="in a loop"):
            pull_manifests(reference(registry, digest_of(b"")), tmp_path)
        assert len(registry.requests) < 10


@pytest.mark.parametrize("location", ["", "http://[::1", "//", "\x00", "file:///etc/passwd", "http://user@127.0.0.1:1/"])
def test_a_registry_redirects_to_what_is_no_address(location: str, tmp_path: Path) -> None:
    with any_server() as registry:
        registry.answer = lambda _: Answer(status=302, headers={"Location": location})
        with pytest.raises(FluxInputError, match=r"redirects|cannot be reached"):
            pull_manifests(reference(registry, digest_of(b"")), tmp_path)


@pytest.mark.parametrize(
    ("registry", "url", "allowed"),
    [
        ("ghcr.io", "https://ghcr.io/token", True),
        ("ghcr.io", "https://pkg-containers.githubusercontent.com/x", True),
        ("ghcr.io", "http://ghcr.io/x", False),
        ("ghcr.io", "http://pkg-containers.githubusercontent.com/x", False),
        ("ghcr.io", "https://ghcr.io:444/x", False),
        ("ghcr.io", "https://ghcr.io.example.org/x", False),
        ("ghcr.io", "https://ghcr.io@example.org/x", False),
        ("ghcr.io", "https://cdn.quay.io/x", False),
        ("registry.example.org", "https://pkg-containers.githubusercontent.com/x", False),
        ("docker.io", "https://registry-1.docker.io/x", True),
    ],
)
def test_a_public_registry_leads_to_hosts_of_its_own_alone(registry: str, url: str, allowed: bool) -> None:
    import httpx

    from flux.addresses import address_of

    client = OciRegistry(parse_reference(f"{registry}/fluxcd/flux-manifests:v2.9.4"), httpx.Client(), None)
    assert client._may_lead_to(address_of(url), client._known.storage) is allowed


def endless() -> Callable[[], bytes]:
    return lambda: b"x" * 1024**2


@pytest.mark.parametrize("where", ["manifest", "token"])
def test_a_registry_answers_without_end(where: str, tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        if where == "token" and "/token" not in request.path:
            return Answer(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{registry.address}/token"'})
        return Answer(body=endless())

    with any_server(answer) as registry:
        with pytest.raises(FluxInputError, match="is larger than"):
            registry_digest(reference(registry, digest_of(b"")))
        assert registry.sent < 64 * 1024**2


def test_a_registry_drips(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    def drip() -> bytes:
        time.sleep(0.02)
        return b"x"

    monkeypatch.setattr(oci_registry, "WHOLE_SECONDS", 0.3)
    with any_server(lambda _: Answer(body=drip)) as registry, pytest.raises(FluxInputError, match="takes longer than"):
        pull_manifests(reference(registry, digest_of(b"")), tmp_path)


@pytest.mark.parametrize("token", ["a\r\nX-Forged: 1", "a b", "\u00e4", 5, {"a": 1}, ["x"], "", None])
def test_a_token_is_another_header(token: object, tmp_path: Path) -> None:
    def answer(request: Request) -> Answer:
        if request.path.startswith("/token"):
            return Answer(body=json.dumps({"token": token}).encode())
        return Answer(status=401, headers={"WWW-Authenticate": f'Bearer realm="http://{registry.address}/token"'})

    with any_server(answer) as registry:
        with pytest.raises(FluxInputError, match="answered 401"):
            pull_manifests(reference(registry, digest_of(b"")), tmp_path)
        assert registry.authorizations == []
        assert not [request for request in registry.requests if "x-forged" in request.headers]


@pytest.mark.parametrize(
    "answer", [b"[" * 100_000, b'{"a":' * 50_000, b"1" * 5_000, b"\xff", b""], ids=["lists", "objects", "number", "bytes", "nothing"]
)
def test_a_manifest_that_breaks_a_parser(answer: bytes, registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(FluxInputError, match="is not an OCI manifest"):
        pull_manifests(reference(registry, registry.add_manifest(answer)), tmp_path)


@pytest.mark.parametrize("name", ["a/../b", "../a", "a/./b", "a//b", "/a", "a/..", "%2e%2e/a"])
def test_a_reference_climbs_in_the_registry(name: str) -> None:
    with pytest.raises(FluxInputError, match="neither a directory nor an OCI artifact"):
        parse_reference(f"ghcr.io/{name}:v2.9.4")
