"""The message for a mismatch: what is wrong, what it would have caused, what to write instead."""

import datetime
from collections.abc import Callable

from flux.close_names import close_to
from flux.kinds import KINDS, controller_of
from flux.listing import either
from flux.message import Message
from flux.schema import explain_values
from flux.schema.cel_advice import advice
from flux.schema.explain_values import Said
from flux.schema.mismatch import Mismatch, Node
from flux.schema.showing import mentioned, shown, shown_name

FEW = 6


class Explainer:
    """The messages about one object."""

    def __init__(self, *, kind: str, root: Node, flux: str, is_of_flux: bool) -> None:
        """`root` is the schema of its version, in which a misplaced field is looked for; `flux` is `Flux v2.9.4`.

        `is_of_flux`: whether its API group is one of Flux's. Of another, it is unknown whether the API server has its kind.
        """
        self._kind = shown_name(kind) or "object"
        self._root = root
        self._flux = flux
        self._is_of_flux = is_of_flux
        self._about: dict[str, Callable[[Mismatch], Said]] = {
            "unknown": self._unknown,
            "kind": self._no_kind,
            "apiVersion": self._api_version,
            "rule": _rule,
            "notAName": _not_a_name,
            "notJson": _not_json,
            **METADATA,
            **explain_values.ABOUT,
        }

    def message(self, mismatch: Mismatch) -> Message:
        """All three parts about one mismatch."""
        wrong, fix = self._about.get(mismatch.keyword, _anything)(mismatch)
        would = f"The API server would refuse the {self._kind}."
        return Message(wrong, would if self._is_of_flux else f"No Flux controller would act on the {self._kind}.", fix)

    def meant(self, mismatch: Mismatch) -> str | None:
        """The field that an unknown one can only be a misspelling of."""
        if mismatch.keyword != "unknown" or shown_name(str(mismatch.path[-1])) is None:
            return None
        fix = self._unknown(mismatch)[1]
        close = close_to(str(mismatch.path[-1]), mismatch.node.get("properties", ()))
        return close[0] if len(close) == 1 and fix == f"Write {close[0]}." else None

    def _unknown(self, mismatch: Mismatch) -> Said:
        names = list(mismatch.node.get("properties", ()))
        name = str(mismatch.path[-1])
        known = shown_name(name)
        if known is None:
            return "has a field that does not exist; its name looks like a secret, and is not shown", "Remove it."
        wrong = f'"{known}" is not a field here'
        close = close_to(name, names)
        elsewhere = [path for path in _places(self._root, name) if path != mismatch.path[:-1]]
        if close and (not elsewhere or len(close) == 1):
            return wrong, f"Write {either(close)}."
        if elsewhere:
            return wrong, f"Move it to {either(['.'.join(path) or 'the top of the object' for path in elsewhere[:3]])}."
        if not names:
            return wrong, "Remove it."
        return wrong, f"Remove it, or write {either(sorted(names), most=FEW)}."

    def _no_kind(self, mismatch: Mismatch) -> Said:
        if mismatch.value is None:
            return explain_values.MISSING, "Write the kind of a Flux object."
        known = f'"{mismatch.value}"' if mismatch.value in KINDS else shown(mismatch.value, ())
        wrong = f"{known or 'this'} is not a kind of {self._flux}"
        is_known = self._is_of_flux and mismatch.value in KINDS
        if not is_known and (close := close_to(str(mismatch.value), mismatch.detail)):
            return wrong, f"Write {either(close)}."
        if self._is_of_flux:
            return f"{wrong} with these components", f"{_adding(str(mismatch.value))} to gitops:flux.components."
        return wrong, "Put it into Git: Flux applies objects of any kind from there."

    def _api_version(self, mismatch: Mismatch) -> Said:
        write = f"Write apiVersion: {mismatch.detail[0]}."
        if not mismatch.value:
            return explain_values.MISSING, write
        return f"{shown(mismatch.value, ()) or 'this'} is not an apiVersion of {self._kind} in {self._flux}", write


