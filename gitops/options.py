"""How the `gitops` command declares an option: its text, what to write after it, and no default that help would repeat."""

from typing import Any

import typer


def option(text: str, value: str, *names: str, **more: Any) -> Any:
    """An option that takes a value; `more` is typer's own."""
    return typer.Option(*names, help=text, metavar=value, show_default=False, **more)


def flag(text: str, name: str) -> Any:
    """An option that is there or not."""
    return typer.Option(name, help=text, show_default=False)
