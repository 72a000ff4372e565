"""What people change in a running cluster is told with their name, and set back; what they and Flux rightly write is left alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.lifecycle.edits import (
    BY_HAND,
    DEBUGGING,
    EDITED,
    OVERRIDES,
    RESUMED,
    ROOT,
    SOURCES,
    arguments_of,
    change,
    containers_of,
    edit,
    resumed,
    suspending,
)
from tests.e2e.lifecycle.figures import Meantime
from tests.e2e.lifecycle.objects import figure, objects_of, uids
from tests.e2e.running_stack import RunningStack, changed_stack_file


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A stack file that says of one source whether it is suspended."""
    return suspending(tmp_path_factory.mktemp("suspending"))


@pytest.fixture(scope="module")
def edited(living: RunningStack, file: str) -> Iterator[RunningStack]:
    """The stack after a few edits: changed, added, removed, and some that are nobody's business."""
    living.up("--config-file", file)
    edit(living)
    change(living, f"{SOURCES}/mlflow", {"metadata": {"labels": {"gitops.daviestechlabs.io/cluster": None}}})
    yield living
    resumed(living)


def test_each_change_is_told_with_who_made_it_and_nothing_else_is(edited: RunningStack) -> None:
    seen = edited.gitops("drift", "--stack", edited.name, expect=1).printed

    lines = [line.strip() for line in seen.splitlines()]
    by = f"(by {BY_HAND} since "
    assert [line for line in lines if line.startswith("spec.interval: 15m became 7m " + by)]
    assert [line for line in lines if line.startswith("spec.ignore: *.md, which the stack does not declare " + by)]
    assert [line for line in lines if line.startswith("spec.retryInterval: 5s became 9m " + by)]
    assert [line for line in lines if line.startswith("spec.path: ./kubernetes/flux/vars became ./elsewhere " + by)]
    assert [line for line in lines if line.startswith("data.CLUSTER_NAME: dev became other " + by)]
    assert [line for line in lines if line.startswith("data.other.agekey: [secret], which the stack does not declare " + by)]
    assert [line for line in lines if line.startswith(f"spec.replicas: 1 became 2 (by {BY_HAND}")]
    assert "metadata.labels.gitops.daviestechlabs.io/cluster: dev became nothing" in lines
    assert [line for line in lines if line.startswith("rules: ") and by in line]
    assert [line for line in lines if line.startswith("spec.template.spec.containers[1]: ") and "which the stack does not declare" in line]
    assert [line for line in lines if line.startswith("spec.template.spec.containers[0].env[") and '"DEBUG"' in line]
    arguments = f"spec.template.spec.containers[0].args: without --log-level=info and with {DEBUGGING} "
    assert [line for line in lines if line.startswith(arguments + by)]
    assert not [line for line in lines if "spec.interval: 15m, which" in line], "it was changed back"
    assert [line for line in lines if line.startswith("is suspended (by flux since ")]
    assert [line for line in lines if line.startswith("spec.suspend: true became false (by flux since ")], "the stack states it"
    assert "9 of 51 objects of stack dev differ." in seen
    assert {line for line in lines if line in EDITED} == set(EDITED)
    assert "QUFB" not in seen


def test_a_refresh_sees_what_the_stack_declares_and_has_no_conflict(edited: RunningStack, file: str) -> None:
    seen = edited.preview("--refresh", "--diff", "--config-file", file).printed
    assert "7m" in seen
    assert "field conflict" not in seen


def test_mended_it_is_as_it_was_applied(edited: RunningStack, file: str) -> None:
    meantime = Meantime(edited.cluster, uids(objects_of(edited.cluster)))
    edited.gitops("drift", "--stack", edited.name, "--mend", expect=0)
    found = meantime.figures(uids(objects_of(edited.cluster))).show("edits, gitops drift --mend")

    assert (found.lost, found.changed) == ([], [])
    assert "No drift" in edited.gitops("drift", "--stack", edited.name, expect=0).printed
    is_as_applied(edited)
    edited.preview("--expect-no-changes", "--config-file", file)


@pytest.mark.parametrize("option", [None, "--refresh"], ids=["up", "up --refresh"])
def test_up_sets_every_edit_back_without_a_conflict(edited: RunningStack, file: str, option: str | None) -> None:
    edit(edited)
    assert edited.gitops("drift", "--stack", edited.name, expect=1).printed.count(BY_HAND) >= len(EDITED)
    told = edited.preview("--config-file", file).printed
    assert "`pulumi up` will set back what others changed: " in told
    meantime = Meantime(edited.cluster, uids(objects_of(edited.cluster)))

    run = edited.up(*([option] if option else []), "--config-file", file)

    found = meantime.figures(uids(objects_of(edited.cluster))).show(f"edits of {len(EDITED)} objects, pulumi up {option or ''}".rstrip())
    assert (found.lost, found.changed) == ([], [])
    assert "conflict" not in run.printed.lower()
    is_as_applied(edited)
    after = edited.gitops("drift", "--stack", edited.name, expect=0).printed
    assert "No drift" in after
    assert "is suspended (by flux since " in after, "what people rightly write is left alone"
    edited.preview("--expect-no-changes", "--config-file", file)


