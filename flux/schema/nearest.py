"""Names that a person may have meant."""

import difflib
from collections.abc import Iterable


def nearest(name: str, names: Iterable[str], count: int = 3) -> list[str]:
    """Up to `count` of `names` that resemble `name`, best first; a difference in case and signs alone is the name itself."""
    plain = {candidate: _plain(candidate) for candidate in names}
    meant = _plain(name)
    if not meant:
        return []
    same = [candidate for candidate, text in plain.items() if text == meant]
    if same:
        return same[:count]
    close = difflib.get_close_matches(meant, list(plain.values()), n=count, cutoff=0.7)
    alike = [candidate for text in close for candidate, known in plain.items() if known == text]
    if close and difflib.SequenceMatcher(None, meant, close[0]).ratio() > 0.9:
        return alike[:1]
    longer = [candidate for candidate, text in plain.items() if len(meant) >= 4 and text.startswith(meant)]
    return list(dict.fromkeys([*alike, *longer]))[:count]


def _plain(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
