"""What somebody who misspelt a name probably meant."""

import difflib
from collections.abc import Iterable


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x' or 'y'?`, or all that there are when none is near."""
    names = sorted(known)
    if not names:
        return ""
    close = difflib.get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"; did you mean {' or '.join(repr(item) for item in close)}?"
    return f"; there are: {', '.join(names)}"
