"""Pulumi's CLI, asked about a stack. A stack file or the state is read; the program does not run."""

import subprocess
from pathlib import Path

SECONDS = 120
"""How long one answer may take: a state may lie far away."""


def ask_pulumi(*arguments: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """What `pulumi` answers in `folder` (None: the current one), whatever its exit code; it asks nothing in return.

    Raises:
        OSError: it cannot be run.
        subprocess.TimeoutExpired: it does not answer.
    """
    return subprocess.run(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=SECONDS,
    )  # fmt: skip


def pulumi_says(*arguments: str, folder: Path | None = None) -> str | None:
    """What `pulumi` prints; None when it cannot be run, does not answer, or fails."""
    try:
        done = ask_pulumi(*arguments, folder=folder)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None
