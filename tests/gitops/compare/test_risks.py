"""What the worst of a change is, in the heading, at each point, and in the JSON; and that the same of several objects is one point."""

from pathlib import Path
from typing import Any

import pytest

from gitops.compare import comparing
from gitops.compare.decisions.of_kustomizations import decisions_of_kustomizations
from gitops.compare.decisions.of_secrets import decisions_of_secrets
from gitops.compare.decisions.of_sources import decisions_of_sources
from gitops.compare.decisions.of_the_release import decisions_of_the_release
from gitops.compare.decisions.of_the_stack import decisions_of_the_stack
from gitops.compare.found_changes import Decision
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from gitops.compare.risks import RISKS, Risk
from gitops.compare.same_changes import decisions_together
from gitops.compare.sentence import say
from gitops.compare.stack_pair import Body, Pair
from gitops.compare.table import render
from gitops.rendered.stack_view import StackView, object_id
from tests.gitops.compare.kinds_of_change import KINDS
from tests.gitops.compare.test_kinds_of_change import comparison_of
from tests.gitops.compare.test_what_opens import OWN, body, pair

WORST = {
    "kustomization-goes-and-prunes": Risk.DELETES,
    "kustomization-goes-and-orphans": Risk.NONE,
    "kustomization-is-suspended-and-gets-other-rights": Risk.STOPS,
    "host-moves-and-its-credential-follows": Risk.SECRET,
    "credential-of-a-source-changes": Risk.MAY_STOP,
    "person-may-decrypt": Risk.SECRET,
    "cluster-pin-changes": Risk.SECRET,
    "cluster-pin-is-removed": Risk.SAFEGUARD,
    "source-becomes-unencrypted": Risk.SAFEGUARD,
    "source-moves-on-its-server": Risk.TRUST,
    "flux-comes-from-elsewhere": Risk.TRUST,
    "network-policies-and-flags-go": Risk.ACCESS,
    "rbac-is-patched": Risk.MAY_STOP,
    "flux-upgrade": Risk.MAY_STOP,
    "variables-change": Risk.MAY_DELETE,
    "controller-and-its-crds-go": Risk.STOPS,
    "stack-goes": Risk.NONE,
}


@pytest.mark.parametrize("kind", WORST)
def test_the_worst_comes_first_and_stands_in_the_heading(kind: str, tmp_path: Path) -> None:
    found = comparison_of(KINDS[kind], tmp_path)
    worst, heading = WORST[kind], markdown(found).splitlines()[0]

    assert found.decisions[0].risk is worst
    assert document(found, 0)["decisions"][0]["risk"] == worst.value
    order = list(Risk)
    ranks = [(not each.risk.words, each.is_later, order.index(each.risk)) for each in found.decisions]
    assert ranks == sorted(ranks)
    if worst is not Risk.NONE:
        risks = list(dict.fromkeys(each.risk_words for each in found.decisions if each.risk_words))
        rest = ", and more to check" if len(risks) > 2 else ""
        assert heading.endswith(f"{', '.join(risks[:2])}{rest}")
        first = f"{risks[0][:1].upper()}{risks[0][1:]}"
        assert f"**Check before merging**\n\n* **{first}:** " in markdown(found)
        assert f"check before merging\n! {risks[0]}: " in render(found, None).plain
    else:
        assert not [risk for risk in Risk if risk.words and risk.words in heading]


def kustomization(name: str = "apps", **spec: Any) -> dict[str, Any]:
    whole = {"path": "./apps", "sourceRef": {"kind": "GitRepository", "name": "apps"}, "prune": True, **spec}
    return {**body("Kustomization", name, OWN, spec=whole), "apiVersion": "kustomize.toolkit.fluxcd.io/v1"}


