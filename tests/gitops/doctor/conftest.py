import os
from pathlib import Path

import pytest

from tests.gitops.doctor.machine import Machine
from tests.manifests import manifests_directory


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A machine on which everything is installed, and pulumi is logged in to a directory."""
    manifests_directory()  # found by the test's own environment, and remembered
    made = Machine(tmp_path)
    for name in list(os.environ):
        if name.startswith(("GITOPS_", "PULUMI_", "KUBECONFIG")):
            monkeypatch.delenv(name)
    for name, value in made.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr("sys.prefix", str(tmp_path / "venv"))
    made.install(**{"git": "git version 2.47.1", "kubectl": "Client Version: v1.36.4", "sops": "sops 3.11.0", "age-keygen": "v1.2.1"})
    made.install(**{"helm": "v4.2.4", "ssh-keyscan": "", "pulumi-language-python": "", "gcc": "14.2.0", "make": "GNU Make 4.4.1"})
    made.pulumi("3.272.0", '[{"name": "organization/gitops/dev", "current": true}]')
    made.plugins(kubernetes="4.34.2", random="4.21.4")
    return made


@pytest.fixture(autouse=True)
def this_python_lacks_no_fix(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "python" not in request.node.name:
        monkeypatch.setattr("gitops.doctor.programs.PATCHED_PYTHON", {})
