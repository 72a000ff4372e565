"""Who wrote a field of a live object, and when, by `metadata.managedFields`; and what somebody else added to it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flux.key_path import KeyPath
from flux.owners_mark import FIELD_MANAGER
from live.object_metadata import FieldEntry
from live.object_owners import owners_among

_RESTART = "kubectl.kubernetes.io/restartedAt"
"""`kubectl rollout restart` asks for new pods by it; that changes nothing of what the stack declares."""

_SCALE = "scale"
"""The subresource by which `kubectl scale` writes `spec.replicas`."""


@dataclass(frozen=True)
class Writer:
    """Who wrote, and when."""

    manager: str
    time: str | None


def writer_of(entries: Iterable[FieldEntry], path: KeyPath) -> Writer | None:
    """The last of those who own what is at `path`, the stack aside; None where nobody says so: a field that was removed has no owner."""
    others = [each for each in entries if each.manager != FIELD_MANAGER and each.subresource in (None, "", _SCALE)]
    found = [(depth, each.time or "", each) for each in others if (depth := _depth(each.fields_v1, path))]
    if not found:
        return None
    _, _, entry = max(found, key=lambda each: each[:2])
    return Writer(entry.manager, entry.time)


def added_fields(entries: Sequence[FieldEntry]) -> dict[KeyPath, Writer]:
    """What others own beside the stack and outside of the metadata: added by a person, and left there by every apply.

    Not what Flux and people rightly write: `spec.suspend` of an object, and the annotation that restarts pods.
    """
    own = [each.fields_v1 for each in entries if each.manager == FIELD_MANAGER]
    found: dict[KeyPath, Writer] = {}
    for entry in owners_among(entries):
        if entry.manager == FIELD_MANAGER:
            continue
        for path in _leaves({key: value for key, value in entry.fields_v1.items() if key not in ("f:metadata", "f:status")}):
            if path != ("spec", "suspend") and path[-1] != _RESTART and not any(_depth(each, path) == len(path) for each in own):
                found[path] = Writer(entry.manager, entry.time)
    return found


def suspended_by(entries: Iterable[FieldEntry]) -> Writer | None:
    """Who set `spec.suspend`, which the stack did not."""
    return writer_of(
        (each for each in entries if _depth(each.fields_v1, ("spec", "suspend")) == len(("spec", "suspend"))), ("spec", "suspend")
    )


def _depth(fields: Mapping[str, Any], path: KeyPath) -> int:
    """How many parts of `path` an entry names; 0 unless it names the whole of it, or owns a list on the way as one."""
    here: Mapping[str, Any] = fields
    for depth, part in enumerate(path):
        if isinstance(part, int):  # a list that is owned as one ends here; entries of another are found by keys that a path has not
            return depth
        if not here and depth:
            return depth
        found = here.get(f"f:{part}")
        if not isinstance(found, Mapping):
            return 0
        here = found
    return len(path)


def _leaves(fields: Mapping[str, Any], path: KeyPath = ()) -> Iterator[KeyPath]:
    below = {key: value for key, value in fields.items() if key.startswith("f:")}
    if not below and path:
        yield path
    for key, value in below.items():
        yield from _leaves(value if isinstance(value, Mapping) else {}, (*path, key.removeprefix("f:")))
