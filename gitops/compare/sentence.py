"""Sentences of a comparison, which may say who gives what changes, and where."""

import re
from collections.abc import Sequence

from flux.sentence_with_values import Sentence, joined, named, say

__all__ = ["NOWHERE", "Sentence", "joined", "named", "of_several", "say", "with_place"]

_FORMS = re.compile(r"\[([^][|]*)\|([^][|]*)\]")
_SENTENCE_ENDS = ". "

NOWHERE = Sentence("")
"""Where no file has it."""


def with_place(what: Sentence, source: Sentence) -> Sentence:
    """`interval 1h → 30m (in defaults, catalog.yaml:7)`: behind the first sentence, where it is written, if a file has it."""
    if source == NOWHERE:
        return what
    first, ends, rest = what.words.partition(_SENTENCE_ENDS)
    before, opening = (first[:-1], "; ") if first.endswith(")") else (first, " (")
    values = first.count("{}")
    words = f"{before}{opening}{source.words}){ends}{rest}"
    return Sentence(words, (*what.values[:values], *source.values, *what.values[values:]))


def of_several(template: Sentence, names: Sequence[str]) -> Sentence:
    """`Kustomization[|s] {*} [is|are] suspended`, of so many: `{*}` stands for the names, `[one|several]` for a form."""
    form = 1 if len(names) == 1 else 2
    words = _FORMS.sub(lambda found: found[form], template.words)
    told = named(names)
    values = list(template.values)
    parts = re.split(r"(\{\*?\})", words)
    shown: list[str] = []
    for part in parts:
        if part == "{*}":
            shown += told.values
        elif part == "{}":
            shown.append(values.pop(0))
    return Sentence("".join(told.words if part == "{*}" else part for part in parts), tuple(shown))
