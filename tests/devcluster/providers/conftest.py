"""A control plane and a PULUMI_HOME with the stand-ins, shared by the tests of this folder that need them."""

import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from devcluster.control_plane.control_plane import ControlPlane
from devcluster.control_plane.kube_client import Credentials
from devcluster.machine.home import Home
from devcluster.toolchain.plugins import PulumiPrograms, prepare_pulumi
from tests.devcluster.providers.stack import Stack


@pytest.fixture(scope="session")
def control_plane(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home(directory=tmp_path_factory.mktemp("providers"), name="providers")
    home.make()
    home.choose_ports()
    plane = ControlPlane(home)
    plane.start()
    yield home
    plane.stop()


@pytest.fixture(scope="session")
def pulumi_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pulumi-home")


@pytest.fixture(scope="session")
def programs(pulumi_home: Path) -> PulumiPrograms:
    return prepare_pulumi(pulumi_home, download=False)


class Cluster:
    """The administrator's view of the control plane, apart from any Pulumi."""

    def __init__(self, home: Home) -> None:
        self.kubeconfig = home.kubeconfig
        self.client: httpx.Client = Credentials.from_kubeconfig(home.kubeconfig, home.context).client()

    def get(self, path: str) -> dict[str, Any]:
        response = self.client.get(path)
        assert response.is_success, response.text
        body: dict[str, Any] = response.json()
        return body

    def exists(self, path: str) -> bool:
        return self.client.get(path).status_code == 200

    def create(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        response = self.client.post(path, json=body)
        assert response.is_success, response.text
        made: dict[str, Any] = response.json()
        return made

    def merge(self, path: str, body: dict[str, Any], manager: str = "somebody") -> None:
        headers = {"Content-Type": "application/merge-patch+json"}
        response = self.client.patch(path, json=body, params={"fieldManager": manager}, headers=headers)
        assert response.is_success, response.text

    def delete(self, path: str) -> None:
        assert self.client.delete(path).is_success


@pytest.fixture(scope="session")
def cluster(control_plane: Home) -> Iterator[Cluster]:
    seen = Cluster(control_plane)
    yield seen
    seen.client.close()


_NUMBERS = itertools.count(1)


@pytest.fixture
def namespace(cluster: Cluster) -> str:
    name = f"test-{next(_NUMBERS)}"
    cluster.create("/api/v1/namespaces", {"metadata": {"name": name}})
    return name


@pytest.fixture
def new_stack(tmp_path: Path, programs: PulumiPrograms, pulumi_home: Path, control_plane: Home) -> Callable[[], Stack]:
    numbers = itertools.count(1)
    return lambda: Stack(tmp_path / str(next(numbers)), programs, pulumi_home, control_plane.kubeconfig)


@pytest.fixture
def stack(new_stack: Callable[[], Stack]) -> Stack:
    return new_stack()
