"""The CEL rules of a CRD (`x-kubernetes-validations`), on the value that the API server would show them: without nulls, with defaults."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from flux.key_path import KeyPath
from flux.schema.mismatch import Mismatch, Node

RESERVED = {
    *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import", "let"),
    *("loop", "package", "namespace", "return", "var", "void", "while"),
}
_ABOUT_A_FIELD = re.compile(r"\s*!has\(self\.(\w+)\)\s*\|\|[^?]*$")
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))


@dataclass(kw_only=True)
class RuleTree:
    """The rules of a node and of what is below it; branches without rules are not in it."""

    node: Node
    rules: list[Mapping[str, Any]] = field(default_factory=list)
    fields: dict[str, "RuleTree"] = field(default_factory=dict)
    items: "RuleTree | None" = None
    values: "RuleTree | None" = None
    _programs: list[Any] | None = None

    @classmethod
    def of(cls, node: Node) -> "RuleTree | None":
        """The rules in a schema; None when it has none."""
        tree = cls(node=node, rules=list(node.get("x-kubernetes-validations", ())))
        tree.fields = {name: found for name, child in node.get("properties", {}).items() if (found := cls.of(child))}
        tree.items = cls.of(node["items"]) if "items" in node else None
        tree.values = cls.of(node["additionalProperties"]) if isinstance(node.get("additionalProperties"), Mapping) else None
        return tree if tree.rules or tree.fields or tree.items or tree.values else None

    def mismatches(
        self, value: Any, path: KeyPath, doubtful: Callable[[KeyPath, str], bool], *, is_view: bool = False
    ) -> Iterator[Mismatch]:
        """The rules that `value` breaks; those are left out whose fields are `doubtful` by themselves.

        `is_view`: whether `value` is a `server_view`. Only what a rule looks at is made one: most objects have nothing that a rule could
        object to.
        """
        if value is None:
            return
        if not is_view and not all(_says_nothing(rule["rule"], value, self.node) for rule in self.rules):
            value, is_view = server_view(value, self.node), True
        for index, rule in enumerate(self.rules) if is_view else ():
            if not (_says_nothing(rule["rule"], value) or doubtful(path, rule["rule"]) or _holds(self._program(index), value)):
                yield Mismatch(path=_place(path, rule), keyword="rule", value=value, node=self.node, detail=rule)
        if isinstance(value, Mapping):
            for name, tree in self.fields.items():
                item = value.get(escaped(name)) if is_view else tree.given_or_default(value, name)
                yield from tree.mismatches(item, (*path, name), doubtful, is_view=is_view)
            if self.values:
                for name, item in value.items():
                    yield from self.values.mismatches(item, (*path, name), doubtful, is_view=is_view)
        if isinstance(value, list) and self.items:
            for index, item in enumerate(value):
                yield from self.items.mismatches(item, (*path, index), doubtful, is_view=is_view)

    def given_or_default(self, holder: Mapping[str, Any], name: str) -> Any:
        """What the server would have under `name`, whose rules these are."""
        item = holder.get(name)
        is_null = name in holder and self.node.get("nullable")
        return self.node.get("default") if item is None and not is_null else item

    def _program(self, index: int) -> Any:
        if self._programs is None:
            import cel  # only where a rule has to be evaluated: the import takes longer than all the rest

            programs = [cel.compile(rule["rule"]) for rule in self.rules]
            # A rule about the old object judges updates only.
            self._programs = [None if "oldSelf" in program.variables() else program for program in programs]
        return self._programs[index]


def _says_nothing(rule: str, value: Any, node: Node | None = None) -> bool:
    """Whether the rule begins with `!has(self.field) ||` and the field is missing: then it holds, whatever follows.

    `node`: of a value that is not yet a `server_view`, so that a default may still come.
    """
    match = _ABOUT_A_FIELD.match(rule)
    if match is None or not isinstance(value, dict):
        return False
    field_name = match.group(1)
    return field_name not in value and (node is None or "default" not in node.get("properties", {}).get(field_name, {}))


def _holds(program: Any, value: Any) -> bool:
    try:
        return program is None or program.execute({"self": value}) is True
    except RuntimeError:
        # A function of Kubernetes' own that this evaluator lacks: not judged. No rule of a supported release has one (tests).
        return True
    except (KeyError, TypeError, ValueError, IndexError):
        return False  # an error in a rule is a refusal


def _place(path: KeyPath, rule: Mapping[str, Any]) -> KeyPath:
    named = str(rule.get("fieldPath", "")).lstrip(".")
    return (*path, *named.split(".")) if named and "[" not in named else path


def server_view(value: Any, node: Node | None) -> Any:
    """`value` as rules see it: nulls dropped, defaults in, numbers of the schema's type, names escaped as CEL wants them."""
    if node is None:
        return value
    if isinstance(value, Mapping):
        properties: Mapping[str, Node] = node.get("properties", {})
        others = node.get("additionalProperties")
        others = others if isinstance(others, Mapping) else None
        given = {name: item for name, item in value.items() if item is not None or (properties.get(name, others) or {}).get("nullable")}
        for name, child in properties.items():
            if name not in given and child.get("default") is not None:
                given[name] = child["default"]
        return {
            escaped(name) if name in properties else name: server_view(item, properties.get(name, others)) for name, item in given.items()
        }
    if isinstance(value, list):
        return [server_view(item, node.get("items")) for item in value]
    if type(value) is int and node.get("type") == "number":
        return float(value)
    if type(value) is float and node.get("type") == "integer" and value.is_integer():
        return int(value)
    return value


@cache
def escaped(name: str) -> str:
    """A field's name as rules write it: CEL's own words and signs are no names."""
    if name in RESERVED:
        return f"__{name}__"
    if name.isalnum():
        return name
    for sign, word in _ESCAPES:
        name = name.replace(sign, word)
    return name