def test_an_ordinary_change_of_an_edited_field_needs_no_force_and_no_refresh(edited: RunningStack, tmp_path: Path) -> None:
    change(edited, f"{ROOT}/configmaps/stack-vars", {"data": {"CLUSTER_NAME": "other"}})
    file = changed_stack_file(tmp_path, variables={"CLUSTER_NAME": "third", "CLUSTER_DOMAIN": "dev.localhost"})

    edited.up("--config-file", file)

    found = edited.get("ConfigMap", "stack-vars")
    assert found is not None
    assert found["data"]["CLUSTER_NAME"] == "third"
    edited.up()
    figure(f"drift, at the end: {edited.gitops('drift', '--stack', edited.name, expect=0).printed.strip().splitlines()[-1]}")


def test_what_is_suspended_with_kubectl_stays_so_when_up_changes_the_object(living: RunningStack, tmp_path: Path) -> None:
    living.up()
    path = f"{SOURCES}/kubeflow"
    change(living, path, {"spec": {"suspend": True}}, manager="kubectl-patch")
    change(living, path, {"metadata": {"annotations": {"example.org/note": "mine"}}}, manager="kubectl-annotate")
    try:
        living.up("--config-file", changed_stack_file(tmp_path, override={**OVERRIDES, "git/kubeflow": {"spec": {"interval": "11m"}}}))
        found = living.get("GitRepository", "kubeflow") or {}
        assert (found["spec"]["interval"], found["spec"].get("suspend")) == ("11m", True)
        assert found["metadata"]["annotations"]["example.org/note"] == "mine"
        drift = living.gitops("drift", "--stack", living.name, expect=0).printed
        assert "is suspended (by kubectl-patch since " in drift
    finally:
        change(living, path, {"spec": {"suspend": None}}, manager="kubectl-patch")
        change(living, path, {"metadata": {"annotations": {"example.org/note": None}}}, manager="kubectl-annotate")
    living.up()
    assert "suspend" not in (living.get("GitRepository", "kubeflow") or {})["spec"]


def test_a_secret_that_cannot_be_set_back_ends_the_run_and_the_next_one_mends_it(living: RunningStack) -> None:
    living.up()
    path, was = f"{ROOT}/secrets/gitea-read", living.secret("gitea-read")
    change(living, path, {"stringData": {next(iter(was)): "another"}, "immutable": True})
    try:
        refused = living.up(expect=None)
    finally:
        with living.cluster.kube as kube, kube.credentials.client() as client:
            client.delete(path).raise_for_status()

    printed = " ".join(refused.printed.split())
    assert refused.code != 0
    assert "Secret/flux-system/gitea-read cannot be set back: " in printed
    assert "refuses the change: Secret/flux-system/gitea-read data; the reason is not shown, as it may quote values (422)" in printed
    assert "It stays as others left it until then." in printed
    assert "A field that can never change needs a new object: delete it, and `pulumi up` makes it again." in printed
    living.up()
    assert living.secret("gitea-read") == was
    living.preview("--expect-no-changes")


def is_as_applied(stack: RunningStack) -> None:
    """Every object that `edit` changed, as the stack declares it."""
    sources = {name: (stack.get("GitRepository", name) or {})["spec"] for name in ("kubeflow", "mlflow", RESUMED)}
    assert (sources["kubeflow"]["interval"], "ignore" in sources["kubeflow"]) == ("15m", False)
    assert sources["mlflow"]["interval"] == "15m", "what was changed back is not taken away"
    assert sources[RESUMED]["suspend"] is True
    variables = (stack.get("Kustomization", "cluster-vars") or {})["spec"]
    assert (variables["retryInterval"], variables["path"]) == ("5s", "./kubernetes/flux/vars")
    assert "other.agekey" not in stack.secret("sops-age")
    (manager,) = containers_of(stack, "helm-controller")
    assert "DEBUG" not in [each["name"] for each in manager["env"]]
    assert DEBUGGING not in arguments_of(stack, "notification-controller")
    deployment = stack.get("Deployment", "helm-controller")
    assert deployment is not None
    assert deployment["spec"]["replicas"] == 1
