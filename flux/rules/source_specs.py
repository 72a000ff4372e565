"""What Flux fetches of a source, and how."""

import re
from collections.abc import Iterator
from dataclasses import replace

from flux.any_shape import is_harmless, mapping, text
from flux.bodies import HELM_CHART_LAYER
from flux.finding import GIT, STACK_AND_GIT, Finding
from flux.listing import more
from flux.object_reference import ObjectReference
from flux.rules.plan import Plan, PlannedObject
from flux.rules.rule import rule

_OCI_TAG = re.compile(r"^(?P<url>oci://.+/[^/:@]+)(?::(?P<tag>[\w][\w.-]*)|@(?P<digest>sha256:[0-9a-f]+))$")
_DIRECTORY_OF_CHARTS = re.compile(r"^oci://.+/([\w.-]*charts?|[\w-]*helm[\w-]*|library)/[^/]+$")
_WHAT_TO_CHECK_OUT = ("branch", "tag", "semver", "name", "commit")


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def git_repository_says_what_to_check_out(plan: Plan) -> Iterator[Finding]:
    """A GitRepository gives a branch, tag, semver range, ref name or commit.

    Without one, source-controller checks out `master` (fluxcd/pkg git.DefaultBranch), whatever the repository's own default is.
    """
    for item in plan.of_kind("GitRepository"):
        reference = mapping(item.spec, "ref")
        if item.spec and not any(reference.get(key) for key in _WHAT_TO_CHECK_OUT):
            yield item.wrong(
                ("spec", "ref"),
                "names no branch, tag or commit",
                "Flux would check out branch master, whatever the repository's default is.",
                "Write ref: {branch: main}.",
            )


@rule(looks_at=STACK_AND_GIT)
def helm_repository_type_fits_its_url(plan: Plan) -> Iterator[Finding]:
    """A HelmRepository has `type: oci` exactly when its URL begins with oci://.

    Flux fetches an index over HTTP, and charts of type oci from a registry; source-controller refuses a URL of the other form.
    """
    for item in plan.of_kind("HelmRepository"):
        url, kind = text(item.spec, "url") or "", text(item.spec, "type") or "default"
        if url.startswith("oci://") and kind != "oci":
            yield item.wrong(
                ("spec", "type"),
                "is default, but the URL begins with oci://",
                "Flux would look for a chart index and never find one.",
                "Write type: oci, or better, use an OCIRepository.",
            )
        elif kind == "oci" and url.startswith(("http://", "https://")):
            yield item.wrong(
                ("spec", "type"),
                "is oci, but the URL does not begin with oci://",
                "Flux could not fetch the chart.",
                "Remove type: oci, or write the registry's oci:// URL.",
            )


@rule(looks_at=STACK_AND_GIT)
def index_has_no_proxy_of_its_own(plan: Plan) -> Iterator[Finding]:
    """A HelmRepository names no proxy: unlike GitRepositories, OCIRepositories and Buckets, it has no `proxySecretRef`.

    source-controller fetches an index through the proxy of its own environment.
    """
    for item in plan.of_kind("HelmRepository"):
        if item.spec.get("proxySecretRef") is not None:
            yield item.wrong(
                ("spec", "proxySecretRef"),
                "is not a field here: a HelmRepository has no proxy of its own",
                "The API server would refuse it.",
                "Write gitops:flux.proxy, which is for all controllers, or use an OCIRepository.",
            )


@rule(looks_at=STACK_AND_GIT)
def oci_url_holds_no_tag(plan: Plan) -> Iterator[Finding]:
    """The oci:// URL of an OCIRepository names only the artifact, and that of a HelmRepository only the directory of the charts.

    `ref` has the tag or digest; source-controller refuses a URL with one ("URL must not contain a tag"). To the URL of a HelmRepository it
    appends the chart, whose version is in the HelmRelease.
    """
    for item in plan.of_kind("OCIRepository", "HelmRepository"):
        url = text(item.spec, "url") or ""
        if item.kind == "HelmRepository" and (match := _OCI_TAG.match(url)):
            yield item.wrong(
                ("spec", "url"),
                f"ends in a {'tag' if match['tag'] else 'digest'}, to which Flux would append the chart",
                "Flux would find no chart.",
                "Remove it, and write the version in the HelmRelease.",
            )
            continue
        if match := _OCI_TAG.match(url):
            key = "tag" if match["tag"] else "digest"
            reference = f'ref: {{{key}: "{match[key]}"}}' if is_harmless(match[key]) or key == "digest" else f"it in ref.{key}"
            yield item.wrong(
                ("spec", "url"),
                f"ends in a {key}, which belongs in ref",
                "Flux would refuse to fetch.",
                f"Remove it, and write {reference}.",
            )


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def chart_has_a_version(plan: Plan) -> Iterator[Finding]:
    """An OCIRepository with a Helm chart says which version.

    Without `ref`, Flux fetches the tag `latest` (OCIRepository docs, "Reference"); `helm push` tags a chart only with its version.
    """
    for item in plan.of_kind("OCIRepository"):
        is_chart = mapping(item.spec, "layerSelector").get("mediaType") == HELM_CHART_LAYER["mediaType"]
        reference = mapping(item.spec, "ref")
        is_in_url = _OCI_TAG.match(text(item.spec, "url") or "")
        if is_chart and not is_in_url and not any(reference.get(key) for key in ("tag", "semver", "digest")):
            yield item.wrong(
                ("spec", "ref"),
                "names no version of the chart",
                "Flux would fetch the tag latest, which `helm push` never makes.",
                'Write ref: {tag: "<version>"}, or ref: {semver: "<range>"}.',
            )


