"""What a person set with kubectl beside the stack gets a manager that Pulumi's provider does not take over."""

from typing import Any

import pytest

from flux.owners_mark import FIELD_MANAGER
from live.client.field_sets import below, union, without
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.ownership.field_writers import added_fields, suspended_by
from live.ownership.kept_fields import kept

SUSPEND: dict[str, Any] = {"f:spec": {"f:suspend": {}}}
NOTE: dict[str, Any] = {"f:metadata": {"f:annotations": {".": {}, "f:example.org/note": {}}}}
RESTART: dict[str, Any] = {"f:spec": {"f:template": {"f:metadata": {"f:annotations": {"f:kubectl.kubernetes.io/restartedAt": {}}}}}}
STACK: dict[str, Any] = {"f:spec": {"f:interval": {}}}


def entry(manager: str, fields: dict[str, Any], operation: str = "Update", **more: Any) -> FieldEntry:
    return FieldEntry(manager=manager, operation=operation, api_version="v1", fields_v1=fields, **more)


def patched(*entries: FieldEntry, states_suspend: bool = False) -> dict[tuple[str, str], dict[str, Any]] | None:
    """Manager and operation → fields, after the patch; None if there is none."""
    patch = kept(LiveMetadata(name="a", resource_version="7", managed_fields=[*entries]), states_suspend=states_suspend)
    if patch is None:
        return None
    fields, version = patch
    assert version == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}, "a write in between must be noticed"
    found = {(each["manager"], each["operation"]): each["fieldsV1"] for each in fields["value"]}
    assert len(found) == len(fields["value"]), "the API server keeps one entry for each"
    return found


@pytest.mark.parametrize(
    ("manager", "fields", "keeps"),
    [
        ("kubectl-patch", SUSPEND, SUSPEND),
        ("kubectl-annotate", NOTE, {"f:metadata": {"f:annotations": {"f:example.org/note": {}}}}),
        ("kubectl-label", {"f:metadata": {"f:labels": {"f:a": {}}}}, {"f:metadata": {"f:labels": {"f:a": {}}}}),
        ("kubectl-rollout", RESTART, RESTART),
    ],
)
def test_what_people_rightly_write_with_kubectl_is_kept(manager: str, fields: dict[str, Any], keeps: dict[str, Any]) -> None:
    own = entry(FIELD_MANAGER, STACK, "Apply")

    assert patched(own, entry(manager, fields)) == {(FIELD_MANAGER, "Apply"): STACK, (f"kept-from-{manager}", "Update"): keeps}


def test_what_else_kubectl_wrote_stays_under_its_name_as_drift() -> None:
    found = patched(entry("kubectl-edit", {"f:spec": {"f:suspend": {}, "f:force": {}}, **NOTE}))

    assert found == {
        ("kept-from-kubectl-edit", "Update"): {**SUSPEND, "f:metadata": {"f:annotations": {"f:example.org/note": {}}}},
        ("kubectl-edit", "Update"): {"f:spec": {"f:force": {}}},
    }


def test_what_is_kept_already_is_joined_with_what_comes() -> None:
    found = patched(entry("kept-from-kubectl-patch", NOTE), entry("kubectl-patch", SUSPEND))
    assert found == {("kept-from-kubectl-patch", "Update"): {**NOTE, **SUSPEND}}


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry(FIELD_MANAGER, {**STACK, **SUSPEND}, "Apply")],
        [entry("flux", SUSPEND), entry("k9s", NOTE)],
        [entry("kubectl-edit", {"f:spec": {"f:interval": {}}})],
        [entry("kubectl-patch", {"f:status": {}}, subresource="status")],
        [entry("kubectl-client-side-apply", {"f:metadata": {"f:annotations": {"f:kubectl.kubernetes.io/last-applied-configuration": {}}}})],
        [entry("kubectl-annotate", {"f:metadata": {"f:annotations": {".": {}}}})],
    ],
    ids=["nobody", "the stack", "managers that stay", "drift", "a status", "kubectl apply, of somebody's object", "no annotation"],
)
def test_nothing_else_is_touched(entries: list[FieldEntry]) -> None:
    assert patched(*entries) is None


def test_what_the_stack_applies_too_is_left_to_it() -> None:
    labels: dict[str, Any] = {"f:metadata": {"f:labels": {"f:ours": {}, "f:theirs": {}}}}
    own = entry(FIELD_MANAGER, {"f:metadata": {"f:labels": {"f:ours": {}}}, **STACK}, "Apply")

    found = patched(own, entry("kubectl", labels, "Apply"))

    assert found is not None
    assert found["kept-from-kubectl", "Apply"] == {"f:metadata": {"f:labels": {"f:theirs": {}}}}
    assert found["kubectl", "Apply"] == {"f:metadata": {"f:labels": {"f:ours": {}}}}
    assert patched(own, entry("kubectl-label", {"f:metadata": {"f:labels": {"f:ours": {}}}})) is None


def test_a_suspension_that_the_stack_states_is_drift() -> None:
    assert patched(entry("kubectl-patch", SUSPEND), states_suspend=True) is None


def test_a_second_time_there_is_nothing_to_do() -> None:
    patch = kept(LiveMetadata(name="a", managed_fields=[entry("kubectl-patch", SUSPEND)]), states_suspend=False)
    assert patch is not None
    assert patched(*(FieldEntry.model_validate(each) for each in patch[0]["value"])) is None


def test_it_is_told_by_the_name_of_who_wrote_it() -> None:
    entries = [entry(FIELD_MANAGER, STACK, "Apply"), entry("kept-from-kubectl-patch", {"f:spec": {"f:suspend": {}, "f:force": {}}})]
    by = suspended_by(entries)
    assert by is not None
    assert by.manager == "kubectl-patch"
    assert [writer.manager for writer in added_fields(entries).values()] == ["kubectl-patch"]


def test_sets_of_fields_are_joined_and_taken_apart() -> None:
    assert union({"a": {"b": {}}}, {"a": {"c": {}}, "d": {}}) == {"a": {"b": {}, "c": {}}, "d": {}}
    assert without({"a": {".": {}, "b": {}}, "d": {}}, {"a": {"b": {}}}) == {"d": {}}
    assert without({"a": {"b": {}, "c": {}}}, {"a": {"b": {}}}) == {"a": {"c": {}}}
    assert (below({"a": {".": {}, "b": {}}}, "a"), below({"a": {}}, "a"), below({"a": {}}, "b")) == ({"b": {}}, {}, None)
