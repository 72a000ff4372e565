"""The part of JSONPath that `pulumi.com/waitFor` needs: fields, indexes, wildcards and one comparison as a filter."""

import re
from collections.abc import Mapping
from typing import Any

_STEP = re.compile(
    r"""\.?(?:
        \[\?\(?\s*@\.(?P<filter>[\w.-]+)\s*==\s*(?P<quote>["'])(?P<equals>.*?)(?P=quote)\s*\)?\]
      | \[(?P<index>-?\d+)\]
      | \[["'](?P<quoted>[^"']+)["']\]
      | (?P<all>\[\*\]|\*)
      | (?P<name>(?:[^.\[\]*?@\\\s]|\\.)+)
    )""",
    re.VERBOSE,
)


class JsonPath:
    """`{.status.phase}=Running`, or without a value: the field exists."""

    def __init__(self, text: str) -> None:
        match = re.fullmatch(r"\{\s*\$?(?P<path>[^{}]*)\}(?:==?(?P<value>.*))?|\$?(?P<bare>\.[^=\s]+)(?:==?(?P<bare_value>.*))?", text)
        if not match:
            raise ValueError(
                f"waitFor: jsonpath={text} is not of the form jsonpath={{.path.to.field}} or jsonpath={{.path.to.field}}=value"
            )
        self._value = match["value"] if match["path"] is not None else match["bare_value"]
        if self._value is not None:
            self._value = self._value.strip("\"'")
        self._steps = list(_steps((match["path"] if match["path"] is not None else match["bare"]).strip(), text))

    def matches(self, obj: Mapping[str, Any]) -> bool:
        """Whether `obj` has the field, with the value if one is asked for."""
        found: list[Any] = [obj]
        for step in self._steps:
            found = [item for value in found for item in _follow(value, step)]
        if self._value is None:
            return bool(found)
        return any(_text(value) == self._value for value in found)


def _steps(path: str, text: str) -> list[re.Match[str]]:
    steps, at = [], 0
    while at < len(path):
        match = _STEP.match(path, at)
        if not match or match.end() == at:
            raise ValueError(f"waitFor: jsonpath={text} cannot be read from {path[at:]!r} on")
        steps.append(match)
        at = match.end()
    return steps


def _follow(value: Any, step: re.Match[str]) -> list[Any]:
    if step["filter"]:
        return [item for item in _items(value) if _text(_field(item, step["filter"])) == step["equals"]]
    if step["all"]:
        return _items(value)
    if step["index"]:
        position = int(step["index"])
        return [value[position]] if isinstance(value, list) and -len(value) <= position < len(value) else []
    name = step["quoted"] or step["name"].replace("\\.", ".")
    return [value[name]] if isinstance(value, dict) and name in value else []


def _items(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _field(value: Any, path: str) -> Any:
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
