"""Problems of a stack's files as a command's own mistake: shown as a preview shows them."""

from collections.abc import Sequence

from flux.message import Message
from gitops.errors import CommandError
from gitops.telling import in_colours
from stacks.words.problems import Problem, shown


def problems_of_files(problems: Sequence[Problem], nothing: str) -> CommandError:
    """All of them, each with its place. `nothing`: what the command did not do, as in `nothing was checked`."""
    count = f"{len(problems)} problem{'' if len(problems) == 1 else 's'}"
    return CommandError(Message(f"{count}; {nothing}."), shown(problems), in_colours=shown(problems, in_colours))
