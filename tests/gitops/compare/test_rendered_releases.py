"""What the charts of HelmReleases make of a change, with a stand-in for helm. tests/e2e/test_rendered_charts.py asks helm itself."""

import json
import re
from typing import Any

import jsonschema_rs

from gitops.compare.charts.pulled_charts import ChartPlace, is_in
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from tests.engine import REPOSITORY
from tests.gitops.compare.charts_at_hand import ChartsAtHand, chart_repository
from tests.gitops.compare.effect_files import APPS, actions, app, kinds, placed, printed, release, yaml_of
from tests.gitops.compare.synced_builders import NOT_INHERITING, Body, config_map, kustomization
from tests.gitops.compare.synced_repository import NAME, InMemory

SCHEMA = REPOSITORY / "schema" / "compare.schema.json"
WITH_CHARTS = {"charts": chart_repository()}


def with_spec(body: Body, **spec: Any) -> Body:
    return {**body, "spec": {**body["spec"], **spec}}


def of_repository(name: str) -> Body:
    chart = {"chart": "tiny", "version": "1.0.0", "sourceRef": {"kind": "HelmRepository", "name": name, "namespace": "flux-system"}}
    return with_spec(release(), chart={"spec": chart})


def artifact(tag: str, url: str = "oci://registry.test/charts/it") -> Body:
    metadata = {"name": "it", "namespace": "media"}
    return {
        "apiVersion": "source.toolkit.fluxcd.io/v1",
        "kind": "OCIRepository",
        "metadata": metadata,
        "spec": {"interval": "1h", "url": url, "ref": {"tag": tag}},
    }


def test_what_a_chart_makes_is_told_below_its_release_in_every_form(memory: InMemory) -> None:
    charts = ChartsAtHand()
    before, after = (app(**WITH_CHARTS, tiny=each) for each in (release("8.0.0", replicas=1), release("9.0.0", replicas=2)))
    found = memory.compared(before, after, charts)

    assert printed(found).splitlines() == [
        "it: 2 objects change, 1 is deleted",
        "",
        "it, Kustomization cluster-apps",
        "~ HelmRelease media/tiny  chart.spec.version 8.0.0 → 9.0.0; values.replicas 1 → 2 (kubernetes/apps/tiny.yaml:1)",
        "",
        "it, Kustomization cluster-apps, HelmRelease media/tiny",
        "- Service media/tiny     is deleted (kubernetes/apps/tiny.yaml:1)",
        "~ Deployment media/tiny  replicas 1 → 2; template.spec.containers[it].image it:8.0.0 → it:9.0.0 (kubernetes/apps/tiny.yaml:1)",
        "",
        "Takes effect when Flux fetches the merged commit. Compared: before with after.",
    ]
    assert "* Kustomization `cluster-apps`, HelmRelease `media/tiny`\n  * Service `media/tiny` is deleted (" in markdown(found)
    told = document(found, 0)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(told)
    made = {each["kind"]: each["helmRelease"] for each in told["changes"]}
    assert made == {"HelmRelease": None, "Service": "media/tiny", "Deployment": "media/tiny"}
    assert [each.is_upgrade for each in charts.releases] == [True, True]
    assert {(each.name, each.namespace) for each in charts.releases} == {("tiny", "media")}


def test_what_two_charts_make_is_told_apart_and_of_one_chart_once(memory: InMemory) -> None:
    other = {"name": "other", "namespace": "media"}
    before, after = (
        app(**WITH_CHARTS, tiny=release("8.0.0", replicas=count), other={**release("8.0.0", replicas=count), "metadata": other})
        for count in (1, 2)
    )
    out = printed(memory.compared(before, after, ChartsAtHand()))
    for name in ("tiny", "other"):
        assert f"it, Kustomization cluster-apps, HelmRelease media/{name}\n~ Deployment media/{name}  replicas 1 → 2" in out
    assert out.count("~ HelmReleases") + out.count("~ 2 HelmReleases") == 1


