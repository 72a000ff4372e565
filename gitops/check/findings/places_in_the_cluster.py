"""Where objects go: namespaces that nothing creates, objects without one, and kinds that are not there yet."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from flux.listing import more
from flux.message import Message
from flux.object_reference import FLUX_NAMESPACE
from gitops.check import requirements
from gitops.check.file_finding import FileFinding, warning
from gitops.check.findings.installed_charts import InstalledCharts
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.known_variables import named
from gitops.check.follow.kustomize_build import Build
from gitops.check.follow.synced import Synced, World
from gitops.check.repository.documents import mapping, text
from gitops.check.repository.sops_file import CIPHER

_ALWAYS_THERE = frozenset({"default", "kube-system", "kube-public", "kube-node-lease", FLUX_NAMESPACE})
_OF_OPENSHIFT = "openshift-"
"""How the namespaces of OpenShift itself begin."""
_BROUGHT_BY: Mapping[str, frozenset[str]] = {
    "cert-manager": frozenset({"cert-manager.io", "acme.cert-manager.io"}),
    "external-secrets": frozenset({"external-secrets.io", "generators.external-secrets.io"}),
    "kube-prometheus-stack": frozenset({"monitoring.coreos.com"}),
    "prometheus-operator-crds": frozenset({"monitoring.coreos.com"}),
    "traefik": frozenset({"traefik.io"}),
    "metallb": frozenset({"metallb.io"}),
    "cloudnative-pg": frozenset({"postgresql.cnpg.io"}),
    "rook-ceph": frozenset({"ceph.rook.io"}),
    "longhorn": frozenset({"longhorn.io"}),
    "keda": frozenset({"keda.sh"}),
    "kyverno": frozenset({"kyverno.io"}),
    "sealed-secrets": frozenset({"bitnami.com"}),
    "volsync": frozenset({"volsync.backube"}),
    "trust-manager": frozenset({"trust.cert-manager.io"}),
    "argo-cd": frozenset({"argoproj.io"}),
    "external-dns": frozenset({"externaldns.k8s.io"}),
    "flagger": frozenset({"flagger.app"}),
    "gateway-helm": frozenset({"gateway.envoyproxy.io", "gateway.networking.k8s.io"}),
    "grafana-operator": frozenset({"grafana.integreatly.org"}),
    "velero": frozenset({"velero.io"}),
    "victoria-metrics-k8s-stack": frozenset({"operator.victoriametrics.com"}),
    "victoria-metrics-operator": frozenset({"operator.victoriametrics.com"}),
}
"""Charts whose own documentation says that they bring the kinds of these API groups."""


def place_findings(world: World, charts: InstalledCharts) -> Iterator[FileFinding]:
    """What the API server would refuse because of where it is, or because of when."""
    here = [(synced, list(_named(world, synced, result))) for synced, result in world.built if not synced.is_for_another_cluster]
    if not world.not_built:
        yield from _in_a_missing_namespace(world, here)
    yield from _of_a_kind_that_comes_later(charts, world, here)


_Objects = list[tuple[Synced, list[BuiltObject]]]


def _named(world: World, synced: Synced, result: Build) -> Iterator[BuiltObject]:
    known = world.variables_of(synced)
    yield from (named(item, known) for item in result.objects if not item.name.startswith(CIPHER))


def _in_a_missing_namespace(world: World, here: _Objects) -> Iterator[FileFinding]:
    there = set(_ALWAYS_THERE)
    for _, objects in here:
        for item in objects:
            if item.kind == "Namespace" and not item.group:
                there.update((item.name, item.namespace))  # kustomize gives it the name of the namespace that a `namespace` sets
            elif item.kind == "HelmRelease" and mapping(item.body, "spec", "install").get("createNamespace") is True:
                there.add(text(item.body, "spec", "targetNamespace") or item.namespace)
                there.add(text(item.body, "spec", "storageNamespace"))
    missing: dict[str, list[tuple[Synced, BuiltObject]]] = {}
    for synced, objects in here:
        for item in objects:
            is_given = item.namespace in there or item.namespace.startswith(_OF_OPENSHIFT)
            if item.namespace and not is_given and "${" not in item.namespace:
                missing.setdefault(item.namespace, []).append((synced, item))
    for namespace, items in missing.items():
        synced, item = min(items, key=lambda each: (*each[0].place, each[1].file, each[1].line))
        others = f" (and {more(len(items) - 1, 'object')})" if len(items) > 1 else ""
        told = Message(
            f"{item} is in the namespace {namespace}, which nothing creates{others}",
            f"If it does not exist, the API server refuses the object, and with it all of {synced}.",
            "Add the Namespace, or correct the name.",
        )
        yield warning(requirements.NAMESPACE_FROM_NOWHERE, *world.tree_of(synced).origin(item.file), told, item.line, item.reference)


def _of_a_kind_that_comes_later(charts: InstalledCharts, world: World, here: _Objects) -> Iterator[FileFinding]:
    defined = {text(item.body, "spec", "group") for _, objects in here for item in objects if item.kind == "CustomResourceDefinition"}
    brought = [_brought_by_charts(objects, charts) for _, objects in here]
    elsewhere = Counter(group for groups in brought for group in groups)
    for (synced, objects), later in zip(here, brought, strict=True):
        waiting: dict[str, list[BuiltObject]] = {}
        for item in objects:
            if item.group in later and item.group not in defined and elsewhere[item.group] == 1:
                waiting.setdefault(str(later[item.group]), []).append(item)
        for release, items in waiting.items():
            item = min(items, key=lambda each: (each.file, each.line))
            others = f" (and {more(len(items) - 1, 'object')})" if len(items) > 1 else ""
            told = Message(
                f"{item} is of a kind that {release} brings, in the same {synced}{others}",
                "On an empty cluster, the kind does not exist yet: nothing would be applied, not even the chart.",
                "Move it to a separate path, with a Kustomization that names this one in dependsOn.",
            )
            yield warning(requirements.KIND_COMES_LATER, *world.tree_of(synced).origin(item.file), told, item.line, item.reference)


def _brought_by_charts(objects: Sequence[BuiltObject], charts: InstalledCharts) -> dict[str, BuiltObject]:
    """The API groups whose kinds charts among `objects` bring → the HelmRelease."""
    releases = [(item, charts.chart(item.body, item.namespace)[0]) for item in objects if item.kind == "HelmRelease"]
    return {group: item for item, chart in releases for group in _BROUGHT_BY.get(chart, ())}
