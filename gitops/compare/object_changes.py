"""Sources, Kustomizations and other Flux objects, and the stack's variables."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flux.bodies import STACK_VARIABLES_CONFIG_MAP
from flux.sharding import SHARD_LABEL
from gitops.compare.field_changes import MISSING, FieldChange
from gitops.compare.found_changes import Action, Change, ObjectDiff, plural
from gitops.compare.sentence import NOWHERE, Sentence, joined, named, say, with_place
from gitops.compare.stack_pair import Body, Pair, shown_fields_of
from gitops.compare.value_text import path_of, text_of, values_of, what_changes
from gitops.rendered.stack_view import ObjectId

_MAIN = ("url", "ref", "path", "sourceRef", "interval")
"""What is shown of an object that is new."""
_MOST_FIELDS = 4
_SEVERAL = "; "
"""What stands between places."""


def changes_of_objects(pair: Pair) -> Iterator[Change]:
    """One for each object, but Secrets."""
    for which, before, after in pair.own:
        _, kind, _, name = which
        if kind == "Secret" or before == after:
            continue
        if kind == "ConfigMap" and name == STACK_VARIABLES_CONFIG_MAP:
            yield from _variables(pair, which, before, after)
            continue
        fields = shown_fields_of(before, after)
        if not fields:
            continue
        source = pair.source_of(which, fields)
        yield Change(
            kind=kind,
            action=action_of(before, after),
            noun=kind,
            names=(name,),
            what=_what(before, after, fields),
            source=source,
            each_with_place=_each_with_place(pair, which, fields) if before and after and _SEVERAL in source.words else NOWHERE,
            diffs=(ObjectDiff(name=shown_id(which), fields=fields if before and after else _spec(fields)),),
        )


def objects_named(objects: Iterable[ObjectId]) -> Sentence:
    """`GitRepositories apps, models, OCIRepository podinfo`."""
    kinds: dict[str, list[str]] = {}
    for _, kind, _, name in objects:
        kinds.setdefault(kind, []).append(name)
    every = [(kind if len(names) == 1 else plural(kind), named(names)) for kind, names in kinds.items()]
    return joined((Sentence(f"{kind} {names.words}", names.values) for kind, names in every), ", ")


def shown_id(which: ObjectId) -> str:
    """`GitRepository flux-system/argo-workflows`."""
    _, kind, namespace, name = which
    return f"{kind} {namespace}/{name}" if namespace else f"{kind} {name}"


def action_of(before: Body | None, after: Body | None) -> Action:
    """What becomes of it."""
    return Action.ADDED if before is None else Action.REMOVED if after is None else Action.CHANGED


def _what(before: Body | None, after: Body | None, fields: tuple[FieldChange, ...]) -> Sentence:
    if after is None:
        return say("is deleted")
    if before is None:
        spec = after.get("spec", {})
        main = [say("{} {}", key, _short(spec[key])) for key in _MAIN if key in spec]
        return joined([say("is new"), *main], ", ") if main else say("is new")
    return what_of_fields(fields)


def _each_with_place(pair: Pair, which: ObjectId, fields: tuple[FieldChange, ...]) -> Sentence:
    """Each field with where it is written; nothing if not all of them are shown."""
    if len(fields) > _MOST_FIELDS:
        return NOWHERE
    return joined(with_place(_changed(each), pair.source_of(which, (each,))) for each in fields)


def _spec(fields: tuple[FieldChange, ...]) -> tuple[FieldChange, ...]:
    """What is shown of an object that comes or goes: its name and its labels say nothing new."""
    return tuple(each for each in fields if each.key[:1] == ("spec",))


def what_of_fields(fields: tuple[FieldChange, ...]) -> Sentence:
    """The first of them, and how many more."""
    if len(fields) > _MOST_FIELDS:
        first = [_changed(each) for each in fields[: _MOST_FIELDS - 1]]
        return joined([*first, say(f"and {len(fields) - len(first)} more fields")])
    return joined(_changed(each) for each in fields)


def _changed(field: FieldChange) -> Sentence:
    path = path_of(field).removeprefix("spec.")
    if field.key == ("metadata", "labels", SHARD_LABEL):
        return _shard(field)
    if path == "url" and isinstance(field.before, str) and isinstance(field.after, str):
        old, new = without_common_end(field.before, field.after)
        return say("{} {} → {}", path, old, new)
    return what_changes(field, path)


def _shard(field: FieldChange) -> Sentence:
    if field.after is MISSING:
        return say("leaves shard {}", text_of(field.before))
    return say("moves to shard {}", text_of(field.after))


def _short(value: Any) -> str:
    """`branch main`, `GitRepository a`: of a small object, its values."""
    if isinstance(value, Mapping):
        return " ".join(text_of(item) if key in ("kind", "name") else f"{key} {text_of(item)}" for key, item in value.items())
    return text_of(value)


def without_common_end(before: str, after: str) -> tuple[str, str]:
    """Two URLs up to where only the same path follows: a host that moves is shown once for all of its sources."""
    old, new = before.split("/"), after.split("/")
    same = 0
    while same < min(len(old), len(new)) - 3 and old[-1 - same] == new[-1 - same]:
        same += 1
    if not same:
        return before, after
    return "/".join([*old[:-same], "…"]), "/".join([*new[:-same], "…"])


def _variables(pair: Pair, which: ObjectId, before: Body | None, after: Body | None) -> Iterator[Change]:
    for field in shown_fields_of({"data": (before or {}).get("data", {})}, {"data": (after or {}).get("data", {})}):
        if field.before is MISSING:
            what, action = say("is new: {}", text_of(field.after)), Action.ADDED
        elif field.after is MISSING:
            what, action = say("is removed"), Action.REMOVED
        else:
            what, action = values_of(field), Action.CHANGED
        name = str(field.key[-1])
        yield Change(
            kind="variable",
            action=action,
            noun="variable",
            names=(name,),
            what=what,
            source=pair.source_of_variable(name, gone=field.after is MISSING),
            diffs=(ObjectDiff(name=shown_id(which), fields=(field,)),),
        )
