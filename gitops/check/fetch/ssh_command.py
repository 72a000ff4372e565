"""The ssh that git starts: with the stack's key and only its known hosts, or as the person's own, with the stack's known hosts besides."""

import os
import shlex
import subprocess
from collections.abc import Mapping

SECONDS = 10
_PERSONS_OWN = ("~/.ssh/known_hosts", "~/.ssh/known_hosts2")
"""Where ssh looks by default (ssh_config(5), UserKnownHostsFile); it knows what `~` means."""


def with_the_stacks_key(identity: str, known_hosts: str | None) -> str:
    """The command for a private key in the file `identity`; of the person's own settings and known hosts nothing counts."""
    trusted = [*_trusting(known_hosts), "-o", f"GlobalKnownHostsFile={os.devnull}"] if known_hosts else ["-o", "StrictHostKeyChecking=yes"]
    return shlex.join(["ssh", "-F", os.devnull, "-i", identity, "-o", "IdentitiesOnly=yes", *trusted])


def as_the_person(known_hosts: str, environment: Mapping[str, str]) -> str | None:
    """The person's own command, which trusts the server's key in the file `known_hosts`, too; None where another program is set."""
    own = environment.get("GIT_SSH_COMMAND") or _configured(environment)
    if not own and environment.get("GIT_SSH"):
        return None  # it may be no OpenSSH, and take no such options
    return f"{own or 'ssh'} {shlex.join(_trusting(known_hosts, *_PERSONS_OWN))}"


def _trusting(*files: str) -> list[str]:
    # ssh takes several files, with blanks between them, and quotes around one that has a blank itself.
    listed = " ".join(f'"{file}"' if " " in file else file for file in files)
    return ["-o", f"UserKnownHostsFile={listed}", "-o", "StrictHostKeyChecking=yes"]


def _configured(environment: Mapping[str, str]) -> str:
    """`core.sshCommand`, which a GIT_SSH_COMMAND in the environment would replace."""
    try:
        done = subprocess.run(
            ["git", "config", "--get", "core.sshCommand"],
            env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=SECONDS, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return ""  # whatever git is asked next tells it
    return done.stdout.strip()
