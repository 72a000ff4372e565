"""Of repositories that nobody wrote, `gitops compare --repository` says what kustomize-controller then does, object by object.

Twenty of them belong to `make test`; GITOPS_TEST_SEEDS=200 has more, in lots of twenty (`make soak`).
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from devcluster.gitea.sample_repositories import ROOT_REPOSITORY, TREES
from tests.e2e.running_stack import RunningStack, eventually
from tests.e2e.what_flux_did import (
    KUSTOMIZATIONS,
    NOTHING,
    Objects,
    Settling,
    applied_by_flux,
    being_deleted,
    clone_of,
    compared,
    difference,
    kustomizations,
    may_happen,
    not_applied,
)
from tests.gitops.compare.generated_edits import head
from tests.gitops.compare.generated_repositories import GENERATED, Repository, base, files_of, listed

SEEDS = int(os.environ.get("GITOPS_TEST_SEEDS", "20"))
LOT = 20
APPS = "kubernetes/apps/kustomization.yaml"
SETTLED_SECONDS = 480
"""How long seventy Kustomizations may take on a machine that has other work, too: a quiet one needs a minute."""
LATEST_SECONDS = 30
"""How long an object may take that goes after its Kustomization is gone."""
CALLED = re.compile(r"\bg\d{3}\b")
"""The directory of a repository, which its namespaces and its Kustomizations have in their names."""


def test_what_is_said_of_repositories_that_nobody_wrote_is_what_flux_does(synced: RunningStack, tmp_path: Path) -> None:
    wrong: list[str] = []
    for first in range(0, SEEDS, LOT):
        wrong += disagreements(synced, range(first, min(first + LOT, SEEDS)), tmp_path / str(first))
    assert not wrong, "\n".join(wrong)


def disagreements(stack: RunningStack, seeds: range, folder: Path) -> list[str]:
    """Of each object of which something else was said than became of it, both, and the edits of its repository."""
    bases = [base(seed) for seed in seeds]
    heads = {made.called: (made, edits) for made, edits in map(head, bases)}
    with pushing(stack):
        first = push(stack, bases)
        eventually(
            lambda: not_applied(stack, first, ()), lambda late: not late, f"the first revision of repositories {seeds}", SETTLED_SECONDS
        )
        before = applied_by_flux(stack)
        second = push(stack, [made for made, _ in heads.values()])
        told = compared(stack, clone_of(stack, folder), first, second, code=None)
        eventually(Settling(stack, second).not_yet, lambda late: not late, f"the second revision of repositories {seeds}", SETTLED_SECONDS)
        said = may_happen(told)
        deadline = time.monotonic() + LATEST_SECONDS
        while (wrong := differing(said, before, after := applied_by_flux(stack))) and time.monotonic() < deadline:
            time.sleep(1)
    did = difference(before, after)
    figures = {
        "Kustomizations": sum(len(each.units) for each in bases),
        "objects": len(before.keys() | after.keys()),
        **dict(sorted(Counter(did.values()).items())),
        "of which something is said": len(said),
        "which is uncertain": sum(len(each) > 1 for each in said.values()),
        "disagreements": len(wrong),
    }
    print(f"\nrepositories {seeds.start} to {seeds.stop - 1}: {figures}")  # noqa: T201
    return [f"{each} (repository {(found := CALLED.findall(each)[0])}: {', '.join(heads[found][1])})" for each in wrong]


def differing(said: dict[str, set[str]], before: Objects, after: Objects) -> list[str]:
    """The objects of which something else was said than became of them, and both."""
    did = difference(before, after)
    found = ((name, said.get(name, {NOTHING}), did.get(name, NOTHING)) for name in sorted(did.keys() | said.keys()))
    return [f"{name}: said {sorted(may)}, was {became!r}" for name, may, became in found if became not in may]


@contextmanager
def pushing(stack: RunningStack) -> Iterator[None]:
    """Afterwards, the repository is as it was, and Flux, too: what a parent forgot without pruning is deleted by hand."""
    try:
        yield
    finally:
        commit = push(stack, [])
        eventually(
            lambda: [each for each in not_applied(stack, commit, ()) if not ours(each)],
            lambda late: not late,
            "every Kustomization as it was",
        )
        with stack.cluster.kube as kube:
            for each in kustomizations(stack):
                if ours(name := each["metadata"]["name"]):
                    kube.delete(f"{KUSTOMIZATIONS}/{name}")
        eventually(lambda: not_applied(stack, commit, ()), lambda late: not late, "no generated Kustomization")
        eventually(lambda: being_deleted(stack), lambda names: not names, "every pruned object gone: a Namespace takes its objects with it")


def ours(kustomization: str) -> bool:
    """Whether it is generated."""
    return bool(CALLED.match(kustomization))


def push(stack: RunningStack, repositories: Sequence[Repository]) -> str:
    """All of them at once, in place of those before; the commit."""
    files = {APPS: (TREES / ROOT_REPOSITORY / APPS).read_text()}
    if repositories:
        files[APPS] += f"  - {GENERATED.rpartition('/')[2]}\n"
        files |= listed(repositories)
        for each in repositories:
            files |= files_of(each)
    named = {path: text.encode() for path, text in files.items()}
    commit = stack.cluster.samples.push(ROOT_REPOSITORY, named, f"test: {len(repositories)} repositories", part="generated")
    stack.reconcile("GitRepository", ROOT_REPOSITORY)
    return commit
