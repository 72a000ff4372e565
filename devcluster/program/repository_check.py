"""`gitops check` of the demo's stack: the same command as a person's, with the demo's environment."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from devcluster.messages.errors import DevclusterError, last_lines
from devcluster.messages.shell_commands import CLONE, ShellCommands
from devcluster.program.pulumi_stack import STACK

LINES_SHOWN = 30


STOPPING = ("unreadable", "encrypted-metadata", "substitutes-its-own", "missing-path", "not-yaml")
"""Kinds of findings with which some Kustomization never becomes ready."""


@dataclass(frozen=True)
class Checked:
    """What was found, as a person reads it."""

    text: str
    stops_flux: bool
    """Whether a finding keeps something from ever becoming ready."""


def check_repositories(environment: Mapping[str, str], commands: ShellCommands) -> Checked:
    """Check and record; what was seen in one line, and each finding in one more. Raises DevclusterError when it could not be checked."""
    done = subprocess.run(
        [sys.executable, "-m", "gitops", "check", "--stack", STACK, "--output", "json"],
        cwd=CLONE,
        env=os.environ | dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        report = json.loads(done.stdout)
        stops = any(each["severity"] == "error" and each["kind"] in STOPPING for each in report["findings"])
        return Checked(described(report), stops)
    except ValueError:
        raise DevclusterError(
            f"`gitops check` could not check the repositories (exit code {done.returncode})",
            "Flux is set up, but the repositories were not checked.",
            f"To try again: {commands.env}; gitops check --stack {STACK}",
            said=last_lines(done.stderr, LINES_SHOWN),
        ) from None


def described(report: Mapping[str, object]) -> str:
    """`repositories checked: 2 files, 0 findings`, and what was found."""
    repositories, findings = report["repositories"], report["findings"]
    assert isinstance(repositories, list)  # noqa: S101 (the command's own JSON)
    assert isinstance(findings, list)  # noqa: S101 (the same)
    files = sum(len(repository["files"]) for repository in repositories)
    lines = [f"repositories checked: {_counted(files, 'file')}, {_counted(len(findings), 'finding')}"]
    lines += [f"    {each['severity']} {each['kind']} {_place(each)}: {each['text']}" for each in findings]
    return "\n".join(lines)


def _place(finding: Mapping[str, Any]) -> str:
    """`homelab-k8s2 apps/app.yaml:3`; no file where it is about the repository as a whole."""
    file = f" {finding['file']}" if finding["file"] else ""
    line = f":{finding['line']}" if finding["line"] else ""
    return f"{finding['repository']}{file}{line}"


def _counted(count: int, one: str) -> str:
    return f"{count} {one if count == 1 else f'{one}s'}"
