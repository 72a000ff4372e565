"""`gitops drift` lists what has the stack's mark, and neither the state nor the stack file has any more."""

import json
from dataclasses import replace
from typing import Any

import pytest

from flux.message import Message
from flux.owners_mark import CLUSTER_LABEL, FIELD_MANAGER, STACK_LABEL, TAKEN_ANNOTATION
from gitops.rendered.stack_objects import RenderedStack
from stacks.made_objects import MadeObject
from stacks.words.place import Place
from stacks.words.problems import Problem
from tests.gitops.drift.test_drift import ROOT, Cluster, cluster, run, state

__all__ = ["cluster"]

DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "kustomizations.kustomize.toolkit.fluxcd.io"},
    "spec": {
        "group": "kustomize.toolkit.fluxcd.io",
        "names": {"kind": "Kustomization"},
        "versions": [{"name": "v1beta2", "storage": False}, {"name": "v1", "storage": True}],
    },
    "data": {},
}
KUSTOMIZATIONS = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"


def marked(name: str, **changes: Any) -> dict[str, Any]:
    applied = {"manager": FIELD_MANAGER, "operation": "Apply", "apiVersion": "v1", "fieldsV1": {"f:spec": {}}}
    labels = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "homelab"}
    return {"metadata": {"name": name, "namespace": "flux-system", "labels": labels, "managedFields": [applied], **changes}}


@pytest.fixture
def left(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> Cluster:
    """A cluster that has more with the stack's mark than the state."""
    monkeypatch.setattr("gitops.drift.drift.read_state", lambda *_: state(DEFINITION))
    path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/kustomizations.kustomize.toolkit.fluxcd.io"
    cluster.there[path] = cluster.with_entry(DEFINITION)
    cluster.lists = {
        f"{ROOT}/configmaps": [marked("stack-vars")],
        f"{ROOT}/secrets": [marked("old-login"), marked("sops-age"), marked("taken", annotations={TAKEN_ANNOTATION: "flux"})],
        KUSTOMIZATIONS: [marked("old"), marked("apps")],
    }
    made = RenderedStack(name="dev", settings=None, objects=(), problems=())
    body = {
        "apiVersion": "kustomize.toolkit.fluxcd.io/v1",
        "kind": "Kustomization",
        "metadata": {"name": "apps", "namespace": "flux-system"},
    }
    made = replace(made, objects=(MadeObject(body=body),))
    monkeypatch.setattr("gitops.rendered.stack_objects.render_stack", lambda _: made)
    return cluster


def test_what_only_its_mark_assigns_to_the_stack_is_told_as_what_up_will_remove(left: Cluster) -> None:
    code, printed = run()

    assert code == 1
    assert printed.splitlines() == [
        "Kustomization/flux-system/old",
        "  `pulumi up` will remove it; its spec.prune and spec.deletionPolicy decide whether what it applied is removed",
        "Secret/flux-system/old-login",
        "  `pulumi up` will remove it",
        "2 objects have the mark of stack dev, but neither its file nor Pulumi's state has them any more.",
    ]
    assert set(left.selectors) == {f"{STACK_LABEL}=gitops.dev,{CLUSTER_LABEL}=homelab"}


def test_scripts_read_it_too_and_mending_does_not_remove_it(left: Cluster) -> None:
    code, printed = run("-o", "json", "--mend")

    found = json.loads(printed)
    assert (code, found["fine"], found["mended"], left.written) == (1, False, False, [])
    assert found["leftBehind"] == [
        {"kind": "Kustomization", "namespace": "flux-system", "name": "old", "removedByUp": True},
        {"kind": "Secret", "namespace": "flux-system", "name": "old-login", "removedByUp": True},
    ]


def test_a_stack_file_that_is_refused_may_still_make_it(left: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem(Place(file="Pulumi.dev.yaml"), Message("is wrong", "Nothing.", "Correct it."))
    refused = RenderedStack(name="dev", settings=None, objects=(), problems=(problem,))
    monkeypatch.setattr("gitops.rendered.stack_objects.render_stack", lambda _: refused)

    code, printed = run()
    assert (code, "will remove" in printed) == (1, False)
    assert printed.splitlines()[-2:] == [
        "3 objects have the mark of stack dev, but Pulumi's state does not have them.",
        "Whether its file does is unknown: `pulumi up` would refuse the file. To see why, run: gitops render --stack dev",
    ]
    assert {each["removedByUp"] for each in json.loads(run("-o", "json")[1])["leftBehind"]} == {None}


def test_the_stack_file_is_not_read_if_the_state_has_everything(left: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    left.lists = {path: [] for path in left.lists}
    monkeypatch.setattr("gitops.rendered.stack_objects.render_stack", lambda _: pytest.fail("it takes seconds"))

    assert run()[0] == 0
    assert json.loads(run("-o", "json")[1])["leftBehind"] == []
