"""Flux's install manifests for tests: never committed, and never skipped over when they are missing."""

import os
import shutil
from functools import cache
from pathlib import Path

from devcluster.toolchain.build_tools import entry
from devcluster.toolchain.tool import load_tool
from flux.release.distribution import Distribution, read_distribution

VERSION = "v2.9.4"
OLDER_LAYOUT = "v2.2.3"
"""A release that this program never installs: it stores objects in versions that later ones dropped."""


@cache
def manifests_directory(version: str = VERSION) -> Path:
    """The release's own files, one per component; fails the test with the command that fetches them."""
    tool = "older-flux-manifests" if version == OLDER_LAYOUT else "flux-manifests"
    directory = entry(load_tool(tool)) / "share" / version
    if not directory.is_dir():
        raise AssertionError(f"Flux's manifests are not in the cache: {directory}. Run: .venv/bin/python -m devcluster build {tool}")
    return directory


def put_manifests(place: Path, source: Path) -> None:
    """The files of `source` at `place`, as if they were committed there: no link leads out of a clone in production."""
    shutil.copytree(source, place, copy_function=_linked)


def _linked(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # the cache is on another disk
        shutil.copyfile(source, target)


@cache
def distribution(version: str = VERSION) -> Distribution:
    """One release, parsed once."""
    return read_distribution(manifests_directory(version))
