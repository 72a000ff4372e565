"""What the cluster lost or others changed is set back by a plain `up`, and told by a preview: Pulumi's state shows neither."""

from base64 import b64decode
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyrage
import pytest

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_LABEL, FIELD_MANAGER, STACK_LABEL
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.errors import LiveError
from live.ownership.compared_objects import ChangedField, Compared
from live.ownership.field_writers import Writer
from live.ownership.wanted_objects import WantedObject
from stacks.inputs.own_state import OwnState, StateOutput, asked_name, own_state
from tests.record import Record
from tests.shipped_stacks import dev
from tests.stacks import guarded_cluster
from tests.stacks.guarded_cluster import SECRET, FakeCluster

pytestmark = pytest.mark.thorough

up = partial(guarded_cluster.up, stack=dev)

MARK = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"}
SOURCE = ObjectReference("GitRepository", "flux-system", "kubeflow")
VARIABLES = ObjectReference("ConfigMap", "flux-system", "stack-vars")


class Mended:
    """The objects that were applied, instead of an API server."""

    def __init__(self, different: Mapping[ObjectReference, tuple[ChangedField, ...]] | None = None) -> None:
        self.different = different or {}
        self.made: list[ObjectReference] = []
        self.mended: list[ObjectReference] = []
        self.bodies: dict[ObjectReference, Any] = {}
        self.refuses_values = False
        """Whether it refuses whatever has values of a Secret."""

    def make(self, wanted: WantedObject, body: Any) -> None:
        self._refuse(body)
        self.made.append(wanted.reference)
        self.bodies[wanted.reference] = body

    def _refuse(self, body: Any) -> None:
        if self.refuses_values and body["kind"] == "Secret" and "data" in body:
            raise LiveError("https://127.0.0.1:6443", Message("refuses: secrets is forbidden", "X is unknown.", "Use another role."))

    def compare(self, declared: Mapping[WantedObject, Any]) -> list[Compared]:
        for body in declared.values():
            self._refuse(body)
        return [
            Compared(reference=each.reference, differences=self.different[each.reference])
            if each.reference in self.different
            else Compared(reference=each.reference, is_missing=True)
            for each in declared
        ]

    def mend(self, wanted: WantedObject, body: Any, _: Any) -> None:
        self.mended.append(wanted.reference)
        self.bodies[wanted.reference] = body


def messages(record: Record) -> str:
    return "\n".join(each.text for each in record.log if each.severity == "info")


def touched(name: str, manager: str, **fields: Any) -> LiveMetadata:
    """An own object into whose `fields` somebody else wrote."""
    entries = [
        FieldEntry(manager=FIELD_MANAGER, operation="Apply", api_version="v1", fields_v1={"f:metadata": {}, "f:spec": {}, "f:data": {}}),
        FieldEntry(manager=manager, operation="Update", api_version="v1", time="2026-11-27T12:00:00Z", fields_v1=fields),
    ]
    return LiveMetadata(name=name, labels=MARK, managed_fields=entries)


@pytest.fixture
def mended(monkeypatch: pytest.MonkeyPatch) -> Mended:
    made = Mended()
    monkeypatch.setattr("live.ownership.compared_objects.DeclaredObjects", lambda _: made)
    return made


def test_what_the_state_has_and_the_cluster_lost_is_made_again_and_what_is_new_is_left_to_the_engine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended
) -> None:
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={SOURCE: StateOutput(), SECRET: StateOutput()}))

    record = up(tmp_path, monkeypatch, FakeCluster({}))

    assert record.exit_code == 0, record.errors
    assert mended.made == [SOURCE, SECRET, SECRET], "first empty, then with its values; nothing else that is missing was in the state"
    assert mended.bodies[SECRET]["data"]["2026-11.agekey"], "with its values"
    assert (
        "Recreates objects that are in Pulumi's state but missing from the cluster: GitRepository/kubeflow, Secret/sops-age."
        in messages(record)
    )


def test_what_others_changed_is_set_back_and_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended) -> None:
    writer = Writer("kubectl-edit", "2026-11-27T12:00:00Z")
    mended.different = {SOURCE: (ChangedField(path=("spec", "interval"), declared="15m", live="7m", writer=writer),)}
    cluster = FakeCluster({SOURCE: touched("kubeflow", "kubectl-edit", **{"f:spec": {"f:interval": {}}})})

    record = up(tmp_path, monkeypatch, cluster)

    assert mended.mended == [SOURCE]
    assert "Sets back GitRepository/flux-system/kubeflow: spec.interval (by kubectl-edit)" in messages(record)


