"""The files that a command takes from a directory of the person's, to push them to an embedded cluster's Gitea."""

from pathlib import Path

from devcluster.gitea.chart_package import read_tree
from devcluster.messages.errors import DevclusterError


def files_of(source: Path, not_done: str, without_files: str) -> dict[str, bytes]:
    """Every file below `source`, but for what git keeps of its own.

    Raises DevclusterError when there is none: `not_done` is what did not happen, `without_files` what to do about an empty directory.
    """
    if not source.is_dir():
        raise DevclusterError(f"{source} is not a directory", not_done, "With --from, name the directory with the files to push.")
    files = read_tree(source)
    if not files:
        raise DevclusterError(f"{source} contains no files", not_done, without_files)
    return files
