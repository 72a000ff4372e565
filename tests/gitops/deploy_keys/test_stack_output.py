"""What `gitops deploy-key` asks of Pulumi's CLI, and what it says where there is no answer."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.engine import REPOSITORY
from tests.gitops.deploy_keys.conftest import Stack, calls_in
from tests.gitops.deploy_keys.gitea_double import GiteaDouble
from tests.gitops.deploy_keys.samples import NEW, OLD, REPOSITORIES, TITLE, output
from tests.gitops.test_cli import call_main, run

ROOT, ARGO = REPOSITORIES
BOTH = [f"{TITLE}{name}" for name in (OLD, NEW)]


@pytest.fixture(autouse=True)
def _declared(stack: Stack, gitea: GiteaDouble) -> None:
    stack(output(active=OLD))


@pytest.mark.parametrize(
    ("declared", "error", "said"),
    [
        (
            None,
            "error: current stack does not have output property 'deployKeys'",
            "Stack dev has no generated deploy key (output deployKeys)",
        ),
        ({}, "", "Stack dev has no generated deploy key (output deployKeys)"),
        (
            None,
            "error: no Pulumi.yaml project file found",
            "failed: error: no Pulumi.yaml project file found. The stack's keys are unknown.",
        ),
        ({"a": {"keys": {}}}, "", "does not have the form that this version writes (a.active: is missing)"),
        ("[secret]", "", "does not have the form that this version writes (is not an object)"),
        (
            {"a": {"keys": {"x": "[secret]"}, "active": "x", "repositories": []}},
            "",
            "does not have the form that this version writes (a.keys.x: does not have the form that it should have)",
        ),
    ],
)
def test_a_stack_that_does_not_tell_its_keys_is_one_message(
    declared: object, error: str, said: str, stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack(declared, error)
    code, out, err = call_main(monkeypatch, capsys, "deploy-key", "register")
    assert (code, out) == (2, "")
    assert said in " ".join(err.split())


def test_without_pulumi_on_path_it_says_so(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    code, _, err = call_main(monkeypatch, capsys, "deploy-key", "list")
    assert code == 2
    assert "`pulumi stack --show-name` cannot be run (FileNotFoundError)" in err


def test_pulumi_is_asked_in_the_project_from_wherever_in_it_the_command_is_called(
    gitea: GiteaDouble, asked_of_pulumi: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clone" / "below").mkdir(parents=True)
    (tmp_path / "clone" / "Pulumi.yaml").write_text("name: gitops")
    monkeypatch.chdir(tmp_path / "clone" / "below")
    assert run("deploy-key", "register")[0] == 0
    assert gitea.titles(ROOT)
    assert {folder for folder, _ in calls_in(asked_of_pulumi)} == {str(tmp_path / "clone")}


@pytest.mark.thorough
def test_reading_the_outputs_takes_neither_pulumi_nor_pydantic() -> None:
    code = "import sys, gitops.deploy_keys.stack_output, stacks.contract.outputs\n"
    code += "print([name for name in ('pulumi', 'pydantic') if name in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    assert result.stdout.strip() == "[]"


def test_the_end_of_what_pulumi_says_is_shown_because_the_reason_stands_there(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    stack(None, f"error: could not read the state: {'at a, ' * 400}caused by: permission denied")
    _, _, err = call_main(monkeypatch, capsys, "deploy-key", "register")
    said = " ".join(err.split())
    assert "error: could not read the state" in said
    assert "caused by: permission denied" in said
