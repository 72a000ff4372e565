"""The YAML files of a Flux artifact's layer, read in memory: nothing is unpacked, so that no name in it can lead anywhere."""

import io
import tarfile
import zlib
from collections.abc import Mapping

LARGEST_TOTAL_BYTES = 32 * 1024 * 1024
"""Of the whole tar, decompressed. All files of a Flux release are 1 MiB."""
MOST_FILES = 200
YAML_ENDINGS = (".yaml", ".yml")
_CHUNK = 64 * 1024
_GZIP = 31
"""zlib's window bits for a gzip header and trailer."""
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
    except (tarfile.TarError, EOFError, ValueError, OverflowError, OSError) as error:
        raise error if isinstance(error, TarballError) else TarballError("it is not a tar archive") from error
    return found


def _flat_name(member: tarfile.TarInfo) -> str:
    if not member.isreg() or member.issparse():
        raise TarballError("it holds a directory, a link or a device, but only regular files are allowed")
    name = member.name.removeprefix("./")
    if "/" in name or "\\" in name or name in ("", ".", "..") or not name.isprintable():
        raise TarballError("it holds a file whose name leads into a directory or cannot be printed")
    return name


def _decompressed(layer: bytes) -> bytes:
    """The tar, of which no more than the bound is ever in memory."""
    stream, content = zlib.decompressobj(wbits=_GZIP), bytearray()
    rest = layer
    try:
        while rest and not stream.eof:
            content += stream.decompress(rest, _CHUNK)
            rest = stream.unconsumed_tail
            if len(content) > LARGEST_TOTAL_BYTES:
                raise TarballError(f"it is larger than {LARGEST_TOTAL_BYTES // 1024**2} MiB")
    except zlib.error as error:
        raise TarballError("it is not compressed with gzip") from error
    if not stream.eof:
        raise TarballError("it is cut off")
    return bytes(content)
