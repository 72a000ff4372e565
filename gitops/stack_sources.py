"""Where a stack fetches its Git repositories from: asked without its secrets and without its cluster."""

from dataclasses import dataclass

from gitops.stack_problems import problems_of_files
from stacks.offline import load_settings_offline
from stacks.words.problems import StackProblems


@dataclass(frozen=True, kw_only=True)
class StackRepository:
    """Where a GitRepository is fetched from."""

    url: str
    has_credential: bool


def git_sources(stack: str) -> list[StackRepository]:
    """Those of each GitRepository of the stack. `{env: NAME}` is taken from this process's environment.

    Raises:
        CommandError: something is wrong in the stack's files.
    """
    try:
        settings = load_settings_offline(stack)
    except StackProblems as error:
        raise problems_of_files(error.problems, "nothing was asked") from None
    credentials = settings.stack.credentials
    bodies = settings.chosen.of_kind("GitRepository").values()
    return [StackRepository(url=each.url, has_credential=each.named_secret("secretRef") in credentials) for each in bodies if each.url]
