"""What is required of a stack: the one shape of what a rule, a policy and `gitops check` each ask."""

from dataclasses import dataclass, field
from types import ModuleType
from typing import Literal, TypeVar

from flux.finding import Where

Environment = Literal["production", "staging", "development"]
EVERYWHERE: tuple[Environment, ...] = ("production", "staging", "development")
REFUSING: tuple[Environment, ...] = ("production", "staging")
"""Those that refuse what only development allows. Staging refuses all that production does: what it allowed would first fail there."""


@dataclass(frozen=True, kw_only=True, order=True)
class Requirement:
    """Something that no schema knows, for a judge to ask and for a reference page to list. Its name says which it is."""

    name: str
    """`git-repository-says-what-to-check-out`."""
    looks_at: Where = field(compare=False)
    """What is found elsewhere is not told."""
    environments: tuple[Environment, ...] = field(default=EVERYWHERE, compare=False)
    """Where it holds."""
    summary: str = field(compare=False)
    """What it asks, in one sentence."""
    reason: str = field(compare=False)
    """Why, and where that is written."""


RequirementT = TypeVar("RequirementT", bound=Requirement)


def requirements_in(module: ModuleType, kind: type[RequirementT]) -> list[RequirementT]:
    """Those that a module makes, in the order in which they stand there: to write one is to have it asked."""
    return [each for each in vars(module).values() if isinstance(each, kind)]
