"""Names that resemble another: what somebody who misspelt one probably meant."""

import difflib
from collections.abc import Iterable


def close_to(name: str, known: Iterable[str], *, count: int = 3, cutoff: float = 0.6) -> list[str]:
    """Up to `count` of the `known` names that resemble `name`, the most alike first; 1 as `cutoff` is the same name."""
    return difflib.get_close_matches(name, sorted(set(known)), n=count, cutoff=cutoff)
