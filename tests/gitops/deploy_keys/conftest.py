"""A Gitea double and a `pulumi` that only knows one output."""

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gitops.forges.by_host import GH_HOST
from gitops.forges.github import ENTERPRISE_TOKEN_VARIABLES, TOKEN_VARIABLES
from tests.gitops.deploy_keys.gitea_double import TOKEN, GiteaDouble, serving
from tests.gitops.deploy_keys.samples import BACKEND, REPOSITORIES

PULUMI = """#!{python} -IS
import json, os, sys
arguments = sys.argv[1:]
with open({asked!r}, "a") as log:
    print(json.dumps({{"arguments": arguments, "folder": os.getcwd()}}), file=log)
with open({told!r}) as file:
    told = json.load(file)
if arguments[:2] == ["stack", "--show-name"]:
    print("dev")
elif arguments[:2] == ["whoami", "--json"]:
    print(json.dumps({{"user": "somebody", "url": {backend!r}}}))
elif arguments[:3] == ["stack", "output", "deployKeys"] and told["output"] is not None:
    print(json.dumps(told["output"]))
else:
    sys.exit(told["error"])
"""

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
    """One line of JSON for each call of `pulumi`."""
    return tmp_path / "asked-of-pulumi"


@pytest.fixture
def stack(tmp_path: Path, asked_of_pulumi: Path, monkeypatch: pytest.MonkeyPatch) -> Stack:
    """Say what the stack's output is; None for a stack without it."""
    told, program = tmp_path / "told", tmp_path / "bin" / "pulumi"
    program.parent.mkdir()
    program.write_text(PULUMI.format(python=sys.executable, asked=str(asked_of_pulumi), told=str(told), backend=BACKEND))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")

    def tell(output: Any, error: str = "error: current stack does not have output property 'deployKeys'") -> None:
        told.write_text(json.dumps({"output": output, "error": error}))

    return tell
