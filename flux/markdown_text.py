"""Text from outside within Markdown: only as code, which neither Gitea nor GitHub reads for markup, mentions, links or HTML.

There is no way here to write such text as words of a paragraph: what has to be escaped there differs from forge to forge, and grows.
"""

import re

from flux.visible_text import visible, visible_lines

NOTHING_TO_SAY = "<!-- gitops: nothing to say -->\n"
"""At the beginning of a text: it is complete, and need not be read."""
_TICKS = re.compile("`+")
_SHORTEST_FENCE = 3


def code_span(text: str) -> str:
    """`text` as inline code, on one line. An empty text is shown as `""`."""
    shown = visible(text) or '""'
    fence = "`" * (_longest_run(shown) + 1)
    # A reader strips one space from both ends, unless there is nothing else.
    needs_space = shown[0] == "`" or shown[-1] == "`" or (shown[0] == shown[-1] == " " and bool(shown.strip()))
    return f"{fence} {shown} {fence}" if needs_space else f"{fence}{shown}{fence}"


def code_block(text: str, language: str = "text") -> str:
    """`text` as a block of code, with an end that nothing in it can be."""
    shown = visible_lines(text)
    fence = "`" * max(_SHORTEST_FENCE, _longest_run(shown) + 1)
    return f"{fence}{language}\n{shown.removesuffix(chr(10))}\n{fence}"


def _longest_run(text: str) -> int:
    return max((len(found) for found in _TICKS.findall(text)), default=0)
