"""What a cluster has of declared objects, compared with what applying them would make of it: a dry run, which changes nothing."""

import re
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from flux.key_path import KeyPath
from flux.object_reference import ObjectReference
from flux.owners_mark import FIELD_MANAGER
from live.client.answer_model import fitting
from live.client.bounded_client import RefusedRequestError
from live.client.cluster_connection import ClusterConnection
from live.client.object_metadata import MetadataAnswer
from live.ownership.field_writers import Writer, added_fields, path_in, suspended_by, writer_of
from live.ownership.wanted_objects import WantedObject

AT_ONCE = 8
NEEDED_FIRST = ("Namespace", "CustomResourceDefinition")
"""Kinds without which others cannot be made."""
_GONE, _LATER = 404, 429
_PAUSES = (1, 2, 4, 8)
"""Seconds. A server that has just been given a CRD answers 404, and then 429 for a moment."""
_SERVERS_OWN = frozenset({"managedFields", "resourceVersion", "generation", "uid", "creationTimestamp", "selfLink"})
_OF_A_ROLE = re.compile(r'secrets "[a-z0-9.-]*" is forbidden: User ')
_APPLY = {"fieldManager": FIELD_MANAGER, "force": "true"}


@dataclass(frozen=True, kw_only=True)
class ChangedField:
    """A field that is not as it was applied."""

    path: KeyPath
    declared: Any = field(repr=False)
    """None: the stack does not declare it."""
    live: Any = field(repr=False)
    """None: it is not there."""
    writer: Writer | None
    is_left: bool = False
    """Whether an apply leaves it there, because somebody else owns it."""

    @property
    def is_addition(self) -> bool:
        """Whether somebody added what the stack says nothing of."""
        return self.declared is None


@dataclass(frozen=True, kw_only=True)
class Compared:
    """An object of the stack, and how it differs."""

    reference: ObjectReference
    is_missing: bool = False
    differences: tuple[ChangedField, ...] = ()
    suspended: Writer | None = None
    """Who suspended it, where the stack does not say so."""


class DeclaredObjects(ClusterConnection):
    """A connection to one cluster. Every method raises LiveError where the server does not answer, or refuses."""

    def compare(self, declared: Mapping[WantedObject, Mapping[str, Any]]) -> list[Compared]:
        """How each of these objects differs from what is in the cluster."""
        with self._errors(), ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(lambda item: self._compared(*item), declared.items()))

    def make(self, wanted: WantedObject, body: Mapping[str, Any]) -> None:
        """Apply an object that is not there. A kind or namespace that is just being made is waited for."""
        with self._errors(), _without_values(wanted):
            for pause in (*_PAUSES, None):
                try:
                    self._client.apply(wanted.path, body, _APPLY)
                except RefusedRequestError as error:
                    if error.status not in (_GONE, _LATER) or pause is None:
                        raise
                    time.sleep(pause)
                else:
                    return

    def mend(self, wanted: WantedObject, body: Mapping[str, Any], differences: Iterable[ChangedField]) -> None:
        """Apply an object as `pulumi up` did, and take away what was added to it."""
        left = [each for each in differences if each.is_left]
        added: dict[str, Any] = {}
        for each in left:
            if not _in_a_list(each.path):
                _put(added, each.path)
        with self._errors(), _without_values(wanted):
            self._client.apply(wanted.path, body, _APPLY)
            if added:
                self._client.merge(wanted.path, added, {"fieldManager": FIELD_MANAGER})
            # From the end of each list; and only what was seen, as indexes move.
            for each in sorted((each for each in left if _in_a_list(each.path)), key=lambda each: _order(each.path), reverse=True):
                at = "".join(f"/{str(part).replace('~', '~0').replace('/', '~1')}" for part in each.path)
                self._client.change(wanted.path, [{"op": "test", "path": at, "value": each.live}, {"op": "remove", "path": at}])

    def _compared(self, wanted: WantedObject, body: Mapping[str, Any]) -> Compared:
        self._client.begin_reading()  # as many objects as the stack has
        try:
            live = self._client.get(wanted.path)
        except RefusedRequestError as error:
            if error.status == _GONE:
                return Compared(reference=wanted.reference, is_missing=True)
            raise
        entries = fitting(MetadataAnswer, live, wanted.path).metadata.managed_fields
        with _without_values(wanted):
            applied = self._client.apply(wanted.path, body, {**_APPLY, "dryRun": "All"})
        changed = [
            ChangedField(path=path, declared=ours, live=theirs, writer=writer_of(entries, path))
            for path, ours, theirs in _differences(_comparable(applied), _comparable(live))
        ]
        # By the managedFields of the dry run, where the stack owns all that it declares: also what somebody changed, and changed back.
        after = fitting(MetadataAnswer, applied, wanted.path).metadata.managed_fields
        added = [
            ChangedField(path=path, declared=None, live=found, writer=writer, is_left=True)
            for owned, writer in added_fields(after).items()
            if (path := path_in(live, owned)) is not None
            and (found := _at(live, path)) is not None
            and not any(each.path[: len(path)] == path for each in changed)
        ]
        states = _at(body, ("spec", "suspend")) is not None
        is_suspended = _at(live, ("spec", "suspend")) is True
        return Compared(
            reference=wanted.reference,
            differences=(*changed, *added),
            suspended=(suspended_by(entries) or Writer("", None)) if is_suspended and not states else None,
        )

    def _errors(self) -> AbstractContextManager[None]:
        can = self._target.kubectl("auth can-i --list -n flux-system")
        fix = f"A dry run needs the rights of `pulumi up`. To see what this role may do, run: {can}"
        return self._reading("What somebody changed is unknown.", fix)


