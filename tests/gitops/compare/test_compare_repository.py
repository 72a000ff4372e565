"""`gitops compare --repository`: what Flux does with a change of a repository that it syncs. tests/e2e asks Flux itself."""

import json
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

import jsonschema_rs
import pytest

from gitops.compare.diff_text import MOST_CHANGES
from gitops.compare.found_changes import Action, Change, ObjectDiff, RevisionComparison, StackOutcome, StackResult
from gitops.compare.headline import headline
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from gitops.compare.sentence import say
from gitops.compare.table import render
from tests.engine import REPOSITORY
from tests.gitops.check.git_server import git
from tests.gitops.compare.charts_at_hand import ChartsAtHand
from tests.gitops.compare.effect_files import AFTER, APPS, BEFORE, actions, app, placed, printed, yaml_of
from tests.gitops.compare.synced_builders import config_map, kustomize
from tests.gitops.compare.synced_repository import NAME, STACK, InMemory, SyncedClone, synced_clone
from tests.gitops.render.clone import run

SCHEMA = REPOSITORY / "schema" / "compare.schema.json"
PAGE = REPOSITORY / "docs" / "compare.md"


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[SyncedClone]:
    with synced_clone(tmp_path) as made:
        yield made


@pytest.mark.thorough
def test_every_form_tells_what_comes_changes_and_goes_below_its_kustomization(memory: InMemory) -> None:
    found = memory.compared(
        app(a=placed(config_map("a")), b=placed(config_map("b"))),
        app(a=placed(config_map("a", answer="43")), b=None, c=placed(config_map("c"))),
    )

    assert printed(found).splitlines() == [
        "it: 1 object comes, 1 changes, 1 is deleted",
        "",
        "it, Kustomization cluster-apps",
        "~ ConfigMap media/a  data.answer 42 → 43 (kubernetes/apps/a.yaml:1)",
        "- ConfigMap media/b  is deleted (kubernetes/apps/b.yaml:1 before this change)",
        "+ ConfigMap media/c  is new (kubernetes/apps/c.yaml:1)",
        "",
        "Takes effect when Flux fetches the merged commit. Compared: before with after.",
    ]
    assert (
        "* Kustomization `cluster-apps`\n  * ConfigMap `media/a`: `data.answer` `42` → `43` (`kubernetes/apps/a.yaml:1`)\n"
        "  * ConfigMap `media/b` is deleted (`kubernetes/apps/b.yaml:1` before this change)\n"
    ) in markdown(found)
    assert "```diff\n@@ ConfigMap media/a @@\n- data.answer: 42\n+ data.answer: 43\n```" in markdown(found), "the others have no fields"
    told = document(found, 0)
    jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8"))).validate(told)
    assert (told["repository"], told["stacks"]) == (NAME, [{"name": "it", "state": "changed", "refusals": []}])
    assert actions(found) == {"ConfigMap media/a": "changed", "ConfigMap media/b": "removed", "ConfigMap media/c": "added"}
    assert {(each["kustomization"], each["certain"]) for each in told["changes"]} == {("cluster-apps", True)}


@pytest.mark.thorough
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
    assert out.startswith("it: 1 object comes\n")
    assert [each["names"] for each in told["changes"]] == [["media/a"]]
    assert (git("status", "--porcelain", "--ignored", at=clone.top), git("count-objects", "-v", at=clone.top)) == before


@pytest.mark.thorough
def test_the_page_shows_what_is_printed_of_an_example(memory: InMemory, update_goldens: bool) -> None:
    page = PAGE.read_text(encoding="utf-8")
    begin, _, rest = page.partition("```text synced\n")
    shown, _, end = rest.partition("```\n")
    now = render(memory.compared(BEFORE, AFTER, ChartsAtHand()), 120).plain.rstrip("\n") + "\n"
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


TWO_STACKS = {"it": STACK, "pinned": f"{STACK}  gitops:override: {{git/{NAME}: {{spec: {{ref: {{branch: null, tag: v1}}}}}}}}\n"}


@pytest.mark.thorough
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
    (("--repository", NAME, "first..first"), "'first..first' is not a revision. Nothing was compared. Name two revisions"),
    (("--repository", NAME, "first", "--clone", "/nowhere"), "/nowhere is not a directory. Nothing was compared. Name the directory"),
    (("first",), "--clone needs --repository"),
)


@pytest.mark.thorough
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

    assert headline(found).plain == "it: 3000 objects come"
    assert len(markdown(found).splitlines()) < MOST_CHANGES + 20
    assert "* and 2500 more changes, which `--output json` has" in markdown(found)
    assert len(render(found, None).plain.splitlines()) < MOST_CHANGES + 20
