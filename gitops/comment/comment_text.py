"""The text of a comment, with the mark by which it is found again."""

import re

from flux.markdown_text import NOTHING_TO_SAY, code_block
from flux.visible_text import visible_lines
from gitops.comment.cut_markdown import cut

TOPIC = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")
_LINK = re.compile(r"https?://[A-Za-z0-9._~:/-]+")
_FOLDED = "<details><summary>Nothing to report for the last commit</summary>"


def mark_of(topic: str) -> str:
    """The first line of a comment, which no forge shows."""
    return f"<!-- gitops comment: {topic} -->"


def says_nothing(text: str) -> bool:
    """Whether the text says nothing that a reader has to know."""
    return not text.strip() or text.startswith(NOTHING_TO_SAY)


def has_room(topic: str, text: str, limit: int) -> bool:
    """Whether a comment of `limit` bytes can show the whole text."""
    return len(f"{mark_of(topic)}\n{_usable(text)}".encode()) <= limit


def comment_body(topic: str, text: str, limit: int, rest: str) -> str:
    """The whole comment. `rest`: where what is cut can be read, see `rest_in`."""
    mark = mark_of(topic)
    return f"{mark}\n{cut(_usable(text), limit - len(mark) - 1, lambda lines: _tail(lines, rest))}"


def folded_body(topic: str, text: str) -> str:
    """In place of a comment that was right before the last commit."""
    told = _usable(text.removeprefix(NOTHING_TO_SAY)).strip() or "The text is empty."
    return f"{mark_of(topic)}\n{_FOLDED}\n\n{told}\n\n</details>\n"


def is_same(before: str, after: str) -> bool:
    """Whether a forge has a text already; it may have changed the ends of its lines."""
    return before.replace("\r\n", "\n").rstrip() == after.rstrip()


def as_code(text: str) -> str:
    """A text that is not Markdown."""
    return code_block(text) if text.strip() else ""


def rest_in(place: str, run: str | None) -> str:
    """Where the rest of a text is, with a link to the run of the workflow, if its address is nothing but one."""
    return f"{place}: <{run}>" if run and _LINK.fullmatch(run) else place


def _tail(lines: int, rest: str) -> str:
    return f"\n**Cut here.** {lines} more line{'' if lines == 1 else 's'}, {rest}\n"


def _usable(text: str) -> str:
    """Line breaks stay; what acts on a terminal or turns the direction of writing round does not."""
    return visible_lines(text).rstrip("\n") + "\n"
