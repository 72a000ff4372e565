"""The minor of a version, by which releases differ."""

import re


def minor_of(version: str) -> tuple[int, int] | None:
    """`(2, 9)` of `v2.9.4` or `2.9`; None when it is no version."""
    match = re.match(r"v?(\d{1,9})\.(\d{1,9})(?!\d)", version)
    return (int(match[1]), int(match[2])) if match else None
