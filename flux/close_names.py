"""Names that resemble another: what the author of a misspelt one probably meant."""

import difflib
from collections.abc import Iterable
from functools import lru_cache

SIMILAR = 0.6
MOST_COMPARED = 20_000
"""Half a second. Without a limit, a thousand Kustomizations that all name a wrong source would take a minute."""
_LONGEST = 100
_CERTAIN = 0.9
_BEGINNING = 4


class Comparisons:
    """How many more names may be compared, for many questions that are asked one after the other."""

    def __init__(self) -> None:
        self._left = MOST_COMPARED

    def take(self, count: int) -> bool:
        """Whether so many more may be compared; they count as compared."""
        self._left -= count
        return self._left >= 0


def close_to(
    name: str, known: Iterable[str], *, count: int = 3, cutoff: float = SIMILAR, comparisons: Comparisons | None = None
) -> list[str]:
    """Up to `count` of the `known` names that resemble `name`, the most alike first; none once too many were compared.

    Case and signs count for nothing: a name that differs in those alone is the one that was meant. Up to the usual `cutoff`, so
    does one that begins with `name`.
    """
    names = sorted(set(known))
    meant = _plain(name[:_LONGEST])
    if not meant or not (comparisons or Comparisons()).take(len(names)):
        return []
    plain = {each: _plain(each) for each in names}
    if same := [each for each, letters in plain.items() if letters == meant]:
        return same[:count]
    close = difflib.get_close_matches(meant, list(plain.values()), n=count, cutoff=cutoff)
    alike = [each for letters in close for each, other in plain.items() if other == letters]
    if close and likeness(meant, close[0]) > _CERTAIN:
        return alike[:1]
    begun = [each for each, letters in plain.items() if len(meant) >= _BEGINNING and letters.startswith(meant)]
    return list(dict.fromkeys([*alike, *(begun if cutoff <= SIMILAR else ())]))[:count]


def likeness(name: str, other: str) -> float:
    """From 0 to 1, how much two names have in common, letter by letter."""
    return difflib.SequenceMatcher(None, name, other).ratio()


@lru_cache(maxsize=4096)
def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
