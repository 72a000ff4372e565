"""What Flux does with a change of a repository that it syncs: what is told, what is masked, and what is to decide."""

import json
import re
from pathlib import Path

import pytest

from flux.bounded_documents import Bounds
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from gitops.compare.risks import Risk
from tests.gitops.compare.effect_files import APPS, actions, app, kinds, placed, printed, release, yaml_of
from tests.gitops.compare.synced_builders import NOT_INHERITING, Body, config_map, kustomization, kustomize
from tests.gitops.compare.synced_changes import CHANGES, files_of
from tests.gitops.compare.synced_repository import NAME, SECRETS, Files, InMemory

pytestmark = pytest.mark.thorough

GOLDEN = Path(__file__).parent / "synced_changes.md"
CIPHER = "ENC[AES256_GCM,data:{},iv:bWFkZSB1cA==,tag:bWFkZSB1cA==,type:str]"


@pytest.mark.thorough
def test_of_every_change_that_flux_is_asked_about_a_reviewer_reads_this(memory: InMemory, update_goldens: bool) -> None:
    apps = {f"{APPS}/kustomization.yaml": yaml_of(kustomize("agreement"))}
    before, after = (files_of(CHANGES, after=side) for side in (False, True))
    found = memory.compared({**apps, **before}, {**dict.fromkeys(before), **after})
    if update_goldens:
        GOLDEN.write_text(markdown(found), encoding="utf-8")
    assert markdown(found) == GOLDEN.read_text(encoding="utf-8"), "if the change is meant: pytest --update-goldens"
    assert set(kinds(found)) >= {word for each in CHANGES.values() for word in each.words}


SECRET = "-".join(("made", "up", "for", "this", "test", "9f8e7d6c5b4a"))
OTHER_SECRET = SECRET.replace("made", "done")


def test_no_secret_is_shown_only_that_it_changes(memory: InMemory) -> None:
    def files(secret: str, cipher: str) -> Files:
        data = {"note": f"a {secret[:4]} word", "same": SECRET}
        plain = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "plain"}, "stringData": data}
        values = {"password": CIPHER.format(cipher), "same": CIPHER.format("c2FtZQ==")}
        sealed = {
            **plain,
            "metadata": {"name": "sealed"},
            "stringData": values,
            "sops": {"mac": CIPHER.format(cipher), "version": "3.11.0"},
        }
        environment = [{"name": "DB_PASSWORD", "value": secret}, {"name": "USER", "value": "me"}]
        shown = release(password=secret, login={"token": secret}, env=environment, url=f"https://me:{secret}@git.test")
        return app(plain=placed(plain), sealed=placed(sealed), release=shown)

    found = memory.compared(files(SECRET, "YQ=="), files(OTHER_SECRET, "Yg=="))
    told = document(found, 0)
    every = json.dumps(told) + printed(found) + markdown(found)

    assert actions(found) == {"Secret media/plain": "changed", "Secret media/sealed": "changed", "HelmRelease media/tiny": "changed"}
    fields = {each["object"]: each["fields"] for change in told["changes"] for each in change["objects"]}
    assert fields["Secret media/plain"] == [{"path": "stringData.note", "before": "<secret>", "after": "<another secret>"}]
    assert fields["Secret media/sealed"] == [{"path": "stringData.password", "before": "<encrypted>", "after": "<re-encrypted>"}]
    assert len(fields["HelmRelease media/tiny"]) == 4
    assert not [word for word in (SECRET, OTHER_SECRET, "9f8e7d6c5b4a", "made word", "done word", "YQ==", "Yg==", "ENC[") if word in every]


def test_a_secret_that_is_no_longer_encrypted_is_to_decide(memory: InMemory) -> None:
    sealed = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "stringData": {"a": CIPHER.format("YQ==")}}
    before, after = (
        app(a=placed({**sealed, "sops": {"mac": CIPHER.format("YQ=="), "version": "3.11.0"}})),
        {**sealed, "stringData": {"a": "b"}},
    )
    again = {**sealed, "sops": {"mac": CIPHER.format("Yg=="), "version": "3.11.0"}}

    assert kinds(memory.compared(before, app(a=placed(after)))) == ["secret-in-plain-text"]
    assert memory.compared(before, app(a=placed(again))).changes == [], "another MAC is no change"


