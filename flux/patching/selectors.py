"""Which objects a patch is meant for, as kustomize selects them."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from flux.any_shape import mapping, text
from flux.go_regex import is_whole
from flux.kinds import api_group

_SET = re.compile(r"^\s*(?P<key>\S+)\s+(?P<how>in|notin)\s*\((?P<values>[^)]*)\)\s*$")
_EQUAL = re.compile(r"^\s*(?P<key>[^\s!=]+)\s*(?P<how>==?|!=)\s*(?P<value>\S*)\s*$")


_FACTS: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "group": lambda body: api_group(text(body, "apiVersion") or ""),
    "version": lambda body: (text(body, "apiVersion") or "").rpartition("/")[2],
    "kind": lambda body: text(body, "kind") or "",
    "name": lambda body: text(body, "metadata", "name") or "",
    "namespace": lambda body: text(body, "metadata", "namespace") or "",
}
"""What a selector may ask of an object. Thousands of patches meet thousands of objects, so nothing is read that is not asked for."""


def is_selected(target: Mapping[str, Any], body: Mapping[str, Any]) -> bool:
    """Whether `target` (a kustomize selector) selects an object. Names and kinds are whole regular expressions there."""
    return (
        all(_matches(pattern, fact(body)) for key, fact in _FACTS.items() if (pattern := text(target, key)))
        and has_labels(text(target, "labelSelector") or "", mapping(body, "metadata", "labels"))
        and has_labels(text(target, "annotationSelector") or "", mapping(body, "metadata", "annotations"))
    )


def has_labels(selector: str, labels: Mapping[str, Any]) -> bool:
    """Whether labels satisfy a selector as kubectl takes it: `a=b, c notin (d), e, !f`."""
    return all(_holds(part, labels) for part in _requirements(selector) if part.strip())


@lru_cache(maxsize=64)
def _requirements(selector: str) -> tuple[str, ...]:
    """What stands between commas, but for those between a parenthesis and its end. Each object asks again."""
    found: list[str] = []
    end, is_inside = len(selector), False
    for index in range(len(selector) - 1, -1, -1):
        sign = selector[index]
        if sign in "()":
            is_inside = sign == ")"
        elif sign == "," and not is_inside:
            found.append(selector[index + 1 : end])
            end = index
    return selector[:end], *reversed(found)


def _holds(requirement: str, labels: Mapping[str, Any]) -> bool:
    if found := _SET.match(requirement):
        within = str(labels.get(found["key"])) in [value.strip() for value in found["values"].split(",")]
        return within if found["how"] == "in" else not within
    if found := _EQUAL.match(requirement):
        same = str(labels.get(found["key"])) == found["value"]
        return same if found["how"] != "!=" else not same
    key = requirement.strip()
    return key.removeprefix("!").strip() not in labels if key.startswith("!") else key in labels


def _matches(pattern: str, fact: str) -> bool:
    return pattern == fact or bool(is_whole(pattern, fact))
