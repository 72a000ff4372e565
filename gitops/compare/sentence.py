"""A sentence of ours about values of somebody else's: the two stay apart until it is shown, so that no value can act as markup."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flux.markdown_text import code_span
from flux.visible_text import visible
from gitops.messages import trim_middle

_LONGEST_VALUE = 160
_FORMS = re.compile(r"\[([^][|]*)\|([^][|]*)\]")
_SENTENCE_ENDS = ". "


@dataclass(frozen=True, order=True)
class Sentence:
    """Words, with `{}` where a value stands."""

    words: str
    values: tuple[str, ...] = ()

    @property
    def plain(self) -> str:
        """For a terminal, and for JSON."""
        return self._with([visible(trim_middle(value, _LONGEST_VALUE)) or '""' for value in self.values])

    @property
    def markdown(self) -> str:
        """Values as code."""
        return self._with([code_span(trim_middle(value, _LONGEST_VALUE)) for value in self.values])

    def _with(self, values: list[str]) -> str:
        first, *rest = self.words.split("{}")
        return first + "".join(value + words for value, words in zip(values, rest, strict=True))


NOWHERE = Sentence("")
"""Where no file has it."""


def say(words: str, *values: str) -> Sentence:
    """`say("source {}", name)`."""
    return Sentence(words, values)


def joined(sentences: Iterable[Sentence], between: str = "; ") -> Sentence:
    """Several as one."""
    every = list(sentences)
    return Sentence(between.join(each.words for each in every), tuple(value for each in every for value in each.values))


def with_place(what: Sentence, source: Sentence) -> Sentence:
    """`interval 1h → 30m (a default, catalog.yaml:7)`: behind the first sentence, where it is written, if a file has it."""
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


def named(names: Iterable[str], most: int = 5) -> Sentence:
    """`a, b and 3 more`."""
    every = list(names)
    shown = every if len(every) <= most else every[: most - 1]
    more = f" and {len(every) - len(shown)} more" if len(every) > len(shown) else ""
    return Sentence(", ".join("{}" for _ in shown) + more, tuple(shown))
