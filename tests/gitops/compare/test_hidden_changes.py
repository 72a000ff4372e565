"""A change that should look harmless: each of these changes what happens, and has a line that says so."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from gitops.compare.changed_program import decisions_of_program
from gitops.compare.comparing import compared
from gitops.compare.found_changes import RevisionComparison, StackOutcome
from gitops.compare.json_document import document
from gitops.compare.markdown import markdown
from gitops.compare.object_changes import changes_of_objects
from gitops.compare.release_changes import changes_of_installation
from gitops.compare.revision_files import ChangedFile, changed_files, resolve
from gitops.compare.table import render
from gitops.rendered.stack_view import StackView
from gitops.rendered.view_json import document as rendered
from gitops.rendered.view_json import views_from
from tests.gitops.check.git_server import committed, git
from tests.gitops.compare.kinds_of_change import CATALOG, KINDS, STACK, sealed, with_secrets
from tests.gitops.compare.test_kinds_of_change import comparison_of, views
from tests.gitops.compare.test_what_opens import OWN, body, pair
from tests.keys import elliptic_key, public_pem

DEVELOPMENT = STACK.replace("environment: production", "environment: development")


def told(folder: Path, before: str, after: str, files: Mapping[str, str] | None = None, changed: Mapping[str, str] | None = None) -> str:
    """What a comparison prints."""
    return render(found(folder, before, after, files, changed), None).plain


def found(
    folder: Path, before: str, after: str, files: Mapping[str, str] | None = None, changed: Mapping[str, str] | None = None
) -> RevisionComparison:
    old = views(folder / "before", {"production": before}, CATALOG, files)
    new = views(folder / "after", {"production": after}, CATALOG, {**(files or {}), **(changed or {})})
    return compared(old, new, base="main", head="a pull request")


def test_a_key_without_a_namespace_is_one_of_the_program_as_pulumi_reads_it(tmp_path: Path) -> None:
    text = told(tmp_path, STACK, f"{STACK}  takeOver: [unknown]\n  removeTakenOver: true\n")

    assert "created by an unknown owner, the next pulumi up overwrites it" in text
    assert "a later pulumi destroy also deletes objects that existed before this stack" in text


def test_a_key_that_is_given_with_and_without_a_namespace_is_refused(tmp_path: Path) -> None:
    text = told(tmp_path, STACK, f"{STACK}  onDestroy: removeWorkloads\n")

    assert "Pulumi.production.yaml:22 onDestroy: is given twice, as gitops:onDestroy, too" in text


def test_another_public_key_in_a_file_of_the_same_name_is_told(tmp_path: Path) -> None:
    stack = STACK.replace(
        "./manifests/v2.9.4\n", "ghcr.io/fluxcd/flux-manifests:v2.9.4@sha256:" + "0" * 64 + "\n    verify: {key: cosign.pub}\n"
    )
    keys = [{"cosign.pub": public_pem(elliptic_key(name))} for name in ("a", "b")]
    text = told(tmp_path, stack, stack, *keys)

    assert "Different signatures of Flux's manifests may be accepted: cosign.pub changes" in text


def test_another_variable_of_the_environment_is_told_though_its_value_is_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = DEVELOPMENT.replace("name: homelab\n", "name: homelab\n    server: {env: GITOPS_DEV_A}\n").replace(
        "    server: https://192.168.1.10:6443\n", ""
    )
    old, new = (
        views(tmp_path / name, {"production": text}, CATALOG) for name, text in (("a", before), ("b", before.replace("DEV_A", "DEV_B")))
    )
    text = render(compared(old, new, base="a", head="b"), None).plain

    assert "gitops:cluster.server takes its value from the variable GITOPS_DEV_B instead of GITOPS_DEV_A" in text


def test_what_changes_in_a_stack_that_stays_refused_is_named(tmp_path: Path) -> None:
    refused = STACK.replace("interval: 15m", "interval: 5 minutes")
    text = told(tmp_path, refused, f"{refused}  gitops:takeOver: [unknown]\n")

    assert "What changes in stack production is not shown, because it is refused before and after: gitops:takeOver" in text
    old = views(tmp_path / "a", {"production": refused}, CATALOG)
    new = views(tmp_path / "b", {"production": refused}, CATALOG.replace("timeout: 5m", "timeout: 6m"))
    notes = [each.plain for each in compared(old, new, base="a", head="b").notes]
    assert notes == ["What the change of the catalog does to stack production is not shown, because it is refused before and after"]


def test_a_stack_that_is_no_longer_refused_was_not_compared(tmp_path: Path) -> None:
    text = told(tmp_path, STACK.replace("interval: 15m", "interval: 5 minutes"), STACK)

    assert "What else changes in stack production is not shown, because it was refused until now: read Pulumi.production.yaml" in text


FILES = {
    "gitops/x.py": True,
    "yaml.py": True,
    "pulumi/__init__.py": True,
    "requirements/run.txt": True,
    "requirements.txt": True,
    "uv.lock": True,
    "workflows/install-pulumi.sh": True,
    "flux/schema/x.json": True,
    ".venv/lib/site.pth": True,
    "catalog.yaml": False,
    "Pulumi.production.yaml": False,
    "checked/production.yaml": False,
    "README.md": False,
    "tests/test_x.py": False,
    "apps/release.yaml": False,
}


@pytest.mark.parametrize("inside", [".", "clusters/here"])
@pytest.mark.parametrize(("file", "is_program"), FILES.items())
def test_whatever_runs_is_named_and_nothing_else(file: str, is_program: bool, inside: str) -> None:
    place = PurePosixPath(inside)
    changed = [ChangedFile(path=place / file, modes=("100644", "100644")), ChangedFile(path=PurePosixPath("x.md"), modes=("0", "100644"))]
    decisions = list(decisions_of_program(changed, place, own_code=False))

    assert [each.kind for each in decisions] == ["program"] * is_program
    assert all(file in each.text.plain and "--with-its-own-code" in each.text.plain for each in decisions)


def test_links_submodules_workflows_and_attributes_are_named() -> None:
    modes = {
        "docs/yaml": ("000000", "120000"),
        "tests/x": ("160000", "160000"),
        ".gitea/workflows/up.yaml": ("0", "100644"),
        "apps/.gitattributes": ("0", "100644"),
    }
    changed = [ChangedFile(path=PurePosixPath(path), modes=each) for path, each in modes.items()]
    first, second, third = (each.text.plain for each in decisions_of_program(changed, PurePosixPath("."), own_code=True))

    assert first == "The program itself changes (docs/yaml, tests/x): what it does besides making these objects is not shown"
    assert second == "Workflows change (.gitea/workflows/up.yaml): they decide what runs with the secrets of CI"
    assert third == "Git's attributes change (apps/.gitattributes): git may check out other texts than those that were compared"


@pytest.mark.thorough
def test_git_says_which_files_differ(tmp_path: Path) -> None:
    git("init", "--quiet", "--initial-branch=main", ".", at=tmp_path)
    committed(tmp_path, {"here/Pulumi.yaml": "name: gitops\n", "here/a b\n.py": "1", "gone": "1"})
    git("tag", "first", at=tmp_path)
    (tmp_path / "here" / "link").symlink_to("Pulumi.yaml")
    (tmp_path / "gone").unlink()
    committed(tmp_path, {"here/a b\n.py": "2", "kept": "1"})
    before, after = resolve(tmp_path / "here", "first"), resolve(tmp_path / "here", "HEAD")
    modes = {str(each.path): each.modes for each in changed_files(before, after)}

    assert modes == {
        "here/a b\n.py": ("100644", "100644"),
        "here/link": ("000000", "120000"),
        "gone": ("100644", "000000"),
        "kept": ("000000", "100644"),
    }
    (tmp_path / "kept").write_text("2")
    assert {str(each.path) for each in changed_files(after, None)} == {"kept"}


def controller(**spec: Any) -> dict[str, Any]:
    manager = {"name": "manager", "image": "ghcr.io/fluxcd/source-controller:v1.9.4", "args": ["--a=1"]}
    return dict(body("Deployment", "source-controller", spec={"template": {"spec": {"containers": [manager], **spec}}}))


def test_other_containers_than_the_controller_have_their_lines_in_an_upgrade_too() -> None:
    setup = [[{"name": "setup", "image": f"registry.test/{name}", "args": [name]}] for name in ("a", "b")]
    before, after = (controller(initContainers=each) for each in setup)
    (changed,) = [each for each in changes_of_installation(replace_version(pair([before], [after]))) if each.kind == "Deployment"]

    assert changed.what.plain == "initContainers[setup].args a is removed; initContainers[setup].args b is added; " + (
        "initContainers[setup].image registry.test/a → registry.test/b"
    )


def replace_version(both: Any) -> Any:
    return replace(both, before=replace(both.before, flux_version="v2.8.8"))


def test_a_label_of_a_version_says_nothing_but_in_a_selector() -> None:
    label = "app.kubernetes.io/version"
    bodies = [
        body("Kustomization", "a", {**OWN, label: version}, spec={"commonMetadata": {"labels": {label: version}}}) for version in ("1", "2")
    ]
    (changed,) = changes_of_objects(pair(bodies[:1], bodies[1:]))

    assert changed.what.plain == 'commonMetadata.labels["app.kubernetes.io/version"] 1 → 2'


@pytest.mark.parametrize("kind", [kind for kind, each in KINDS.items() if "cipher-" in each.before.get("production", "")])
def test_nothing_of_a_ciphertext_is_in_any_output(kind: str, tmp_path: Path) -> None:
    comparison = comparison_of(KINDS[kind], tmp_path)
    everything = markdown(comparison) + render(comparison, None).plain + json.dumps(document(comparison, 0)) + repr(comparison)

    assert comparison.decisions
    assert not [word for word in ("cipher-", "salt-A", "salt-B", "v1:") if word in everything]


def test_no_mark_of_a_value_is_written_or_told(tmp_path: Path) -> None:
    view = views(tmp_path / "clone", {"production": with_secrets(sealed())}, CATALOG)["production"]
    marks = [
        each.mark for values in (view.files.sealed, view.files.settings, view.files.beside, view.files.project) for each in values.values()
    ]
    everything = json.dumps(rendered([view])) + repr(view)

    assert len(marks) > 10
    assert not [mark for mark in marks if mark.hex() in everything or repr(mark) in everything]
    assert "cipher-" not in everything


def test_what_an_older_program_does_not_tell_of_a_stack_file_is_no_change(tmp_path: Path) -> None:
    after = views(tmp_path / "clone", {"production": f"{STACK}  gitops:takeOver: [flux]\n"}, CATALOG)
    written = json.loads(json.dumps(rendered(after.values())))
    for key in ("acknowledge", "insecureHosts", "removeTakenOver"):
        del written["stacks"][0]["facts"][key]
    before: Mapping[str, StackView] = views_from(written)

    assert not compared(before, after, base="a", head="b").has_changes


PROJECT = "name: gitops\nruntime: python\n"
KEYS_OF_PROJECT = {
    "name": "name: another\nruntime: python\n",
    "runtime": "name: gitops\nruntime: nodejs\n",
    **{key: f"{PROJECT}{key}: {{a: b}}\n" for key in ("backend", "plugins", "packages", "options", "somethingNew")},
    "main": f"{PROJECT}main: elsewhere\n",
    "stackConfigDir": f"{PROJECT}stackConfigDir: elsewhere\n",
    "config": f"{PROJECT}config: elsewhere\n",
    "gitops:removeTakenOver": f"{PROJECT}config: {{'gitops:removeTakenOver': true}}\n",
}


@pytest.mark.parametrize("key", KEYS_OF_PROJECT)
def test_each_key_of_the_project_file_has_a_line(key: str, tmp_path: Path) -> None:
    stacks = {"production": STACK}
    before = views(tmp_path / "before", stacks, CATALOG, {"Pulumi.yaml": PROJECT})
    after = views(tmp_path / "after", stacks, CATALOG, {"Pulumi.yaml": KEYS_OF_PROJECT[key]})
    decisions = [each for each in compared(before, after, base="a", head="b").decisions if each.kind == "project-file"]

    assert [each.text.plain for each in decisions if key in each.text.values]
    assert all("Pulumi.yaml" in each.text.plain for each in decisions)


def test_what_only_describes_the_project_has_none(tmp_path: Path) -> None:
    said = "".join(f"{key}: another\n" for key in ("description", "author", "website", "license"))
    text = told(tmp_path, STACK, STACK, {"Pulumi.yaml": PROJECT}, {"Pulumi.yaml": PROJECT + said})

    assert text.startswith("Nothing changes in what the stacks create\n")


def test_a_secret_that_only_gets_another_name_is_told_as_that(tmp_path: Path) -> None:
    before = with_secrets(sealed())
    text = told(tmp_path, before, before.replace("gitops:gitea-read-password", "gitops:charts-password"))

    assert "The password of credential charts gets the value that secret gitea-read-password had" in text
    assert (
        "gitea-read-password  is no longer in the stack file: the variable GITOPS_SECRET_GITEA_READ_PASSWORD has to be set instead" in text
    )


def test_a_selector_of_flux_itself_that_asks_for_a_version_has_a_line() -> None:
    label = "app.kubernetes.io/version"
    policies = [
        body("NetworkPolicy", "a", {label: version}, spec={"podSelector": {"matchLabels": {label: version}}}) for version in ("1", "2")
    ]
    (changed,) = changes_of_installation(pair(policies[:1], policies[1:]))

    assert changed.what.plain == 'podSelector.matchLabels["app.kubernetes.io/version"] 1 → 2'


def test_nothing_is_said_to_change_in_a_file_that_is_no_yaml(tmp_path: Path) -> None:
    stack = STACK.replace("config:\n", "config:\n  pulumi:disable-default-providers: ['*']\n", 1)
    old = views(tmp_path / "before", {"production": stack}, CATALOG)
    new = views(tmp_path / "after", {"production": f"{stack}encryptionsalt: v1:x\n  gitops:size: small\n"}, CATALOG)
    found = compared(old, new, base="main", head="a-branch")
    assert [each.state for each in found.stacks] == [StackOutcome.REFUSED]
    assert not found.decisions
    assert not found.changes