@pytest.mark.parametrize("states", [True, False])
def test_a_suspension_is_set_back_only_where_the_stack_says_whether_it_is_suspended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended, *, states: bool
) -> None:
    change = ChangedField(path=("spec", "suspend"), declared=True, live=False, writer=Writer("flux", None))
    mended.different = {SOURCE: (change,)}
    cluster = FakeCluster({SOURCE: touched("kubeflow", "flux", **{"f:spec": {"f:suspend": {}}})})
    spec = {"suspend": True} if states else {"interval": "16m"}

    record = up(tmp_path, monkeypatch, cluster, override={"git/kubeflow": {"spec": spec}, "helm/tiny-chart": {"spec": {"insecure": True}}})

    assert mended.mended == ([SOURCE] if states else []), messages(record)


def test_an_object_of_which_the_server_says_that_nothing_differs_is_owned_again_without_a_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended
) -> None:
    mended.different = {VARIABLES: ()}

    record = up(tmp_path, monkeypatch, FakeCluster({VARIABLES: touched("stack-vars", "kubectl-edit", **{"f:data": {"f:X": {}}})}))

    assert (mended.mended, mended.made) == ([VARIABLES], []), "else every preview would call it changed by others"
    assert "Sets back" not in messages(record)


@pytest.mark.parametrize("is_lost", [True, False])
def test_a_secret_that_cannot_be_restored_ends_up_with_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended, *, is_lost: bool
) -> None:
    """If it was only said, the exit code would be 0, and Pulumi would call the Secret unchanged from then on."""
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={SECRET: StateOutput()}))
    mended.refuses_values = True
    edited = {SECRET: touched("sops-age", "kubectl-edit", **{"f:data": {"f:x": {}}, "f:spec": {"f:x": {}}})}

    record = up(tmp_path, monkeypatch, FakeCluster({} if is_lost else edited))

    assert record.exit_code == 32
    done = "recreated" if is_lost else "set back"
    assert f"Secret/flux-system/sops-age cannot be {done}: https://127.0.0.1:6443 refuses: secrets is forbidden." in record.errors
    assert "The next `pulumi up` tries again. Use another role." in record.errors
    assert "X is unknown" not in record.errors


def test_a_secret_without_any_value_counts_as_lost(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended) -> None:
    """An `up` that was killed, or refused, between the empty Secret and its values leaves it so, and Pulumi calls it unchanged."""
    identity = str(pyrage.x25519.Identity.generate())
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={SECRET: StateOutput({}, {"2026-11.agekey": identity})}))
    entries = [FieldEntry(manager=FIELD_MANAGER, operation="Apply", api_version="v1", fields_v1={"f:metadata": {}, "f:type": {}})]
    empty = FakeCluster({SECRET: LiveMetadata(name="sops-age", labels=MARK, managed_fields=entries)})

    record = up(tmp_path, monkeypatch, empty)

    assert record.exit_code == 0, record.errors
    assert mended.made == [SECRET, SECRET]
    assert b64decode(mended.bodies[SECRET]["data"]["2026-11.agekey"]).decode() == identity, "as the state has it"


def test_a_controller_that_was_scaled_to_0_is_named_and_scaled_up_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended
) -> None:
    deployment = ObjectReference("Deployment", "flux-system", "source-controller")
    zero = ChangedField(path=("spec", "replicas"), declared=1, live=0, writer=None)
    of_the_stack_file = ChangedField(path=("spec", "minReadySeconds"), declared=1, live=0, writer=None)
    mended.different = {deployment: (zero, of_the_stack_file)}
    entries = [FieldEntry(manager=FIELD_MANAGER, operation="Apply", api_version="v1", fields_v1={"f:spec": {"f:template": {}}})]
    cluster = FakeCluster({deployment: LiveMetadata(name="source-controller", labels=MARK, managed_fields=entries)})

    seen = up(tmp_path, monkeypatch, cluster, preview=True)
    done = up(tmp_path, monkeypatch, cluster)

    assert "will set back what others changed: Deployment/flux-system/source-controller (by unknown)" in messages(seen)
    assert mended.mended == [deployment]
    assert "Sets back Deployment/flux-system/source-controller: spec.replicas (by unknown)" in messages(done)


def test_a_preview_says_what_up_will_do_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended) -> None:
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={SECRET: StateOutput()}))
    cluster = FakeCluster({SOURCE: touched("kubeflow", "kubectl-edit", **{"f:spec": {"f:interval": {}}})})

    record = up(tmp_path, monkeypatch, cluster, preview=True)

    assert (mended.mended, mended.made) == ([], [])
    assert "`pulumi up` will recreate objects that are in Pulumi's state but missing from the cluster: Secret/sops-age." in messages(record)
    assert "`pulumi up` will set back what others changed: GitRepository/flux-system/kubeflow (by kubectl-edit)" in messages(record)


