"""Writing a file as a whole or not at all, even where others write to the same directory.

The name of the unfinished file is random, and it is created by this call alone: no link and no file that was put there beforehand
is written to. It has its final mode from the start, so that a secret is never readable by others in between.
"""

import os
import re
import secrets
from pathlib import Path

UNFINISHED = re.compile(r"^\.(.+)\.[0-9a-f]{16}$")
"""What a killed `write_atomically` leaves behind; the group is the name that the file would have had."""


def write_atomically(file: Path, content: str | bytes, mode: int = 0o666, *, survives_power_loss: bool = True) -> None:
    """Put `content` into `file` in one rename: a reader sees the old or the new content.

    A link at the path is replaced, not followed. A missing directory is created.
    `mode` is narrowed by the umask. `survives_power_loss` costs some milliseconds, and without it a file system may keep the name and
    lose the content: leave it out only for what is compared with its digest whenever it is read.

    Raises:
        OSError: it cannot be written; then nothing is left.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
    try:
        with os.fdopen(handle, "wb") as opened:
            opened.write(content.encode() if isinstance(content, str) else content)
            if survives_power_loss:
                opened.flush()
                os.fsync(opened.fileno())
        unfinished.replace(file)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
