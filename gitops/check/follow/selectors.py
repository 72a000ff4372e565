"""Which objects a patch is meant for, as kustomize selects them."""

import re
from typing import Any

from gitops.check.repository.documents import mapping, text
from gitops.check.repository.go_regex import is_whole

_SET = re.compile(r"^\s*(?P<key>\S+)\s+(?P<how>in|notin)\s*\((?P<values>[^)]*)\)\s*$")
_EQUAL = re.compile(r"^\s*(?P<key>[^\s!=]+)\s*(?P<how>==?|!=)\s*(?P<value>\S*)\s*$")


def is_selected(target: dict[str, Any], body: dict[str, Any]) -> bool:
    """Whether `target` (a kustomize selector) selects an object. Names and kinds are whole regular expressions there."""
    group, _, version = text(body, "apiVersion").rpartition("/")
    facts = {
        "group": group,
        "version": version,
        "kind": text(body, "kind"),
        "name": text(body, "metadata", "name"),
        "namespace": text(body, "metadata", "namespace"),
    }
    return (
        all(_matches(text(target, key), fact) for key, fact in facts.items())
        and has_labels(text(target, "labelSelector"), mapping(body, "metadata", "labels"))
        and has_labels(text(target, "annotationSelector"), mapping(body, "metadata", "annotations"))
    )


def has_labels(selector: str, labels: dict[str, Any]) -> bool:
    """Whether labels satisfy a selector as kubectl takes it: `a=b, c notin (d), e, !f`."""
    return all(_holds(part, labels) for part in re.split(r",(?![^(]*\))", selector) if part.strip())


def _holds(requirement: str, labels: dict[str, Any]) -> bool:
    if found := _SET.match(requirement):
        within = str(labels.get(found["key"])) in [value.strip() for value in found["values"].split(",")]
        return within if found["how"] == "in" else not within
    if found := _EQUAL.match(requirement):
        same = str(labels.get(found["key"])) == found["value"]
        return same if found["how"] != "!=" else not same
    key = requirement.strip()
    return key.removeprefix("!").strip() not in labels if key.startswith("!") else key in labels


def _matches(pattern: str, fact: str) -> bool:
    return not pattern or is_whole(pattern, fact) or pattern == fact
