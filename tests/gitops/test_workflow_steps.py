"""The steps of the workflows, run one after another as a runner runs them: bash, the environment of a job, and what `env` gives."""

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.any_server import Answer, Request, any_server
from tests.engine import AMBIENT, REPOSITORY
from tests.gitops.comment.forge_double import ForgeDouble
from tests.manifests import manifests_directory

PERSON = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
TOKEN = "-".join(("a", "token", "made", "for", "this", "test"))
PROGRAM = """#!/usr/bin/env bash
{ printf '%s' "${0##*/}"; printf ' %q' "$@"; echo; } >> "$ASKED"
case "${0##*/} $1" in
  "gitops drift") echo "$DRIFTED"; exit "$DRIFT" ;;
  "gitops comment") while [ "$1" != --file ]; do shift; done; cp "$2" "$TOLD" ;;
  curl*) cat >> "$READ" ;;
esac
"""
"""Stands for `gitops` and `curl`: notes its arguments, and what it reads."""


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
        """Name of each step that ran → its exit code. `expressions`: what stands between the braces, and its value."""
        workflow: Any = yaml.safe_load((REPOSITORY / "workflows" / name).read_text())
        (job,) = workflow["jobs"].values()
        ended: dict[str, int] = {}
        outcomes: dict[str, str] = {}
        for step in job["steps"]:
            failed = any(ended.values())
            condition = step.get("if", "")
            wanted = not failed if not condition else _holds(condition, outcomes)
            if step["name"] in leave_out or not wanted:
                continue
            variables = {
                key: _value(text, expressions)
                for key, text in {**workflow.get("env", {}), **job.get("env", {}), **step.get("env", {})}.items()
            }
            command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
            done = subprocess.run(command, cwd=self.workspace, env=self.environment | variables, check=False, timeout=120)
            ended[step["name"]] = done.returncode
            if "id" in step:
                outcomes[step["id"]] = "failure" if done.returncode else "success"
        return ended


def _holds(condition: str, outcomes: Mapping[str, str]) -> bool:
    always, _, outcome = condition.partition(" && ")
    left, comparison, right = outcome.split(" ")
    assert (always, comparison in ("==", "!=")) == ("always()", True)
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


def compared(job: Job, token: str) -> dict[str, int]:
    """What `compare.yaml` makes of the pull request as it is now."""
    if not (job.workspace / ".venv").exists():
        (job.workspace / ".venv").symlink_to(Path(sys.prefix), target_is_directory=True)
    return job.run("compare.yaml", {"github.token": token, "github.event.pull_request.number": "7"}, leave_out=("Install",))


@pytest.mark.thorough
def test_compare_tells_of_a_fork_in_the_summary_and_runs_nothing_of_it(tmp_path: Path) -> None:
    hostile, repository = tmp_path / "was-run", Repository(tmp_path, "https://git.test")
    (repository.work / "gitops" / "cli.py").write_text(f"open({str(hostile)!r}, 'w')\n")
    (repository.work / f"$(touch {hostile.name})`touch {hostile.name}`.yaml").write_text("a: b\n")
    repository.pushed("catalog.yaml", *FASTER, message=f"$(touch {hostile}) @everyone")
    job = Job(tmp_path, {**repository.variables, "GITHUB_HEAD_REF": f"$(touch {hostile})"})

    assert [*compared(job, "").values()] == [0, 0, 0]

    assert "`interval` `15m` → `10m`" in (tmp_path / "summary").read_text()
    assert not hostile.exists()
    assert not (job.workspace / hostile.name).exists()
    assert "was-run" not in (job.workspace / "gitops" / "cli.py").read_text(), "the target branch is what is installed"


