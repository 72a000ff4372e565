"""References from one Flux object to another."""

from typing import Any

import pytest

from flux import close_names
from flux.object_reference import ObjectReference
from flux.rules.references import TAKEN_AS_SOURCE
from tests.flux.rules.plans import LOCKDOWN, Body, an, found, git, ks, oci, release, said
from tests.manifests import distribution


def chart(name: str, kind: str = "HelmRepository", **more: str) -> dict[str, Any]:
    return {"spec": {"chart": "web", "sourceRef": {"kind": kind, "name": name, **more}}}


CHARTS = an("HelmRepository", "charts", url="https://charts.test")
SLACK = an("Provider", "slack", type="slack")
EVERYTHING = [
    git(secretRef={"name": "brought-by-hand"}),
    oci(),
    CHARTS,
    SLACK,
    ks(),
    release(chart=chart("charts")),
    release("by-reference", chartRef={"kind": "OCIRepository", "name": "tiny"}),
    an("HelmChart", "pulled", chart="web", interval="1h", sourceRef={"kind": "HelmRepository", "name": "charts"}),
    release("of-a-chart", chartRef={"kind": "HelmChart", "name": "pulled"}),
    git("including", include=[{"repository": {"name": "homelab"}}]),
    an("ImageRepository", "web", image="r.test/web", interval="1h"),
    an("ImagePolicy", "web", imageRepositoryRef={"name": "web"}, policy={"alphabetical": {}}),
    an("ImageUpdateAutomation", "all", interval="1h", sourceRef={"kind": "GitRepository", "name": "homelab"}, git={"commit": {}}),
    an("Alert", "all", providerRef={"name": "slack"}, eventSources=[{"kind": "Kustomization", "name": "brought-by-git"}]),
    an("Receiver", "push", type="github", secretRef={"name": "t"}, resources=[{"kind": "GitRepository", "name": "brought-by-git"}]),
    an("ArtifactGenerator", "split", sources=[{"alias": "h", "kind": "GitRepository", "name": "homelab"}]),
]


def test_what_the_stack_could_have_is_told_with_what_adds_it() -> None:
    left_out = {
        ObjectReference("GitRepository", "flux-system", "shared"): "It is in group code: add code to gitops:use.",
        ObjectReference("Kustomization", "flux-system", "first"): "It is in group ml: add ml to gitops:use.",
    }
    assert said(git(), ks("x", source="shared", dependsOn=[{"name": "first"}]), left_out=left_out) == [
        'Kustomization/flux-system/x spec.sourceRef: names GitRepository "shared", which is not in this stack. Flux would have nothing '
        "to apply. It is in group code: add code to gitops:use.",
        'Kustomization/flux-system/x spec.dependsOn[0]: names Kustomization "first", which is not in this stack. Flux would wait for it '
        "forever. It is in group ml: add ml to gitops:use.",
    ]


