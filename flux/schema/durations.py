"""Durations as Flux writes them, and what a person may have meant by another text."""

import re
from typing import Any

from flux.schema.mismatch import Node

_PATTERN = re.compile(r"\^\(\[0-9\]\+\(\\\.\[0-9\]\+\)\?\(([a-z|]+)\)\)\+\$")
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
_UNITS = {
    **dict.fromkeys(("ms", "msec", "msecs", "millis", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("w", "week", "weeks"), "w"),
}
HOURS = re.compile(r"([0-9]+(\.[0-9]+)?(ms|s|m|h))+")
"""A duration of any field that knows hours."""
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)")
_BETWEEN = re.compile(r"[\s,]+|\band\b")


def units_of(node: Node) -> list[str] | None:
    """The units that a duration field takes; None for another field."""
    match = _PATTERN.fullmatch(str(node.get("pattern", "")))
    return match.group(1).split("|") if match else None


def suggestion(value: Any, units: list[str]) -> str | None:
    """The duration that `value` may mean, in `units`; None if that is unclear."""
    seconds = _seconds(value)
    return None if seconds is None else written(seconds, units)


def written(seconds: float, units: list[str]) -> str:
    """So many seconds, in the largest of `units` that fit."""
    milliseconds = round(seconds * 1000)
    if milliseconds == 0:
        return "0s"
    text = ""
    for unit in ("h", "m", "s", "ms"):
        size = round(_SECONDS[unit] * 1000)
        if unit in units and milliseconds >= size:
            text += f"{milliseconds // size}{unit}"
            milliseconds %= size
    return text


def _seconds(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if not isinstance(value, str):
        return float(value) if 0 <= value < 10**9 else None
    text = value.strip().lower()
    if text.startswith("pt"):  # ISO 8601
        text = text[2:]
    if not text or _BETWEEN.sub("", _PART.sub("", text)):
        return None
    seconds = 0.0
    for number, unit in _PART.findall(text):
        if unit and unit not in _UNITS:
            return None
        seconds += float(number) * _SECONDS[_UNITS[unit] if unit else "s"]
    return seconds if seconds < 10**9 else None
