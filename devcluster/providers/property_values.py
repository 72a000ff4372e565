"""Property values as the engine sends them (protobuf) and as this code works on them (plain Python)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from google.protobuf import struct_pb2

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"  # noqa: S105 - names the wrapping, holds no secret
UNKNOWN_MARKS: Final = frozenset(
    {
        "04da6b54-80e4-46f7-96ec-b56ff0331ba9",
        "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
        "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
        "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
        "030794c1-ac77-496b-92df-f27374a8bd58",
        "e48ece36-62e2-4504-bad9-02848725956a",
        "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
    }
)
_UNKNOWN_MARK: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"
_LARGEST_EXACT_INTEGER: Final = 2.0**63


class Unknown:
    """A value that a preview cannot know yet."""

    def __repr__(self) -> str:
        return "unknown"


UNKNOWN: Final = Unknown()


@dataclass(frozen=True, eq=True)
class Secret:
    """A value that must be shown nowhere and that the engine encrypts in the state."""

    value: Any

    def __repr__(self) -> str:
        return "[secret]"


def from_struct(struct: struct_pb2.Struct) -> dict[str, Any]:
    """Plain Python of `struct`: whole numbers as int, secrets wrapped in `Secret`, nulls of maps dropped."""
    return _map(struct)


def to_struct(properties: Mapping[str, Any]) -> struct_pb2.Struct:
    """The reverse of `from_struct`."""
    struct = struct_pb2.Struct()
    _fill_map(struct, properties)
    return struct


def plain(value: Any) -> Any:
    """`value` without any `Secret` wrapping, as a copy."""
    if isinstance(value, Secret):
        return plain(value.value)
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    return value


def has_unknown(value: Any) -> bool:
    """Whether anything within `value` is not known yet."""
    if isinstance(value, Secret):
        return has_unknown(value.value)
    if isinstance(value, dict):
        return any(has_unknown(item) for item in value.values())
    if isinstance(value, list):
        return any(has_unknown(item) for item in value)
    return value is UNKNOWN


def has_secret(value: Any) -> bool:
    """Whether anything within `value` is secret."""
    if isinstance(value, dict):
        return any(has_secret(item) for item in value.values())
    if isinstance(value, list):
        return any(has_secret(item) for item in value)
    return isinstance(value, Secret)


def secret_texts(value: Any, *, within_secret: bool = False) -> Iterator[str]:
    """Every string inside a secret part of `value`."""
    if isinstance(value, Secret):
        yield from secret_texts(value.value, within_secret=True)
    elif isinstance(value, dict):
        for item in value.values():
            yield from secret_texts(item, within_secret=within_secret)
    elif isinstance(value, list):
        for item in value:
            yield from secret_texts(item, within_secret=within_secret)
    elif within_secret and isinstance(value, str):
        yield value


def _map(struct: struct_pb2.Struct) -> dict[str, Any]:
    found = {}
    for key, item in struct.fields.items():
        kind = item.WhichOneof("kind")
        if kind != "null_value":
            found[key] = _of_kind(kind, item)
    return found


def _value(value: struct_pb2.Value) -> Any:
    return _of_kind(value.WhichOneof("kind"), value)


def _of_kind(kind: str | None, value: struct_pb2.Value) -> Any:
    if kind == "string_value":
        text = value.string_value
        return UNKNOWN if text in UNKNOWN_MARKS else text
    if kind == "struct_value":
        struct = value.struct_value
        fields = struct.fields
        if SIGNATURE_KEY not in fields:
            return _map(struct)
        if fields[SIGNATURE_KEY].string_value == SECRET_SIGNATURE:
            return Secret(_value(fields["value"]))
        raise ValueError("an asset, archive or resource stands where only plain values are possible")
    if kind == "number_value":
        return _number(value.number_value)
    if kind == "bool_value":
        return value.bool_value
    if kind == "list_value":
        return [_value(item) for item in value.list_value.values]
    return None


def _number(number: float) -> int | float:
    if number.is_integer() and abs(number) < _LARGEST_EXACT_INTEGER:
        return int(number)
    return number


def _fill_map(struct: struct_pb2.Struct, properties: Mapping[str, Any]) -> None:
    fields = struct.fields
    for key, item in properties.items():
        _fill(fields[key], item)


def _fill(target: struct_pb2.Value, value: Any) -> None:
    if value is None:
        target.null_value = struct_pb2.NULL_VALUE
    elif isinstance(value, str):
        target.string_value = value
    elif isinstance(value, bool):
        target.bool_value = value
    elif isinstance(value, int | float):
        target.number_value = value
    elif isinstance(value, Mapping):
        target.struct_value.SetInParent()
        _fill_map(target.struct_value, value)
    elif isinstance(value, list | tuple):
        target.list_value.SetInParent()
        for item in value:
            _fill(target.list_value.values.add(), item)
    elif isinstance(value, Secret):
        fields = target.struct_value.fields
        fields[SIGNATURE_KEY].string_value = SECRET_SIGNATURE
        _fill(fields["value"], value.value)
    elif value is UNKNOWN:
        target.string_value = _UNKNOWN_MARK
    else:
        raise TypeError(f"a property value cannot be a {type(value).__name__}")
