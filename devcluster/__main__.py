"""`python -m devcluster`: the embedded cluster's commands. The Makefile's targets call them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import httpx
import typer

from devcluster.messages.errors import COMMAND, DevclusterError
from devcluster.messages.refusals import refusal
from devcluster.messages.shell_commands import DEMO_HOME, ShellCommands
from gitops.telling import has_colours

HELP = """The embedded cluster: a real control plane, real Flux controllers and a real Gitea, on loopback, without containers.

`make demo` runs `up`, `make demo-down` runs `down`, `eval "$(make -s env)"` runs `env`. All files of a cluster are in one
directory (--home, by default .demo in this clone), which also records its processes; `down` removes both. The programs are
built once from their Go modules into ~/.cache/gitops ($GITOPS_CACHE) and stay there."""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
HomeOption = Annotated[Path, typer.Option(help="The directory with the cluster's files.", metavar="DIRECTORY", show_default=".demo")]
# Imports stand in the commands: `build` must work before anything else does.


@app.command()
def build(
    tools: Annotated[list[str] | None, typer.Argument(help="Only these tools, by directory name in devcluster/toolchain/tools.")] = None,
    for_tests: Annotated[bool, typer.Option("--for-tests", help="Also those that only tests run.")] = False,
) -> None:
    """Build the programs that the cache lacks. All of them take about ten minutes on two cores, once."""
    from devcluster.toolchain.build_tools import build_missing_tools

    with _refusals(DEMO_HOME):
        build_missing_tools(tools, also_for="tests" if for_tests else "")


@app.command()
def pin() -> None:
    """Update the checksums of official binaries from what the projects publish. For maintainers; needs internet access."""
    from devcluster.toolchain.pin import pin as write_checksums

    with _refusals(DEMO_HOME):
        print("\n".join(write_checksums()))


@app.command()
def plugins() -> None:
    """Install Pulumi's provider plugins with the checksums of requirements/pulumi.sha256, and no others."""
    from devcluster.toolchain.locked_plugins import install_locked_plugins

    with _refusals(DEMO_HOME):
        print("\n".join(install_locked_plugins()))


@app.command()
def up(
    home: HomeOption = DEMO_HOME,
    bare: Annotated[
        bool, typer.Option("--bare", help="Start an empty cluster, without a stack or repositories; needs a --home of its own.")
    ] = False,
) -> None:
    """Start, repair or update the demo, and wait until Flux reports everything ready.

    If you have no cluster at hand, this starts an empty one with a Git server for a stack of your own: up --bare --home .tutorial
    """
    from devcluster.commands import bare_cluster, demo, homes

    directory = home.absolute()
    with _refusals(directory):
        if bare or homes.is_bare(homes.cluster_at(directory).home):
            bare_cluster.up(directory)
        else:
            demo.up(directory)


@app.command()
def down(home: HomeOption = DEMO_HOME) -> None:
    """Stop the cluster's processes and remove its files."""
    from devcluster.commands import homes

    with _refusals(home.absolute()):
        homes.down(home.absolute())


@app.command()
def env(home: HomeOption = DEMO_HOME) -> None:
    """Print shell commands that set the running cluster's environment: for pulumi, kubectl, git and `gitops`.

    They read secrets from files, and do not contain them. GITEA_TOKEN, for `gitops deploy-key`, is of this cluster's Gitea alone.
    """
    from devcluster.commands import homes

    with _refusals(home.absolute()):
        print("\n".join(homes.env(home.absolute())))


@app.command()
def status(home: HomeOption = DEMO_HOME) -> None:
    """Show which processes run, and where. For Flux's objects: `gitops status`."""
    from devcluster.commands import homes

    with _refusals(home.absolute()):
        cluster = homes.running(home.absolute())
        for name, pid in homes.processes(cluster).items():
            print(f"{name:<26} {f'pid {pid}' if pid else 'not running'}")
        print(f"\nAPI server  {cluster.control_plane.server}\nGitea       {cluster.gitea.url}\nlogs        {cluster.home.logs}")


