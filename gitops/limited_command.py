"""A command that may take only so much of this machine, whatever it is given to read."""

from collections.abc import Sequence
from math import ceil


def limited_command(command: Sequence[str], *, memory_kib: int, largest_file: int, seconds: float | None = None) -> list[str]:
    """`command`, limited from its first instruction, and with it everything that it starts.

    `memory_kib` are addresses; `largest_file` are bytes of each file that it writes, its output included; `seconds` are of processor time.
    A system that lacks a limit goes on without it, so a caller has a deadline besides. No core is dumped.
    """
    limits = [f"v {memory_kib}", f"f {ceil(largest_file / 512)}", "c 0", *([f"t {ceil(seconds)}"] if seconds else [])]
    shell = "".join(f"ulimit -{limit} 2>/dev/null; " for limit in limits)
    return ["/bin/sh", "-c", f'{shell}exec "$@"', "sh", *command]
