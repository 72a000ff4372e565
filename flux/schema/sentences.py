"""Sentences about what is wrong: what; that the API server would refuse it; what to write instead."""

import datetime
from collections.abc import Callable
from typing import Any

from flux.schema import value_words
from flux.schema.nearest import nearest
from flux.schema.problem import Node, Problem
from flux.schema.rule_advice import advice
from flux.schema.showing import mentioned, shown, shown_name

Said = tuple[str, str]
"""What is wrong, and what to write."""
MANY = 40


class Words:
    """The sentences about one object."""

    def __init__(self, kind: str, root: Node) -> None:
        """`root` is the schema of its version, in which a misplaced field is looked for."""
        self._kind = shown_name(kind) or "object"
        self._root = root
        self._about: dict[str, Callable[[Problem], Said]] = {
            "unknown": self._unknown,
            "kind": _kind,
            "apiVersion": self._api_version,
            "rule": _rule,
            "notAName": _not_a_name,
            "notJson": _not_json,
            **METADATA,
            **value_words.ABOUT,
        }

    def sentence(self, problem: Problem) -> str:
        """The whole sentence about one problem."""
        say = self._about.get(problem.keyword, _anything)
        wrong, remedy = say(problem)
        return f"{wrong}; the API server would refuse the {self._kind}; {remedy}"

    def _unknown(self, problem: Problem) -> Said:
        names = list(problem.node.get("properties", ()))
        name = str(problem.path[-1])
        known = shown_name(name)
        if known is None:
            return "there is no field of this name, which is not shown since it looks like a secret", "remove it"
        wrong = f'there is no field "{known}" here'
        close = nearest(name, names)
        elsewhere = [path for path in _places(self._root, name) if path != problem.path[:-1]]
        if close and (not elsewhere or len(close) == 1):
            return wrong, f"write {_either(close)}"
        if elsewhere:
            return wrong, f"put it below {_either(['.'.join(path) or 'the object itself' for path in elsewhere[:3]])}"
        if not names:
            return wrong, "remove it"
        return wrong, f"remove it, or write one of {', '.join(sorted(names)[:MANY])}"

    def _api_version(self, problem: Problem) -> Said:
        versions = list(problem.detail)
        given = shown(problem.value, ()) or "this apiVersion" if problem.value else "no apiVersion"
        served = f"the Flux being installed serves {self._kind} as {_either(versions)}"
        return f"{served}, not as {given}" if problem.value else f"apiVersion is missing: {served}", f"write apiVersion: {versions[0]}"


def _kind(problem: Problem) -> Said:
    kinds = list(problem.detail)
    given = shown(problem.value, ())
    if problem.value is None:
        return "kind is missing", f"write one of {', '.join(kinds)}"
    wrong = f"the Flux being installed has no kind {given}" if given else "the Flux being installed has no such kind"
    close = nearest(str(problem.value), kinds)
    either = f"write {_either(close)}" if close else f"write one of {', '.join(kinds)}"
    return wrong, f"{either}, or add the component that brings the kind to flux.components"


def _rule(problem: Problem) -> Said:
    rule = problem.detail
    message = str(rule.get("message", "")).strip().rstrip(".") or f"the rule {' '.join(str(rule['rule']).split())} does not hold"
    return message.removeprefix("."), advice(rule, problem.value)


def _not_a_name(problem: Problem) -> Said:
    written = shown(problem.value, ())
    return f"the key {written or 'here'} is no text", f'quote it: "{written}"' if written else "put it in quotes"


def _not_json(problem: Problem) -> Said:
    if isinstance(problem.value, datetime.date):
        return f"{problem.value.isoformat()} is a date, which no Kubernetes object can hold", f'quote it: "{problem.value.isoformat()}"'
    if isinstance(problem.value, float):
        return f"{problem.value} is no number that a Kubernetes object can hold", "write a finite number"
    if isinstance(problem.value, str):
        return "the text has characters that are no Unicode text", "write it anew"
    return f"a {type(problem.value).__name__} is no plain data", "write a text, a number, true or false, a list or a map"


def _dns_name(problem: Problem) -> Said:
    value = str(problem.value)
    given = mentioned(value, ())
    label = problem.keyword == "dnsLabel"
    limit = 63 if label else 253
    if len(value) > limit:
        return f"the name has {len(value)} characters, and {limit} are the most", "shorten it"
    form = "lower-case letters, digits and dashes" if label else "lower-case letters, digits, dashes and dots"
    proposed = value_words.dns_name(value, dots=not label) if shown(value, ()) else ""
    return f"{given} is no name of a Kubernetes object: such are made of {form}", f"write {proposed}" if proposed else "write such a name"


def _label_key(problem: Problem) -> Said:
    given = shown_name(str(problem.value))
    wrong = f'"{given}" is no name of a label, annotation or finalizer' if given else "this is no name of a label, annotation or finalizer"
    return wrong, "write letters, digits, dashes, underscores and dots, at most 63, and before them, if need be, a DNS name and a slash"


def _label_value(problem: Problem) -> Said:
    given = mentioned(problem.value, problem.path)
    if len(problem.value) > 63:
        return f"the value of the label has {len(problem.value)} characters, and 63 are the most", "shorten it, or make it an annotation"
    return f"{given} is no value of a label", "write letters, digits, dashes, underscores and dots alone, or make it an annotation"


def _anything(problem: Problem) -> Said:
    return f"{mentioned(problem.value, problem.path)} breaks the schema's rule {problem.keyword}", "change it"


def _always(wrong: str, remedy: str) -> Callable[[Problem], Said]:
    return lambda _: (wrong, remedy)


METADATA: dict[str, Callable[[Problem], Said]] = {
    "dnsName": _dns_name,
    "dnsLabel": _dns_name,
    "labelKey": _label_key,
    "labelValue": _label_value,
    "annotationsSize": _always("the annotations are larger than 256 KiB", "shorten them, or move them to a ConfigMap"),
    "finalizers": _always("orphan and foregroundDeletion exclude each other", "remove one of them"),
    "ownerReferences": _always("two owners are called the controller", "leave controller: true to one of them"),
    "ownerVersion": _always("the owner's apiVersion is none", "write it as group/version, or v1"),
    "eventOwner": _always("an Event cannot own anything", "remove the owner"),
    "setByTheServer": _always("only the API server sets this", "remove it"),
    "format": _always("this is no point in time", "remove it: the API server sets it"),
}


def _places(node: Node, name: str, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Objects of the schema, not below lists or status, that have a field of this name; the nearest to the top first."""
    found = [path] if name in node.get("properties", {}) else []
    for key, child in node.get("properties", {}).items():
        if key not in ("status", "metadata"):
            found += _places(child, name, (*path, key))
    return sorted(found, key=len)


def _either(names: list[Any]) -> str:
    return " or ".join([", ".join(map(str, names[:-1])), str(names[-1])] if len(names) > 1 else map(str, names))
