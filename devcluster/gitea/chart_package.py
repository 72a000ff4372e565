"""Packaging a Helm chart as `helm package` would, without Helm, and the same bytes every time."""

import gzip
import io
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

IGNORED = {"__pycache__", ".git"}


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A packaged chart."""

    name: str
    version: str
    metadata: dict[str, Any]
    package: bytes


def package(directory: Path) -> Chart:
    """Package the chart in `directory`."""
    metadata: dict[str, Any] = yaml.safe_load((directory / "Chart.yaml").read_text())
    name = metadata["name"]
    files = {f"{name}/{path}": content for path, content in read_tree(directory).items()}
    return Chart(name=name, version=metadata["version"], metadata=metadata, package=tarball(files))


def read_tree(directory: Path) -> dict[str, bytes]:
    """Every file below `directory` but caches and what git keeps of its own: its path in it → its content."""
    files = sorted(path for path in directory.rglob("*") if path.is_file() and not IGNORED & set(path.relative_to(directory).parts))
    return {path.relative_to(directory).as_posix(): path.read_bytes() for path in files}


def tarball(files: Mapping[str, bytes]) -> bytes:
    """A gzipped tar that depends on nothing but `files`: no time, no user, no order of the file system."""
    uncompressed = io.BytesIO()
    with tarfile.open(fileobj=uncompressed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, content in sorted(files.items()):
            member = tarfile.TarInfo(path)
            member.size, member.mode = len(content), 0o644
            archive.addfile(member, io.BytesIO(content))
    return gzip.compress(uncompressed.getvalue(), mtime=0)
