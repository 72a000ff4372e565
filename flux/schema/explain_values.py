"""What to say about a value that a field does not take, and about a field that is missing."""

import json
import re
from collections.abc import Callable
from typing import Any

from flux.close_names import close_to
from flux.listing import either, listed
from flux.schema import durations
from flux.schema.mismatch import Mismatch, Node
from flux.schema.showing import mentioned, shown
from flux.schema.urls import about_url, schemes_of

Said = tuple[str, str]
"""What is wrong, and what to write."""
MISSING = "is required but missing"
"""What is wrong with a key that is not there."""
FEW = 12
_NEEDED = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map",
}
_YES = {"true", "yes", "on", "y", "1"}
_NO = {"false", "no", "off", "n", "0"}
_PLAIN_TEXT = re.compile(r"[A-Za-z](?:[A-Za-z0-9./=_-]|:(?=[^ ,]))*")
"""What YAML reads as text without quotes, on the safe side."""
_FORMS = (
    (r"^@artifact/", "a path in the artifact", "such as @artifact/"),
    (r"^@(artifact)/", "a path in the artifact", "such as @artifact/"),
    (r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)/", "a path in one of the sources", "such as @source/deploy/**, with the alias of a source"),
    (r"^@([a-z0-9]([a-z0-9_-]*[a-z0-9])?)$", "the alias of a source", "such as @source"),
    (r"^$|^[^+:]", "a refspec that pushes one branch and forces nothing", "that does not start with + or :"),
    (r"^[a-z0-9]([", "a name", "with lower-case letters, digits and dashes"),
    (r"^[\-._a-zA-Z0-9]+$", "the key of a ConfigMap or Secret", "with letters, digits, dashes, underscores and dots"),
    (r"^([a-zA-Z0-9_\-.\\\/]|", "a path in the values", "such as image.tag"),
)


def about_type(mismatch: Mismatch) -> Said:
    """The value is text where a list should be, and the like."""
    node, value = mismatch.node, mismatch.value
    units = durations.units_of(node)
    if units and not isinstance(value, list | dict):
        return about_duration(mismatch)
    given = shown(value, mismatch.path)
    if given is None and isinstance(value, list | dict):
        wrong = f"is a {'list' if isinstance(value, list) else 'map'}, not {_needed(node)}"
    else:
        wrong = f"{given or mentioned(value, mismatch.path)} is not {_needed(node)}"
    if value is None:
        return wrong, "Remove it, or write its value."
    return wrong, f"{_retyped(node, value, given)}."


def _retyped(node: Node, value: Any, given: str | None) -> str:
    match node.get("type"):
        case "string" if "enum" in node:
            return f"Write {either(node['enum'])}"
        case "string" if not isinstance(value, list | dict):
            return f'Quote it: "{given}"' if given else "Put it in quotes"
        case "integer" | "number" if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            return f"Write {value} without quotes" if given else "Remove the quotes"
        case "boolean" if str(value).lower() in _YES | _NO:
            return f"Write {'true' if str(value).lower() in _YES else 'false'}"
        case "array" if not isinstance(value, list | dict):
            return _as_list(node.get("items") or {}, value, given)
        case "array":
            return "Write it as a list: with a dash before each item"
        case "object" if isinstance(value, str) and node.get("required") == ["name"]:
            return f"Write {{name: {_plain(value)}}}" if given else "Write the name below it, as name"
        case "object" if node.get("properties"):
            return f"Write its fields below it: {', '.join(list(node.get('required') or node['properties'])[:FEW])}"
        case _:
            return f"Write {_needed(node)}"


def _as_list(items: Node, value: Any, given: str | None) -> str:
    """`[{kind: …, name: vars}]`: a list of one item, as the list has it."""
    if items.get("type") != "object":
        return f"Write it as a list: [{given}]" if given else "Write it as a list, even for one item"
    fields = list(items.get("required") or [*items.get("properties", ())][:1])
    if not fields:
        return "Write it as a list of maps: with a dash before each"
    written = (f"{field}: {_plain(str(value)) if field == 'name' and given else '…'}" for field in fields[:FEW])
    return f"Write it as a list: [{{{', '.join(written)}}}]"


def _plain(text: str) -> str:
    """`text` as it stands in a map of one line: in quotes where YAML would not read it as the same text."""
    return text if _PLAIN_TEXT.fullmatch(text) and text.lower() not in {*_YES, *_NO, "null"} else json.dumps(text, ensure_ascii=False)


def _needed(node: Node) -> str:
    if node.get("x-kubernetes-int-or-string"):
        return "a whole number or text"
    return _NEEDED.get(str(node.get("type")), "such a value")


def about_duration(mismatch: Mismatch) -> Said:
    """The value should be a duration."""
    units = durations.units_of(mismatch.node) or []
    given, value = mentioned(mismatch.value, mismatch.path), mismatch.value
    meant = durations.suggestion(value, units)
    hours = isinstance(value, str) and "h" not in units and durations.HOURS.fullmatch(value)
    wrong = f"{given} is in hours, which this field does not take" if hours else f"{given} is not a duration"
    if meant == "0s":
        stop = "; to stop Flux from reconciling it, write suspend: true" if mismatch.path[-1:] == ("interval",) else ""
        return wrong, f"Write a time with its unit, such as 1m{stop}."
    if re.fullmatch(r"[0-9]{1,2}", str(value)):
        return wrong, f"Write {value}m for minutes, or {value}s for seconds."
    if meant is None:
        return wrong, "Write a number with its unit, such as 5m" + (" or 1h30m." if "h" in units else " or 90s; this field takes no h.")
    return wrong, f"Write {meant}."


def about_pattern(mismatch: Mismatch) -> Said:
    """The text does not have the form that it must have."""
    if durations.units_of(mismatch.node):
        return about_duration(mismatch)
    if schemes_of(mismatch.node):
        return about_url(mismatch)
    pattern = mismatch.node["pattern"]
    given = mentioned(mismatch.value, mismatch.path)
    for start, what, form in _FORMS:
        if pattern.startswith(start):
            proposed = dns_name(mismatch.value, dots=False) if what == "a name" and shown(mismatch.value, mismatch.path) else ""
            return f"{given} is not {what}", f"Write {proposed}." if proposed else f"Write one {form}."
    return f"{given} does not have the form {pattern}", "Write text of this form."


def about_enum(mismatch: Mismatch) -> Said:
    """The value is not one of those allowed."""
    allowed = [str(value) for value in mismatch.node.get("enum", ())]
    close = close_to(mismatch.value, allowed) if isinstance(mismatch.value, str) else []
    return f"{mentioned(mismatch.value, mismatch.path)} is not an allowed value", f"Write {either(close or allowed)}."


def about_missing(mismatch: Mismatch) -> Said:
    """A field is missing, or there and empty."""
    name = str(mismatch.path[-1])
    node = mismatch.node.get("properties", {}).get(name, {})
    return MISSING, f"Add {name}{_example(name, node)}."


def _example(name: str, node: Node) -> str:
    if durations.units_of(node):
        return f", such as {name}: 10m"
    if "enum" in node:
        return f": {either(node['enum'])}"
    if schemes := schemes_of(node):
        return f", a URL that starts with {'https' if 'https' in schemes else schemes[0]}://"
    if node.get("type") == "boolean":
        return ": true or false"
    if node.get("type") == "array":
        return ", a list of at least one item" if node.get("minItems") else ", a list"
    if node.get("type") == "object":
        inner = node.get("required") or list(node.get("properties", ()))[:3]
        return f" with {listed(inner)} below it" if inner else ""
    return ""


def dns_name(text: str, *, dots: bool) -> str:
    """A name that Kubernetes takes, as near as possible to `text`; empty when nothing is left of it."""
    kept = re.sub(r"[^a-z0-9.-]+" if dots else r"[^a-z0-9-]+", "-", text.strip().lower())
    return re.sub(r"[-.]*\.[-.]*", ".", re.sub(r"-+", "-", kept)).strip("-.")


def too_many(count: int, unit: str, most: int) -> str:
    """What is wrong with something that is too long."""
    return f"has {count} {unit}; at most {most} are allowed"


def _length(mismatch: Mismatch, limit: str) -> Said:
    least = most = mismatch.node[limit]
    unit = {"L": "characters", "I": "items", "P": "fields"}[limit[3]]
    if limit.startswith("max"):
        return too_many(len(mismatch.value), unit, most), "Shorten it."
    count = f"has only {len(mismatch.value)} {unit}" if mismatch.value else "is empty"
    return count, f"Write at least {least} {unit if least > 1 else unit[:-1]}."


def _limits(mismatch: Mismatch) -> Said:
    given = shown(mismatch.value, mismatch.path) or "this number"
    lower = mismatch.keyword in ("minimum", "exclusiveMinimum")
    limit = mismatch.node.get("minimum" if lower else "maximum", mismatch.node[mismatch.keyword])
    for bits in (32, 64):
        if limit in (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1):
            return f"{given} does not fit into {bits} bits", "Write a number nearer to zero."
    return f"{given} is {'less' if lower else 'more'} than {limit}", f"Write {limit} or {'more' if lower else 'less'}."


def _list_map(mismatch: Mismatch) -> Said:
    keys = listed(mismatch.node["x-kubernetes-list-map-keys"])
    return f"has the same {keys} as an earlier item", f"Remove one of the two, or change its {keys}."


ABOUT: dict[str, Callable[[Mismatch], Said]] = {
    "type": about_type,
    "pattern": about_pattern,
    "enum": about_enum,
    "required": about_missing,
    "listMap": _list_map,
    "uniqueItems": lambda _: ("has the same item twice", "Remove one of the two."),
    **dict.fromkeys(("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"), _limits),
    "minLength": lambda mismatch: _length(mismatch, "minLength"),
    "maxLength": lambda mismatch: _length(mismatch, "maxLength"),
    "minItems": lambda mismatch: _length(mismatch, "minItems"),
    "maxItems": lambda mismatch: _length(mismatch, "maxItems"),
    "minProperties": lambda mismatch: _length(mismatch, "minProperties"),
    "maxProperties": lambda mismatch: _length(mismatch, "maxProperties"),
}
