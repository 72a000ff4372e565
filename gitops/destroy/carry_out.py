"""The removal of a stack's Flux objects, in the order in which Flux can still clean up after them; each wait has a bound.

What an object applied goes first, while its controller lives. When the time is up, or where no controller runs, the object's
finalizers are released: it goes, and what it would have cleaned up stays.
"""

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from flux.kinds import KINDS, SOURCE_API_GROUP
from flux.object_reference import FLUX_NAMESPACE, ObjectReference
from gitops.destroy.effects import Effects
from live.errors import UnreachableError
from live.flux_objects.flux_removal import RemovableObject

POLL_SECONDS = 1.0
SOURCE_SECONDS = 60.0
"""A source has nothing to wait for but its own controller."""
HOLDER_SECONDS = 60.0
"""The controller that put its finalizer on a Secret of the stack may have something to do first."""
RESTART_SECONDS = 30.0
"""A controller that ran a moment ago may only restart: what it would clean up is not given up at once."""
SILENT_SECONDS = 120.0
"""How long an API server may not answer once the removal has begun: it, or its etcd, is being restarted."""
SETTLING_SECONDS = 3.0
"""One that answers again may not know every kind yet: the first that it says there is counts for nothing."""
_SHOWN = 3
SeenT = TypeVar("SeenT")


class FluxObjects(Protocol):
    """What is needed of `live.flux_objects.flux_removal.FluxRemoval`."""

    def objects(self) -> list[RemovableObject]:
        """Every Flux object."""

    def running_controllers(self) -> frozenset[str]:
        """The controllers that run."""

    def namespace_is_going(self) -> bool:
        """Whether somebody has deleted Flux's namespace."""

    def delete(self, found: RemovableObject) -> None:
        """Begin to delete it."""

    def may_remove(self, found: RemovableObject) -> None:
        """Raise LiveError where this role may not delete or patch it."""

    def release(self, found: RemovableObject) -> None:
        """Take its finalizers from it."""

    def keep_what_it_applied(self, found: RemovableObject) -> None:
        """Let it leave what it applied."""


@dataclass
class Removal:
    """One removal under way."""

    cluster: FluxObjects
    seconds: float
    """How long the removal of workloads may take."""
    say: Callable[[str], None]
    """Told what is waited for."""
    released: list[RemovableObject] = field(default_factory=list)
    """Whose finalizers were released."""
    seen_running: dict[str, float] = field(default_factory=dict)
    """Controller → when it was seen running last."""
    sleep: Callable[[float], None] = time.sleep
    clock: Callable[[], float] = time.monotonic
    silent: float = 0.0
    """For how many seconds the API server was silent: Flux could not remove anything meanwhile, so no timeout counts them."""

    def keep_workloads(self, effects: Effects) -> None:
        """Let everything of the stack that applied something leave it in the cluster."""
        own = {each.reference for each in effects.own}
        for each in effects.appliers:
            if each.found.reference in own:
                self._ask(self.cluster.keep_what_it_applied, each.found)

    def check_rights(self, effects: Effects, held: Iterable[RemovableObject]) -> None:
        """Raise LiveError before anything is removed, where this role may not remove all of it. `held`: what `run_held` removes."""
        first_of_each = {(each.kind, each.reference.namespace): each for each in (*effects.own, *effects.from_git, *held)}
        for each in first_of_each.values():
            self.cluster.may_remove(each)

    def run(self, effects: Effects, *, definitions_go: bool) -> None:
        """Remove the stack's Flux objects; what came from Git too, where nothing could clean it up once its CRD or its namespace goes.

        What was not announced as going stays, even if a controller starts meanwhile, or lives on where that of the parent does not.
        """
        own = [each.reference for each in effects.own]
        self._alive()
        self._spare(effects, effects.own)
        self._remove(self._of_flux(each for each in own if not _is_source(each)), self.seconds)
        if definitions_go or self._ask(self.cluster.namespace_is_going):
            going = [each for each in effects.from_git if definitions_go or each.reference.namespace == FLUX_NAMESPACE]
            self._spare(effects, going)  # and not before: until it is gone, the parent sets back what is written into these
            self._remove(self._of_flux(each.reference for each in going), SOURCE_SECONDS)
        self._remove(self._of_flux(each for each in own if _is_source(each)), SOURCE_SECONDS)

    def run_held(self, held: Callable[[], list[RemovableObject]]) -> None:
        """Remove what of the rest somebody's finalizer holds: `pulumi destroy` would wait for it, and fail."""
        self._remove(held, HOLDER_SECONDS)

    def _spare(self, effects: Effects, going: Iterable[RemovableObject]) -> None:
        for each in effects.spared(going):
            self._ask(self.cluster.keep_what_it_applied, each)

    def _of_flux(self, wanted: Iterable[ObjectReference]) -> Callable[[], list[RemovableObject]]:
        names = frozenset(wanted)
        return lambda: [each for each in self.cluster.objects() if each.reference in names] if names else []

    def _remove(self, look: Callable[[], list[RemovableObject]], seconds: float) -> None:
        """Delete what is there, wait until it is gone, and release what does not go."""
        until = self._now() + seconds
        while left := self._ask(look):
            for each in left:
                if not each.deleted_since:
                    self._ask(self.cluster.delete, each)
            running, is_late = self._alive(), self._now() > until
            stuck = [each for each in left if each.deleted_since and (is_late or (each.controller and each.controller not in running))]
            for each in stuck:
                self._ask(self.cluster.release, each)
                self._note(each)
            if is_late and self._now() > until + SOURCE_SECONDS:
                return  # somebody gives it finalizers again and again: `pulumi destroy` says so
            self.say(_waited_for(left))
            self.sleep(POLL_SECONDS)

    def _alive(self) -> frozenset[str]:
        running = self._ask(self.cluster.running_controllers)
        now = self._now()
        self.seen_running |= dict.fromkeys(running, now)
        return frozenset(name for name, seen in self.seen_running.items() if now - seen <= RESTART_SECONDS)

    def _now(self) -> float:
        return self.clock() - self.silent

    def _ask(self, request: Callable[..., SeenT], *arguments: RemovableObject) -> SeenT:
        """The answer to a request; from an API server that is silent, once it answers again.

        Raises:
            UnreachableError: it did not answer for `SILENT_SECONDS`.
        """
        since, was_silent, is_settled = self.clock(), False, bool(arguments)
        while True:
            try:
                answer = request(*arguments)
            except UnreachableError:
                if self.clock() - since >= SILENT_SECONDS:
                    raise
                was_silent = True
                self.say("waiting for the API server to answer again")
                self.sleep(POLL_SECONDS)
                continue
            if was_silent and not is_settled:
                is_settled = True
                self.sleep(SETTLING_SECONDS)
                continue
            if was_silent:
                self.silent += self.clock() - since
            return answer

    def _note(self, each: RemovableObject) -> None:
        if each.finalizers and all(each.reference != known.reference for known in self.released):
            self.released.append(each)


def _is_source(each: ObjectReference) -> bool:
    known = KINDS.get(each.kind)
    return known is not None and known.api_group == SOURCE_API_GROUP


def _waited_for(left: Collection[RemovableObject]) -> str:
    first = [f"{each.kind} {each.reference.name}" for each in left][:_SHOWN]
    more = f" and {len(left) - _SHOWN} more" if len(left) > _SHOWN else ""
    behind = next((each for each in left if each.kind == "Kustomization" and each.applied), None)
    why = f", which removes {len(behind.applied)} objects" if behind and behind.removes and len(left) == 1 else ""
    return f"waiting for the removal of {', '.join(first)}{more}{why}"
