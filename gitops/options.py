"""How the `gitops` command declares an option: its text, what to write after it, and no default that help would repeat."""

from pathlib import Path
from typing import Any

import typer


def option(text: str, value: str, *names: str, **more: Any) -> Any:
    """An option that takes a value; `more` is typer's own."""
    return typer.Option(*names, help=text, metavar=value, show_default=False, **more)


def flag(text: str, name: str) -> Any:
    """An option without a value."""
    return typer.Option(name, help=text, show_default=False)


def stack_option(text: str = "The stack, instead of the one that pulumi has selected.") -> Any:
    """`--stack NAME`, `-s NAME`; a shell completes the stacks that have a file."""
    return option(text, "NAME", "--stack", "-s", autocompletion=complete_stack)


def context_option(text: str) -> Any:
    """`--context NAME`; a shell completes the contexts of the kubeconfig, or of `--kubeconfig` if it comes before."""
    return option(text, "NAME", "--context", autocompletion=complete_context)


def complete_stack(incomplete: str) -> list[str]:
    """The stacks that have a file."""
    from gitops.stack_file import stack_names

    return [name for name in stack_names() if name.startswith(incomplete)]


def complete_context(ctx: typer.Context, incomplete: str) -> list[str]:
    """The contexts of the kubeconfig."""
    from gitops.contexts import context_names

    given = ctx.params.get("kubeconfig")
    return [name for name in context_names(Path(given) if given else None) if name.startswith(incomplete)]
