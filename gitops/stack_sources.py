"""Where a stack fetches its Git repositories from: asked without its secrets and without its cluster."""

from flux.secret_shapes import redacted
from gitops.errors import CommandError
from stacks.offline import load_settings_offline
from stacks.words.problems import StackProblems


def git_urls(stack: str) -> dict[str, str]:
    """Name of each GitRepository of the stack → its URL. `{env: NAME}` is taken from this process's environment.

    Raises:
        CommandError: something is wrong in the stack's files.
    """
    try:
        settings = load_settings_offline(stack)
    except StackProblems as error:
        raise CommandError(redacted(str(error))) from None
    return {name: each.url for name, each in settings.chosen.of_kind("GitRepository").items() if each.url}
