"""Asks Pulumi's CLI for an output of a stack, and whose the stack is. The state is read; the program does not run."""

import subprocess
from typing import Any

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.message import Message
from gitops.deploy_keys.model import no_generated_keys
from gitops.deploy_keys.titles import KeyTitles, key_titles
from gitops.errors import CommandError
from gitops.project import project_name
from gitops.pulumi_cli import StackName, ask_pulumi, what_it_says
from gitops.pulumi_on_path import put_on_path

OUTPUT = "deployKeys"
LARGEST_OUTPUT = Bounds(size=8 * 1024 * 1024)
_UNKNOWN = "The stack's keys are unknown."


def deploy_keys_output(stack: StackName) -> Any:
    """The value of the output `deployKeys`. It is public: this never asks for secrets.

    Another version of the program may have written another shape, which `model.credentials_of` refuses.

    Raises:
        CommandError: the stack has no such output, or pulumi does not give it.
    """
    try:
        printed = _pulumi("stack", "output", OUTPUT, "--json", "--stack", stack.asked)
    except CommandError as error:
        if "does not have output property" in str(error):
            raise no_generated_keys(stack.short) from None
        raise
    try:
        return json_value(printed, LARGEST_OUTPUT)
    except UnreadableError:
        raise CommandError(
            Message(
                f"`pulumi stack output {OUTPUT} --json --stack {stack.asked}` printed no JSON",
                _UNKNOWN,
                "Check its output, and which pulumi is on PATH: pulumi version",
            )
        ) from None


def titles_of(stack: StackName) -> KeyTitles:
    """The titles of the stack's keys.

    Raises:
        CommandError: Pulumi.yaml has no name, or pulumi does not name the backend.
    """
    return key_titles(stack.asked, project_name(), _pulumi)


def _pulumi(*arguments: str) -> str:
    shown = f"pulumi {' '.join(arguments)}"
    try:
        done = ask_pulumi(*arguments)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandError(
            Message(
                f"`{shown}` cannot be run ({type(error).__name__})",
                _UNKNOWN,
                put_on_path(),
            )
        ) from None
    if done.returncode != 0:
        raise CommandError(
            Message(
                f"`{shown}` failed: {what_it_says(done) or 'it said nothing'}",
                _UNKNOWN,
                "Apply the stack first (pulumi up), or choose another with --stack.",
            )
        )
    return done.stdout
