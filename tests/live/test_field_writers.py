"""Who wrote a field, told by managedFields."""

from typing import Any

from flux.owners_mark import FIELD_MANAGER
from live.client.object_metadata import FieldEntry
from live.ownership.field_writers import Writer, added_fields, is_unowned, path_in, suspended_by, writer_of


def entry(manager: str, fields: dict[str, Any], time: str = "2026-11-27T12:00:00Z", **more: Any) -> FieldEntry:
    return FieldEntry(manager=manager, operation="Update", api_version="v1", fields_v1=fields, time=time, **more)


OURS = entry(FIELD_MANAGER, {"f:spec": {"f:interval": {}, "f:ref": {"f:branch": {}}, "f:list": {}}})
INTERVAL: dict[str, Any] = {"f:spec": {"f:interval": {}}}


def test_the_last_of_those_who_own_a_field_wrote_it() -> None:
    entries = [OURS, entry("old", INTERVAL, "2026-11-01T00:00:00Z"), entry("kubectl-edit", INTERVAL), entry("x", {"f:data": {}})]

    assert writer_of(entries, ("spec", "interval")) == Writer("kubectl-edit", "2026-11-27T12:00:00Z")
    assert writer_of(entries, ("spec", "url")) is None
    assert writer_of([OURS], ("spec", "interval")) is None


def test_a_list_that_is_owned_as_one_was_written_by_its_owner_and_a_status_by_nobody() -> None:
    entries = [entry("kubectl-patch", {"f:spec": {"f:rules": {}}}), entry("gotk", {"f:status": {}, **INTERVAL}, subresource="status")]

    assert writer_of(entries, ("spec", "rules", 3, "verbs")) == Writer("kubectl-patch", "2026-11-27T12:00:00Z")
    assert writer_of(entries, ("spec", "interval")) is None


def test_kubectl_scale_writes_replicas_through_a_subresource() -> None:
    scaled = entry("kubectl", {"f:spec": {"f:replicas": {}}}, subresource="scale")

    assert writer_of([scaled], ("spec", "replicas")) == Writer("kubectl", "2026-11-27T12:00:00Z")
    assert list(added_fields([OURS, scaled])) == [("spec", "replicas")], "`up` sets it back, unless the stack still owns it"
    assert not added_fields([OURS, entry("kube-controller-manager", {"f:spec": {"f:replicas": {}}}, subresource="scale")]), "an autoscaler"


def test_what_nobody_owns_any_more_was_removed_or_scaled_to_0() -> None:
    """`kubectl scale --replicas=0` leaves the field without an owner: the Scale object that it writes omits a 0."""
    applied = FieldEntry(manager=FIELD_MANAGER, operation="Apply", api_version="v1", fields_v1={"f:spec": {"f:template": {}}})
    stated = applied.model_copy(update={"fields_v1": {"f:spec": {"f:replicas": {}}}})
    scaled = entry("kubectl", {"f:spec": {"f:replicas": {}}}, subresource="scale")
    path = ("spec", "replicas")

    assert is_unowned([applied], path)
    assert not is_unowned([stated], path)
    assert not is_unowned([applied, scaled], path)
    assert not is_unowned([entry("kubectl-edit", {"f:spec": {"f:template": {}}})], path), "the stack has not applied it yet"


def test_what_others_own_beside_the_stack_is_added_unless_people_and_flux_rightly_write_it() -> None:
    restart: dict[str, Any] = {"f:template": {"f:metadata": {"f:annotations": {"f:kubectl.kubernetes.io/restartedAt": {}}}}}
    entries = [
        OURS,
        entry("kubectl-edit", {"f:spec": {"f:interval": {}, "f:ignore": {}, "f:suspend": {}}}),
        entry("kubectl-rollout", {"f:spec": restart}),
        entry("gotk-source-controller", {"f:metadata": {"f:finalizers": {}}, "f:spec": {"f:x": {}}}),
        entry("kubectl-annotate", {"f:metadata": {"f:annotations": {"f:reconcile.fluxcd.io/requestedAt": {}}}}),
    ]

    assert list(added_fields(entries)) == [("spec", "ignore")]
    assert list(added_fields(entries, states_suspend=True)) == [("spec", "ignore"), ("spec", "suspend")]


def test_what_somebody_put_into_a_list_that_the_stack_declares_is_found_as_one_item() -> None:
    """A sidecar, and a variable in the stack's own container: the list itself is the stack's."""
    manager, sidecar, debug = 'k:{"name":"manager"}', 'k:{"name":"sidecar"}', 'k:{"name":"DEBUG"}'
    own = entry(FIELD_MANAGER, {"f:containers": {manager: {".": {}, "f:name": {}, "f:image": {}}}, "f:names": {'v:"a"': {}}})
    other: dict[str, Any] = {
        "f:containers": {
            manager: {"f:image": {}, "f:env": {".": {}, debug: {".": {}, "f:name": {}}}},
            sidecar: {".": {}, "f:name": {}, "f:image": {}},
        },
        "f:names": {'v:"b"': {}},
    }

    found = list(added_fields([own, entry("kubectl-edit", other)]))

    assert found == [("containers", manager, "env", debug), ("containers", sidecar), ("names", 'v:"b"')]
    live = {"containers": [{"name": "sidecar"}, {"name": "manager", "env": [{"name": "A"}, {"name": "DEBUG"}]}], "names": ["a", "b"]}
    assert [path_in(live, each) for each in found] == [("containers", 1, "env", 1), ("containers", 0), ("names", 1)]
    for gone in (("containers", 'k:{"name":"x"}'), ("containers", "k:{"), ("names", "v:" + "[" * 9000), ("other", "k:{}", "f"), ("x", "y")):
        assert path_in({**live, "x": 1}, gone) is None


def test_what_the_stack_wrote_before_its_field_manager_had_one_name_is_no_addition() -> None:
    earlier = entry("pulumi-kubernetes-1a2b3c4d", {"f:spec": {"f:interval": {}, "f:url": {}}})

    assert added_fields([earlier]) == {}
    assert list(added_fields([earlier, entry("kubectl-edit", {"f:spec": {"f:url": {}, "f:ignore": {}}})])) == [("spec", "ignore")]


def test_who_suspended_an_object_is_known() -> None:
    entries = [OURS, entry("flux", {"f:spec": {"f:suspend": {}}})]

    assert suspended_by(entries) == Writer("flux", "2026-11-27T12:00:00Z")
    assert suspended_by([OURS]) is None
