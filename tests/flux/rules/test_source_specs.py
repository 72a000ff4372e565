"""Where a source lies, and what of it is fetched."""

import pytest

from tests.flux.rules.plans import an, git, ks, oci, release, said


def test_a_git_repository_that_names_a_branch_is_fine() -> None:
    assert said(git()) == []


@pytest.mark.parametrize("reference", [None, {}, {"branch": ""}, {"branch": None}], ids=str)
def test_without_a_ref_flux_would_check_out_master(reference: object) -> None:
    assert said(git(ref=reference)) == [
        "GitRepository/flux-system/homelab spec.ref: names no branch, tag or commit. Flux would check out branch master, whatever "
        "the repository's default is. Write ref: {branch: main}."
    ]


@pytest.mark.parametrize("key", ["branch", "tag", "semver", "name", "commit"])
def test_every_way_to_name_a_revision_will_do(key: str) -> None:
    value = {"semver": ">=1.0.0", "name": "refs/heads/main"}.get(key, "0" * 40)

    assert said(git(ref={key: value})) == []


def test_the_object_may_be_called_otherwise_than_its_repository() -> None:
    assert said(git("argo-workflows", url="https://git.test/org/argo.git"), git("plain", url="https://git.test/org/no-suffix")) == []


def test_a_helm_repository_of_an_oci_url_is_of_type_oci() -> None:
    assert said(an("HelmRepository", "a", url="oci://r.test/charts", type="oci"), an("HelmRepository", "b", url="https://c.test")) == []
    assert said(an("HelmRepository", "a", url="oci://r.test/charts")) == [
        "HelmRepository/flux-system/a spec.type: is default, but the URL begins with oci://. Flux would look for a chart index and "
        "never find one. Write type: oci, or better, use an OCIRepository."
    ]


def test_a_helm_repository_of_type_oci_has_an_oci_url() -> None:
    assert said(an("HelmRepository", "a", url="https://charts.test", type="oci")) == [
        "HelmRepository/flux-system/a spec.type: is oci, but the URL does not begin with oci://. Flux could not fetch the chart. Remove "
        "type: oci, or write the registry's oci:// URL."
    ]


def test_a_tag_or_digest_in_an_oci_url_belongs_into_ref() -> None:
    assert said(oci(url="oci://r.test:5000/charts/tiny")) == []
    assert said(oci(url="oci://r.test:5000/charts/tiny:0.1.0")) == [
        "OCIRepository/flux-system/tiny spec.url: ends in a tag, which belongs in ref. Flux would refuse to fetch. Remove it, and "
        'write ref: {tag: "0.1.0"}.'
    ]
    digest = "sha256:" + "a1" * 32
    assert said(oci(url=f"oci://r.test/tiny@{digest}")) == [
        "OCIRepository/flux-system/tiny spec.url: ends in a digest, which belongs in ref. Flux would refuse to fetch. Remove it, "
        f'and write ref: {{digest: "{digest}"}}.'
    ]
    assert said(oci(url="oci://r.test/charts/tiny:0.1.0", ref={})) == said(oci(url="oci://r.test/charts/tiny:0.1.0"))
    assert said(an("HelmRepository", "charts", url="oci://r.test/charts:1", type="oci")) == [
        "HelmRepository/flux-system/charts spec.url: ends in a tag, to which Flux would append the chart. Flux would find no chart. Remove "
        "it, and write the version in the HelmRelease."
    ]


def test_a_chart_without_a_version_would_be_fetched_as_latest() -> None:
    assert said(oci(ref={"semver": ">=0.1.0"}), oci("other", ref={"digest": "sha256:" + "0f" * 32})) == []
    assert said(oci(ref=None)) == [
        "OCIRepository/flux-system/tiny spec.ref: names no version of the chart. Flux would fetch the tag latest, which `helm "
        'push` never makes. Write ref: {tag: "<version>"}, or ref: {semver: "<range>"}.'
    ]


