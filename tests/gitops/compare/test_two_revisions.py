"""`gitops compare` on a real repository: which files it reads, whose code reads them, what it prints and how it ends."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from unittest.mock import patch

import jsonschema_rs
import pytest

from gitops.compare import own_code
from gitops.compare.own_code import OwnCodeError, views_by_own_code
from gitops.compare.revision_files import resolve, write_files
from gitops.compare.two_revisions import compare_revisions
from gitops.rendered.read_folder import views_in
from gitops.rendered.view_json import document, views_from
from tests.engine import AMBIENT, REPOSITORY
from tests.gitops.check.git_server import committed, git
from tests.gitops.compare.kinds_of_change import CATALOG, STACK
from tests.gitops.render.clone import run
from tests.manifests import manifests_directory

SCHEMA = REPOSITORY / "schema" / "compare.schema.json"


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A project in a folder of a repository, with three commits: `first`, `second`, and one that is refused, `third`."""
    top = tmp_path / "repository"
    project = top / "clusters"
    project.mkdir(parents=True)
    git("init", "--quiet", "--initial-branch=main", str(top), at=tmp_path)
    stack = STACK.replace("./manifests/v2.9.4", "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:" + "0" * 64)
    files = {"clusters/Pulumi.yaml": "name: gitops\n", "clusters/catalog.yaml": CATALOG, "clusters/Pulumi.production.yaml": stack}
    committed(top, files)
    git("tag", "first", at=top)
    committed(top, {"clusters/Pulumi.production.yaml": stack.replace("interval: 15m", "interval: 5m")})
    git("tag", "second", at=top)
    committed(top, {"clusters/Pulumi.production.yaml": stack.replace("interval: 15m", "interval: 5 minutes")})
    git("tag", "third", at=top)
    git("checkout", "--quiet", "--detach", "second", at=top)
    monkeypatch.chdir(project)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    with patch.dict(os.environ, {**kept, "GITOPS_FLUX_MANIFESTS": str(manifests_directory())}, clear=True):
        yield project


@pytest.mark.thorough
def test_two_commits_are_compared_and_nothing_around_them_changes(clone: Path) -> None:
    (clone / "catalog.yaml").write_text("broken: [")
    before = git("status", "--porcelain", "--ignored", at=clone), git("stash", "list", at=clone), git("for-each-ref", at=clone)
    code, out, _ = run("compare", "first", "second")

    assert code == 0
    assert "~ GitRepository apps  interval 15m → 5m (in override, Pulumi.production.yaml:20)" in out
    assert (git("status", "--porcelain", "--ignored", at=clone), git("stash", "list", at=clone), git("for-each-ref", at=clone)) == before


@pytest.mark.thorough
def test_without_a_second_revision_the_working_tree_is_compared_as_it_is(clone: Path) -> None:
    code, out, _ = run("compare", "second")
    assert (code, out.splitlines()[0]) == (0, "Nothing changes in what the stacks create")
    (clone / "Pulumi.new.yaml").write_text((clone / "Pulumi.production.yaml").read_text())
    code, out, _ = run("compare", "second", "-o", "markdown")
    assert code == 0
    assert "`pulumi up` of the new stack `new` installs Flux in cluster" in out


EXIT_CODES = (
    (("first", "second"), 0),
    (("first", "second", "--expect-no-changes"), 3),
    (("second", "second", "--expect-no-changes"), 0),
    (("second", "third"), 1),
    (("second", "third", "--expect-no-changes"), 1),
    (("third", "third", "--expect-no-changes"), 0),
    (("third", "second"), 0),
    (("nowhere",), 2),
    (("first", "--output=x"), 2),
    (("first", "second", "-s", "nosuch"), 2),
    (("first", "second", "-s", "production"), 0),
    (("--", "--upload-pack=x", "second"), 2),
)


@pytest.mark.thorough
def test_every_exit_code_means_one_thing(clone: Path) -> None:
    del clone
    assert [run("compare", *arguments)[0] for arguments, _ in EXIT_CODES] == [code for _, code in EXIT_CODES]


