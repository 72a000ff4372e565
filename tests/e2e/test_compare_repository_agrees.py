"""What `gitops compare --repository` says of a change is what kustomize-controller then does, object by object: many changes, one push."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from devcluster.gitea.encrypted_files import RULES, encrypt
from devcluster.gitea.sample_repositories import ROOT_REPOSITORY, TREES
from tests.e2e.running_stack import CLONE, RunningStack, eventually
from tests.gitops.compare.synced_builders import ROOT, Body, SyncedChange, simple
from tests.gitops.compare.synced_changes import CHANGES, files_of

APPS = "kubernetes/apps/kustomization.yaml"
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"
LISTS = {
    "ConfigMap": "/api/v1/configmaps",
    "Secret": "/api/v1/secrets",
    "Namespace": "/api/v1/namespaces",
    "Deployment": "/apis/apps/v1/deployments",
    "Kustomization": KUSTOMIZATIONS,
    "HelmRelease": "/apis/helm.toolkit.fluxcd.io/v2/helmreleases",
}
OWNER = "kustomize.toolkit.fluxcd.io/name"
NOT_COMPARED = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "finalizers")
ENCRYPTED = {"changes": ("first", "second"), "same": ("same", "same")}
Objects = dict[str, Body]


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


def clone_of(stack: RunningStack, folder: Path, repository: str = ROOT_REPOSITORY) -> Path:
    """A clone, as the CI of the repository has it."""
    bare = stack.cluster.home.directory / "gitea" / "clones" / f"{repository}.git"
    folder.mkdir(exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", str(bare), str(folder / "clone")], check=True)
    return folder / "clone"


def compared(stack: RunningStack, clone: Path, base: str, head: str, source: str = ROOT_REPOSITORY, code: int = 1) -> Any:
    command = ("--cwd", str(CLONE), "compare", "--repository", source, base, head, "--stack", stack.name, "--output", "json")
    done = stack.gitops(*command, expect=code, clone=clone)
    return json.loads(done.printed)


def not_applied(stack: RunningStack, commit: str, held: set[str] | tuple[str, ...], source: str = ROOT_REPOSITORY) -> list[str]:
    """The Kustomizations that are not yet where they will be."""
    with stack.cluster.kube as kube:
        found = (kube.get(KUSTOMIZATIONS) or {})["items"]
    ours = [each for each in found if each["spec"]["sourceRef"]["name"] == source]
    return [each["metadata"]["name"] for each in ours if not is_there(each, commit, is_held=each["metadata"]["name"] in held)]


def being_deleted(stack: RunningStack) -> list[str]:
    return [name for name, body in applied_by_flux(stack).items() if body["metadata"].get("deletionTimestamp")]


def is_there(body: Body, commit: str, *, is_held: bool) -> bool:
    status = body.get("status", {})
    if body["metadata"].get("deletionTimestamp") or (status.get("observedGeneration") != body["metadata"]["generation"] and not is_held):
        return False
    ready: Body = next((each for each in status.get("conditions", []) if each["type"] == "Ready"), {})
    if not is_held:
        return ready.get("status") == "True" and str(status.get("lastAppliedRevision")).endswith(commit)
    told = str(ready.get("message"))
    is_waiting = ready.get("reason") == "DependencyNotReady" or str(status.get("lastAttemptedRevision")).endswith(commit)
    return bool(body["spec"].get("suspend")) or (ready.get("status") == "False" and is_waiting and bool(told))


def applied_by_flux(stack: RunningStack) -> Objects:
    """`ConfigMap agreement/it` → the object, of all that a Kustomization applied."""
    found: Objects = {}
    with stack.cluster.kube as kube:
        for kind, path in LISTS.items():
            for item in (kube.get(path) or {})["items"]:
                if OWNER in item["metadata"].get("labels", {}):
                    namespace = item["metadata"].get("namespace")
                    found[f"{kind} {namespace}/{item['metadata']['name']}" if namespace else f"{kind} {item['metadata']['name']}"] = item
    return found


def difference(before: Objects, after: Objects) -> dict[str, str]:
    """Object → what became of it."""
    found = dict.fromkeys(before.keys() - after.keys(), "removed") | dict.fromkeys(after.keys() - before.keys(), "added")
    for name in before.keys() & after.keys():
        if before[name]["metadata"]["uid"] != after[name]["metadata"]["uid"]:
            found[name] = "recreated"
        elif content(before[name]) != content(after[name]):
            found[name] = "changed"
    return found


def content(body: Body) -> Body:
    metadata = {key: value for key, value in body["metadata"].items() if key not in NOT_COMPARED}
    return {**{key: value for key, value in body.items() if key != "status"}, "metadata": metadata}


def predicted(told: Any) -> dict[str, str]:
    """Object → what becomes of it, as the JSON says."""
    return {each["object"]: change["action"] for change in told["changes"] for each in change["objects"]}
