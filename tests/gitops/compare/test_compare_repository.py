"""`gitops compare --repository`: what Flux does with a change of a repository that it syncs. tests/e2e asks Flux itself."""

import json
import re
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml

from gitops.compare.diff_text import MOST_CHANGES
from gitops.compare.found_changes import Action, Change, ObjectDiff, RevisionComparison, StackOutcome, StackResult
from gitops.compare.headline import headline
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from gitops.compare.sentence import say
from gitops.compare.table import render
from tests.engine import REPOSITORY
from tests.gitops.check.git_server import git
from tests.gitops.compare.synced_changes import CHANGES, Body, config_map, files_of, kustomization, kustomize
from tests.gitops.compare.synced_repository import NAME, SECRETS, STACK, Files, InMemory, SyncedClone, synced_clone
from tests.gitops.render.clone import run

SCHEMA = REPOSITORY / "schema" / "compare.schema.json"
PAGE = REPOSITORY / "docs" / "compare.md"
GOLDEN = Path(__file__).parent / "synced_changes.md"
APPS = "kubernetes/apps"
CIPHER = "ENC[AES256_GCM,data:{},iv:bWFkZSB1cA==,tag:bWFkZSB1cA==,type:str]"


@pytest.fixture(scope="module")
def memory(tmp_path_factory: pytest.TempPathFactory) -> InMemory:
    return InMemory(tmp_path_factory.mktemp("stacks"))


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[SyncedClone]:
    with synced_clone(tmp_path) as made:
        yield made


def yaml_of(*bodies: Body) -> str:
    return yaml.safe_dump_all(bodies, sort_keys=False)


def app(**files: Body | str | None) -> Files:
    """Files of the path of `cluster-apps`, which names them: `it` → it.yaml; None: gone."""
    names = [f"{name}.yaml" for name, content in files.items() if content is not None]
    texts = {f"{APPS}/{name}.yaml": yaml_of(content) if isinstance(content, dict) else content for name, content in files.items()}
    return {f"{APPS}/kustomization.yaml": yaml_of(kustomize(*names)), **texts}


def placed(body: Body, namespace: str = "media") -> Body:
    return {**body, "metadata": {**body["metadata"], "namespace": namespace}}


def release(version: str = "1.0.0", **values: Any) -> Body:
    chart = {"chart": "tiny", "version": version, "sourceRef": {"kind": "HelmRepository", "name": "charts", "namespace": "flux-system"}}
    metadata = {"name": "tiny", "namespace": "media"}
    spec = {"interval": "1h", "chart": {"spec": chart}, "values": values}
    return {"apiVersion": "helm.toolkit.fluxcd.io/v2", "kind": "HelmRelease", "metadata": metadata, "spec": spec}


def in_media(name: str, **spec: Any) -> Body:
    return kustomization(name, "", path=f"./{APPS}/{name}", targetNamespace="media", **spec)


JELLYFIN = {**release("1.4.0", replicas=1), "metadata": {"name": "jellyfin"}}
CLAIM = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "films"}, "spec": {"resources": {}}}
BEFORE = {
    **app(jellyfin_ks=in_media("jellyfin"), storage_ks=in_media("storage"), sonarr_ks=in_media("sonarr")),
    f"{APPS}/jellyfin/release.yaml": yaml_of(JELLYFIN),
    f"{APPS}/jellyfin/films.yaml": yaml_of(CLAIM),
    f"{APPS}/storage/quota.yaml": yaml_of(config_map("quota")),
    f"{APPS}/sonarr/settings.yaml": yaml_of(config_map("sonarr-settings")),
}
AFTER = {
    **app(jellyfin_ks=in_media("jellyfin"), storage_ks=in_media("storage"), sonarr_ks=None),
    f"{APPS}/jellyfin/release.yaml": yaml_of({**JELLYFIN, "spec": release("1.5.0", replicas=2)["spec"]}),
    f"{APPS}/jellyfin/films.yaml": None,
    f"{APPS}/storage/films.yaml": yaml_of(CLAIM),
    f"{APPS}/sonarr/settings.yaml": None,
}


