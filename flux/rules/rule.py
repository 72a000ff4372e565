"""A rule: a function that returns findings, with a name, what it looks at, and the environments in which it applies."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from types import ModuleType
from typing import Any, Generic, TypeVar

from flux.finding import NOWHERE, Finding, Where
from flux.requirement import EVERYWHERE, Environment, Requirement, requirements_in

SubjectT = TypeVar("SubjectT")
"""What a rule is shown: the plan of all objects, or the stack file."""


@dataclass(frozen=True, kw_only=True)
class Rule(Requirement, Generic[SubjectT]):
    """A requirement that a function judges."""

    findings: Callable[[SubjectT], Iterable[Finding]] = field(compare=False)
    warns: Where = field(default=NOWHERE, compare=False)
    """Where it only warns: what is there already works, if not as it should."""

    def judge(self, subject: SubjectT) -> Iterator[Finding]:
        """What is wrong with `subject`, where this rule looks."""
        return (replace(finding, rule=self.name) for finding in self.findings(subject) if finding.where in self.looks_at)


def rule(
    *, looks_at: Where, environments: tuple[Environment, ...] = EVERYWHERE, warns: Where = NOWHERE
) -> Callable[[Callable[[SubjectT], Iterable[Finding]]], Rule[SubjectT]]:
    """Make a rule of a function: its name is the rule's, its docstring says in one sentence what it requires, and below that why."""

    def made(findings: Callable[[SubjectT], Iterable[Finding]]) -> Rule[SubjectT]:
        summary, _, reason = (inspect.getdoc(findings) or "").partition("\n\n")
        return Rule(
            name=findings.__name__.replace("_", "-"),
            looks_at=looks_at,
            environments=environments,
            summary=" ".join(summary.split()),
            reason=" ".join(reason.split()),
            findings=findings,
            warns=warns,
        )

    return made


def judge(rules: Iterable[Rule[SubjectT]], subject: SubjectT, environment: Environment) -> list[Finding]:
    """The findings of those `rules` that apply in `environment`."""
    return [finding for each in rules if environment in each.environments for finding in each.judge(subject)]


def rules_in(module: ModuleType) -> list[Rule[Any]]:
    """The rules that a module defines, in their order there; each one defined is applied."""
    return requirements_in(module, Rule)
