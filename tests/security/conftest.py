"""What the tests of artifacts share: a registry, an artifact of one file, and nobody's login."""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from flux.release.artifact_reference import ArtifactReference, parse_reference
from tests.any_server import AnyServer
from tests.attacks import FOLDER
from tests.flux.oci_server import Registry, serving
from tests.security.odd_servers import cluster, kubeconfig  # noqa: F401 (fixtures)
from tests.security.refused_signatures import logged, sigstore, unsigned_artifact  # noqa: F401 (fixtures)

FILES = {"source-controller.yaml": "kind: Deployment\n"}
PASSWORD = "".join(("hunter2", "-", "marker"))


@pytest.fixture(name="registry")
def _registry() -> Iterator[Registry]:
    with serving() as registry:
        yield registry


@pytest.fixture
def no_docker_config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a test writes the logins that Docker keeps."""
    folder = tmp_path / "docker"
    folder.mkdir()
    monkeypatch.setenv("DOCKER_CONFIG", str(folder))
    return folder / "config.json"


def reference(registry: Registry | AnyServer, digest: str) -> ArtifactReference:
    return parse_reference(f"{registry.address}/fluxcd/flux-manifests:v2.9.4@{digest}")


def log_in(file: Path, registry: str, **entry: str) -> None:
    auth = base64.b64encode(f"flux:{PASSWORD}".encode()).decode()
    file.write_text(json.dumps({"auths": {registry: entry or {"auth": auth}}}))


IN_THE_FAST_TIER = 2
"""Cases of each attack that the fast tier tries; all of them are in `make thorough`."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of each attack, all cases but the first ones are thorough: forms of the same, of which there are a thousand."""
    seen: Counter[str] = Counter()
    for item in items:
        if item.nodeid.startswith(FOLDER):
            attack = item.nodeid.partition("[")[0]
            seen[attack] += 1
            if seen[attack] > IN_THE_FAST_TIER:
                item.add_marker(pytest.mark.thorough)
