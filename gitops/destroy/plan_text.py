"""What `gitops destroy` prints: what goes and what stays, before; what was released and what is left, afterwards."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from shlex import quote

from flux.visible_text import visible
from gitops.columns import in_columns
from gitops.destroy.confirmation import amount
from gitops.destroy.effects import Applier, Effects
from gitops.pulumi_cli import StackName
from gitops.pulumi_state import StackState
from gitops.stack_file import stack_file
from live.flux_objects.flux_removal import RemovableObject
from live.flux_objects.namespace_content import Holder, Silent

WIDTH = 120
NamespaceHolder = Holder | Silent
HEADER = ("APPLIED BY", "OBJECTS", "WHAT BECOMES OF THEM")


def plan(
    effects: Effects, state: StackState, holders: Sequence[Holder | Silent], where: str, *, definitions_go: bool, keep: bool
) -> Iterator[str]:
    """The lines to print before anything happens."""
    yield f"Destroy {where}, as the cluster is now:"
    yield ""
    if effects.appliers:
        yield from in_columns([HEADER, *map(_row, effects.appliers)])
        yield ""
    if effects.removes_workloads:
        yield f"Removed with the stack: {amount(effects.removed, effects.releases)}."
    if effects.kept or effects.kept_releases:
        yield f"Kept: {amount(effects.kept, effects.kept_releases)}. Nothing reconciles them afterwards."
    yield from textwrap.wrap(f"Removed objects of the stack itself: {_kinds(state, effects, definitions_go=definitions_go)}.", WIDTH)
    yield from textwrap.wrap(_of_definitions(effects, definitions_go=definitions_go, keep=keep), WIDTH)
    if state.generated_age_keys:
        yield from textwrap.wrap(_of_keys(state.generated_age_keys), WIDTH, break_on_hyphens=False)
    for each in holders:
        yield holder(each)


def holder(each: NamespaceHolder) -> str:
    """What holds the namespace."""
    if isinstance(each, Silent):
        return f"API {visible(each.path)} does not answer ({visible(each.why)}): the namespace may stay until it does, or is removed."
    finalizers = visible(", ".join(each.finalizers))
    return f"{visible(str(each.reference))} has the finalizer {finalizers}: the namespace stays until that is removed."


def holder_of_own(each: RemovableObject) -> str:
    """What holds an object of the stack itself."""
    finalizers = visible(", ".join(each.finalizers))
    return f"{visible(str(each.reference))} has the finalizer {finalizers}: if it is not taken away within a minute, it is released."


def released(objects: Sequence[RemovableObject]) -> Iterator[str]:
    """Whose finalizers were released."""
    if objects:
        yield "Finalizers released, because no controller cleaned up in time:"
    for each in objects:
        yield f"  {visible(str(each.reference))}  ({visible(', '.join(each.finalizers))})"


def gone(stack: StackName, *, are_left: bool) -> Iterator[str]:
    """What is left, and what to do about it; pulumi has just advised `pulumi stack rm`.

    `are_left`: whether Flux's CRDs stay, without another Flux that needs them.
    """
    yield ""
    yield f"Stack {stack.short} is gone from the cluster. What it still has: its file, and an empty state."
    yield f"To remove the state but not the file, run: pulumi stack rm --preserve-config {quote(stack.asked)}"
    yield f"`pulumi stack rm` alone, as pulumi says above, would also delete {stack_file(stack.short)}."
    if are_left:
        yield "To remove Flux's CustomResourceDefinitions and its namespace, too: docs/how-to/destroy.md#afterwards-with-workloads-kept"


def _row(each: Applier) -> tuple[str, ...]:
    reference = each.found.reference
    name = f"{each.found.kind} {reference.namespace}/{reference.name}"
    count = "" if each.found.kind == "HelmRelease" else str(each.objects)
    return name, count, _fate(each)


def _fate(each: Applier) -> str:
    if each.found.removes and not each.runs:
        return "kept: its controller does not run"
    if each.found.suspended:
        return "kept: it is suspended"
    if each.found.is_left:
        return "kept: it is not pruned"
    by = f", with {each.parent.kind} {each.parent.name}" if each.parent else ""
    if not each.removes:
        return f"kept{by}"
    return f"{'uninstalled' if each.found.kind == 'HelmRelease' else 'removed'}{by}"


def _kinds(state: StackState, effects: Effects, *, definitions_go: bool) -> str:
    going = {each.reference for each in state.objects if not each.stays and (definitions_go or not each.is_definition)}
    counted = Counter(each.kind for each in going or {each.reference for each in effects.own})
    return ", ".join(f"{count} {kind}" for kind, count in sorted(counted.items())) or "nothing"


def _of_keys(names: Sequence[str]) -> str:
    one = len(names) == 1
    which, again = visible(", ".join(names)), "it" if one else "them"
    return (
        f"Deleted for good: the generated age key{'' if one else 's'} {which}. No later `pulumi up` makes {again} again, so files in "
        f"Git that are encrypted only for {again} are lost: docs/runbooks/rotate-the-age-key.md#a-generated-key."
    )


def _of_definitions(effects: Effects, *, definitions_go: bool, keep: bool) -> str:
    what = "Flux's CustomResourceDefinitions and the namespace flux-system"
    if definitions_go:
        return f"{what} are removed, too."
    others = len(effects.strangers)
    if keep or not others:
        return f"{what} stay."
    first, are = visible(str(effects.strangers[0].reference)), "is" if others == 1 else "are"
    return f"{what} stay: {others} Flux object{'' if others == 1 else 's'} in the cluster {are} not of this stack, the first is {first}."
