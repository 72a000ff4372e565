"""Features of CRD schemas, on a small CRD of our own: Flux's releases use few of them today."""

from typing import Any

import pytest

from flux.schema import Schemas


def where(node: dict[str, Any], value: Any, *, required: bool = False) -> list[str]:
    """The places that are wrong in an object whose `field` has the schema `node`."""
    spec = {"type": "object", "properties": {"field": node}, "required": ["field"] if required else []}
    definition = {
        "kind": "CustomResourceDefinition",
        "spec": {
            "group": "example.com",
            "names": {"kind": "Thing"},
            "versions": [{"name": "v1", "served": True, "schema": {"openAPIV3Schema": {"type": "object", "properties": {"spec": spec}}}}],
        },
    }
    body = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "a"}, "spec": {"field": value}}
    return [finding.dotted for finding in Schemas.of([definition]).findings(body)]


STRING = {"type": "string"}


@pytest.mark.parametrize(
    ("node", "good", "bad"),
    [
        ({"x-kubernetes-int-or-string": True}, [1, "1"], [True, 1.5, []]),
        ({"x-kubernetes-int-or-string": True, "anyOf": [{"type": "integer"}, {"type": "string"}]}, [1, "1"], [True]),
        ({"type": "integer", "format": "int32"}, [2**31 - 1], [2**31]),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, [2], [1]),
        ({"type": "integer", "minimum": 1, "maximum": 3}, [1, 3], [0, 4]),
        ({"type": "number"}, [1, 1.5, 2**70], ["1", True]),
        ({"type": "number", "multipleOf": 0.5}, [1.5], [1.2]),
        ({"type": "array", "items": STRING, "x-kubernetes-list-type": "set"}, [["a", "b"]], [["a", "a"]]),
        ({"type": "object"}, [{}], [{"a": 1}]),
        ({"type": "object", "x-kubernetes-preserve-unknown-fields": True}, [{"a": 1}], ["a"]),
        ({"type": "object", "x-kubernetes-preserve-unknown-fields": True, "properties": {"a": STRING}}, [{"b": 1}], [{"a": 1}]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, [{"a": 1, "b": None}], [{"a": "1"}]),
        ({"type": "object", "additionalProperties": True}, [{"a": [1]}], ["a"]),
        ({"type": "object", "maxProperties": 1, "additionalProperties": STRING}, [{"a": "1"}], [{"a": "1", "b": "2"}]),
        (
            {"type": "object", "properties": {"a": STRING, "b": STRING}, "oneOf": [{"required": ["a"]}, {"required": ["b"]}]},
            [{"a": ""}],
            [{}],
        ),
        ({"type": "string", "not": {"enum": ["x"]}}, ["y"], ["x"]),
        ({"type": "string", "allOf": [{"minLength": 2}, {"pattern": "^a"}]}, ["ab"], ["a", "bb"]),
        ({"type": "object", "x-kubernetes-embedded-resource": True, "properties": {"spec": STRING}}, [{"kind": "A"}], [{"other": 1}]),
    ],
)
def test_a_schema_means_what_kubernetes_means(node: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if where(node, value)] == []
    assert [value for value in bad if not where(node, value)] == []


def test_a_nullable_field_keeps_its_null_also_where_it_is_required() -> None:
    assert where({"type": "string", "nullable": True}, None, required=True) == []
    assert where({"type": "string", "nullable": True, "enum": ["a"]}, None, required=True) == []
    assert where(STRING, None, required=True) == ["spec.field"]


def test_keys_of_a_list_map_have_their_defaults() -> None:
    item = {"type": "object", "properties": {"name": STRING, "protocol": {"type": "string", "default": "TCP"}}}
    node = {"type": "array", "items": item, "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name", "protocol"]}

    assert where(node, [{"name": "a"}, {"name": "a", "protocol": "UDP"}]) == []
    assert where(node, [{"name": "a"}, {"name": "b"}, {"name": "a", "protocol": "TCP"}]) == ["spec.field[2]"]


def ruled(rule: str, **node: Any) -> dict[str, Any]:
    return {**node, "x-kubernetes-validations": [{"rule": rule, "message": "no"}]}


@pytest.mark.parametrize(
    ("node", "good", "bad"),
    [
        (ruled("self > 1.5", type="number"), [2, 2.5], [1]),
        (ruled("self > 1", type="integer"), [2, 2.0], [1]),
        (ruled("self == oldSelf", type="string"), ["any"], []),
        (ruled("self == 'other' && self == oldSelf", type="string"), ["any"], []),
        (ruled("self.all(x, x.startsWith('a'))", type="array", items=STRING), [["a"]], [["b"]]),
        ({"type": "array", "items": ruled("self != 'b'", **STRING)}, [["a"]], [["a", "b"]]),
        ({"type": "object", "additionalProperties": ruled("self != 'b'", **STRING)}, [{"x": "a"}], [{"x": "b"}]),
        (ruled("self.__namespace__ == 'a'", type="object", properties={"namespace": STRING}), [{"namespace": "a"}], [{"namespace": "b"}]),
        (ruled("self.a__dash__b == 'a'", type="object", properties={"a-b": STRING}), [{"a-b": "a"}], [{"a-b": "b"}]),
        (ruled("self.a == 'x'", type="object", properties={"a": STRING}), [{"a": "x"}], [{}]),
        (ruled("self.a == 'x'", type="object", properties={"a": {"type": "string", "default": "x"}}), [{}, {"a": None}], [{"a": "y"}]),
        (ruled("!has(self.a) || self.a == 'x'", type="object", properties={"a": STRING}), [{}, {"a": "x"}, {"a": None}], [{"a": "y"}]),
        (ruled("isURL(self)", **STRING), ["not judged: the evaluator lacks the function"], []),
    ],
)
def test_a_rule_sees_what_the_server_would_show_it(node: dict[str, Any], good: list[Any], bad: list[Any]) -> None:
    assert [value for value in good if where(node, value)] == []
    assert [value for value in bad if not where(node, value)] == []


def test_a_rule_that_names_a_field_points_at_it() -> None:
    rule = {"rule": "false", "message": "no", "fieldPath": ".a"}

    assert where({"type": "object", "properties": {"a": STRING}, "x-kubernetes-validations": [rule]}, {}) == ["spec.field.a"]
