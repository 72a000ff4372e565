"""One version of one kind: what is wrong with a body of it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from itertools import islice
from typing import Any

from flux.close_names import close_to
from flux.key_path import KeyPath
from flux.schema.cel_rules import RuleTree
from flux.schema.json_schema import json_schema
from flux.schema.keywords import KEYWORDS
from flux.schema.mismatch import Mismatch, Node
from flux.schema.object_meta import metadata_mismatches
from flux.schema.plain import is_json, plain_copy

_MOST_TOLD = 50
"""Faults of one object. Each is compared with every rule of its schema, and more are not read."""
_FIRST_OF_A_PLACE = ("notJson", "type", "minimum", "maximum", "minLength", "maxLength", "enum", "pattern")


class KindSchema:
    """The schema of one version of one kind, compiled when the first body is judged."""

    def __init__(self, *, kind: str, root: Node, status_is_dropped: bool) -> None:
        """Remember the schema; costs nothing."""
        self.kind = kind
        self.root = root
        self._status_is_dropped = status_is_dropped

    @cached_property
    def _validator(self) -> Any:
        import jsonschema_rs  # only where something is judged

        return jsonschema_rs.Draft7Validator(
            json_schema(self.root, status_is_dropped=self._status_is_dropped),
            keywords=KEYWORDS,
            # The engine without backtracking, as Go's: patterns mean the same, and none can hang.
            pattern_options=jsonschema_rs.RegexOptions(),
            validate_formats=False,
            offline=True,
        )

    @cached_property
    def _rules(self) -> RuleTree | None:
        return RuleTree.of(self.root)

    def mismatches(self, body: Mapping[str, Any]) -> list[Mismatch]:
        """All that is wrong with `body` but for its apiVersion and kind, in no order."""
        judged = body
        found: list[Mismatch] = []
        if not self._accepts(body):
            judged, not_json = plain_copy(body)
            found = _without_misspelt(_without_repetition([*not_json, *self._broken(judged)]))
        found += metadata_mismatches(judged.get("metadata"))
        if self._rules:
            doubtful = _Doubts(found)
            found += self._rules.mismatches(judged, (), doubtful)
        return found

    def node_at(self, path: KeyPath) -> Node:
        """What the schema says about the place; empty where it says nothing."""
        return node_at(self.root, path)

    def _accepts(self, body: Mapping[str, Any]) -> bool:
        try:
            return is_json(body) and bool(self._validator.is_valid(body))
        except ValueError:
            return False

    def _broken(self, body: Mapping[str, Any]) -> Iterator[Mismatch]:
        for error in islice(self._validator.iter_errors(body), _MOST_TOLD):
            path: KeyPath = tuple(error.instance_path)
            keyword, node, value = error.kind.name, self.node_at(path), error.instance
            if keyword == "additionalProperties":
                for name in error.kind.unexpected:
                    yield Mismatch(path=(*path, name), keyword="unknown", value=value[name], node=node)
            elif keyword == "falseSchema":  # no field at all is allowed here
                for name, item in _value_at(body, path).items():
                    yield Mismatch(path=(*path, name), keyword="unknown", value=item, node=node)
            elif keyword == "required":
                yield Mismatch(path=(*path, error.kind.property), keyword="required", node=node)
            elif keyword == "type" and value is None and path and isinstance(path[-1], str):
                yield Mismatch(path=path, keyword="required", node=self.node_at(path[:-1]))
            elif keyword == "listMap":
                index = int(error.message)
                yield Mismatch(path=(*path, index), keyword="listMap", value=value[index], node=node)
            else:
                keyword = "type" if keyword == "integerOnTheServer" else keyword
                # A branch of allOf and the like has limits that the node itself has not.
                yield Mismatch(path=path, keyword=keyword, value=value, node={keyword: error.kind.value, **node})


class _Doubts:
    """Which rules say nothing new, since one of the fields that they are about is wrong by itself."""

    def __init__(self, mismatches: Iterable[Mismatch]) -> None:
        self._mismatches = list(mismatches)

    def __call__(self, path: KeyPath, rule: str) -> bool:
        return any(self._in_doubt(mismatch, path, rule) for mismatch in self._mismatches)

    def _in_doubt(self, mismatch: Mismatch, path: KeyPath, rule: str) -> bool:
        if mismatch.path[: len(path)] != path:
            return False
        rest = mismatch.path[len(path) :]
        if not rest or not isinstance(rest[0], str):
            return True
        names = [rest[0]]
        if mismatch.keyword == "unknown" and len(rest) == 1:
            names += close_to(rest[0], mismatch.node.get("properties", {}))
        return any(re.search(rf"\b{re.escape(name)}\b", rule) for name in names)


def _without_repetition(mismatches: Iterable[Mismatch]) -> list[Mismatch]:
    """Of a value that has the wrong type and therefore none of the allowed values, only the first is worth saying."""
    kept: dict[tuple[KeyPath, str], Mismatch] = {}
    for mismatch in mismatches:
        about_the_value = mismatch.keyword in _FIRST_OF_A_PLACE
        key = (mismatch.path, "value" if about_the_value else mismatch.keyword)
        there = kept.get(key)
        if there is None or (about_the_value and _FIRST_OF_A_PLACE.index(mismatch.keyword) < _FIRST_OF_A_PLACE.index(there.keyword)):
            kept[key] = mismatch
    return list(kept.values())


def _without_misspelt(mismatches: list[Mismatch]) -> list[Mismatch]:
    """A field that is missing because its name is misspelt is one fault: the misspelt one is reported."""
    missing = {mismatch.path for mismatch in mismatches if mismatch.keyword == "required"}
    unknown = [mismatch for mismatch in mismatches if mismatch.keyword == "unknown"] if missing else []
    meant = {(*each.path[:-1], name) for each in unknown for name in close_to(str(each.path[-1]), each.node.get("properties", {}))[:1]}
    return [mismatch for mismatch in mismatches if mismatch.keyword != "required" or mismatch.path not in meant]


def _value_at(value: Any, path: KeyPath) -> Any:
    for part in path:
        value = value[part]
    return value


def node_at(node: Node, path: KeyPath) -> Node:
    """The node of a schema at `path`; empty where the schema says nothing."""
    for part in path:
        others = node.get("additionalProperties")
        if isinstance(part, int):
            node = node.get("items", {})
        elif part in node.get("properties", {}):
            node = node["properties"][part]
        else:
            node = others if isinstance(others, Mapping) else {}
    return node
