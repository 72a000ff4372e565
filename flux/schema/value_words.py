"""What to say about a value that a field does not take, and about a field that is missing."""

import re
from collections.abc import Callable
from typing import Any

from flux.schema import durations
from flux.schema.nearest import nearest
from flux.schema.problem import Node, Problem
from flux.schema.showing import mentioned, shown
from flux.schema.urls import schemes_of, url_words

Said = tuple[str, str]
FEW = 12
_NEEDED = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map",
}
_YES = {"true", "yes", "on", "y", "1"}
_NO = {"false", "no", "off", "n", "0"}
_FORMS = (
    (r"^@artifact/", "a path in the artifact", "such as @artifact/"),
    (r"^@(artifact)/", "a path in the artifact", "such as @artifact/"),
    (r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/", "a path in one of the sources", "such as @source/deploy/**, with the alias of a source"),
    (r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$", "the alias of a source", "such as @source"),
    (r"^$|^[^+:]", "a refspec that pushes one branch and forces nothing", "without + or : at its beginning"),
    (r"^[a-z0-9]([", "a name", "in lower-case letters, digits and dashes"),
    (r"^[\-._a-zA-Z0-9]+$", "the key of a ConfigMap or Secret", "in letters, digits, dashes, underscores and dots"),
    (r"^([a-zA-Z0-9_\-.\\\/]|", "a path in the values", "such as image.tag"),
)


def type_words(problem: Problem) -> Said:
    """The value is a text where a list should be, and the like."""
    node, value = problem.node, problem.value
    units = durations.units_of(node)
    if units and not isinstance(value, list | dict):
        return duration_words(problem)
    given = shown(value, problem.path)
    if given is None and isinstance(value, list | dict):
        wrong = f"a {'list' if isinstance(value, list) else 'map'} stands where {_needed(node)} belongs"
    else:
        wrong = f"{given or mentioned(value, problem.path)} is not {_needed(node)}"
    if value is None:
        return wrong, "remove it, or write its value"
    return wrong, _retyped(node, value, given)


def _retyped(node: Node, value: Any, given: str | None) -> str:
    match node.get("type"):
        case "string" if "enum" in node:
            return f"write one of {', '.join(map(str, node['enum']))}"
        case "string" if not isinstance(value, list | dict):
            return f'quote it: "{given}"' if given else "put it in quotes"
        case "integer" | "number" if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            return f"write {value} without quotes" if given else "remove the quotes"
        case "boolean" if str(value).lower() in _YES | _NO:
            return f"write {'true' if str(value).lower() in _YES else 'false'}"
        case "array" if not isinstance(value, list | dict):
            return f"write it as a list: [{given}]" if given else "write it as a list, even of one"
        case "array":
            return "write it as a list: with a dash before each item"
        case "object" if isinstance(value, str) and node.get("required") == ["name"]:
            return f"write {{name: {value}}}" if given else "write the name below it, as name"
        case "object" if node.get("properties"):
            return f"write its fields below it: {', '.join(list(node.get('required') or node['properties'])[:FEW])}"
    return f"write {_needed(node)}"


def _needed(node: Node) -> str:
    if node.get("x-kubernetes-int-or-string"):
        return "a whole number or a text"
    return _NEEDED.get(str(node.get("type")), "such a value")


def duration_words(problem: Problem) -> Said:
    """The value should be a duration."""
    units = durations.units_of(problem.node) or []
    given, value = mentioned(problem.value, problem.path), problem.value
    meant = durations.suggestion(value, units)
    hours = isinstance(value, str) and "h" not in units and durations.HOURS.fullmatch(value)
    wrong = f"{given} is in hours, which this field does not know" if hours else f"{given} is not a duration"
    if meant == "0s":
        stop = "; to stop Flux from reconciling it, write suspend: true" if problem.path[-1:] == ("interval",) else ""
        return wrong, f"write a time with its unit, such as 1m{stop}"
    if re.fullmatch(r"[0-9]{1,2}", str(value)):
        return wrong, f"write {value}m for minutes, or {value}s for seconds"
    if meant is None:
        return wrong, "write a number with its unit, such as 5m" + (" or 1h30m" if "h" in units else " or 90s; there is no h here")
    return wrong, f"write {meant}"


def pattern_words(problem: Problem) -> Said:
    """The text does not have the form that it must have."""
    if durations.units_of(problem.node):
        return duration_words(problem)
    if schemes_of(problem.node):
        return url_words(problem)
    pattern = problem.node["pattern"]
    given = mentioned(problem.value, problem.path)
    for start, what, form in _FORMS:
        if pattern.startswith(start):
            proposed = dns_name(problem.value, dots=False) if what == "a name" and shown(problem.value, problem.path) else ""
            return f"{given} is not {what}", f"write {proposed}" if proposed else f"write one {form}"
    return f"{given} does not have the form {pattern}", "write a text of this form"


def enum_words(problem: Problem) -> Said:
    """The value is not one of those allowed."""
    allowed = [str(value) for value in problem.node.get("enum", ())]
    close = nearest(problem.value, allowed) if isinstance(problem.value, str) else []
    wrong = f"{mentioned(problem.value, problem.path)} is not one of {', '.join(allowed)}"
    return wrong, f"write {' or '.join(close or allowed)}" if close or len(allowed) == 1 else "write one of them"


def required_words(problem: Problem) -> Said:
    """A field is missing, or there and empty."""
    name = str(problem.path[-1])
    node = problem.node.get("properties", {}).get(name, {})
    return f"{name} is missing", f"add {name}{_example(name, node)}"


def _example(name: str, node: Node) -> str:
    if durations.units_of(node):
        return f", such as {name}: 10m"
    if "enum" in node:
        return f": {node['enum'][0]}" if len(node["enum"]) == 1 else f", one of {', '.join(map(str, node['enum']))}"
    if schemes := schemes_of(node):
        return f", a URL that starts with {'https' if 'https' in schemes else schemes[0]}://"
    if node.get("type") == "boolean":
        return ": true or false"
    if node.get("type") == "array":
        return ", a list of at least one" if node.get("minItems") else ", a list"
    if node.get("type") == "object":
        inner = node.get("required") or list(node.get("properties", ()))[:3]
        return f" with {' and '.join(inner)} below it" if inner else ""
    return ""


def dns_name(text: str, *, dots: bool) -> str:
    """A name that Kubernetes takes, as near as possible to `text`; empty when nothing is left of it."""
    kept = re.sub(r"[^a-z0-9.-]+" if dots else r"[^a-z0-9-]+", "-", text.strip().lower())
    return re.sub(r"[-.]*\.[-.]*", ".", re.sub(r"-+", "-", kept)).strip("-.")


def _length(problem: Problem, limit: str) -> Said:
    most = problem.node[limit]
    unit = {"L": "characters", "I": "items", "P": "fields"}[limit[3]]
    what = {"L": "text", "I": "list", "P": "map"}[limit[3]]
    if limit.startswith("min"):
        count = "is empty" if not problem.value else f"has {len(problem.value)} {unit}"
        return (
            f"the {what} {count}, and {most} {'is' if most == 1 else 'are'} the least",
            f"write at least {most} {unit if most > 1 else unit[:-1]}",
        )
    return f"the {what} has {len(problem.value)} {unit}, and {most} are the most", "shorten it"


def _limits(problem: Problem) -> Said:
    given = shown(problem.value, problem.path) or "this number"
    lower = problem.keyword in ("minimum", "exclusiveMinimum")
    limit = problem.node.get("minimum" if lower else "maximum", problem.node[problem.keyword])
    for bits in (32, 64):
        if limit in (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1):
            return f"{given} is beyond all whole numbers of {bits} bits", "write a smaller one"
    return (
        f"{given} is {'less' if lower else 'more'} than {limit}, the {'least' if lower else 'most'}",
        f"write {limit} or {'more' if lower else 'less'}",
    )


def _list_map(problem: Problem) -> Said:
    keys = " and ".join(problem.node["x-kubernetes-list-map-keys"])
    return f"an earlier item has the same {keys}", f"remove one of the two, or change its {keys}"


ABOUT: dict[str, Callable[[Problem], Said]] = {
    "type": type_words,
    "pattern": pattern_words,
    "enum": enum_words,
    "required": required_words,
    "listMap": _list_map,
    "uniqueItems": lambda _: ("two items of the list are the same", "remove one of them"),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _limits),
    "minLength": lambda problem: _length(problem, "minLength"),
    "maxLength": lambda problem: _length(problem, "maxLength"),
    "minItems": lambda problem: _length(problem, "minItems"),
    "maxItems": lambda problem: _length(problem, "maxItems"),
    "minProperties": lambda problem: _length(problem, "minProperties"),
    "maxProperties": lambda problem: _length(problem, "maxProperties"),
}
