"""A proxy variable that is no address is an error of the connection, as an unreachable server is, and no traceback."""

import httpx
import pytest

from flux.errors import FluxInputError
from flux.http_client import InvalidProxy, http_client
from flux.release.artifact_reference import parse_reference
from flux.release.oci_registry import connected
from gitops.errors import CommandError
from gitops.forges.client import ForgeClient

ODD = ["ftp://proxy.test:1", "http://[::1", "http://proxy.test:port"]


@pytest.fixture(params=ODD)
def proxy(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, request.param)
    return str(request.param)


def test_it_is_an_error_that_every_caller_expects(proxy: str) -> None:
    with pytest.raises(InvalidProxy) as raised:
        http_client(timeout=1.0)
    assert isinstance(raised.value, httpx.HTTPError)
    assert proxy not in str(raised.value), "it may hold a password"


@pytest.mark.usefixtures("proxy")
def test_a_registry_and_a_forge_cannot_be_reached() -> None:
    with pytest.raises(FluxInputError, match=r"cannot be reached \(InvalidProxy\)"), connected(parse_reference("ghcr.test/flux:v2.9.4")):
        pass
    with pytest.raises(CommandError, match="cannot be reached: HTTPS_PROXY, HTTP_PROXY or ALL_PROXY is not"):
        ForgeClient("Gitea", "https://git.test", "https://git.test/api/v1", {})
