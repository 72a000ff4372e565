"""What the program says through the engine: on a terminal, in a CI log, and in the update's history."""

import pulumi

from flux.known_secrets import masked
from flux.visible_text import visible, visible_lines


def error(text: str) -> None:
    """What ends the program, in lines of our own."""
    pulumi.log.error(visible_lines(masked(text)))


def warn(text: str) -> None:
    """What a person should look at, on one line."""
    pulumi.log.warn(visible(masked(text)))


def info(text: str) -> None:
    """What a person may want to know, on one line."""
    pulumi.log.info(visible(masked(text)))
