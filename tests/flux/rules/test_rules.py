"""All rules together: listed, in order, and never broken by what a schema refuses."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flux.any_shape import is_harmless, shown
from flux.rules import PlannedObjects, check, rules
from flux.rules.plan import Plan
from tests.flux.rules.plans import GROUPS, git, ks, planned, said

KINDS = [*GROUPS, "GitRepository", "OCIRepository", "HelmRepository", "HelmChart", "Bucket"]
FIELDS = ["url", "ref", "type", "path", "sourceRef", "chartRef", "chart", "spec", "dependsOn", "secretRef", "name", "namespace", "kind"]
FIELDS += [
    "postBuild",
    "substitute",
    "substituteFrom",
    "decryption",
    "healthChecks",
    "resources",
    "policy",
    "address",
    "layerSelector",
    "include",
]
FIELDS += [
    "interval",
    "provider",
    "serviceAccountName",
    "apiVersion",
    "suspend",
    "wait",
    "readyExpr",
    "certSecretRef",
    "proxySecretRef",
    "decryption",
    "sources",
    "repository",
    "eventSources",
]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 2) | st.sampled_from(["", "a", "gitea", "0s", "oci://a/b:c", "ssh://x", "sops", *KINDS]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=4),
    max_leaves=12,
)
BODIES = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "apiVersion": st.just("x.fluxcd.io/v1"),
        "metadata": st.just({"name": "a", "namespace": "flux-system"}),
    },
    optional={"spec": st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8) | VALUES},
)


@pytest.mark.thorough
@settings(max_examples=60)
@given(st.lists(BODIES | VALUES.map(lambda value: value if isinstance(value, dict) else {}), max_size=3))
def test_no_shape_of_a_body_breaks_a_rule(bodies: list[dict[str, Any]]) -> None:
    flags = {"kustomize-controller": {"no-cross-namespace-refs": True, "feature-gates": [1, "a", "b="]}, "helm-controller": None}
    stack = planned(*bodies, flags=flags)
    assert check(stack) == check(stack)


def test_every_rule_is_listed_with_what_it_asks_and_why() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names)) > 30
    for rule in rules():
        assert rule.summary.endswith(".")
        assert rule.summary.count(". ") == 0, f"{rule.name}: the first paragraph is one sentence"
        assert rule.reason.endswith((".", ")")), f"{rule.name} says why"


def test_everything_is_told_at_once_in_the_order_of_the_objects() -> None:
    bodies = [ks("late", source="missing"), git("first", ref=None, interval="0s"), ks("early", wait=True, healthChecks=[{"kind": "X"}])]
    sentences = said(*bodies, kubernetes_version="1.20")
    assert [" ".join(sentence.split(" ")[:2]) for sentence in sentences] == [
        "stack file",
        "Kustomization/flux-system/late spec.sourceRef:",
        "GitRepository/flux-system/first spec.ref:",
        "GitRepository/flux-system/first spec.interval:",
        "Kustomization/flux-system/early spec.sourceRef:",
        "Kustomization/flux-system/early spec.healthChecks:",
    ]


def test_an_empty_stack_has_no_problems() -> None:
    assert said() == []


def test_a_secret_in_place_of_a_name_is_never_repeated() -> None:
    marker = "hunter2" + "QUJD" * 5
    bodies = [
        git(url=f"https://bot:{marker}@git.test/r.git"),
        git("scp", url=f"git@git.test:{marker}"),
        ks("a", source=marker, path=f"./{marker}"),
        ks("b", source=marker, path=f"./{marker}"),
        ks("c", dependsOn=[{"name": marker}], postBuild={"substituteFrom": [{"kind": "Secret", "name": marker}]}),
    ]
    sentences = said(*bodies)
    assert len(sentences) >= 6
    assert [sentence for sentence in sentences if marker in sentence] == []


@pytest.mark.parametrize(
    "value",
    ["AGE-SECRET-KEY-1QQQ", "-----BEGIN OPENSSH PRIVATE KEY-----", "x" * 81, "two\nlines", "ghp0123456789ABCDEFGHIJ", "ssh://a:b@c"],
)
def test_what_could_be_a_secret_is_not_shown(value: str) -> None:
    assert not is_harmless(value)
    assert value not in shown(value)


@pytest.mark.parametrize(
    "value", ["argo-workflows", "5 minutes", "./kubernetes/apps", "ssh://git@github.com/org/repo.git", "production-cluster-2026"]
)
def test_names_and_paths_are_shown(value: str) -> None:
    assert shown(value) == f'"{value}"'


def test_names_to_write_instead_are_the_nearest_or_all() -> None:
    plan = Plan(planned())
    assert plan.instead_of("cluster-var", ["cluster-vars", "apps"]) == "cluster-vars"
    assert plan.instead_of("zzz", ["a", "b", "c"]) == "a, b or c"
    assert plan.instead_of("zzz", ["a"]) == "a"
    assert plan.instead_of("zzz", []) == ""


def test_planned_objects_hold_no_secret_value() -> None:
    assert set(PlannedObjects.__dataclass_fields__) == {
        "environment",
        "bodies",
        "secrets",
        "config_maps",
        "external_kustomizations",
        "flux_version",
        "kubernetes_version",
        "flags",
        "shards",
        "components",
        "unknown",
        "known_to_a_cloud",
        "registries",
        "entry_keys",
        "insecure_hosts",
        "from_git",
        "left_out",
        "other_makers",
        "brought",
        "made_by_others",
        "unclear_namespaces",
        "secrets_of_git",
        "served",
    }
