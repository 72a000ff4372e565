"""Every command acts on the project that contains the current directory, whichever clone its virtual environment belongs to."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops.stack_file import stack_names
from live.errors import LiveError
from stacks.inputs import project_directory
from tests.gitops.api_server import write_kubeconfig
from tests.gitops.check.stack import stack_and_repository
from tests.gitops.new.clone import ANSWERS, PUBLIC, Clone, a_clone
from tests.gitops.test_cli import call_main, run

STACK = "config: {gitops:cluster: {context: of-the-other-clone}}\n"


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Another clone than this one, with one stack."""
    folder = tmp_path / "other"
    (folder / "below" / "it").mkdir(parents=True)
    (folder / "Pulumi.yaml").write_text("name: gitops\n")
    (folder / "Pulumi.mine.yaml").write_text(STACK)
    return folder


@pytest.fixture
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current directory is in no project."""
    folder = tmp_path / "nowhere"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("KUBECONFIG", str(write_kubeconfig(tmp_path / "config", "http://127.0.0.1:1")))
    return folder


@pytest.mark.parametrize("below", ["", "below/it"])
def test_the_project_is_the_nearest_one_upwards(below: str, other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(other / below)
    assert stack_names() == ["mine"]


@pytest.mark.thorough
def test_doctor_examines_that_project(other: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(other)
    _, out, _ = run("doctor", "-s", "none-such", "-o", "json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert checks["project"]["found"] == str(other)
    assert "Choose one of: mine." in json.dumps(checks["Pulumi.none-such.yaml"])


@pytest.mark.usefixtures("nowhere")
def test_cwd_before_the_command_names_the_project_as_pulumis_option_does(other: Path) -> None:
    with pytest.raises(LiveError, match="of-the-other-clone"):
        run("-C", str(other / "below"), "status", "-s", "mine")
    assert Path.cwd() == other / "below"


@pytest.mark.thorough
@pytest.mark.usefixtures("nowhere")
def test_check_reads_and_records_in_the_project_that_is_named(tmp_path: Path) -> None:
    with stack_and_repository(tmp_path / "made") as clone:
        (clone / "below").mkdir()
        project_directory._chosen = None
        code, _, err = run("-C", str(clone / "below"), "check", "-s", "homelab")
        assert (code, err) == (0, "Wrote checked/homelab.yaml: commit it, because previews read it.\n")
        assert (clone / "checked" / "homelab.yaml").is_file()


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Clone]:
    with a_clone(tmp_path, monkeypatch) as made:
        yield made


def test_new_writes_where_that_project_is(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    (clone.folder / "below").mkdir()
    monkeypatch.chdir(clone.folder / "below")
    out = clone.run("homelab", *ANSWERS, *PUBLIC)[1]
    assert f"\n  cd {clone.folder}" in out.partition("Next:")[2].partition("pulumi login")[0]
    assert f"first undo this: cd {clone.folder} && rm Pulumi.homelab.yaml catalog.yaml\n" in out
    assert stack_names() == ["homelab"]
    assert (clone.folder / "Pulumi.homelab.yaml").is_file()


@pytest.mark.usefixtures("nowhere")
@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "-s", "dev"],
        ["new", "--yes"],
        ["deploy-key", "list", "-s", "dev"],
        ["deploy-key", "list"],
        ["status", "-s", "dev"],
    ],
    ids=" ".join,
)
def test_outside_of_any_project_a_command_that_needs_one_says_how_to_name_it(
    arguments: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, err = call_main(monkeypatch, capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.splitlines()[0] == "gitops: neither the current directory nor one above it has a Pulumi.yaml."
    assert "gitops --cwd DIRECTORY" in err


@pytest.mark.thorough
@pytest.mark.usefixtures("nowhere")
def test_outside_of_any_project_doctor_tells_that_as_missing_and_looks_at_the_rest() -> None:
    code, out, err = run("doctor", "-s", "dev", "-o", "json")
    checks = {check["name"]: check for check in json.loads(out)["checks"]}
    assert (code, err) == (1, "")
    assert checks["project"]["state"] == "missing"
    assert "git" in checks
    assert not any(name.startswith("Pulumi.") for name in checks), "no other clone's stack stands in"


@pytest.mark.usefixtures("nowhere")
def test_a_directory_that_does_not_exist_is_a_mistake(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = call_main(monkeypatch, capsys, "--cwd", "none-such", "doctor")
    assert code == 2
    assert err.startswith("gitops: --cwd none-such: No such file or directory.")