def test_a_release_that_comes_or_goes_shows_its_objects(memory: InMemory) -> None:
    there, gone = app(**WITH_CHARTS, tiny=release("8.0.0", policy="keep")), app(**WITH_CHARTS, tiny=None)
    found = memory.compared(app(**WITH_CHARTS), there, ChartsAtHand())
    assert set(actions(found).values()) == {"added"}
    assert "CustomResourceDefinition films.test" in actions(found), "install.crds is Create, if nothing else is said"

    found = memory.compared(there, gone, ChartsAtHand())
    assert actions(found) == {
        "HelmRelease media/tiny": "removed",
        "Deployment media/tiny": "removed",
        "Secret media/tiny": "removed",
        "ConfigMap media/tiny": "removed",
        "Service media/tiny": "removed",
        "PersistentVolumeClaim media/tiny": "orphaned",
    }, "Helm never deletes the CRDs of a chart, nor what says `keep`"
    found = memory.compared(app(**WITH_CHARTS, tiny=release("8.0.0")), gone, ChartsAtHand())
    assert kinds(found) == ["volume-is-deleted"], "what a chart takes along is to decide, too"


def test_a_release_that_is_called_or_stored_otherwise_is_uninstalled_first(memory: InMemory) -> None:
    before = app(**WITH_CHARTS, tiny=with_spec(release("8.0.0"), releaseName="tiny"))
    other_chart = with_spec(release("8.0.0"), chart={"spec": {**release("8.0.0")["spec"]["chart"]["spec"], "chart": "other"}})
    for after in (with_spec(release("8.0.0"), storageNamespace="flux-system"), other_chart):
        found = memory.compared(before, app(**WITH_CHARTS, tiny=after), charts := ChartsAtHand())
        of_chart = {name: action for name, action in actions(found).items() if not name.startswith("HelmRelease")}
        assert set(of_chart.values()) == {"recreated"}, "the CRD is neither deleted nor replaced"
        assert {"Deployment media/tiny", "PersistentVolumeClaim media/tiny"} <= set(of_chart)
        assert kinds(found) == ["volume-is-deleted", "release-is-reinstalled"]
        assert "its release is uninstalled and installed again (" in printed(found)
        assert "stay the same" not in printed(found)
        assert [(each.is_upgrade, each.with_definitions) for each in charts.releases] == [(True, True), (False, True)]
    for spec in ({"releaseName": "it"}, {"targetNamespace": "other", "releaseName": "tiny"}):
        found = memory.compared(before, app(**WITH_CHARTS, tiny=with_spec(release("8.0.0"), **spec)), ChartsAtHand())
        assert kinds(found) == ["volume-is-deleted", "release-is-reinstalled"], spec
        assert {"removed", "added"} <= set(actions(found).values())

    kept, moved = release("8.0.0", policy="keep"), with_spec(release("8.0.0", policy="keep"), storageNamespace="flux-system")
    found = memory.compared(app(**WITH_CHARTS, tiny=kept), app(**WITH_CHARTS, tiny=moved), ChartsAtHand())
    assert kinds(found) == ["release-is-reinstalled"]
    assert "PersistentVolumeClaim media/tiny" not in actions(found)
    secret = [{"kind": "Secret", "name": "values"}]
    first, second = (app(**WITH_CHARTS, tiny=with_spec(release(), valuesFrom=secret, storageNamespace=each)) for each in ("a", "b"))
    found = memory.compared(first, second, ChartsAtHand())
    assert kinds(found) == ["release-is-reinstalled"]
    assert "its release is uninstalled and installed again; its chart is not rendered here: Secret values" in printed(found)
    suspended = with_spec(release("8.0.0"), suspend=True, storageNamespace="b")
    assert kinds(memory.compared(first, app(**WITH_CHARTS, tiny=suspended), ChartsAtHand())) == []


