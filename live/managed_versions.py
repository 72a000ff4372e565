"""Which API versions the managed fields of an object name, and the same fields in the current one.

An apply converts the object into each of them, also into those of other writers. A version that the CRD lacks makes every apply fail, with
`request to convert CR to an invalid group/version`, although nothing is stored in it any more.
"""

from typing import Any

from flux.kinds import api_group
from live.client.field_sets import union
from live.client.object_metadata import FieldEntry, LiveMetadata


def versions_named(found: LiveMetadata, api_group: str) -> frozenset[str]:
    """`v1beta2` and `v1beta3`: those of the object's own group."""
    named = (each.api_version.partition("/") for each in found.managed_fields)
    return frozenset(version for group, _, version in named if group == api_group and version)


def fields_in(found: LiveMetadata, api_version: str) -> list[dict[str, Any]]:
    """`metadata.managedFields` with this version in place of every other of its group, as the API server takes it back.

    What one writer wrote in two versions becomes one entry: of two, the API server would drop the first.
    """
    joined: dict[tuple[str, str, str, str | None], FieldEntry] = {}
    for entry in (each.model_copy(update={"api_version": _current(each.api_version, api_version)}) for each in found.managed_fields):
        key = (entry.manager, entry.operation, entry.api_version, entry.subresource)
        joined[key] = _both(joined[key], entry) if key in joined else entry
    return [each.as_written() for each in joined.values()]


def _current(written: str, api_version: str) -> str:
    return api_version if api_group(written) == api_group(api_version) else written


def _both(one: FieldEntry, other: FieldEntry) -> FieldEntry:
    """At the later of both times."""
    time = max(one.time or "", other.time or "") or None
    return one.model_copy(update={"fields_v1": union(one.fields_v1, other.fields_v1), "time": time})
