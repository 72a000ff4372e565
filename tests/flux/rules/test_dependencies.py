"""What a Kustomization waits for."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flux.object_reference import ObjectReference
from flux.rules.dependencies import cycles
from tests.flux.rules.plans import found, git, ks, release, said


def after(*names: str) -> list[dict[str, str]]:
    return [{"name": name} for name in names]


def test_a_chain_is_fine() -> None:
    assert said(git(), ks("vars"), ks("apps", dependsOn=after("vars")), ks("late", dependsOn=after("vars", "apps"))) == []


def test_an_unknown_dependency_names_the_nearest() -> None:
    assert said(git(), ks("cluster-vars"), ks("apps", dependsOn=after("cluster-var"))) == [
        'Kustomization/flux-system/apps spec.dependsOn[0]: names Kustomization "cluster-var", which is not in this stack. Flux '
        "would wait for it forever. Write cluster-vars, or list it in gitops:externalKustomizations if it lives in Git."
    ]


def test_an_unknown_dependency_of_the_only_kustomization_is_to_be_removed() -> None:
    (sentence,) = said(git(), ks(dependsOn=after("infra")))
    assert sentence.endswith("Flux would wait for it forever. Remove it, or list it in gitops:externalKustomizations if it lives in Git.")


def test_a_dependency_in_another_namespace_is_looked_for_there() -> None:
    there = [git(), git(namespace="team"), ks("infra", namespace="team")]
    assert said(*there, ks(dependsOn=[{"name": "infra", "namespace": "team"}])) == []
    (sentence,) = said(*there, ks(dependsOn=after("infra")))
    assert "Add namespace: team, or list it in gitops:externalKustomizations" in sentence


def test_a_kustomization_that_lives_in_git_is_known_when_declared() -> None:
    declared = frozenset({"infra", "team/db"})
    assert said(git(), ks(dependsOn=[*after("infra"), {"name": "db", "namespace": "team"}]), external_kustomizations=declared) == []
    (sentence,) = said(git(), ks(dependsOn=after("db")), external_kustomizations=declared)
    assert 'names Kustomization "db", which is not in this stack' in sentence


def test_releases_in_git_cannot_be_declared_so_they_are_not_judged() -> None:
    assert said(release(dependsOn=after("brought-by-git"))) == []


def test_a_cycle_is_printed_from_its_first_name_and_once() -> None:
    bodies = [git(), ks("c", dependsOn=after("a")), ks("b", dependsOn=after("c")), ks("a", dependsOn=after("free", "b")), ks("free")]
    assert said(*bodies, ks("behind", dependsOn=after("a"))) == [
        "Kustomization/flux-system/a spec.dependsOn[1]: closes a cycle: a → b → c → a. Flux would never apply any of them. Remove "
        "the dependency that is not needed."
    ]


def test_two_cycles_are_two_problems() -> None:
    bodies = [git(), *(ks(name, dependsOn=after(other)) for name, other in ("ab", "ba", "xy", "yx"))]
    assert [finding.message.wrong for finding in found(*bodies)] == ["closes a cycle: a → b → a", "closes a cycle: x → y → x"]


def test_a_cycle_across_namespaces_shows_the_other_namespace() -> None:
    there = ks("b", namespace="team", dependsOn=[{"name": "a", "namespace": "flux-system"}])
    (sentence,) = said(git(), git(namespace="team"), ks("a", dependsOn=[{"name": "b", "namespace": "team"}]), there)
    assert "closes a cycle: a → team/b → a." in sentence


def test_a_release_that_depends_on_itself_would_wait_for_ever() -> None:
    assert said(release(dependsOn=after("other", "web"))) == [
        "HelmRelease/flux-system/web spec.dependsOn[1]: makes this HelmRelease depend on itself. Flux would never apply it. Remove "
        "the dependency."
    ]


def test_an_expression_of_ones_own_may_close_a_cycle_unless_readiness_is_asked_for_as_well() -> None:
    bodies = [git(), ks("a", dependsOn=[{"name": "b", "readyExpr": "dep.metadata.name == 'b'"}]), ks("b", dependsOn=after("a"))]
    assert said(*bodies) == []
    assert len(said(*bodies, flags={"kustomize-controller": {"feature-gates": "A=false,AdditiveCELDependencyCheck=true"}})) == 1


def test_a_chain_of_thousands_needs_no_deep_recursion() -> None:
    chain = [identity(index) for index in range(5000)]
    graph = {node: [target] for node, target in pairwise(chain)}
    assert cycles({**graph, chain[-1]: []}) == []
    (closed,) = cycles({**graph, chain[-1]: [chain[0]]})
    assert len(closed) == 5001


def identity(index: int) -> ObjectReference:
    return ObjectReference("Kustomization", "flux-system", f"{index:04}")


@pytest.mark.thorough
@given(st.dictionaries(st.integers(0, 6), st.lists(st.integers(0, 8), max_size=3), max_size=7))
def test_a_cycle_is_found_exactly_where_a_node_can_reach_itself(edges: dict[int, list[int]]) -> None:
    graph = {identity(node): [identity(target) for target in targets] for node, targets in edges.items()}

    found = cycles(graph)

    for cycle in found:
        assert cycle[0] == cycle[-1] == min(cycle)
        assert len(set(cycle)) == len(cycle) - 1
        assert all(target in graph[node] for node, target in pairwise(cycle))
    on_a_cycle = {node for node in edges if node in reachable(edges, node)}
    groups = {
        frozenset(other for other in on_a_cycle if other in reachable(edges, node) and node in reachable(edges, other))
        for node in on_a_cycle
    }
    assert sorted(cycle[0] for cycle in found) == sorted(identity(min(group)) for group in groups)


def reachable(edges: dict[int, list[int]], start: int) -> set[int]:
    seen: set[int] = set()
    for _ in range(len(edges) + 1):
        seen |= {target for node in ({start} | seen) for target in edges.get(node, [])} if seen or start in edges else set()
    return seen
