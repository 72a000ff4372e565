"""What other users of the machine try with the cache."""

import os
import tracemalloc
from pathlib import Path

import pytest

from flux.errors import FluxInputError
from flux.release.artifact import is_kept, pull_manifests
from flux.release.artifact_reference import MANIFESTS
from tests.flux.oci_server import Registry
from tests.security.conftest import FILES, reference
from tests.security.test_the_layer_of_an_artifact import bomb


def blobs(cache: Path) -> list[Path]:
    return sorted(path for path in cache.rglob("*") if path.is_file())


def test_somebody_changes_what_the_cache_holds(registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES))
    pull_manifests(wanted, tmp_path / "cache")
    for blob in blobs(tmp_path / "cache"):
        blob.write_bytes(blob.read_bytes().replace(b"Deployment", b"DaemonSet!") + b"x")

    assert not is_kept(wanted, tmp_path / "cache")
    assert {name: content.decode() for name, content in pull_manifests(wanted, tmp_path / "cache").items()} == FILES


def test_somebody_puts_a_blob_into_the_cache_whose_digest_begins_alike(registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES))
    pull_manifests(wanted, tmp_path / "cache")

    assert all(len(blob.name.removeprefix("sha256-")) == 64 for blob in blobs(tmp_path / "cache"))


def test_whoever_only_asks_whether_an_artifact_is_kept_unpacks_a_bomb(registry: Registry, tmp_path: Path) -> None:
    """A layer of 64 MiB of zeros, compressed to 64 KiB: `pull_manifests` refuses it, and nobody else looks into it."""
    wanted = reference(registry, registry.add_layer(bomb(64 * 1024**2)))
    with pytest.raises(FluxInputError, match="cannot be unpacked: it is larger than"):
        pull_manifests(wanted, tmp_path / "cache")

    tracemalloc.start()
    try:
        assert is_kept(wanted, tmp_path / "cache"), "no registry would be asked for it again"
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024**2
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("change", ["gone", "changed", "too large"])
def test_a_layer_that_is_not_kept_is_said_to_be(change: str, registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted = reference(registry, registry.add(FILES))
    pull_manifests(wanted, tmp_path / "cache")
    (layer,) = [blob for blob in blobs(tmp_path / "cache") if blob.read_bytes()[:2] == b"\x1f\x8b"]
    assert is_kept(wanted, tmp_path / "cache")
    if change == "gone":
        layer.unlink()
    elif change == "changed":
        layer.write_bytes(layer.read_bytes() + b"x")
    else:
        monkeypatch.setattr("flux.release.artifact.LARGEST_LAYER_BYTES", 5)

    assert not is_kept(wanted, tmp_path / "cache")


@pytest.mark.parametrize("kind", ["link", "pipe"])
def test_a_blob_of_the_cache_is_a_link_or_a_pipe(kind: str, registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES))
    pull_manifests(wanted, tmp_path / "cache")
    for blob in blobs(tmp_path / "cache"):
        moved = blob.rename(tmp_path / blob.name)
        blob.symlink_to(moved) if kind == "link" else os.mkfifo(blob)

    assert not is_kept(wanted, tmp_path / "cache")
    assert set(pull_manifests(wanted, tmp_path / "cache")) == set(FILES)


def test_the_cache_is_for_its_owner_alone(registry: Registry, tmp_path: Path) -> None:
    pull_manifests(reference(registry, registry.add(FILES)), tmp_path / "cache")

    assert (tmp_path / "cache" / "blobs").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize(("place", "mode"), [("blobs", 0o755), ("blobs", 0o777), (".", 0o777), (".", 0o775)])
def test_others_may_write_to_the_cache(place: str, mode: int, registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES))
    pull_manifests(wanted, tmp_path / "cache")
    (tmp_path / "cache" / place).chmod(mode)

    with pytest.raises(FluxInputError, match=r"is open to other users\. Others could change what is installed\. Run: chmod 700") as caught:
        pull_manifests(wanted, tmp_path / "cache")
    assert caught.value.path == MANIFESTS, "the message names the key for which the cache is read"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a directory to somebody else")
def test_the_cache_belongs_to_somebody_else(registry: Registry, tmp_path: Path) -> None:
    wanted = reference(registry, registry.add(FILES))
    pull_manifests(wanted, tmp_path / "cache")
    os.chown(tmp_path / "cache" / "blobs", 12345, 12345)

    with pytest.raises(FluxInputError, match="belongs to another user"):
        pull_manifests(wanted, tmp_path / "cache")