@rule(looks_at=STACK_AND_GIT, warns=GIT)
def chart_layer_is_selected(plan: Plan) -> Iterator[Finding]:
    """An OCIRepository that a HelmRelease installs selects and copies the layer with the chart.

    Without `layerSelector`, Flux unpacks the first layer, which for a chart with provenance is not the chart
    (https://github.com/fluxcd/flux2/issues/5788), and drops files by its own ignore rules.
    """
    installing: dict[ObjectReference, list[PlannedObject]] = {}
    for release in plan.of_kind("HelmRelease"):
        reference = mapping(release.spec, "chartRef")
        namespace = text(reference, "namespace") or release.namespace
        name = text(reference, "name") or ""
        if reference.get("kind") == "OCIRepository":
            installing.setdefault(ObjectReference("OCIRepository", namespace, name), []).append(release)
    for named, releases in installing.items():
        source = plan.find(named)
        if source is None:
            continue
        selector = mapping(source.spec, "layerSelector")
        others = f" and {more(len(releases) - 1, 'HelmRelease')}" if len(releases) > 1 else ""
        if any(selector.get(key) != value for key, value in HELM_CHART_LAYER.items()):
            finding = source.wrong(
                ("spec", "layerSelector"),
                f"does not select the layer of the chart, which {releases[0]}{others} {'install' if others else 'installs'}",
                "Flux would unpack the first layer, which may not be the chart.",
                f"Write layerSelector: {{mediaType: {HELM_CHART_LAYER['mediaType']}, operation: {HELM_CHART_LAYER['operation']}}}.",
            )
            yield replace(finding, because_of=frozenset(release.reference for release in releases))


@rule(looks_at=STACK_AND_GIT)
def chart_is_not_named_twice(plan: Plan) -> Iterator[Finding]:
    """The oci:// URL of a HelmRepository does not end in the name of the chart that a HelmRelease or HelmChart takes from it.

    Flux appends the chart's name to the URL (https://github.com/fluxcd/flux2/issues/3438), and would look for `…/x/x`. There are charts
    of that form, `public.ecr.aws/karpenter/karpenter` and `ghcr.io/kro-run/kro/kro`, so only a URL with a directory of charts is judged,
    such as `oci://ghcr.io/org/charts/x` or `oci://registry.test/library/x`.
    """
    for item in plan.of_kind("HelmRelease", "HelmChart"):
        path = ("chart", "spec") if item.kind == "HelmRelease" else ()
        reference = mapping(item.spec, *path, "sourceRef")
        namespace = text(reference, "namespace") or item.namespace
        source = plan.find(ObjectReference("HelmRepository", namespace, text(reference, "name") or ""))
        chart = text(item.spec, *path, "chart")
        if reference.get("kind") != "HelmRepository" or source is None or chart is None:
            continue
        url = (text(source.spec, "url") or "").rstrip("/")
        if _DIRECTORY_OF_CHARTS.match(url) and url.endswith(f"/{chart}"):
            shorter = url.removesuffix(f"/{chart}")
            instead = f"Write {shorter}" if is_harmless(shorter) else f"Remove /{chart} from the URL"
            finding = source.wrong(
                ("spec", "url"),
                f"names the chart, which {item} names again",
                f"Flux appends the chart to the URL: it would look for …/{chart}/{chart}.",
                f"{instead}, or use an OCIRepository with this URL, and chartRef in the HelmRelease.",
            )
            yield replace(finding, because_of=frozenset({item.reference}))


@rule(looks_at=STACK_AND_GIT)
def applied_artifact_is_not_a_chart(plan: Plan) -> Iterator[Finding]:
    """The OCIRepository of a Kustomization does not select the layer of a Helm chart.

    Under `helm`, the program selects that layer. An artifact with manifests, as `flux push artifact` makes it, has none, and
    source-controller fails ("failed to find layer with media type").
    """
    for item in plan.of_kind("Kustomization"):
        reference = mapping(item.spec, "sourceRef")
        namespace, name = text(reference, "namespace") or item.namespace, text(reference, "name") or ""
        source = plan.find(ObjectReference("OCIRepository", namespace, name)) if reference.get("kind") == "OCIRepository" else None
        if source is not None and mapping(source.spec, "layerSelector").get("mediaType") == HELM_CHART_LAYER["mediaType"]:
            yield item.wrong(
                ("spec", "sourceRef"),
                f"names {source}, which selects the layer of a Helm chart",
                "An artifact with manifests has no such layer: Flux would fail to fetch it.",
                f"Move {name} from `helm` to `oci` in the catalog, or remove its layerSelector.",
            )
