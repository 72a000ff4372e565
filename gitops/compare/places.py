"""Where something is written, in as few words as a reader needs: `catalog.yaml:25`, `in defaults, catalog.yaml:7`."""

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache

from gitops.compare.sentence import Sentence, joined, say
from stacks.words.place import Layer, Place

_MOST = 3
_WORDS: dict[Layer, str] = {"default": "defaults", "host": "hosts", "override": "override"}
"""The key below which an entry stands, of which a line does not say it."""


def told(places: Iterable[Place], *, of_the_base: bool = False) -> Sentence:
    """`catalog.yaml:32-35`: neighbouring lines together, and no more places than anybody reads."""
    lines: dict[tuple[str, str], set[int]] = {}
    for place in places:
        lines.setdefault((_WORDS.get(place.layer, ""), place.file), set()).add(place.line)
    every = [(word, file, first, last) for (word, file), numbers in sorted(lines.items()) for first, last in _ranges(sorted(numbers))]
    shown = joined((_place(*each, of_the_base) for each in every[:_MOST]), "; ")
    more = len(every) - _MOST
    return joined([shown, say(f"{more} more place{'' if more == 1 else 's'}")], "; ") if more > 0 else shown


def told_by(place: Place) -> Sentence:
    """`by the override, Pulumi.dev.yaml:20`, of what takes something away that another place still gives."""
    word = _WORDS.get(place.layer, "")
    return joined([say("by the {}", word), told([replace(place, layer="stack")])], ", ") if word else told([place])


@lru_cache(maxsize=1024)  # a default is the source of a change in every object
def _place(word: str, file: str, first: int, last: int, of_the_base: bool) -> Sentence:
    lines = f":{first}" if first == last else f":{first}-{last}"
    text = say(f"{{}}{' before this change' if of_the_base else ''}", f"{file}{lines if first else ''}")
    return joined([say("in {}", word), text], ", ") if word else text


def _ranges(numbers: list[int]) -> Iterable[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number > last + 1:
            yield first, last
            first = number
        last = number
    yield first, last
