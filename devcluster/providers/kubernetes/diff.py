"""What a change of inputs changes: the old live state, as far as the old inputs spoke about it, against the new inputs.

Like the real plugin this compares with the state, not with the cluster: drift shows after a refresh, and what a server
refuses shows in the dry run of the preview's Create or Update.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from devcluster.providers.kubernetes import objects
from devcluster.providers.kubernetes.objects import Object
from devcluster.providers.kubernetes.provider_settings import ProviderSettings
from devcluster.providers.kubernetes.replacing import Path, replaces, replacing_fields
from devcluster.providers.kubernetes.served_kinds import assumed_namespaced
from devcluster.providers.property_values import UNKNOWN, plain

ADD, DELETE, UPDATE = "add", "delete", "update"
_QUANTITY = re.compile(r"([+-]?\d+(?:\.\d+)?)([numkMGTPE]|[KMGTPE]i)?")
_FACTORS = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = "KMGTPE"


@dataclass(frozen=True)
class Difference:
    """One changed field."""

    change: str
    replaces: bool


@dataclass
class Diff:
    """All changed fields by their property path, and whether the old object must go before the new one can come."""

    fields: dict[str, Difference] = field(default_factory=dict)
    delete_before_replace: bool = False

    @property
    def replacing(self) -> list[str]:
        """Paths that replace the object."""
        return [path for path, difference in self.fields.items() if difference.replaces]


def diff(old_outputs: Object, old_inputs: Object, new_inputs: Object, settings: ProviderSettings) -> Diff:
    """Compare; all three as they came from the engine."""
    wanted = _normal(new_inputs)
    old_wanted = dict(wanted) if old_inputs is new_inputs else _normal(old_inputs)
    old = objects.pruned(_normal(old_outputs), old_wanted)
    if objects.is_secret(wanted) and "data" in old_wanted and "data" not in old:
        old["data"] = {}
    kind = objects.kind_of(wanted)
    if assumed_namespaced(kind):
        for obj in (old, wanted, old_wanted):
            if isinstance(obj.get("metadata", {}), dict):
                obj["metadata"] = {**obj.get("metadata", {}), "namespace": objects.namespace_of(obj) or "default"}
    fields = replacing_fields(kind, settings, immutable=old.get("immutable") is True)
    texts = _keys(new_inputs.get("stringData")) | _keys(old_inputs.get("stringData"))
    found = Diff()
    for path, change in _changes((), old, wanted, old_wanted, kind.built_in):
        shown = (
            ("stringData", *path[1:]) if objects.is_secret(wanted) and path[0] == "data" and len(path) > 1 and path[1] in texts else path
        )
        found.fields[_property_path(shown)] = Difference(change, replaces(path, fields))
    found.delete_before_replace = bool(found.replacing) and _same_place(old, wanted) and not objects.annotation(wanted, objects.AUTONAMED)
    return found


def without_ignored(found: Diff, ignored: list[str]) -> Diff:
    """`found` without the paths that lie within `ignored`."""
    kept = {path: difference for path, difference in found.fields.items() if not any(_within(path, prefix) for prefix in ignored)}
    remaining = Diff(kept, found.delete_before_replace)
    remaining.delete_before_replace = found.delete_before_replace and bool(remaining.replacing)
    return remaining


def inputs_of_live(live: Object, old_inputs: Object) -> Object:
    """The inputs that would give `live`: what drifted shows as a changed input. For an import, all that can be one."""
    if not old_inputs:
        inputs = {key: value for key, value in objects.desired(live).items() if key != "status"}
        return objects.with_secrets_of(inputs, {})
    wanted = _normal(old_inputs)
    built_in = objects.kind_of(wanted).built_in
    drifted = _adopt(old_inputs, objects.pruned(_normal(live), wanted), wanted, built_in)
    return objects.with_secrets_of(drifted, old_inputs)


def _adopt(inputs: Object, live: Object, wanted: Object, built_in: bool) -> Object:
    changed = {path[0] for path, _ in _changes((), live, wanted, wanted, built_in)}
    kept = {key: value for key, value in plain(inputs).items() if key not in changed}
    if "data" in changed:
        kept.pop("stringData", None)
    return {**kept, **{str(key): live[key] for key in changed if key in live}}


def _within(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith((f"{prefix}.", f"{prefix}["))


def _keys(value: Any) -> set[str]:
    value = plain(value)
    return set(value) if isinstance(value, dict) else set()


def _normal(properties: Object) -> Object:
    obj = objects.desired({key: value for key, value in properties.items() if key not in objects.OWN_KEYS})
    return objects.normal_secret(obj) if objects.is_secret(obj) else obj


def _same_place(old: Object, new: Object) -> bool:
    # The old object's name is that of the state: equal names mean that both cannot exist side by side.
    return (objects.name_of(old), objects.namespace_of(old)) == (objects.name_of(new), objects.namespace_of(new))


def _changes(path: Path, old: Any, new: Any, old_wanted: Any, built_in: bool) -> Iterator[tuple[Path, str]]:
    if new is UNKNOWN:
        yield path, UPDATE
    elif isinstance(old, dict) and isinstance(new, dict):
        wanted: Any = old_wanted if isinstance(old_wanted, dict) else {}
        for key in [*old, *(key for key in new if key not in old)]:
            if key not in new:
                yield (*path, key), DELETE
            elif key in old:
                yield from _changes((*path, key), old[key], new[key], wanted.get(key), built_in)
            elif not (built_in and _empty(new[key]) and key in wanted and wanted[key] == new[key]):
                yield (*path, key), ADD
    elif isinstance(old, list) and isinstance(new, list):
        wanted = old_wanted if isinstance(old_wanted, list) and len(old_wanted) == len(old) else [None] * len(old)
        for index in range(max(len(old), len(new))):
            if index >= len(new):
                yield (*path, index), DELETE
            elif index >= len(old):
                yield (*path, index), ADD
            else:
                yield from _changes((*path, index), old[index], new[index], wanted[index], built_in)
    elif not same(old, new) and not (built_in and same(old_wanted, new) and equivalent(old, new)):
        yield path, UPDATE


def _empty(value: Any) -> bool:
    # What Kubernetes' own types leave out when they are written: the API server returns nothing where this was sent.
    return value in (None, "", 0, False, [], {}) or (isinstance(value, dict) and all(_empty(item) for item in value.values()))


def same(one: Any, other: Any) -> bool:
    """Equal, where `1` and `true` are not."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)


def equivalent(one: Any, other: Any) -> bool:
    """Two ways to write one quantity: the API server returns `1` where `1000m` was sent."""
    quantities = _quantity(one), _quantity(other)
    return None not in quantities and quantities[0] == quantities[1]


def _quantity(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    match = _QUANTITY.fullmatch(value) if isinstance(value, str) else None
    if not match:
        return None
    number, unit = float(match[1]), match[2] or ""
    if unit.endswith("i"):
        return number * 1024.0 ** (_BINARY.index(unit[0]) + 1)
    return number * 10.0 ** _FACTORS.get(unit, 0)


def _property_path(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif any(character in step for character in '."[]'):
            quoted = step.replace('"', '\\"')
            text += f'["{quoted}"]'
        else:
            text += f".{step}" if text else step
    return text
