"""The rules of every Kubernetes object's metadata, which no CRD says."""

import calendar
import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from flux.schema.mismatch import Mismatch

STRING, INTEGER, TIME, STRINGS, LIST_OF_STRINGS, LIST_OF_OBJECTS = "string", "integer", "date-time", "strings", "list", "objects"
FIELDS = {
    **dict.fromkeys(("name", "generateName", "namespace", "selfLink", "uid", "resourceVersion"), STRING),
    **dict.fromkeys(("generation", "deletionGracePeriodSeconds"), INTEGER),
    **dict.fromkeys(("creationTimestamp", "deletionTimestamp"), TIME),
    **dict.fromkeys(("labels", "annotations"), STRINGS),
    "finalizers": LIST_OF_STRINGS,
    **dict.fromkeys(("ownerReferences", "managedFields"), LIST_OF_OBJECTS),
}
OWNER_FIELDS = {"apiVersion": str, "kind": str, "name": str, "uid": str, "controller": bool, "blockOwnerDeletion": bool}
MANAGED_FIELDS = {
    **dict.fromkeys(("manager", "operation", "apiVersion", "fieldsType", "subresource"), str),
    "time": str,
    "fieldsV1": object,
}
GENERATED_FROM = 58
"""So much of a `generateName` comes before the suffix."""
ANNOTATIONS_LIMIT = 256 * 1024
_LONGEST_SIGN = 4
"""Bytes of a character in UTF-8, at most."""
_USUAL = {"name", "namespace", "labels", "annotations"}
_TYPE_NAMES = {str: "string", bool: "boolean", dict: "object"}
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)
_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII)
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]", re.ASCII)
_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T([01]?\d|2[0-3]):[0-5]\d:[0-5]\d([.,]\d+)?(Z|[+-]([01]\d|2[0-4]):([0-5]\d|60))", re.ASCII)


def is_dns_label(text: str) -> bool:
    """A namespace, for instance."""
    return len(text) <= 63 and bool(_LABEL.fullmatch(text))


def is_dns_subdomain(text: str) -> bool:
    """The name of a Flux object, for instance."""
    return len(text) <= 253 and bool(_SUBDOMAIN.fullmatch(text))


@lru_cache(maxsize=4096)
def is_qualified_name(text: str) -> bool:
    """The key of a label: a name of 63 characters, with the DNS name of its owner and a slash before it if need be."""
    prefix, slash, name = text.rpartition("/")
    if slash and not is_dns_subdomain(prefix):
        return False
    return len(name) <= 63 and bool(_QUALIFIED.fullmatch(name))


@lru_cache(maxsize=4096)
def is_label_value(text: str) -> bool:
    """The value of a label; it may be empty."""
    return not text or (len(text) <= 63 and bool(_QUALIFIED.fullmatch(text)))


def is_time(value: Any) -> bool:
    """RFC 3339, as Go reads it."""
    match = _TIME.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return False
    year, month, day = (int(part) for part in match.groups()[:3])
    return 1 <= month <= 12 and 1 <= day <= calendar.monthrange(year or 4, month)[1]


def metadata_mismatches(metadata: Any) -> Iterator[Mismatch]:
    """All that is wrong with an object's `metadata`, as it would be on creation."""
    here = ("metadata",)
    if _is_usual(metadata):
        return
    if metadata is None:
        yield Mismatch(path=(*here, "name"), keyword="required", node={"properties": {"name": {"type": "string"}}})
        return
    if not isinstance(metadata, Mapping):
        yield Mismatch(path=here, keyword="type", value=metadata, node={"type": "object", "properties": {name: {} for name in FIELDS}})
        return
    sound: dict[str, Any] = {}
    for key, value in metadata.items():
        wrong = list(_typed(key, value))
        yield from wrong
        if FIELDS.get(key) == STRINGS and isinstance(value, Mapping):
            sound[key] = {name: text for name, text in value.items() if text is None or isinstance(text, str)}
        elif not wrong and value is not None:
            sound[key] = value
    yield from _names(metadata, sound)
    yield from _keys_and_values(sound)
    yield from _references(sound)
    if re.fullmatch("[0-9]*[1-9][0-9]*", sound.get("resourceVersion") or ""):
        yield Mismatch(path=(*here, "resourceVersion"), keyword="setByTheServer", value=sound["resourceVersion"])


def _is_usual(metadata: Any) -> bool:
    """Whether it is what nearly every object has, and right. Quick, and never wrong when it says yes."""
    if type(metadata) is not dict or not metadata.keys() <= _USUAL:
        return False
    name, namespace = metadata.get("name"), metadata.get("namespace", "default")
    labels, annotations = metadata.get("labels", {}), metadata.get("annotations", {})
    if type(name) is not str or type(namespace) is not str or type(labels) is not dict or type(annotations) is not dict:
        return False
    if not is_dns_subdomain(name) or not is_dns_label(namespace):
        return False
    for key, value in labels.items():
        if type(key) is not str or type(value) is not str or not is_qualified_name(key) or not is_label_value(value):
            return False
    size = 0
    for key, value in annotations.items():
        if type(key) is not str or type(value) is not str or not is_qualified_name(key.lower()):
            return False
        size += len(key) + len(value)
    return size * _LONGEST_SIGN <= ANNOTATIONS_LIMIT


