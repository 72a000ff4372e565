"""What left the stack file while Pulumi's state did not know of it: named in a preview, removed at the end of `up`."""

from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pulumi
import pytest

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_LABEL, FIELD_MANAGER, STACK_LABEL, TAKEN_ANNOTATION
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.errors import LiveError
from live.ownership.wanted_objects import WantedObject
from stacks.inputs.limited_run import LIMITED_RUN, limited_by, limiting_options
from stacks.inputs.own_state import OwnState, StateOutput
from tests.engine import Around
from tests.monitor import Monitor
from tests.record import Record
from tests.shipped_stacks import dev, small
from tests.stacks.guarded_cluster import SECRET, FakeCluster, up, warnings

MARK = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"}
APP = ObjectReference("Kustomization", "flux-system", "app")
SOURCE = ObjectReference("GitRepository", "flux-system", "app")
LOGIN = ObjectReference("Secret", "flux-system", "app-login")
IMAGES = ObjectReference("Deployment", "flux-system", "image-reflector-controller")
ROLE = ObjectReference("ClusterRole", "", "app")


def made(
    name: str,
    labels: Mapping[str, str] | None = None,
    *,
    annotations: Mapping[str, str] | None = None,
    manager: str = FIELD_MANAGER,
    gone: str | None = None,
) -> LiveMetadata:
    entries = [FieldEntry(manager=manager, operation="Apply", api_version="v1", fields_v1={"f:spec": {}})]
    return LiveMetadata(
        name=name,
        namespace="flux-system",
        uid=f"uid-of-{name}",
        labels={**MARK, **(labels or {})},
        annotations=dict(annotations or {}),
        managed_fields=entries,
        deletion_timestamp=gone,
    )


class Removing:
    """A cluster from which things go when they are asked to; what is in `held` does not."""

    def __init__(self) -> None:
        self.when_deleted: Callable[[], None] = lambda: None
        self.deleted: list[list[tuple[str, str]]] = []
        self.held: dict[str, tuple[str, ...]] = {}
        self.error: LiveError | None = None
        self.closed = False

    def delete(self, objects: Mapping[WantedObject, str]) -> None:
        if self.error:
            raise self.error
        self.when_deleted()
        self.deleted.append([(each.path, uid) for each, uid in objects.items()])

    def left(self, objects: Mapping[WantedObject, str]) -> dict[WantedObject, tuple[str, ...]]:
        return {each: self.held[each.reference.name] for each in objects if each.reference.name in self.held}

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def removing(monkeypatch: pytest.MonkeyPatch) -> Removing:
    cluster = Removing()
    monkeypatch.setattr("live.ownership.marked_objects.MarkedObjects", lambda _: cluster)
    return cluster


def with_beside(**beside: LiveMetadata) -> FakeCluster:
    references = {"app": APP, "source": SOURCE, "login": LOGIN, "images": IMAGES, "role": ROLE}
    cluster = FakeCluster({})
    cluster.beside = {references[name]: each for name, each in beside.items()}
    return cluster


def messages(record: Record) -> str:
    return "\n".join(each.text for each in record.log if each.severity == "info")


def test_it_is_removed_once_everything_else_is_applied_and_what_applied_something_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing
) -> None:
    cluster = with_beside(login=made("app-login"), source=made("app"), app=made("app"), images=made("images"), role=made("app"))

    record = up(tmp_path, monkeypatch, cluster)

    assert record.exit_code == 0, record.errors
    assert removing.deleted == [
        [("/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations/app", "uid-of-app")],
        [("/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/app", "uid-of-app")],
        [("/apis/apps/v1/namespaces/flux-system/deployments/image-reflector-controller", "uid-of-images")],
        [
            ("/api/v1/namespaces/flux-system/secrets/app-login", "uid-of-app-login"),
            ("/apis/rbac.authorization.k8s.io/v1/clusterroles/app", "uid-of-app"),
        ],
    ]
    assert removing.closed
    assert "Removes objects of this stack that are no longer in its file or in Pulumi's state: ClusterRole/app, " in messages(record)


