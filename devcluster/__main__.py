"""`python -m devcluster`: the embedded cluster's commands. The Makefile's targets call them."""

import os
import sys
from pathlib import Path
from typing import Annotated

import httpx
import typer

from devcluster.messages.errors import COMMAND, DevclusterError
from devcluster.messages.failures import message

HELP = """The embedded cluster: a real control plane, real Flux controllers and a real Gitea, on loopback, without containers.

`make demo` is `up`, `make demo-down` is `down`, `eval "$(make -s env)"` is `env`. Everything a cluster consists of lies in one
directory (--home, by default .demo in this clone) and in processes recorded there; `down` removes both. The programs it runs
are built once from their Go modules into ~/.cache/gitops ($GITOPS_CACHE) and stay there."""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
# `CLONE / ".demo"`, spelt without the import: `build` must work before anything else does.
Home = Annotated[Path, typer.Option(help="Where the cluster's files are.", metavar="DIRECTORY", show_default=".demo")]
DEFAULT_HOME = Path(__file__).resolve().parent.parent / ".demo"


@app.command()
def build(tools: Annotated[list[str] | None, typer.Argument(help="Only these, by their directory in devcluster/tools.")] = None) -> None:
    """Build what the cache lacks of the toolchain: once, and about ten minutes for everything on two cores."""
    from devcluster.toolchain.build import build_missing_tools

    build_missing_tools(tools)


@app.command()
def up(home: Home = DEFAULT_HOME) -> None:
    """Start or repair the demo and bring it up to date, until Flux reports everything ready."""
    from devcluster import demo

    demo.up(home.absolute())


@app.command()
def down(home: Home = DEFAULT_HOME) -> None:
    """End every process of the demo and remove every file of it."""
    from devcluster import demo

    demo.down(home.absolute())


@app.command()
def env(home: Home = DEFAULT_HOME) -> None:
    """Print shell lines for the running demo's environment. Secrets are read from their files by these lines, not printed."""
    from devcluster import demo

    print("\n".join(demo.env(home.absolute())))


@app.command()
def status(home: Home = DEFAULT_HOME) -> None:
    """Print what runs, and where. What Flux makes of it: `gitops status`."""
    from devcluster import demo

    cluster = demo.running(home.absolute())
    for name, pid in demo.processes(cluster).items():
        print(f"{name:<26} {f'pid {pid}' if pid else 'does not run'}")
    print(f"\nAPI server  {cluster.control_plane.server}\nGitea       {cluster.gitea.url}\nlogs        {cluster.home.logs}")


@app.command(hidden=True)
def remove_build_caches() -> None:
    """Remove the caches that builds have left. `build` and `up` start this in the background."""
    from devcluster.toolchain.build_caches import remove_left_caches

    os.nice(19)
    remove_left_caches()


@app.command(hidden=True)
def supervise(home: Annotated[Path, typer.Option()], name: Annotated[str, typer.Option()]) -> None:
    """Run Gitea and the controllers of a home until SIGTERM. `up` starts this in the background."""
    from devcluster.controllers.supervisor import Supervisor
    from devcluster.machine.home import Home as Place

    Supervisor(Place(directory=home, name=name)).run()


def main() -> None:
    """Run a command; what the person can mend is one message, not a traceback."""
    try:
        app(prog_name=COMMAND)
    except DevclusterError as error:
        print(f"{error}", file=sys.stderr)
        sys.exit(1)
    except (OSError, httpx.HTTPError) as error:
        print(message(error), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
