"""Flux itself: its release, its controllers with their flags, its CRDs and what they may do."""

from collections.abc import Iterator, Mapping
from typing import Any

from flux.any_shape import entries
from flux.key_path import KeyPath
from flux.release.installation_changes import CONTAINERS, flag_changes, flags_of, image_of, tag_of
from flux.sharding import NO_SHARD, SELECTOR_FLAG, SHARD_LABEL, shard_of
from gitops.compare.field_changes import FieldChange
from gitops.compare.found_changes import Action, Change, ObjectDiff
from gitops.compare.network_policies import NETWORK_POLICY, openings, restrictions
from gitops.compare.object_changes import action_of, shown_id
from gitops.compare.sentence import Sentence, joined, named, say
from gitops.compare.stack_pair import Body, Pair, fields_of
from gitops.compare.value_text import path_of, what_changes
from gitops.rendered.stack_view import ObjectId

CRD = "CustomResourceDefinition"
_FLUX = "flux"
_MOST_FIELDS = 4


def changes_of_installation(pair: Pair) -> Iterator[Change]:
    """The release first, then what else changes of each object."""
    old, new = pair.before.flux_version, pair.after.flux_version
    if old != new:
        yield Change(
            kind="Flux",
            action=Action.CHANGED,
            noun="Flux",
            what=joined([say("{} → {}", old.removeprefix("v"), new.removeprefix("v")), *_images(pair)]),
            source=pair.source_of_fact(_FLUX, "manifests"),
        )
    yield from _shards(pair)
    for which, before, after in pair.installed:
        if before == after or not (fields := fields_of(before, after)) or shard_that_comes_or_goes(before, after):
            continue
        what = joined([*_parts(pair, which, fields, new_release=old != new)])
        if what.words:
            shown = tuple(each for each in fields if not (which[1] == CRD and _is_schema(each.key)))
            diffs = (ObjectDiff(name=shown_id(which), fields=shown),) if before and after and shown else ()
            noun, names = _called(which)
            yield Change(kind=which[1], action=action_of(before, after), noun=noun, names=names, what=what, diffs=diffs)


def shard_that_comes_or_goes(before: Body | None, after: Body | None) -> str | None:
    """The shard of whose own objects this one is, where it comes or goes with the others."""
    if before is not None and after is not None:
        return None
    labels = ((after or before or {}).get("metadata") or {}).get("labels")
    return shard_of(labels if isinstance(labels, Mapping) else None)


def _shards(pair: Pair) -> Iterator[Change]:
    """Told once, and not for each of its controllers."""
    found: dict[tuple[str, Action], list[str]] = {}
    for which, before, after in pair.installed:
        if (shard := shard_that_comes_or_goes(before, after)) and which[1] == "Deployment":
            found.setdefault((shard, action_of(before, after)), []).append(which[3])
    for (shard, action), controllers in sorted(found.items()):
        with_them = joined([say("is new, with" if action is Action.ADDED else "is removed, with"), named(controllers)], " ")
        only = say("; they reconcile only objects with the label {}", f"{SHARD_LABEL}: {shard}")
        what = joined([with_them, *([only] if action is Action.ADDED else [])], "")
        yield Change(kind="shard", action=action, noun="shard", names=(shard,), what=what, source=pair.source_of_fact(_FLUX, "shards"))


def _called(which: ObjectId) -> tuple[str, tuple[str, ...]]:
    kind, name = which[1], which[3]
    noun = {CRD: "CRD", "Deployment": "controller"}.get(kind, kind)
    return noun, (name.partition(".")[0] if kind == CRD else name,)


def _images(pair: Pair) -> Iterator[Sentence]:
    for which, before, after in pair.installed:
        if which[1] == "Deployment" and before and after:
            old, new = image_of(before), image_of(after)
            if old != new:
                yield say("{} {} → {}", which[3], tag_of(old), tag_of(new))


