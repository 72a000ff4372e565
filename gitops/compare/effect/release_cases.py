"""The HelmReleases of which Helm would be asked for something else than before."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from gitops.check.repository.documents import mapping, text
from gitops.compare.charts.chart_files import ChartFiles
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.effect.applied_objects import AppliedObject, Owner
from gitops.compare.effect.effect_changes import object_name
from gitops.compare.effect.object_effects import Effect
from gitops.compare.effect.planned_releases import PlannedRelease, SideOfReleases, release_target
from gitops.compare.found_changes import Action
from gitops.compare.sentence import say
from gitops.rendered.stack_view import ObjectId

Objects = Mapping[ObjectId, dict[str, Any]]
RenderedObjects = Objects | ChartNotRenderedError
Planned = PlannedRelease | ChartNotRenderedError | None
"""Of one side: how Helm would be called, or why that is not known; None where the HelmRelease is not there."""


@dataclass(kw_only=True)
class ReleaseCase:
    """A HelmRelease on both sides, as far as it is there."""

    which: ObjectId
    owner: Owner
    written: AppliedObject
    old: Planned
    new: Planned
    is_reinstalled: bool = False
    """Whether helm-controller reinstalls the release: another name, namespace, storage or chart."""
    replaces_definitions: bool = False
    """Whether Helm changes the CRDs of the chart that exist."""
    definitions: frozenset[str] = frozenset()
    """The CRDs that Helm never deletes, once the charts are had."""
    unstable: set[tuple[ObjectId, str]] = field(default_factory=set)
    """Objects with the paths of what their chart generates each time."""
    before: RenderedObjects = field(default_factory=dict)
    after: RenderedObjects = field(default_factory=dict)

    @property
    def name(self) -> str:
        """`media/jellyfin`."""
        return object_name(self.which)

    def ask(self) -> None:
        """Asks Helm as helm-controller would: to install or to upgrade, with or without the CRDs of the chart.

        https://fluxcd.io/flux/components/helm/helmreleases/#install-configuration
        """
        upgrades = self.old is not None and self.new is not None
        by_upgrade = upgrades and not self.is_reinstalled
        spec = ("spec", "upgrade" if by_upgrade else "install", "crds")
        policy = text(dict(self.written.body), *spec) or ("Skip" if by_upgrade else "Create")
        self.old = _asked(self.old, is_upgrade=upgrades, with_definitions=policy != "Skip")
        self.new = _asked(self.new, is_upgrade=by_upgrade, with_definitions=policy != "Skip")
        self.replaces_definitions = policy == "CreateReplace"


def release_cases(effects: Sequence[Effect], before: SideOfReleases, after: SideOfReleases) -> Iterator[ReleaseCase]:
    """The HelmReleases of which Helm would be asked for something else."""
    gone = {each.which for each in effects if each.action is Action.REMOVED and each.is_certain}
    kinds = frozenset((*before.kinds(), *after.kinds())) if before.releases or after.releases else frozenset()
    for which in sorted({*before.releases, *after.releases}):
        if which not in after.releases and which not in gone:
            continue
        owner, item = after.releases.get(which) or before.releases[which]
        old, new = (_planned(side, which, kinds) for side in (before, after))
        if _is_suspended(before, which) and which in after.releases and not _is_suspended(after, which):
            old = ChartNotRenderedError(say("it is resumed, and what it had applied before is not known"))
        new = _as_it_stays(old, new)
        if old != new or (isinstance(new, ChartNotRenderedError) and any(each.which == which for each in effects)):
            anew = _is_installed_anew(which, before, after)
            yield ReleaseCase(which=which, owner=owner, written=item, old=old, new=new, is_reinstalled=anew)


def _is_installed_anew(which: ObjectId, before: SideOfReleases, after: SideOfReleases) -> bool:
    """As far as the HelmRelease itself says it."""
    if which not in before.releases or which not in after.releases:
        return False
    (_, old), (_, new) = before.releases[which], after.releases[which]
    if _is_suspended(after, which):
        return False
    charts = {text(dict(each.body), "spec", "chart", "spec", "chart").rpartition("/")[2] for each in (old, new) if _has_named_chart(each)}
    return release_target(old) != release_target(new) or (len(charts) > 1)


def _is_suspended(side: SideOfReleases, which: ObjectId) -> bool:
    return which in side.releases and mapping(dict(side.releases[which][1].body), "spec").get("suspend") is True


def _has_named_chart(item: AppliedObject) -> bool:
    """Whether `chart` is the name of one, and not a path."""
    return text(dict(item.body), "spec", "chart", "spec", "sourceRef", "kind") == "HelmRepository"


def _planned(side: SideOfReleases, which: ObjectId, kinds: frozenset[str]) -> Planned:
    if which not in side.releases:
        return None
    try:
        return side.planned(side.releases[which][1], kinds)
    except ChartNotRenderedError as error:
        return error


def _as_it_stays(old: Planned, new: Planned) -> Planned:
    """A chart in Git of the same name and version is not repackaged, whatever changes in it."""
    if isinstance(old, ChartNotRenderedError) and isinstance(new, ChartNotRenderedError):
        return old if old.why == new.why else new
    if not isinstance(old, PlannedRelease) or not isinstance(new, PlannedRelease) or new.follows_revisions:
        return new
    if (
        isinstance(old.chart, ChartFiles)
        and isinstance(new.chart, ChartFiles)
        and _packaged_as(old, old.chart) == _packaged_as(new, new.chart)
    ):
        return replace(new, chart=old.chart)
    return new


def _packaged_as(planned: PlannedRelease, chart: ChartFiles) -> tuple[str, str, str]:
    """With `valuesFiles`, source-controller appends the generation of the HelmChart to its version."""
    return chart.name, chart.version, planned.generation


def _asked(planned: Planned, *, is_upgrade: bool, with_definitions: bool) -> Planned:
    if not isinstance(planned, PlannedRelease):
        return planned
    return replace(planned, release=replace(planned.release, is_upgrade=is_upgrade, with_definitions=with_definitions))