def test_references_within_the_stack_are_fine_even_under_lockdown() -> None:
    assert said(*EVERYTHING, flags=LOCKDOWN) == []


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        (
            ks("x", source="homelap"),
            'Kustomization/flux-system/x spec.sourceRef: names GitRepository "homelap", which is not in this stack. Flux would '
            "have nothing to apply. Write homelab, or add the GitRepository.",
        ),
        (
            release("x", chart=chart("chart")),
            'HelmRelease/flux-system/x spec.chart.spec.sourceRef: names HelmRepository "chart", which is not in this stack. The '
            "HelmRelease would never become ready. Write charts, or add the HelmRepository.",
        ),
        (
            release("x", chart=chart("tiny")),
            'HelmRelease/flux-system/x spec.chart.spec.sourceRef: names HelmRepository "tiny", which is not in this stack. The '
            'HelmRelease would never become ready. Write chartRef instead of chart: "tiny" is an OCIRepository.',
        ),
        (
            release("x", chartRef={"kind": "OCIRepository", "name": "tyni"}),
            'HelmRelease/flux-system/x spec.chartRef: names OCIRepository "tyni", which is not in this stack. The HelmRelease '
            "would never become ready. Write tiny, or add the OCIRepository.",
        ),
        (
            git("x", include=[{"repository": {"name": "homelab"}}, {"repository": {"name": "shared"}}]),
            'GitRepository/flux-system/x spec.include[1].repository: names GitRepository "shared", which is not in this stack. The '
            "GitRepository would never become ready. Write homelab or including, or add the GitRepository.",
        ),
        (
            an("Alert", "x", providerRef={"name": "discord"}, eventSources=[]),
            'Alert/flux-system/x spec.providerRef: names Provider "discord", which is not in this stack. The Alert would send '
            "nothing. Write slack, or add the Provider.",
        ),
        (
            an("ImagePolicy", "x", imageRepositoryRef={"name": "wep"}, policy={"alphabetical": {}}),
            'ImagePolicy/flux-system/x spec.imageRepositoryRef: names ImageRepository "wep", which is not in this stack. The '
            "ImagePolicy would never become ready. Write web, or add the ImageRepository.",
        ),
        (
            an("ArtifactGenerator", "x", sources=[{"alias": "h", "kind": "Bucket", "name": "none"}]),
            'ArtifactGenerator/flux-system/x spec.sources[0]: names Bucket "none", which is not in this stack. The '
            "ArtifactGenerator would never become ready. Add the Bucket.",
        ),
        (
            ks("x", namespace="team"),
            'Kustomization/team/x spec.sourceRef: names GitRepository "homelab", which is not in this stack. Flux would have '
            "nothing to apply. Add namespace: flux-system.",
        ),
    ],
    ids=lambda value: value.split(" ")[0] if isinstance(value, str) else "",
)
def test_a_reference_to_nothing_names_what_is_there(body: Body, sentence: str) -> None:
    assert said(*EVERYTHING, body) == [sentence]


@pytest.mark.parametrize(
    ("body", "fix"),
    [
        (an("Alert", "x", providerRef={"name": "homelab"}, eventSources=[]), "Write slack, or add the Provider."),
        (an("ImagePolicy", "x", imageRepositoryRef={"name": "tiny"}), "Write web, or add the ImageRepository."),
        (
            an("ImageUpdateAutomation", "x", sourceRef={"kind": "GitRepository", "name": "tiny"}),
            "Write homelab or including, or add the GitRepository.",
        ),
        (an("ArtifactGenerator", "x", sources=[{"alias": "c", "kind": "Bucket", "name": "charts"}]), "Add the Bucket."),
        (git("x", include=[{"repository": {"name": "tiny"}}]), "Write homelab or including, or add the GitRepository."),
    ],
    ids=lambda value: value["kind"] if isinstance(value, dict) else "",
)
def test_a_source_of_a_kind_that_the_crd_does_not_take_there_is_not_advised(body: Body, fix: str) -> None:
    (finding,) = (each for each in found(*EVERYTHING, body) if "which is not in this stack" in each.message.wrong)

    assert finding.message.fix == fix


def test_the_kinds_that_are_advised_as_a_source_are_those_that_the_crd_takes() -> None:
    for kind, path in {
        "Kustomization": ("sourceRef",),
        "HelmRelease": ("chart", "spec", "sourceRef"),
        "HelmChart": ("sourceRef",),
        "ImageUpdateAutomation": ("sourceRef",),
        "ArtifactGenerator": ("sources",),
    }.items():
        node = spec_of(kind)
        for part in path:
            node = node["properties"][part]
        node = node.get("items", node)
        assert {*TAKEN_AS_SOURCE[kind]} == {*node["properties"]["kind"]["enum"]} - {"ExternalArtifact"}, kind


