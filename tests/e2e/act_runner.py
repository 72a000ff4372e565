"""`act`, which runs a workflow as a runner does: in host mode, so on this machine, without containers."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devcluster.toolchain.build_tools import build_missing_tools, entry
from devcluster.toolchain.tool import load_tool
from tests.engine import REPOSITORY
from tests.manifests import manifests_directory

PYTHON_WITH_EVERYTHING = """#!/bin/sh
[ "$1" = requirements/install.py ] || exec {python} "$@"
mkdir .venv .venv/bin || exit 1
cat > .venv/bin/gitops <<EOF
#!/bin/sh
env > "{folder}/environment-\\$1"
PYTHONPATH="$PWD" exec {python} -P -m gitops "\\$@"
EOF
chmod +x .venv/bin/gitops
"""
"""Stands for `python3` of a runner whose packages are installed already: `.venv/bin/gitops` is the code that was checked out.

Each command of it leaves its environment in a file.
"""
SECONDS = 240


@dataclass(frozen=True, kw_only=True)
class Ran:
    """A run that is over."""

    code: int
    steps: Mapping[str, str]
    """Each step that ran → success or failure."""
    summary: str
    """What the job's summary shows."""
    printed: str
    """All that the steps printed."""
    commands: set[str]
    """The commands (`::add-path::…`) that the runner found in it."""


class ActRunner:
    """A runner in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        """Build act if it is not there; nothing runs yet."""
        build_missing_tools(["act"])
        self._act = entry(load_tool("act")) / "bin" / "act"
        self._directory = directory
        (directory / "bin").mkdir(parents=True)
        (directory / "work").mkdir()
        python = directory / "bin" / "python3"
        python.write_text(PYTHON_WITH_EVERYTHING.format(python=sys.executable, folder=directory))
        python.chmod(0o755)

    def environment_of(self, command: str) -> str:
        """What `gitops <command>` had in its environment when it ran last."""
        return (self._directory / f"environment-{command}").read_text()

    def run(self, workflow: str, event: Mapping[str, Any], variables: Mapping[str, str], secrets: Mapping[str, str]) -> Ran:
        """Run a workflow of `workflows/` for a pull request. `secrets`: those of the repository, and GITHUB_TOKEN."""
        files = {name: self._directory / name for name in ("event.json", "secrets", "variables", "none")}
        files["event.json"].write_text(json.dumps(event))
        files["none"].write_text("")
        files["secrets"].write_text("".join(f"{name}={value}\n" for name, value in secrets.items()))
        files["secrets"].chmod(0o600)
        files["variables"].write_text("".join(f"{name}={value}\n" for name, value in variables.items()))
        command = [
            *(str(self._act), "pull_request", "--json", "--platform", "ubuntu-latest=-self-hosted", "--no-cache-server"),
            *("--directory", str(self._directory / "work"), "--workflows", str(REPOSITORY / "workflows" / workflow)),
            *("--eventpath", str(files["event.json"]), "--secret-file", str(files["secrets"]), "--env-file", str(files["variables"])),
            *("--var-file", str(files["none"]), "--input-file", str(files["none"])),
            *("--rm", "--action-cache-path", str(self._directory / "cache"), "--container-daemon-socket", "-"),
        ]
        path = os.pathsep.join([str(self._directory / "bin"), os.environ["PATH"]])
        nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}  # act asks its makers for news
        own = {
            **nowhere,
            "GIT_TERMINAL_PROMPT": "0",
            "HOME": str(self._directory),
            "PATH": path,
            "GITOPS_FLUX_MANIFESTS": str(manifests_directory()),
        }
        done = subprocess.run(
            command, cwd=self._directory, env=own, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS, check=False
        )
        lines = [json.loads(line) for line in (done.stdout + done.stderr).splitlines() if line.startswith("{")]
        return Ran(
            code=done.returncode,
            steps={line["step"]: line["stepResult"] for line in lines if "stepResult" in line},
            summary="".join(line["content"] for line in lines if line.get("command") == "summary"),
            printed="".join(line["msg"] for line in lines if line.get("raw_output")),
            commands={line["command"] for line in lines if "command" in line} - {"summary"},
        )