@app.command()
def describe(home: HomeOption = DEMO_HOME) -> None:
    """Print the cluster's values for a stack file: server and CA to pin, Flux's manifests, Gitea's addresses. No secrets."""
    from devcluster.commands.describe import describe

    with _refusals(home.absolute()):
        print(describe(home.absolute()), end="")


@app.command()
def repository(
    name: Annotated[str, typer.Argument(help="Its name in the organisation of the cluster's Gitea.", metavar="NAME")],
    source: Annotated[
        Path | None, typer.Option("--from", help="Push the files in this directory, instead of a README.md.", metavar="DIRECTORY")
    ] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Make it private: only Flux's token and deploy key, and you, can read it.")
    ] = False,
    empty: Annotated[bool, typer.Option("--empty", help="Push nothing, so that the history of a clone can be pushed to it.")] = False,
    home: HomeOption = DEMO_HOME,
) -> None:
    """Create a repository on the cluster's Gitea that Flux can read; print its clone URL and its line for the catalog.

    It is public unless --private is given; then the line for the catalog has the credential with which Flux reads it.
    """
    from devcluster.commands.repository import create

    with _refusals(home.absolute()):
        print(create(home.absolute(), name, source, private=private, empty=empty))


@app.command()
def artifact(
    name: Annotated[str, typer.Argument(help="Its name in the organisation of the cluster's Gitea.", metavar="NAME")],
    source: Annotated[Path, typer.Option("--from", help="The directory with the manifests.", metavar="DIRECTORY", show_default=False)],
    home: HomeOption = DEMO_HOME,
) -> None:
    """Push a directory as an OCI artifact to the cluster's Gitea, as `flux push artifact` does; print its URL and its line for the catalog.

    The tag is latest. Run it again after a change: the tag then names the new artifact, which Flux fetches at its next interval.
    """
    from devcluster.commands.push_artifact import push

    with _refusals(home.absolute()):
        print(push(home.absolute(), name, source))


@app.command()
def token(
    name: Annotated[str | None, typer.Argument(help="What to call it; without it, the names of all are listed.", metavar="[NAME]")] = None,
    delete: Annotated[bool, typer.Option("--delete", help="Delete the token of this name.")] = False,
    home: HomeOption = DEMO_HOME,
) -> None:
    """Make another token of Gitea's user flux-reader, which reads all that Flux reads; print it, for a pipe.

    To let stack dev use it: token NAME | pulumi config set --stack dev --secret gitops:gitea-read-password
    """
    from devcluster.commands.token import token

    with _refusals(home.absolute()):
        for line in token(home.absolute(), name, delete=delete):
            print(line)


@app.command(hidden=True)
def needs() -> None:
    """Print as JSON what `up` needs of this machine. `gitops doctor --demo` asks."""
    import json
    from dataclasses import asdict

    from devcluster.commands.machine_checks import demo_needs

    print(json.dumps(asdict(demo_needs())))


@app.command(hidden=True)
def supervise(home: Annotated[Path, typer.Option()], name: Annotated[str, typer.Option()]) -> None:
    """Run Gitea and the controllers of a home until SIGTERM. `up` starts this in the background."""
    from devcluster.controllers.supervisor import Supervisor
    from devcluster.machine.home import Home

    with _refusals(home):
        Supervisor(Home(directory=home, name=name)).run()


@contextmanager
def _refusals(home: Path) -> Iterator[None]:
    """What the system or a server refuses while a command works on `home`, as a DevclusterError."""
    try:
        yield
    except (OSError, httpx.HTTPError) as error:
        raise refusal(error, ShellCommands(home)) from error


def main() -> None:
    """Run a command; what the person can fix is one message, not a traceback."""
    try:
        app(prog_name=COMMAND)
    except DevclusterError as error:
        print(error.shown(coloured=has_colours(sys.stderr)), file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
