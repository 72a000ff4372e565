"""Which way a change of network policies, of RBAC and of variables goes: opens or restricts, more or less, empty or refused."""

from typing import Any

import pytest

from gitops.compare.decisions.of_secrets import decisions_of_secrets
from gitops.compare.decisions.of_sources import decisions_of_sources
from gitops.compare.decisions.of_the_release import decisions_of_the_release
from gitops.compare.release_changes import changes_of_installation
from gitops.compare.stack_pair import Body, Pair
from gitops.rendered.stack_view import StackView, object_id

OWN = {"app.kubernetes.io/managed-by": "pulumi", "app.kubernetes.io/part-of": "gitops"}
EVERY_NAMESPACE: list[dict[str, Any]] = [{"namespaceSelector": {}}]


def pair(before: list[Body], after: list[Body], version: str = "v2.9.4") -> Pair:
    views = (StackView(name="it", flux_version=version, objects={object_id(body): body for body in side}) for side in (before, after))
    return Pair(before=next(views), after=next(views))


def body(kind: str, name: str, labels: dict[str, str] | None = None, **rest: Any) -> Body:
    return {"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "flux-system", "labels": labels or {}}, **rest}


def policy(name: str, *rules: dict[str, Any], app: str = "", **rest: Any) -> Body:
    selector = {"matchLabels": {"app": app}} if app else {}
    return body("NetworkPolicy", name, spec={"podSelector": selector, "ingress": list(rules), **rest})


EGRESS = policy("allow-egress", {"from": [{"podSelector": {}}]}, egress=[{}], policyTypes=["Ingress", "Egress"])
SCRAPING = policy("allow-scraping", {"from": EVERY_NAMESPACE, "ports": [{"port": 8080}]})
WEBHOOKS = policy("allow-webhooks", {"from": EVERY_NAMESPACE, "ports": [{"port": 9292}]}, app="notification-controller")
EVERY_WEBHOOK = policy("allow-webhooks", {"from": EVERY_NAMESPACE}, app="notification-controller")
STAYS = "and others stay: no longer allowed is "
NO_LIMIT = "everybody can then reach every port of the controllers; until now, they allowed only"


@pytest.mark.parametrize(
    ("before", "after", "decided"),
    [
        ([WEBHOOKS], [EVERY_WEBHOOK], "NetworkPolicy allow-webhooks opens: ingress[0] allows every port, no longer only ports"),
        ([EVERY_WEBHOOK], [WEBHOOKS], ""),
        ([policy("a", {"from": EVERY_NAMESPACE})], [policy("a", {})], "opens: ingress[0] allows everybody, no longer only from"),
        ([policy("a")], [policy("a", {"ports": [{"port": 1}]})], "NetworkPolicy a opens: an ingress rule comes"),
        ([SCRAPING], [], f"A NetworkPolicy is deleted: {NO_LIMIT} allow-scraping: ingress on port 8080 from every namespace"),
        ([EGRESS, SCRAPING], [], f"2 NetworkPolicies are deleted: {NO_LIMIT} allow-egress: ingress on every port from its own namespace"),
        (
            [EGRESS, SCRAPING],
            [EGRESS],
            "NetworkPolicy allow-scraping is deleted, and others stay: no longer allowed is ingress on port 8080",
        ),
        ([EGRESS, WEBHOOKS], [EGRESS], f"allow-webhooks is deleted, {STAYS}ingress on port 9292 from every namespace\n"),
        ([EGRESS, SCRAPING], [SCRAPING], f"NetworkPolicy allow-egress is deleted, {STAYS}ingress on every port from its own namespace\n"),
        ([SCRAPING, WEBHOOKS], [WEBHOOKS], f"A NetworkPolicy is deleted: {NO_LIMIT} allow-scraping"),
        ([EGRESS, policy("deny", policyTypes=["Egress"])], [EGRESS], ""),
        (
            [policy("deny", policyTypes=["Egress"])],
            [],
            "is deleted: the controllers can then reach everybody; until now, they allowed only",
        ),
    ],
)
def test_a_network_policy_opens_or_restricts(before: list[Body], after: list[Body], decided: str) -> None:
    told = [each.text.plain for each in decisions_of_the_release(pair(before, after))]

    assert len(told) == bool(decided)
    assert decided in "".join(f"{each}\n" for each in told)


def test_a_network_policy_that_restricts_is_a_change_in_words() -> None:
    changes = [each.what.plain for each in changes_of_installation(pair([EVERY_WEBHOOK], [WEBHOOKS]))]

    assert changes == ['restricts: ingress[0] no longer allows every port, only ports [{"port": 9292}]']


def binding(role: str, *subjects: str) -> Body:
    return body(
        "ClusterRoleBinding", "it", roleRef={"name": role}, subjects=[{"kind": "ServiceAccount", "name": each} for each in subjects]
    )


@pytest.mark.parametrize(
    ("before", "after", "decided"),
    [
        (
            [binding("cluster-admin", "a")],
            [binding("edit", "a")],
            "grants edit instead of cluster-admin to a (it is deleted and created anew): fewer rights",
        ),
        (
            [binding("edit", "a")],
            [binding("cluster-admin", "a")],
            "grants cluster-admin instead of edit to a (it is deleted and created anew): every right",
        ),
        (
            [binding("view")],
            [binding("edit")],
            "ClusterRoleBinding it grants edit instead of view to nobody (it is deleted and created anew)",
        ),
        ([binding("edit", "a")], [binding("edit", "a", "b")], "ClusterRoleBinding it grants edit to a, b instead of a"),
        ([], [binding("cluster-admin", "a")], "ClusterRoleBinding it is new: it grants cluster-admin to a"),
        ([binding("edit", "a")], [], "ClusterRoleBinding it is deleted: it grants edit to a"),
    ],
)
def test_rbac_says_which_rights_before_and_after(before: list[Body], after: list[Body], decided: str) -> None:
    assert decided in "".join(each.text.plain for each in decisions_of_the_release(pair(before, after)))


@pytest.mark.parametrize(
    ("version", "gates", "then"),
    [
        ("v2.9.4", "", "Flux applies nothing of that Kustomization"),
        ("v2.8.8", "", "Flux writes empty text"),
        ("v2.9.4", "StrictPostBuildSubstitutions=false", "Flux writes empty text"),
        ("v2.8.8", "A=true,StrictPostBuildSubstitutions=true", "Flux applies nothing of that Kustomization"),
    ],
)
def test_a_variable_that_is_unset_becomes_what_the_release_makes_of_it(version: str, gates: str, then: str) -> None:
    arguments = [f"--feature-gates={gates}"] if gates else []
    template = {"spec": {"containers": [{"name": "manager", "args": arguments}]}}
    controller = body("Deployment", "kustomize-controller", spec={"template": template})
    before, after = (body("ConfigMap", "stack-vars", OWN, data=data) for data in ({"A": "1", "B": "1"}, {"B": "2"}))
    unset, changed = decisions_of_secrets(pair([controller, before], [controller, after], version))

    assert (unset.kind, unset.text.plain) == ("variable-goes", f"Variable A is unset: where Git uses it without a default, {then}")
    assert (changed.kind, changed.text.plain.partition(":")[0]) == ("variable-changes", "Variable B changes")


@pytest.mark.parametrize(("entry", "what"), [("password", "password"), ("identity", "login with the key"), (None, "credential")])
def test_what_is_sent_to_another_server_is_named(entry: str | None, what: str) -> None:
    secrets = [body("Secret", "login", OWN, data={entry: ""})] if entry else []
    before, after = (
        body("GitRepository", "apps", OWN, spec={"url": f"https://{host}/a", "secretRef": {"name": "login"}})
        for host in ("a.test", "b.test")
    )
    (decided,) = decisions_of_sources(pair([*secrets, before], [*secrets, after]))

    assert decided.text.plain.endswith(f"and the {what} in login is sent to https://b.test")
