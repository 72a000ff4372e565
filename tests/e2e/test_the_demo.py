"""`make demo` as a person meets it, in a home of its own: from nothing, again, its environment, and its end."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.commands.homes import cluster_at, processes
from tests.e2e.running_stack import CLONE, devcluster, eventually


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Where the demo lies; ended in any case."""
    directory = tmp_path_factory.mktemp("demo") / "home"
    yield directory
    devcluster(directory, "down")


@pytest.fixture(scope="module")
def first(home: Path) -> "subprocess.CompletedProcess[str]":
    """The first run."""
    done = devcluster(home, "up")
    assert done.returncode == 0, done.stderr
    return done


def test_the_first_run_ends_with_a_table_in_which_everything_is_ready(first: "subprocess.CompletedProcess[str]", home: Path) -> None:
    for kind in ("GitRepository", "HelmRepository", "OCIRepository", "Kustomization", "HelmRelease"):
        assert f"\n{kind} " in first.stdout
    assert "24 of 24 ready" in first.stdout
    assert f"devcluster down --home {home}" in first.stdout, "the hints are for this home"


def test_its_repositories_are_checked_and_recorded_for_previews(first: "subprocess.CompletedProcess[str]", home: Path) -> None:
    assert "repositories checked: 2 files, 0 findings" in first.stderr
    assert "cluster-secrets.sops.yaml" in (home / "checked" / "dev.yaml").read_text()


def test_each_of_its_steps_is_numbered(first: "subprocess.CompletedProcess[str]") -> None:
    numbers = re.findall(r"^  \[(\d+)/11\] ", first.stderr, re.MULTILINE)
    assert list(dict.fromkeys(numbers)) == [str(number) for number in range(1, 12)], first.stderr


def test_it_says_which_plugins_it_uses(first: "subprocess.CompletedProcess[str]") -> None:
    assert "(stand-in)" in first.stderr or "(official)" in first.stderr


def test_the_second_run_builds_nothing_and_changes_nothing(first: "subprocess.CompletedProcess[str]", home: Path) -> None:
    again = devcluster(home, "up")
    assert again.returncode == 0, again.stderr
    assert "building" not in again.stderr
    assert "unchanged" in again.stderr
    assert "created" not in again.stderr
    assert "updated" not in again.stderr


def test_its_environment_serves_plain_commands_and_shows_no_secret(first: "subprocess.CompletedProcess[str]", home: Path) -> None:
    lines = devcluster(home, "env").stdout
    for secret in (home / "secrets").iterdir():
        assert secret.read_text().strip() not in lines, f"{secret.name} is printed"
    script = f"{lines}\npulumi preview --expect-no-changes --non-interactive && kubectl get gitrepositories -A && gitops status"
    done = subprocess.run(["bash", "-c", script], cwd=CLONE, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "argo-workflows" in done.stdout


def test_a_controller_that_dies_is_restarted(first: "subprocess.CompletedProcess[str]", home: Path) -> None:

    cluster = cluster_at(home)
    before = processes(cluster)["kustomize-controller"]
    assert before is not None
    os.kill(before, 9)
    eventually(
        lambda: processes(cluster)["kustomize-controller"], lambda pid: pid not in (None, before), "kustomize-controller under a new pid"
    )


def test_a_killed_pulumi_leaves_a_language_host_which_the_end_of_the_demo_has_to_find(
    first: "subprocess.CompletedProcess[str]", home: Path
) -> None:
    command = ["pulumi", "preview", "--stack", "dev", "--non-interactive"]
    environment = os.environ | cluster_at(home).environment()
    with subprocess.Popen(
        command, cwd=CLONE, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    ) as pulumi:
        eventually(lambda: _language_hosts(home), bool, "a language host")
        pulumi.kill()
    assert _language_hosts(home), "it ends with its CLI now, so devcluster/program/pulumi_processes.py can go"


def _language_hosts(home: Path) -> list[str]:
    return [command for command in _processes_of(home) if "pulumi-language-python " in command]


def test_down_ends_every_process_and_removes_every_file(first: "subprocess.CompletedProcess[str]", home: Path) -> None:
    assert _processes_of(home), "a search that finds no process before proves nothing after"
    done = devcluster(home, "down")
    assert done.returncode == 0, done.stderr
    assert not home.exists()
    assert _processes_of(home) == []


def _processes_of(home: Path) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if str(home) in command:
                found.append(command)
    return found
