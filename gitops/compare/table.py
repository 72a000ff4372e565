"""A comparison on a terminal: what to check before merging, and then a table of the changes, in colours where there are any."""

import textwrap
from collections.abc import Iterator

from rich.console import Console
from rich.text import Text

from flux.visible_text import visible
from gitops.compare.diff_text import MOST_CHANGES
from gitops.compare.footer import footer
from gitops.compare.found_changes import Action, Change, Decision, RevisionComparison, StackOutcome
from gitops.compare.headline import headline
from gitops.terminal import print_result

_SIGNS = {
    Action.ADDED: ("+", "green"),
    Action.CHANGED: ("~", "yellow"),
    Action.REMOVED: ("-", "red"),
    Action.ORPHANED: ("?", "yellow"),
    Action.MOVED: (">", "yellow"),
    Action.RECREATED: ("!", "red"),
}
_STATES = {
    StackOutcome.ADDED: ("is new", "green"),
    StackOutcome.REMOVED: ("is no longer managed", "red"),
    StackOutcome.REFUSED: ("would be refused", "bold red"),
    StackOutcome.STILL_REFUSED: ("is refused, before and after", "dim"),
    StackOutcome.NO_LONGER_REFUSED: ("is no longer refused; until now", "green"),
}
_WIDEST_SUBJECT = 44


def print_comparison(comparison: RevisionComparison, console: Console) -> None:
    """All of it; long lines are wrapped on a terminal only."""
    print_result(render(comparison, console.width if console.is_terminal else None), console)


def render(comparison: RevisionComparison, width: int | None) -> Text:
    """What to check, the stacks that are refused, the changes, and how it was read."""
    lines = [
        Text(headline(comparison).plain, style="bold"),
        *_decisions(comparison, width),
        *_stacks(comparison),
        *_changes(comparison, width),
    ]
    lines += _pending(comparison, width)
    for note in (*(f"{each.plain}." for each in comparison.notes), footer(comparison).plain):
        lines += _hanging("", "", note, width, indent=0, style_of_all="dim")
    return Text("\n").join(lines)


def _decisions(comparison: RevisionComparison, width: int | None) -> Iterator[Text]:
    if comparison.decisions:
        yield Text()
        yield Text("check before merging", style="bold")
    for each in comparison.decisions:
        yield from _hanging("! ", "bold red", f"{_beginning(each, comparison)}{each.told.plain}", width)


def _stacks(comparison: RevisionComparison) -> Iterator[Text]:
    for each in comparison.stacks:
        if each.state not in _STATES:
            continue
        what, style = _STATES[each.state]
        yield Text()
        yield Text(f"stack {visible(each.name)} {what}", style=style)
        yield from (Text(f"  {visible(line)}") for refusal in each.refusals for line in refusal.lines.split("\n"))


def _changes(comparison: RevisionComparison, width: int | None) -> Iterator[Text]:
    groups: dict[tuple[tuple[str, ...], str, str], list[Change]] = {}
    for each in comparison.changes[:MOST_CHANGES]:
        groups.setdefault((each.stacks, each.kustomization, each.release), []).append(each)
    for (stacks, kustomization, release), changes in groups.items():
        yield Text()
        title = "every stack" if len(stacks) == len(comparison.stacks) > 1 else ", ".join(visible(each) for each in stacks)
        of_chart = f", HelmRelease {visible(release)}" if release else ""
        yield Text(f"{title}, Kustomization {visible(kustomization)}{of_chart}" if kustomization else title, style="bold")
        column = min(_WIDEST_SUBJECT, max(len(each.subject.plain) for each in changes))
        for each in changes:
            sign, style = _SIGNS[each.action]
            text = f"{each.subject.plain.ljust(column)}  {each.what_and_where.plain}"
            yield from _hanging(f"{sign} ", style, text, width, indent=column + 4)
    if more := comparison.changes[MOST_CHANGES:]:
        yield Text(f"and {len(more)} more changes, which --output json has", style="dim")
    if comparison.changes or comparison.decisions:
        yield Text()


def _pending(comparison: RevisionComparison, width: int | None) -> Iterator[Text]:
    if comparison.pending:
        yield Text("not from this change, but applied with it", style="bold")
        for each in comparison.pending:
            yield from _hanging("* ", "yellow", f"{_for(each.stacks, comparison)}{each.text.plain}", width)
        yield Text()


def _hanging(sign: str, style: str, text: str, width: int | None, indent: int = 2, style_of_all: str = "") -> Iterator[Text]:
    wide = max(60, width - len(sign)) if width else None
    lines = textwrap.wrap(text, wide, subsequent_indent=" " * (indent - len(sign)), break_long_words=False) if wide else [text]
    for index, line in enumerate(lines):
        yield Text.assemble((sign if not index else " " * len(sign), style), line, style=style_of_all)


def _beginning(decision: Decision, comparison: RevisionComparison) -> str:
    """`deletes objects in staging: `."""
    stacks, words = _for(decision.where, comparison), decision.risk_words
    if not words:
        return stacks
    return f"{words} in {stacks}" if stacks else f"{words}: "


def _for(stacks: tuple[str, ...], comparison: RevisionComparison) -> str:
    if not stacks or len(comparison.stacks) == 1:
        return ""
    return "every stack: " if len(stacks) == len(comparison.stacks) else f"{', '.join(visible(each) for each in stacks)}: "
