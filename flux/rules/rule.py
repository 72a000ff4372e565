"""A rule: a function with a name, and a docstring that says what it asks and why."""

import inspect
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from flux.finding import Finding
from flux.rules.plan import Plan


@dataclass(frozen=True)
class Rule:
    """One of the rules beyond the schema, for the program to apply and for the reference page to list."""

    findings: Callable[[Plan], Iterable[Finding]]

    @property
    def name(self) -> str:
        """`git-repository-says-what-to-check-out`."""
        return self.findings.__name__.replace("_", "-")

    @property
    def summary(self) -> str:
        """What the rule asks, in one sentence."""
        return self._documentation[0]

    @property
    def reason(self) -> str:
        """Why, and where that is written."""
        return self._documentation[1]

    @property
    def _documentation(self) -> tuple[str, str]:
        summary, _, reason = (inspect.getdoc(self.findings) or "").partition("\n\n")
        return " ".join(summary.split()), " ".join(reason.split())
