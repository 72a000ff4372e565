"""What a source says about where it lies and what of it is fetched."""

import re
from collections.abc import Iterator

from flux.finding import Finding
from flux.object_reference import ObjectReference
from flux.objects import HELM_CHART_LAYER
from flux.rules.plan import Plan
from flux.rules.reading import is_harmless, mapping, shown, text

_SCP_LIKE = re.compile(r"^(?P<user>[\w.-]+)@(?P<host>[\w.-]+):(?P<path>(?!//)[^\s:@]+)$")
_SSH_WITH_COLON = re.compile(r"^ssh://(?P<authority>(?:[\w.-]+@)?[\w.-]+):(?P<path>(?!\d+(?:/|$))[^\s:@]+)$")
_OCI_TAG = re.compile(r"^(?P<url>oci://.+/[^/:@]+)(?::(?P<tag>[\w][\w.-]*)|@(?P<digest>sha256:[0-9a-f]+))$")
_WHAT_TO_CHECK_OUT = ("branch", "tag", "semver", "name", "commit")


def git_repository_says_what_to_check_out(plan: Plan) -> Iterator[Finding]:
    """A GitRepository gives a branch, tag, semver range, ref name or commit.

    Without one, source-controller checks out `master` (fluxcd/pkg git.DefaultBranch), whatever the repository's own default is.
    """
    for item in plan.of_kind("GitRepository"):
        reference = mapping(item.spec, "ref")
        if item.spec and not any(reference.get(key) for key in _WHAT_TO_CHECK_OUT):
            yield item.wrong(
                ("spec", "ref"),
                "no branch, tag or commit is given; Flux would check out branch master, whatever the repository's default is; "
                "write ref: {branch: main}",
            )


def git_url_is_a_url(plan: Plan) -> Iterator[Finding]:
    """The address of a Git repository is a URL, not `git@host:path`.

    Git itself takes the short form of scp, Flux does not (source-controller: "GitRepository" docs, "URL"); the same colon inside
    an ssh:// URL would be read as a port.
    """
    for item in plan.of_kind("GitRepository"):
        url = text(item.spec, "url") or ""
        if match := _SCP_LIKE.match(url):
            yield item.wrong(
                ("spec", "url"),
                f"{shown(url)} is an address as scp writes it; Flux takes only URLs, and the API server would refuse the GitRepository; "
                + _write(f"{match['user']}@{match['host']}", match["path"]),
            )
        elif match := _SSH_WITH_COLON.match(url):
            yield item.wrong(
                ("spec", "url"),
                f"{shown(url)} has a colon after the host, as scp writes it; in a URL a port follows there, so Flux could not read it; "
                + _write(match["authority"], match["path"]),
            )


def url_holds_no_password(plan: Plan) -> Iterator[Finding]:
    """The URL of a source holds no password.

    It would stand in plain text in the object, in the preview and in the state. A Secret named in `secretRef` is what Flux has for it.
    """
    for item in plan.of_kind("GitRepository", "HelmRepository", "OCIRepository"):
        authority = (text(item.spec, "url") or "").partition("://")[2].split("/", 1)[0]
        user = authority.rpartition("@")[0]
        if ":" in user or not is_harmless(user):
            yield item.wrong(
                ("spec", "url"),
                f"the URL holds a password; everyone who may read the {item.identity.kind}, the preview or the state would see it; "
                "take it out of the URL, and name a Secret that holds it in secretRef",
            )


def helm_repository_type_fits_its_url(plan: Plan) -> Iterator[Finding]:
    """A HelmRepository has `type: oci` exactly when its URL begins with oci://.

    An index is fetched over HTTP and charts of type oci from a registry; source-controller refuses the other one's URL.
    """
    for item in plan.of_kind("HelmRepository"):
        url, kind = text(item.spec, "url") or "", text(item.spec, "type") or "default"
        if url.startswith("oci://") and kind != "oci":
            yield item.wrong(
                ("spec", "type"),
                "the URL begins with oci://, but the type is default; Flux would look for a chart index and never find one; "
                "write type: oci, or better make it an OCIRepository",
            )
        elif kind == "oci" and url.startswith(("http://", "https://")):
            yield item.wrong(
                ("spec", "type"),
                "the type is oci, but the URL does not begin with oci://; no chart could be fetched; remove type: oci, "
                "or write the registry's oci:// URL",
            )


def oci_url_holds_no_tag(plan: Plan) -> Iterator[Finding]:
    """The URL of an OCIRepository names the artifact alone; tag and digest stand in `ref`.

    source-controller refuses the URL otherwise ("URL must not contain a tag").
    """
    for item in plan.of_kind("OCIRepository"):
        url = text(item.spec, "url") or ""
        if match := _OCI_TAG.match(url):
            key = "tag" if match["tag"] else "digest"
            reference = f'ref: {{{key}: "{match[key]}"}}' if is_harmless(match[key]) or key == "digest" else f"it in ref.{key}"
            yield item.wrong(
                ("spec", "url"),
                f"the URL ends in a {key}, which belongs into ref; Flux would refuse to fetch; remove it and write {reference}",
            )


def chart_has_a_version(plan: Plan) -> Iterator[Finding]:
    """An OCIRepository with a Helm chart says which version.

    Without `ref`, Flux fetches the tag `latest` (OCIRepository docs, "Reference"); `helm push` tags a chart with its version alone.
    """
    for item in plan.of_kind("OCIRepository"):
        is_chart = mapping(item.spec, "layerSelector").get("mediaType") == HELM_CHART_LAYER["mediaType"]
        reference = mapping(item.spec, "ref")
        if is_chart and not any(reference.get(key) for key in ("tag", "semver", "digest")):
            yield item.wrong(
                ("spec", "ref"),
                "no version of the chart is given; Flux would fetch the tag latest, which helm push never makes; "
                'write ref: {tag: "<version>"}, or ref: {semver: "<range>"}',
            )


def chart_layer_is_selected(plan: Plan) -> Iterator[Finding]:
    """An OCIRepository that a HelmRelease installs selects and copies the layer with the chart.

    Without `layerSelector` Flux unpacks the first layer, which for a chart with provenance is not the chart
    (https://github.com/fluxcd/flux2/issues/5788), and drops files by its own ignore rules.
    """
    for release in plan.of_kind("HelmRelease"):
        reference = mapping(release.spec, "chartRef")
        namespace = text(reference, "namespace") or release.identity.namespace
        name = text(reference, "name") or ""
        source = plan.find(ObjectReference("OCIRepository", namespace, name)) if reference.get("kind") == "OCIRepository" else None
        if source is None:
            continue
        selector = mapping(source.spec, "layerSelector")
        if any(selector.get(key) != value for key, value in HELM_CHART_LAYER.items()):
            yield source.wrong(
                ("spec", "layerSelector"),
                f"{release.identity} installs this as a chart, but the chart's layer is not selected; Flux would unpack the first layer, "
                "which need not be the chart; "
                f"write layerSelector: {{mediaType: {HELM_CHART_LAYER['mediaType']}, operation: {HELM_CHART_LAYER['operation']}}}",
            )


def _write(authority: str, path: str) -> str:
    url = f"ssh://{authority}/{path.lstrip('/')}"
    return f"write {url}" if is_harmless(url) else "write ssh://<user>@<host>/<path>"


RULES = (
    git_repository_says_what_to_check_out,
    git_url_is_a_url,
    url_holds_no_password,
    helm_repository_type_fits_its_url,
    oci_url_holds_no_tag,
    chart_has_a_version,
    chart_layer_is_selected,
)
