"""`gitops status`: reads arguments, prints, and says by the exit code whether everything is ready."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from flux.message import Message
from flux.message_lines import lines_of
from gitops.options import context_option, option, stack_option
from gitops.output import Output
from gitops.terminal import print_json, print_lines

if TYPE_CHECKING:
    from gitops.status.collect import Collect
    from gitops.status.row import StatusRow

READY, NOT_READY = 0, 1


def status(
    kubeconfig: Annotated[Path | None, option("The kubeconfig, instead of $KUBECONFIG or ~/.kube/config.", "FILE")] = None,
    context: Annotated[str | None, context_option("A context in it, instead of the current one.")] = None,
    stack: Annotated[str | None, stack_option("The stack to show and compare with, instead of the one for this cluster.")] = None,
    namespace: Annotated[str | None, option("Only this namespace, instead of all.", "NAME", "--namespace", "-n")] = None,
    wait: Annotated[float, option("Wait up to this long until everything is ready; progress is on stderr.", "SECONDS", min=0)] = 0,
    output: Annotated[Output, option("How to write the result: table or json.", "FORM", "--output", "-o")] = Output.TABLE,
) -> None:
    """Read, compare, show."""
    from gitops.stack_file import context_of
    from gitops.status.collect import reading
    from gitops.status.comparison import compare
    from gitops.status.waiting import all_ready
    from live.access.target import find_target

    target = find_target(kubeconfig, context or (context_of(stack) if stack else None))
    comparison = compare(stack, target).within(namespace)
    with reading(target, namespace, comparison) as collect:
        rows = _once_ready(collect, wait) if wait else collect()
    if output is Output.JSON:
        from gitops.status.json_document import document

        print_json(document(rows, comparison))
    else:
        from rich.console import Console

        from gitops.status.remedies import remedies
        from gitops.status.table import print_table

        print_table(rows, Console())
        print_lines("\n".join([comparison.summary(rows), *remedies(rows, target)]))
    if told := _why_not(rows, namespace, wait):
        print_lines("\n".join(lines_of(told)), sys.stderr)
    raise typer.Exit(READY if all_ready(rows) else NOT_READY)


def _once_ready(collect: "Collect", seconds: float) -> "list[StatusRow]":
    from rich.console import Console

    from gitops.status.status_progress import StatusProgress
    from gitops.status.waiting import wait_until_ready

    progress = StatusProgress(sys.stderr, Console(stderr=True).width)
    try:
        return wait_until_ready(collect, seconds, progress.change, on_poll=progress.poll)
    finally:
        progress.done()


def _why_not(rows: "Sequence[StatusRow]", namespace: str | None, wait: float) -> Message | None:
    """What the table does not say of a cluster that is not ready."""
    from gitops.status.remedies import after_a_wait
    from gitops.status.waiting import all_ready

    if all(row.is_controller for row in rows):
        where = f"namespace {namespace}" if namespace else "the cluster"
        fix = "Omit --namespace to see all namespaces." if namespace else "Declare sources, and run: pulumi up"
        return Message(f"There is no Flux object in {where}", "Nothing can be ready.", fix)
    if wait and not all_ready(rows):
        return after_a_wait(rows, wait)
    return None