def answering(monkeypatch: pytest.MonkeyPatch, change: Callable[[Any, Any], None]) -> None:
    """The engine's answers to registrations, each after `change(request, answer)`."""
    original = Monitor.RegisterResource

    def changed(monitor: Monitor, request: Any) -> Any:
        answer = original(monitor, request)
        change(request, answer)
        return answer

    monkeypatch.setattr(Monitor, "RegisterResource", changed)


def test_the_removal_waits_for_everything_that_the_stack_makes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing) -> None:
    awaited: list[pulumi.Resource] = []
    monkeypatch.setattr("stacks.cluster._when_applied", lambda resources, _: awaited.extend(resources))

    record = up(tmp_path, monkeypatch, with_beside(login=made("app-login")), stack=dev)

    waited_for = Counter(each._name for each in awaited)
    assert waited_for == Counter(each.name for each in record.kubernetes())
    assert removing.deleted == []


@pytest.mark.parametrize("is_failed", [False, True], ids=["left out by --target", "failed under --continue-on-error"])
def test_nothing_is_removed_if_a_resource_was_not_applied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing, *, is_failed: bool
) -> None:
    """As the engine answers: without an id where `--target` leaves out what it would create; else with the id from before."""

    def unapplied(request: Any, answer: Any) -> None:
        if request.type == "kubernetes:core/v1:Service":
            answer.result, answer.unknown = int(is_failed), not is_failed
            answer.id = answer.id if is_failed else ""

    answering(monkeypatch, unapplied)

    assert up(tmp_path, monkeypatch, with_beside(login=made("app-login"))).exit_code == 0
    assert removing.deleted == []


@pytest.mark.parametrize("variable", [LIMITED_RUN, "PULUMI_OPTION_TARGET", "PULUMI_OPTION_EXCLUDE"])
def test_a_run_that_is_limited_removes_nothing_and_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing, variable: str
) -> None:
    def limited(folder: Path, **changes: Any) -> Around:
        around = small(folder, **changes)
        return {**around, "environment": {**around["environment"], variable: "--target"}}

    for preview in (False, True):
        record = up(tmp_path, monkeypatch, with_beside(login=made("app-login")), preview=preview, stack=limited)
        assert (record.exit_code, removing.deleted, "will remove" in warnings(record)) == (0, [], False)
        leaves = "Leaves objects of this stack that are no longer in its file or in Pulumi's state: Secret/app-login."
        option = "--exclude" if "EXCLUDE" in variable else "--target"
        assert f"{leaves} This run is limited by {option}; another `pulumi up` removes them." in messages(record)


def test_the_options_that_limit_a_run_are_known_without_their_values() -> None:
    assert limiting_options(["--yes", "--target", "urn:a", "--target-dependents", "--target=urn:b"]) == "--target, --target-dependents"
    assert limiting_options(["-yt", "urn:a"]) == limiting_options(["-turn:a"]) == limiting_options(["-t=urn"]) == "--target"
    assert limiting_options(["--exclude=urn:a"]) == "--exclude"
    assert limiting_options(["-y", "-m", "text", "--refresh", "--targets"]) == ""
    assert limited_by({"PULUMI_OPTION_TARGET_REPLACE": "urn:a"}) == "--target-replace"
    assert limited_by({"PULUMI_OPTION_TARGET_DEPENDENTS": "true", LIMITED_RUN: ""}) == ""


def test_a_preview_names_it_and_removes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing) -> None:
    record = up(tmp_path, monkeypatch, with_beside(login=made("app-login"), app=made("app")), preview=True)

    assert removing.deleted == []
    told = "`pulumi up` will remove objects of this stack that are no longer in its file or in Pulumi's state: Kustomization/app, Secret/"
    assert told in warnings(record)
    assert "Their spec.prune and spec.deletionPolicy decide whether what they applied is removed." in warnings(record)