@pytest.mark.parametrize(
    ("before", "after", "risk"),
    [
        ({}, None, Risk.DELETES),
        ({"prune": False}, None, Risk.NONE),
        ({"deletionPolicy": "Orphan"}, None, Risk.NONE),
        ({"suspend": True}, None, Risk.NONE),
        ({}, {"path": "./b"}, Risk.DELETES),
        ({"prune": False}, {"prune": False, "path": "./b"}, Risk.NONE),
        ({}, {"targetNamespace": "b"}, Risk.DELETES),
        ({"prune": False}, {"prune": False, "namePrefix": "b-"}, Risk.NONE),
        ({"prune": False}, {}, Risk.SAFEGUARD),
        ({}, {"prune": False}, Risk.NONE),
        ({"deletionPolicy": "Orphan"}, {"deletionPolicy": "Delete"}, Risk.SAFEGUARD),
        ({"deletionPolicy": "Delete"}, {"deletionPolicy": "Orphan"}, Risk.NONE),
        ({"deletionPolicy": "Delete"}, {"deletionPolicy": "WaitForTermination"}, Risk.NONE),
        ({}, {"force": True}, Risk.SAFEGUARD),
        ({}, {"suspend": True}, Risk.STOPS),
        ({"suspend": True}, {}, Risk.DELETES),
        ({"suspend": True, "prune": False}, {"prune": False}, Risk.NONE),
        ({}, {"kubeConfig": {"secretRef": {"name": "b"}}}, Risk.SECRET),
        ({"kubeConfig": {"secretRef": {"name": "b"}}}, {}, Risk.NONE),
        ({}, {"serviceAccountName": "b"}, Risk.MAY_STOP),
        ({"serviceAccountName": "b"}, {}, Risk.ACCESS),
        ({"decryption": {"provider": "sops"}}, {}, Risk.MAY_STOP),
    ],
)
def test_a_kustomization_has_the_risk_that_its_sentence_says(before: dict[str, Any], after: dict[str, Any] | None, risk: Risk) -> None:
    (found,) = decisions_of_kustomizations(pair([kustomization(**before)], [] if after is None else [kustomization(**after)]))

    assert found.risk is risk


CLUSTER = {"name": "a", "context": "a", "server": "https://a.test", "caSha256": "a" * 64}


def facts(**changed: Any) -> StackView:
    given: dict[str, Any] = {
        "environment": "production",
        "cluster": {"name": "a", "context": "a", "server": "https://a.test", "caSha256": "a" * 64},
    }
    return StackView(name="it", flux_version=changed.pop("version", "v2.9.4"), facts={**given, **changed})


@pytest.mark.parametrize(
    ("before", "after", "risk"),
    [
        ({"environment": "development"}, {}, Risk.NONE),
        ({}, {"environment": "staging"}, Risk.NONE),
        ({}, {"environment": "development"}, Risk.SAFEGUARD),
        ({}, {"cluster": {**CLUSTER, "name": "b"}}, Risk.DELETES),
        ({}, {"cluster": {**CLUSTER, "context": "b"}}, Risk.NONE),
        ({"cluster": {"name": "a", "context": "a"}}, {"cluster": {"name": "a", "context": "b"}}, Risk.SECRET),
        ({}, {"cluster": {**CLUSTER, "server": "https://b.test"}}, Risk.SECRET),
        ({}, {"cluster": {**CLUSTER, "server": None}}, Risk.SAFEGUARD),
        ({"flux": {"verify": {"provider": "cosign"}}}, {"flux": {}}, Risk.SAFEGUARD),
        ({"flux": {"verify": {"provider": "cosign"}}}, {"flux": {"verify": {"provider": "notation"}}}, Risk.TRUST),
        ({"flux": {"manifests": "a.test/it:v1@sha256:" + "a" * 64}}, {"flux": {"manifests": "a.test/it:v1"}}, Risk.SAFEGUARD),
        ({"flux": {"manifests": "a.test/it:v1"}}, {"flux": {"manifests": "b.test/it:v1"}}, Risk.TRUST),
        ({}, {"version": "v2.8.8"}, Risk.MAY_STOP),
        ({}, {"flux": {"allowDowngrade": True}}, Risk.SAFEGUARD),
        ({}, {"takeOver": ["flux"]}, Risk.SAFEGUARD),
        ({"onDestroy": "keepWorkloads"}, {"onDestroy": "removeWorkloads"}, Risk.SAFEGUARD),
        ({"onDestroy": "removeWorkloads"}, {"onDestroy": "keepWorkloads"}, Risk.NONE),
        ({}, {"age": {"recipients": ["age1a", "age1b"]}}, Risk.SECRET),
    ],
)
def test_a_setting_of_the_stack_has_the_risk_that_its_sentence_says(before: dict[str, Any], after: dict[str, Any], risk: Risk) -> None:
    (found,) = decisions_of_the_stack(Pair(before=facts(**before), after=facts(**after)))

    assert found.risk is risk


def source(host: str = "https://a.test", secret: str = "", **spec: Any) -> Body:
    login = {"secretRef": {"name": secret}} if secret else {}
    return body("GitRepository", "apps", OWN, spec={"url": f"{host}/apps", **login, **spec})


