"""A file of the clone that a stack file names: nothing else on the machine is read under such a name."""

import os
import stat
from pathlib import Path

from flux.bounded_documents import Bounds
from flux.message import Message
from stacks.inputs.project_directory import project_directory

_COULD_NOT = "No signature could be checked."


class CommittedFileError(ValueError):
    """Why a file is not read."""

    def __init__(self, message: Message) -> None:
        super().__init__(str(message))
        self.message = message


def committed_file(name: str, bounds: Bounds) -> tuple[Path, bytes]:
    """Where the file is, links followed, and its content.

    Raises CommittedFileError where it is missing, no regular file, larger than `bounds` allows, or leads out of the clone.
    """
    clone = project_directory().resolve()
    file = (clone / name).resolve()
    if not file.is_relative_to(clone):
        raise _refused(f"names {name}, which a link places outside this repository", "Commit the file itself.")
    try:
        # A pipe is not waited for.
        handle = os.open(file, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError as error:
        raise _refused(f"names {name}, which cannot be read ({error.strerror})", "Commit it, or correct its path.") from None
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        os.close(handle)
        raise _refused(f"names {name}, which is not a regular file", "Name a file.")
    with os.fdopen(handle, "rb") as opened:
        content = opened.read(bounds.size + 1)
    if len(content) > bounds.size:
        raise _refused(f"names {name}, which is larger than {bounds.size:,} bytes", "Check what it holds.")
    return file, content


def _refused(wrong: str, fix: str) -> CommittedFileError:
    return CommittedFileError(Message(wrong, _COULD_NOT, fix))
