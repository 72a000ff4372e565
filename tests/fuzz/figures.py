"""Run every reader, and print the table of docs/security.md: `make fuzz`."""

import sys

from tests.fuzz.readers import READERS
from tests.fuzz.test_every_reader import watched

HEADER = "| reader | inputs | taken | refused | worst, seconds | memory, MiB |\n|---|---|---|---|---|---|\n"


def main() -> int:
    """One line for each reader as it ends; 1 if one did not hold."""
    broken = 0
    sys.stdout.write(HEADER)
    for reader in READERS:
        found = watched(reader)
        if "broke" in found:
            broken += 1
            sys.stdout.write(f"| {reader} | input {found['number']} broke it: {found['broke']!r} of {found['input']!r} |\n")
        else:
            numbers = f"{found['inputs']:,} | {found['taken']:,} | {found['refused']:,}"
            sys.stdout.write(f"| {reader} | {numbers} | {found['seconds']} | {found['mebibytes']} |\n")
        sys.stdout.flush()
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
