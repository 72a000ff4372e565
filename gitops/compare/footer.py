"""When a change takes effect, and what was compared: the same line below each comparison."""

from gitops.compare.found_changes import STACK_GOES, RevisionComparison, StackOutcome
from gitops.compare.revision_files import WORKING_TREE
from gitops.compare.sentence import Sentence, joined, named, say

NOT_APPLIED = (STACK_GOES, "record", "recipient")
"""Kinds of which `pulumi up` applies nothing: other commands, or later acts, use what they change."""


def footer(comparison: RevisionComparison) -> Sentence:
    """`Takes effect on the next pulumi up, by hand or by a workflow. Compared: main (1a2b3c4d5e6f) with the working tree.`."""
    after = say("the working tree") if comparison.head == WORKING_TREE else say("{}", comparison.head)
    compared = joined([say("Compared: {} with", comparison.base), after], " ")
    text = joined([*_when(comparison), compared, *what_was_read(comparison)], ". ")
    return Sentence(f"{text.words}.", text.values)


def what_was_read(comparison: RevisionComparison) -> list[Sentence]:
    """Which of the repositories that Flux applies, where not one of them is what is compared."""
    if comparison.repository:
        return []
    if not comparison.followed:
        return [say("The repositories that Flux applies (their manifests and HelmReleases) were not checked")]
    verb = say("was read" if len(comparison.followed) == 1 else "were read")
    return [joined([say("Of the repositories that Flux applies, only"), named(comparison.followed), verb], " ")]


def _when(comparison: RevisionComparison) -> list[Sentence]:
    """Nothing of a stack that is refused, or that no longer has a file."""
    decisions = [each for each in comparison.decisions if each.kind not in NOT_APPLIED]
    changes = [each for each in comparison.changes if each.kind not in NOT_APPLIED]
    if not (changes or decisions or any(each.state is StackOutcome.ADDED for each in comparison.stacks)):
        return []
    if comparison.repository:
        return [say("Takes effect when Flux fetches the merged commit")]
    return [say("Takes effect on the next {}, by hand or by a workflow", "pulumi up")]
