"""Of repositories that nobody wrote, `gitops compare --repository` says what kustomize-controller then does, object by object.

Twenty of them belong to `make test`; GITOPS_TEST_SEEDS=200 has more, in lots of twenty (`make soak`), and 20-39,80-99 these.
"""

import os
import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
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

SEEDS = os.environ.get("GITOPS_TEST_SEEDS", "20")
LOT = 20
MOST_UNCERTAIN, FEWEST_OBJECTS = 0.15, 40
"""Of a lot: what part of what is said may be uncertain, which agrees with two outcomes, and how many objects the edits have to reach.
In the lots of docs/soak.md, 4 to 10 % were uncertain, and 83 to 135 objects came, changed or went.
"""
APPS = "kubernetes/apps/kustomization.yaml"
SETTLED_SECONDS = 480
"""How long seventy Kustomizations may take on a machine that has other work, too: a quiet one needs a minute."""
LATEST_SECONDS = 30
"""How long an object may take that goes after its Kustomization is gone."""
CALLED = re.compile(r"\bg\d{3}\b")
"""The directory of a repository, which its namespaces and its Kustomizations have in their names."""


def test_what_is_said_of_repositories_that_nobody_wrote_is_what_flux_does(synced: RunningStack, tmp_path: Path) -> None:
    wrong: list[str] = []
    for lot in lots(SEEDS):
        wrong += disagreements(synced, lot, tmp_path / str(lot.start))
    assert not wrong, "\n".join(wrong)


def lots(written: str) -> Iterator[range]:
    """`40` → 0 to 19, 20 to 39; `20-39,80-99` → these."""
    for part in written.split(","):
        first, _, last = part.rpartition("-")
        numbers = range(int(first), int(last) + 1) if first else range(int(last))
        yield from (numbers[start : start + LOT] for start in range(0, len(numbers), LOT))


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
    named = [f"{each} (repository {(found := CALLED.findall(each)[0])}: {', '.join(heads[found][1])})" for each in wrong]
    return named + [f"repositories {seeds}: {each}" for each in proving_little(len(seeds), did, said)]


def proving_little(repositories: int, did: Mapping[str, str], said: Mapping[str, set[str]]) -> Iterator[str]:
    """Why agreement would say little of a lot."""
    uncertain = sum(len(each) > 1 for each in said.values())
    if uncertain > MOST_UNCERTAIN * len(said):
        yield f"{uncertain} of the {len(said)} objects of which something is said are uncertain"
    if len(did) * LOT < FEWEST_OBJECTS * repositories:
        yield f"only {len(did)} objects came, changed or went"


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