@pytest.mark.parametrize(
    "found",
    [
        made("app", annotations={TAKEN_ANNOTATION: "flux"}),
        made("app", manager="kubectl"),
        made("app", {"kustomize.toolkit.fluxcd.io/name": "apps"}),
        made("app", gone="2026-11-27T12:00:00Z"),
        made("app", {STACK_LABEL: "gitops.attic"}),
        made("app", {CLUSTER_LABEL: "attic"}),
        LiveMetadata(name="app", namespace="flux-system"),
    ],
    ids=["taken over", "a copy", "applied from Git", "on its way", "of another stack", "of another cluster", "of nobody"],
)
def test_what_is_not_the_stacks_alone_is_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing, found: LiveMetadata
) -> None:
    record = up(tmp_path, monkeypatch, with_beside(app=found))

    assert (record.exit_code, removing.deleted) == (0, [])


def test_what_the_state_has_is_deleted_by_pulumi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing) -> None:
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={APP: StateOutput()}))

    assert up(tmp_path, monkeypatch, with_beside(app=made("app"))).exit_code == 0
    assert removing.deleted == []


def test_nothing_is_removed_while_the_state_cannot_be_read_or_up_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing
) -> None:
    refused = with_beside(app=made("app"))
    refused.found = {SECRET: made("sops-age", {STACK_LABEL: "gitops.attic"})}
    assert up(tmp_path, monkeypatch, refused).exit_code == 32

    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(is_known=False))
    assert up(tmp_path, monkeypatch, with_beside(app=made("app"))).exit_code == 0
    assert removing.deleted == []


def test_what_is_held_ends_up_in_one_line_and_keeps_its_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing) -> None:
    monkeypatch.setattr("stacks.left_behind._APPLIER_SECONDS", -1)
    removing.held = {"app": ("finalizers.fluxcd.io",)}

    record = up(tmp_path, monkeypatch, with_beside(app=made("app"), login=made("app-login")))

    assert record.exit_code == 32
    assert [len(each) for each in removing.deleted] == [1]
    assert "Kustomization/app is no longer in the stack file, but cannot be deleted (finalizers: finalizers.fluxcd.io)." in record.errors
    assert "Its controller removes it, with what it applied, once it runs." in record.errors
    assert "To see why it does not run: gitops status. Then remove the rest: pulumi up --stack dev" in record.errors


def test_several_that_are_held_are_told_of_in_the_plural(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing) -> None:
    monkeypatch.setattr("stacks.left_behind._SECONDS", -1)
    removing.held = {"app": ("example.com/backup",), "app-login": ("example.com/backup",)}

    record = up(tmp_path, monkeypatch, with_beside(role=made("app"), login=made("app-login")))

    assert "ClusterRole/app, Secret/app-login are no longer in the stack file, but cannot be deleted (finalizers: " in record.errors
    assert "Their controllers remove them, with what they applied, once they run. To see why they do not run: gitops" in record.errors


def test_a_role_that_may_not_delete_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, removing: Removing) -> None:
    removing.error = LiveError("https://127.0.0.1:6443", Message("refuses: secrets is forbidden", "It stays.", "Use another role."))

    record = up(tmp_path, monkeypatch, with_beside(login=made("app-login")))

    assert record.exit_code == 32
    assert "https://127.0.0.1:6443: refuses: secrets is forbidden. It stays. Use another role." in record.errors


def test_every_kind_that_a_stack_can_make_is_looked_at_but_for_crds_and_namespaces(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({})
    up(tmp_path, monkeypatch, cluster)

    made_kinds = {each.collection for each in cluster.wanted if each.reference.kind not in ("Namespace", "CustomResourceDefinition")}
    assert made_kinds <= set(cluster.kinds)
    assert "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/buckets" in cluster.kinds
    assert not any("helmreleases" in each for each in cluster.kinds), "the small stack has no helm-controller"
    assert not any("customresourcedefinitions" in each for each in cluster.kinds)