def test_crds_follow_the_policy_of_the_release(memory: InMemory) -> None:
    for policy, shown in (({"crds": "Create"}, False), ({"crds": "CreateReplace"}, True)):
        before, after = (app(**WITH_CHARTS, tiny=with_spec(release(each), upgrade=policy)) for each in ("7.0.0", "8.0.0"))
        found = actions(memory.compared(before, after, ChartsAtHand()))
        assert ("CustomResourceDefinition films.test" in found) == shown, policy


def test_what_changes_outside_of_the_release_is_rendered_too(memory: InMemory) -> None:
    reference = with_spec(release(), chartRef={"kind": "OCIRepository", "name": "it"})
    del reference["spec"]["chart"]
    by_source = {"tiny": reference, "it": artifact("1.0.0")}
    charts = ChartsAtHand()
    found = memory.compared(app(**by_source), app(**{**by_source, "it": artifact("1.1.0")}), charts)
    assert actions(found) == {"OCIRepository media/it": "changed", "HelmRelease media/tiny": "changed", "Deployment media/tiny": "changed"}
    assert "HelmRelease media/tiny  its chart changes (" in printed(found)
    assert [each.reference for each in charts.asked] == ["1.0.0", "1.1.0"]

    values = with_spec(release(note="over"), valuesFrom=[{"kind": "ConfigMap", "name": "values"}])
    before, after = (
        app(
            **WITH_CHARTS,
            tiny=values,
            values=placed({**config_map("values"), "data": {"values.yaml": f"replicas: {count}\nnote: under\n"}}),
        )
        for count in (1, 2)
    )
    found = memory.compared(before, after, charts := ChartsAtHand())
    assert "HelmRelease media/tiny  its values change (" in printed(found)
    assert "~ Deployment media/tiny  replicas 1 → 2 (kubernetes/apps/tiny.yaml" in printed(found)
    assert [dict(each.values) for each in charts.releases] == [{"replicas": count, "note": "over"} for count in (1, 2)]


def test_a_chart_in_git_is_packaged_anew_with_another_version_alone(memory: InMemory) -> None:
    in_git = {"chart": "./charts/own", "sourceRef": {"kind": "GitRepository", "name": NAME, "namespace": "flux-system"}}
    own = with_spec({**release(), "metadata": {"name": "own", "namespace": "media"}}, chart={"spec": in_git})
    before = {"charts/own/Chart.yaml": "name: own\nversion: 1.0.0\n", "charts/own/templates/it.yaml": "a: b\n", **app(own=own)}
    changed = {"charts/own/templates/it.yaml": "a: c\n"}

    charts = ChartsAtHand()
    assert actions(memory.compared(before, changed, charts)) == {"HelmRelease media/own": "changed"}
    assert not charts.releases
    found = memory.compared(before, {**changed, "charts/own/Chart.yaml": "name: own\nversion: 1.1.0\n"}, charts)
    assert "charts/own changes (2 files); version 1.0.0 → 1.1.0 (" in printed(found)
    assert "image it:1.0.0 → it:1.1.0" in printed(found)
    found = memory.compared(before, {"charts/own/Chart.yaml": "name: renamed\nversion: 1.0.0\n"}, charts)
    assert "upgrades nothing" not in printed(found)
    assert "charts/own changes (1 file); its release is uninstalled and installed again" in printed(found)
    with_files = {**in_git, "valuesFiles": ["./charts/own/values.yaml"]}
    packaged = {
        **before,
        "charts/own/values.yaml": "a: 1\n",
        "charts/own/b.yaml": "a: 2\n",
        **app(own=with_spec(own, chart={"spec": with_files})),
    }
    memory.compared(packaged, {"charts/own/values.yaml": "a: 3\n"}, charts := ChartsAtHand())
    assert not charts.releases, "the generation of the HelmChart stays the same"
    for spec in ({"valuesFiles": ["./charts/own/b.yaml"]}, {"interval": "2h"}):
        changed_list = app(own=with_spec(own, chart={"spec": {**with_files, **spec}}))
        found = memory.compared(packaged, {**changed, **changed_list}, charts := ChartsAtHand())
        assert "upgrades nothing" not in printed(found)
        assert "its version stays 1.0.0, but another spec with valuesFiles repackages it" in printed(found)
        assert len(charts.releases) == 2, spec
        assert charts.rendered_charts[0] != charts.rendered_charts[1]
    by_revision = app(own=with_spec(own, chart={"spec": {**in_git, "reconcileStrategy": "Revision"}}))
    memory.compared({**before, **by_revision}, changed, charts := ChartsAtHand())
    assert len(charts.releases) == 2


