"""`dependsOn`: what a Kustomization or a HelmRelease waits for."""

from collections import deque
from collections.abc import Iterator, Mapping

from flux.finding import Finding, Path
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.reading import entries, shown, text

_KINDS = ("Kustomization", "HelmRelease")
_CONTROLLERS = {"Kustomization": "kustomize-controller", "HelmRelease": "helm-controller"}

Graph = Mapping[ObjectReference, list[ObjectReference]]
"""Object → what it waits for."""


def dependency_is_known(plan: Plan) -> Iterator[Finding]:
    """A Kustomization depends only on Kustomizations of this stack, or on those declared to live in Git.

    Flux waits for a dependency that does not exist as for one that is not ready, without an end (kustomize-controller,
    checkDependencies). HelmReleases are not judged: those in Git cannot be declared.
    """
    for item in plan.of_kind("Kustomization"):
        for path, target in dependencies(item):
            if plan.find(target) or plan.is_external(target) or plan.is_unknown(target):
                continue
            known = [*plan.names("Kustomization", target.namespace), *plan.planned.external_kustomizations]
            others = [name for name in known if name != item.identity.name]
            elsewhere = [it.identity.namespace for it in plan.of_kind("Kustomization") if it.identity.name == target.name]
            if elsewhere:
                instead = f"add namespace: {sorted(elsewhere)[0]}"
            else:
                instead = f"write {plan.nearest(target.name, others)}" if others else "remove it"
            yield item.wrong(
                path,
                f"no Kustomization {shown(target.name)} is in this stack or known to live in Git; Flux would wait for it for ever; "
                f"{instead}, or list it under externalKustomizations if it lives in Git",
            )


def nothing_waits_for_itself(plan: Plan) -> Iterator[Finding]:
    """No Kustomization or HelmRelease depends on itself, directly or by way of others.

    Flux does not detect a cycle: none of its objects is ever applied. A dependency with a `readyExpr` of its own does not
    count, unless the gate AdditiveCELDependencyCheck asks for readiness on top of it.
    """
    for kind in _KINDS:
        graph = _graph(plan, kind)
        for cycle in cycles(graph):
            item = plan.find(cycle[0])
            if item is None:
                continue
            path = next(path for path, target in dependencies(item) if target == cycle[1])
            if len(cycle) == 2:
                yield item.wrong(path, f"this {kind} depends on itself; Flux would wait for ever and never apply it; remove the dependency")
            else:
                chain = " → ".join(_short(identity, item) for identity in cycle)
                yield item.wrong(
                    path,
                    f"these depend on each other: {chain}; Flux would wait for ever and apply none of them; "
                    "remove the dependency that is not needed",
                )


def dependencies(item: PlannedObject) -> list[tuple[Path, ObjectReference]]:
    """What `item` waits for, each with its path."""
    found = []
    for path, entry in entries(item.spec, "dependsOn"):
        if name := text(entry, "name"):
            namespace = text(entry, "namespace") or item.identity.namespace
            found.append((("spec", *path), ObjectReference(item.identity.kind, namespace, name)))
    return found


def _graph(plan: Plan, kind: str) -> dict[ObjectReference, list[ObjectReference]]:
    additive = plan.gate(_CONTROLLERS[kind], "AdditiveCELDependencyCheck") is True
    graph: dict[ObjectReference, list[ObjectReference]] = {}
    for item in plan.of_kind(kind):
        expressions = {path for path, entry in entries(item.spec, "dependsOn") if text(entry, "readyExpr")}
        waits_for = [target for path, target in dependencies(item) if additive or path[1:] not in expressions]
        graph.setdefault(item.identity, []).extend(waits_for)
    return graph


def cycles(graph: Graph) -> list[list[ObjectReference]]:
    """One shortest cycle of each group of nodes that can all reach each other, closed (a, b, a), beginning at its least node."""
    found = []
    for group in _strongly_connected(graph):
        members = set(group)
        start = min(group)
        if len(group) == 1 and start not in graph.get(start, ()):
            continue
        found.append(_shortest_cycle(graph, start, members))
    return sorted(found)


def _shortest_cycle(graph: Graph, start: ObjectReference, members: set[ObjectReference]) -> list[ObjectReference]:
    before: dict[ObjectReference, ObjectReference] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for target in graph.get(node, ()):
            if target == start:
                chain = [start, node]
                while chain[-1] != start:
                    chain.append(before[chain[-1]])
                return list(reversed(chain))
            if target in members and target not in before:
                before[target] = node
                queue.append(target)
    raise AssertionError("every node of a strongly connected group lies on a cycle")


def _strongly_connected(graph: Graph) -> list[list[ObjectReference]]:
    """Tarjan's algorithm, without recursion: a chain of a thousand Kustomizations is allowed."""
    order: dict[ObjectReference, int] = {}
    low: dict[ObjectReference, int] = {}
    open_nodes: list[ObjectReference] = []
    is_open: set[ObjectReference] = set()
    groups: list[list[ObjectReference]] = []
    for root in graph:
        work = [(root, iter(graph[root]))] if root not in order else []
        while work:
            node, targets = work[-1]
            if node not in order:
                order[node] = low[node] = len(order)
                open_nodes.append(node)
                is_open.add(node)
            for target in targets:
                if target in graph and target not in order:
                    work.append((target, iter(graph[target])))
                    break
                if target in is_open:
                    low[node] = min(low[node], order[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == order[node]:
                    group = []
                    while node in is_open:
                        group.append(open_nodes.pop())
                        is_open.discard(group[-1])
                    groups.append(group)
    return groups


def _short(identity: ObjectReference, seen_from: PlannedObject) -> str:
    same = identity.namespace == seen_from.identity.namespace
    return identity.name if same else f"{identity.namespace}/{identity.name}"


RULES = (dependency_is_known, nothing_waits_for_itself)
