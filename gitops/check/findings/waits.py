"""Kustomizations that wait for what they bring, which depends on them: Flux never applies it."""

from collections.abc import Iterator
from itertools import pairwise

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.rules.dependencies import cycles
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, error
from gitops.check.follow.kustomize_build import Build
from gitops.check.follow.synced import KUSTOMIZE_GROUP, Synced, World
from gitops.check.repository.documents import items, text


def waiting_findings(world: World) -> Iterator[FileFinding]:
    """One for each cycle of `dependsOn` with `wait` or `healthChecks`; a rule of both sides reports one of `dependsOn` only."""
    known = {each.reference: each for each in [*(synced for synced, _ in world.built), *world.not_built] if _counts(each)}
    depends = {each.reference: [target for target in _dependencies(each) if target in known] for each in known.values()}
    waits = {synced.reference: [child for child in _awaited(synced, result) if child in known] for synced, result in world.built}
    graph = {node: [*depends[node], *waits.get(node, ())] for node in known}
    for cycle in cycles(graph):
        steps = list(pairwise(cycle))
        waiting = next((known[first] for first, second in steps if second not in depends[first]), None)
        last = next((known[first] for first, second in steps if second in depends[first] and known[first].file), None)
        if waiting is None or last is None:
            continue
        how = "wait: true" if waiting.spec.get("wait") is True else "healthChecks"
        chain = " → ".join(each.name for each in cycle)
        told = Message(
            f"{last} depends on {waiting}, which waits for it by {how}"
            if len(steps) == 2
            else f"{last} closes a cycle of dependsOn and of {how} in {waiting}: {chain}",
            "None of them would ever become ready.",
            f"Remove the dependency, or {how} of {waiting}.",
        )
        yield error(requirements.WAITS_FOR_ITS_OWN, *last.place, told, last.line, last.reference)


def _counts(each: Synced) -> bool:
    return not each.is_for_another_cluster and each.spec.get("suspend") is not True


def _dependencies(each: Synced) -> Iterator[ObjectReference]:
    for entry in items(each.spec, "dependsOn"):
        if not text(entry, "readyExpr"):
            yield ObjectReference("Kustomization", text(entry, "namespace") or each.namespace, text(entry, "name"))


def _awaited(synced: Synced, result: Build) -> Iterator[ObjectReference]:
    """The Kustomizations without which it does not become ready."""
    if synced.spec.get("wait") is True:
        for item in result.objects:
            if item.group == KUSTOMIZE_GROUP and item.kind == "Kustomization":
                yield ObjectReference("Kustomization", item.namespace or synced.namespace, item.name)
        return
    for entry in items(synced.spec, "healthChecks"):
        if text(entry, "kind") == "Kustomization":
            yield ObjectReference("Kustomization", text(entry, "namespace") or synced.namespace, text(entry, "name"))
