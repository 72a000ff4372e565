"""Downloading the real provider plugins, for as long as bytes arrive."""

import os
import subprocess
import tempfile
import time
from pathlib import Path

from devcluster.toolchain.official import official_plugin, this_platform

PACKAGES = ("kubernetes", "random")
SILENCE_SECONDS = 15.0
DOWNLOAD_SECONDS = 600.0


def download_plugins(cli: Path, home: Path, missing: dict[str, str]) -> None:
    """Let `cli` install the plugins `missing` (package → version) into `home`; whether that worked shows in `home`.

    Without internet access the CLI gives up by itself, or stays silent and is ended.
    """
    with tempfile.TemporaryDirectory(prefix="pulumi-plugins-") as temporary:
        environment = os.environ | {"PULUMI_HOME": str(home), "PULUMI_SKIP_UPDATE_CHECK": "true", "TMPDIR": temporary}
        running = [
            subprocess.Popen(
                [cli, "plugin", "install", "resource", package, version, "--non-interactive", *_checksum(package, version)],
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            for package, version in missing.items()
        ]
        _wait_while_bytes_arrive(running, Path(temporary), home / "plugins")


def _checksum(package: str, version: str) -> list[str]:
    pinned = official_plugin(package, version, this_platform()).sha256
    return ["--checksum", pinned] if pinned else []


def _wait_while_bytes_arrive(running: list[subprocess.Popen[bytes]], *places: Path) -> None:
    started = last_arrival = time.monotonic()
    seen = 0
    while any(process.poll() is None for process in running):
        time.sleep(0.1)
        arrived, now = sum(_size(place) for place in places), time.monotonic()
        if arrived > seen:
            seen, last_arrival = arrived, now
        if now - last_arrival > SILENCE_SECONDS or now - started > DOWNLOAD_SECONDS:
            break
    for process in running:
        process.kill()
        process.wait()


def _size(place: Path) -> int:
    total = 0
    for file in place.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total