def test_what_is_not_rendered_says_why_and_shows_the_release_as_before(memory: InMemory) -> None:
    secret = [{"kind": "Secret", "name": "values"}]
    cipher = "ENC[AES256_GCM,data:YQ==,iv:YQ==,tag:YQ==,type:str]"
    elsewhere = with_spec(release(), chart={"spec": {"chart": "tiny", "sourceRef": {"kind": "Bucket", "name": "none"}}})
    cases: tuple[tuple[Body, str], ...] = (
        (with_spec(release(), valuesFrom=secret), "Secret values, which has a part of its values, is not read here"),
        (with_spec(release(), suspend=True), "it is suspended, so its release stays as it is"),
        (with_spec(release(), kubeConfig={"secretRef": {"name": "a"}}), "it installs into another cluster"),
        (release(a=cipher), "its values are encrypted"),
        (release("13.0.0"), "it cannot be pulled from charts.test"),
        (with_spec(release(), releaseName="--post-renderer=x"), "--post-renderer=x is a name that Kubernetes does not allow"),
        (release("1.0.0\n--insecure"), "tiny is no name of a chart, or 1.0.0\\n--insecure no version"),
        (of_repository("none"), "HelmRepository none, which has it, is in no file here"),
        (of_repository("login"), "its repository has a URL that only Flux itself fetches from"),
        (of_repository("file"), "its repository has a URL that only Flux itself fetches from"),
        (elsewhere, "Bucket none, which has it, is not fetched here"),
    )
    charts = {
        **WITH_CHARTS,
        "login": {**chart_repository("https://u:p@charts.test"), "metadata": {"name": "login", "namespace": "flux-system"}},
        "file": {**chart_repository("file:///etc"), "metadata": {"name": "file", "namespace": "flux-system"}},
    }
    releases = {f"it{n:02}": {**body, "metadata": {"name": f"it{n:02}", "namespace": "media"}} for n, (body, _) in enumerate(cases)}
    found = memory.compared(app(**charts), app(**charts, **releases), ChartsAtHand())
    assert set(actions(found)) == {f"HelmRelease media/{name}" for name in releases}, "no object is shown"
    for name, (_, why) in zip(releases, cases, strict=True):
        # two with the same reason are told together
        lines = [line for line in printed(found).splitlines() if f"media/{name}" in line]
        assert [why in line and "its chart is not rendered here: " in line for line in lines] == [True], why
    found = memory.compared(app(**WITH_CHARTS, tiny=release("8.0.0")), app(**WITH_CHARTS, tiny=release("13.0.0")), ChartsAtHand())
    assert "8.0.0 → 13.0.0; its chart is not rendered here: with this change, it cannot be pulled from charts.test" in printed(found)
    assert set(actions(found)) == {"HelmRelease media/tiny"}, "not everything seems to go"


def test_a_change_names_no_server_that_was_not_asked_before(memory: InMemory) -> None:
    for url in ("http://127.0.0.1:6443/", "https://charts.test/another", "https://charts.test/stable/below"):
        before, after = app(**WITH_CHARTS, tiny=release("8.0.0")), app(charts=chart_repository(url), tiny=release("9.0.0"))
        found = memory.compared(before, after, charts := ChartsAtHand())
        why = f"its chart is not rendered here: with this change, it would come from {url}, from where nothing came before"
        assert why in printed(found)
        assert {each.url for each in charts.asked} == {"https://charts.test/stable"}
    asked = {
        each: is_in(ChartPlace(url=each), {(("oci", "registry.test", 443), "charts")})
        for each in ("oci://registry.test/charts/it", "oci://registry.test/charts-too/it", "oci://registry.test:1/charts/it")
    }
    assert list(asked.values()) == [True, False, False]
    assert is_in(ChartPlace(url="oci://registry.test/it"), {(("oci", "registry.test", 443), "")})


