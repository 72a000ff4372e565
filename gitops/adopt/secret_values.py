"""Secret values from the cluster into the encrypted configuration of a stack: through pipes, never as an argument or a file."""

import subprocess
from collections.abc import Iterable, Sequence
from pathlib import Path
from shlex import quote

from flux.message import Message
from gitops.adopt.credential_types import FoundSecret
from gitops.errors import CommandError
from gitops.messages import LONGEST_SAID, one_line, redact, trim_middle
from gitops.pulumi_cli import SECONDS
from live.access.target import Target


def commands(secrets: Iterable[FoundSecret], stack: str, target: Target) -> list[str]:
    """What a person runs to set each: the value goes from kubectl to pulumi, and is not shown."""
    return [f"{target.kubectl(each.reads)} | pulumi config set --secret gitops:{each.key} --stack {quote(stack)}" for each in secrets]


def set_secrets(secrets: Sequence[FoundSecret], stack: str, folder: Path) -> None:
    """Set them.

    Raises:
        CommandError: pulumi refuses one, or cannot be run. Those before it are set.
    """
    for each in secrets:
        command = ["pulumi", "config", "set", "--secret", f"gitops:{each.key}", "--stack", stack, "--non-interactive", "--color", "never"]
        try:
            done = subprocess.run(
                command, cwd=folder, input=each.value, capture_output=True, text=True, errors="replace", check=False, timeout=SECONDS
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise _not_set(each.key, type(error).__name__) from None
        if done.returncode != 0:
            # `redact` masks the value, too: the run knows it.
            raise _not_set(each.key, trim_middle(redact(one_line(done.stderr or done.stdout)), LONGEST_SAID))


def _not_set(key: str, why: str) -> CommandError:
    told = Message(
        f"gitops:{key} was not set ({why})",
        "The stack lacks this secret, and those after it.",
        "Create the stack first: pulumi stack init NAME --secrets-provider passphrase. Then run it again.",
    )
    return CommandError(told)
