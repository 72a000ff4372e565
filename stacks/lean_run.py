"""What Pulumi's SDK and Python do for every resource, and a run of this program has no use for: a fifth of its time with hundreds."""

import asyncio
import gc

import pulumi


def run_lean() -> None:
    """For a process that registers a stack's resources and ends: what is switched off here is off until then."""
    # Everything that is made stays in use until the end, so looking for what is not finds nothing, again and again. It costs 10 MB.
    gc.disable()
    # The SDK tells the engine of four steps of each registration, each time in a call that blocks the program, and the engine drops them
    # unless it runs with --debug. What else --debug shows, it still shows.
    pulumi.log.debug = _dropped
    pulumi.run(_begun)


async def _begun() -> None:
    """Let every registration begin before the SDK waits for them.

    It waits for those that have begun one by one. Where none has (`wait_for_rpcs` of pulumi/runtime/stack.py), it waits for all values
    that are not known yet, and looks at each of them whenever one becomes known: with N resources, N times.
    """
    await asyncio.sleep(0)


def _dropped(msg: str, resource: object = None, stream_id: int | None = None, ephemeral: bool | None = None) -> None:
    """In place of `pulumi.log.debug`."""
