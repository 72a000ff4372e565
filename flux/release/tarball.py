"""The YAML files of a Flux artifact's layer, read in memory: nothing is unpacked, so that no name in it can lead anywhere."""

import io
import tarfile
import zlib
from collections.abc import Mapping

LARGEST_TOTAL_BYTES = 32 * 1024 * 1024
"""Of the whole tar, decompressed. All files of a Flux release are 1 MiB."""
MOST_FILES = 200
YAML_ENDINGS = (".yaml", ".yml")
LARGEST_TREE_BYTES = 64 * 1024 * 1024
"""Of a tar with directories, decompressed: the manifests of a cluster, where most have 1 MiB."""
MOST_FILES_OF_A_TREE = 20_000
_LONGEST_NAME = 1024
_CHUNK = 64 * 1024
_GZIP = 31
"""zlib's window bits for a gzip header and trailer."""
# Each header that stands for the next one, with a long name for instance, is one level of tarfile's recursion.
_UNREADABLE = (tarfile.TarError, EOFError, ValueError, OverflowError, OSError, RecursionError)
_ROOT = (".", "./", "")
"""How `flux push artifact` names the directory that it packed."""


class TarballError(ValueError):
    """Why a tarball is not read. Follows "cannot be unpacked": `it holds a link`."""


def yaml_files(layer: bytes) -> Mapping[str, bytes]:
    """Name → content of the YAML files in a gzipped tar.

    Regular files with a flat name are all that it may hold, each once; those that are not YAML are left out.

    Raises TarballError for anything else, for more than `MOST_FILES`, and as soon as more than `LARGEST_TOTAL_BYTES` come out of it.
    """
    found: dict[str, bytes] = {}
    names: set[str] = set()
    try:
        with tarfile.open(fileobj=io.BytesIO(_decompressed(layer)), mode="r:") as archive:
            for member in archive:
                if member.isdir() and member.name in _ROOT:
                    continue
                name = _flat_name(member)
                if name in names:
                    raise TarballError("it holds a file twice")
                names.add(name)
                if len(names) > MOST_FILES:
                    raise TarballError(f"it holds more than {MOST_FILES} files")
                content = archive.extractfile(member)
                if content is not None and name.endswith(YAML_ENDINGS):
                    found[name] = content.read()
    except _UNREADABLE as error:
        raise error if isinstance(error, TarballError) else TarballError("it is not a tar archive") from error
    return found


def tree_files(layer: bytes) -> Mapping[str, bytes]:
    """Path → content of the regular files in a gzipped tar with directories; links and devices are left out, as source-controller does.

    Raises TarballError for a path that leads out, a file twice or below another, for more than `MOST_FILES_OF_A_TREE`, and as soon as
    more than `LARGEST_TREE_BYTES` come out of it.
    """
    found: dict[str, bytes] = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_decompressed(layer, LARGEST_TREE_BYTES)), mode="r:") as archive:
            for count, member in enumerate(archive, 1):
                if count > MOST_FILES_OF_A_TREE:
                    raise TarballError(f"it holds more than {MOST_FILES_OF_A_TREE} files")
                if not member.isreg() or member.issparse():
                    continue
                path = _inner_path(member.name)
                if path in found:
                    raise TarballError("it holds a file twice")
                content = archive.extractfile(member)
                found[path] = content.read() if content is not None else b""
    except _UNREADABLE as error:
        raise error if isinstance(error, TarballError) else TarballError("it is not a tar archive") from error
    if found.keys() & {path[:end] for path in found for end, sign in enumerate(path) if sign == "/"}:
        raise TarballError("it holds a file below another file")
    return found


def _inner_path(name: str) -> str:
    path = name.removeprefix("./")
    if len(path) > _LONGEST_NAME or "\0" in path or "\\" in path or any(part in ("", ".", "..") for part in path.split("/")):
        raise TarballError("it holds a file whose path leads out of it")
    return path


def _flat_name(member: tarfile.TarInfo) -> str:
    if not member.isreg() or member.issparse():
        raise TarballError("it holds a directory, a link or a device, but only regular files are allowed")
    name = member.name.removeprefix("./")
    if "/" in name or "\\" in name or name in ("", ".", "..") or not name.isprintable():
        raise TarballError("it holds a file whose name leads into a directory or cannot be printed")
    return name


def _decompressed(layer: bytes, largest: int = LARGEST_TOTAL_BYTES) -> bytes:
    """The tar, of which no more than the bound is ever in memory."""
    stream, content = zlib.decompressobj(wbits=_GZIP), bytearray()
    rest = layer
    try:
        while rest and not stream.eof:
            content += stream.decompress(rest, _CHUNK)
            rest = stream.unconsumed_tail
            if len(content) > largest:
                raise TarballError(f"it is larger than {largest // 1024**2} MiB")
    except zlib.error as error:
        raise TarballError("it is not compressed with gzip") from error
    if not stream.eof:
        raise TarballError("it is cut off")
    return bytes(content)