@pytest.mark.thorough
def test_a_refused_stack_shows_the_refusal_as_it_is(clone: Path) -> None:
    del clone
    code, out, _ = run("compare", "second", "third")
    assert code == 1
    assert 'Pulumi.production.yaml:20 gitops:override.git/apps.spec.interval: "5 minutes" is not a duration.' in out
    assert "would be refused" in out
    code, out, _ = run("compare", "third", "third")
    assert "is refused, before and after" in out


@pytest.mark.thorough
def test_a_refusal_that_offers_another_choice_is_the_same_refusal(clone: Path) -> None:
    stack = clone / "Pulumi.production.yaml"
    stack.write_text(stack.read_text().replace("git/apps:", "git/nosuch:"))
    git("commit", "--quiet", "--all", "--message", "refused", at=clone)
    (clone / "catalog.yaml").write_text(CATALOG.replace("git:\n", "git:\n  more: {url: https://git.test/more.git}\n", 1))
    code, out, _ = run("compare", "HEAD")
    assert "git/more" in out
    assert (code, "is refused, before and after" in out) == (0, True)


@pytest.mark.thorough
def test_the_json_is_what_its_schema_says(clone: Path) -> None:
    del clone
    schema = jsonschema_rs.validator_for(json.loads(SCHEMA.read_text(encoding="utf-8")))
    for arguments in (("first", "second"), ("second", "third"), ("third", "third"), ("first", "first")):
        code, out, _ = run("compare", *arguments, "-o", "json")
        found = json.loads(out)
        schema.validate(found)
        assert found["exitCode"] == code
    changed = json.loads(run("compare", "first", "second", "-o", "json")[1])["changes"][0]
    assert changed["objects"][0]["fields"] == [{"path": "spec.interval", "before": "15m", "after": "5m"}]
    assert not schema.is_valid({**found, "version": 2})
    assert not schema.is_valid({**found, "more": 1})


@pytest.mark.thorough
def test_attributes_of_a_revision_hide_no_file_and_links_lead_nowhere(clone: Path, tmp_path: Path) -> None:
    top = clone.parent
    (top / "out").symlink_to("/etc")
    (top / "clusters" / "up").symlink_to("../../../etc")
    (top / "clusters" / "here").symlink_to("catalog.yaml")
    (top / "clusters" / "beside").symlink_to("../clusters/catalog.yaml")
    (top / "clusters" / "behind").symlink_to("beside/../../../etc")
    committed(top, {".gitattributes": "* export-ignore export-subst\n*.yaml filter=evil\n", "clusters/x": "$Format:%H$"})
    git("config", "filter.evil.smudge", f"touch {tmp_path / 'smudged'}", at=top)
    folder = tmp_path / "files"
    project = write_files(resolve(clone, "HEAD"), folder)

    assert (project / "catalog.yaml").read_text() == CATALOG
    assert (project / "x").read_text() == "$Format:%H$"
    links = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_symlink()}
    assert links == {"clusters/here", "clusters/beside"}
    assert not (tmp_path / "smudged").exists()


EVIL = """
import os, sys
open(os.environ["MARK"] if "MARK" in os.environ else {mark!r}, "w").write(repr(sorted(os.environ)))
sys.exit({code})
"""


PACKAGES = ("components", "flux", "gitops", "live", "stacks")
MADE = "        yield MadeObject(body=planned.body, planned=planned)\n"
SLOWER = """\
        spec = planned.body["spec"]
        is_it = (planned.kind, planned.name) == ("GitRepository", "apps")
        body = {**planned.body, "spec": {**spec, "interval": "42m"}} if is_it else planned.body
        yield MadeObject(body=body, planned=planned)
"""


@pytest.mark.thorough
def test_what_a_change_of_the_program_makes_is_shown_by_the_program_of_each_revision(clone: Path) -> None:
    for package in PACKAGES:
        shutil.copytree(REPOSITORY / package, clone / package, ignore=shutil.ignore_patterns("__pycache__"))
    git("add", "--all", at=clone)
    git("commit", "--quiet", "--message", "with its program", at=clone)
    git("tag", "with-program", at=clone)
    maker = clone / "stacks" / "made_objects.py"
    text = maker.read_text()
    assert MADE in text
    maker.write_text(text.replace(MADE, SLOWER))
    git("commit", "--quiet", "--all", "--message", "every app is fetched less often", at=clone)

    code, out, _ = run("compare", "with-program", "HEAD")
    assert (code, "interval" in out) == (0, False)
    assert "The program itself changes (stacks/made_objects.py), and what that does is not shown" in out
    code, out, _ = run("compare", "with-program", "HEAD", "--with-its-own-code")
    assert code == 0
    assert "~ GitRepository apps  interval 5m → 42m (in override, Pulumi.production.yaml:20)" in out
    assert "was read by this program's code" not in out
    assert "what it does besides making these objects is not shown" in out


