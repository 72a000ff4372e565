"""How Flux would call Helm for each HelmRelease of one side: which chart, under which name, with which values."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flux.kinds import SOURCE_API_GROUP, api_group
from flux.object_reference import FLUX_NAMESPACE
from gitops.check.findings.judging import StackFacts
from gitops.check.follow.declared_source import source_key
from gitops.check.repository.documents import items, mapping, text, texts
from gitops.check.repository.tree import joined
from gitops.compare.charts.chart_files import ChartFiles, chart_in_tree
from gitops.compare.charts.chart_renderer import Release
from gitops.compare.charts.merged_values import values_of
from gitops.compare.charts.not_rendered import ChartNotRenderedError
from gitops.compare.charts.pulled_charts import ChartPlace, RepositoryOfCharts, place_in_repository, place_of_artifact, repository_of
from gitops.compare.effect.applied_objects import AppliedObject, Owner
from gitops.compare.effect.effect_changes import HELM_GROUP
from gitops.compare.effect.live_world import LiveWorld
from gitops.compare.sentence import say
from gitops.rendered.stack_view import ObjectId

_NAME = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?", re.ASCII)
_LONGEST_NAME, _KEPT_OF_A_NAME = 53, 40
_KIND = re.compile(r"(?=.{3,200}$)[\w.-]+/[\w./-]+", re.ASCII)
_MOST_KINDS = 500
_PULLED = ("HelmRepository", "OCIRepository")


@dataclass(frozen=True, kw_only=True)
class PlannedRelease:
    """What would be rendered: equal to another one if the same comes out."""

    chart: ChartPlace | ChartFiles
    release: Release
    target: tuple[str, str, str] = ("", "", "")
    """As `release_target` has it."""
    values_files: tuple[str, ...] = ()
    """Of a chart that is pulled, instead of its own values."""
    may_lack_values_files: bool = False
    generation: str = ""
    """The spec of the HelmChart, if the chart is in Git and has `valuesFiles`."""
    post_renderers: Sequence[Any] = field(default=(), repr=False)
    common_metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """Labels and annotations of every object."""
    follows_revisions: bool = False
    """Whether another version in Chart.yaml is not asked for."""


class SideOfReleases:
    """What the HelmReleases of one side can refer to."""

    def __init__(self, live: LiveWorld, facts: StackFacts, before: "SideOfReleases | None" = None) -> None:
        """`facts`: the stack's, which may make sources, too. `before`: the side whose state a suspended source keeps."""
        self._live, self._facts, self._before = live, facts, before
        self.resumed: frozenset[ObjectId] = frozenset()
        """Sources of which it is unknown what Flux had fetched, because they were suspended."""
        self.releases: dict[ObjectId, tuple[Owner, AppliedObject]] = {}
        self._bodies: dict[ObjectId, Mapping[str, Any]] = {}
        for body in facts.planned.bodies:
            group = api_group(text(dict(body), "apiVersion"))
            self._bodies[group, text(dict(body), "kind"), FLUX_NAMESPACE, text(dict(body), "metadata", "name")] = body
        for owner, each in live.applied.items():
            for which, item in each.objects.items():
                self._bodies[which] = item.body
                if which[:2] == (HELM_GROUP, "HelmRelease") and not item.is_left_alone:
                    self.releases[which] = owner, item

    def repositories(self) -> frozenset[RepositoryOfCharts]:
        """Those from which charts and artifacts are fetched."""
        found = (repository_of(text(dict(body), "spec", "url")) for which, body in self._bodies.items() if which[1] in _PULLED)
        return frozenset(each for each in found if each)

    def kinds(self) -> Iterable[str]:
        """What the cluster serves, as far as Git shows: the kinds of its objects, and those that it defines."""
        for which, body in self._bodies.items():
            yield from _kinds(which, body)

    def source(self, which: ObjectId) -> Mapping[str, Any] | None:
        """What Flux fetches from, or a HelmChart."""
        return self._bodies.get(which)

    def resumes(self) -> frozenset[ObjectId]:
        """Sources that were suspended, and are no longer."""
        old = self._before._bodies if self._before else {}
        return frozenset(
            each for each, body in self._bodies.items() if each in old and _stays_as_it_was(old[each]) > _stays_as_it_was(body)
        )

    def planned(self, item: AppliedObject, kinds: Iterable[str]) -> PlannedRelease:
        """How Flux would call Helm.

        Raises:
            ChartNotRenderedError: that is not known here.
        """
        spec, namespace = mapping(dict(item.body), "spec"), item.which[2]
        if spec.get("suspend") is True:
            raise ChartNotRenderedError(say("it is suspended, so its release stays as it is"))
        if spec.get("kubeConfig"):
            raise ChartNotRenderedError(say("it installs into another cluster"))
        chart = self._chart_spec(spec, namespace)
        release = Release(
            name=_release_name(spec, item.which[3]),
            namespace=_named(text(spec, "targetNamespace") or namespace),
            values=values_of(spec, lambda name: self._config_map(namespace, name)),
            kubernetes=self._facts.planned.kubernetes_version or "",
            kinds=tuple(sorted({each for each in kinds if _KIND.fullmatch(each)})[:_MOST_KINDS]),
        )
        return PlannedRelease(
            chart=self._chart(chart, namespace),
            release=release,
            target=release_target(item),
            generation=_generation(spec, chart),
            values_files=tuple(texts(chart, "valuesFiles")),
            may_lack_values_files=chart.get("ignoreMissingValuesFiles") is True,
            post_renderers=items(spec, "postRenderers"),
            common_metadata=mapping(spec, "commonMetadata"),
            follows_revisions=text(chart, "reconcileStrategy") == "Revision",
        )

    def _chart_spec(self, spec: Mapping[str, Any], namespace: str) -> Mapping[str, Any]:
        """`spec.chart.spec`, or that of the HelmChart that is named; of another source, the reference to it alone."""
        reference = mapping(dict(spec), "chartRef")
        if not reference:
            return mapping(dict(spec), "chart", "spec")
        if text(reference, "kind") != "HelmChart":
            return {"sourceRef": reference}
        return mapping(dict(self._source("HelmChart", reference, namespace)), "spec")

    def _chart(self, chart: Mapping[str, Any], namespace: str) -> ChartPlace | ChartFiles:
        reference = mapping(dict(chart), "sourceRef")
        kind, name = text(reference, "kind"), text(dict(chart), "chart")
        if kind == "HelmRepository":
            return place_in_repository(self._source(kind, reference, namespace), name, text(dict(chart), "version"))
        if kind == "OCIRepository":
            return place_of_artifact(self._source(kind, reference, namespace))
        key = source_key(kind, text(reference, "namespace") or namespace, text(reference, "name"))
        tree = self._live.world.artifacts.get(key)
        if tree is None:
            raise ChartNotRenderedError(say("{} {}, which has it, is not fetched here", kind or "its source", text(reference, "name")))
        found = chart_in_tree(tree, joined("", name))
        files, shipped = texts(chart, "valuesFiles"), tree.shipped
        others = {path: tree.content(path) for path in (joined("", each) for each in files) if path in shipped}
        return found.with_values(files, others, may_lack=chart.get("ignoreMissingValuesFiles") is True)

    def _source(self, kind: str, reference: Mapping[str, Any], namespace: str) -> Mapping[str, Any]:
        where, name = text(dict(reference), "namespace") or namespace, text(dict(reference), "name")
        body = self._bodies.get(which := (SOURCE_API_GROUP, kind, where, name))
        if which in self.resumed:
            raise ChartNotRenderedError(say("{} {}, which has it, is resumed, and what Flux had fetched is not known", kind, name))
        if body is not None and self._before and _stays_as_it_was(body):
            body = self._before.source(which)
            if body is None:
                raise ChartNotRenderedError(say("{} {}, which has it, is suspended, and Flux has fetched nothing from it", kind, name))
        if body is None:
            raise ChartNotRenderedError(say("{} {}, which has it, is in no file here", kind, name))
        return body

    def _config_map(self, namespace: str, name: str) -> Mapping[str, Any] | None:
        body = self._bodies.get(("", "ConfigMap", namespace, name))
        return None if body is None else mapping(dict(body), "data")


