"""`dependsOn`: what a Kustomization or a HelmRelease waits for."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial

from flux.any_shape import entries, shown, text
from flux.finding import STACK_AND_GIT, Finding
from flux.kinds import APPLIERS, controller_of
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.relations import dependencies
from flux.rules.rule import rule

Graph = Mapping[ObjectReference, list[ObjectReference]]
"""Object → what it waits for."""


@rule(looks_at=STACK_AND_GIT)
def dependency_is_known(plan: Plan) -> Iterator[Finding]:
    """A Kustomization or HelmRelease depends only on those of its own kind that exist, or that the stack file declares to be in Git.

    Flux waits forever for a dependency that does not exist, as for one that is not ready (kustomize-controller, checkDependencies).
    HelmReleases of the stack are not checked, because a stack file cannot declare those in Git.
    """
    for item in plan.of_kind(*APPLIERS):
        if item.kind == "HelmRelease" and not item.is_in_git:
            continue
        for path, target in dependencies(item):
            if plan.find(target) or plan.is_external(target) or plan.is_unknown(target):
                continue
            instead = _instead(plan, item, target)
            yield item.wrong(
                path,
                f"names {item.kind} {shown(target.name)}{_where(item, target)}, which is not in {plan.whole}",
                "Flux would wait for it forever.",
                plan.planned.left_out.get(target) or instead.text,
                certain=instead.is_certain or plan.is_all_that_there_is(item),
            )


@dataclass(frozen=True)
class _Instead:
    text: str
    is_certain: bool = False


def _where(item: PlannedObject, target: ObjectReference) -> str:
    return f" in namespace {shown(target.namespace)}" if item.is_in_git and target.namespace != FLUX_NAMESPACE else ""


def _instead(plan: Plan, item: PlannedObject, target: ObjectReference) -> _Instead:
    elsewhere = [each.namespace for each in plan.of_kind(item.kind) if each.name == target.name]
    other = next((kind for kind in APPLIERS if kind != item.kind and plan.find(target._replace(kind=kind))), None)
    known = [*plan.names(item.kind, target.namespace), *(plan.planned.external_kustomizations if item.kind == "Kustomization" else ())]
    others = [name for name in known if name != item.name]
    if elsewhere:
        write = "Write" if target.namespace != item.namespace else "Add"
        instead = _Instead(f"{write} namespace: {min(elsewhere)}", is_certain=True)
    elif other:
        instead = _Instead(f"Name a {item.kind}: {target.name} is a {other}", is_certain=True)
    else:
        instead = _Instead(f"Write {plan.instead_of(target.name, others)}" if others else "Remove it")
    if not item.is_in_git:
        return replace(instead, text=f"{instead.text}, or list it in gitops:externalKustomizations if it lives in Git.")
    return replace(instead, text=f"{instead.text}." if instead.is_certain else f"{instead.text}, or add the {item.kind}.")


@rule(looks_at=STACK_AND_GIT)
def nothing_waits_for_itself(plan: Plan) -> Iterator[Finding]:
    """No Kustomization or HelmRelease depends on itself, directly or through others.

    Flux does not detect a cycle: it never applies any of its objects. A dependency with its own `readyExpr` does not count, unless the
    feature gate AdditiveCELDependencyCheck requires readiness as well.
    """
    for kind in APPLIERS:
        for cycle in map(partial(_from_git, plan), cycles(_graph(plan, kind))):
            item = plan.find(cycle[0])
            if item is None:
                continue
            path = next(path for path, target in dependencies(item) if target == cycle[1])
            if len(cycle) == 2:
                yield item.wrong(path, f"makes this {kind} depend on itself", "Flux would never apply it.", "Remove the dependency.")
            else:
                chain = " → ".join(_short(reference, item) for reference in cycle)
                yield item.wrong(
                    path, f"closes a cycle: {chain}", "Flux would never apply any of them.", "Remove the dependency that is not needed."
                )


def _graph(plan: Plan, kind: str) -> dict[ObjectReference, list[ObjectReference]]:
    additive = plan.gate(controller_of(kind), "AdditiveCELDependencyCheck") is True
    graph: dict[ObjectReference, list[ObjectReference]] = {}
    for item in plan.of_kind(kind):
        expressions = {path for path, entry in entries(item.spec, "dependsOn") if text(entry, "readyExpr")}
        waits_for = [target for path, target in dependencies(item) if additive or path[1:] not in expressions]
        graph.setdefault(item.reference, []).extend(waits_for)
    return graph


def _from_git(plan: Plan, cycle: list[ObjectReference]) -> list[ObjectReference]:
    """The same cycle, beginning at an object of Git if there is one: only who reads Git knows it."""
    begins = next((index for index, node in enumerate(cycle) if (item := plan.find(node)) and item.is_in_git), 0)
    return [*cycle[begins:-1], *cycle[:begins], cycle[begins]]


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


def _short(reference: ObjectReference, seen_from: PlannedObject) -> str:
    same = reference.namespace == seen_from.namespace
    return reference.name if same else f"{reference.namespace}/{reference.name}"
