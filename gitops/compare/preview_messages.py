"""What a preview with the state says besides its steps: what others changed in the cluster, what it lost, and what `up` would refuse.

The messages are those of the program that was previewed, which may be that of a pull request: all that is in them is shown as values.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gitops.compare.found_changes import Decision, RevisionComparison
from gitops.compare.object_changes import shown_id
from gitops.compare.own_words import coded
from gitops.compare.preview_steps import Preview, PreviewStep, changed_objects
from gitops.compare.sentence import Sentence, joined, named
from gitops.compare.stack_pair import shown_fields_of
from gitops.rendered.cluster_body import for_the_cluster
from gitops.rendered.stack_view import ObjectId, StackView
from stacks.words.said_of_cluster import SaidOfCluster, SetBack, read_again

REFUSED, SET_BACK, CREATED, UPDATED = "pending-refusal", "pending-set-back", "pending-create", "pending-update"
_MOST = 100
"""Messages that are shown."""


def with_messages(
    comparison: RevisionComparison, preview: Preview, before: Mapping[str, StackView], after: Mapping[str, StackView]
) -> RevisionComparison:
    """The comparison, with what had drifted: also of objects that the change itself touches."""
    more = [
        replace(each, stacks=(stack,)) for stack in preview.stacks for each in _told(stack, preview, before.get(stack), after.get(stack))
    ]
    return replace(comparison, pending=[*more, *comparison.pending]) if more else comparison


def _told(stack: str, preview: Preview, before: StackView | None, after: StackView | None) -> Iterator[Decision]:
    own = changed_objects(before, after)
    said = [found for message in preview.messages[:_MOST] if (found := read_again(message))]
    for each in said:
        yield from _of_message(each, {_slashed(which) for which in own})
    for step in preview.steps:
        if step.stack == stack and step.which in own and before is not None:
            yield from _never_applied(step, before)


def _of_message(said: SaidOfCluster, own: set[str]) -> Iterator[Decision]:
    if said.refused:
        yield Decision(kind=REFUSED, says=coded("`pulumi up` would refuse, whatever this change does: {}", said.refused))
    if said.made_again:
        words = "`pulumi up` creates again what the cluster lost: {}"
        yield Decision(kind=CREATED, says=coded(words, said.made_again))
    for each in said.set_back:
        yield Decision(kind=SET_BACK, says=_set_back(each, is_touched=each.name in own))
    if said.more:
        words = "`pulumi up` sets back what others changed in {} more objects: `gitops drift` lists them"
        yield Decision(kind=SET_BACK, says=coded(words, str(said.more)))


def _set_back(found: SetBack, *, is_touched: bool) -> Sentence:
    too = [coded("this change touches the same object")] if is_touched else []
    text = coded("`pulumi up` sets back what others changed in {} (by {})", found.name, found.writers)
    return joined([text, *too])


def _never_applied(step: PreviewStep, before: StackView) -> Iterator[Decision]:
    """What BASE has and the state does not: it was merged before this change."""
    body = before.objects.get(step.which)
    if body is None or step.which[1] == "Secret":
        return
    if step.operation == "create":
        words = "Pulumi creates {}, which was merged before this change and never applied"
        yield Decision(kind=CREATED, says=coded(words, shown_id(step.which)))
    elif step.applied is not None and (fields := shown_fields_of(for_the_cluster(step.applied), body)):
        paths = named(each.path for each in fields)
        words = f"Pulumi also changes {paths.words} of {{}}: that was merged before this change and never applied"
        yield Decision(kind=UPDATED, says=Sentence(words, (*paths.values, shown_id(step.which))))


def _slashed(which: ObjectId) -> str:
    """As messages call an object."""
    return "/".join(part for part in which[1:] if part)
