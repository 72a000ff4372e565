"""What Flux does in the cluster of one stack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gitops.check.findings.judging import is_strict
from gitops.compare.charts.chart_renderer import ChartRenderer
from gitops.compare.effect.charts_in_git import changes_of_charts
from gitops.compare.effect.effect_changes import changes_of_effects, shown_owner
from gitops.compare.effect.effect_decisions import broken, decisions_of_effects
from gitops.compare.effect.file_readers import FileReaders
from gitops.compare.effect.live_world import LiveWorld, Side, judged_by_their_keys, world_after, world_before
from gitops.compare.effect.not_shown import not_known_on_either_side
from gitops.compare.effect.object_effects import effects_of
from gitops.compare.effect.old_spec_first import effects_on_the_way
from gitops.compare.effect.open_variables import decisions_of_variables, variables_needed_anew, with_doubt
from gitops.compare.effect.rendered_releases import with_releases
from gitops.compare.effect.taken_along import with_what_is_taken_along
from gitops.compare.found_changes import Change, Decision
from gitops.compare.sentence import Sentence, named


@dataclass(frozen=True, kw_only=True)
class StackEffects:
    """All of it."""

    changes: Sequence[Change]
    decisions: Sequence[Decision]
    notes: Sequence[Sentence]
    is_broken: bool
    """Whether a Kustomization can no longer be applied, or one that is new cannot be."""
    is_anything_applied: bool
    """Whether one of the paths that the stack applies is there, on either side."""


def effects_in_stack(before: Side, after: Side, repository: str, renderer: ChartRenderer) -> StackEffects:
    """From one side to the other. Files are called as in `repository`; those of another one, with its name."""
    before, after = judged_by_their_keys(before, after)
    was = world_before(before)
    becomes = world_after(was, after)
    found = with_what_is_taken_along(was, becomes, effects_on_the_way(was, becomes, after, list(effects_of(was, becomes))))
    new = variables_needed_anew(was, becomes, strict=is_strict(after.facts.planned))
    rendered = with_releases(with_doubt(found, new, becomes), was, becomes, (before.facts, after.facts), renderer)
    effects, readers = rendered.effects, FileReaders(was, becomes, after.keys, repository)
    return StackEffects(
        changes=[*changes_of_effects(effects, repository), *changes_of_charts(was, becomes, rendered.told), *readers.changes()],
        decisions=[
            *rendered.decisions,
            *decisions_of_effects(effects, was, becomes),
            *decisions_of_variables(new),
            *readers.decisions(),
        ],
        notes=[*_not_followed(was, becomes), *not_known_on_either_side(was, becomes)],
        is_broken=bool(broken(was, becomes)),
        is_anything_applied=any(each.objects for live in (was, becomes) for each in live.applied.values()),
    )


def _not_followed(before: LiveWorld, after: LiveWorld) -> Iterator[Sentence]:
    """Kustomizations that are new or change, and apply from where compare does not look."""
    known = {each.reference: each.spec for each in before.world.not_built}
    new = [each for each in after.world.not_built if each.repository and known.get(each.reference) != each.spec]
    if new:
        names = named([shown_owner((each.namespace, each.name)) for each in new])
        yield Sentence(f"What Kustomization {names.words} applies from elsewhere is not shown", names.values)