def _typed(key: str, value: Any) -> Iterator[Mismatch]:
    path = ("metadata", key)
    wanted = FIELDS.get(key)
    if wanted is None:
        yield Mismatch(path=path, keyword="unknown", value=value, node={"properties": {name: {} for name in FIELDS}})
    elif value is None:
        return
    elif wanted == STRING:
        if not isinstance(value, str):
            yield Mismatch(path=path, keyword="type", value=value, node={"type": "string"})
    elif wanted == INTEGER:
        if not _is_integer(value):
            yield Mismatch(path=path, keyword="type", value=value, node={"type": "integer"})
    elif wanted == TIME:
        if not is_time(value):
            yield Mismatch(path=path, keyword="format", value=value, node={"type": "string", "format": "date-time"})
    elif wanted == STRINGS:
        yield from _strings(path, value)
    elif not isinstance(value, list):
        yield Mismatch(path=path, keyword="type", value=value, node={"type": "array"})
    else:
        for index, item in enumerate(value):
            fits = isinstance(item, str if wanted == LIST_OF_STRINGS else Mapping) or item is None
            if not fits:
                yield Mismatch(
                    path=(*path, index), keyword="type", value=item, node={"type": "string" if wanted == LIST_OF_STRINGS else "object"}
                )


def _strings(path: tuple[str, ...], value: Any) -> Iterator[Mismatch]:
    if not isinstance(value, Mapping):
        yield Mismatch(path=path, keyword="type", value=value, node={"type": "object", "additionalProperties": {"type": "string"}})
        return
    for key, item in value.items():
        if item is not None and not isinstance(item, str):
            yield Mismatch(path=(*path, key), keyword="type", value=item, node={"type": "string"})


def _is_integer(value: Any) -> bool:
    if isinstance(value, float):
        return value.is_integer() and abs(value) < 2**63
    return type(value) is int and -(2**63) <= value < 2**63


def _names(metadata: Mapping[str, Any], sound: Mapping[str, Any]) -> Iterator[Mismatch]:
    name, prefix = sound.get("name") or "", sound.get("generateName") or ""
    if not name and not prefix and metadata.get("name") in (None, ""):
        yield Mismatch(path=("metadata", "name"), keyword="required", node={"properties": {"name": {"type": "string"}}})
    if name and not is_dns_subdomain(name):
        yield Mismatch(path=("metadata", "name"), keyword="dnsName", value=name)
    # As a prefix it may end in a dash; the server then looks at all but the last two letters.
    shown = prefix[:-2] + "a" if len(prefix) > 1 and prefix.endswith("-") else prefix
    if prefix and not (is_dns_subdomain(shown) and (name or is_dns_subdomain(prefix[:GENERATED_FROM] + "abcde"))):
        yield Mismatch(path=("metadata", "generateName"), keyword="dnsName", value=prefix)
    if sound.get("namespace") and not is_dns_label(sound["namespace"]):
        yield Mismatch(path=("metadata", "namespace"), keyword="dnsLabel", value=sound["namespace"])


def _keys_and_values(sound: Mapping[str, Any]) -> Iterator[Mismatch]:
    for key, value in sound.get("labels", {}).items():
        if not is_qualified_name(key):
            yield Mismatch(path=("metadata", "labels", key), keyword="labelKey", value=key)
        if value and not is_label_value(value):
            yield Mismatch(path=("metadata", "labels", key), keyword="labelValue", value=value)
    annotations = sound.get("annotations", {})
    for key in annotations:
        if not is_qualified_name(key.lower()):
            yield Mismatch(path=("metadata", "annotations", key), keyword="labelKey", value=key)
    if sum(len(key.encode()) + len((value or "").encode()) for key, value in annotations.items()) > ANNOTATIONS_LIMIT:
        yield Mismatch(path=("metadata", "annotations"), keyword="annotationsSize", value=annotations)


def _references(sound: Mapping[str, Any]) -> Iterator[Mismatch]:
    for index, finalizer in enumerate(sound.get("finalizers", [])):
        if not is_qualified_name(finalizer or ""):
            yield Mismatch(path=("metadata", "finalizers", index), keyword="labelKey", value=finalizer or "")
    if {"orphan", "foregroundDeletion"} <= set(sound.get("finalizers", [])):
        yield Mismatch(path=("metadata", "finalizers"), keyword="finalizers", value=sound["finalizers"])
    yield from _entries(sound, "ownerReferences", OWNER_FIELDS)
    yield from _entries(sound, "managedFields", MANAGED_FIELDS)
    owners = [owner or {} for owner in sound.get("ownerReferences", [])]
    for index, owner in enumerate(owners):
        path = ("metadata", "ownerReferences", index)
        for key in ("kind", "name", "uid"):
            if not owner.get(key):
                yield Mismatch(path=(*path, key), keyword="required", node={"properties": {key: {"type": "string"}}})
        version = owner.get("apiVersion")
        if not (isinstance(version, str) and re.fullmatch("([^/]*/)?[^/]+", version)):
            yield Mismatch(path=(*path, "apiVersion"), keyword="ownerVersion", value=version)
        if version in ("v1", "/v1") and owner.get("kind") == "Event":
            yield Mismatch(path=path, keyword="eventOwner")
    if sum(owner.get("controller") is True for owner in owners) > 1:
        yield Mismatch(path=("metadata", "ownerReferences"), keyword="ownerReferences")


def _entries(sound: Mapping[str, Any], name: str, fields: Mapping[str, type]) -> Iterator[Mismatch]:
    for index, entry in enumerate(sound.get(name, [])):
        for key, value in (entry or {}).items():
            path = ("metadata", name, index, key)
            if key not in fields:
                yield Mismatch(path=path, keyword="unknown", value=value, node={"properties": {field: {} for field in fields}})
            elif key == "time" and value is not None and not is_time(value):
                yield Mismatch(path=path, keyword="format", value=value, node={"type": "string", "format": "date-time"})
            elif value is not None and not isinstance(value, fields[key]):
                yield Mismatch(path=path, keyword="type", value=value, node={"type": _TYPE_NAMES[fields[key]]})
