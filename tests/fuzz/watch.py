"""Run one reader over damaged inputs, and say what the worst of them took: `python -m tests.fuzz.watch NAME INPUTS SEED`."""

import gc
import itertools
import json
import resource
import signal
import sys
import time
from typing import Any

from tests.fuzz.inputs import damaged_texts
from tests.fuzz.readers import READERS

SECONDS = 5.0
WAITING_SECONDS = 120.0
"""For what waits and takes no time of the processor, such as a pipe; a busy machine is slow."""
MEBIBYTE = 1024**2


def main(name: str, inputs: int, seed: int) -> dict[str, Any]:
    """The figures; the first input that neither was taken nor refused as it should be ends the run, and is in them."""
    reader = READERS[name]
    taken = refused = 0
    worst = 0.0
    with reader.opened() as read:
        for example in reader.examples:
            read(example)
        gc.collect()
        before = _memory()
        texts = itertools.chain(itertools.islice(damaged_texts(reader.examples, seed), inputs), reader.changes)
        for number, text in enumerate(texts):
            signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS * 2)
            signal.setitimer(signal.ITIMER_REAL, WAITING_SECONDS)
            started = time.process_time()
            try:
                read(text)
                taken += 1
            except reader.refuses:
                refused += 1
            except BaseException as error:
                return {"reader": name, "number": number, "broke": f"{type(error).__name__}: {error}"[:500], "input": text[:2_000]}
            worst = max(worst, time.process_time() - started)
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
    return {
        "reader": name,
        "inputs": taken + refused,
        "taken": taken,
        "refused": refused,
        "seconds": round(worst, 2),
        "mebibytes": (_memory() - before) // MEBIBYTE,
    }


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


class _TooLongError(Exception):
    """Not an error that any reader refuses with."""


def _too_long(*_: object) -> None:
    raise _TooLongError(f"took more than {SECONDS * 2:g} s of processor time, or {WAITING_SECONDS:g} s in all")


if __name__ == "__main__":
    signal.signal(signal.SIGVTALRM, _too_long)
    signal.signal(signal.SIGALRM, _too_long)
    sys.stdout.write(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