@pytest.mark.thorough
def test_three_pushes_have_one_comment_with_the_state_after_the_last(tmp_path: Path) -> None:
    double = ForgeDouble("gitea")

    def answered(request: Request) -> Answer:
        said = double(httpx.Request(request.method, f"https://git.test{request.path}", content=request.body))
        return Answer(status=said.status_code, headers={"Content-Type": "application/json"}, body=said.read())

    with any_server(answered) as forge:
        repository = Repository(tmp_path, f"http://{forge.address}")
        job = Job(tmp_path, {**repository.variables, "GITEA_ACTIONS": "true"})
        seen = []
        for file, old, new in (
            ("catalog.yaml", *FASTER),
            ("Pulumi.production.yaml", "storage,", "storrage,"),
            ("catalog.yaml", *FASTER[::-1]),
        ):
            repository.pushed(file, old, new)
            seen.append(([*compared(job, TOKEN).values()], *double.bodies()))

    assert [codes for codes, *_ in seen] == [[0, 0, 0], [0, 1, 0], [0, 1, 0]]
    (_, first), (_, second), (_, third) = seen
    assert "`15m` → `10m`" in first
    assert "storrage" in second
    assert ("storrage" in third, "10m" in third) == (True, False)
    assert not (tmp_path / "summary").exists()


FASTER = ("GitRepository: {interval: 15m", "GitRepository: {interval: 10m")
DRIFTED = {
    "0 of 51 objects differ": (0, "", {"Drift": 0, "Comment at the issue": 0}),
    "stack-vars: dev became other": (1, "stack-vars: dev became other\n", {"Drift": 1, "Comment at the issue": 0, "Tell ntfy": 0}),
    "the cluster cannot be read": (2, "the cluster cannot be read\n", {"Drift": 2, "Comment at the issue": 0, "Tell ntfy": 0}),
}
"""What the command prints → its exit code, what is told, and which steps run."""


@pytest.mark.thorough
@pytest.mark.parametrize("printed", DRIFTED)
def test_drift_is_told_until_there_is_none_and_a_kubeconfig_does_not_stay(printed: str, tmp_path: Path) -> None:
    code, told, steps = DRIFTED[printed]
    job, asked = double(tmp_path, {"DRIFTED": printed, "DRIFT": str(code)})

    ended = job.run("drift.yaml", SECRETS, leave_out=("Check out the newest commit", "Install"))

    assert ended == steps
    assert (tmp_path / "told").read_text() == told
    assert sorted(file.name for file in job.temporary.iterdir()) == ["drift.txt"]
    assert TOKEN not in asked()
    if code:
        assert f'header = "Authorization: Bearer {TOKEN}"' in (tmp_path / "read").read_text()


def test_up_waits_for_flux_and_a_synced_repository_names_no_token_in_a_command(tmp_path: Path) -> None:
    job, asked = double(tmp_path, {"GITHUB_API_URL": "https://git.test/api/v1"})

    assert job.run("up.yaml", SECRETS, leave_out=("Check out the newest commit", "Install")) == {"Up": 0}
    assert job.run("synced-repository.yaml", SECRETS) == {"Start check.yaml": 0}

    commands = asked().splitlines()
    assert commands[:2] == ["gitops up --stack production -- --yes --non-interactive", "gitops status --stack production --wait 600"]
    assert commands[2].endswith(" https://git.test/api/v1/repos/org/gitops/actions/workflows/check.yaml/dispatches")
    assert TOKEN not in asked()
    assert not [*job.temporary.iterdir()]


SECRETS = {
    "github.token": TOKEN,
    "secrets.AWS_ACCESS_KEY_ID": TOKEN,
    "secrets.AWS_SECRET_ACCESS_KEY": TOKEN,
    "secrets.GITOPS_TOKEN": TOKEN,
    "secrets.KUBECONFIG": TOKEN,
    "secrets.NTFY_TOKEN": TOKEN,
    "secrets.PULUMI_CONFIG_PASSPHRASE": TOKEN,
    "vars.DRIFT_ISSUE": "3",
    "vars.GITOPS_REPOSITORY": "org/gitops",
    "vars.NTFY_URL": "https://ntfy.test/flux",
    "vars.PULUMI_BACKEND_URL": "s3://state",
}


