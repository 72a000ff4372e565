"""Text that another program wrote, made fit for a line: without line breaks, and no longer than there is room."""

LEFT_OUT = "…"
LONGEST_SAID = 800
"""Of what another program said: `trim_middle` keeps its end, where the reason stands."""


def one_line(text: str) -> str:
    """Line breaks and runs of blanks become one blank."""
    return " ".join(text.split())


def trim(text: str, limit: int) -> str:
    """The beginning of `text`: at most `limit` characters, ending in `…` when something is left out."""
    return text if len(text) <= limit else text[: max(limit - 1, 0)].rstrip() + LEFT_OUT


def trim_middle(text: str, limit: int) -> str:
    """At most `limit` characters of `text`, with `…` in place of its middle: a reason stands at the end of what Go programs say."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0) * 2 // 3
    beginning = max(limit - 1, 0) - end
    return text[:beginning].rstrip() + LEFT_OUT + (text[-end:].lstrip() if end else "")
