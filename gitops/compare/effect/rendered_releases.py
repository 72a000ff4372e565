"""What the charts of HelmReleases make of a change: which of their objects are added, changed and removed."""

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from flux.known_secrets import KnownSecrets
from gitops.check.findings.judging import StackFacts
from gitops.check.findings.namespaces import has_namespace
from gitops.check.repository.documents import mapping, text
from gitops.compare.charts.chart_files import ChartFiles
from gitops.compare.charts.chart_renderer import ALL_SECONDS, ChartRenderer
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.charts.post_rendered import post_rendered
from gitops.compare.charts.pulled_charts import RepositoryOfCharts, is_in
from gitops.compare.effect.applied_objects import AppliedObject, object_id
from gitops.compare.effect.live_world import LiveWorld
from gitops.compare.effect.masked_fields import masked_fields
from gitops.compare.effect.object_effects import Effect
from gitops.compare.effect.planned_releases import PlannedRelease, SideOfReleases
from gitops.compare.effect.release_cases import Objects, Planned, ReleaseCase, RenderedObjects, release_cases
from gitops.compare.field_changes import FieldChange
from gitops.compare.found_changes import Action, Decision
from gitops.compare.hidden_values import hidden_texts
from gitops.compare.sentence import Sentence, joined, say
from gitops.messages import redact
from gitops.rendered.stack_view import ObjectId

_POLICY = "helm.sh/resource-policy"
_AT_ONCE = 2
_SAY_ONLY_THE_VERSION = ("helm.sh/chart", "app.kubernetes.io/version")
"""Labels of every object of a chart, which repeat what the HelmRelease says."""
_UNCHANGED = say("its objects stay the same")
_ANEW = say("its release is uninstalled and installed again")


@dataclass(frozen=True, kw_only=True)
class RenderedReleases:
    """What is found."""

    effects: Sequence[Effect]
    """Those that were given, with what is shown of a chart, and those of the charts' objects."""
    told: Mapping[ObjectId, Sentence]
    """HelmRelease → what is shown of its chart, where anything is."""
    decisions: Sequence[Decision] = ()


def with_releases(
    effects: Sequence[Effect], before: LiveWorld, after: LiveWorld, facts: tuple[StackFacts, StackFacts], renderer: ChartRenderer
) -> RenderedReleases:
    """`effects`, and what the charts make of them. `facts`: the stack's, of both sides."""
    was = SideOfReleases(before, facts[0])
    becomes = SideOfReleases(after, facts[1], was)
    was.resumed = becomes.resumes()
    cases = list(release_cases(effects, was, becomes))
    trusted = was.repositories()
    with ThreadPoolExecutor(max_workers=_AT_ONCE) as pool:
        list(pool.map(partial(_render, renderer=renderer, trusted=trusted), cases))
    uncertain = {each.which for each in effects if not each.is_certain}
    told: dict[ObjectId, Sentence] = {}
    made: list[Effect] = []
    until = time.monotonic() + ALL_SECONDS
    for case in cases:
        _post_render(case, until)
        if why := _why_not(case):
            told[case.which] = why
        else:
            found = [replace(each, is_certain=False, goes_along=True) if case.which in uncertain else each for each in _effects(case)]
            made += found
            if not found and case.old and case.new:
                told[case.which] = _UNCHANGED
        if case.is_reinstalled:
            told[case.which] = joined([_ANEW, *([why] if why else [])])
    known = {each.which for each in effects}
    made += [_of_its_source(each, told) for each in cases if each.which not in known and not _has_chart_in_git(each)]
    decisions = [_reinstalled(each) for each in cases if each.is_reinstalled]
    every = [replace(each, chart=told[each.which]) if each.which in told and not each.release else each for each in effects]
    return RenderedReleases(effects=sorted([*every, *made], key=lambda each: each.owner) if made else every, told=told, decisions=decisions)


def _reinstalled(case: ReleaseCase) -> Decision:
    why = "because its name, its namespace, the namespace of its storage, or the name of its chart changes"
    text = say(f"The release of HelmRelease {{}} is uninstalled and installed again, {why}. Its objects are deleted first", case.name)
    return Decision(kind="release-is-reinstalled", says=text, source=say("{}", case.written.file))


