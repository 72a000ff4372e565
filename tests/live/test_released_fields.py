"""A former owner's fields become a part of the stack's own, and everything else stays as it is."""

from typing import Any

from flux.owners_mark import FIELD_MANAGER
from live.client.object_metadata import FieldEntry, LiveMetadata
from live.ownership.object_owners import is_former
from live.ownership.released_fields import released

STATUS = FieldEntry(manager="gotk-x", operation="Update", api_version="v1", fields_v1={"f:status": {}}, subresource="status")


def entry(manager: str, operation: str, *fields: str, api_version: str = "v1") -> FieldEntry:
    inside: dict[str, Any] = {f"f:{field}": {} for field in fields}
    return FieldEntry(manager=manager, operation=operation, api_version=api_version, fields_v1={"f:data": {".": {}, **inside}})


def patch(*entries: FieldEntry, owner: str = "flux") -> list[dict[str, Any]] | None:
    found = LiveMetadata(name="a", resource_version="7", managed_fields=[*entries])
    return released(found, "v1", is_former(owner))


def test_former_fields_are_merged_into_the_stacks_own_and_others_stay() -> None:
    mine, theirs, other = entry(FIELD_MANAGER, "Apply", "a"), entry("flux", "Apply", "a", "b"), entry("curl", "Update", "c")

    made = patch(mine, theirs, other, STATUS)

    assert made is not None
    managers, version = made
    assert managers["path"] == "/metadata/managedFields"
    assert managers["value"] == [
        {**mine.as_written(), "fieldsV1": {"f:data": {".": {}, "f:a": {}, "f:b": {}}}},
        other.as_written(),
        STATUS.as_written(),
    ]
    assert version == {"op": "replace", "path": "/metadata/resourceVersion", "value": "7"}, "a write in between must be noticed"


def test_an_object_without_an_own_entry_gets_one() -> None:
    made = patch(entry("flux", "Update", "a"), entry("pulumi-kubernetes", "Update", "b"))

    assert made is not None
    (own,) = made[0]["value"]
    assert (own["manager"], own["operation"]) == (FIELD_MANAGER, "Apply")
    assert own["fieldsV1"] == {"f:data": {".": {}, "f:a": {}, "f:b": {}}}


def test_a_second_time_there_is_nothing_to_do() -> None:
    made = patch(entry("flux", "Apply", "a"))
    assert made is not None

    again = patch(*(FieldEntry.model_validate(each) for each in made[0]["value"]))

    assert again is None


def test_fields_of_another_version_of_the_kind_stay_where_they_are() -> None:
    assert patch(entry("flux", "Apply", "a", api_version="v1beta2")) is None


def test_nothing_is_taken_from_somebody_whom_nobody_named() -> None:
    assert patch(entry("curl", "Update", "a")) is None
