"""The copy of the program runs in surroundings of its own, and grows on request."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from bench.errors import BenchError
from bench.fresh_clusters import FreshCluster, Surroundings
from bench.program_copy import CLONE, PARTS, copy_program, salt, scaled
from devcluster.control_plane.kube_client import kubeconfig
from devcluster.machine.home import Home
from devcluster.machine.ssh_keys import write_private_key
from devcluster.toolchain.plugins import PulumiPrograms
from stacks.contract.catalog import Catalog


@pytest.fixture
def cluster(tmp_path: Path) -> FreshCluster:
    """A cluster of which only the kubeconfig exists."""
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    home = Home(directory=tmp_path / "cluster", name="bench")
    home.make()
    for name in ("ca", "cert", "key"):
        (tmp_path / name).write_text(pem)
    files = {"client-certificate": str(tmp_path / "cert"), "client-key": str(tmp_path / "key")}
    home.kubeconfig.write_text(
        kubeconfig(home.context, {"server": "https://127.0.0.1:1", "certificate-authority": str(tmp_path / "ca")}, files)
    )
    write_private_key(tmp_path / "deploy-key")
    programs = PulumiPrograms(cli=tmp_path / "bin" / "pulumi", cli_version="3", cli_official=False, plugins=())
    return FreshCluster(home=home, surroundings=Surroundings(directory=tmp_path, programs=programs))


def test_everything_that_the_dev_stack_takes_from_the_environment_is_given(cluster: FreshCluster) -> None:
    stack = (CLONE / "Pulumi.dev.yaml").read_text()
    wanted = set(re.findall(r"\{env: (GITOPS_DEV_\w+)\}", stack)) | set(re.findall(r"\bGITOPS_SECRET_\w+", stack))
    assert len(wanted) > 8

    assert wanted <= set(cluster.dev_stack_environment())


def test_nothing_of_the_persons_own_stacks_reaches_a_contender(cluster: FreshCluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PULUMI_ACCESS_TOKEN", "PULUMI_STACK", "GITOPS_FLUX_MANIFESTS", "KUBE_EDITOR", "KUBECONFIG"):
        monkeypatch.setenv(name, "of the person")

    assert "of the person" not in cluster.environment().values()


def test_everything_that_a_contender_writes_lies_below_the_benchmarks_directory(cluster: FreshCluster, tmp_path: Path) -> None:
    environment = cluster.environment()
    places = [environment[name].removeprefix("file://") for name in ("PULUMI_HOME", "PULUMI_BACKEND_URL", "TMPDIR", "KUBECACHEDIR")]

    assert all(Path(place).is_relative_to(tmp_path) for place in places)


def test_the_copy_holds_all_that_the_program_is(tmp_path: Path) -> None:
    copy_program(tmp_path / "program")

    for part in ("__main__.py", "catalog.yaml", "components/flux_install.py", "flux/release/install.py", "Pulumi.dev.yaml"):
        assert (tmp_path / "program" / part).read_text() == (CLONE / part).read_text()
    assert (tmp_path / "program" / ".venv" / "bin" / "python").exists()


def test_a_copy_of_a_commit_has_the_program_of_then(tmp_path: Path) -> None:
    then = subprocess.run(["git", "show", "HEAD:catalog.yaml"], cwd=CLONE, check=True, capture_output=True, text=True).stdout
    copy_program(tmp_path / "program", revision="HEAD")

    assert (tmp_path / "program" / "catalog.yaml").read_text() == then
    assert sorted(each.name for each in (tmp_path / "program").iterdir()) == sorted([*PARTS, ".venv"])


def test_a_commit_that_is_none_ends_the_benchmark(tmp_path: Path) -> None:
    with pytest.raises(BenchError, match=r"^--former no-such is no program to compare with: .*\n  Nothing was measured"):
        copy_program(tmp_path / "program", revision="no-such")


def test_a_scaled_catalog_is_valid_and_has_so_many_more_of_both(tmp_path: Path) -> None:
    copy_program(tmp_path / "program", extra=3)
    before = yaml.safe_load((CLONE / "catalog.yaml").read_text())
    after = yaml.safe_load((tmp_path / "program" / "catalog.yaml").read_text())

    Catalog.model_validate(after)
    assert len(after["git"]) == len(before["git"]) + 3
    assert len(after["kustomizations"]) == len(before["kustomizations"]) + 3


def test_every_extra_kustomization_applies_its_own_extra_source() -> None:
    added = scaled({"git": {}, "kustomizations": {}}, 2)

    assert [entry["spec"]["sourceRef"]["name"] for entry in added["kustomizations"].values()] == list(added["git"])


def test_the_salt_is_one_line_of_a_stack_file() -> None:
    assert list(yaml.safe_load(salt())) == ["encryptionsalt"]
