"""`python -m devcluster`."""

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.command()
def build() -> None:
    """Build what the cache lacks."""
    from devcluster.build import build_missing_tools

    build_missing_tools()


@app.command(hidden=True)
def supervise(home: Annotated[Path, typer.Option()], name: Annotated[str, typer.Option()]) -> None:
    """Run Gitea and the controllers of a home (started by `up`)."""
    from devcluster.home import Home
    from devcluster.supervisor import Supervisor

    Supervisor(Home(directory=home, name=name)).run()


if __name__ == "__main__":
    app()
