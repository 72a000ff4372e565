"""Sentences of a comparison, which may say who gives what changes, and where."""

from flux.sentence_with_values import Sentence, joined, named, say

__all__ = ["NOWHERE", "Sentence", "joined", "named", "say", "with_place"]

NOWHERE = Sentence("")
"""Where no file has it."""


def with_place(what: Sentence, source: Sentence) -> Sentence:
    """`interval 1h → 30m (a default, catalog.yaml:7)`: behind a sentence, who gives it and where, if a file has it."""
    if source == NOWHERE:
        return what
    place = source.words.replace(" ({}), ", ", {}; ").replace(" ({})", ", {}")
    before, opening = (what.words[:-1], "; ") if what.words.endswith(")") else (what.words, " (")
    return Sentence(f"{before}{opening}{place})", (*what.values, *source.values))
