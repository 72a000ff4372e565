"""Downloading official binaries: accepted with the pinned checksum only, given up soon where there is no internet access."""

import hashlib
import tarfile
import threading
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from devcluster.toolchain.official import OfficialFile

TIMEOUT = httpx.Timeout(15.0, connect=5.0)
"""Seconds: for a connection, and for the silence of one. A download that goes on may take as long as it takes."""
AS_IT_IS = {"Accept-Encoding": "identity"}
MEGABYTE = 1_000_000


class DownloadError(Exception):
    """A file was not downloaded, or not accepted; the text says of which host and why."""


class OfficialDownloads:
    """The downloads of one build; a host that could not be reached is not tried again."""

    def __init__(self, work: Path) -> None:
        """Download nothing yet; `work` is where archives lie until they are unpacked."""
        self._work = work
        self._unreachable: set[str] = set()
        self._stopped = threading.Event()

    def programs(self, files: list[OfficialFile], directory: Path, on_bytes: Callable[[str], None] = lambda text: None) -> None:
        """Put the programs of `files` into `directory`, executable. Raises DownloadError."""
        for number, file in enumerate(files):
            downloaded = self._work / f"{directory.parent.name}-{number}"
            try:
                self.download(file, downloaded, on_bytes)
                for program, member in file.programs.items():
                    _place(downloaded, member, directory / program)
            finally:
                downloaded.unlink(missing_ok=True)

    def stop(self) -> None:
        """End what is under way: the build is over."""
        self._stopped.set()

    def download(self, file: OfficialFile, target: Path, on_bytes: Callable[[str], None] = lambda text: None) -> None:
        """Put `file` as it is into `target`, which must not be used if this raises DownloadError."""
        host, digest, size = urlsplit(file.url).hostname or "", hashlib.sha256(), 0
        if host in self._unreachable:
            raise DownloadError(f"{host} cannot be reached")
        try:
            with (
                httpx.stream("GET", file.url, headers=AS_IT_IS, timeout=TIMEOUT, follow_redirects=True) as answer,
                target.open("wb") as output,
            ):
                answer.raise_for_status()
                total = int(answer.headers.get("content-length", 0)) // MEGABYTE
                for part in answer.iter_raw(MEGABYTE):
                    if self._stopped.is_set():
                        raise DownloadError("the build is over")
                    output.write(part)
                    digest.update(part)
                    size += len(part)
                    on_bytes(f"{size // MEGABYTE} of {total} MB" if total else f"{size // MEGABYTE} MB")
        except (httpx.TransportError, httpx.InvalidURL) as error:
            self._unreachable.add(host)
            raise DownloadError(f"{host} cannot be reached: {error or type(error).__name__}") from error
        except httpx.HTTPStatusError as error:
            raise DownloadError(f"{host} answered {error.response.status_code} for {file.url}") from error
        if digest.hexdigest() != file.sha256:
            raise DownloadError(f"{file.url} has the checksum {digest.hexdigest()}, not the pinned {file.sha256}")


def _place(downloaded: Path, member: str | None, target: Path) -> None:
    if member is None:
        target.write_bytes(downloaded.read_bytes())
    else:
        try:
            with tarfile.open(downloaded) as archive:
                packed = archive.extractfile(member)
                if packed is None:
                    raise KeyError(member)
                with target.open("wb") as output:
                    while part := packed.read(MEGABYTE):
                        output.write(part)
        except (tarfile.TarError, KeyError) as error:
            raise DownloadError(f"the archive has no file {member}: {error}") from error
    target.chmod(0o755)
