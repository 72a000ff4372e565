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

HEADER = ("KIND", "STORED IN", "CURRENT VERSION", "OBJECTS")


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
            if each.is_migrated:
                continue
            count = "" if dry_run else str(cluster.migrate(each, partial(_tell, progress, each.kind)))
            rows.append((each.kind, ", ".join(each.stored), each.storage, count))
    finally:
        progress.done()
        cluster.close()
    if len(rows) == 1:
        print_lines("Every kind of Flux is stored only in its current version. There is nothing to rewrite.")
        return
    print_lines("\n".join(in_columns(rows)))
    print_lines("\nTo rewrite them, run it without --dry-run." if dry_run else "\nThe cluster stores them only in their current version.")


def _tell(progress: "WaitProgress", kind: str, done: int) -> None:
    progress.say(f"{kind}: {done} rewritten")