def actions(found: RevisionComparison) -> dict[str, str]:
    return {diff.name: each.action.value for each in found.changes for diff in each.diffs}


def kinds(found: RevisionComparison) -> list[str]:
    return [each.kind for each in found.decisions]


def printed(found: RevisionComparison) -> str:
    return render(found, None).plain


def test_every_form_tells_what_comes_changes_and_goes_below_its_kustomization(memory: InMemory) -> None:
    found = memory.compared(
        app(a=placed(config_map("a")), b=placed(config_map("b"))),
        app(a=placed(config_map("a", answer="43")), b=None, c=placed(config_map("c"))),
    )

    assert printed(found).splitlines() == [
        "1 object comes, 1 changes, 1 is deleted",
        "",
        "it, Kustomization cluster-apps",
        "~ ConfigMap media/a  data.answer 42 → 43, from kubernetes/apps/a.yaml:1",
        "- ConfigMap media/b  is deleted, from kubernetes/apps/b.yaml:1",
        "+ ConfigMap media/c  is new, from kubernetes/apps/c.yaml:1",
    ]
    assert (
        "* Kustomization `cluster-apps`\n  * ConfigMap `media/a` `data.answer` `42` → `43`, from `kubernetes/apps/a.yaml:1`\n"
        "  * ConfigMap `media/b` is deleted, from `kubernetes/apps/b.yaml:1`\n"
    ) in markdown(found)
    assert "```diff\n@@ ConfigMap media/a @@\n- data.answer: 42\n+ data.answer: 43\n```" in markdown(found), "the others have no fields"
    told = document(found, 0)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(told)
    assert (told["repository"], told["stacks"]) == (NAME, [{"name": "it", "state": "changed", "refusals": []}])
    assert actions(found) == {"ConfigMap media/a": "changed", "ConfigMap media/b": "removed", "ConfigMap media/c": "added"}
    assert {(each["kustomization"], each["certain"]) for each in told["changes"]} == {("cluster-apps", True)}


def test_the_command_compares_commits_and_the_working_tree_and_leaves_both_as_they_are(clone: SyncedClone) -> None:
    clone.commit({**app(a=placed(config_map("a"))), ".gitignore": "*.tmp.yaml\n"}, "before")
    (clone.top / APPS / "kustomization.yaml").write_text(yaml_of(kustomize("a.yaml", "new.yaml")))
    (clone.top / APPS / "new.yaml").write_text(yaml_of(placed(config_map("new"))))
    (clone.top / APPS / "other.tmp.yaml").write_text("not: [yaml")
    before = git("status", "--porcelain", "--ignored", at=clone.top), git("count-objects", "-v", at=clone.top)
    with chdir(clone.top):
        code, out, err = run("--cwd", str(clone.project), "compare", "--repository", NAME, "before")
    with chdir(clone.top):
        told = json.loads(run("-C", str(clone.project), "compare", "--repository", NAME, "first", "before", "-o", "json")[1])

    assert (code, err) == (0, "")
    assert "+ ConfigMap media/new  is new" in out
    assert out.startswith("1 object comes\n")
    assert [each["names"] for each in told["changes"]] == [["media/a"]]
    assert (git("status", "--porcelain", "--ignored", at=clone.top), git("count-objects", "-v", at=clone.top)) == before


@pytest.mark.thorough
def test_of_every_change_that_flux_is_asked_about_a_reviewer_reads_this(memory: InMemory, update_goldens: bool) -> None:
    apps = {f"{APPS}/kustomization.yaml": yaml_of(kustomize("agreement"))}
    before, after = (files_of(CHANGES, after=side) for side in (False, True))
    found = memory.compared({**apps, **before}, {**dict.fromkeys(before), **after})
    if update_goldens:
        GOLDEN.write_text(markdown(found), encoding="utf-8")
    assert markdown(found) == GOLDEN.read_text(encoding="utf-8"), "if the change is meant: pytest --update-goldens"
    assert set(kinds(found)) >= {word for each in CHANGES.values() for word in each.words}


