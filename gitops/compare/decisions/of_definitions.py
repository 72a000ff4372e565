"""CRDs whose schema accepts less than before, or that store objects in another version."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

from flux.any_shape import entries, text
from flux.key_path import KeyPath
from gitops.compare.field_changes import MISSING, FieldChange, differences
from gitops.compare.found_changes import Decision
from gitops.compare.own_words import coded
from gitops.compare.release_changes import CRD, served, stored
from gitops.compare.sentence import Sentence, joined, named
from gitops.compare.stack_pair import Body, Pair, spec_at
from gitops.compare.value_text import text_of

_RULES = "x-kubernetes-validations"
_LIMITS = frozenset(
    {
        "type",
        "format",
        "pattern",
        "enum",
        "not",
        "multipleOf",
        "uniqueItems",
        _RULES,
        *(f"{which}{what}" for which in ("min", "max") for what in ("Length", "Items", "Properties", "imum")),
    }
)
"""Words of a schema that refuse values (https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions)."""
_ADDED_TO = "required"
_MOST = 5
"""CRDs whose fields are named."""


def decisions_of_definitions(pair: Pair) -> Iterator[Decision]:
    """One sentence for all whose schema is another, and one for each that is stored otherwise."""
    narrower: dict[str, list[str]] = {}
    for which, before, after in pair.installed:
        if which[1] != CRD or before is None or after is None or before == after:
            continue
        name = which[3].partition(".")[0]
        if less := fields_that_accept_less(before, after):
            narrower[text_of((spec_at(after, "names") or {}).get("kind") or name)] = less
        if stored(before) != stored(after):
            yield Decision(kind="crd-version", says=_stored(name, stored(before), stored(after)))
    if narrower:
        told = [_narrower(name, fields) for name, fields in list(narrower.items())[:_MOST]]
        rest = list(narrower)[_MOST:]
        more = [coded(f"and {len(rest)} more CRDs")] if rest else []
        head = coded("Some fields may accept fewer values, or have different defaults:")
        then = coded(
            "Stored objects keep running, but applying one that no longer fits is refused. "
            "This stack's own objects fit; `gitops check` finds those in Git that do not"
        )
        yield Decision(kind="crd-schema", says=joined([joined([head, joined([*told, *more])], " "), then], ". "))


def _narrower(name: str, fields: list[str]) -> Sentence:
    every = named(fields, 3)
    return joined([coded("{}", name), Sentence(f"({every.words})", every.values)], " ")


def fields_that_accept_less(before: Body, after: Body) -> list[str]:
    """Of which fields, such as `spec.verify.mode`, a version that both serve refuses something that it took, or fills in something else.

    Texts that describe do not count.
    """
    old, new = _schemas(before), _schemas(after)
    found = (
        named_field
        for version in old.keys() & new.keys()
        for field in differences(old[version], new[version])
        if _is_less(field, old[version], new[version])
        for named_field in _fields(field, new[version])
    )
    every = sorted(set(found))
    return [each for each in every if not any(each.startswith(f"{other}.") for other in every if "." in other)]


def _fields(field: FieldChange, after: Mapping[str, Any]) -> list[str]:
    """The properties on the way to a word of a schema, the object itself if there are none; for rules of it, with what they say."""
    names = ".".join(str(name) for word, name in pairwise(field.key) if word == "properties") or "the object"
    if _RULES not in field.key:
        return [names]
    place = field.key.index(_RULES)
    which = field.key[place + 1 : place + 2]
    rules = [rule for path, rule in entries(after, *map(str, field.key[:place]), _RULES) if not which or path[-1] in which]
    return [f"{names}: {message}" for rule in rules if (message := text(rule, "message"))] or [names]


def _is_less(field: FieldChange, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    word = field.key[-1]
    if field.path.endswith("[]"):  # one of several comes or goes: of what is required, or of what is allowed
        return (field.before is MISSING) == (word == _ADDED_TO)
    holder = field.key[:-1]
    if field.before is MISSING:
        return word in (*_LIMITS, _ADDED_TO) and _has(before, holder)
    return field.after is not MISSING or word not in (*_LIMITS, _ADDED_TO) or not _has(after, holder)


def _has(value: Any, path: KeyPath) -> bool:
    """Lists in a schema, such as those of `allOf`, are compared by what stands in them: their positions are not asked for."""
    for part in path:
        if not isinstance(value, Mapping) or part not in value:
            return isinstance(value, list)
        value = value[part]
    return True


def _schemas(definition: Body) -> dict[str, Mapping[str, Any]]:
    versions = definition.get("spec", {}).get("versions") or []
    return {
        str(each.get("name")): _without_texts((each.get("schema") or {}).get("openAPIV3Schema") or {})
        for each in versions
        if isinstance(each, Mapping) and each.get("name") in served(definition)
    }


def _without_texts(value: Any) -> Any:
    """A property may be called `description`, too: then it is no text."""
    if isinstance(value, Mapping):
        return {key: _without_texts(item) for key, item in value.items() if not (key == "description" and isinstance(item, str))}
    return [_without_texts(item) for item in value] if isinstance(value, list) else value


def _stored(name: str, old: str, new: str) -> Sentence:
    words = (
        "CRD {} stores objects as {} instead of {} from their next write on: a Flux that does not serve {} can then no longer be installed"
    )
    return coded(words, name, new, old, new)
