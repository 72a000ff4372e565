"""Directories from which something is run or installed: they are this user's, and no other user may write there."""

import os
import stat
from pathlib import Path
from shlex import quote

from flux.message import Message

OTHERS = 0o077
OTHERS_WRITE = 0o022
_CONSEQUENCE = "Others could change what is installed."


def not_own(directory: Path, forbidden: int) -> Message | None:
    """Why what is in `directory` cannot be trusted; None if it can. `forbidden`: the bits of its mode that must not be set.

    Directories that an older version or a shared machine left open are named. Raises OSError if it does not exist.
    """
    state = directory.lstat()
    shown = f"the cache {directory}"
    if not stat.S_ISDIR(state.st_mode):
        return Message(f"{shown} is a link", _CONSEQUENCE, "Remove it; it will be created again.")
    if state.st_uid != os.geteuid():
        return Message(f"{shown} belongs to another user", _CONSEQUENCE, "Choose a directory of your own: export GITOPS_CACHE=…")
    if state.st_mode & forbidden:
        return Message(f"{shown} is open to other users", _CONSEQUENCE, f"Run: chmod 700 {quote(str(directory))}")
    return None
