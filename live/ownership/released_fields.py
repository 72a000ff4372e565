"""Fields of former owners, given to the stack's own name, so that what leaves the stack file leaves the cluster.

Server-side apply removes a field only if its applier is the last that owns it. kubectl and Flux solve the same at the change from
client-side to server-side apply, by the same means: the former owner's entry becomes a part of one's own Apply entry.
"""

from collections.abc import Callable
from typing import Any

from flux.owners_mark import FIELD_MANAGER
from live.client.field_sets import union
from live.client.object_metadata import FieldEntry, LiveMetadata


def released(found: LiveMetadata, api_version: str, is_former: Callable[[FieldEntry], bool]) -> list[dict[str, Any]] | None:
    """The JSON patch that does it, bound to the version that was read; None where no former owner has a field.

    Fields that were written in another version of the kind stay where they are: they may not exist in this one.
    """
    former = [each for each in found.managed_fields if is_former(each) and each.api_version == api_version]
    if not former:
        return None
    own = [each for each in found.managed_fields if (each.manager, each.operation, each.is_of_status) == (FIELD_MANAGER, "Apply", False)]
    fields: dict[str, Any] = {}
    for each in [*own, *former]:
        fields = union(fields, each.fields_v1)
    merged = {**(own or former)[0].as_written(), "manager": FIELD_MANAGER, "operation": "Apply", "fieldsV1": fields}
    rest = [each.as_written() for each in found.managed_fields if each not in own and each not in former]
    return found.with_managed_fields([merged, *rest])