def test_a_secret_variable_hides_no_other_change_and_one_that_changes_is_told(memory: InMemory) -> None:
    one, two = (app(a=placed(config_map("a", to=f"{word} ${{SECRET_ALERT_EMAIL}} ${{CLUSTER_NAME}}"))) for word in ("one", "two"))
    file = "kubernetes/flux/vars/cluster-secrets.sops.yaml"
    mark = "<SECRET_ALERT_EMAIL of Secret cluster-secrets>"

    assert f"data.to one {mark} dev → two {mark} dev" in printed(memory.compared(one, two))
    out = printed(memory.compared(one, {file: SECRETS.replace("data:bWFkZSB1cA==", "data:b3RoZXI=")}))
    assert f"data.to one {mark} dev → one {mark[:-1]}, changed> dev" in out
    assert "stringData.SECRET_ALERT_EMAIL <encrypted> → <re-encrypted>" in out


def test_a_release_shows_its_chart_and_values_and_that_nothing_was_rendered(memory: InMemory) -> None:
    in_git = {"chart": "./charts/own", "sourceRef": {"kind": "GitRepository", "name": NAME, "namespace": "flux-system"}}
    own = {**release(), "metadata": {"name": "own", "namespace": "media"}, "spec": {"interval": "1h", "chart": {"spec": in_git}}}
    chart = {"charts/own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.0.0\n", "charts/own/templates/it.yaml": "a: b\n"}
    before = {**chart, **app(tiny=release(replicas=1), own=own)}
    after = {"charts/own/templates/it.yaml": "a: c\n", **app(tiny=release("1.1.0", replicas=2), own=own)}
    out = printed(memory.compared(before, after))

    assert "chart.spec.version 1.0.0 → 1.1.0; values.replicas 1 → 2; its chart is not rendered here: HelmRepository charts" in out
    assert "charts/own changes (1 file); its version stays 1.0.0, so Flux upgrades nothing (reconcileStrategy: ChartVersion; " in out
    out = printed(memory.compared(before, {**after, "charts/own/Chart.yaml": chart["charts/own/Chart.yaml"].replace("1.0", "1.1")}))
    assert "charts/own changes (2 files); version 1.0.0 → 1.1.0; its chart is not rendered here: helm is not on PATH (" in out
    out = printed(memory.compared(before, app(tiny=None, own=own)))
    assert (
        "- HelmRelease media/tiny  is deleted, and its release is uninstalled; its chart is not rendered here: HelmRepository charts" in out
    )


def test_what_takes_more_along_is_to_decide(memory: InMemory) -> None:
    namespace = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "media"}}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "films", "namespace": "media"}, "spec": {}}
    definition = {"apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": "films.test"}}
    found = memory.compared(app(a=namespace, b=claim, c={**definition, "spec": {}}), app(a=None, b=None, c=None))

    assert kinds(found) == ["namespace-is-deleted", "volume-is-deleted", "crd-is-deleted"]
    assert set(actions(found).values()) == {"removed"}


def test_a_build_that_breaks_is_refused_and_nothing_of_it_is_applied(memory: InMemory) -> None:
    good = app(a=placed(config_map("a")))
    undefined = app(a=placed(config_map("a", answer="${NOWHERE}")))
    sealed = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}, "data": {}, "sops": {"mac": "ENC[x]", "version": "3.11.0"}}
    ks = kustomization("child", "", path=f"./{APPS}/x")
    ks["metadata"]["labels"] = {"substitution.flux.home.arpa/disabled": "true"}
    child, x = app(ks=ks), f"{APPS}/x/it.yaml"
    for before, after, why in (
        (good, undefined, "uses ${NOWHERE}, which nothing defines"),
        (good, app(a=config_map("a")), "ConfigMap/a has no namespace"),
        ({**child, x: yaml_of(config_map("a"))}, {x: yaml_of(sealed)}, "is encrypted, and Kustomization child does not decrypt"),
    ):
        found = memory.compared(before, after)
        assert (found.is_refused, found.changes, kinds(found)) == (True, [], ["build-fails"])
        assert why in found.decisions[0].text.plain
    found = memory.compared(undefined, good)
    assert (found.is_refused, kinds(found)) == (False, ["build-is-mended"])