def _render(case: ReleaseCase, renderer: ChartRenderer, trusted: frozenset[RepositoryOfCharts]) -> None:
    side = "before"
    try:
        old = _chart(case.old, renderer, trusted)
        side = "after"
        new = _chart(case.new, renderer, trusted)
    except ChartNotRenderedError as error:
        setattr(case, side, error)
        return
    if isinstance(case.old, PlannedRelease) and isinstance(case.new, PlannedRelease) and old and new:
        case.is_reinstalled = case.old.target != case.new.target or old.name != new.name
    case.ask()
    case.before = _objects(case, case.old, old, renderer)
    if not isinstance(case.before, ChartNotRenderedError):
        case.after = _objects(case, case.new, new, renderer)


def _chart(planned: Planned, renderer: ChartRenderer, trusted: frozenset[RepositoryOfCharts]) -> ChartFiles | None:
    if planned is None:
        return None
    if isinstance(planned, ChartNotRenderedError):
        raise planned
    place = planned.chart
    if isinstance(place, ChartFiles):
        return place
    if not is_in(place, trusted):
        raise ChartNotRenderedError(say("it would come from {}, from where nothing came before", place.url))
    pulled = renderer.pulled(place)
    return pulled.with_values(list(planned.values_files), pulled.files, may_lack=planned.may_lack_values_files)


def _objects(case: ReleaseCase, planned: Planned, chart: ChartFiles | None, renderer: ChartRenderer) -> RenderedObjects:
    if not isinstance(planned, PlannedRelease) or chart is None:
        return {}
    try:
        case.definitions |= chart.definitions()
        found = _by_id(renderer.rendered(chart, planned.release), planned.release.namespace)
        if case.old and planned is case.new and chart.is_random:
            again = _by_id(renderer.rendered(chart, planned.release), planned.release.namespace)
            case.unstable.update(
                (which, each.path) for which in found.keys() & again.keys() for each in _fields(found[which], again[which])
            )
        return found
    except ChartNotRenderedError as error:
        return error


def _by_id(objects: Sequence[dict[str, Any]], namespace: str) -> Objects:
    found: dict[ObjectId, dict[str, Any]] = {}
    for body in objects:
        which = object_id(body)
        if not which[2] and has_namespace(which[0], which[1]):
            body = {**body, "metadata": {**mapping(body, "metadata"), "namespace": namespace}}
        found[object_id(body)] = body
    return found


def _post_render(case: ReleaseCase, until: float) -> None:
    for planned, side in ((case.old, "before"), (case.new, "after")):
        found: RenderedObjects = getattr(case, side)
        if not isinstance(planned, PlannedRelease) or isinstance(found, ChartNotRenderedError):
            continue
        try:
            if planned.post_renderers:
                if time.monotonic() > until:
                    raise ChartNotRenderedError(say(f"the postRenderers before it took more than {ALL_SECONDS:.0f} s"))
                found = _by_id(post_rendered(list(found.values()), planned.post_renderers), planned.release.namespace)
            setattr(case, side, {which: _with_metadata(case, which, body, planned.common_metadata) for which, body in found.items()})
        except ChartNotRenderedError as error:
            setattr(case, side, error)


def _with_metadata(case: ReleaseCase, which: ObjectId, body: dict[str, Any], common: Mapping[str, Any]) -> dict[str, Any]:
    """With `commonMetadata`, which wins over what a template says. Helm installs what is below `crds` as it is."""
    added = {key: mapping(dict(common), key) for key in ("labels", "annotations") if mapping(dict(common), key)}
    if not added or _is_installed_once(case, which):
        return body
    metadata = mapping(body, "metadata")
    return {**body, "metadata": {**metadata, **{key: {**mapping(metadata, key), **values} for key, values in added.items()}}}


def _is_installed_once(case: ReleaseCase, which: ObjectId) -> bool:
    return which[1] == "CustomResourceDefinition" and which[3] in case.definitions


def _why_not(case: ReleaseCase) -> Sentence | None:
    """Of a chart that is rendered on one side alone, nothing is shown: all of it would seem to come or go."""
    first = case.before if isinstance(case.before, ChartNotRenderedError) else case.after
    if not isinstance(first, ChartNotRenderedError):
        return None
    with_this_change = "with this change, " if case.old and first is case.after else ""
    secrets = _secrets(case)
    why = replace(first.why, values=tuple(secrets.masked(redact(each)) for each in first.why.values))  # a template chooses what helm says
    return joined([say(f"its chart is not rendered here: {with_this_change}"), why], "")


