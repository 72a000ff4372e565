"""A path is followed as kustomize, and Flux before it, would."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.bodies import kustomization
from flux.patching.selectors import has_labels, is_selected
from gitops.check.follow.kustomize_build import Build, build
from gitops.check.follow.patches import patched
from gitops.check.follow.synced import Synced, World, follow
from gitops.check.repository.documents import mapping
from gitops.check.repository.tree import Tree, joined

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {}}}\n"


def tree(folder: Path, files: Mapping[str, str], ignored: tuple[str, ...] = ()) -> Tree:
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
    return Tree("repository", folder, files, ignored)


def built(folder: Path, files: Mapping[str, str], path: str = "./", spec: Mapping[str, Any] | None = None, **more: Any) -> Build:
    return build(tree(folder, files, **more), path, dict(spec or {}), "Kustomization it")


def names(result: Build) -> list[str]:
    assert result.findings == []
    return [str(item) for item in result.objects]


def test_without_a_kustomization_every_yaml_below_counts_and_directories_with_one_count_as_it_says(tmp_path: Path) -> None:
    files = {
        "a.yaml": CONFIG_MAP.format("a"),
        "deep/er/b.yml": CONFIG_MAP.format("b"),
        "kustomized/kustomization.yaml": "resources: [c.yaml]",
        "kustomized/c.yaml": CONFIG_MAP.format("c"),
        "kustomized/not-named.yaml": ": :",
        "README.md": "x",
    }
    assert names(built(tmp_path, files)) == ["ConfigMap/a", "ConfigMap/b", "ConfigMap/c"]


def test_a_directory_on_the_way_is_part_of_the_path_alone(tmp_path: Path) -> None:
    files = {
        "apps/a.yaml": CONFIG_MAP.format("a"),
        "apps-of-others/b.yaml": CONFIG_MAP.format("b"),
        "kustomization.yaml": "resources: [apps]",
    }
    assert names(built(tmp_path, files, "./apps/")) == ["ConfigMap/a"]


@pytest.mark.parametrize("files", [{"a.yaml": "a: 1\nb: [\n"}, {"kustomization.yaml": "a: 1\nresources: [\n"}])
def test_a_file_that_is_no_yaml_is_told_with_the_line_where_that_shows(files: dict[str, str], tmp_path: Path) -> None:
    (finding,) = built(tmp_path, files).findings
    assert (finding.rule, finding.place) == ("not-yaml", f"repository: {next(iter(files))}:3")


@pytest.mark.parametrize("name", ["kustomization.yaml", "kustomization.yml", "Kustomization"])
def test_every_name_of_a_kustomization_file_counts(name: str, tmp_path: Path) -> None:
    assert names(built(tmp_path, {name: "resources: [a.yaml]", "a.yaml": CONFIG_MAP.format("a"), "b.yaml": ": :"})) == ["ConfigMap/a"]


def test_bases_above_components_and_lists_are_followed(tmp_path: Path) -> None:
    component = {
        "apiVersion": "kustomize.config.k8s.io/v1alpha1",
        "kind": "Component",
        "resources": ["c.yaml"],
        "patches": [{"target": {"kind": "ConfigMap"}, "patch": "- {op: add, path: /metadata/labels, value: {by: component}}"}],
    }
    apps = {
        "resources": ["../base", "list.yaml", "https://elsewhere.test/base"],
        "components": ["../component"],
        "namespace": "apps",
        "namePrefix": "x-",
    }
    files = {
        "apps/kustomization.yaml": yaml.safe_dump(apps),
        "apps/list.yaml": yaml.safe_dump({"apiVersion": "v1", "kind": "List", "items": [yaml.safe_load(CONFIG_MAP.format("b"))]}),
        "base/kustomization.yaml": "resources: [a.yaml]",
        "base/a.yaml": CONFIG_MAP.format("a"),
        "component/kustomization.yaml": yaml.safe_dump(component),
        "component/c.yaml": CONFIG_MAP.format("c"),
    }
    result = built(tmp_path, files, "apps")
    assert names(result) == ["ConfigMap/apps/x-a", "ConfigMap/apps/x-b", "ConfigMap/apps/x-c"]
    assert [mapping(item.body, "metadata", "labels") for item in result.objects] == [{"by": "component"}] * 3


def test_directories_that_name_each_other_end(tmp_path: Path) -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b]",
        "b/kustomization.yaml": "resources: [../a, c.yaml]",
        "b/c.yaml": CONFIG_MAP.format("c"),
    }
    assert names(built(tmp_path, files, "a")) == ["ConfigMap/c"]


def test_what_the_source_leaves_out_is_missing_and_the_reason_is_told(tmp_path: Path) -> None:
    files = {"kustomization.yaml": "resources: [a.yaml]", "a.yaml": CONFIG_MAP.format("a")}
    result = built(tmp_path, files, ignored=("a.yaml",))
    assert ["the source's `ignore` excludes" in finding.text for finding in result.findings] == [True]


def test_the_namespace_of_the_kustomization_wins(tmp_path: Path) -> None:
    files = {"a.yaml": "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: written}\n"}
    assert names(built(tmp_path, files, spec={"targetNamespace": "target"})) == ["ConfigMap/target/a"]


def test_components_and_affixes_of_the_kustomization_count_too(tmp_path: Path) -> None:
    files = {
        "apps/a.yaml": CONFIG_MAP.format("a"),
        "components/common/kustomization.yaml": "{kind: Component, resources: [c.yaml]}",
        "components/common/c.yaml": CONFIG_MAP.format("c"),
    }
    spec = {"components": ["../components/common"], "targetNamespace": "target", "namePrefix": "x-", "nameSuffix": "-y"}
    assert names(built(tmp_path, files, "apps", spec)) == ["ConfigMap/target/x-a-y", "ConfigMap/target/x-c-y"]


@pytest.mark.parametrize("ignored", [False, True])
def test_a_component_that_is_not_there_is_told_unless_flux_is_to_ignore_it(ignored: bool, tmp_path: Path) -> None:
    spec = {"components": ["../gone"], "ignoreMissingComponents": ignored}
    result = built(tmp_path, {"apps/a.yaml": CONFIG_MAP.format("a")}, "apps", spec)
    assert [str(item) for item in result.objects] == ["ConfigMap/a"]
    assert ["names ../gone, which does not exist" in finding.text for finding in result.findings] == ([] if ignored else [True])


@pytest.mark.parametrize(
    ("patch", "target"),
    [
        ("spec: {decryption: {provider: sops}}", {"kind": "Kustomization", "labelSelector": "disabled notin (true)"}),
        ("- {op: add, path: /spec/decryption, value: {provider: sops}}", {"group": "kustomize.toolkit.fluxcd.io", "name": "ap.*"}),
        ("kind: Kustomization\nmetadata: {name: app}\nspec: {decryption: {provider: sops}}", {}),
    ],
    ids=["merge patch", "operations", "of the object itself"],
)
def test_a_patch_of_every_form_changes_what_it_is_meant_for(patch: str, target: dict[str, Any]) -> None:
    app = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": "app"}, "spec": {"path": "./"}}
    other = {**app, "metadata": {"name": "other", "labels": {"disabled": "true"}}}
    assert patched(app, patch, target)["spec"] == {"path": "./", "decryption": {"provider": "sops"}}
    assert patched(other, patch, target) == other


def test_operations_reach_into_lists_and_remove() -> None:
    body: dict[str, Any] = {"kind": "A", "spec": {"list": [{"a": 1}, {"b": 2}], "a/b": 1}}
    patch = """
    - {op: replace, path: /spec/list/1/b, value: 3}
    - {op: add, path: /spec/list/-, value: {c: 4}}
    - {op: remove, path: /spec/list/0}
    - {op: remove, path: /spec/a~1b}
    """
    assert patched(body, patch, {"kind": "A"})["spec"] == {"list": [{"b": 3}, {"c": 4}]}
    assert body["spec"]["list"] == [{"a": 1}, {"b": 2}], "what others still use is left alone"


def test_of_a_patch_with_an_impossible_operation_none_is_applied_because_kustomize_applies_none() -> None:
    body = {"kind": "A", "spec": {"path": "./a"}}
    patch = "- {op: replace, path: /spec/path, value: ./b}\n- {op: remove, path: /spec/nothing}"
    assert patched(body, patch, {"kind": "A"}) == body


def test_a_test_in_a_patch_keeps_the_list_that_it_looks_at() -> None:
    body = {"kind": "A", "spec": {"list": ["a", "b"]}}
    patch = "- {op: test, path: /spec/list/0, value: a}\n- {op: copy, from: /spec/list/0, path: /spec/list/-}"
    assert patched(body, patch, {"kind": "A"})["spec"]["list"] == ["a", "b", "a"]


@pytest.mark.parametrize(
    ("selector", "selected"),
    [
        ("", True),
        ("a=b", True),
        ("a == b, c", True),
        ("a!=b", False),
        ("a in (b, x),c notin (y)", True),
        ("a notin (b)", False),
        ("d notin (true)", True),
        ("!a", False),
        ("!d", True),
        ("d", False),
    ],
)
def test_labels_are_selected_as_kubectl_does(selector: str, selected: bool) -> None:
    assert has_labels(selector, {"a": "b", "c": ""}) is selected


def test_names_of_a_selector_are_whole_expressions() -> None:
    body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "app"}}
    assert is_selected({"name": "a.*"}, body)
    assert not is_selected({"name": "ap"}, body)
    assert not is_selected({"name": "("}, body), "what is no expression is a name"


def test_paths_are_joined_as_on_a_disk() -> None:
    assert [joined("a/b", path) for path in ("./c", "../c", "../../c/", "../../../c")] == ["a/b/c", "a/c", "c", "../c"]
    assert joined("", "./") == ""


def child(name: str, path: str, **spec: Any) -> str:
    body = {"apiVersion": "kustomize.toolkit.fluxcd.io/v1", "kind": "Kustomization", "metadata": {"name": name, "namespace": "flux-system"}}
    return yaml.safe_dump({**body, "spec": {"path": path, "sourceRef": {"kind": "GitRepository", "name": "repository"}, **spec}})


def followed(folder: Path, files: Mapping[str, str], spec: dict[str, Any], inherit: list[str]) -> World:
    body = kustomization("root", spec={"sourceRef": {"kind": "GitRepository", "name": "repository"}, **spec}, inherit=inherit)
    root = Synced(namespace="flux-system", name="root", spec=mapping(body, "spec"))
    found = tree(folder, files)
    return follow([root], frozenset({"repository"}), lambda names: dict.fromkeys(names, found), {"CLUSTER_NAME": "test"}, {})


def test_children_inherit_and_children_of_children_do_not(tmp_path: Path) -> None:
    files = {
        "apps/child.yaml": child("child", "./child"),
        "child/grandchild.yaml": child("grandchild", "./grandchild"),
        "grandchild/a.yaml": CONFIG_MAP.format("a"),
    }
    world = followed(tmp_path, files, {"path": "./apps", "decryption": {"provider": "sops"}}, ["decryption"])
    assert {synced.name: synced.decrypts for synced, _ in world.built} == {"root": True, "child": True, "grandchild": False}
    assert world.findings == []


def test_variables_that_stand_in_plain_text_are_put_into_the_paths_of_children(tmp_path: Path) -> None:
    variables = {"substituteFrom": [{"kind": "ConfigMap", "name": "stack-vars"}], "substitute": {"TIER": "gold"}}
    files = {
        "apps/child.yaml": child("child", "./${CLUSTER_NAME}/${TIER}/${SIZE:=small}"),
        "test/gold/small/a.yaml": CONFIG_MAP.format("a"),
    }
    world = followed(tmp_path, files, {"path": "./apps", "postBuild": variables}, [])
    assert [synced.name for synced, _ in world.built] == ["root", "child"]
    assert world.findings == []


def test_kustomizations_that_bring_each_other_end(tmp_path: Path) -> None:
    files = {"a/b.yaml": child("b", "./b"), "b/a.yaml": child("a", "./a")}
    world = followed(tmp_path, files, {"path": "./a"}, [])
    assert sorted(synced.name for synced, _ in world.built) == ["a", "b", "root"]
