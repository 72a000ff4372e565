"""Whether Git has the catalog as it is: a command replaces it only then."""

import subprocess
from pathlib import Path

from flux.message import Message
from gitops.errors import CommandError
from gitops.git_isolation import for_fetching
from stacks.contract.names import CATALOG

_SECONDS = 10


def refuse_uncommitted(folder: Path) -> None:
    """A catalog is replaced only where Git still has it.

    Raises:
        CommandError: it has changes that are not committed.
    """
    if is_committed(folder):
        return
    told = Message(
        f"{CATALOG} has uncommitted changes",
        "They would be lost.",
        f"Commit it first (git add {CATALOG} && git commit), or keep it: leave out --replace-catalog",
    )
    raise CommandError(told)


def is_committed(folder: Path) -> bool:
    """Whether it is in the last commit as it is."""
    return _git(folder, "ls-files", "--error-unmatch", "--", CATALOG) and _git(folder, "diff", "--quiet", "HEAD", "--", CATALOG)


def _git(folder: Path, *arguments: str) -> bool:
    # With a person's settings, `safe.directory` among them, but without those that a hook of git sets for another repository.
    environment = for_fetching((), with_the_stacks_credential=False)
    try:
        done = subprocess.run(["git", *arguments], cwd=folder, env=environment, capture_output=True, check=False, timeout=_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