SECRET = "-".join(("made", "up", "for", "this", "test", "5c4b3a"))


def test_a_secret_of_the_values_is_shown_nowhere_a_template_puts_it(memory: InMemory) -> None:
    before, after = (app(**WITH_CHARTS, tiny=release("8.0.0", password=each)) for each in (SECRET, SECRET.replace("made", "done")))
    found = memory.compared(before, after, ChartsAtHand())
    every = json.dumps(document(found, 0)) + printed(found) + markdown(found)

    assert actions(found) == {"HelmRelease media/tiny": "changed", "Secret media/tiny": "changed", "ConfigMap media/tiny": "changed"}
    assert "data.password <secret> → <another secret>" in printed(found)
    assert "5c4b3a" not in every, "neither in a Secret nor in a ConfigMap"
    assert "(changed)" in printed(found)
    fails = app(**WITH_CHARTS, tiny=release("8.0.0", password=SECRET, fails=True))
    out = printed(memory.compared(before, fails, ChartsAtHand()))
    assert "its chart is not rendered here: with this change, helm says refused: ***" in out
    assert SECRET not in out, "nor in what helm says"


def test_no_name_that_a_template_makes_is_markup(memory: InMemory) -> None:
    odd = ["`**b**` @admin <img src=x>", "[c](http://d) | \\e[31m", "</details>\n# e"]
    before, after = (app(**WITH_CHARTS, tiny=release("8.0.0", odd=each)) for each in ([], [each.replace("\\e", "\x1b") for each in odd]))
    found = memory.compared(before, after, ChartsAtHand())
    outside = re.sub(r"(?s)(`{3,})diff\n.*?\n\1", "", markdown(found))
    outside = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", outside)

    assert "@admin" in markdown(found), "it is shown"
    assert not [part for part in ("@admin", "<img", "**b**", "http://d", "\x1b", "# e") if part in outside]
    assert "\x1b" not in printed(found) + json.dumps(document(found, 0))
    assert outside.count("</details>") == 1


def test_the_same_objects_are_said_to_be_the_same(memory: InMemory) -> None:
    before, after = (app(**WITH_CHARTS, tiny=release("8.0.0", unused=each)) for each in (1, 2))
    out = printed(memory.compared(before, after, ChartsAtHand()))
    assert "values.unused 1 → 2; its objects stay the same (" in out
    before, after = (app(**WITH_CHARTS, tiny=with_spec(release("8.0.0"), interval=each)) for each in ("1h", "2h"))
    memory.compared(before, after, charts := ChartsAtHand())
    assert not charts.asked, "Helm is not asked where nothing is different for it"


def test_what_a_chart_makes_is_as_uncertain_as_its_release(memory: InMemory) -> None:
    elsewhere = {"substituteFrom": [{"kind": "ConfigMap", "name": "made-by-others", "optional": True}]}
    own = kustomization("own", "", NOT_INHERITING, path=f"./{APPS}/own", postBuild=elsewhere)
    before, after = (
        {**app(**WITH_CHARTS, own=own), f"{APPS}/own/it.yaml": yaml_of(release(replicas=count, note=note))}
        for count, note in ((1, "plain"), (2, "${WHO}"))
    )
    found = memory.compared(before, after, ChartsAtHand())
    told = {each["kind"]: each["certain"] for each in document(found, 0)["changes"]}
    assert told == {"HelmRelease": False, "Deployment": False, "ConfigMap": False}
    assert kinds(found) == ["not-shown"]