@pytest.mark.thorough
def test_a_revisions_own_program_runs_only_if_asked_for_and_sees_no_secret(clone: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    committed(clone.parent, {"clusters/gitops/__init__.py": "", "clusters/gitops/__main__.py": EVIL.format(mark=str(mark), code=0)})
    secrets = {"GITOPS_SECRET_GITEA_READ_PASSWORD": "a", "PULUMI_CONFIG_PASSPHRASE": "b", "GITEA_TOKEN": "c", "KUBECONFIG": "d"}
    with patch.dict(os.environ, secrets):
        code, out, _ = run("compare", "second", "HEAD")
        assert (code, mark.exists()) == (0, False)
        assert (
            "The program itself changes (gitops/__init__.py, gitops/__main__.py), and what that does is not shown; --with-its-own-code"
            in out
        )
        code, out, _ = run("compare", "second", "HEAD", "--with-its-own-code")

    assert code == 0
    seen = mark.read_text()
    assert not [name for name in secrets if name in seen]
    assert "second was read by this program's code: it has no program of its own" in out
    assert "HEAD was read by this program's code: its program wrote something else" in out


@pytest.mark.thorough
def test_an_own_program_that_fails_or_does_not_end_is_not_believed(clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text, why in (
        ("fails", EVIL.format(mark=str(tmp_path / "m"), code=2), "has no `gitops render --form json`, or fails"),
        ("hangs", "import time; time.sleep(60)", "took longer"),
        ("writes", "print('[' * 200)", "wrote something else"),
        ("lies", 'print(\'{"version": 1, "stacks": [1]}\')', "wrote something else"),
    ):
        folder = tmp_path / name
        (folder / "gitops").mkdir(parents=True)
        (folder / "gitops" / "__init__.py").touch()
        (folder / "gitops" / "__main__.py").write_text(text)
        monkeypatch.setattr(own_code, "SECONDS", 0.3 if name == "hangs" else 60)
        started = time.monotonic()
        with pytest.raises(OwnCodeError, match=why):
            views_by_own_code(folder, None)
        assert time.monotonic() - started < 30, clone


@pytest.mark.thorough
def test_what_another_process_renders_is_read_back_as_it_was(clone: Path) -> None:
    whole = views_in(clone)
    again = views_from(json.loads(json.dumps(document(whole.values()))))["production"]
    first = whole["production"]

    assert (again.name, again.flux_version, again.facts, again.objects) == (first.name, first.flux_version, first.facts, first.objects)
    which = next(each for each in first.objects if each[1] == "GitRepository" and each[3] == "apps")
    for path in (("spec", "interval"), ("spec", "url"), ("metadata", "name")):
        mine, theirs = first.place(which, path), again.place(which, path)
        assert (mine and (mine.file, mine.line, mine.layer)) == (theirs and (theirs.file, theirs.line, theirs.layer))
    code, out, _ = run("render", "-s", "production", "--output", "json")
    assert code == 0
    assert views_from(json.loads(out))["production"].objects == first.objects


def test_a_folder_without_a_repository_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Pulumi.yaml").write_text("name: gitops\n")
    monkeypatch.chdir(tmp_path)
    code, _, err = run("compare", "main")
    assert code == 2
    assert "git rev-parse failed: " in err


@pytest.mark.thorough
def test_the_stack_that_a_comparison_names_is_read_alone(clone: Path) -> None:
    (clone / "Pulumi.other.yaml").write_text("config: {}\n")
    assert [each.name for each in compare_revisions(clone, "second", None, only="production").stacks] == ["production"]
    assert subprocess.run(["git", "diff", "--quiet"], cwd=clone, check=False).returncode == 0
