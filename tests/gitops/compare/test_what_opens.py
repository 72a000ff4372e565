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
STRICTLY = (
    "Flux {} substitutes strictly: a Kustomization with a file that uses it without a default fails as a whole, "
    "and what it applied stays as it is"
)
EMPTY = "In a file that uses it without a default, Flux writes empty text"
EVERY_WEBHOOK = policy("allow-webhooks", {"from": EVERY_NAMESPACE}, app="notification-controller")
STAYS = "and others stay. No longer allowed: "
NO_LIMIT = "any pod can then reach every port of Flux's controllers. Until now, only this was allowed:"


@pytest.mark.parametrize(
    ("before", "after", "decided"),
    [
        (
            [WEBHOOKS],
            [EVERY_WEBHOOK],
            "NetworkPolicy allow-webhooks allows ingress on every port instead of only on port TCP 9292. It applies to pods with "
            "app: notification-controller, and then allows ingress on every port from every namespace\n",
        ),
        ([EVERY_WEBHOOK], [WEBHOOKS], ""),
        (
            [policy("a", {"from": EVERY_NAMESPACE})],
            [policy("a", {})],
            "a allows ingress from anywhere instead of only from every namespace. It applies to the pods that it selects, ",
        ),
        (
            [policy("a")],
            [policy("a", {"ports": [{"port": 1}]})],
            "NetworkPolicy a allows ingress on port TCP 1 from anywhere in addition. It applies to ",
        ),
        ([SCRAPING], [], f"A NetworkPolicy is deleted: {NO_LIMIT} ingress on port TCP 8080 from every namespace (allow-scraping)\n"),
        (
            [EGRESS, SCRAPING],
            [],
            f"All 2 NetworkPolicies of Flux are deleted: {NO_LIMIT} ingress on every port from its own namespace, any egress ",
        ),
        (
            [EGRESS, SCRAPING],
            [EGRESS],
            f"NetworkPolicy allow-scraping is deleted, {STAYS}ingress on port TCP 8080",
        ),
        ([EGRESS, WEBHOOKS], [EGRESS], f"allow-webhooks is deleted, {STAYS}ingress on port TCP 9292 from every namespace\n"),
        ([EGRESS, SCRAPING], [SCRAPING], f"NetworkPolicy allow-egress is deleted, {STAYS}ingress on every port from its own namespace\n"),
        ([SCRAPING, WEBHOOKS], [WEBHOOKS], f"A NetworkPolicy is deleted: {NO_LIMIT} ingress on port TCP 8080 "),
        ([EGRESS, policy("deny", policyTypes=["Egress"])], [EGRESS], ""),
        (
            [policy("deny", policyTypes=["Egress"])],
            [],
            "is deleted: Flux's controllers can then reach any address. Until now, only this was allowed: nothing (deny)",
        ),
    ],
)
def test_a_network_policy_opens_or_restricts(before: list[Body], after: list[Body], decided: str) -> None:
    told = [each.text.plain for each in decisions_of_the_release(pair(before, after))]

    assert len(told) == bool(decided)
    assert decided in "".join(f"{each}\n" for each in told)


def test_a_network_policy_that_restricts_is_a_change_in_words() -> None:
    changes = [each.what.plain for each in changes_of_installation(pair([EVERY_WEBHOOK], [WEBHOOKS]))]

    assert changes == ["allows ingress only on port TCP 9292 instead of on every port"]


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
            "gives a the role edit instead of cluster-admin. Kustomizations and HelmReleases that contain objects needing more rights",
        ),
        (
            [binding("edit", "a")],
            [binding("cluster-admin", "a")],
            "gives a the role cluster-admin instead of edit. They may then do everything in the cluster. The ClusterRole",
        ),
        (
            [binding("view")],
            [binding("edit")],
            "ClusterRoleBinding it gives nobody the role edit instead of view. The ClusterRoleBinding is deleted and recreated; in",
        ),
        ([binding("edit", "a")], [binding("edit", "a", "b")], "ClusterRoleBinding it gives the role edit to a, b instead of a"),
        ([], [binding("cluster-admin", "a")], "ClusterRoleBinding it is new. It gives a the role cluster-admin"),
        ([binding("edit", "a")], [], "ClusterRoleBinding it is deleted. It gave a the role edit"),
    ],
)
def test_rbac_says_which_rights_before_and_after(before: list[Body], after: list[Body], decided: str) -> None:
    assert decided in "".join(each.text.plain for each in decisions_of_the_release(pair(before, after)))


@pytest.mark.parametrize(
    ("version", "gates", "then"),
    [
        ("v2.9.4", "", STRICTLY),
        ("v2.8.8", "", EMPTY),
        ("v2.9.4", "StrictPostBuildSubstitutions=false", EMPTY),
        ("v2.8.8", "A=true,StrictPostBuildSubstitutions=true", STRICTLY),
    ],
)
def test_a_variable_that_is_unset_becomes_what_the_release_makes_of_it(version: str, gates: str, then: str) -> None:
    arguments = [f"--feature-gates={gates}"] if gates else []
    template = {"spec": {"containers": [{"name": "manager", "args": arguments}]}}
    controller = body("Deployment", "kustomize-controller", spec={"template": template})
    before, after = (body("ConfigMap", "stack-vars", OWN, data=data) for data in ({"A": "1", "B": "1"}, {"B": "2"}))
    unset, changed = decisions_of_secrets(pair([controller, before], [controller, after], version))

    assert (unset.kind, unset.text.plain) == ("variable-goes", f"Variable A is removed. {then.format(version)}")
    assert (changed.kind, changed.text.plain.partition(":")[0]) == (
        "variable-changes",
        "Variable B changes. Everything that uses it in Git also changes",
    )


@pytest.mark.parametrize(
    ("entry", "what"),
    [("password", "the password of credential"), ("identity", "the login with the key of credential"), (None, "credential")],
)
def test_what_is_sent_to_another_server_is_named(entry: str | None, what: str) -> None:
    secrets = [body("Secret", "login", OWN, data={entry: ""})] if entry else []
    before, after = (
        body("GitRepository", "apps", OWN, spec={"url": f"https://{host}/a", "secretRef": {"name": "login"}})
        for host in ("a.test", "b.test")
    )
    (decided,) = decisions_of_sources(pair([*secrets, before], [*secrets, after]))

    assert f", and {what} login is sent to https://b.test. Anyone who can push there decides" in decided.text.plain