def spec_of(kind: str) -> dict[str, Any]:
    (definition,) = (each for each in distribution().definitions() if each["spec"]["names"]["kind"] == kind)
    (version,) = (each for each in definition["spec"]["versions"] if each["storage"])
    spec: dict[str, Any] = version["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return spec


def test_another_namespace_may_be_filled_by_git() -> None:
    assert said(ks(sourceRef={"kind": "GitRepository", "name": "homelab", "namespace": "team"})) == []


def test_many_names_are_not_all_listed() -> None:
    (sentence,) = said(*(git(f"{letter * 4}") for letter in "abcdefghijkl"), ks(source="0123"))
    assert sentence.endswith("Write aaaa, bbbb, cccc, dddd, eeee, ffff, gggg, hhhh or one of 4 more, or add the GitRepository.")


def test_names_are_no_longer_compared_once_that_took_noticeable_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(close_names, "MOST_COMPARED", 30)
    bodies = [body for index in range(15) for body in (git(f"team-{index}"), ks(f"a{index}", source=f"tema-{index}"))]
    first, second, third, *_ = said(*bodies)
    assert "Write team-0, team-10 or " in first
    assert "Write team-1, team-1" in second
    assert "Write team-0, team-1, team-10, " in third
    assert third.endswith("or one of 7 more, or add the GitRepository.")


@pytest.mark.parametrize(
    ("body", "path", "target", "controller"),
    [
        (
            ks(sourceRef={"kind": "GitRepository", "name": "a", "namespace": "team"}),
            "spec.sourceRef",
            "GitRepository",
            "kustomize-controller",
        ),
        (release(chart=chart("a", namespace="team")), "spec.chart.spec.sourceRef", "HelmRepository", "helm-controller"),
        (
            release(chartRef={"kind": "OCIRepository", "name": "a", "namespace": "team"}),
            "spec.chartRef",
            "OCIRepository",
            "helm-controller",
        ),
        (
            an("Alert", "x", eventSources=[{"kind": "Kustomization", "name": "a", "namespace": "team"}]),
            "spec.eventSources[0]",
            "Kustomization",
            "notification-controller",
        ),
        (
            an("Receiver", "x", resources=[{"kind": "Bucket", "name": "a", "namespace": "team"}]),
            "spec.resources[0]",
            "Bucket",
            "notification-controller",
        ),
        (
            an("ImagePolicy", "x", imageRepositoryRef={"name": "a", "namespace": "team"}),
            "spec.imageRepositoryRef",
            "ImageRepository",
            "image-reflector-controller",
        ),
        (
            an("ImageUpdateAutomation", "x", sourceRef={"kind": "GitRepository", "name": "a", "namespace": "team"}, git={"commit": {}}),
            "spec.sourceRef",
            "GitRepository",
            "image-automation-controller",
        ),
        (
            an("ArtifactGenerator", "x", sources=[{"alias": "a", "kind": "Bucket", "name": "a", "namespace": "team"}]),
            "spec.sources[0]",
            "Bucket",
            "source-watcher",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_under_lockdown_no_reference_leaves_its_namespace(body: Body, path: str, target: str, controller: str) -> None:
    identity = f"{body['kind']}/flux-system/{body['metadata']['name']}"
    assert said(body, flags={controller: {"no-cross-namespace-refs": "true"}}) == [
        f'{identity} {path}.namespace: is "team", but {controller} runs with no-cross-namespace-refs. The controller would deny '
        f'{identity} access to {target} "a". Put both in one namespace, or remove '
        f"gitops:flux.flags.{controller}.no-cross-namespace-refs."
    ]
    others = {other: flags for other, flags in LOCKDOWN.items() if other != controller}
    assert said(body, flags=others) == []
    assert said(body, flags={controller: {"no-cross-namespace-refs": False}}) == []


def test_lockdown_does_not_touch_depends_on() -> None:
    there = ks("infra", namespace="team")
    assert said(git(), git(namespace="team"), there, ks(dependsOn=[{"name": "infra", "namespace": "team"}]), flags=LOCKDOWN) == []