def _kinds(which: ObjectId, body: Mapping[str, Any]) -> Iterator[str]:
    version = text(dict(body), "apiVersion")
    yield from (version, f"{version}/{which[1]}")
    if which[1] == "CustomResourceDefinition":
        group, kind = text(dict(body), "spec", "group"), text(dict(body), "spec", "names", "kind")
        for each in items(mapping(dict(body), "spec"), "versions"):
            yield from (f"{group}/{text(each, 'name')}", f"{group}/{text(each, 'name')}/{kind}")


def release_target(item: AppliedObject) -> tuple[str, str, str]:
    """Where Helm stores the release, its namespace and its name: if one of them changes, helm-controller reinstalls it."""
    spec, (_, _, namespace, name) = mapping(dict(item.body), "spec"), item.which
    return text(spec, "storageNamespace") or namespace, text(spec, "targetNamespace") or namespace, _shortened_name(spec, name)


def generation_of(item: AppliedObject) -> str:
    """Of a HelmRelease with `spec.chart`: what changes with the generation of its HelmChart, where that matters."""
    spec = mapping(dict(item.body), "spec")
    return _generation(spec, mapping(spec, "chart", "spec"))


def _stays_as_it_was(source: Mapping[str, Any]) -> bool:
    """Whether it is suspended. Of a HelmRepository of OCI, Flux itself reads nothing but its spec."""
    is_read = text(dict(source), "kind") == "HelmRepository" and text(dict(source), "spec", "url").startswith("oci://")
    return mapping(dict(source), "spec").get("suspend") is True and not is_read


def _generation(spec: Mapping[str, Any], chart: Mapping[str, Any]) -> str:
    """What changes with the generation of the HelmChart that Flux makes, or that is named."""
    if not texts(dict(chart), "valuesFiles") or text(dict(chart), "sourceRef", "kind") in _PULLED:
        return ""
    return json.dumps({"interval": text(dict(spec), "interval"), **chart}, sort_keys=True, default=str)


def _release_name(spec: Mapping[str, Any], name: str) -> str:
    """One that Kubernetes allows."""
    return _named(_shortened_name(spec, name))


def _shortened_name(spec: Mapping[str, Any], name: str) -> str:
    """As helm-controller names it (https://fluxcd.io/flux/components/helm/helmreleases/#release-name)."""
    target = text(dict(spec), "targetNamespace")
    found = text(dict(spec), "releaseName") or (f"{target}-{name}" if target else name)
    if len(found) > _LONGEST_NAME:
        found = f"{found[:_KEPT_OF_A_NAME]}-{hashlib.sha256(found.encode()).hexdigest()[:12]}"
    return found


def _named(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ChartNotRenderedError(say("{} is a name that Kubernetes does not allow", name))
    return name
