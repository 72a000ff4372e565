"""Several names in one sentence."""

from collections.abc import Iterable


def more(count: int, what: str) -> str:
    """`1 more object`, `2 more objects`."""
    return f"{count} more {what}{'' if count == 1 else 's'}"


def either(names: Iterable[object], *, most: int | None = None) -> str:
    """`a, b or c`; of more than `most`, the first and how many more there are."""
    every = [str(name) for name in names]
    if most is not None and len(every) > most:
        return f"{', '.join(every[:most])} or one of {len(every) - most} more"
    return " or ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def listed(names: Iterable[object]) -> str:
    """`a, b and c`."""
    every = [str(name) for name in names]
    return " and ".join([", ".join(every[:-1]), every[-1]] if len(every) > 1 else every)


def suggestion(names: Iterable[object]) -> str:
    """Did you mean `a` or `b`? Empty without names."""
    meant = either(f"`{name}`" for name in names)
    return f"Did you mean {meant}?" if meant else ""