@pytest.mark.parametrize(
    ("before", "after", "risks"),
    [
        (source(), source("https://b.test"), [Risk.TRUST]),
        (source(secret="a"), source("https://b.test", "a"), [Risk.SECRET]),
        (source(), source("http://a.test"), [Risk.SAFEGUARD]),
        (source(secret="a"), source("http://a.test", "a"), [Risk.SECRET]),
        (source(secret="a"), source(secret="new"), [Risk.MAY_STOP]),
        (source(secret="a"), source(secret="other"), [Risk.SECRET]),
        (source(secret="a"), source("https://b.test", "new"), [Risk.SECRET, Risk.SECRET]),
        (source(verify={"mode": "HEAD"}), source(), [Risk.SAFEGUARD]),
        (source(verify={"mode": "HEAD"}), source(verify={"mode": "Tag"}), [Risk.TRUST]),
    ],
)
def test_a_source_has_the_risk_that_its_sentence_says(before: Body, after: Body, risks: list[Risk]) -> None:
    logins = [body("Secret", name, OWN, data={"password": ""}) for name in ("a", "other")]
    found = list(decisions_of_sources(pair([*logins, before], [*logins, after])))

    assert [each.risk for each in found] == risks


def test_a_credential_that_the_server_had_before_is_not_given_away() -> None:
    login = body("Secret", "other", OWN, data={"password": ""})
    second = {**source(secret="other"), "metadata": {"name": "second", "namespace": "flux-system", "labels": OWN}}
    (found,) = decisions_of_sources(pair([login, second, source()], [login, second, source(secret="other")]))

    assert (found.kind, found.risk) == ("credential-is-sent", Risk.MAY_STOP)


def test_a_definition_that_stays_in_the_cluster_deletes_nothing() -> None:
    names = ("alerts", "providers")
    before = [body("CustomResourceDefinition", f"{name}.test", spec={"versions": [{"name": "v1", "served": True}]}) for name in names]
    views = [StackView(name="it", facts={"onDestroy": each}, objects={}) for each in ("keepWorkloads", "removeWorkloads")]
    old = StackView(name="it", objects={object_id(each): each for each in before})
    kept, gone = (decisions_together(("it", each) for each in decisions_of_the_release(Pair(before=old, after=view))) for view in views)

    assert [(each.risk, each.names) for each in (*kept, *gone)] == [
        (risk, ("alerts.test", "providers.test")) for risk in (Risk.NONE, Risk.DELETES)
    ]
    assert gone[0].text.plain == "CRDs alerts.test, providers.test are deleted, and with them every object of their kinds"


def test_a_release_of_flux_without_strict_substitution_stops_nothing() -> None:
    before, after = (body("ConfigMap", "stack-vars", OWN, data=data) for data in ({"A": "1", "B": "2"}, {}))
    strict, not_strict = (
        decisions_together(("it", each) for each in decisions_of_secrets(pair([before], [after], version)))
        for version in ("v2.9.4", "v2.8.8")
    )

    assert [(each.risk, each.names) for each in (*strict, *not_strict)] == [(Risk.MAY_STOP, ("A", "B")), (Risk.NONE, ("A", "B"))]
    assert strict[0].text.plain.startswith("Variables A, B are removed. Flux v2.9.4 substitutes strictly: a ")


def test_the_same_of_several_objects_is_one_point_and_of_other_stacks_another() -> None:
    text = say("Kustomization[|s] {*} no longer [prunes|prune]")
    several = [
        (stack, Decision(kind="prune", says=text, names=(name,), source=say("{}", name)))
        for stack, name in (("a", "x"), ("a", "y"), ("b", "x"), ("b", "y"), ("c", "x"))
    ]
    two, one = decisions_together(several)

    assert (two.stacks, two.told.plain) == (("a", "b"), "Kustomizations x, y no longer prune (x; y).")
    assert (one.stacks, one.told.plain) == (("c",), "Kustomization x no longer prunes (x).")


def test_what_has_another_risk_is_another_point() -> None:
    text = say("It {*}")
    both = [("a", Decision(kind="prune", says=text, names=(name,), instead=risk)) for name, risk in (("x", Risk.NONE), ("y", None))]

    assert [each.names for each in decisions_together(both)] == [("y",), ("x",)]


def test_a_stack_without_a_view_of_the_base_has_no_decision() -> None:
    refused = StackView(name="a", refusals=())
    assert [each.kind for each in comparing.compared({"a": refused}, {}, base="a", head="b").decisions] == ["stack-goes"]
    assert set(RISKS.values()) == set(Risk)


def test_no_value_of_a_file_is_among_the_words() -> None:
    def side(text: str) -> StackView:
        cluster = dict.fromkeys(("name", "context", "server", "caSha256", "uid"), text)
        flux = {"manifests": f"{text}:v1", "verify": {"provider": text}}
        return facts(
            environment=text, cluster=cluster, flux=flux, onDestroy=text, takeOver=[text], age={"recipients": [text]}, version=text
        )

    found = list(decisions_of_the_stack(Pair(before=side("<a>{}[b|c]"), after=side("<d>{*}[e|f]"))))

    assert len(found) == 9
    assert sum("<d>{*}[e|f]" in each.text.plain for each in found) == 8, "all but the signature's"
    assert not [each for each in found if "<" in each.says.words or "|" in each.says.words]
