"""Where a stack fetches its Git repositories from: asked without its secrets and without its cluster."""

from gitops.stack_problems import problems_of_files
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
        raise problems_of_files(error.problems, "nothing was asked") from None
    return {name: each.url for name, each in settings.chosen.of_kind("GitRepository").items() if each.url}
