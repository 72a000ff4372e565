"""The look before anything is touched: what `up` refuses, what it takes over, and what a preview says of it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.message import Message
from flux.object_reference import ObjectReference
from flux.owners_mark import CLUSTER_LABEL, CLUSTER_UID_ANNOTATION, STACK_LABEL, TAKEN_ANNOTATION
from live.client.object_metadata import LiveMetadata
from live.errors import LiveError, UnreachableError
from live.ownership.owned_objects import OwnedObjects
from live.ownership.wanted_objects import plural_of
from stacks.inputs.own_state import OwnState, StateOutput
from stacks.restoring import ToRestore
from tests.engine import REPOSITORY, attempt, entry_point, run
from tests.record import Record
from tests.shipped_stacks import dev, small
from tests.stacks.guarded_cluster import SECRET, FakeCluster, by, of_kubernetes, up, warnings

NAMESPACE = ObjectReference("Namespace", "", "flux-system")
QUOTA = ObjectReference("ResourceQuota", "flux-system", "critical-pods")


def test_what_is_somebody_elses_is_refused_by_owner_before_anything_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    other = LiveMetadata(name="sops-age", labels={STACK_LABEL: "gitops.attic", CLUSTER_LABEL: "dev"})
    cluster = FakeCluster({NAMESPACE: by("flux"), QUOTA: by("flux"), SECRET: other})

    record = up(tmp_path, monkeypatch, cluster)

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    assert cluster.taken == {}
    flux, stack = record.errors.splitlines()[1:]
    assert "gitops:takeOver" in flux
    assert "2 objects of this stack exist already and belong to the flux CLI" in flux
    assert "Namespace/flux-system, ResourceQuota/critical-pods" in flux
    assert "write gitops:takeOver: [flux]" in flux
    assert "1 object of this stack exists already and belongs to stack gitops.attic: Secret/sops-age" in stack
    assert "write gitops:takeOver: [stack/gitops.attic]" in stack


def test_a_preview_says_the_same_as_a_warning_and_registers_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({NAMESPACE: by("flux")})

    record = up(tmp_path, monkeypatch, cluster, preview=True)

    assert record.exit_code == 0
    assert of_kubernetes(record) > 20
    assert "`pulumi up` would refuse: " in warnings(record)
    assert "1 object of this stack exists already and belongs to the flux CLI" in warnings(record)
    assert cluster.taken == {}, "a preview changes nothing"


def test_what_the_stack_file_names_is_taken_with_its_fields(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    own = LiveMetadata(name="critical-pods", labels={STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"})
    cluster = FakeCluster({NAMESPACE: by("flux"), QUOTA: own})

    record = up(tmp_path, monkeypatch, cluster, takeOver=["flux"])

    assert record.exit_code == 0, record.errors
    assert cluster.taken == {NAMESPACE: "flux", QUOTA: "ours"}


def test_naming_one_owner_takes_nothing_of_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({NAMESPACE: by("flux"), QUOTA: by("helm")})

    record = up(tmp_path, monkeypatch, cluster, takeOver=["flux"])

    assert record.exit_code == 32
    assert "belongs to a Helm release" in record.errors
    assert "flux CLI" not in record.errors
    assert cluster.taken == {}


def test_an_unknown_writer_is_told_by_the_name_that_it_gave_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    record = up(tmp_path, monkeypatch, FakeCluster({NAMESPACE: by("tool-x\x1b[31m")}))

    assert "belongs to somebody unknown (tool-x" in record.errors
    assert "\x1b" not in record.errors


def test_everything_that_is_registered_was_looked_for_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = FakeCluster({})

    record = up(tmp_path, monkeypatch, cluster)

    wanted = [each.reference for each in cluster.wanted]
    registered = {ObjectReference(each.kind, each.namespace or "", each.object_name) for each in record.kubernetes()}
    assert set(wanted) == registered
    assert len(wanted) == len(registered)


@pytest.mark.parametrize("preview", [False, True])
def test_a_cluster_that_does_not_say_whose_they_are_ends_up_and_not_a_preview(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, preview: bool
) -> None:
    error = LiveError("https://127.0.0.1:6443", Message("refuses: secrets is forbidden", "They could be overwritten.", "Use another role."))

    record = up(tmp_path, monkeypatch, FakeCluster({}, error), preview=preview)

    assert record.exit_code == (0 if preview else 32)
    assert "refuses: secrets is forbidden" in (warnings(record) if preview else record.errors)
    assert (of_kubernetes(record) > 0) is preview


def test_who_told_the_provider_that_the_cluster_is_gone_is_not_held_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone = FakeCluster({}, UnreachableError("https://127.0.0.1:6443", Message("cannot be reached")))
    monkeypatch.setattr("stacks.guard.unreachable_is_meant", lambda: True)

    assert up(tmp_path, monkeypatch, gone).exit_code == 0


def test_a_preview_without_a_cluster_asks_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def connected(_: object) -> FakeCluster:
        raise AssertionError("it was asked")

    monkeypatch.setattr("stacks.guard.connected", connected)
    monkeypatch.setattr("stacks.guard.why_silent", lambda *_: "it does not answer")

    assert of_kubernetes(run(entry_point(), **dev(tmp_path, preview=True))) > 30


@pytest.mark.parametrize(
    ("kind", "plural"),
    [
        ("NetworkPolicy", "networkpolicies"),
        ("ServiceAccount", "serviceaccounts"),
        ("ClusterRoleBinding", "clusterrolebindings"),
        ("Ingress", "ingresses"),
        ("Sheep", "sheep"),
    ],
)
def test_a_kind_is_listed_as_its_definition_says_or_as_kubernetes_does(kind: str, plural: str) -> None:
    definition = {"kind": "CustomResourceDefinition", "spec": {"names": {"kind": "Sheep", "plural": "sheep"}}}

    assert plural_of(kind, [{"kind": "Namespace"}, definition]) == plural


def test_a_kubeconfig_behind_a_socks_proxy_is_told_in_three_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    around = dev(tmp_path)
    file = tmp_path / "kubeconfig"
    described = yaml.safe_load(file.read_text())
    described["clusters"][0]["cluster"]["proxy-url"] = "socks5://127.0.0.1:1"
    file.write_text(yaml.safe_dump(described))

    monkeypatch.setattr("stacks.guard.connected", OwnedObjects)

    record = attempt(entry_point(), **around)

    assert record.exit_code == 32
    assert of_kubernetes(record) == 0
    first, *rest = record.errors_as_shown.splitlines()[1:]
    assert "reaches https://127.0.0.1:6443 through a SOCKS proxy, which is not supported." in first
    assert [line.strip().partition(" ")[0] for line in rest] == ["Nothing", "Use"]


@pytest.mark.thorough
def test_what_was_taken_over_stays_on_destroy_now_and_after_every_later_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def retained(record: Record) -> set[str]:
        return {each.inputs["metadata"]["name"] for each in record.kubernetes() if each.options.retain_on_delete}

    first = FakeCluster({NAMESPACE: by("flux"), QUOTA: by("flux")})
    record = up(tmp_path, monkeypatch, first, takeOver=["flux"])
    assert first.noted == {NAMESPACE: "flux", QUOTA: "flux"}
    assert retained(record) == {"flux-system", "critical-pods"}

    mark = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"}
    taken = LiveMetadata(name="critical-pods", labels=mark, annotations={TAKEN_ANNOTATION: "flux"})
    assert retained(up(tmp_path, monkeypatch, FakeCluster({QUOTA: taken}))) == {"critical-pods"}
    assert retained(up(tmp_path, monkeypatch, FakeCluster({QUOTA: taken}), removeTakenOver=True)) == set()


def test_what_a_renamed_stack_takes_from_itself_goes_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    former = LiveMetadata(name="critical-pods", labels={STACK_LABEL: "gitops.attic", CLUSTER_LABEL: "dev"})
    cluster = FakeCluster({QUOTA: former})

    record = up(tmp_path, monkeypatch, cluster, takeOver=["stack/gitops.attic"])

    assert cluster.noted == {}
    assert not any(each.options.retain_on_delete for each in record.kubernetes())


OWN = {STACK_LABEL: "gitops.dev", CLUSTER_LABEL: "dev"}
HERE, ELSEWHERE = "0b4f6e0e-7d1c-4f2a-9a55-3c1d5a9e8b77", "5b0c0c1e-1111-4f2a-9a55-3c1d5a9e8b77"


def namespace_of(uid: str | None) -> FakeCluster:
    annotations = {CLUSTER_UID_ANNOTATION: uid} if uid else {}
    return FakeCluster({NAMESPACE: LiveMetadata(name="flux-system", labels=OWN, annotations=annotations)})


def test_the_cluster_is_pinned_by_the_first_up_that_finds_the_namespace_and_then_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fresh, again, empty = namespace_of(None), namespace_of(HERE), FakeCluster({})
    for cluster in (fresh, again, empty):
        assert up(tmp_path, monkeypatch, cluster).exit_code == 0
    assert [fresh.pinned, again.pinned, empty.pinned] == [HERE, None, None]


def test_objects_that_came_from_another_cluster_are_refused_until_the_stack_names_this_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = up(tmp_path, monkeypatch, namespace_of(ELSEWHERE))
    assert refused.exit_code == 32
    assert of_kubernetes(refused) == 0
    assert f"applied in the cluster whose kube-system has the UID {ELSEWHERE}, but they are now in one that has {HERE}" in refused.errors
    assert f"write gitops:cluster.uid: {HERE}" in refused.errors

    named = namespace_of(ELSEWHERE)
    assert up(tmp_path, monkeypatch, named, cluster=cluster_with(HERE)).exit_code == 0
    assert named.pinned == HERE


@pytest.mark.parametrize("uid", [ELSEWHERE, None])
def test_a_cluster_that_has_not_the_uid_of_the_stack_file_is_refused_even_if_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, uid: str | None
) -> None:
    cluster = FakeCluster({})
    cluster.uid = uid
    record = up(tmp_path, monkeypatch, cluster, cluster=cluster_with(HERE))
    assert record.exit_code == 32
    assert "gitops:cluster.uid" in record.errors
    assert f"has {uid}" if uid else "but the one that is reached does not say" in record.errors


def cluster_with(uid: str) -> dict[str, object]:
    shipped: dict[str, object] = yaml.safe_load((REPOSITORY / "Pulumi.dev.yaml").read_text())["config"]["gitops:cluster"]
    return {**shipped, "uid": uid}


def definitions_say(record: Record) -> list[Any]:
    (made,) = record.of_type("gitops:index:FluxDefinitions")
    return [each["clusterUid"] for each in made.registered]


def test_the_first_up_puts_the_cluster_into_the_state_and_a_preview_without_it_changes_no_object(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = up(tmp_path, monkeypatch, FakeCluster({}))
    assert definitions_say(first) == [HERE]

    monkeypatch.setattr("stacks.guard.why_silent", lambda *_: "it does not answer")
    without = run(entry_point(), **small(tmp_path, preview=True))
    assert definitions_say(without) == [""]
    assert [each.inputs for each in without.kubernetes() if each.kind == "Namespace"] == [
        each.inputs for each in first.kubernetes() if each.kind == "Namespace"
    ]


@pytest.mark.parametrize("preview", [False, True])
def test_another_cluster_is_refused_by_the_state_even_if_it_is_empty(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, preview: bool
) -> None:
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={QUOTA: StateOutput()}, cluster_uid=ELSEWHERE))

    record = up(tmp_path, monkeypatch, FakeCluster({}), preview=preview)

    assert record.exit_code == (0 if preview else 32)
    assert (of_kubernetes(record) > 0) is preview
    told = warnings(record) if preview else record.errors
    assert ("`pulumi up` would refuse: Pulumi.dev.yaml" if preview else "1 problem; nothing was changed.") in told
    wrong = f"Pulumi's state is of the cluster whose kube-system has the UID {ELSEWHERE}, but context kwok-test reaches one that has {HERE}"
    assert wrong in told
    assert "Everything would be created in the wrong cluster, and the old one left alone." in told
    assert f"If the cluster was rebuilt, write gitops:cluster.uid: {HERE} (kubectl get namespace kube-system" in told
    assert "make again" not in "".join(each.text for each in record.log)


def test_a_rebuilt_cluster_is_filled_again_once_the_stack_file_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []

    def restore(to_restore: ToRestore, *_: object) -> dict[object, object]:
        made.extend(to_restore.lost)
        return {}

    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(objects={QUOTA: StateOutput()}, cluster_uid=ELSEWHERE))
    monkeypatch.setattr("stacks.guard.restore", restore)

    record = up(tmp_path, monkeypatch, FakeCluster({}), cluster=cluster_with(HERE))

    assert record.exit_code == 0, record.errors
    assert made == [QUOTA]
    assert definitions_say(record) == [HERE], "from now on the state is of this one"


def test_a_role_that_may_not_see_the_cluster_is_not_held_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stacks.guard.own_state", lambda _: OwnState(cluster_uid=ELSEWHERE))
    cluster = FakeCluster({})
    cluster.uid = None

    assert up(tmp_path, monkeypatch, cluster).exit_code == 0
