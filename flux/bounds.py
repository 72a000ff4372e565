"""How much of a text from outside is read at most, and what is said of one that exceeds it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Bounds:
    """What is read at most."""

    size: int
    """Bytes of a file, characters of a text."""
    values: int = 200_000
    """Scalars, lists and mappings of all documents of a text, with aliases written out. Each takes 350 bytes while it is read."""
    levels: int = 100
    """Lists and mappings in one another, with aliases written out."""


class UnreadableError(ValueError):
    """A text that is not read."""

    def __init__(self, wrong: str, fix: str = "Correct its syntax.", line: int = 0) -> None:
        """`wrong` follows the name of the file: `is nested more than 100 levels deep`. `line`: from 1; 0 where there is none."""
        super().__init__(wrong)
        self.wrong, self.fix, self.line = wrong, fix, line


class OutOfBoundsError(UnreadableError):
    """A text that may be right, but of which more would have to be read than the bounds allow."""


def refuse_larger(size: int, bounds: Bounds) -> None:
    """Raise OutOfBoundsError for a text of more than `bounds` allows."""
    if size > bounds.size:
        raise OutOfBoundsError(f"is larger than {bounds.size:,} bytes", "Split it, or remove what does not belong there.")


def too_deep(bounds: Bounds, line: int = 0) -> OutOfBoundsError:
    """The refusal of a text with more levels. `line`: from 1; 0 where it is unknown."""
    return OutOfBoundsError(f"is nested more than {bounds.levels} levels deep", "Write fewer levels.", line)


def too_many(bounds: Bounds, line: int) -> OutOfBoundsError:
    """The refusal of a text with more values."""
    return OutOfBoundsError(f"has more than {bounds.values:,} values, with aliases written out", "Split it, or use fewer aliases.", line)
