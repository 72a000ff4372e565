"""What kustomize-controller made of a commit, object by object, and what `gitops compare --repository` had said of it."""

import json
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devcluster.gitea.sample_repositories import ROOT_REPOSITORY
from tests.e2e.running_stack import CLONE, RunningStack
from tests.gitops.compare.synced_builders import FLUX, Body

KUSTOMIZATIONS = f"/apis/{FLUX}/v1/namespaces/flux-system/kustomizations"
LISTS = {
    "ConfigMap": "/api/v1/configmaps",
    "Secret": "/api/v1/secrets",
    "ServiceAccount": "/api/v1/serviceaccounts",
    "Namespace": "/api/v1/namespaces",
    "Deployment": "/apis/apps/v1/deployments",
    "Kustomization": KUSTOMIZATIONS,
    "HelmRelease": "/apis/helm.toolkit.fluxcd.io/v2/helmreleases",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "WorkflowTemplate": "/apis/argoproj.io/v1alpha1/workflowtemplates",
}
OWNER = f"{FLUX}/name"
NOT_COMPARED = ("managedFields", "resourceVersion", "generation", "creationTimestamp", "uid", "finalizers")
Objects = dict[str, Body]


def clone_of(stack: RunningStack, folder: Path, repository: str = ROOT_REPOSITORY) -> Path:
    """A clone, as the CI of the repository has it."""
    bare = stack.cluster.home.directory / "gitea" / "clones" / f"{repository}.git"
    folder.mkdir(exist_ok=True)
    subprocess.run(["git", "clone", "--quiet", str(bare), str(folder / "clone")], check=True)
    return folder / "clone"


def compared(stack: RunningStack, clone: Path, base: str, head: str, source: str = ROOT_REPOSITORY, code: int | None = 1) -> Any:
    """The JSON of the command."""
    command = ("--cwd", str(CLONE), "compare", "--repository", source, base, head, "--stack", stack.name, "--output", "json")
    done = stack.gitops(*command, expect=code, clone=clone)
    return json.loads(done.printed)


def kustomizations(stack: RunningStack, source: str = ROOT_REPOSITORY) -> list[Body]:
    """Those that apply from a repository."""
    with stack.cluster.kube as kube:
        found = (kube.get(KUSTOMIZATIONS) or {})["items"]
    return [each for each in found if each["spec"]["sourceRef"]["name"] == source]


def not_applied(stack: RunningStack, commit: str, held: set[str] | tuple[str, ...], source: str = ROOT_REPOSITORY) -> list[str]:
    """The Kustomizations that are not yet where they will be."""
    found = kustomizations(stack, source)
    return [each["metadata"]["name"] for each in found if not is_there(each, commit, is_held=each["metadata"]["name"] in held)]


def being_deleted(stack: RunningStack) -> list[str]:
    """Objects that Flux applied, and that have still to go."""
    return [name for name, body in applied_by_flux(stack).items() if body["metadata"].get("deletionTimestamp")]


def ready_of(body: Body) -> Body:
    """Its condition Ready; empty without one."""
    conditions = body.get("status", {}).get("conditions", [])
    found: Body = next((each for each in conditions if each["type"] == "Ready"), {})
    return found


def is_there(body: Body, commit: str, *, is_held: bool) -> bool:
    """Whether it is where it will be."""
    status = body.get("status", {})
    if body["metadata"].get("deletionTimestamp") or (status.get("observedGeneration") != body["metadata"]["generation"] and not is_held):
        return False
    ready = ready_of(body)
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
            for item in (kube.get(path) or {}).get("items", []):
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
    """Without what the API server writes."""
    metadata = {key: value for key, value in body["metadata"].items() if key not in NOT_COMPARED}
    return {**{key: value for key, value in body.items() if key != "status"}, "metadata": metadata}


def predicted(told: Any) -> dict[str, str]:
    """Object → what becomes of it, as the JSON says."""
    return {each["object"]: change["action"] for change in told["changes"] for each in change["objects"]}


class Settling:
    """Whether every Kustomization of a repository is where it will stay at a commit, as Flux itself says: applied, failed or waiting."""

    def __init__(self, stack: RunningStack, commit: str) -> None:
        """Nothing is asked yet."""
        self._stack, self._commit = stack, commit
        self._settled: set[str] = set()
        self._now: dict[str, Body] = {}

    def not_yet(self) -> dict[str, str]:
        """The others, and what Flux says of them."""
        self._now = {each["metadata"]["name"]: each for each in kustomizations(self._stack)}
        for _ in self._now:  # parents first, then what depends on one another
            new = {name for name in self._now.keys() - self._settled if self._is_settled(name)}
            if not new:
                break
            self._settled |= new
        return {name: str(ready_of(self._now[name]).get("message")) for name in self._now.keys() - self._settled}

    def _is_settled(self, name: str) -> bool:
        body = self._now[name]
        status, ready = body.get("status", {}), ready_of(body)
        parent = body["metadata"].get("labels", {}).get(OWNER)
        if body["metadata"].get("deletionTimestamp") or (parent in self._now and parent not in self._settled):
            return False
        if body["spec"].get("suspend"):
            return True
        if ready.get("observedGeneration") != body["metadata"]["generation"]:
            return False
        if ready.get("status") == "True":
            return self._is_ready(body)
        if ready.get("reason") == "DependencyNotReady":
            needed = [entry["name"] for entry in body["spec"].get("dependsOn", [])]
            return any(each not in self._now or (each in self._settled and not self._is_ready(self._now[each])) for each in needed)
        has_no_path = ready.get("reason") == "ArtifactFailed"  # no attempt is noted of that
        return ready.get("status") == "False" and (has_no_path or str(status.get("lastAttemptedRevision")).endswith(self._commit))

    def _is_ready(self, body: Body) -> bool:
        is_new = str(body.get("status", {}).get("lastAppliedRevision")).endswith(self._commit)
        return is_new and ready_of(body).get("status") == "True"


NOTHING = ""
_MOVED = re.compile(r"(?:moves?|taken) from Kustomization ([^ ;,]+)")
_MOVES = re.compile(r"moves? from Kustomization ([^ ]+) to ([^ ]+)\. Kustomization [^ ]+ (deletes|may delete) (?:it|them) (before|after)")
_OF_MOVES = {
    "deletes before": {"recreated"},
    "may delete before": {"changed", "recreated"},
    "deletes after": {"removed"},
    "may delete after": {"removed", "recreated"},
}


def may_happen(told: Any) -> dict[str, set[str]]:
    """Object → what may become of it, as the JSON says: of most objects, one thing."""
    orders: dict[tuple[str, str], set[str]] = {}
    for each in told["decisions"]:
        for source, target, *order in _MOVES.findall(each["text"]):
            orders.setdefault((source, target), set()).update(_OF_MOVES[" ".join(order)])
    found: dict[str, set[str]] = {}
    for change in told["changes"]:
        for each in change["objects"]:
            found.setdefault(each["object"], set()).update(_outcomes(change, bool(each["fields"]), orders))
    return found


def _outcomes(change: Any, has_fields: bool, orders: Mapping[tuple[str, str], set[str]]) -> set[str]:
    action = change["action"]
    if action == "orphaned":
        return {NOTHING}
    if action == "moved":
        source = next(iter(_MOVED.findall(change["text"])), "")
        return orders.get((source, change["kustomization"]), {"changed"}) | (set() if change["certain"] else {NOTHING})
    if change["certain"]:
        return {action}
    return {action, "changed" if action == "recreated" and has_fields else NOTHING}
