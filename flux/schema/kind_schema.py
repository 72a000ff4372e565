"""One version of one kind: what is wrong with a body of it."""

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from flux.finding import Path
from flux.schema.cel_rules import RuleTree, server_view
from flux.schema.json_schema import json_schema
from flux.schema.keywords import KEYWORDS
from flux.schema.nearest import nearest
from flux.schema.object_meta import metadata_problems
from flux.schema.plain import is_json, plain_copy
from flux.schema.problem import Node, Problem

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

    def problems(self, body: Mapping[str, Any]) -> list[Problem]:
        """All that is wrong with `body` but for its apiVersion and kind, in no order."""
        judged = body
        found: list[Problem] = []
        if not self._accepts(body):
            judged, not_json = plain_copy(body)
            found = _without_repetition([*not_json, *self._broken(judged)])
        found += metadata_problems(judged.get("metadata"))
        if self._rules:
            doubtful = _Doubts(found)
            found += self._rules.problems(server_view(judged, self.root), (), doubtful)
        return found

    def node_at(self, path: Path) -> Node:
        """What the schema says about the place; empty where it says nothing."""
        return node_at(self.root, path)

    def _accepts(self, body: Mapping[str, Any]) -> bool:
        try:
            return is_json(body) and bool(self._validator.is_valid(body))
        except ValueError:
            return False

    def _broken(self, body: Mapping[str, Any]) -> Iterator[Problem]:
        for error in self._validator.iter_errors(body):
            path: Path = tuple(error.instance_path)
            keyword, node, value = error.kind.name, self.node_at(path), error.instance
            if keyword == "additionalProperties":
                for name in error.kind.unexpected:
                    yield Problem(path=(*path, name), keyword="unknown", value=value[name], node=node)
            elif keyword == "falseSchema":  # no field at all is allowed here
                for name, item in _value_at(body, path).items():
                    yield Problem(path=(*path, name), keyword="unknown", value=item, node=node)
            elif keyword == "required":
                yield Problem(path=(*path, error.kind.property), keyword="required", node=node)
            elif keyword == "type" and value is None and path and isinstance(path[-1], str):
                yield Problem(path=path, keyword="required", node=self.node_at(path[:-1]))
            elif keyword == "listMap":
                index = int(error.message)
                yield Problem(path=(*path, index), keyword="listMap", value=value[index], node=node)
            else:
                keyword = "type" if keyword == "integerOnTheServer" else keyword
                # A branch of allOf and the like has limits that the node itself has not.
                yield Problem(path=path, keyword=keyword, value=value, node={keyword: error.kind.value, **node})


class _Doubts:
    """Which rules say nothing new, since one of the fields that they are about is wrong by itself."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self._problems = list(problems)

    def __call__(self, path: Path, rule: str) -> bool:
        return any(self._in_doubt(problem, path, rule) for problem in self._problems)

    def _in_doubt(self, problem: Problem, path: Path, rule: str) -> bool:
        if problem.path[: len(path)] != path:
            return False
        rest = problem.path[len(path) :]
        if not rest or not isinstance(rest[0], str):
            return True
        names = [rest[0]]
        if problem.keyword == "unknown" and len(rest) == 1:
            names += nearest(rest[0], problem.node.get("properties", {}))
        return any(re.search(rf"\b{re.escape(name)}\b", rule) for name in names)


def _without_repetition(problems: Iterable[Problem]) -> list[Problem]:
    """Of a value that has the wrong type and therefore none of the allowed values, only the first is worth saying."""
    kept: dict[tuple[Path, str], Problem] = {}
    for problem in problems:
        about_the_value = problem.keyword in _FIRST_OF_A_PLACE
        key = (problem.path, "value" if about_the_value else problem.keyword)
        there = kept.get(key)
        if there is None or (about_the_value and _FIRST_OF_A_PLACE.index(problem.keyword) < _FIRST_OF_A_PLACE.index(there.keyword)):
            kept[key] = problem
    return list(kept.values())


def _value_at(value: Any, path: Path) -> Any:
    for part in path:
        value = value[part]
    return value


def node_at(node: Node, path: Path) -> Node:
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