@contextmanager
def _without_values(wanted: WantedObject) -> Iterator[None]:
    """What a server says of a Secret may quote it, but for who may not do what."""
    try:
        yield
    except RefusedRequestError as error:
        if wanted.reference.kind != "Secret" or error.status in (_GONE, _LATER) or _OF_A_ROLE.match(error.said):
            raise
        named = f"{wanted.reference} {', '.join(error.fields)}".rstrip()
        said = f"{named}; the reason is not shown, as it may quote values"
        raise RefusedRequestError(error.status, said, is_status=error.is_status) from None


def _comparable(body: Any) -> Any:
    """Without what the server writes itself."""
    if not isinstance(body, Mapping):
        return body
    metadata = body.get("metadata")
    kept = {key: value for key, value in body.items() if key != "status"}
    if isinstance(metadata, Mapping):
        kept["metadata"] = {key: value for key, value in metadata.items() if key not in _SERVERS_OWN}
    return kept


def _differences(ours: Any, theirs: Any, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Any, Any]]:
    """Path, what applying would make of it, and what is there."""
    if isinstance(ours, Mapping) and isinstance(theirs, Mapping):
        for key in sorted({*ours, *theirs}):
            yield from _differences(ours.get(key), theirs.get(key), (*path, str(key)))
    elif isinstance(ours, list) and isinstance(theirs, list) and len(ours) == len(theirs) and _are_mappings([*ours, *theirs]):
        for index, (one, other) in enumerate(zip(ours, theirs, strict=True)):
            yield from _differences(one, other, (*path, index))
    elif ours != theirs:
        yield path, ours, theirs


def _are_mappings(values: Iterable[Any]) -> bool:
    return all(isinstance(value, Mapping) for value in values)


def _in_a_list(path: KeyPath) -> bool:
    return any(isinstance(part, int) for part in path)


def _order(path: KeyPath) -> list[tuple[int, str]]:
    return [(part, "") if isinstance(part, int) else (-1, part) for part in path]


def _put(patch: dict[str, Any], path: KeyPath) -> None:
    """A merge patch that removes what is at `path`, too."""
    *above, last = map(str, path)
    for part in above:
        patch = patch.setdefault(part, {})
    patch[last] = None


def _at(body: Any, path: KeyPath) -> Any:
    for part in path:
        if isinstance(part, int):
            body = body[part] if isinstance(body, list) and part < len(body) else None
        else:
            body = body.get(part) if isinstance(body, Mapping) else None
    return body
