"""A Gitea double and a `pulumi` that only knows one output."""

import json
import shlex
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops.forges.by_host import GH_HOST
from gitops.forges.github import ENTERPRISE_TOKEN_VARIABLES, TOKEN_VARIABLES
from tests.gitops.deploy_keys.gitea_double import TOKEN, GiteaDouble, serving
from tests.gitops.deploy_keys.samples import BACKEND, REPOSITORIES

PULUMI = """#!/bin/sh
{{ pwd -P; printf '%s\\n' "$@"; echo; }} >> {asked}
case "$*" in
  "stack --show-name"*) echo dev ;;
  "whoami --json"*) echo '{whoami}' ;;
  "stack output deployKeys"*) cat {told}.output 2> {told}.none || {{ cat {told}.error >&2; exit 1; }} ;;
  *) cat {told}.error >&2; exit 1 ;;
esac
"""
"""In sh, which starts in a tenth of the time that Python takes: most tests here ask it three times."""

Stack = Callable[..., None]


@pytest.fixture
def gitea(monkeypatch: pytest.MonkeyPatch) -> Iterator[GiteaDouble]:
    """A Gitea with the stack's repositories and no key, which the environment names."""
    with serving(GiteaDouble(repositories={name: [] for name in REPOSITORIES})) as running:
        for name in (GH_HOST, *TOKEN_VARIABLES, *ENTERPRISE_TOKEN_VARIABLES):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("GITEA_URL", running.url)
        monkeypatch.setenv("GITEA_TOKEN", TOKEN)
        yield running


@pytest.fixture
def asked_of_pulumi(tmp_path: Path) -> Path:
    """Of each call of `pulumi` the folder and the arguments, one a line, and an empty line."""
    return tmp_path / "asked-of-pulumi"


def calls_in(asked_of_pulumi: Path) -> list[tuple[str, list[str]]]:
    """The folder and the arguments of each call."""
    calls = [call.split("\n") for call in asked_of_pulumi.read_text().split("\n\n") if call]
    return [(folder, arguments) for folder, *arguments in calls]


@pytest.fixture
def stack(tmp_path: Path, asked_of_pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Say what the stack's output is; None for a stack without it."""
    told, program = tmp_path / "told", tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    whoami = json.dumps({"user": "somebody", "url": BACKEND})
    program.write_text(PULUMI.format(asked=shlex.quote(str(asked_of_pulumi)), told=shlex.quote(str(told)), whoami=whoami))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")

    def tell(output: Any, error: str = "error: current stack does not have output property 'deployKeys'") -> None:
        told.with_suffix(".error").write_text(f"{error}\n")
        answer = told.with_suffix(".output")
        answer.unlink(missing_ok=True)
        if output is not None:
            answer.write_text(json.dumps(output))

    return tell