def test_an_artifact_that_is_no_chart_may_be_the_latest() -> None:
    assert said(oci(ref=None, layerSelector=None)) == []


def test_an_installed_chart_has_its_layer_copied() -> None:
    reference = {"kind": "OCIRepository", "name": "tiny"}
    assert said(oci(), release(chartRef=reference)) == []
    assert said(oci(layerSelector=None), release(chartRef=reference)) == [
        "OCIRepository/flux-system/tiny spec.layerSelector: does not select the layer of the chart, which "
        "HelmRelease/flux-system/web installs. Flux would unpack the first layer, which may not be the chart. Write "
        "layerSelector: {mediaType: application/vnd.cncf.helm.chart.content.v1.tar+gzip, operation: copy}."
    ]


def test_the_chart_of_a_release_may_lie_in_another_namespace() -> None:
    elsewhere = {**oci(layerSelector=None), "metadata": {"name": "tiny", "namespace": "team"}}
    assert len(said(elsewhere, release(chartRef={"kind": "OCIRepository", "name": "tiny", "namespace": "team"}))) == 1
    assert said(elsewhere, oci(), release(chartRef={"kind": "OCIRepository", "name": "tiny"})) == []


def test_a_helm_chart_of_the_same_name_is_another_object() -> None:
    chart = an("HelmChart", "tiny", interval="1h", chart="web", sourceRef={"kind": "GitRepository", "name": "homelab"})
    assert said(git(), chart, oci(layerSelector=None), release(chartRef={"kind": "HelmChart", "name": "tiny"})) == []


def test_a_manifest_artifact_needs_no_layer() -> None:
    assert said(oci(layerSelector=None), ks(sourceRef={"kind": "OCIRepository", "name": "tiny"})) == []


def helm_release(chart: str, source: str = "charts") -> dict[str, object]:
    """A HelmRelease of a chart from a HelmRepository."""
    return release(chart={"spec": {"chart": chart, "version": "1.x", "sourceRef": {"kind": "HelmRepository", "name": source}}})


def test_flux_appends_the_chart_to_the_url_of_an_oci_repository() -> None:
    twice = an("HelmRepository", "charts", url="oci://r.test/org/charts/web", type="oci")
    by_owner = an("HelmRepository", "charts", url="oci://r.test/web", type="oci")
    by_project = an("HelmRepository", "charts", url="oci://r.test/web-run/web", type="oci")
    index = an("HelmRepository", "charts", url="https://charts.test/org/web")
    directories = ("charts", "helm-charts", "bitnamicharts", "library")

    for directory in directories:
        (told,) = said(an("HelmRepository", "charts", url=f"oci://r.test/{directory}/web", type="oci"), helm_release("web"))
        assert f"Write oci://r.test/{directory}, or" in told
    assert said(twice, helm_release("web")) == [
        "HelmRepository/flux-system/charts spec.url: names the chart, which HelmRelease/flux-system/web names again. Flux appends the "
        "chart to the URL: it would look for …/web/web. Write oci://r.test/org/charts, or use an OCIRepository with this URL, and "
        "chartRef in the HelmRelease."
    ]
    assert said(twice, helm_release("other")) == said(by_owner, helm_release("web")) == said(by_project, helm_release("web")) == []
    assert said(index, helm_release("web")) == []


def test_a_kustomization_does_not_apply_a_chart() -> None:
    manifests = an("OCIRepository", "fleet", url="oci://r.test/fleet", ref={"tag": "latest"})
    chart = oci("fleet")
    applied = ks(sourceRef={"kind": "OCIRepository", "name": "fleet"})

    assert said(manifests, applied) == []
    assert said(chart, applied) == [
        "Kustomization/flux-system/apps spec.sourceRef: names OCIRepository/flux-system/fleet, which selects the layer of a Helm chart. An "
        "artifact with manifests has no such layer: Flux would fail to fetch it. Move fleet from `helm` to `oci` in the catalog, or remove "
        "its layerSelector."
    ]