def test_the_page_shows_what_is_printed_of_an_example(memory: InMemory, update_goldens: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    begin, _, rest = page.partition("```text synced\n")
    shown, _, end = rest.partition("```\n")
    now = render(memory.compared(BEFORE, AFTER), 120).plain.rstrip("\n") + "\n"
    if update_goldens:
        PAGE.write_text(f"{begin}```text synced\n{now}```\n{end}", encoding="utf-8")
        return
    assert shown == now, "if the change is meant: pytest --update-goldens"


@pytest.mark.thorough
def test_exit_codes_are_those_of_compare(clone: SyncedClone) -> None:
    clone.commit(app(a=placed(config_map("a"))), "good")
    clone.commit({f"{APPS}/a.yaml": yaml_of(config_map("a"))}, "broken")
    cases = ((("first", "good"), 0), (("first", "good", "--expect-no-changes"), 3), (("good", "good", "--expect-no-changes"), 0))
    more = ((("good", "broken"), 1), (("broken", "broken"), 0), (("broken", "good"), 0))

    assert [clone.compare(*arguments)[0] for arguments, _ in (*cases, *more)] == [code for _, code in (*cases, *more)]


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
    assert fields["Secret media/sealed"] == [{"path": "stringData.password", "before": "<encrypted>", "after": "<encrypted anew>"}]
    assert len(fields["HelmRelease media/tiny"]) == 4
    assert not [word for word in (SECRET, OTHER_SECRET, "9f8e7d6c5b4a", "made word", "done word", "YQ==", "Yg==", "ENC[") if word in every]


def test_a_secret_variable_hides_no_other_change_and_one_that_changes_is_told(memory: InMemory) -> None:
    one, two = (app(a=placed(config_map("a", to=f"{word} ${{SECRET_ALERT_EMAIL}} ${{CLUSTER_NAME}}"))) for word in ("one", "two"))
    file = "kubernetes/flux/vars/cluster-secrets.sops.yaml"
    mark = "<SECRET_ALERT_EMAIL of Secret cluster-secrets>"

    assert f"data.to one {mark} dev → two {mark} dev" in printed(memory.compared(one, two))
    out = printed(memory.compared(one, {file: SECRETS.replace("data:bWFkZSB1cA==", "data:b3RoZXI=")}))
    assert f"data.to one {mark} dev → one {mark[:-1]}, changed> dev" in out
    assert "stringData.SECRET_ALERT_EMAIL <encrypted> → <encrypted anew>" in out


def test_a_release_shows_its_chart_and_values_and_that_nothing_was_rendered(memory: InMemory) -> None:
    in_git = {"chart": "./charts/own", "sourceRef": {"kind": "GitRepository", "name": NAME}}
    own = {**release(), "metadata": {"name": "own", "namespace": "media"}, "spec": {"interval": "1h", "chart": {"spec": in_git}}}
    chart = {"charts/own/Chart.yaml": "apiVersion: v2\nname: own\nversion: 1.0.0\n", "charts/own/templates/it.yaml": "a: b\n"}
    before = {**chart, **app(tiny=release(replicas=1), own=own)}
    after = {"charts/own/templates/it.yaml": "a: c\n", **app(tiny=release("1.1.0", replicas=2), own=own)}
    out = printed(memory.compared(before, after))

    assert "chart.spec.version 1.0.0 → 1.1.0; values.replicas 1 → 2; its chart is not rendered here, from kubernetes/apps/tiny.yaml" in out
    assert "charts/own changes (1 file); its version stays 1.0.0, so Flux upgrades nothing (reconcileStrategy: ChartVersion)" in out
    out = printed(memory.compared(before, {**after, "charts/own/Chart.yaml": chart["charts/own/Chart.yaml"].replace("1.0", "1.1")}))
    assert "charts/own changes (2 files); version 1.0.0 → 1.1.0; its chart is not rendered here" in out


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


TWO_STACKS = {"it": STACK, "pinned": f"{STACK}  gitops:override: {{git/{NAME}: {{spec: {{ref: {{branch: null, tag: v1}}}}}}}}\n"}


def test_two_stacks_are_told_together_and_a_pinned_one_is_noted(tmp_path: Path) -> None:
    stacks = {name: text.replace("cluster: {name: it", f"cluster: {{name: {name}") for name, text in TWO_STACKS.items()}
    with synced_clone(tmp_path, {**stacks, "refused": "config: {}\n"}) as clone:
        clone.commit(app(a=placed(config_map("a"))), "after")
        told = clone.json("first", "after")

    assert [(each["stacks"], each["names"]) for each in told["changes"]] == [(["it", "pinned"], ["media/a"])]
    assert [each["state"] for each in told["stacks"]] == ["changed", "changed", "still-refused"]
    assert told["notes"] == [f"Stack pinned takes tag v1 of {NAME}: the change reaches it when that does"]


MISTAKES: tuple[tuple[tuple[str, ...], str], ...] = (
    (("--repository", "nowhere", "first"), f"no stack has a GitRepository 'nowhere'. Nothing was compared. Name one of {NAME}, other"),
    (("--repository", NAME, "nowhere"), "there is no revision 'nowhere'"),
    (("--repository", "other", "first", "first"), "has no path that a stack applies from other"),
    (("--repository", NAME, "first", "--with-its-own-code"), "--repository goes with none"),
    (("first",), "--clone needs --repository"),
)


def test_a_mistake_is_told_and_compares_nothing(clone: SyncedClone) -> None:
    for arguments, why in MISTAKES:
        code, out, err = run("compare", "--clone", str(clone.top), *arguments)
        assert (code, out) == (2, ""), arguments
        assert why in err
    (clone.project / "Pulumi.it.yaml").write_text("config: {}\n")
    assert clone.compare("first")[::2] == (2, "no stack can be read (it). Nothing was compared. See what is wrong: gitops render")


def many(count: int) -> RevisionComparison:
    changes = [
        Change(
            kind="ConfigMap",
            action=Action.ADDED,
            noun="ConfigMap",
            names=(f"media/{index}",),
            what=say("is new"),
            diffs=(ObjectDiff(name=f"ConfigMap media/{index}", fields=()),),
            stacks=("it",),
            kustomization="apps",
        )
        for index in range(count)
    ]
    stacks = [StackResult(name="it", state=StackOutcome.CHANGED)]
    return RevisionComparison(base="a", head="b", notes=(), stacks=stacks, decisions=(), changes=changes, repository=NAME)


def test_a_change_of_thousands_of_objects_is_told_in_hundreds_of_lines() -> None:
    found = many(3_000)

    assert headline(found) == "3000 objects come"
    assert len(markdown(found).splitlines()) < MOST_CHANGES + 20
    assert "* and 2500 more changes, which `--output json` has" in markdown(found)
    assert len(render(found, None).plain.splitlines()) < MOST_CHANGES + 20


def test_the_same_change_of_many_objects_is_told_once(memory: InMemory) -> None:
    before, after = (app(**{f"it{n}": placed(config_map(f"it{n}", labels={"who": who})) for n in range(7)}) for who in ("a", "b"))
    out = printed(memory.compared(before, after))

    assert "~ 7 ConfigMaps media/it0, media/it1, media/it2, media/it3 and 3 more  metadata.labels.who a → b, from " in out
    assert out.startswith("7 objects change\n")
