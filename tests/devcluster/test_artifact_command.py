"""`artifact`: a directory pushed as `flux push artifact` would, or a refusal before anything is; and the line for the catalog."""

from collections.abc import Mapping
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from devcluster.__main__ import app
from devcluster.commands import push_artifact
from devcluster.commands.homes import cluster_at
from devcluster.gitea.sample_repositories import Samples
from devcluster.messages.errors import DevclusterError
from stacks.contract.catalog import Catalog

DIGEST = f"sha256:{'ab' * 32}"


@pytest.fixture
def pushed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Mapping[str, bytes]]:
    """Artifact with its tag → what was pushed; in a cluster that is taken for a running one."""
    seen: dict[str, Mapping[str, bytes]] = {}

    def push(_: Samples, name: str, tag: str, manifests: Mapping[str, bytes]) -> str:
        seen[f"{name}:{tag}"] = manifests
        return DIGEST

    cluster = cluster_at(tmp_path / "home")
    cluster.home.make()
    cluster.home.choose_ports()
    monkeypatch.setattr(push_artifact, "running", lambda _: cluster)
    monkeypatch.setattr(Samples, "push_flux_artifact", push)
    return seen


@pytest.fixture
def manifests(tmp_path: Path) -> Path:
    """A directory with one manifest, as a person has it in a clone."""
    source = tmp_path / "source"
    (source / ".git").mkdir(parents=True)
    (source / ".git" / "config").touch()
    (source / "hello.yaml").write_text("kind: ConfigMap\n")
    return source


@pytest.mark.parametrize(("bare", "group"), [(False, "apps"), (True, "base")], ids=["demo", "bare"])
def test_the_files_are_pushed_and_the_line_is_one_that_the_catalog_accepts(
    bare: bool, group: str, pushed: dict[str, Mapping[str, bytes]], manifests: Path, tmp_path: Path
) -> None:
    home = cluster_at(tmp_path / "home").home
    home.record(bare=bare)
    told = push_artifact.push(tmp_path / "home", "platform", manifests)
    assert pushed == {"platform:latest": {"hello.yaml": b"kind: ConfigMap\n"}}
    url = f"oci://127.0.0.1:{home.port('gitea-http')}/daviestechlabs/platform"
    assert f"Pushed 1 file to {url}:latest, {DIGEST}." in told
    line = next(line for line in told.splitlines() if line.startswith("In the catalog:")).partition(":")[2]
    entry = Catalog.model_validate({"oci": yaml.safe_load(line)}).oci["platform"]
    assert (entry.url, entry.groups, entry.spec) == (url, [group], {"ref": {"tag": "latest"}})


@pytest.mark.parametrize("name", ["", "Platform", "a b", "../up", "-x", "a/b", "a..b"])
def test_a_name_that_the_registry_would_refuse_is_refused_before_anything_is_pushed(
    name: str, pushed: dict[str, Mapping[str, bytes]], manifests: Path, tmp_path: Path
) -> None:
    with pytest.raises(DevclusterError, match="cannot be the name of an artifact"):
        push_artifact.push(tmp_path / "home", name, manifests)
    assert pushed == {}


def test_a_directory_that_is_absent_or_empty_is_refused(pushed: dict[str, Mapping[str, bytes]], tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for source, wrong in ((tmp_path / "none", "is not a directory"), (tmp_path / "empty", "contains no files")):
        with pytest.raises(DevclusterError) as refused:
            push_artifact.push(tmp_path / "home", "platform", source)
        assert wrong in " ".join(str(refused.value).split())
        assert "repository" not in str(refused.value)
    assert pushed == {}


def test_the_command_needs_a_directory(monkeypatch: pytest.MonkeyPatch, manifests: Path) -> None:
    monkeypatch.setattr(push_artifact, "push", lambda _, name, source: f"{name} from {source}")
    assert CliRunner().invoke(app, ["artifact", "platform"]).exit_code == 2
    assert CliRunner().invoke(app, ["artifact", "platform", "--from", str(manifests)]).output == f"platform from {manifests}\n"
