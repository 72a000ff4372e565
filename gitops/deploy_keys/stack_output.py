"""Asks Pulumi's CLI for an output of a stack. The state is read; the program does not run."""

import json
import subprocess
from typing import Any

from gitops.deploy_keys.model import no_generated_keys
from gitops.errors import CommandError
from gitops.messages import one_line, redact, trim
from gitops.pulumi_cli import ask_pulumi

OUTPUT = "deployKeys"


def selected_stack(stack: str | None) -> str:
    """`--stack` as it was given, else the selected one.

    Raises:
        CommandError: none is selected, or pulumi cannot be run here.
    """
    return stack or _pulumi("stack", "--show-name").strip()


def short_name(stack: str) -> str:
    """`dev` of `organisation/project/dev`: what the program itself calls the stack."""
    return stack.rpartition("/")[2]


def deploy_keys_output(stack: str) -> Any:
    """The value of the output `deployKeys`. It is public: this never asks for secrets.

    Raises:
        CommandError: the stack has no such output, or pulumi does not give it.
    """
    try:
        printed = _pulumi("stack", "output", OUTPUT, "--json", "--stack", stack)
    except CommandError as error:
        if "does not have output property" in str(error):
            raise no_generated_keys(stack) from None
        raise
    try:
        return json.loads(printed)
    except ValueError:
        raise CommandError(
            f"`pulumi stack output {OUTPUT} --json --stack {stack}` printed no JSON, so it is not known which keys there are. "
            "See what it prints, and which pulumi that is: pulumi version"
        ) from None


def _pulumi(*arguments: str) -> str:
    shown = f"pulumi {' '.join(arguments)}"
    try:
        done = ask_pulumi(*arguments)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(
            f"`{shown}` cannot be run ({type(error).__name__}), so the stack's keys are not known. "
            'Put pulumi on PATH; with the demo: eval "$(make -s env)"'
        ) from None
    if done.returncode != 0:
        said = trim(redact(one_line(done.stderr or done.stdout)), 400) or "it said nothing"
        raise CommandError(
            f"`{shown}` failed: {said}. So the stack's keys are not known. "
            "Run it in the folder of Pulumi.yaml, for a stack that was applied; choose another with --stack."
        )
    return done.stdout