def _parts(pair: Pair, which: ObjectId, fields: tuple[FieldChange, ...], *, new_release: bool) -> Iterator[Sentence]:
    before, after = pair.before.objects.get(which), pair.after.objects.get(which)
    if before is None or after is None:
        gone = "is no longer managed" if which[1] == CRD and keeps_workloads(pair) else "is deleted"
        yield say("is new" if before is None else gone)
        if which[1] == CRD:
            yield joined([say("versions"), named(served(before or after or {}))], " ")
        return
    if which[1] == CRD:
        yield from _definition(before, after)
    elif which[1] == "Deployment":
        yield from _deployment(before, after, fields, new_release=new_release)
    elif which[1] == NETWORK_POLICY and (told := [*_opens(before, after)]):
        yield from told
    else:
        yield from _first(fields)


def keeps_workloads(pair: Pair) -> bool:
    """Whether a CRD that the stack no longer makes stays in the cluster, with its objects."""
    return bool(pair.fact("onDestroy")[1] == "keepWorkloads")


def _opens(before: Body, after: Body) -> Iterator[Sentence]:
    yield from openings(before, after)
    yield from restrictions(before, after)


def _definition(before: Body, after: Body) -> Iterator[Sentence]:
    old, new = served(before), served(after)
    if gone := [version for version in old if version not in new]:
        yield joined([say("no longer serves"), named(gone)], " ")
    if come := [version for version in new if version not in old]:
        yield joined([say("serves"), named(come)], " ")
    if stored(before) != stored(after):
        yield say("stores {} instead of {}", stored(after), stored(before))
    yield say("schema changes")


def _deployment(before: Body, after: Body, fields: tuple[FieldChange, ...], *, new_release: bool) -> Iterator[Sentence]:
    for flag, change in flag_changes(before, after).items():
        yield joined([change, *_meaning(flag, before, after)], ", ")
    rest = tuple(each for each in fields if not _is_argument(each.key) and not (new_release and each.key == _image_key(after)))
    yield from _first(rest)


def _is_schema(key: KeyPath) -> bool:
    """Whether it is one of the hundreds of fields of a CRD with the texts that describe them, or what they were made with."""
    versions, annotations = ("spec", "versions"), ("metadata", "annotations")
    return (key[:2] == versions and len(key) > len(versions)) or (key[:2] == annotations and str(key[-1]).startswith("controller-gen"))


def _is_argument(key: KeyPath) -> bool:
    """Whether the changes of flags show it."""
    return key[: len(CONTAINERS)] == CONTAINERS and key[len(CONTAINERS) + 1 :][:1] == ("args",)


def _image_key(deployment: Body) -> KeyPath:
    """Of the image that the release has a line for."""
    return next(((*path, "image") for path, _ in entries(deployment, *CONTAINERS)), ())


def _first(fields: tuple[FieldChange, ...]) -> Iterator[Sentence]:
    shown = fields if len(fields) <= _MOST_FIELDS else fields[: _MOST_FIELDS - 1]
    for each in shown:
        yield what_changes(each, path_of(each).removeprefix("spec.template.spec.").removeprefix("spec."))
    if len(fields) > len(shown):
        yield say(f"and {len(fields) - len(shown)} more fields")


def _meaning(flag: str, before: Body, after: Body) -> list[Sentence]:
    if flag == f"--{SELECTOR_FLAG}" and flag not in flags_of(before) and flags_of(after).get(flag) == [NO_SHARD]:
        return [
            say(
                "so that they leave objects with the label {} to shards",
                SHARD_LABEL,
            )
        ]
    return []


def served(definition: Body) -> list[str]:
    """The versions that the API server offers."""
    return [str(each.get("name")) for each in _versions(definition) if each.get("served")]


def stored(definition: Body) -> str:
    """The version that it keeps."""
    return next((str(each.get("name")) for each in _versions(definition) if each.get("storage")), "")


def _versions(definition: Body) -> list[Mapping[str, Any]]:
    versions = definition.get("spec", {}).get("versions") or []
    return [each for each in versions if isinstance(each, Mapping)]
