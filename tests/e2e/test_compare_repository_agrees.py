"""What `gitops compare --repository` says of a change is what kustomize-controller then does, object by object: many changes, one push."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devcluster.gitea.encrypted_files import RULES, encrypt
from devcluster.gitea.sample_repositories import ROOT_REPOSITORY, TREES
from tests.e2e.running_stack import RunningStack, eventually
from tests.e2e.what_flux_did import applied_by_flux, being_deleted, clone_of, compared, difference, not_applied, predicted
from tests.gitops.compare.synced_builders import ROOT, SyncedChange, simple
from tests.gitops.compare.synced_changes import CHANGES, files_of

APPS = "kubernetes/apps/kustomization.yaml"
ENCRYPTED = {"changes": ("first", "second"), "same": ("same", "same")}


def test_what_is_said_is_what_flux_does(synced: RunningStack, tmp_path: Path) -> None:
    changes = {**CHANGES, "encrypted": encrypted(synced)}
    with pushing(synced):
        base = push(synced, changes, after=False)
        eventually(lambda: not_applied(synced, base, ()), lambda late: not late, "every Kustomization at the first revision")
        before = applied_by_flux(synced)
        head = push(synced, changes, after=True)
        told = compared(synced, clone_of(synced, tmp_path), base, head)
        held = {name for each in changes.values() for name in each.held}
        eventually(lambda: not_applied(synced, head, held), lambda late: not late, "every Kustomization at the second revision")
        after = applied_by_flux(synced)

    said, did = predicted(told), difference(before, after)
    moved = {name for each in changes.values() for name in (*each.recreated, *each.taken_over, *each.moved)}
    perhaps = {each["object"] for change in told["changes"] if not change["certain"] for each in change["objects"]}
    orphaned = {name for name, what in said.items() if what == "orphaned"}
    certain = said.keys() - moved - perhaps - orphaned
    assert {name: what for name, what in did.items() if name not in moved | perhaps} == {name: said[name] for name in certain}
    assert all(after[name] == before[name] for name in orphaned), "what stays is not touched"
    for name in perhaps:
        assert did.get(name, said[name]) == said[name], f"{name}: it happens, or not"
    assert {said[name] for name in moved} == {"moved"}
    assert {did[name] for each in changes.values() for name in each.recreated} == {"recreated"}
    assert {did[name] for each in changes.values() for name in each.taken_over} == {"changed"}
    assert {did[name] for each in changes.values() for name in each.moved} <= {"changed", "recreated"}
    assert set(said.values()) >= {"added", "changed", "moved", "orphaned", "removed"}
    assert {each["kind"] for each in told["decisions"]} >= {word for each in changes.values() for word in each.words}
    assert (len(changes) == 33, len(certain) > 40, len(perhaps) < 8) == (True, True, True)


def test_of_another_repository_too(synced: RunningStack, tmp_path: Path) -> None:
    """One without Kustomizations of its own, and with a path without a kustomization.yaml."""
    cluster, previous = synced.cluster, ""
    for number, names in enumerate((("a",), ("a", "b"), ("b",), ())):
        files = {f"agreement/{name}.yaml": config(name, str(number)) for name in names}
        commit = cluster.samples.push("argo", {**files, "AGREEMENT.md": b"a test"}, f"test: {number}", part="agreement")
        before = applied_by_flux(synced)
        synced.reconcile("GitRepository", "argo-workflows")
        eventually(lambda: not_applied(synced, commit, (), "argo-workflows"), lambda late: not late, f"commit {commit}")  # noqa: B023
        if previous:
            clone = clone_of(synced, tmp_path / str(number), "argo")
            assert difference(before, applied_by_flux(synced)) == predicted(compared(synced, clone, previous, commit, "argo-workflows", 0))
        previous = commit


def config(name: str, value: str) -> bytes:
    metadata = {"name": f"agreement-{name}", "namespace": "default"}
    return json.dumps({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"value": value}}).encode()


def encrypted(stack: RunningStack) -> SyncedChange:
    """Secrets for the stack's own key: one changes, the other does not."""
    rules = stack.cluster.samples.read(ROOT_REPOSITORY, RULES)
    assert rules is not None
    sides: list[dict[str, Any]] = [{}, {}]
    for name, values in ENCRYPTED.items():
        path = f"{ROOT}/encrypted/app/{name}.sops.yaml"
        texts = {value: encrypt(path, secret(f"encrypted-{name}", value), rules).decode() for value in set(values)}
        for side, value in zip(sides, values, strict=True):
            side[f"{name}.sops.yaml"] = texts[value]
    return simple("encrypted", *sides)


def secret(name: str, value: str) -> bytes:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": {"value": value}}
    return json.dumps(body).encode()


@contextmanager
def pushing(stack: RunningStack) -> Iterator[None]:
    """Afterwards, the repository is as it was, and Flux, too: other tests follow."""
    original = (TREES / ROOT_REPOSITORY / APPS).read_bytes()
    try:
        yield
    finally:
        commit = stack.cluster.samples.push(ROOT_REPOSITORY, {APPS: original}, "test: as it was", part="agreement")
        stack.reconcile("GitRepository", ROOT_REPOSITORY)
        eventually(lambda: not_applied(stack, commit, ()), lambda late: not late, "every Kustomization as it was")
        eventually(lambda: being_deleted(stack), lambda names: not names, "every pruned object gone: a Namespace takes its objects with it")


def push(stack: RunningStack, changes: dict[str, SyncedChange], *, after: bool) -> str:
    files = {path: text.encode() for path, text in files_of(changes, after=after).items()}
    apps = (TREES / ROOT_REPOSITORY / APPS).read_text() + "  - agreement\n"
    commit = stack.cluster.samples.push(ROOT_REPOSITORY, {**files, APPS: apps.encode()}, f"test: {after}", part="agreement")
    stack.reconcile("GitRepository", ROOT_REPOSITORY)
    return commit
