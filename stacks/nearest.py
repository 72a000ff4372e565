"""What somebody who misspelt a name probably meant."""

import difflib
from collections.abc import Iterable


def close_to(name: str, known: Iterable[str], *, count: int = 3, cutoff: float = 0.6) -> list[str]:
    """Up to `count` of the `known` names that resemble `name`, the most alike first."""
    return difflib.get_close_matches(name, sorted(known), n=count, cutoff=cutoff)


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x' or 'y'?`, or all that there are when none is near."""
    names = sorted(known)
    if not names:
        return ""
    close = close_to(name, names)
    if close:
        return f"; did you mean {' or '.join(repr(item) for item in close)}?"
    return f"; there are: {', '.join(names)}"
