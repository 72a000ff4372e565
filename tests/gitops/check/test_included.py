"""What a GitRepository includes of others is there, and is told of where it can be changed."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gitops.check.findings.judging import Judgement, judge
from gitops.check.repository.included import includes_of
from gitops.check.repository.tree import Tree
from tests.gitops.check.samples import facts, sealed

CONFIG_MAP = "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, namespace: a}}"
SECRET = "{apiVersion: v1, kind: Secret, metadata: {name: a, namespace: default}, stringData: {a: made up}}"
DIRECTORY = "resources: [../vendor/app]"


def tree(folder: Path, name: str, files: Mapping[str, str]) -> Tree:
    for path, content in files.items():
        (folder / name / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / name / path).write_text(content)
    return Tree(name, folder / name, files)


def checked(folder: Path, repositories: Mapping[str, Mapping[str, str]], includes: Mapping[str, list[dict[str, Any]]]) -> Judgement:
    """The Kustomization `apps` of `repository`, which includes as `includes` say; those without files cannot be fetched."""
    trees = {name: tree(folder, name, files) for name, files in repositories.items() if files}
    stack = facts({"kustomizations": {"vars": None, "apps": {"spec": {"postBuild": None}}}})
    stack = replace(
        stack, sources=frozenset(repositories), includes={name: includes_of({"include": each}) for name, each in includes.items()}
    )
    return judge(stack, lambda names: {name: trees[name] for name in names if name in trees})


def include(name: str, **paths: str) -> dict[str, Any]:
    return {"repository": {"name": name}, **paths}


@pytest.mark.thorough
def test_a_path_into_what_is_included_is_there(tmp_path: Path) -> None:
    repositories = {"repository": {"apps/kustomization.yaml": DIRECTORY}, "shared": {"a/kustomization.yaml": "", "a/b.yaml": CONFIG_MAP}}
    for paths in ({"fromPath": "./a", "toPath": "vendor/app"}, {"toPath": "./vendor/app"}):
        repositories["shared"]["kustomization.yaml"] = repositories["shared"]["a/kustomization.yaml"] = "resources: []"
        assert checked(tmp_path, repositories, {"repository": [include("shared", **paths)]}).findings == [], paths


@pytest.mark.thorough
def test_without_a_path_it_lies_under_the_others_name(tmp_path: Path) -> None:
    repositories = {"repository": {"apps/kustomization.yaml": "resources: [../shared]"}, "shared": {"kustomization.yaml": "resources: []"}}
    assert checked(tmp_path, repositories, {"repository": [include("shared")]}).findings == []


@pytest.mark.thorough
def test_what_is_included_is_judged_where_it_can_be_changed(tmp_path: Path) -> None:
    shared = {
        "a/kustomization.yaml": "resources: [plain.yaml, lost.sops.yaml]",
        "a/plain.yaml": SECRET,
        "a/lost.sops.yaml": sealed("a.yaml", SECRET.replace("name: a", "name: b"), ["stranger"]),
    }
    repositories = {"repository": {"apps/kustomization.yaml": DIRECTORY}, "shared": shared}
    judgement = checked(tmp_path, repositories, {"repository": [include("shared", fromPath="a", toPath="vendor/app")]})
    assert [(each.rule, each.repository, each.file) for each in judgement.findings] == [
        ("unreadable", "shared", "a/lost.sops.yaml"),
        ("plain-secret", "shared", "a/plain.yaml"),
        ("no-rule", "shared", ""),
    ]
    assert [(each.repository, each.path, each.synced) for each in judgement.files] == [("shared", "a/lost.sops.yaml", True)]


def test_what_the_included_includes_is_there_too_and_a_circle_ends(tmp_path: Path) -> None:
    repositories = {
        "repository": {"apps/kustomization.yaml": DIRECTORY},
        "shared": {"a.yaml": ""},
        "deep": {"kustomization.yaml": "resources: []"},
    }
    circle = {
        "repository": [include("shared", toPath="vendor")],
        "shared": [include("deep", toPath="app")],
        "deep": [include("shared", toPath="again")],
    }
    findings = checked(tmp_path, repositories, circle).findings
    assert [(each.rule, each.severity.value, each.repository) for each in findings] == [("not-checked", "warning", "deep")]


@pytest.mark.thorough
def test_what_could_not_be_fetched_or_is_not_of_this_stack_is_a_warning_and_no_missing_path(tmp_path: Path) -> None:
    mine = {"repository": {"apps/kustomization.yaml": DIRECTORY}}
    for repositories, deep in ((mine, False), ({**mine, "shared": {}}, False), ({**mine, "shared": {"a.yaml": ""}, "deep": {}}, True)):
        includes = {"repository": [include("shared", toPath="vendor" if deep else "vendor/app")], "shared": [include("deep", toPath="app")]}
        findings = checked(tmp_path, repositories, includes).findings
        assert [(each.rule, each.severity.value) for each in findings] == [("not-checked", "warning")], repositories
        assert "The included files were not checked." in findings[0].text


def test_a_part_that_the_included_does_not_have_is_told(tmp_path: Path) -> None:
    repositories = {"repository": {"apps/kustomization.yaml": "resources: []"}, "shared": {"a.yaml": ""}}
    findings = checked(tmp_path, repositories, {"repository": [include("shared", fromPath="./b")]}).findings
    assert [each.text.partition(",")[0] for each in findings] == ["includes ./b of shared"]
