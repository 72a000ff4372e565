"""Stacks that are not compared as a whole: new ones, and those that one of the sides refuses."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from gitops.compare.decisions.of_permissions import decisions_of_permissions
from gitops.compare.decisions.of_the_stack import decisions_of_the_stack
from gitops.compare.found_changes import Decision, StackOutcome
from gitops.compare.own_words import coded
from gitops.compare.sentence import Sentence, joined, named
from gitops.compare.stack_pair import Pair
from gitops.rendered.stack_view import StackView

_NOTHING_ALLOWED = {"insecureHosts": {}, "takeOver": [], "removeTakenOver": False, "acknowledge": [], "checkRecord": None}


def decisions_of_what_is_not_compared(
    state: StackOutcome, before: StackView | None, after: StackView | None, every: Mapping[str, StackView]
) -> Iterator[Decision]:
    """What of such a stack is to decide. `every`: the stacks after the change."""
    if after is None:
        return
    if state is StackOutcome.ADDED:
        yield Decision(kind="stack-comes", says=_comes(after, every))
        of_nothing = Pair(before=replace(after, facts={**after.facts, **_NOTHING_ALLOWED}), after=after)
        yield from decisions_of_permissions(of_nothing)
        yield from decisions_of_the_stack(of_nothing)
    elif state is StackOutcome.NO_LONGER_REFUSED:
        words = "What else changes in stack {} is not shown, because it was refused until now: read {} yourself"
        yield Decision(kind="not-shown", says=coded(words, after.name, f"Pulumi.{after.name}.yaml"))
    elif state is StackOutcome.STILL_REFUSED and before is not None and (keys := _changed(before, after)):
        told = [coded("What changes in stack {} is not shown, because it is refused before and after:", after.name), named(keys)]
        yield Decision(kind="not-shown", says=joined(told, " "))


def notes_of_what_is_not_compared(state: StackOutcome, before: StackView | None, after: StackView | None) -> Iterator[Sentence]:
    """What the catalog does to a stack that stays refused."""
    if state is StackOutcome.STILL_REFUSED and before and after and before.files.catalog != after.files.catalog:
        yield coded("What the change of the catalog does to stack {} is not shown, because it is refused before and after", after.name)


def _comes(stack: StackView, every: Mapping[str, StackView]) -> Sentence:
    cluster = stack.facts.get("cluster", {})
    server = cluster.get("server")
    at = [coded(" at {}", str(server))] if server else []
    same = [name for name, each in every.items() if name != stack.name and server and each.facts.get("cluster", {}).get("server") == server]
    text = coded("`pulumi up` of the new stack {} installs Flux in cluster {}", stack.name, str(cluster.get("name")))
    others = named(f"Pulumi.{name}.yaml" for name in same)
    then = "and if that is the same cluster, `pulumi up` stops without a change"
    what = f"Check that address: {others.words} {'has' if len(same) == 1 else 'have'} the same one, {then}"
    also = [coded(what, *others.values)] if same else []
    listed = coded("What it creates is not listed here: {} writes it", f"gitops render --stack {stack.name}")
    return joined([joined([text, *at], ""), *also, listed], ". ")


def _changed(before: StackView, after: StackView) -> list[str]:
    old, new = before.files.settings, after.files.settings
    return [key for key in (*old, *(key for key in new if key not in old)) if old.get(key) != new.get(key)]
