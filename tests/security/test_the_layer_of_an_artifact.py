"""What the author of an artifact tries with Flux's manifests."""

import gzip
import io
import struct
import tarfile
import tracemalloc
import zlib
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from flux.errors import FluxInputError
from flux.release.artifact import pull_manifests
from flux.release.tarball import TarballError, tree_files, yaml_files
from tests.flux.oci_server import Registry
from tests.security.conftest import reference


def packed(*members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for info, content in members:
            archive.addfile(info, io.BytesIO(content))
    return gzip.compress(buffer.getvalue())


def member(name: str, content: bytes = b"kind: A\n", kind: bytes = tarfile.REGTYPE, target: str = "") -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, len(content) if kind == tarfile.REGTYPE else 0
    return info, content


ATTACKS = {
    "a chain of links that leads out": [
        member("a", kind=tarfile.SYMTYPE, target="."),
        member("a/b", kind=tarfile.SYMTYPE, target="a/.."),
        member("a/b/escaped.yaml"),
    ],
    "a link": [member("a.yaml", kind=tarfile.SYMTYPE, target="/etc/passwd")],
    "a hard link": [member("a.yaml"), member("b.yaml", kind=tarfile.LNKTYPE, target="a.yaml")],
    "a directory": [member("sub", kind=tarfile.DIRTYPE), member("sub/a.yaml")],
    "a file in a directory that is not there": [member("sub/a.yaml")],
    "the directory above": [member("../a.yaml")],
    "an absolute path": [member("/etc/a.yaml")],
    "a backslash": [member("..\\a.yaml")],
    "a device": [member("a.yaml", kind=tarfile.CHRTYPE)],
    "a pipe": [member("a.yaml", kind=tarfile.FIFOTYPE)],
    "the same file twice": [member("a.yaml"), member("a.yaml", b"kind: B\n")],
    "the same file twice, once with a dot": [member("a.yaml"), member("./a.yaml", b"kind: B\n")],
    "a name that rings the terminal's bell": [member("a\a.yaml")],
    "a name that forges a line": [member("a\n0 errors.yaml")],
    "too many files": [member(f"{number}.yaml") for number in range(300)],
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_layer_holds_something_else_than_flat_files(attack: str, registry: Registry, tmp_path: Path) -> None:
    before = set(tmp_path.rglob("*"))
    wanted = reference(registry, registry.add_layer(packed(*ATTACKS[attack])))

    with pytest.raises(FluxInputError, match="cannot be unpacked: it holds") as caught:
        pull_manifests(wanted, tmp_path / "cache")

    assert str(caught.value).isprintable()
    assert {path for path in tmp_path.rglob("*") if "cache" not in path.parts} == before


@pytest.mark.harmless
def test_the_directory_that_flux_push_artifact_packs_is_no_attack() -> None:
    layer = packed(member(".", kind=tarfile.DIRTYPE), member("./a.yaml"), member("LICENSE"))
    assert yaml_files(layer) == {"a.yaml": b"kind: A\n"}


def bomb(size: int) -> bytes:
    """A tar with one file of zeros. After a full flush each MiB of zeros is compressed to the same bytes, so that one of them has to do."""
    info = tarfile.TarInfo("a.yaml")
    info.size = size
    zeros, end = bytes(1024**2), bytes(1024)
    stream = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    start = stream.compress(info.tobuf()) + stream.flush(zlib.Z_FULL_FLUSH)
    one_mib = stream.compress(zeros) + stream.flush(zlib.Z_FULL_FLUSH)
    checksum = zlib.crc32(info.tobuf())
    for _ in range(size // 1024**2):
        checksum = zlib.crc32(zeros, checksum)
    trailer = struct.pack("<LL", zlib.crc32(end, checksum), len(info.tobuf()) + size + len(end))
    header = gzip.compress(b"", mtime=0)[:10]
    return header + start + one_mib * (size // 1024**2) + stream.compress(end) + stream.flush() + trailer


def sparse() -> bytes:
    """A file that says it is 2 GiB, and holds nothing of it."""
    info = tarfile.TarInfo("a.yaml")
    info.type = tarfile.GNUTYPE_SPARSE
    header = bytearray(info.tobuf(tarfile.GNU_FORMAT))
    header[483:495] = b"%011o\0" % (2 * 1024**3)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header[:512])
    return gzip.compress(bytes(header) + bytes(1024))


def large_header() -> bytes:
    """A header of its own for the name of a file, of 1 GiB."""
    info = tarfile.TarInfo("a.yaml")
    info.type, info.size = tarfile.XHDTYPE, 1024**3
    return gzip.compress(info.tobuf() + bytes(2048))


def headers_without_end(kind: bytes) -> bytes:
    """20,000 headers, each of which stands for the next one."""
    info = tarfile.TarInfo("a.yaml")
    info.type, content = kind, b"12 path=xyz\n" if kind == tarfile.XHDTYPE else b"a.yaml\0"
    info.size = len(content)
    one = info.tobuf() + content.ljust(tarfile.BLOCKSIZE, b"\0")
    return gzip.compress(one * 20_000 + tarfile.TarInfo("a.yaml").tobuf() + bytes(1024))


@pytest.mark.parametrize("read", [yaml_files, tree_files])
@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK, tarfile.XHDTYPE], ids=["name", "link", "pax"])
def test_a_header_stands_for_the_next_one_without_end(kind: bytes, read: Callable[[bytes], object]) -> None:
    with pytest.raises(TarballError, match="is not a tar archive"):
        read(headers_without_end(kind))


@pytest.mark.thorough
@pytest.mark.parametrize("made", [partial(bomb, 512 * 1024**2), sparse, large_header], ids=["bomb", "sparse", "header"])
def test_a_small_layer_becomes_gigabytes(made: Callable[[], bytes]) -> None:
    layer = made()
    assert len(layer) < 1024**2
    tracemalloc.start()
    try:
        with pytest.raises(TarballError):
            yaml_files(layer)
        assert tracemalloc.get_traced_memory()[1] < 150 * 1024**2
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("digest", ["../../../etc/passwd", "sha256:..", "sha256:" + "a" * 63, 5, None])
def test_a_manifest_names_a_layer_by_something_that_is_no_digest(digest: object, registry: Registry, tmp_path: Path) -> None:
    layer = {"mediaType": "application/vnd.cncf.flux.content.v1.tar+gzip", "digest": digest}
    wanted = reference(registry, registry.add_manifest({"layers": [layer]}))

    with pytest.raises(FluxInputError, match="is not a Flux artifact"):
        pull_manifests(wanted, tmp_path)
    assert not [path for path in registry.requests if "blobs" in path]
