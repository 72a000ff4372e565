"""What Flux does in several clusters, told together."""

from collections.abc import Iterable

from gitops.compare.effect.stack_effects import StackEffects
from gitops.compare.found_changes import Change, Decision, RevisionComparison, StackOutcome, StackResult
from gitops.compare.same_changes import changes_together, decisions_together
from gitops.compare.sentence import Sentence
from gitops.rendered.stack_objects import RenderedStack
from gitops.rendered.stack_view import view_of


class GatheredEffects:
    """Gathers what is found, stack by stack."""

    def __init__(self, repository: str) -> None:
        """`repository`: which is compared."""
        self._repository = repository
        self._stacks: list[StackResult] = []
        self._changes: list[tuple[str, Change]] = []
        self._decisions: list[tuple[str, Decision]] = []
        self._notes: list[Sentence] = []
        self._is_broken = False
        self.is_anything_applied = False

    def refused(self, name: str, stack: RenderedStack) -> None:
        """A stack of which it is unknown what it syncs."""
        self._stacks.append(StackResult(name=name, state=StackOutcome.STILL_REFUSED, refusals=view_of(stack).refusals))

    def add(self, name: str, found: StackEffects, notes: Iterable[Sentence] = ()) -> None:
        """What Flux does in the cluster of one stack."""
        self._changes += [(name, each) for each in found.changes]
        self._decisions += [(name, each) for each in found.decisions]
        self._notes += [*found.notes, *notes]
        self._is_broken = self._is_broken or found.is_broken
        self.is_anything_applied = self.is_anything_applied or found.is_anything_applied
        state = StackOutcome.CHANGED if found.changes or found.decisions else StackOutcome.UNCHANGED
        self._stacks.append(StackResult(name=name, state=state))

    def result(self, base: str, head: str) -> RevisionComparison:
        """All of it together."""
        return RevisionComparison(
            base=base,
            head=head,
            notes=tuple(dict.fromkeys(self._notes)),
            stacks=self._stacks,
            decisions=decisions_together(self._decisions),
            changes=changes_together(self._changes),
            repository=self._repository,
            is_broken=self._is_broken,
        )
