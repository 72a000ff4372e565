"""The cache of what was pulled from registries: blobs by their digest, hashed again whenever they are used."""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from flux.atomic_write import write_atomically
from flux.errors import FluxInputError
from flux.own_directory import OTHERS, OTHERS_WRITE, not_own
from flux.release.artifact_reference import MANIFESTS

BLOBS = "blobs"
_PIECE = 1024 * 1024


def digest_of(content: bytes) -> str:
    """`sha256:<64 hex digits>`."""
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class BlobStore:
    """Blobs in a directory of this user's alone."""

    def __init__(self, cache: Path) -> None:
        """`cache` is the user's cache; it is made when something is kept. Nothing is read yet."""
        self._cache = cache
        self._directory = cache / BLOBS

    def get(self, digest: str, largest: int) -> bytes | None:
        """The blob with this digest; None when it is not there, or what is there has another digest.

        Raises FluxInputError if the directory belongs to another user, or others may write to it.
        """
        opened = self._opened(digest)
        if opened is None:
            return None
        with opened:
            content = opened.read(largest + 1)
        return content if digest_of(content) == digest else None

    def has(self, digest: str, largest: int) -> bool:
        """Whether `get` would return a blob, which is hashed piece by piece. Raises FluxInputError as `get`."""
        opened = self._opened(digest)
        if opened is None:
            return False
        seen, size = hashlib.sha256(), 0
        with opened:
            while size <= largest and (piece := opened.read(_PIECE)):
                seen.update(piece)
                size += len(piece)
        return size <= largest and f"sha256:{seen.hexdigest()}" == digest

    def put(self, content: bytes) -> None:
        """Keep a blob under its digest, in one rename.

        Raises FluxInputError as `get`; OSError where there can be no cache.
        """
        self._cache.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._directory.mkdir(mode=0o700, exist_ok=True)
        self._check()
        # What a machine that lost power left of a blob has another digest, and is pulled again.
        write_atomically(self._file(digest_of(content)), content, 0o600, survives_power_loss=False)

    def _opened(self, digest: str) -> BinaryIO | None:
        if not self._directory.is_dir():
            return None
        self._check()
        try:
            # A link is not followed, and a pipe is not waited for.
            return os.fdopen(os.open(self._file(digest), os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb")
        except OSError:
            return None

    def _file(self, digest: str) -> Path:
        return self._directory / digest.replace(":", "-")

    def _check(self) -> None:
        for directory, forbidden in ((self._cache.resolve(), OTHERS_WRITE), (self._directory, OTHERS)):
            if told := not_own(directory, forbidden):
                raise FluxInputError(told, MANIFESTS)
