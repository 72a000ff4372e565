"""`gitops migrate`: reads arguments, rewrites, and says what was rewritten."""

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from gitops.columns import in_columns
from gitops.options import context_option, flag, option, stack_option
from gitops.terminal import print_lines

if TYPE_CHECKING:
    from gitops.wait_progress import WaitProgress

HEADER = ("KIND", "STORED IN", "MANAGED FIELDS IN", "CURRENT VERSION", "OBJECTS")
NOTHING = (
    "Every kind of Flux is stored only in its current version, and the managed fields of its objects name no other. "
    "There is nothing to rewrite."
)
DONE = "The cluster stores them only in their current version, and their managed fields name no other."


def migrate(
    kubeconfig: Annotated[Path | None, option("The kubeconfig, instead of $KUBECONFIG or ~/.kube/config.", "FILE")] = None,
    context: Annotated[str | None, context_option("A context in it, instead of the current one.")] = None,
    stack: Annotated[str | None, stack_option("The stack whose context to use.")] = None,
    dry_run: Annotated[bool, flag("Show what would be rewritten, and end.", "--dry-run")] = False,
) -> None:
    """Look, rewrite, show."""
    from rich.console import Console

    from gitops.stack_file import context_of
    from gitops.wait_progress import WaitProgress
    from live.access.target import find_target
    from live.stored_versions import StoredVersions

    cluster = StoredVersions(find_target(kubeconfig, context or (context_of(stack) if stack else None)))
    progress = WaitProgress(sys.stderr, Console(stderr=True).width)
    try:
        rows: list[tuple[str, ...]] = [HEADER]
        for each in cluster.of_flux():
            if outdated := cluster.outdated(each):
                if not dry_run:
                    cluster.migrate(outdated, partial(_tell, progress, each.kind))
                named = ", ".join(outdated.named) or "none"
                rows.append((each.kind, ", ".join(each.stored), named, each.storage, str(len(outdated.objects))))
    finally:
        progress.done()
        cluster.close()
    if len(rows) == 1:
        print_lines(NOTHING)
        return
    print_lines("\n".join(in_columns(rows)))
    print_lines("\nTo rewrite them, run it without --dry-run." if dry_run else f"\n{DONE}")


def _tell(progress: "WaitProgress", kind: str, done: int) -> None:
    progress.say(f"{kind}: {done} rewritten")
