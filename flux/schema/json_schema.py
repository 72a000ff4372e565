"""A CRD's structural schema as the JSON schema that accepts the same values.

Defaults and the dropping of nulls come before the schema on the API server. Both are said here in the schema itself, so that a
body is judged as it is: an optional field may be null, and a required one with a default may be missing.
"""

from collections.abc import Mapping
from typing import Any

from flux.schema.mismatch import Node

OBJECT_FIELDS = ("apiVersion", "kind", "metadata")
CLOSED = {"additionalProperties": False, "items": {"$ref": "#/definitions/closed"}}
"""No fields, at any depth of lists."""
BOUNDS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
_VERBATIM = (
    *("pattern", "minLength", "maxLength", "minimum", "maximum", "multipleOf"),
    *("minItems", "maxItems", "uniqueItems", "minProperties", "maxProperties"),
)


def json_schema(root: Node, *, status_is_dropped: bool) -> dict[str, Any]:
    """The JSON schema (draft 7) of a whole object but for its metadata, whose rules are object_meta's.

    `status_is_dropped`: the kind has a status subresource, so that a status given on creation is dropped before the values are
    judged; unknown fields in it are refused all the same.
    """
    schema = _converted(root, null=False)
    properties = schema.setdefault("properties", {})
    if status_is_dropped and "status" in properties:
        properties["status"] = _fields_only(root["properties"]["status"])
    return {**schema, "properties": {**properties, **dict.fromkeys(OBJECT_FIELDS, True)}, "definitions": {"closed": CLOSED}}


def _converted(node: Node, *, null: bool) -> dict[str, Any]:
    null = null or bool(node.get("nullable"))
    schema: dict[str, Any] = {keyword: node[keyword] for keyword in _VERBATIM if keyword in node}
    if types := _types(node):
        schema["type"] = [*types, "null"] if null else types
    if "enum" in node:
        schema["enum"] = [*node["enum"], None] if null else list(node["enum"])
    if "integer" in types:
        _bound(schema, *BOUNDS.get(node.get("format", "int64"), BOUNDS["int64"]))
        schema["integerOnTheServer"] = True
    for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if node.get(exclusive) and limit in node:
            schema[exclusive] = schema.pop(limit)
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in node and not node.get("x-kubernetes-int-or-string"):
            schema[keyword] = [_conditions(one) for one in node[keyword]]
    if "not" in node:
        schema["not"] = _conditions(node["not"])
    return schema | _inner(node, types)


def _inner(node: Node, types: list[str]) -> dict[str, Any]:
    schema: dict[str, Any] = {}
    properties: Mapping[str, Node] = node.get("properties", {})
    required = [name for name in node.get("required", ()) if properties.get(name, {}).get("default") is None]
    if required:
        schema["required"] = required
    if properties:
        schema["properties"] = {name: _converted(child, null=name not in required) for name, child in properties.items()}
    schema |= _others(node, types, lambda child: _converted(child, null=True))
    if "items" in node:
        schema["items"] = _converted(node["items"], null=False)
    if node.get("x-kubernetes-list-type") == "map":
        schema["listMap"] = {"keys": node["x-kubernetes-list-map-keys"], "items": _defaults(node["items"])}
    if node.get("x-kubernetes-list-type") == "set":
        schema["uniqueItems"] = True
    return schema


def _others(node: Node, types: list[str], convert: Any) -> dict[str, Any]:
    if isinstance(node.get("additionalProperties"), Mapping):
        return {"additionalProperties": convert(node["additionalProperties"])}
    if node.get("x-kubernetes-preserve-unknown-fields") or node.get("additionalProperties") is True:
        return {}
    if not ("object" in types or "properties" in node):
        return {}
    embedded = dict.fromkeys(OBJECT_FIELDS, True) if node.get("x-kubernetes-embedded-resource") else {}
    return {"additionalProperties": False} | ({"patternProperties": {f"^{name}$": True for name in embedded}} if embedded else {})


def _fields_only(node: Node) -> dict[str, Any]:
    """Which fields there may be, whatever their types: what the server checks of a status before it drops it."""
    schema = {**CLOSED, **_others(node, _types(node), _fields_only)}
    if node.get("x-kubernetes-preserve-unknown-fields") or node.get("additionalProperties") is True:
        del schema["additionalProperties"]
    if "properties" in node:
        schema["properties"] = {name: _fields_only(child) for name, child in node["properties"].items()}
    if "items" in node:
        schema["items"] = _fields_only(node["items"])
    return schema


def _conditions(node: Node) -> dict[str, Any]:
    """A branch of allOf, anyOf, oneOf or not: it judges values, and neither knows nor forbids fields."""
    schema = {keyword: node[keyword] for keyword in (*_VERBATIM, "enum", "required") if keyword in node}
    if types := _types(node):
        schema["type"] = types
    if "properties" in node:
        schema["properties"] = {name: _conditions(child) for name, child in node["properties"].items()}
    if "items" in node:
        schema["items"] = _conditions(node["items"])
    for keyword in ("allOf", "anyOf", "oneOf"):
        if keyword in node:
            schema[keyword] = [_conditions(one) for one in node[keyword]]
    return schema | ({"not": _conditions(node["not"])} if "not" in node else {})


def _types(node: Node) -> list[str]:
    if node.get("x-kubernetes-int-or-string"):
        return ["integer", "string"]
    return [node["type"]] if node.get("type") else []


def _bound(schema: dict[str, Any], least: int, most: int) -> None:
    schema["minimum"] = max(least, schema.get("minimum", least))
    schema["maximum"] = min(most, schema.get("maximum", most))


def _defaults(items: Node) -> dict[str, Any]:
    return {name: child["default"] for name, child in items.get("properties", {}).items() if child.get("default") is not None}
