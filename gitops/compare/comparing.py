"""Two sets of stacks, compared."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from gitops.compare.decisions.of_definitions import decisions_of_definitions
from gitops.compare.decisions.of_kustomizations import decisions_of_kustomizations
from gitops.compare.decisions.of_permissions import decisions_of_permissions
from gitops.compare.decisions.of_sealed_values import decisions_of_sealed_values
from gitops.compare.decisions.of_secrets import decisions_of_secrets
from gitops.compare.decisions.of_sources import decisions_of_sources
from gitops.compare.decisions.of_stack_files import decisions_of_stack_files
from gitops.compare.decisions.of_the_release import decisions_of_the_release
from gitops.compare.decisions.of_the_stack import decisions_of_the_stack
from gitops.compare.found_changes import STACK_GOES, Change, Decision, RevisionComparison, StackOutcome, StackResult
from gitops.compare.not_compared import decisions_of_what_is_not_compared, notes_of_what_is_not_compared
from gitops.compare.object_changes import changes_of_objects
from gitops.compare.release_changes import changes_of_installation
from gitops.compare.same_changes import changes_together, decisions_together
from gitops.compare.secret_changes import changes_of_secrets
from gitops.compare.sentence import Sentence, joined, say
from gitops.compare.stack_file_changes import changes_of_facts, changes_of_sealed_values, changes_of_the_record
from gitops.compare.stack_pair import Pair
from gitops.rendered.stack_view import Refusal, StackView

CHANGES: tuple[Callable[[Pair], Iterator[Change]], ...] = (
    changes_of_facts,
    changes_of_sealed_values,
    changes_of_the_record,
    changes_of_installation,
    changes_of_secrets,
    changes_of_objects,
)
DECISIONS_OF_FILES: tuple[Callable[[Pair], Iterator[Decision]], ...] = (decisions_of_stack_files, decisions_of_sealed_values)
"""Which need no stack that can be built."""
MAY_CHANGE_OBJECTS = ("secret-value", "secret-is-copied", "secrets-provider", "program", "project-file", "stack-file", "stack-comes")
"""What is to decide because it is not known which objects come of it."""
DECISIONS: tuple[Callable[[Pair], Iterator[Decision]], ...] = (
    *DECISIONS_OF_FILES,
    decisions_of_permissions,
    decisions_of_the_stack,
    decisions_of_kustomizations,
    decisions_of_sources,
    decisions_of_secrets,
    decisions_of_the_release,
    decisions_of_definitions,
)


def compared(
    before: Mapping[str, StackView],
    after: Mapping[str, StackView],
    *,
    base: str,
    head: str,
    notes: Sequence[Sentence] = (),
    of_all: Sequence[Decision] = (),
) -> RevisionComparison:
    """Every stack that either side has. `of_all`: what is to decide for all that are not refused."""
    results: list[StackResult] = []
    changes: list[tuple[str, Change]] = []
    applied = sorted(name for name, view in after.items() if not view.refusals)
    decisions = [(name, each) for each in of_all for name in applied or sorted({*before, *after})]
    told = list(notes)
    for name in sorted({*before, *after}):
        old, new = before.get(name), after.get(name)
        state, refusals = _state(old, new)
        if state is StackOutcome.UNCHANGED and old is not None and new is not None:
            pair = Pair(before=old, after=new)
            found = [change for ask in CHANGES for change in ask(pair)]
            to_decide = [decision for ask in DECISIONS for decision in ask(pair)]
            state = StackOutcome.CHANGED if found or to_decide else state
            decided = {setting for decision in to_decide for setting in decision.about}
            changes += [(name, each) for each in found if each.kind != "setting" or not decided.issuperset(each.names)]
            decisions += [(name, each) for each in to_decide]
        elif state is StackOutcome.REMOVED and old is not None:
            decisions.append((name, _goes(old)))
        elif old is not None and new is not None:
            pair = Pair(before=old, after=new)
            decisions += [(name, each) for ask in DECISIONS_OF_FILES for each in ask(pair)]
            changes += [(name, each) for each in changes_of_sealed_values(pair)]
        decisions += [(name, each) for each in decisions_of_what_is_not_compared(state, old, new, after)]
        told += notes_of_what_is_not_compared(state, old, new)
        results.append(StackResult(name=name, state=state, refusals=refusals))
    together = decisions_together(decisions)
    return RevisionComparison(
        base=base,
        head=head,
        notes=(*told, *_why_no_change(together, changes, results)),
        stacks=results,
        decisions=together,
        changes=changes_together(changes),
    )


def _why_no_change(decisions: list[Decision], changes: list[tuple[str, Change]], results: list[StackResult]) -> Iterator[Sentence]:
    """What it means that something is to be checked, and no object changes."""
    is_known = all(each.state in (StackOutcome.CHANGED, StackOutcome.UNCHANGED) for each in results)
    if any(each.kind in MAY_CHANGE_OBJECTS for each in decisions):
        return
    is_nothing_applied = all(change.kind == "record" for _, change in changes)
    if is_known and (decisions or changes) and is_nothing_applied and not any("flux.manifests" in each.about for each in decisions):
        yield say("None of the stack's objects change")


def _goes(old: StackView) -> Decision:
    """Its cluster, and how to remove Flux from it while there is still a file to do that with."""
    on_destroy = str(old.facts.get("onDestroy", ""))
    then = {"keepWorkloads": "keeps what Flux applied", "removeWorkloads": "deletes what Flux applied, too"}.get(on_destroy)
    text = say("Stack {} no longer has a file: Flux keeps running in its cluster, but nothing manages it", old.name)
    fix = say(". To remove Flux, run {} before merging", f"gitops destroy --stack {old.name}")
    what = [say(f". That command {then} ({{}})", f"onDestroy: {on_destroy}")] if then else []
    return Decision(kind=STACK_GOES, says=joined([text, fix, *what], ""))


def _state(old: StackView | None, new: StackView | None) -> tuple[StackOutcome, tuple[Refusal, ...]]:
    if new is None:
        return StackOutcome.REMOVED, ()
    if new.refusals:
        same = old is not None and {each.same_as for each in old.refusals} == {each.same_as for each in new.refusals}
        return (StackOutcome.STILL_REFUSED if same else StackOutcome.REFUSED), new.refusals
    if old is None:
        return StackOutcome.ADDED, ()
    if old.refusals:
        return StackOutcome.NO_LONGER_REFUSED, old.refusals
    return StackOutcome.UNCHANGED, ()
