"""The steps of the workflows, run one after another as a runner runs them: bash, the environment of a job, and what `env` gives."""

import hashlib
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.engine import REPOSITORY
from tests.gitops.workflow_job import SECRETS, TOKEN, double

DRIFTED = {
    "0 of 51 objects differ": (0, "", {"Drift": 0, "Tell the issue": 0}),
    "stack-vars: dev became other": (1, "stack-vars: dev became other\n", {"Drift": 1, "Tell the issue": 0, "Tell ntfy": 0}),
    "the cluster cannot be read": (2, "the cluster cannot be read\n", {"Drift": 2, "Tell the issue": 0, "Tell ntfy": 0}),
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
    assert " --topic drift --number 3 " in asked()
    if code:
        assert f'header = "Authorization: Bearer {TOKEN}"' in (tmp_path / "read").read_text()


def test_drift_has_an_issue_of_its_own_where_none_is_named(tmp_path: Path) -> None:
    job, asked = double(tmp_path, {"DRIFTED": "stack-vars differs", "DRIFT": "1"})

    job.run("drift.yaml", {**SECRETS, "vars.DRIFT_ISSUE": "", "vars.NTFY_URL": ""}, leave_out=("Check out the newest commit", "Install"))

    drift, comment = asked().splitlines()
    assert drift == "gitops drift --stack production"
    assert comment.startswith(r"gitops comment --topic drift --issue Drift\ of\ stack\ production --plain --file ")


def test_up_waits_for_flux_and_a_synced_repository_names_no_token_in_a_command(tmp_path: Path) -> None:
    job, asked = double(tmp_path, {"GITHUB_API_URL": "https://git.test/api/v1"})

    assert job.run("up.yaml", SECRETS, leave_out=("Check out the newest commit", "Install")) == {"Up": 0}
    assert job.run("synced-repository.yaml", SECRETS) == {"Start check.yaml": 0}

    commands = asked().splitlines()
    assert commands[:2] == ["gitops up --stack production -- --yes --non-interactive", "gitops status --stack production --wait 600"]
    assert commands[2].endswith(" https://git.test/api/v1/repos/org/gitops/actions/workflows/check.yaml/dispatches")
    assert TOKEN not in asked()
    assert not [*job.temporary.iterdir()]


@pytest.mark.parametrize("checked", [0, 1])
def test_check_renders_first_and_fails_if_flux_could_not_apply_it(checked: int, tmp_path: Path) -> None:
    job, asked = double(tmp_path, {"CHECKED": str(checked)})

    assert job.run("check.yaml", SECRETS, leave_out=("Check out the branch", "Install")) == {"Check": checked}

    assert asked().splitlines() == ["gitops render --stack production", "gitops check --stack production --no-record"]


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
