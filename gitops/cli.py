"""The `gitops` command: reads arguments, prints, and turns mistakes into one message and an exit code."""

import json
import signal
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from gitops.deploy_keys.app import deploy_keys
from gitops.errors import CommandError
from gitops.help import CHECK, GITOPS, STATUS
from gitops.options import option

READY, NOT_READY, MISTAKE = 0, 1, 2
TERMINATED = 128 + signal.SIGTERM

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # its tracebacks are for programmers; a fault of ours should look like one
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(deploy_keys, name="deploy-key")


class Output(StrEnum):
    """How a result is written to stdout."""

    TABLE = "table"
    JSON = "json"


@app.callback(help=GITOPS)
def gitops() -> None:
    """Keep `status` a subcommand: typer makes a lone command the whole program."""


@app.command(help=STATUS, short_help="Every Flux object of a cluster: revision, readiness, message.")
def status(
    kubeconfig: Annotated[Path | None, option("The kubeconfig, instead of $KUBECONFIG or ~/.kube/config.", "FILE")] = None,
    context: Annotated[str | None, option("A context of it, instead of its current one.", "NAME")] = None,
    namespace: Annotated[str | None, option("Only this namespace, instead of all.", "NAME", "--namespace", "-n")] = None,
    wait: Annotated[float, option("Wait this long until all is ready; says on stderr what for.", "SECONDS", min=0)] = 0,
    output: Annotated[Output, option("How to write the result: table or json.", "FORM", "--output", "-o")] = Output.TABLE,
) -> None:
    """Read, show, and say by the exit code whether everything is ready."""
    from gitops.status.collect import all_ready, reading, wait_until_ready

    with reading(kubeconfig, context, namespace) as collect:
        if wait:
            from rich.console import Console

            from gitops.status.progress import WaitProgress

            progress = WaitProgress(sys.stderr, Console(stderr=True).width)
            try:
                rows = wait_until_ready(collect, wait, progress.change, on_poll=progress.poll)
            finally:
                progress.done()
        else:
            rows = collect()
    if output is Output.JSON:
        from gitops.status.json_document import document

        print(json.dumps(document(rows), indent=2, ensure_ascii=False), flush=True)
    else:
        from rich.console import Console

        from gitops.status.table import print_table

        print_table(rows, Console())
    if not rows:
        where = f"namespace {namespace}" if namespace else "the cluster"
        mend = "Look into all namespaces: leave out --namespace" if namespace else "Declare sources and apply: pulumi up"
        print(f"There is no Flux object in {where}, so nothing can be ready. {mend}", file=sys.stderr)
    elif wait and not all_ready(rows):
        print(f"Not everything became ready within {wait:g} s. Give it longer with --wait, or look at the messages above.", file=sys.stderr)
    raise typer.Exit(READY if all_ready(rows) else NOT_READY)


@app.command(help=CHECK, short_help="The repositories of a stack: who can read what, and what would go wrong.")
def check(
    stack: Annotated[str | None, option("The stack, instead of the one that pulumi has selected.", "NAME", "--stack", "-s")] = None,
    without: Annotated[list[str] | None, option("Judge as if this age key were gone; may be repeated.", "KEY", "--without")] = None,
    record: Annotated[bool, typer.Option("--record/--no-record", help="Write what was seen into the record.", show_default=False)] = True,
    output: Annotated[Output, option("How to write the result: table or json.", "FORM", "--output", "-o")] = Output.TABLE,
) -> None:
    """Check out what the cluster syncs, judge it, and say by the exit code whether it is fine."""
    from rich.console import Console

    from gitops.check.run import check_stack

    report = check_stack(stack, without or [], record=record, progress=sys.stderr, width=Console(stderr=True).width)
    if output is Output.JSON:
        from gitops.check.json_report import document

        print(json.dumps(document(report), indent=2, ensure_ascii=False), flush=True)
    else:
        from gitops.check.table import print_report

        print_report(report, Console())
    raise typer.Exit(READY if report.is_fine else NOT_READY)


def main() -> None:
    """The entry point. typer itself answers an interruption with 130 and a closed pipe with silence."""
    # Ended by itself, Python would leave temporary files behind, and with them keys that git was given.
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(TERMINATED))
    try:
        app(prog_name="gitops")
    except CommandError as error:
        print(f"gitops: {error}", file=sys.stderr)
        sys.exit(MISTAKE)
    finally:
        signal.signal(signal.SIGTERM, before)