def _effects(case: ReleaseCase) -> Iterator[Effect]:
    had, has = case.before, case.after
    if isinstance(had, ChartNotRenderedError) or isinstance(has, ChartNotRenderedError):
        return
    secrets = _secrets(case)
    for which in sorted({*had, *has}):
        was, becomes = (_item(case, which, side.get(which)) for side in (had, has))
        written = becomes or was
        if written is None:
            continue
        told = partial(Effect, owner=case.owner, which=which, written=written, before=was, after=becomes, release=case.name)
        is_installed_once = _is_installed_once(case, which)
        is_kept = was is not None and text(dict(was.body), "metadata", "annotations", _POLICY) == "keep"
        if was and becomes:
            fields = _masked((each for each in _fields(was.body, becomes.body) if (which, each.path) not in case.unstable), secrets)
            if case.is_reinstalled and not is_kept and not is_installed_once:
                yield told(action=Action.RECREATED, fields=fields)
            elif fields and not (is_installed_once and not case.replaces_definitions):
                yield told(action=Action.CHANGED, fields=fields)
        elif becomes:
            yield told(action=Action.ADDED)
        elif is_kept:
            yield told(action=Action.ORPHANED, why=f"{_POLICY}: keep")
        elif was and not is_installed_once:
            yield told(action=Action.REMOVED)


def _item(case: ReleaseCase, which: ObjectId, body: dict[str, Any] | None) -> AppliedObject | None:
    if body is None:
        return None
    place = case.written
    return AppliedObject(which=which, body=_without_versions(body), repository=place.repository, file=place.file, line=place.line)


def _without_versions(value: Any, name: str = "") -> Any:
    if isinstance(value, dict):
        kept = {key: each for key, each in value.items() if name != "labels" or key not in _SAY_ONLY_THE_VERSION}
        return {key: _without_versions(each, str(key)) for key, each in kept.items()}
    return [_without_versions(each) for each in value] if isinstance(value, list) else value


def _secrets(case: ReleaseCase) -> KnownSecrets:
    """Values that are hidden in the HelmRelease, or in a chart in Git: a template may put them anywhere."""
    planned = [each for each in (case.old, case.new) if isinstance(each, PlannedRelease)]
    values = [each.release.values for each in planned] + [each.chart.values for each in planned if isinstance(each.chart, ChartFiles)]
    return KnownSecrets(*(hidden for each in values for hidden in hidden_texts(each)))


def _fields(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    return masked_fields(before, after, {})


def _masked(fields: Iterable[FieldChange], secrets: KnownSecrets) -> tuple[FieldChange, ...]:
    return tuple(_masked_field(each, secrets) for each in fields)


def _masked_field(change: FieldChange, secrets: KnownSecrets) -> FieldChange:
    before, after = (_masked_value(each, secrets) for each in (change.before, change.after))
    if before == after and isinstance(after, str):
        after = f"{after} (changed)"
    return replace(change, path=secrets.masked(change.path), before=before, after=after)


def _masked_value(value: Any, secrets: KnownSecrets) -> Any:
    if isinstance(value, str):
        return secrets.masked(value)
    if isinstance(value, dict):
        return {secrets.masked(str(key)): _masked_value(each, secrets) for key, each in value.items()}
    return [_masked_value(each, secrets) for each in value] if isinstance(value, list) else value


def _has_chart_in_git(case: ReleaseCase) -> bool:
    """Whether its change is shown as one of files (gitops/compare/effect/charts_in_git.py)."""
    return isinstance(case.old, PlannedRelease) and isinstance(case.new, PlannedRelease) and isinstance(case.new.chart, ChartFiles)


def _of_its_source(case: ReleaseCase, told: Mapping[ObjectId, Sentence]) -> Effect:
    """A HelmRelease that stays, with another chart or other values: they come from elsewhere."""
    both = [each for each in (case.old, case.new) if isinstance(each, PlannedRelease)]
    same_chart = len(both) == 2 and both[0].chart == both[1].chart
    what = [say("its values change" if same_chart else "its chart changes")] if len(both) == 2 else []
    chart = joined([*what, *([told[case.which]] if case.which in told else [])])
    return Effect(owner=case.owner, action=Action.CHANGED, which=case.which, written=case.written, chart=chart)