def test_a_new_kustomization_that_cannot_be_built_stops_nothing(memory: InMemory) -> None:
    new = kustomization("new", "", labels=NOT_INHERITING, path=f"./{APPS}/x")
    after = kustomization("after", "", labels=NOT_INHERITING, path=f"./{APPS}/y", dependsOn=[{"name": "new"}])
    files = {f"{APPS}/x/it.yaml": "a: [", f"{APPS}/y/it.yaml": yaml_of(placed(config_map("it")))}
    found = memory.compared(app(), {**app(new=new, after=after), **files})
    told = [each.told.plain for each in found.decisions]

    assert [(each.kind, each.risk) for each in found.decisions] == [("build-fails", Risk.NONE), ("waits", Risk.NONE)], told
    assert told[0].startswith(f"Kustomization new cannot be applied: {APPS}/x/it.yaml:")
    assert told[0].endswith(". Nothing of it comes.")
    assert (found.is_refused, "no longer" in told[0], "stops updates" in printed(found)) == (True, False, False)
    broken = memory.compared({**app(new=new), f"{APPS}/x/it.yaml": yaml_of(placed(config_map("it")))}, files)
    assert [(each.kind, each.risk) for each in broken.decisions] == [("build-fails", Risk.STOPS)]
    assert "Kustomization new can no longer be applied, and what it applied stays as it is. " in printed(broken)


def test_fields_that_flux_ignores_change_nothing(memory: InMemory) -> None:
    ks = kustomization("ignoring", "", path=f"./{APPS}/x", ignore=[{"paths": ["/data/answer"], "target": {"kind": "ConfigMap"}}])
    file = f"{APPS}/x/it.yaml"
    before = {**app(ks=ks), file: yaml_of(config_map("it"))}

    assert memory.compared(before, {file: yaml_of(config_map("it", answer="43"))}).changes == []
    (change,) = memory.compared(before, {file: yaml_of(config_map("it", answer="43", more="yes"))}).changes
    assert [each.path for each in change.diffs[0].fields] == ["data.more"]


