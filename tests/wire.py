"""Values as they cross from a program to the engine, and back into plain data.

The wire marks what plain data cannot say with an object that holds a signature, and an unknown with a fixed string.
The signatures are part of Pulumi's protocol, the same in every SDK.
"""

from typing import Any, Final

from google.protobuf import json_format, struct_pb2

from tests.record import UNKNOWN, Reference, Secret

SIGNATURE_KEY: Final = "4dabf18193072939515e22adb298388d"
SECRET_SIGNATURE: Final = "1b47061264138c4ac30d75fd1eb44270"
RESOURCE_SIGNATURE: Final = "5cf8f73096256a8f31e491e813e4eb8e"
UNKNOWN_MARK: Final = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def decoded(value: struct_pb2.Value) -> Any:
    """A value as plain data in which secrets, unknowns and resources keep their marks."""
    match value.WhichOneof("kind"):
        case "string_value":
            return UNKNOWN if value.string_value == UNKNOWN_MARK else value.string_value
        case "number_value":
            return int(value.number_value) if value.number_value.is_integer() else value.number_value
        case "bool_value":
            return value.bool_value
        case "list_value":
            return [decoded(item) for item in value.list_value.values]
        case "struct_value":
            return _decoded_struct(value.struct_value)
        case _:
            return None


def decoded_fields(struct: struct_pb2.Struct) -> dict[str, Any]:
    """The properties of a resource."""
    return {key: decoded(value) for key, value in struct.fields.items()}


def wrap(struct: struct_pb2.Struct, key: str) -> None:
    """Make one property a secret, if it is there and is none yet."""
    if key in struct.fields and not isinstance(decoded(struct.fields[key]), Secret):
        plain = json_format.MessageToDict(struct.fields[key])
        struct.update({key: {SIGNATURE_KEY: SECRET_SIGNATURE, "value": plain}})


def _decoded_struct(struct: struct_pb2.Struct) -> Any:
    if SIGNATURE_KEY not in struct.fields:
        return decoded_fields(struct)
    signature = struct.fields[SIGNATURE_KEY].string_value
    if signature == SECRET_SIGNATURE:
        return Secret(decoded(struct.fields["value"]))
    if signature == RESOURCE_SIGNATURE:
        return Reference(struct.fields["urn"].string_value)
    raise NotImplementedError(
        f"a value with the signature {signature}: nothing here used such a value before; teach tests/wire.py what it means"
    )
