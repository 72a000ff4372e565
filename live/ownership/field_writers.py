"""Who wrote a field of a live object, and when, by `metadata.managedFields`; and what somebody else added to it. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.key_path import KeyPath
from flux.owners_mark import FIELD_MANAGER
from live.client.field_sets import union
from live.client.object_metadata import FieldEntry
from live.ownership.object_owners import is_of_pulumi, owners_among, scaled_by_hand

SUSPEND = ("spec", "suspend")
RESTART = "kubectl.kubernetes.io/restartedAt"
"""`kubectl rollout restart` asks for new pods by it; that changes nothing of what the stack declares."""
KEPT_FROM = "kept-from-"
"""How the manager of fields begins that a person wrote with kubectl and `pulumi up` keeps; then comes the manager that wrote them."""

OwnedPath = tuple[str, ...]
"""As managedFields write one: names of fields, and `k:{"name":"manager"}` or `v:"value"` for an item of a list."""
_PARTS = ("f:", "k:", "v:")
_LONGEST_ITEM = Bounds(size=4096)


@dataclass(frozen=True)
class Writer:
    """Who wrote, and when."""

    manager: str
    time: str | None


def writer_of(entries: Iterable[FieldEntry], path: KeyPath) -> Writer | None:
    """The last of those who own what is at `path`, the stack aside; None where none is recorded: a field that was removed has no owner."""
    others = [each for each in entries if each.manager != FIELD_MANAGER and (each.is_scale or not each.subresource)]
    found = [(depth, each.time or "", each) for each in others if (depth := _depth(each.fields_v1, path))]
    if not found:
        return None
    _, _, entry = max(found, key=lambda each: each[:2])
    return _writer(entry)


def _writer(entry: FieldEntry) -> Writer:
    return Writer(entry.manager.removeprefix(KEPT_FROM), entry.time)


def added_fields(entries: Sequence[FieldEntry], *, states_suspend: bool = False) -> dict[OwnedPath, Writer]:
    """What others own beside the stack and outside of the metadata: added by a person, and left there by every apply.

    Not what Flux and people rightly write: `spec.suspend` of an object, unless the stack states it, and the annotation that restarts pods.
    """
    own: dict[str, Any] = {}
    for entry in entries:
        own = union(own, entry.fields_v1) if is_of_pulumi(entry) else own
    found: dict[OwnedPath, Writer] = {}
    for entry in (*owners_among(entries), *scaled_by_hand(entries)):
        if is_of_pulumi(entry):
            continue
        for path in _beside(own, {key: value for key, value in entry.fields_v1.items() if key not in ("f:metadata", "f:status")}):
            if (path != SUSPEND or states_suspend) and path[-1] != RESTART:
                found[path] = _writer(entry)
    return found


def is_unowned(entries: Iterable[FieldEntry], path: KeyPath) -> bool:
    """Whether the stack applied the object, and what is at `path` has no owner, not even the stack: somebody removed it.

    `kubectl scale --replicas=0` does that to `spec.replicas`: its owner is found by what a Scale object holds, and that omits a 0.
    """
    known = list(entries)
    is_applied = any((each.manager, each.operation) == (FIELD_MANAGER, "Apply") for each in known)
    return is_applied and not any(_depth(each.fields_v1, path) for each in known)


def path_in(body: Any, owned: OwnedPath) -> KeyPath | None:
    """Where an object has what somebody owns; None where it has no such item."""
    path: list[str | int] = []
    for part in owned:
        found: str | int | None = part
        if isinstance(body, list):
            found = next((index for index, item in enumerate(body) if _is_item(item, part)), None)
        if found is None or not isinstance(body, Mapping | list):
            return None
        path.append(found)
        body = body[found] if isinstance(found, int) else body.get(found) if isinstance(body, Mapping) else None
    return tuple(path)


def suspended_by(entries: Iterable[FieldEntry]) -> Writer | None:
    """Who set `spec.suspend`, which the stack did not."""
    return writer_of((each for each in entries if _depth(each.fields_v1, SUSPEND) == len(SUSPEND)), SUSPEND)


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


def _beside(own: Mapping[str, Any], theirs: Mapping[str, Any], path: OwnedPath = ()) -> Iterator[OwnedPath]:
    """The leaves of `theirs` that `own` has not; an item of a list that it has not, as one."""
    below = {key: value for key, value in theirs.items() if key[:2] in _PARTS}
    if not below and path:
        yield path
    for key, value in below.items():
        here = (*path, key.removeprefix("f:"))
        known = own.get(key)
        if key[:2] != "f:" and known is None:
            yield here
        elif not isinstance(value, Mapping) or not any(each[:2] in _PARTS for each in value):
            if known is None:
                yield here
        else:
            yield from _beside(known if isinstance(known, Mapping) else {}, value, here)


def _is_item(item: Any, part: str) -> bool:
    """Whether `k:{"name":"manager"}` or `v:"value"` means this item of a list."""
    try:
        wanted = json_value(part[2:], _LONGEST_ITEM)
    except UnreadableError:
        return False
    if part.startswith("v:"):
        return bool(item == wanted)
    return isinstance(wanted, Mapping) and isinstance(item, Mapping) and all(item.get(key) == value for key, value in wanted.items())
