"""What a misspelt name probably meant."""

from collections.abc import Iterable

from flux.close_names import close_to


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean 'x' or 'y'?`, or all choices if none is similar."""
    names = sorted(known)
    if not names:
        return ""
    close = close_to(name, names)
    if close:
        return f"; did you mean {' or '.join(repr(item) for item in close)}?"
    return f"; the choices are: {', '.join(names)}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The same as a sentence."""
    text = nearest(name, known).removeprefix("; ")
    return f"{text[:1].upper()}{text[1:]}{'' if not text or text.endswith('?') else '.'}"
