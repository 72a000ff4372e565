"""A machine whose programs are scripts of one line."""

import json
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from gitops.cli import app

STATES = ("ok", "warning", "missing", "failed", "unneeded")


class Machine:
    """Its home, the only folder on PATH, and its PULUMI_HOME."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.bin, self.home = folder, folder / "bin", folder / "pulumi"
        self.bin.mkdir()
        self.environment = {
            "PATH": str(self.bin),
            "HOME": str(folder),
            "PULUMI_HOME": str(self.home),
            "PULUMI_BACKEND_URL": "file://~",
            "GITOPS_CACHE": str(folder / "cache"),
        }

    def install(self, **programs: str) -> None:
        for name, says in programs.items():
            self._script(name, f"echo '{says}'")

    def pulumi(self, version: str, stacks: str) -> None:
        self._script("pulumi", f"case $1 in version) echo v{version};; stack) echo '{stacks}';; *) exit 1;; esac")

    def remove(self, name: str) -> None:
        (self.bin / name).unlink()

    def plugins(self, **versions: str) -> None:
        for name, version in versions.items():
            folder = self.home / "plugins" / f"resource-{name}-v{version}"
            folder.mkdir(parents=True)
            (folder / f"pulumi-resource-{name}").touch()

    def _script(self, name: str, body: str) -> None:
        file = self.bin / name
        file.write_text(f"#!/bin/sh\n{body}\n")
        file.chmod(0o755)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["doctor", *arguments])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def report(*arguments: str) -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit code, and name → check."""
    code, out, _ = run(*arguments, "-o", "json")
    return code, {check["name"]: check for check in json.loads(out)["checks"]}
