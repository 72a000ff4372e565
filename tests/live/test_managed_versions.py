"""Which versions managed fields name, and the same fields in the current one."""

from typing import Any

from live.client.object_metadata import LiveMetadata
from live.managed_versions import fields_in, versions_named

GROUP = "notification.toolkit.fluxcd.io"


def found(*entries: dict[str, Any]) -> LiveMetadata:
    return LiveMetadata.model_validate({"name": "on-error", "managedFields": list(entries)})


def entry(version: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"manager": "x", "operation": "Update", "apiVersion": version, "fieldsType": "FieldsV1", "fieldsV1": fields, **more}


def test_versions_of_another_group_are_not_named() -> None:
    alert = found(entry(f"{GROUP}/v1beta2", {}), entry("example.com/v1", {}), entry("v1", {}), {"manager": "without a version"})

    assert versions_named(alert, GROUP) == {"v1beta2"}


def test_what_one_writer_wrote_in_two_versions_becomes_one_entry_with_the_fields_of_both() -> None:
    """Of two, the API server would keep the second: the fields of the first would have no owner."""
    old = entry(f"{GROUP}/v1beta2", {"f:spec": {"f:summary": {}}}, time="2026-11-27T12:00:00Z")
    new = entry(f"{GROUP}/v1beta3", {"f:spec": {"f:suspend": {}}}, time="2026-11-28T12:00:00Z")
    status = entry(f"{GROUP}/v1beta2", {"f:status": {}}, subresource="status")

    written = fields_in(found(old, status, new), f"{GROUP}/v1beta3")

    both = entry(f"{GROUP}/v1beta3", {"f:spec": {"f:summary": {}, "f:suspend": {}}}, time="2026-11-28T12:00:00Z")
    assert written == [both, {**status, "apiVersion": f"{GROUP}/v1beta3"}]
