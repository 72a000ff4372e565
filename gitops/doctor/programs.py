"""The programs of this machine: which are there, in which version."""

import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flux.message import Message
from gitops.doctor.check_result import Check, State
from gitops.doctor.how_to_get import how_to_get, how_to_update_python

SECONDS = 8.0
INSTALLED = "installed"
"""Of what does not report its version."""
OLDEST_PYTHON = (3, 11)
PATCHED_PYTHON = {(3, 11): 13, (3, 12): 11, (3, 13): 4}
"""The releases of June 2025, which fix how archives are unpacked (https://www.python.org/downloads): minor version → patch level."""
_VERSION = re.compile(r"\d+\.\d+(\.\d+)?")
ON_DEMAND: Mapping[str, Sequence[str]] = {
    "git": ("git", "--version"),
    "kubectl": ("kubectl", "version", "--client"),
    "sops": ("sops", "--version", "--disable-version-check"),
    "age-keygen": ("age-keygen", "--version"),
    "ssh-keyscan": (),
    "helm": ("helm", "version", "--short"),
}
"""Program → what prints its version; it has none where nothing does."""


@dataclass(frozen=True, kw_only=True)
class Found:
    """A program that exists."""

    path: str
    version: str
    hidden: bool = False
    """Whether it is in the virtual environment, which is not on PATH."""


@dataclass(frozen=True, kw_only=True)
class Uses:
    """What a stack makes of optional programs; all of it where no stack is known."""

    encrypted_files: bool = True
    ssh: bool = True


def find(program: str, command: Sequence[str]) -> Found | None:
    """The program on PATH, else in the virtual environment; None where it is in neither."""
    path = shutil.which(program)
    own = Path(sys.prefix) / "bin" / program
    if path is None and not own.is_file():
        return None
    said = output_of([path or str(own), *command[1:]]) if command else ""
    number = _VERSION.search(said or "")
    return Found(path=path or str(own), version=number[0] if number else "", hidden=path is None)


def output_of(command: Sequence[str], folder: Path | None = None, seconds: float = SECONDS) -> str | None:
    """What a command prints; None when it cannot be run, fails, or takes too long."""
    try:
        done = subprocess.run(
            command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=seconds, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def python_check(group: str, version: tuple[int, ...] = sys.version_info[:3]) -> Check:
    """The Python that runs this."""
    shown = ".".join(map(str, version))
    if version[2] < (patched := PATCHED_PYTHON.get((version[0], version[1]), 0)):
        wrong = f"lacks the security fixes of {version[0]}.{version[1]}.{patched}"
        message = Message(wrong, "This program is not affected; other Python programs may be.", how_to_update_python())
        return Check(group=group, name="python", state=State.WARNING, found=shown, message=message)
    if version[:2] >= OLDEST_PYTHON:
        return Check(group=group, name="python", state=State.OK, found=shown)
    oldest = ".".join(map(str, OLDEST_PYTHON))
    message = Message(f"is older than {oldest}", "The program does not start.", how_to_update_python())
    return Check(group=group, name="python", state=State.FAILED, found=shown, message=message)


def required(group: str, program: str, found: Found | None, why: str) -> Check:
    """A program without which something of ours fails: `why`, in a sentence."""
    if found is None:
        message = Message("is not installed", why, how_to_get(program))
        return Check(group=group, name=program, state=State.MISSING, message=message)
    return Check(group=group, name=program, state=State.OK, found=found.version or INSTALLED)


def tool_checks(found: Mapping[str, Found | None], uses: Uses) -> list[Check]:
    """git, which the commands need, and what people work with beside them."""
    return [
        required("tools", "git", found["git"], "`gitops check` and `gitops new` cannot run."),
        _optional("kubectl", found["kubectl"], True, "The runbooks look into the cluster with it."),
        _optional("sops", found["sops"], uses.encrypted_files, "You cannot create or edit encrypted files here."),
        _optional("age-keygen", found["age-keygen"], uses.encrypted_files, "You cannot create an age key here."),
        _optional("ssh-keyscan", found["ssh-keyscan"], uses.ssh, "The line of another SSH server cannot be looked up here."),
        _helm(found["helm"]),
    ]


def _helm(found: Found | None) -> Check:
    """Nothing fails without it, and which charts Git has is not known here."""
    if found is None:
        told = "not installed; with it, `gitops compare` renders charts"
        return Check(group="tools", name="helm", state=State.UNNEEDED, found=told)
    return Check(group="tools", name="helm", state=State.OK, found=found.version or INSTALLED)


def _optional(program: str, found: Found | None, used: bool, why: str) -> Check:
    if found is None and not used:
        return Check(group="tools", name=program, state=State.UNNEEDED, found="not installed; this stack has no use for it")
    if found is None:
        return Check(group="tools", name=program, state=State.WARNING, message=Message("is not installed", why, how_to_get(program)))
    if found.hidden:
        message = Message(f"is only in {Path(found.path).parent}, which is not on PATH", why, "Run: source .venv/bin/activate")
        return Check(group="tools", name=program, state=State.WARNING, found=found.version, message=message)
    return Check(group="tools", name=program, state=State.OK, found=found.version or INSTALLED)
