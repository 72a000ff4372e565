"""While Pulumi waits for the controllers: why one does not come up, as soon as the cluster says so and long before the wait is over.

The engine ends the program together with the run, so what ends `pulumi up` itself cannot be said here: `gitops up` does that.
"""

import threading
from collections.abc import Callable, Mapping
from contextvars import copy_context
from functools import partial

import pulumi

from live.access.target import Target
from live.errors import LiveError
from stacks.settings import Settings
from stacks.words import log

FIRST_LOOK, BETWEEN_LOOKS = 20.0, 10.0
"""Seconds. What is still wrong at a second look does not pass by itself."""
MOST_LOOKS = 40
"""Pulumi waits five minutes."""


def watch_rollout(settings: Settings, deployments: Mapping[str, pulumi.CustomResource], former: str | None) -> None:
    """Look in the background until the last of the Deployments is available. `former`: the release of Flux that the cluster had.

    `deployments`: name → resource.
    """
    if settings.preview or settings.cluster is None or not deployments:
        return
    rollout = Rollout(Target(settings.cluster.shown, settings.cluster.reached, is_option=False), deployments, former)
    for name, made in deployments.items():
        made.id.apply(partial(rollout.done, name))
    # The SDK and the log keep what they know of the run in the context.
    threading.Thread(target=copy_context().run, args=(rollout.watch,), daemon=True).start()


class Rollout:
    """Controllers that Pulumi waits for."""

    def __init__(self, target: Target, names: Mapping[str, object], former: str | None) -> None:
        """Nothing is done yet."""
        self._target, self._former = target, former
        self._waiting = set(names)
        self._all_done = threading.Event()
        self._seen: set[str] = set()
        self._told: set[str] = set()

    def done(self, name: str, _: object = None) -> None:
        """The Deployment is available."""
        self._waiting.discard(name)
        if not self._waiting:
            self._all_done.set()

    def watch(self, pause: Callable[[float], bool] | None = None) -> None:
        """Until everything is done. `pause` waits, and says whether it is."""
        pause = pause or self._all_done.wait
        for look in range(MOST_LOOKS):
            if pause(BETWEEN_LOOKS if look else FIRST_LOOK):
                return
            try:
                self._look()
            except Exception:
                return

    def _look(self) -> None:
        # Here and not above: a run in which everything comes up needs none of it.
        from live.flux_objects.controller_faults import controller_faults
        from live.flux_objects.fault_text import on_one_line, way_back

        try:
            found = [each for each in controller_faults(self._target) if each.controller in self._waiting and each.is_explained]
        except LiveError:
            return
        # Whatever the reason: an image that cannot be pulled has one of two in turn.
        lasting = [each for each in found if each.controller in self._seen - self._told]
        self._seen = {each.controller for each in found}
        for each in lasting:
            self._told.add(each.controller)
            log.warn(f"{on_one_line(each)}. {way_back([each], self._former)}")
