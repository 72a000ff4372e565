"""Of every sample repository: what `gitops compare --repository` says of a change of its own files is what Flux then does."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from devcluster.gitea.chart_package import read_tree
from devcluster.gitea.sample_repositories import TOKEN_REPOSITORY, TREES
from tests.e2e.running_stack import CLONE, GIT_SOURCES, RunningStack, eventually
from tests.e2e.what_flux_did import applied_by_flux, being_deleted, clone_of, compared, difference, may_happen, not_applied

APPLIED = {"homelab-k8s2": "homelab-k8s2", "argo-workflows": "argo"}
"""GitRepository → the repository, of those from which the stack's Kustomizations apply."""
GOES = {"argo": "batch-inference.yaml", "homelab-k8s2": "kubernetes/apps/ai-ml/milvus/ks.yaml"}
NAMED_IN = "kubernetes/apps/ai-ml/kustomization.yaml"


def test_what_is_said_of_every_sample_repository_is_what_flux_does(synced: RunningStack, tmp_path: Path) -> None:
    with changing(synced) as commits:
        before = applied_by_flux(synced)
        told = {}
        for source, repository in APPLIED.items():
            first, second = commits[source] = (synced.cluster.samples.head(repository) or "", push(synced, repository, changed(repository)))
            told[source] = compared(synced, clone_of(synced, tmp_path / source, repository), first, second, source, code=0)
        wait(synced, {source: second for source, (_, second) in commits.items()})
        eventually(lambda: being_deleted(synced), lambda names: not names, "every pruned object gone")
        after = applied_by_flux(synced)

    expected = {name: may for each in told.values() for name, may in may_happen(each).items()}
    assert all(len(may) == 1 for may in expected.values()), "nothing of it depends on what Flux does first"
    did = difference(before, after)
    assert did == {name: next(iter(may)) for name, may in expected.items()}
    assert {"removed", "changed"} == set(did.values())
    assert {name.partition(" ")[0] for name in did} >= {
        "CustomResourceDefinition",
        "Deployment",
        "HelmRelease",
        "Namespace",
        "WorkflowTemplate",
    }


def test_of_a_repository_that_nothing_applies_there_is_nothing_to_say(synced: RunningStack, tmp_path: Path) -> None:
    others = sorted(GIT_SOURCES.keys() - APPLIED.keys())
    for source in (others[0], TOKEN_REPOSITORY):
        command = ("--cwd", str(CLONE), "compare", "--repository", source, "HEAD", "--stack", synced.name)
        done = synced.gitops(*command, expect=2, clone=clone_of(synced, tmp_path / source, GIT_SOURCES[source]))
        assert f"has no path that a stack applies from {source}" in " ".join(done.printed.split())


def changed(repository: str) -> dict[str, bytes]:
    """Every object has another annotation, one file goes, and whatever Flux makes of that goes along."""
    files = dict(read_tree(TREES / repository))
    del files[GOES[repository]]
    for path, content in files.items():
        if path == NAMED_IN:
            files[path] = b"".join(line for line in content.splitlines(keepends=True) if b"milvus" not in line)
        elif path.endswith(".yaml") and not path.endswith("kustomization.yaml"):
            files[path] = re.sub(rb"(?m)^metadata:\n", b"metadata:\n  annotations: {example.org/changed: by a test}\n", content)
    return files


@contextmanager
def changing(stack: RunningStack) -> Iterator[dict[str, tuple[str, str]]]:
    """Afterwards, the repositories are as they were."""
    try:
        yield {}
    finally:
        wait(stack, {source: push(stack, repository, read_tree(TREES / repository)) for source, repository in APPLIED.items()})


def push(stack: RunningStack, repository: str, files: Mapping[str, bytes]) -> str:
    return stack.cluster.samples.push(repository, files, "test: its own files", part="samples")


def wait(stack: RunningStack, commits: Mapping[str, str]) -> None:
    for source in commits:
        stack.reconcile("GitRepository", source)
    for source, commit in commits.items():
        eventually(lambda: not_applied(stack, commit, (), source), lambda late: not late, f"{source} at {commit}")  # noqa: B023
