"""The one way by which the commands print: whatever a repository, a server or a file put into a text is shown, and does nothing.

Tables make their cells visible before they measure them; what is left over is caught here. What a run knows to be secret is masked.
"""

from typing import TYPE_CHECKING, Any, TextIO

from flux.known_secrets import masked
from flux.visible_text import visible, visible_json, visible_lines

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

_BEGIN_AGAIN = "\r\033[K"
"""The cursor at the beginning of an empty line."""


def print_result(text: "Text", console: "Console") -> None:
    """A table or another result on stdout, line by line; rich neither wraps nor crops what the table has fitted."""
    from rich.text import Text  # only where there is a table; `--help` needs none

    lines = text.split("\n", allow_blank=True)
    shown = (line if line.plain.isprintable() and masked(line.plain) == line.plain else Text(visible(masked(line.plain))) for line in lines)
    console.print(Text("\n").join(shown), soft_wrap=True, highlight=False)


def print_lines(text: str, stream: TextIO | None = None) -> None:
    """Lines of our own words."""
    print(visible_lines(masked(text)), file=stream, flush=True)


def print_json(document: Any) -> None:
    """A result for scripts on stdout."""
    print(visible_json(_masked(document)), flush=True)


def rewrite_line(text: str, stream: TextIO) -> None:
    """Progress on a terminal: the line is written over by the next."""
    print(f"{_BEGIN_AGAIN}{visible(masked(text))}", end="", file=stream, flush=True)


def clear_line(stream: TextIO) -> None:
    """Leave an empty line to what comes next."""
    print(_BEGIN_AGAIN, end="", file=stream, flush=True)


def _masked(document: Any) -> Any:
    """Value by value: what is masked in JSON as a whole could be a sign of its syntax."""
    if isinstance(document, str):
        return masked(document)
    if isinstance(document, dict):
        return {key: _masked(value) for key, value in document.items()}
    return [_masked(value) for value in document] if isinstance(document, list | tuple) else document
