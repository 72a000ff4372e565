"""A sentence with code of our own in it: `pulumi up`, as people write it in Markdown."""

import re
from collections.abc import Iterator

from gitops.compare.sentence import Sentence

_VALUE = re.compile(r"\{\}|`([^`{}]+)`")


def coded(words: str, *values: str) -> Sentence:
    """As `say`; what stands between backticks is a value, too: code in Markdown, and plain text elsewhere."""
    given: Iterator[str] = iter(values)
    shown = tuple(found[1] or next(given) for found in _VALUE.finditer(words))
    return Sentence(_VALUE.sub("{}", words), shown)
