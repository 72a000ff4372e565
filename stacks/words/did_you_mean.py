"""What is written in place of a name that does not exist."""

from collections.abc import Iterable

from flux.close_names import close_to
from flux.listing import suggestion


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """Did you mean `x` or `y`? All choices if none is similar; empty if there are none."""
    names = sorted(known)
    if close := close_to(name, names):
        return suggestion(close)
    return f"The choices are: {', '.join(names)}." if names else ""