def test_with_another_release_an_edited_controller_is_left_to_the_engine_which_changes_the_crds_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended
) -> None:
    deployment = ObjectReference("Deployment", "flux-system", "source-controller")
    mended.different = {
        each: (ChangedField(path=("spec", "x"), declared="a", live="b", writer=Writer("kubectl-edit", None)),)
        for each in (deployment, SOURCE)
    }
    edited = {deployment: touched("source-controller", "kubectl-edit", **{"f:spec": {"f:x": {}}})}
    edited[SOURCE] = touched("kubeflow", "kubectl-edit", **{"f:spec": {"f:x": {}}})
    monkeypatch.setattr("stacks.guard.installed_versions", lambda _: {"v2.9.4"})
    up(tmp_path, monkeypatch, FakeCluster(edited))
    assert set(mended.mended) == {deployment, SOURCE}

    mended.mended = []
    monkeypatch.setattr("stacks.guard.installed_versions", lambda _: {"v2.8.8"})
    up(tmp_path, monkeypatch, FakeCluster(edited))
    assert mended.mended == [SOURCE]


def test_the_first_preview_after_an_older_version_of_this_program_calls_nothing_changed_by_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended
) -> None:
    """Each object had a field manager of its own."""
    earlier = FieldEntry(manager="pulumi-kubernetes-1a2b3c4d", operation="Apply", api_version="v1", fields_v1={"f:spec": {"f:url": {}}})

    record = up(tmp_path, monkeypatch, FakeCluster({SOURCE: LiveMetadata(name="kubeflow", managed_fields=[earlier])}), preview=True)

    assert "set back" not in messages(record)


def test_the_state_of_a_stack_is_asked_for_by_its_whole_name_where_there_are_organizations() -> None:
    """A short one is looked for in the person's default organization: another stack, or none, and the engine ends the `up`."""
    assert asked_name("dev", "gitops", "acme") == "acme/gitops/dev"
    assert [asked_name("dev", "gitops", each) for each in ("organization", "", None)] == ["dev"] * 3


def test_a_first_up_restores_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended) -> None:
    record = up(tmp_path, monkeypatch, FakeCluster({}))

    assert (record.exit_code, mended.made) == (0, [])


def test_a_state_that_is_being_written_is_read_again_and_one_that_cannot_be_read_ends_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended
) -> None:
    answers: list[Any] = [OSError("failed to load checkpoint: EOF")] * 2

    def invoke(*_: object) -> Any:
        if answers and isinstance(answers[0], Exception):
            raise answers.pop(0)
        return SimpleNamespace(value={"outputs": {}})

    monkeypatch.setattr("stacks.inputs.own_state.pulumi.runtime.invoke", invoke)
    monkeypatch.setattr("stacks.inputs.own_state.time.sleep", lambda _: None)

    record = up(tmp_path, monkeypatch, FakeCluster({}))
    assert (record.exit_code, answers) == (0, [])

    answers.extend([OSError("failed to load checkpoint: EOF")] * 9)
    record = up(tmp_path, monkeypatch, FakeCluster({}))
    assert record.exit_code == 0
    assert "Pulumi's state could not be read" in guarded_cluster.warnings(record)


def test_a_generated_key_that_the_cluster_lost_is_the_one_that_the_state_has_whatever_its_seed_makes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mended: Mended
) -> None:
    identity = str(pyrage.x25519.Identity.generate())
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={SECRET: StateOutput({}, {"2026-11.agekey": identity})}))

    record = up(tmp_path, monkeypatch, FakeCluster({}))

    assert record.exit_code == 0, record.errors
    assert b64decode(mended.bodies[SECRET]["data"]["2026-11.agekey"]).decode() == identity
    assert identity not in messages(record)


def test_the_state_says_which_objects_and_which_cluster_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    secret = {"kind": "Secret", "metadata": {"name": "sops-age", "namespace": "flux-system"}, "data": {"a.agekey": "aWQ="}}
    outputs = {
        "urn:1": {"type": "gitops:index:FluxDefinitions", "outputs": {"clusterUid": "5b0c0c1e"}},
        "urn:2": {"type": "kubernetes:core/v1:Secret", "outputs": secret},
        "urn:3": {"type": "random:index/randomPassword:RandomPassword", "outputs": {"result": "x"}},
        "urn:4": "broken",
    }
    answer = SimpleNamespace(value={"outputs": outputs})
    monkeypatch.setattr("stacks.inputs.own_state.pulumi", SimpleNamespace(
        get_project=lambda: "gitops", get_organization=lambda: None, runtime=SimpleNamespace(invoke=lambda *_: answer),
    ))  # fmt: skip

    assert own_state("dev") == OwnState(objects={SECRET: StateOutput({}, {"a.agekey": "id"})}, cluster_uid="5b0c0c1e")
