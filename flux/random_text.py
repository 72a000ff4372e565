"""Whether letters and digits were drawn by lot, as those of a token, or chosen by a person as a name."""

import itertools
import re

LONG_RUN = 20
"""Letters and digits without a blank or a sign between them: names are shorter, tokens are not."""
_WORD_ENDS = re.compile(r"[-_=+]")
_CAPITALS = re.compile(r"[A-Z]{2,}")
"""A name of short words in capitals and small letters changes its case as often as what was drawn by lot, but has one capital each."""
_NAME = re.compile(r"[a-z]*(?:[A-Z][a-z]{2,})*[0-9]*")
"""`HelmTeam01`: words of three letters or more, and a number at the end."""
_HASH = re.compile(r"[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128}")
"""Commits, digests of artifacts and fingerprints of certificates are public, and messages compare them. A token of Gitea is as long:
only its place gives that away (flux/secret_patterns.py)."""
_RATE_IN_A_WORD, _RATE_IN_A_RUN, _RATE_IN_BASE64 = 0.22, 0.2, 0.3
"""New words for each letter. Of letters and digits by lot 0.5; of names in capitals and small letters, with a number, less than 0.2."""


def is_random(run: str) -> bool:
    """Of `LONG_RUN` letters, digits and `-_+=` or more: whether it is too random for a name."""
    words = [word for word in _WORD_ENDS.split(run) if word and not _HASH.fullmatch(word) and not _NAME.fullmatch(word)]
    mixed = [word for word in words if word != word.lower() and word != word.upper()]
    if sum(map(_new_words, mixed)) > len(run) * _RATE_IN_A_RUN and sum(letter.isdigit() for letter in run) >= 2:
        return True
    return any(_is_random_word(word) for word in words if len(word) >= LONG_RUN)


def is_random_base64(text: str) -> bool:
    """As `is_random`, of one text with `+` and `/` in it: letters of both cases and digits, changing all the time."""
    kinds = (any(map(str.isupper, text)), any(map(str.islower, text)), any(map(str.isdigit, text)))
    return all(kinds) and max(map(len, text.split("/"))) < len(text) and _new_words(text) > len(text) * _RATE_IN_BASE64


def changes_case_often(run: str) -> bool:
    """A case that keeps changing."""
    return sum(first.isupper() != second.isupper() for first, second in itertools.pairwise(run)) > len(run) * 0.4


def many_digits(run: str) -> bool:
    """Three digits or more."""
    return sum(letter.isdigit() for letter in run) >= 3


def _is_random_word(word: str) -> bool:
    if sum(letter.isdigit() for letter in word) >= 2 and _new_words(word) > len(word) * _RATE_IN_A_WORD:
        return True
    return changes_case_often(word) and len(_CAPITALS.findall(word)) >= 2


def _new_words(text: str) -> int:
    """How often a capital follows a small letter, or a digit a letter, or a letter a digit."""
    return sum(
        (second.isupper() and first.islower()) or (first.isdigit() and second.isalpha()) or (first.isalpha() and second.isdigit())
        for first, second in itertools.pairwise(text)
    )
