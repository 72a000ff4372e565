"""The steps of a workflow, run one after another as a runner runs them: bash, the environment of a job, and what `env` gives."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from tests.engine import AMBIENT, REPOSITORY
from tests.manifests import manifests_directory

PERSON = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
TOKEN = "-".join(("a", "token", "made", "for", "this", "test"))
FASTER = ("GitRepository: {interval: 15m", "GitRepository: {interval: 10m")
PROGRAM = """#!/usr/bin/env bash
{ printf '%s' "${0##*/}"; printf ' %q' "$@"; echo; } >> "$ASKED"
[ "$1" != --cwd ] || shift 2
case "${0##*/} $1" in
  "gitops drift") echo "$DRIFTED"; exit "$DRIFT" ;;
  "gitops check") exit "$CHECKED" ;;
  "gitops compare") printf '%s' "$COMPARED"; exit "$COMPARE" ;;
  "gitops comment") while [ "$1" != --file ]; do shift; done; cp "$2" "$TOLD" ;;
  pulumi*) stat --format %a "$KUBECONFIG" >> "$READ"; cat "$KUBECONFIG" >> "$READ"; printf '%s\n' "$PREVIEWED"; exit "$PREVIEW" ;;
  curl*) cat >> "$READ" ;;
esac
"""
"""Stands for `gitops`, `pulumi` and `curl`: notes its arguments, and what it reads."""
SECRETS = {
    "github.event.pull_request.number": "7",
    "github.token": TOKEN,
    "secrets.AWS_ACCESS_KEY_ID": TOKEN,
    "secrets.AWS_SECRET_ACCESS_KEY": TOKEN,
    "secrets.GITOPS_TOKEN": TOKEN,
    "secrets.HOMELAB_DEPLOY_IDENTITY": TOKEN,
    "secrets.KUBECONFIG": TOKEN,
    "secrets.NTFY_TOKEN": TOKEN,
    "secrets.PULUMI_CONFIG_PASSPHRASE": TOKEN,
    "vars.DRIFT_ISSUE": "3",
    "vars.GITOPS_REPOSITORY": "org/gitops",
    "vars.NTFY_URL": "https://ntfy.test/flux",
    "vars.PULUMI_BACKEND_URL": "s3://state",
}


class Job:
    """One job: a workspace, and the variables that a runner sets."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """An empty workspace."""
        self.workspace, self.temporary = folder / "workspace", folder / "runner"
        self.workspace.mkdir()
        self.temporary.mkdir()
        kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
        own: dict[str, str] = {"RUNNER_TEMP": str(self.temporary), "GITHUB_STEP_SUMMARY": str(folder / "summary"), "GITHUB_ACTIONS": "true"}
        self.environment = {**kept, **own, **variables}

    def run(self, name: str, expressions: Mapping[str, str], leave_out: tuple[str, ...] = ()) -> dict[str, int]:
        """Name of each step that ran → its exit code. `expressions`: what stands between the braces, and its value.

        What `leave_out` names counts as a success.
        """
        workflow: Any = yaml.safe_load((REPOSITORY / "workflows" / name).read_text())
        (job,) = workflow["jobs"].values()
        ended: dict[str, int] = {}
        outcomes: dict[str, str] = {}
        for step in job["steps"]:
            condition = step.get("if", "")
            wanted = _holds(condition, outcomes) if condition else not any(ended.values())
            if step["name"] in leave_out and wanted:
                outcomes[step.get("id", "")] = "success"
                continue
            if not wanted:
                continue
            variables = {
                key: _value(text, expressions)
                for key, text in {**workflow.get("env", {}), **job.get("env", {}), **step.get("env", {})}.items()
            }
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(command, cwd=self.workspace, env=self.environment | variables, check=False, timeout=120)
            ended[step["name"]] = done.returncode
            outcomes[step.get("id", "")] = "failure" if done.returncode else "success"
        return ended


def _holds(condition: str, outcomes: Mapping[str, str]) -> bool:
    """`always() && steps.compare.outcome == 'failure'`, also between braces. Nothing here is cancelled."""
    function, _, outcome = condition.removeprefix("${{ ").removesuffix(" }}").partition(" && ")
    left, comparison, right = outcome.split(" ")
    assert (function in ("always()", "!cancelled()"), comparison in ("==", "!=")) == (True, True)
    found = outcomes.get(left.split(".")[1], "skipped")
    return (found == right.strip("'")) == (comparison == "==")


def _value(text: str, expressions: Mapping[str, str]) -> str:
    return expressions[text.removeprefix("${{ ").removesuffix(" }}")] if text.startswith("${{ ") else text


def git(*arguments: str, at: Path) -> str:
    return subprocess.run(["git", *PERSON, *arguments], cwd=at, check=True, capture_output=True, text=True).stdout.strip()


class Repository:
    """This repository at a forge, whose address git finds in a directory, and a clone in which somebody works."""

    def __init__(self, folder: Path, server: str) -> None:
        """Main is what is committed here."""
        self.work, self._bare, self._config = folder / "work", folder / "forge" / "org" / "name.git", folder / "gitconfig"
        self._bare.parent.mkdir(parents=True)
        git("clone", "--quiet", "--single-branch", str(REPOSITORY), str(self.work), at=folder)
        git("clone", "--quiet", "--bare", str(self.work), str(self._bare), at=folder)
        git("push", "--quiet", str(self._bare), "HEAD:refs/heads/main", at=self.work)
        self._config.write_text(f'[url "{folder / "forge"}/"]\n  insteadOf = {server}/\n')
        self.variables = {
            "GIT_CONFIG_GLOBAL": str(self._config),
            "GITHUB_SERVER_URL": server,
            "GITHUB_REPOSITORY": "org/name",
            "GITHUB_BASE_REF": "main",
            "GITHUB_REF": "refs/pull/7/merge",
            "GITOPS_FLUX_MANIFESTS": str(manifests_directory()),
        }

    def pushed(self, file: str, old: str, new: str, message: str = "change") -> None:
        """A commit of pull request 7."""
        text = (self.work / file).read_text()
        assert old in text
        (self.work / file).write_text(text.replace(old, new))
        git("add", "--all", at=self.work)
        git("commit", "--quiet", "--message", message, at=self.work)
        git("push", "--quiet", str(self._bare), "HEAD:refs/pull/7/head", at=self.work)


def double(folder: Path, variables: Mapping[str, str], at: str = ".") -> tuple[Job, Any]:
    """A job whose programs only note what they are asked, and what they were asked. `at`: where in the workspace gitops is installed."""
    files = {name.upper(): str(folder / name) for name in ("asked", "read", "told")}
    job = Job(folder, {**variables, **files, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"})
    for program in (job.workspace / at / ".venv" / "bin" / "gitops", folder / "bin" / "curl", folder / "bin" / "pulumi"):
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_text(PROGRAM)
        program.chmod(0o755)
    return job, (folder / "asked").read_text
