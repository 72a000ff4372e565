"""A bound for the time of something that waits for another program, however steadily that drips.

The timeouts of sockets start again with each byte, also of a header, so a server that sends one a second holds its client indefinitely.
"""

import threading
from collections.abc import Callable
from typing import TypeVar

ResultT = TypeVar("ResultT")


class TimeLimitError(Exception):
    """It took longer."""


def within(seconds: float, call: Callable[[], ResultT]) -> ResultT:
    """What `call` returns or raises.

    It runs in a thread of its own, which is left to itself when the time is up: `call` has to come to an end some day, and may not
    use afterwards what its caller uses, too.

    Raises:
        TimeLimitError: it did not come to an end within `seconds`.
    """
    returned: list[ResultT] = []
    raised: list[BaseException] = []

    def run() -> None:
        try:
            returned.append(call())
        except BaseException as error:  # raised again in the thread that waits for it
            raised.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(max(0.0, seconds))
    if raised:
        raise raised[0]
    if not returned:
        raise TimeLimitError
    return returned[0]
