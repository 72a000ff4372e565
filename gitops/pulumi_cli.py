"""Pulumi's CLI, asked about a stack. A stack file or the state is read; the program does not run."""

import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flux.message import Message
from gitops.errors import CommandError
from gitops.messages import LONGEST_SAID, one_line, redact, trim_middle
from gitops.project import project
from gitops.pulumi_on_path import put_on_path

SECONDS = 120
"""How long one answer may take: the state may be far away."""


@dataclass(frozen=True)
class StackName:
    """A stack."""

    asked: str
    """What pulumi is asked for: `dev`, or `organisation/project/dev`."""

    @property
    def short(self) -> str:
        """What the program itself calls it, and its file: `dev`."""
        return self.asked.rpartition("/")[2]


def selected_stack(given: str | None, folder: Path | None = None) -> StackName:
    """`--stack` as it was given, else the one that pulumi has selected.

    Raises:
        CommandError: none is selected, or pulumi cannot be run.
    """
    if given:
        return StackName(given)
    try:
        done = ask_pulumi("stack", "--show-name", folder=folder)
    except (OSError, subprocess.TimeoutExpired) as error:
        wrong = f"`pulumi stack --show-name` cannot be run ({type(error).__name__})"
        fix = f"{put_on_path()}. Or name a stack: --stack NAME"
        raise CommandError(Message(wrong, "It is unknown which stack is meant.", fix)) from None
    if done.returncode != 0 or not done.stdout.strip():
        said = what_it_says(done)
        wrong = f"no stack is selected{f' (pulumi says: {said})' if said else ''}"
        raise CommandError(Message(wrong, "It is unknown which cluster is meant.", "Name one: --stack NAME"))
    return StackName(done.stdout.strip())


def ask_pulumi(*arguments: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """What `pulumi` answers in `folder`, else in the project, for any exit code; it does not prompt.

    Raises:
        CommandError: there is no project.
        OSError: it cannot be run.
        subprocess.TimeoutExpired: it does not answer.
    """
    return subprocess.run(
        ["pulumi", *arguments, "--non-interactive", "--color", "never"],
        cwd=folder or project(), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False, timeout=SECONDS,
    )  # fmt: skip


def run_pulumi(*arguments: str, folder: Path, environment: Mapping[str, str] | None = None) -> int:
    """The exit code of `pulumi` at this terminal, which it shares.

    Raises:
        OSError: it cannot be run.
    """
    with subprocess.Popen(["pulumi", *arguments], cwd=folder, env=environment) as process:
        while True:
            try:
                return process.wait()
            except KeyboardInterrupt:
                # The terminal sent it to pulumi, too, which ends its running steps and writes the state. `subprocess.run` would kill it
                # a moment later: a locked stack, and a state that knows nothing of the run.
                continue


def pulumi_says(*arguments: str, folder: Path) -> str | None:
    """What `pulumi` prints; None when it cannot be run, does not answer, or fails."""
    try:
        done = ask_pulumi(*arguments, folder=folder)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def what_it_says(done: "subprocess.CompletedProcess[str]") -> str:
    """What pulumi complained about, on one line and without secrets."""
    return trim_middle(redact(one_line(done.stderr or done.stdout)), LONGEST_SAID)
