"""The `gitops` command: reads arguments, prints, and turns mistakes into one message and an exit code."""

import os
import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from flux.known_secrets import secrets_of_this_run
from flux.message import Message
from gitops.adopt.app import adopt
from gitops.adopt.help import ADOPT
from gitops.check.app import check
from gitops.check.help import CHECK
from gitops.comment.app import comment
from gitops.comment.help import COMMENT
from gitops.compare.app import compare
from gitops.compare.help import COMPARE
from gitops.deploy_keys.app import deploy_keys
from gitops.destroy.app import destroy
from gitops.destroy.help import DESTROY
from gitops.digest import DIGEST, digest
from gitops.doctor.app import doctor
from gitops.doctor.help import DOCTOR
from gitops.drift.app import drift
from gitops.drift.help import DRIFT
from gitops.errors import CommandError
from gitops.help import GITOPS
from gitops.migrate.app import migrate
from gitops.migrate.help import MIGRATE
from gitops.new.app import new
from gitops.new.help import NEW
from gitops.options import option
from gitops.project import enter
from gitops.render.app import render
from gitops.render.help import RENDER
from gitops.secrets_at_hand import secrets_at_hand
from gitops.status.app import status
from gitops.status.help import STATUS
from gitops.telling import tell
from gitops.terminal import print_lines
from gitops.up.app import up
from gitops.up.help import UP
from live.errors import LiveError

MISTAKE = 2
TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks are for programmers; a fault of ours should look like one
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command(help=NEW, short_help="Write the two files for your cluster, and show the next steps.")(new)
app.command(help=ADOPT, short_help="Describe a Flux that runs as a stack, and show how to take it over.")(adopt)
app.command(help=DOCTOR, short_help="Check what a run needs, and show how to fix what is missing.")(doctor)


def _print_version(wanted: bool) -> None:
    if wanted:
        from gitops.version import shown

        print_lines(shown())
        raise typer.Exit


@app.callback(help=GITOPS)
def gitops(
    version: Annotated[
        bool,
        typer.Option(
            "--version", help="Show the versions of this program, Flux and Pulumi's packages.", callback=_print_version, is_eager=True
        ),
    ] = False,
    cwd: Annotated[
        Path | None, option("Run as if started in this directory: its project is the one to act on.", "DIRECTORY", "--cwd", "-C")
    ] = None,
) -> None:
    """Take the options before the command."""
    enter(cwd)


app.command(help=UP, short_help="Run `pulumi up`, and say why if a controller does not come up.")(up)
app.command(help=STATUS, short_help="Show Flux's controllers and objects: revision, readiness, message.")(status)
app.command(help=CHECK, short_help="Check a stack's repositories: who can read what, and what would go wrong.")(check)
app.command(help=DRIFT, short_help="Show what somebody changed since the last `pulumi up`.")(drift)
app.command(help=DESTROY, short_help="Remove a stack from its cluster; always finishes.")(destroy)
app.command(help=MIGRATE, short_help="Rewrite Flux's objects in the version that the cluster stores now.")(migrate)
app.command(help=RENDER, short_help="Write every object that a stack makes, as YAML.")(render)
app.command(help=COMPARE, short_help="Show what a change does to every stack, in Flux's words.")(compare)
app.command(help=COMMENT, short_help="Keep a text as one comment on a pull request.")(comment)
app.command(help=DIGEST, short_help="Print the current digest of a tag of Flux's manifests.")(digest)
app.add_typer(deploy_keys, name="deploy-key")


def _refuse_second_stack(arguments: list[str]) -> None:
    """Click would take the last one, and a comparison would leave the first one out without a word."""
    own = arguments[: arguments.index("--")] if "--" in arguments else arguments
    given = [each for each in own if each in ("-s", "--stack") or each.startswith("--stack=")]
    if len(given) > 1:
        raise CommandError(Message("--stack is given more than once", "Only the last one would count.", "Give one."))


def main() -> None:
    """The entry point. typer itself answers an interruption with 130 and a closed pipe with silence."""
    # Ended by itself, Python would leave temporary files behind, and with them keys that git was given.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        with secrets_of_this_run() as known:
            known.add(*secrets_at_hand(os.environ))
            _run()
    finally:
        signal.signal(signal.SIGTERM, before)


def _run() -> None:
    try:
        _refuse_second_stack(sys.argv[1:])
        app(prog_name="gitops")
    except (CommandError, LiveError) as error:
        tell(error, sys.stderr)
        sys.exit(MISTAKE)