def test_text_of_the_repository_is_never_markup(memory: InMemory) -> None:
    value = "</details>\n```\n# @everyone <img src=x> [c](http://d) | \x1b[31m `"
    name = "`**b**` @admin <img>.yaml"
    before = {f"{APPS}/kustomization.yaml": yaml_of(kustomize(name)), f"{APPS}/{name}": yaml_of(placed(config_map("it")))}
    found = memory.compared(before, {f"{APPS}/{name}": yaml_of(placed(config_map("it", answer=value, more=value)))})
    outside = re.sub(r"(?s)(`{4,})diff\n.*?\n\1", "", markdown(found))
    outside = re.sub(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", "", outside)

    assert "@everyone" in markdown(found), "it is shown"
    assert "@admin" in markdown(found)
    assert not [part for part in ("@admin", "@everyone", "<img", "**b**", "http://d", "\x1b") if part in outside]
    assert outside.count("</details>") == 1
    assert "\x1b" not in printed(found)


def test_a_kind_that_no_server_knows_is_never_markup(memory: InMemory) -> None:
    for kind in ("<img src=x>", "@admin", "deadbeef", "a {} b", "[c](http://d)", "y"):
        object_of = {**placed(config_map("a")), "kind": kind}
        text = markdown(memory.compared(app(), app(a=object_of, b={**object_of, "metadata": {"name": "b", "namespace": "media"}})))
        assert f"  * 2 `{kind}` `media/a`, `media/b`" in text or text.count(f"  * `{kind}` `media/") == 2


def test_the_same_change_of_many_objects_is_told_once(memory: InMemory) -> None:
    before, after = (app(**{f"it{n}": placed(config_map(f"it{n}", labels={"who": who})) for n in range(7)}) for who in ("a", "b"))
    out = printed(memory.compared(before, after))

    assert "~ 7 ConfigMaps media/it0, media/it1, media/it2, media/it3 and 3 more  metadata.labels.who a → b (" in out
    assert out.startswith("it: 7 objects change\n")


def test_what_cannot_be_read_here_is_to_decide_and_nothing_is_said_to_be_deleted(memory: InMemory) -> None:
    good, name = app(a=placed(config_map("a"))), f"{APPS}/a.yaml"
    deep = {name: f"{good[name]}\nx: {'[' * 200}{']' * 200}\n"}
    found = memory.compared(good, deep)
    assert (found.changes, found.is_refused, kinds(found)) == ([], False, ["not-shown"])
    assert "Kustomization cluster-apps is not known here: kubernetes/apps/a.yaml is nested more than" in printed(found)
    found = memory.compared({**good, **deep}, good)
    assert (found.changes, kinds(found), found.notes) == ([], ["not-shown"], ())
    found = memory.compared({**good, **deep}, {"other/b.yaml": "a: b\n"})
    assert (found.changes, kinds(found), len(found.notes)) == ([], [], 1)
    told = "What Kustomization cluster-apps makes is not known here on either side, and none of its files change: kubernetes/apps/a.yaml"
    assert f"{told} is nested more than" in printed(found)


def test_a_file_that_can_be_read_on_neither_side_is_to_decide_if_it_changes(memory: InMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.check.repository.tree.A_FILE", Bounds(size=2_000, values=100))
    large = [f"x: {letter * 2_000}\n" for letter in "ab"]
    good, name = app(a=placed(config_map("a"))), f"{APPS}/a.yaml"
    before = {**good, name: f"{good[name]}{large[0]}"}
    found = memory.compared(before, {name: f"{good[name]}{large[1]}"})
    assert (found.changes, found.is_refused, kinds(found), found.notes) == ([], False, ["not-shown"], ())
    told = "Kustomization cluster-apps changes, and could not be built here before: what this change does with it is not known: "
    assert f"{told}kubernetes/apps/a.yaml is larger than" in printed(found)
    assert (kinds(memory.compared(before, {})), len(memory.compared(before, {}).notes)) == ([], 1)


def test_what_comes_from_elsewhere_is_to_decide(memory: InMemory) -> None:
    good = app(a=placed(config_map("a")))
    base = {**app(a=placed(config_map("a"))), f"{APPS}/kustomization.yaml": yaml_of(kustomize("a.yaml", "https://git.test/x?ref=main"))}
    found = memory.compared(base, good)
    assert (found.changes, kinds(found)) == ([], ["not-shown"])
    assert "takes from elsewhere until then is not known here: kubernetes/apps/kustomization.yaml names https://git.test" in printed(found)
    ks = kustomization("child", "", labels=NOT_INHERITING, path=f"./{APPS}/x")
    elsewhere = {**ks, "spec": {**ks["spec"], "sourceRef": {"kind": "OCIRepository", "name": "o"}, "deletionPolicy": ["Delete"]}}
    found = memory.compared({**app(ks=ks), f"{APPS}/x/it.yaml": yaml_of(config_map("it"))}, app(ks=elsewhere))
    assert actions(found) == {"Kustomization flux-system/child": "changed"}
    assert "deletionPolicy" in printed(found), "a value of another type is no exception"


def test_what_waits_for_one_that_fails_is_told_once(memory: InMemory) -> None:
    def chain(index: int) -> Body:
        needs = [{"name": f"it{index - 1}"}] if index else []
        return kustomization(f"it{index}", "", labels=NOT_INHERITING, path=f"./{APPS}/x{index}", dependsOn=needs)

    files = {f"{APPS}/x{index}/it.yaml": yaml_of(config_map(f"it{index}")) for index in range(7)}
    found = memory.compared({**app(**{f"it{index}": chain(index) for index in range(7)}), **files}, {f"{APPS}/x0/it.yaml": "a: ["})

    assert kinds(found) == ["build-fails", "waits"]
    assert "Kustomizations it1, it2, it3, it4 and 2 more wait for it0: until that can be applied, nothing of" in printed(found)
