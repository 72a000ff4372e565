"""The metadata of a live object: what says who owns it, without what it holds. A Secret is read without its values."""

from typing import Annotated, Any

from pydantic import AfterValidator, ConfigDict, Field, StringConstraints
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

from live.client.answer_model import AnswerModel, ListPage

METADATA = "application/json;as={};g=meta.k8s.io;v=v1"
"""What to accept for metadata alone, of `PartialObjectMetadata` or a list of it: a Secret comes without its values."""
_ADDED = {"f:annotations", "f:finalizers", "f:ownerReferences"}


def _of_objects_alone(fields: dict[str, Any]) -> dict[str, Any]:
    """Their readers go down from name to name, and expect no value anywhere."""
    level = [fields]
    while level:
        below = [each for one in level for each in one.values() if each is not None]
        if not all(isinstance(each, dict) for each in below):
            raise PydanticCustomError("dict_type", "is not an object")
        level = below
    return fields


class FieldEntry(AnswerModel):
    """One writer of an object, and the fields that it owns."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    manager: str = ""
    operation: str = ""
    api_version: str = ""
    time: str | None = None
    fields_type: str = "FieldsV1"
    fields_v1: Annotated[dict[str, Any], AfterValidator(_of_objects_alone)] = Field(default_factory=dict)
    subresource: str | None = None

    @property
    def is_of_status(self) -> bool:
        """Whether it wrote `status`, or another subresource, alone."""
        return bool(self.subresource)

    @property
    def is_scale(self) -> bool:
        """Whether it wrote `spec.replicas`, as `kubectl scale` does."""
        return self.subresource == "scale"

    @property
    def is_addition(self) -> bool:
        """Whether it wrote no more than what is added to anybody's object: finalizers, annotations, owner references, the status."""
        return set(self.fields_v1) <= {"f:metadata", "f:status"} and set(self.fields_v1.get("f:metadata") or {}) <= _ADDED

    def as_written(self) -> dict[str, Any]:
        """As the API server takes it back."""
        return self.model_dump(by_alias=True, exclude_none=True)


class LiveMetadata(AnswerModel):
    """The owner of an object, as far as the cluster says it."""

    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=253)]
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    labels: dict[str, str] = Field(default_factory=dict)
    annotations: dict[str, str] = Field(default_factory=dict)
    finalizers: list[str] = Field(default_factory=list)
    deletion_timestamp: str | None = None
    managed_fields: list[FieldEntry] = Field(default_factory=list)

    def with_managed_fields(self, entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The JSON patch that puts these in place of its own, bound to the version that was read."""
        return [
            {"op": "replace", "path": "/metadata/managedFields", "value": entries},
            # A write in between is answered with 409: this one is then made again from the live object.
            {"op": "replace", "path": "/metadata/resourceVersion", "value": self.resource_version},
        ]


class MetadataAnswer(AnswerModel):
    """An answer in the form PartialObjectMetadata."""

    metadata: LiveMetadata


class MetadataPage(ListPage):
    """An answer in the form PartialObjectMetadataList, of which an empty one has no items at all."""

    items: list[MetadataAnswer] | None = None
