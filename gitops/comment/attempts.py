"""A forge that is busy is asked again."""

from collections.abc import Callable
from typing import TypeVar

from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.forge import BusyError

ATTEMPTS = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds. A limit that asks for more lasts longer than a job should."""
DoneT = TypeVar("DoneT")


def until_answered(once: Callable[[], DoneT], what: str, sleep: Callable[[float], None]) -> DoneT:
    """What `once` returns. It begins with a search each time: after a failure, what it wrote may be there all the same.

    Raises:
        CommandError: the forge is out of reach, or busy for too long.
        RefusedError: it refuses.
    """
    wait = FIRST_WAIT
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return once()
        except BusyError as error:
            asked = error.wait or 0.0
            if attempt == ATTEMPTS or asked > LONGEST_WAIT:
                again = f"Wait {asked:.0f} s, then run it again." if asked else "Run it again later."
                raise CommandError(Message(str(error), f"The {what} may not be up to date.", again)) from None
            sleep(max(wait, asked))
            wait *= 2
    raise AssertionError("the last attempt returns or raises")
