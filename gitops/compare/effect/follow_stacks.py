"""A change of the stacks themselves, followed into the repositories that it concerns: their revision, path, variables or patches change.

Both sides are fetched as the person's own git would: the author of a revision must not decide where a secret of the stack is sent.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TextIO

from flux.any_shape import at
from flux.object_reference import ObjectReference
from gitops.check.fetch.clone import Source
from gitops.check.fetch.fetching import Fetcher
from gitops.check.findings.judging import StackFacts
from gitops.check.follow.synced import Synced
from gitops.check.repository.included import with_included
from gitops.check.repository.tree import Tree
from gitops.check.stack_facts import facts_of, sources_without_secrets
from gitops.compare.charts.chart_renderer import HelmRenderer
from gitops.compare.effect.gathered_effects import GatheredEffects
from gitops.compare.effect.live_world import Side
from gitops.compare.effect.missing_revisions import FetchedSide, is_broken, not_fetched
from gitops.compare.effect.stack_effects import effects_in_stack
from gitops.compare.effect.stack_keys import NO_KEYS, StackKeys, stack_keys
from gitops.compare.found_changes import Decision, RevisionComparison, worst_first
from gitops.compare.revision_files import resolve, write_files
from gitops.compare.sentence import NOWHERE, Sentence
from gitops.compare.stack_pair import at_place
from gitops.rendered.read_folder import stacks_in
from stacks.settings import Settings

_NOT_ABOUT_FILES = ("interval", "timeout", "suspend")
"""Fields of a GitRepository that do not say which files Flux gets."""


@dataclass(frozen=True, kw_only=True)
class _StackSide:
    facts: StackFacts
    sources: Mapping[str, Source]
    keys: StackKeys
    place: Callable[[str], Sentence]
    """Where the revision of a GitRepository is written."""


@dataclass(kw_only=True)
class _Fetched:
    """Trees by what decides about them: most sources are the same on both sides."""

    folder: Path
    progress: TextIO
    trees: dict[str, Tree] = field(default_factory=dict)

    def of(self, sources: Mapping[str, Source]) -> tuple[dict[str, Tree], FetchedSide]:
        """Name → tree, of those that could be fetched; and why the others could not."""
        new = {name: source for name, source in sources.items() if _key(source) not in self.trees}
        fetcher = Fetcher(new, self.folder / str(len(self.trees)), self.progress)
        found = fetcher(sorted(new))
        self.trees.update({_key(sources[name]): tree for name, tree in found.items()})
        trees = {name: self.trees[_key(source)] for name, source in sources.items() if _key(source) in self.trees}
        return trees, FetchedSide(sources=sources, why_not=fetcher.why_not)


def with_effects(
    comparison: RevisionComparison, project: Path, base: str, head: str | None, *, only: str | None, progress: TextIO
) -> RevisionComparison:
    """`comparison`, and what Flux then does in each cluster.

    Raises:
        CommandError: the revision does not exist, or kustomize is not installed.
    """
    before, after = _sides(project, base, only), _sides(project, head, only)
    told, renderer = GatheredEffects(""), HelmRenderer()
    notes: list[Sentence] = []
    read: set[str] = set()
    with tempfile.TemporaryDirectory(prefix="gitops-compare-") as scratch:
        fetched = _Fetched(folder=Path(scratch), progress=progress)
        for name in sorted(before.keys() & after.keys()):
            old, new = before[name], after[name]
            concerned = _concerned(old, new)
            (trees_before, asked_before), (trees_after, asked_after) = (fetched.of(_only(each, concerned)) for each in (old, new))
            lost = (asked_before.sources.keys() - trees_before.keys()) | (asked_after.sources.keys() - trees_after.keys())
            missing = [not_fetched(source, asked_before, asked_after, new.place(source)) for source in sorted(lost)]
            read |= (trees_before.keys() | trees_after.keys()) - lost
            unknown = {each.reference for side in (old, new) for each in side.facts.kustomizations if each.source_key in lost}
            was, becomes = _side(old, trees_before, concerned - lost, unknown), _side(new, trees_after, concerned - lost, unknown)
            found = effects_in_stack(was, becomes, "", renderer)
            notes += [each for each in missing if isinstance(each, Sentence)]
            decisions = [each for each in missing if isinstance(each, Decision)]
            breaks = any(is_broken(source, asked_before, asked_after) for source in lost)
            told.add(name, replace(found, decisions=[*decisions, *found.decisions], is_broken=found.is_broken or breaks))
    effects = told.result(comparison.base, comparison.head)
    return replace(
        comparison,
        notes=tuple(dict.fromkeys((*comparison.notes, *notes, *effects.notes))),
        decisions=worst_first(*comparison.decisions, *effects.decisions),
        changes=[*comparison.changes, *effects.changes],
        followed=tuple(sorted(read)),
        is_broken=effects.is_broken,
    )


def _sides(project: Path, name: str | None, only: str | None) -> dict[str, _StackSide]:
    """The stacks of a revision that are not refused."""
    if name is None:
        return dict(_readable(project, only))
    with tempfile.TemporaryDirectory(prefix="gitops-compare-") as scratch:
        return dict(_readable(write_files(resolve(project, name), Path(scratch)), only))


def _readable(folder: Path, only: str | None) -> Iterator[tuple[str, _StackSide]]:
    readable = {name: stack.settings for name, stack in stacks_in(folder, only).items() if stack.settings}
    for name, settings in readable.items():
        keys = stack_keys(settings, readable)
        place = partial(_place_of_revision, settings)
        yield name, _StackSide(facts=facts_of(settings, NO_KEYS), sources=sources_without_secrets(settings), keys=keys, place=place)


def _place_of_revision(settings: Settings, source: str) -> Sentence:
    body = settings.chosen.of_kind("GitRepository").get(source)
    if body is None:
        return NOWHERE
    written = next((("ref", key) for key in ("commit", "name", "tag") if at(body.spec, "ref", key)), ("ref", "branch"))
    return at_place(body.places.of(("spec", *written)))


def _concerned(old: _StackSide, new: _StackSide) -> set[str]:
    """The repositories of which Flux makes something else."""
    names = old.sources.keys() | new.sources.keys()
    sources = {name for name in names if _files(old.sources.get(name)) != _files(new.sources.get(name))}
    before, after = ({each.reference: each for each in side.facts.kustomizations} for side in (old, new))
    every = {*before, *after}
    if old.facts.variables == new.facts.variables:
        every = {each for each in every if _spec(before.get(each)) != _spec(after.get(each))}
    applied = {side[each].source_key for each in every for side in (before, after) if each in side}
    return with_included(sources | applied, old.facts.includes) | with_included(sources | applied, new.facts.includes)


def _files(source: Source | None) -> object:
    return source and (source.url, {key: value for key, value in source.spec.items() if key not in _NOT_ABOUT_FILES})


def _spec(synced: Synced | None) -> object:
    return synced and synced.spec


def _only(side: _StackSide, names: Iterable[str]) -> dict[str, Source]:
    return {name: side.sources[name] for name in names if name in side.sources}


def _side(side: _StackSide, trees: Mapping[str, Tree], names: set[str], unknown: set[ObjectReference]) -> Side:
    """`unknown`: Kustomizations of which the files of one side are missing, so that they are compared on neither."""
    here = [each for each in side.facts.kustomizations if each.source_key in names and each.reference not in unknown]
    there = {name: tree for name, tree in trees.items() if name in names}
    facts = replace(side.facts, kustomizations=here)
    return Side(facts=facts, fetch=lambda asked: {name: there[name] for name in asked if name in there}, keys=side.keys)


def _key(source: Source) -> str:
    return repr((source.name, source.url, _files(source)))
