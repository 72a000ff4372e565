"""A sentence of ours about values of somebody else's: the two stay apart until it is shown, so that no value can act as markup."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from flux.markdown_text import code_span
from flux.short_text import trim_middle
from flux.visible_text import visible

_LONGEST_VALUE = 160


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


def say(words: str, *values: str) -> Sentence:
    """`say("source {}", name)`."""
    return Sentence(words, values)


def joined(sentences: Iterable[Sentence], between: str = "; ") -> Sentence:
    """Several as one."""
    every = list(sentences)
    return Sentence(between.join(each.words for each in every), tuple(value for each in every for value in each.values))


def named(names: Iterable[str], most: int = 5) -> Sentence:
    """`a, b and 3 more`."""
    every = list(names)
    shown = every if len(every) <= most else every[: most - 1]
    more = f" and {len(every) - len(shown)} more" if len(every) > len(shown) else ""
    return Sentence(", ".join("{}" for _ in shown) + more, tuple(shown))


def text_of(value: Any) -> str:
    """A text as it is, anything else as JSON on one line."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
