"""docs/tutorial.md, command by command, on an empty cluster of its own: the real CLI, engine, API server, controllers and Gitea.

What is replaced stands in `Person.in_place_of`: addresses, the name of a context, and what only a person at a terminal answers. The
cluster is that of `python -m devcluster up --bare`, known here by its commands alone.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.engine import REPOSITORY as CLONE

PAGE = CLONE / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SECONDS = 900
PERSON = {f"GIT_{who}_{what}": "you@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
NAME = "cluster"
HELLO = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hello, namespace: default}\ndata: {from: Git}\n"
NOT_THE_PERSONS = ("KUBECONFIG", "PULUMI_BACKEND_URL")
"""Of the cluster's environment: what the tutorial has the person choose."""


def blocks() -> list[str]:
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Person"]:
    """Somebody with an empty cluster and a repository, who has read the tutorial and typed all of it."""
    home = tmp_path_factory.mktemp("own") / "cluster"
    try:
        devcluster(home, "up", "--bare")
        person = Person(home, tmp_path_factory.mktemp("person"))
        for block in blocks():
            person.types(block)
        yield person
    finally:
        devcluster(home, "down")


def devcluster(home: Path, *arguments: str) -> str:
    """What a command of the embedded cluster prints."""
    command = [sys.executable, "-m", "devcluster", *arguments, "--home", str(home)]
    done = subprocess.run(command, cwd=CLONE, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_tutorial_ends_with_a_cluster_that_flux_keeps(tutorial: "Person") -> None:
    assert tutorial.runs("kubectl get configmap hello --namespace default -o jsonpath={.data.from}") == "Git"


def test_what_is_yours_is_two_files_and_all_of_it_is_committed(tutorial: "Person") -> None:
    assert tutorial.runs("git status --porcelain") == ""
    changed = tutorial.runs("git diff --name-only HEAD~1").split()
    assert len(changed) == 2, changed
    assert "Pulumi.homelab.yaml" in changed
    stack_file = yaml.safe_load((tutorial.clone / "Pulumi.homelab.yaml").read_text())
    assert "encryptionsalt" in stack_file
    assert stack_file["config"]["gitops:environment"] == "production"


def test_a_second_preview_finds_nothing_to_do(tutorial: "Person") -> None:
    tutorial.runs("pulumi preview --expect-no-changes --non-interactive")


def test_an_application_is_changed_by_a_push(tutorial: "Person") -> None:
    tutorial.runs(
        f"""( cd ~ && git clone --quiet {tutorial.repository} work && cd work
        sed -i 's/from: Git/from: a push/' apps/hello.yaml && git commit --quiet --all -m change && git push --quiet origin HEAD )
        kubectl annotate gitrepository {NAME} --namespace flux-system reconcile.fluxcd.io/requestedAt=now"""
    )
    until = time.monotonic() + 120
    while (seen := tutorial.runs("kubectl get configmap hello --namespace default -o jsonpath={.data.from}")) != "a push":
        assert time.monotonic() < until, f"still {seen}"
        time.sleep(1)


class Person:
    """A shell in a home of its own, which remembers variables and the folder from one block to the next."""

    def __init__(self, cluster: Path, home: Path) -> None:
        self.home, self.clone, self.remembered = home, home / "gitops", home / "remembered.sh"
        self.variables = self._variables(devcluster(cluster, "env"))
        (home / ".kube").mkdir()
        shutil.copyfile(self._of_the_cluster["KUBECONFIG"], home / ".kube" / "config")
        config, catalog = (yaml.safe_load(f"# {part}") for part in devcluster(cluster, "describe").split("\n# In the catalog"))
        self.described: dict[str, Any] = config
        gitea = catalog["hosts"]["git"]
        self.gitea = str(gitea["url"])
        (home / "gitea-ca.crt").write_text(str(gitea["ca"]))
        (home / "manifests" / "apps").mkdir(parents=True)
        (home / "manifests" / "apps" / "hello.yaml").write_text(HELLO)
        printed = devcluster(cluster, "repository", NAME, "--from", str(home / "manifests"))
        self.repository = next(word for word in printed.split() if word.endswith(f"/{NAME}.git"))
        self.origin = _committed_copy(home / "origin")
        self.remembered.write_text(f"cd {shlex.quote(str(home))}\n")

    def _variables(self, lines: str) -> dict[str, str]:
        """Those with which pulumi, its plugins and git run here."""
        done = subprocess.run(["bash", "-c", f"{lines}\nenv -0"], capture_output=True, text=True, check=True)
        self._of_the_cluster = dict(line.split("=", 1) for line in done.stdout.split("\0") if "=" in line)
        kept = {
            name: value for name, value in self._of_the_cluster.items() if name not in NOT_THE_PERSONS and not name.startswith("GITOPS_")
        }
        own = str(Path(sys.prefix) / "bin")
        folders = [folder for folder in kept["PATH"].split(os.pathsep) if folder != own]
        return {**kept, **PERSON, "PATH": os.pathsep.join(folders), "HOME": str(self.home), "GITOPS_CACHE": str(self.home / "cache")}

    def in_place_of(self, block: str) -> str:
        """The block with this machine's addresses."""
        here = f"--git-ca ~/gitea-ca.crt --manifests {self.described['gitops:flux']['manifests'].partition('@')[0]}"
        replaced = {
            "git clone https://git.example.org/you/gitops": f"git clone --quiet {shlex.quote(str(self.origin))} gitops",
            "make setup": _environment_of_the_clone(),
            "--context admin@homelab": f"--context {self.described['gitops:cluster']['context']}",
            "--git-url https://git.example.org/you/cluster": f"--git-url {self.gitea}/{NAME} {here}",
            "pulumi up": "pulumi up --yes --skip-preview",
        }
        for written, meant in replaced.items():
            block = block.replace(written, meant)
        return block

    def types(self, block: str) -> str:
        """Run a block of the page; fails with what it printed."""
        return self.runs(self.in_place_of(block))

    def runs(self, script: str) -> str:
        remembered = shlex.quote(str(self.remembered))
        whole = f'source {remembered}\n{script}\n{{ echo "cd $(printf %q "$PWD")"; export -p; }} > {remembered}\n'
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", whole],
            cwd=self.home, env=self.variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", timeout=SECONDS, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{script}\n{done.stdout}"
        return done.stdout


def _committed_copy(folder: Path) -> Path:
    """A repository with one commit: what stands in this clone, committed or not."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"], cwd=CLONE, capture_output=True, text=True, check=True
    )
    for file in listed.stdout.splitlines():
        if (CLONE / file).is_file():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(CLONE / file, folder / file)
    variables = {**os.environ, **PERSON, "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "--all", "--force"], ["commit", "--quiet", "-m", "start"]):
        subprocess.run(["git", *command], cwd=folder, env=variables, check=True, capture_output=True)
    return folder


def _environment_of_the_clone() -> str:
    """Shell in place of `make setup`: an environment with the packages of this one, in which modules are those of the clone."""
    python = f"python{sys.version_info.major}.{sys.version_info.minor}"
    packages = Path(sys.prefix) / "lib" / python / "site-packages"
    command = "#!'\"$PWD\"'/.venv/bin/python\\nfrom gitops.cli import main\\nmain()\\n"
    return " && ".join(
        [
            f"{shlex.quote(sys.executable)} -m venv --without-pip .venv",
            f'printf "%s\\n" "$PWD" {shlex.quote(str(packages))} > .venv/lib/{python}/site-packages/clone.pth',
            f"printf '{command}' > .venv/bin/gitops",
            "chmod +x .venv/bin/gitops",
            f"ln -s {shlex.quote(str(Path(sys.prefix) / 'bin' / 'kubectl'))} .venv/bin/kubectl",
        ]
    )
