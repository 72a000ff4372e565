"""The way to a cluster that its kubeconfig names."""

from dataclasses import replace
from pathlib import Path

import pytest
import yaml
from urllib3.exceptions import HTTPError

from flux.message import Message
from live.access.target import find_target
from live.client.client_errors import ClientErrors
from live.client.connection import connect
from live.errors import KubeconfigError, LiveError, UnreachableError
from tests.gitops.api_server import write_kubeconfig


def with_proxy(folder: Path, proxy: str) -> Path:
    file = write_kubeconfig(folder / "config", "https://cluster.test:6443")
    described = yaml.safe_load(file.read_text())
    described["clusters"][0]["cluster"]["proxy-url"] = proxy
    file.write_text(yaml.safe_dump(described))
    return file


def test_a_proxy_of_the_kubeconfig_is_used_as_kubectl_uses_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "cluster.test")

    client, _ = connect(find_target(with_proxy(tmp_path, "http://proxy.test:3128"), None))

    assert str(client.rest_client.pool_manager.proxy) == "http://proxy.test:3128"
    client.close()


def test_a_proxy_that_the_client_cannot_speak_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError):
        connect(find_target(with_proxy(tmp_path, "socks5://proxy.test:1080"), None))


@pytest.mark.parametrize("scheme", ["socks5", "socks5h"])
def test_a_socks_proxy_is_told_by_its_name_with_what_the_command_does_not_support(scheme: str, tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError) as caught:
        connect(find_target(with_proxy(tmp_path, f"{scheme}://proxy.test:1080"), None))
    told = caught.value.message
    assert "SOCKS proxy" in told.wrong
    assert "malformed" not in told.wrong
    assert "http://" in told.fix


@pytest.mark.parametrize("proxy", ["http://[::1", "127.0.0.1:2", "ftp://proxy.test:21"])
@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"])
def test_a_variable_that_is_no_address_of_a_proxy_is_told_by_its_name(
    variable: str, proxy: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(variable, proxy)
    target = find_target(write_kubeconfig(tmp_path / "config", "https://cluster.test:6443"), None)
    with pytest.raises(KubeconfigError) as caught:
        connect(target)
    assert (caught.value.where, caught.value.message.wrong) == (variable, "is not the address of a proxy")
    assert proxy not in str(caught.value)


def test_a_proxy_url_that_is_no_address_is_told_as_that(tmp_path: Path) -> None:
    with pytest.raises(KubeconfigError, match="has a `proxy-url` that is not the address of a proxy"):
        connect(find_target(with_proxy(tmp_path, "http://[::1"), None))


def test_a_server_without_a_scheme_is_reached_as_kubectl_reaches_it(tmp_path: Path) -> None:
    client, _ = connect(find_target(write_kubeconfig(tmp_path / "config", "127.0.0.1:1"), None))
    assert client.configuration.host == "http://127.0.0.1:1"
    client.close()


def test_a_mistake_of_this_program_does_not_look_like_the_servers(tmp_path: Path) -> None:
    errors = ClientErrors(find_target(write_kubeconfig(tmp_path / "config", "https://127.0.0.1:1"), None))
    with pytest.raises(KeyError, match="metadata"), errors.told(lambda said: LiveError("", Message(said))):
        raise KeyError("metadata")


def test_only_a_command_with_the_option_advises_another_context_by_it(tmp_path: Path) -> None:
    target = find_target(write_kubeconfig(tmp_path / "config", "https://127.0.0.1:1"), None)
    fixes = {}
    for is_option in (True, False):
        errors = ClientErrors(replace(target, is_option=is_option))
        with pytest.raises(UnreachableError) as caught, errors.told(lambda said: LiveError("", Message(said))):
            raise HTTPError("no route")
        fixes[is_option] = caught.value.message.fix
    assert "choose another with --context." in fixes[True]
    assert "correct gitops:cluster.context in the stack file" in fixes[False]
    assert "with --context" not in fixes[False]
