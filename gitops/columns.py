"""Rows of a table in plain text: columns as wide as their widest cell, and nothing cut off."""

from collections.abc import Sequence

from flux.visible_text import visible

GAP = 2


def in_columns(rows: Sequence[tuple[str, ...]]) -> list[str]:
    """One line for each row; the first row is the header."""
    shown = [[visible(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    return [(" " * GAP).join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in shown]
