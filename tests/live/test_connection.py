"""The way to a cluster that its kubeconfig names."""

from pathlib import Path

import pytest
import yaml

from live.connection import connect
from live.errors import KubeconfigError
from live.target import find_target
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
