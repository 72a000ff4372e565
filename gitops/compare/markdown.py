"""A comparison as Markdown: for a comment at a pull request, or a job's summary. All that is not our own words is code."""

from collections.abc import Iterator

from flux.markdown_text import NOTHING_TO_SAY, code_block, code_span
from gitops.compare.diff_text import MOST_CHANGES, diff_lines
from gitops.compare.footer import footer
from gitops.compare.found_changes import Change, Decision, RevisionComparison, StackOutcome, StackResult
from gitops.compare.headline import headline
from gitops.compare.sentence import say

_TOLD_APART = {
    StackOutcome.REFUSED: "Stack {} would be refused: {} would stop and change nothing. The rest of the stack was not compared.",
    StackOutcome.STILL_REFUSED: "Stack {} is refused, before and after:",
    StackOutcome.NO_LONGER_REFUSED: "Stack {} is no longer refused. What {} then changes was not compared. Until now:",
}


def markdown(comparison: RevisionComparison) -> str:
    """The whole text."""
    quiet = NOTHING_TO_SAY if not comparison.has_changes and not comparison.notes else ""
    return quiet + "\n".join(_lines(comparison)).rstrip("\n") + "\n"


def _lines(comparison: RevisionComparison) -> Iterator[str]:
    yield f"### {headline(comparison).markdown}"
    yield ""
    if comparison.decisions:
        yield "**Check before merging**"
        yield ""
        for decision in comparison.decisions:
            yield f"* {_beginning(decision, comparison)}{decision.told.markdown}"
        yield ""
    refused = [each for each in comparison.stacks if each.state in (StackOutcome.REFUSED, StackOutcome.NO_LONGER_REFUSED)]
    for each in refused:
        yield from _refusal(each)
    if comparison.changes:
        yield "**Changes**"
        yield ""
        yield from _changes(comparison)
        yield ""
    if comparison.pending:
        yield "**Not from this change, but applied with it**"
        yield ""
        for pending in comparison.pending:
            yield f"* {_for(pending.stacks, comparison)}{pending.text.markdown}"
        yield ""
    if lines := list(diff_lines(comparison)):
        some = " (the rest is above in full)" if any(not each.diffs for each in comparison.changes) else ""
        yield f"<details><summary>Field by field{some}</summary>"
        yield ""
        yield code_block("\n".join(lines), "diff")
        yield ""
        yield "</details>"
        yield ""
    still = [each for each in comparison.stacks if each.state is StackOutcome.STILL_REFUSED]
    if still:
        yield "<details><summary>Not compared</summary>"
        yield ""
        for each in still:
            yield from _refusal(each)
        yield "</details>"
        yield ""
    for note in comparison.notes:
        yield f"{note.markdown}."
        yield ""
    yield footer(comparison).markdown


def _changes(comparison: RevisionComparison) -> Iterator[str]:
    """What Flux does is shown below the Kustomization that does it, and what a chart makes below its HelmRelease."""
    groups: dict[tuple[tuple[str, ...], str, str], list[Change]] = {}
    for each in comparison.changes[:MOST_CHANGES]:
        groups.setdefault((each.stacks, each.kustomization, each.release), []).append(each)
    for (stacks, kustomization, release), changes in groups.items():
        if kustomization:
            of_chart = f", HelmRelease {code_span(release)}" if release else ""
            yield f"* {_for(stacks, comparison)}Kustomization {code_span(kustomization)}{of_chart}"
        begin = "  * " if kustomization else f"* {_for(stacks, comparison)}"
        for change in changes:
            yield f"{begin}{change.told.markdown}"
    if more := comparison.changes[MOST_CHANGES:]:
        yield f"* and {len(more)} more changes, which `--output json` has"


def _beginning(decision: Decision, comparison: RevisionComparison) -> str:
    """`**Deletes objects** in `staging`: `."""
    stacks = _for(decision.where, comparison)
    if not decision.risk_words:
        return stacks
    words = f"{decision.risk_words[:1].upper()}{decision.risk_words[1:]}"
    return f"**{words}** in {stacks}" if stacks else f"**{words}:** "


def _refusal(stack: StackResult) -> Iterator[str]:
    words = _TOLD_APART[stack.state]
    yield say(words, *(stack.name, "pulumi up")[: words.count("{}")]).markdown
    yield ""
    yield code_block("\n".join(each.lines for each in stack.refusals))
    yield ""


def _for(stacks: tuple[str, ...], comparison: RevisionComparison) -> str:
    if not stacks or len(comparison.stacks) == 1:
        return ""
    if len(stacks) == len(comparison.stacks):
        return "every stack: "
    return f"{', '.join(code_span(each) for each in stacks)}: "