def double(folder: Path, variables: Mapping[str, str]) -> tuple[Job, Any]:
    """A job whose `gitops` and `curl` only note what they are asked, and what they were asked."""
    files = {name.upper(): str(folder / name) for name in ("asked", "read", "told")}
    job = Job(folder, {**variables, **files, "PATH": f"{folder / 'bin'}{os.pathsep}{os.environ['PATH']}"})
    for program in (job.workspace / ".venv" / "bin" / "gitops", folder / "bin" / "curl"):
        program.parent.mkdir(parents=True)
        program.write_text(PROGRAM)
        program.chmod(0o755)
    return job, (folder / "asked").read_text


CURL = """#!/usr/bin/env bash
for word; do case "$word" in https://*) cp "$PUBLISHED/${word##*/}" . ;; esac; done
"""


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("changed", "pinned", "is_installed"),
    [
        (False, "", True),
        (True, "", False),
        (False, "right", True),
        (False, "wrong", False),
        (False, "another plugin", False),
    ],
)
def test_pulumi_is_installed_in_the_version_of_the_sdk_if_it_has_its_checksum(
    changed: bool, pinned: str, is_installed: bool, tmp_path: Path
) -> None:
    version = next(line for line in (REPOSITORY / "requirements" / "run.txt").read_text().splitlines() if line.startswith("pulumi=="))
    version = version.split("==")[1].split()[0]
    is_intel = os.uname().machine == "x86_64"
    published, archive = tmp_path / "published", f"pulumi-v{version}-linux-{'x64' if is_intel else 'arm64'}.tar.gz"
    clone = tmp_path / "clone"
    for folder in (published / "pulumi", tmp_path / "bin", tmp_path / "into", clone / "workflows", clone / "requirements"):
        folder.mkdir(parents=True)
    (published / "pulumi" / "pulumi").write_text('#!/bin/sh\necho "$*" >> "$PUBLISHED/asked"\n')
    (published / "pulumi" / "pulumi").chmod(0o755)
    (tmp_path / "bin" / "curl").write_text(CURL)
    (tmp_path / "bin" / "curl").chmod(0o755)
    script = f'tar -czf {archive} pulumi; sha256sum {archive} > pulumi-{version}-checksums.txt; [ -z "$CHANGED" ] || echo >> {archive}'
    variables = {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}", "PUBLISHED": str(published), "CHANGED": "x" * changed}
    variables["GITHUB_PATH"] = str(tmp_path / "path")
    subprocess.run(["bash", "-euc", script], cwd=published, env=variables, check=True)
    for file in ("workflows/install-pulumi.sh", "requirements/run.txt"):
        shutil.copy(REPOSITORY / file, clone / file)
    right = hashlib.sha256((published / archive).read_bytes()).hexdigest()
    digest = {"": "", "wrong": "0" * 64}.get(pinned, right)
    plugin = f"pulumi-resource-random-v1.2.3-linux-{'amd64' if is_intel else 'arm64'}.tar.gz"
    other = "pulumi-resource-random-v1.2.3-darwin-arm64.tar.gz"
    (published / plugin).write_text("the plugin\n")
    of_plugin = hashlib.sha256(b"the plugin\n").hexdigest() if pinned != "another plugin" else "a" * 64
    lines = [f"{digest}  {archive}", f"{of_plugin}  {plugin}", f"{'b' * 64}  {other}"] if digest else []
    (clone / "requirements" / "pulumi.sha256").write_text("\n".join(["# a comment", *lines, ""]))

    command = ["bash", str(clone / "workflows" / "install-pulumi.sh"), "into"]
    done = subprocess.run(command, cwd=tmp_path, env=variables, check=False, capture_output=True, text=True)

    assert (done.returncode == 0) is is_installed, done.stderr
    assert (tmp_path / "path").exists() is is_installed
    assert (tmp_path / "into" / "pulumi" / "pulumi").exists() is (is_installed or pinned == "another plugin")
    assert ("has no checksum of" in done.stderr) is not bool(pinned)
    asked = (published / "asked").read_text() if (published / "asked").exists() else ""
    assert asked == f"plugin install resource random 1.2.3 --non-interactive --file {plugin}\n" * (pinned == "right")
