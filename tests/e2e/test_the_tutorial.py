"""docs/tutorial.md, command by command, on an empty cluster of its own: the real CLI, engine, API server, controllers and Gitea.

What is replaced stands in `in_place_of`: addresses of servers, names of a context, and what only a person at a terminal answers.
"""

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from devcluster.cluster import Devcluster
from devcluster.gitea.api import GiteaApi
from devcluster.gitea.https import GiteaHttps
from devcluster.gitea.server import ORGANISATION
from devcluster.program.environment import FLUX_VERSION, environment
from tests.e2e.running_stack import CLONE, COMMAND_SECONDS, fresh_cluster
from tests.manifests import manifests_directory

PAGE = CLONE / "docs" / "tutorial.md"
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PERSON = {f"GIT_{who}_{what}": "you@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
REPOSITORY = "cluster"
MANIFEST = b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: hello, namespace: default}\ndata: {from: Git}\n"
OF_THE_PROGRAMS = ("PATH", "TMPDIR", "PULUMI_HOME", "PULUMI_SKIP_UPDATE_CHECK", "PULUMI_IGNORE_AMBIENT_PLUGINS")
NO_DOWNLOAD = "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION"


def blocks() -> list[str]:
    return BLOCK.findall(PAGE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def tutorial(tmp_path_factory: pytest.TempPathFactory) -> Iterator["Person"]:
    """Somebody with an empty cluster and a repository, who has read the tutorial and typed all of it."""
    with fresh_cluster(tmp_path_factory, "gitops-tutorial") as cluster:
        person = Person(cluster, tmp_path_factory.mktemp("person"))
        for block in blocks():
            person.types(block)
        yield person


def test_the_tutorial_ends_with_a_cluster_that_flux_keeps(tutorial: "Person") -> None:
    with tutorial.cluster.kube as kube:
        hello = kube.get("/api/v1/namespaces/default/configmaps/hello")
    assert hello is not None
    assert hello["data"] == {"from": "Git"}


def test_what_is_yours_is_two_files_and_all_of_it_is_committed(tutorial: "Person") -> None:
    assert tutorial.runs("git status --porcelain") == ""
    changed = tutorial.runs("git diff --name-only HEAD~1").split()
    assert len(changed) == 2
    assert "Pulumi.homelab.yaml" in changed
    assert "encryptionsalt:" in (tutorial.clone / "Pulumi.homelab.yaml").read_text()


def test_an_application_is_changed_by_a_push(tutorial: "Person") -> None:
    from tests.e2e.running_stack import eventually

    tutorial.cluster.samples.push(REPOSITORY, {"apps/hello.yaml": MANIFEST.replace(b"Git", b"a push")}, "feat: change")
    with tutorial.cluster.kube as kube:
        stamp = {"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": "now"}}}
        kube.merge("/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/cluster", stamp)
        eventually(
            lambda: (kube.get("/api/v1/namespaces/default/configmaps/hello") or {}).get("data"),
            lambda data: data == {"from": "a push"},
            "the pushed change in the cluster",
        )


class Person:
    """A shell in a home of its own, which remembers variables and the folder from one block to the next."""

    def __init__(self, cluster: Devcluster, home: Path) -> None:
        self.cluster, self.home, self.clone = cluster, home, home / "gitops"
        self.remembered = home / "remembered.sh"
        (home / ".kube").mkdir()
        shutil.copyfile(cluster.home.kubeconfig, home / ".kube" / "config")
        (home / "gitea-ca.crt").write_text(GiteaHttps(cluster.home).authority)
        self.origin = _committed_copy(home / "origin")
        with GiteaApi(cluster.gitea) as api:
            api.ensure_repository(REPOSITORY, private=False)
        cluster.samples.push(REPOSITORY, {"apps/hello.yaml": MANIFEST}, "feat: first")
        cluster.samples.push_flux_artifact("flux-manifests", FLUX_VERSION, manifests_directory(FLUX_VERSION))
        self.remembered.write_text(f"cd {shlex.quote(str(home))}\n")

    @property
    def variables(self) -> dict[str, str]:
        """Those with which pulumi and its plugins run here, and nothing of the demo's."""
        given = environment(self.cluster.home)
        chosen = {name: given[name] for name in (*OF_THE_PROGRAMS, NO_DOWNLOAD) if name in given}
        own = str(Path(sys.prefix) / "bin")
        path = os.pathsep.join(folder for folder in chosen["PATH"].split(os.pathsep) if folder != own)
        return {
            **chosen,
            **PERSON,
            "PATH": path,
            "HOME": str(self.home),
            "GITOPS_CACHE": str(self.home / "cache"),
            "GIT_CONFIG_NOSYSTEM": "1",
        }

    def in_place_of(self, block: str) -> str:
        """The block with this machine's addresses."""
        gitea = f"{GiteaHttps(self.cluster.home).url}/{ORGANISATION}"
        registry = self.cluster.gitea.url.partition("://")[2]
        here = f"--git-ca ~/gitea-ca.crt --manifests {registry}/{ORGANISATION}/flux-manifests:{FLUX_VERSION}"
        replaced = {
            "git clone https://git.example.org/you/gitops": f"git clone --quiet {shlex.quote(str(self.origin))} gitops",
            "make setup": _environment_of_the_clone(),
            "--context admin@homelab": f"--context {self.cluster.home.context}",
            "--git-url https://git.example.org/you/cluster": f"--git-url {gitea}/{REPOSITORY} {here}",
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
            text=True, errors="replace", timeout=COMMAND_SECONDS, check=False,
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
        ]
    )
