"""How a person answers again: what undoes a run of `gitops new`, and what an existing stack file prevents."""

import re
from pathlib import Path
from shlex import quote

from gitops.errors import CommandError
from gitops.new.mistake import mistake
from stacks.contract.names import CATALOG

_HOLDS_SECRETS = re.compile(r"^encryptionsalt:|\bsecure:", re.MULTILINE)
_ONLY_A_SALT = re.compile(r"\s*encryptionsalt: \S+\s*")


def cd_to(project: Path, shell: Path) -> str:
    """The command that leads a shell to the project; empty if it is already there."""
    return "" if project == shell else f"cd {quote(str(project))}"


def undo(stack_file: str, *, catalog_was_there: bool | None) -> str:
    """The command that takes back what was written. `catalog_was_there`: before it was written; None when it was not."""
    if catalog_was_there is None:
        return f"rm {stack_file}"
    return f"rm {stack_file} && git checkout HEAD -- {CATALOG}" if catalog_was_there else f"rm {stack_file} {CATALOG}"


def is_there_already(file: Path, stack: str) -> CommandError:
    """The stack has a file, which stays."""
    try:
        text = file.read_text(encoding="utf-8")
        keeps_secrets = _HOLDS_SECRETS.search(text) is not None
        if _ONLY_A_SALT.fullmatch(text):
            fix = f"No secret needs it. Run: pulumi stack rm {quote(stack)} --yes && gitops new {quote(stack)}"
            return mistake(f"{file.name} has only the salt that `pulumi stack init` wrote", "Nothing describes the cluster.", fix)
    except (OSError, UnicodeDecodeError):
        keeps_secrets = True
    others = "choose another name, or change the file: docs/reference.md."
    if keeps_secrets:
        # Without its salt, no secret of the stack could be read again.
        return mistake(
            f"{file.name} is there already, with a salt or secrets", "It would be overwritten.", f"{others[0].upper()}{others[1:]}"
        )
    return mistake(
        f"{file.name} is there already", "It would be overwritten.", f"To answer again: rm {file.name}; gitops new {stack}. Or {others}"
    )
