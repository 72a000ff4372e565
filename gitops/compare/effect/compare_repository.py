"""A change of a repository that Flux syncs, and what it does in every cluster that syncs it."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from flux.message import Message
from gitops.check.findings.judging import StackFacts
from gitops.check.repository.tree import Tree
from gitops.check.stack_facts import facts_of
from gitops.compare.charts.chart_renderer import ChartRenderer, HelmRenderer
from gitops.compare.effect.gathered_effects import GatheredEffects
from gitops.compare.effect.live_world import Side
from gitops.compare.effect.local_clone import LocalClone
from gitops.compare.effect.stack_effects import StackEffects, effects_in_stack
from gitops.compare.effect.stack_keys import NO_KEYS, StackKeys, stack_keys
from gitops.compare.found_changes import RevisionComparison
from gitops.compare.revision_files import Revision, called, resolve
from gitops.compare.sentence import Sentence, say
from gitops.errors import CommandError
from gitops.rendered.read_folder import stacks_in
from gitops.rendered.stack_objects import RenderedStack
from stacks.settings import Settings

_MOVING = ("branch", "name")


def compare_repository(
    project: Path, clone: Path, repository: str, base: str, head: str | None, *, only: str | None = None
) -> RevisionComparison:
    """What Flux does in the clusters of the stacks in `project` when `repository`, of which `clone` is one, goes from `base` to `head`.

    `head`: None for the clone's working tree. `only`: this stack.

    Raises:
        CommandError: the revision does not exist, no stack syncs the repository, or the clone is of another one.
    """
    before = resolve(clone, base)
    after = resolve(clone, head) if head is not None else None
    stacks = stacks_in(project, only)
    _refuse_unknown(stacks, repository, only)
    readable = {name: stack.settings for name, stack in stacks.items() if stack.settings}
    told, renderer = GatheredEffects(repository), HelmRenderer()
    with tempfile.TemporaryDirectory(prefix="gitops-compare-") as scratch:
        files = LocalClone(repository, before.top, Path(scratch))
        for name, stack in stacks.items():
            if stack.settings is None:
                told.refused(name, stack)
            elif repository in stack.settings.chosen.of_kind("GitRepository"):
                keys = stack_keys(stack.settings, readable)
                found = _effects(stack.settings, keys, repository, files, (before, after), renderer)
                told.add(name, found, _pinned(name, stack.settings, repository))
    if not told.is_anything_applied:
        wrong = f"{clone} has no path that a stack applies from {repository}, in neither revision"
        fix = "Run this in a clone of it, or name that: --clone DIRECTORY"
        raise CommandError(Message(wrong, "It may be a clone of another repository.", fix))
    return told.result(called(base, before), called(head, after))


def _effects(
    settings: Settings,
    keys: StackKeys,
    repository: str,
    files: LocalClone,
    revisions: tuple[Revision, Revision | None],
    renderer: ChartRenderer,
) -> StackEffects:
    facts, spec = facts_of(settings, NO_KEYS), settings.chosen.of_kind("GitRepository")[repository].spec

    def side(revision: Revision | None) -> Side:
        return side_of(facts, repository, lambda: files.tree(revision, spec), keys)

    return effects_in_stack(side(revisions[0]), side(revisions[1]), repository, renderer)


def side_of(facts: StackFacts, repository: str, tree: Callable[[], Tree], keys: StackKeys) -> Side:
    """A side of which one repository is at hand."""
    return Side(facts=facts, fetch=lambda names: {repository: tree()} if repository in names else {}, keys=keys)


def _pinned(name: str, settings: Settings, repository: str) -> Iterator[Sentence]:
    ref = settings.chosen.of_kind("GitRepository")[repository].spec.get("ref") or {}
    if ref and not any(key in ref for key in _MOVING):
        how = " ".join(f"{key} {value}" for key, value in ref.items())
        yield say("Stack {} takes {} of {}: the change reaches it when that does", name, how, repository)


def _refuse_unknown(stacks: dict[str, RenderedStack], repository: str, only: str | None) -> None:
    if only is not None and only not in stacks:
        told = Message(f"there is no stack {only!r}", "Nothing was compared.", "Name a stack that has a file: -s NAME")
        raise CommandError(told)
    judged = [each.settings for each in stacks.values() if each.settings]
    if not judged:
        refused = ", ".join(stacks) or "there is none"
        told = Message(f"no stack can be read ({refused})", "Nothing was compared.", "See what is wrong: gitops render")
        raise CommandError(told)
    names = sorted({name for settings in judged for name in settings.chosen.of_kind("GitRepository")})
    if repository not in names:
        fix = f"Name one of {', '.join(names)}: it is the name in the catalog." if names else "Add it to the catalog."
        told = Message(f"no stack has a GitRepository {repository!r}", "Nothing was compared.", fix)
        raise CommandError(told)
