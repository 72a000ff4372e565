"""Writing a file of a person's clone as a whole or not at all, even if others write there."""

import os
import secrets
from pathlib import Path


def write_whole(file: Path, text: str) -> None:
    """Put `text` into `file` in one rename. A link at the path is not followed; a failure leaves nothing. Raises OSError."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o666)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(text)
        unfinished.replace(file)
    finally:
        unfinished.unlink(missing_ok=True)
