"""Writing a file as a whole or not at all."""

import os
from pathlib import Path


def write_file(path: Path, content: str, mode: int = 0o644) -> None:
    """Write `path` in one rename; a reader sees the old or the new content, and a secret is never readable by others in between.

    Neither does a machine that loses power leave half of it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    unfinished.unlink(missing_ok=True)
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w") as handle:
        handle.write(content)
        handle.flush()
        os.fsync(handle.fileno())
    unfinished.rename(path)
