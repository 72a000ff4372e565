"""Which cluster a command means that is given a stack."""

from contextlib import chdir
from pathlib import Path

import pytest

from gitops.errors import CommandError
from live.errors import LiveError
from tests.gitops.test_cli import kubeconfig, run, server

__all__ = ["kubeconfig", "server"]


def test_a_stack_says_which_context_is_meant(kubeconfig: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITOPS_DEV_CONTEXT", "fake")
    assert run("status", "-s", "dev")[0] == 0
    monkeypatch.setenv("GITOPS_DEV_CONTEXT", "elsewhere")
    with pytest.raises(LiveError, match="has no context elsewhere"):
        run("status", "-s", "dev")
    assert run("status", "-s", "dev", "--context", "fake")[0] == 0, "what is given counts"
    with pytest.raises(CommandError, match=r"Pulumi\.nowhere\.yaml does not exist.* \(dev, production, staging\)"):
        run("status", "-s", "nowhere")


@pytest.mark.parametrize("command", [["status"], ["migrate", "--dry-run"]])
def test_a_context_from_a_variable_that_is_not_set_is_told_as_that(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITOPS_DEV_CONTEXT", raising=False)
    with pytest.raises(CommandError) as caught:
        run(*command, "-s", "dev")
    assert caught.value.message.wrong == "Pulumi.dev.yaml takes its context from GITOPS_DEV_CONTEXT, which is not set"
    assert "make demo" in caught.value.message.fix


def test_a_stack_file_without_a_context_is_told_as_that(tmp_path: Path) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: gitops\n")
    (tmp_path / "Pulumi.dev.yaml").write_text("config: {gitops:cluster: {name: a}}\n")
    with chdir(tmp_path), pytest.raises(CommandError, match=r"Pulumi\.dev\.yaml names no context.* Write `context` under gitops:cluster"):
        run("status", "-s", "dev")
