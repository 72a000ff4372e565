r"""Text that came from outside, as it may be printed: what would act on a terminal or in a log is shown, not done.

A file name may hold line breaks, the sequences that move a terminal's cursor or change its title, and the signs that turn the direction
of writing round: printed as they are, they forge lines of a table, a verdict, or a command for a CI runner (`::error::`). Everything
that Python calls not printable is therefore written as its escape: `\n`, `\x1b`, `\u202e`.
"""

import json
import re
from typing import Any

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_BEYOND_ASCII = re.compile(r"[^\x00-\x7e]")


def visible(text: str) -> str:
    """`text` on one line, with an escape for each character that is not printable."""
    return text if text.isprintable() else "".join(letter if letter.isprintable() else _escape(letter) for letter in text)


def visible_lines(text: str) -> str:
    """As `visible`, but the line breaks stay: for what a program said, which is printed apart from our own words."""
    return "\n".join(visible(line.removesuffix("\r")) for line in text.split("\n"))


def visible_json(document: Any) -> str:
    """`document` as JSON for people and programs: letters of all languages as they are, what is not printable as JSON's own escape."""
    return _BEYOND_ASCII.sub(_json_escape, json.dumps(document, indent=2, ensure_ascii=False))


def _escape(letter: str) -> str:
    number = ord(letter)
    return _ESCAPES.get(letter) or (
        f"\\x{number:02x}" if number < 0x100 else f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
    )


def _json_escape(match: re.Match[str]) -> str:
    letter = match[0]
    return letter if letter.isprintable() else json.dumps(letter)[1:-1]
