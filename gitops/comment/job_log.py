r"""A text in the log of a workflow's job, in which a runner looks for commands.

`::add-path::/x` at the beginning of a line is one, and for some runners `##[add-path]/x` anywhere. It gets a backslash, which Markdown
does not show: `\::add-path::/x`.
"""

import re

from flux.visible_text import visible_lines

LONGEST_LINE = 16_000
"""Characters. Gitea shows 64 KiB of a line, and nothing of the rest."""
_COMMAND = re.compile(r"^([^\w\n]*?)::", re.MULTILINE)
_OLD_COMMAND = "##["


def log_text(text: str) -> str:
    """`text` with lines that a log shows whole, and that are no commands."""
    shown = "\n".join(part for line in visible_lines(text.removesuffix("\n")).split("\n") for part in _parts(line))
    return _COMMAND.sub(r"\1\\::", shown.replace(_OLD_COMMAND, "##\\["))


def _parts(line: str) -> list[str]:
    return [line[start : start + LONGEST_LINE] for start in range(0, len(line), LONGEST_LINE)] or [""]