def _adding(kind: str) -> str:
    controller = controller_of(kind)
    return f"Add {controller}, which brings it," if controller else "Correct it, or add the component that brings it"


def _rule(mismatch: Mismatch) -> Said:
    rule = mismatch.detail
    message = str(rule.get("message", "")).strip().rstrip(".") or f"the rule {' '.join(str(rule['rule']).split())} does not hold"
    return message.removeprefix("."), advice(rule, mismatch.value)


def _not_a_name(mismatch: Mismatch) -> Said:
    written = shown(mismatch.value, ())
    return f"the key {written or 'here'} is not text", f'Quote it: "{written}".' if written else "Put it in quotes."


def _not_json(mismatch: Mismatch) -> Said:
    value = mismatch.value
    if isinstance(value, datetime.date):
        return f"{value.isoformat()} is a date, which no Kubernetes object can hold", f'Quote it: "{value.isoformat()}".'
    if isinstance(value, float):
        return f"{value} is not a number that a Kubernetes object can hold", "Write a finite number."
    if isinstance(value, str):
        return "has characters that are not Unicode", "Write the text again."
    return f"is a {type(value).__name__}, not plain data", "Write text, a number, true or false, a list or a map."


def _dns_name(mismatch: Mismatch) -> Said:
    value = str(mismatch.value)
    label = mismatch.keyword == "dnsLabel"
    limit = 63 if label else 253
    if len(value) > limit:
        return explain_values.too_many(len(value), "characters", limit), "Shorten it."
    form = "lower-case letters, digits and dashes" if label else "lower-case letters, digits, dashes and dots"
    proposed = explain_values.dns_name(value, dots=not label) if shown(value, ()) else ""
    return f"{mentioned(value, ())} is not a valid name: it may have {form}", f"Write {proposed}." if proposed else "Write such a name."


def _label_key(mismatch: Mismatch) -> Said:
    given = shown_name(str(mismatch.value))
    wrong = f'"{given}" is not a valid key' if given else "this is not a valid key"
    return wrong, "Use letters, digits, dashes, underscores and dots, at most 63, after an optional DNS name and slash."


def _label_value(mismatch: Mismatch) -> Said:
    if len(mismatch.value) > 63:
        return explain_values.too_many(len(mismatch.value), "characters", 63), "Shorten it, or make it an annotation."
    wrong = f"{mentioned(mismatch.value, mismatch.path)} is not a valid value of a label"
    return wrong, "Use only letters, digits, dashes, underscores and dots, or make it an annotation."


def _anything(mismatch: Mismatch) -> Said:
    return f"{mentioned(mismatch.value, mismatch.path)} breaks the schema's rule {mismatch.keyword}", "Change it."


def _always(wrong: str, fix: str) -> Callable[[Mismatch], Said]:
    return lambda _: (wrong, fix)


METADATA: dict[str, Callable[[Mismatch], Said]] = {
    "dnsName": _dns_name,
    "dnsLabel": _dns_name,
    "labelKey": _label_key,
    "labelValue": _label_value,
    "annotationsSize": _always("is larger than 256 KiB", "Shorten the annotations, or move them to a ConfigMap."),
    "finalizers": _always("has both orphan and foregroundDeletion", "Remove one of them."),
    "ownerReferences": _always("names two controllers", "Keep controller: true on one owner."),
    "ownerVersion": _always("is not an apiVersion", "Write group/version, or v1."),
    "eventOwner": _always("names an Event, which cannot own anything", "Remove the owner."),
    "setByTheServer": _always("may be set only by the API server", "Remove it."),
    "format": _always("is not a point in time", "Remove it: the API server sets it."),
}


def _places(node: Node, name: str, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Objects of the schema, not below lists or status, that have a field of this name; the nearest to the top first."""
    found = [path] if name in node.get("properties", {}) else []
    for key, child in node.get("properties", {}).items():
        if key not in ("status", "metadata"):
            found += _places(child, name, (*path, key))
    return sorted(found, key=len)
