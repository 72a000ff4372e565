"""A path is followed as kustomize, and Flux before it, would."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from flux.bodies import kustomization
from gitops.check.follow.kustomize_build import Build, build
from gitops.check.follow.kustomize_process import BuildProcess
from gitops.check.follow.synced import Synced, World, follow
from gitops.check.repository.documents import mapping
from gitops.check.repository.tree import Tree, joined

pytestmark = pytest.mark.thorough
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
    assert [str(item) for item in result.objects] == ["ConfigMap/apps/x-a", "ConfigMap/apps/x-b", "ConfigMap/apps/x-c"]
    assert [(item.file, item.line) for item in result.objects] == [("base/a.yaml", 1), ("apps/list.yaml", 1), ("component/c.yaml", 1)]
    assert [mapping(item.body, "metadata", "labels") for item in result.objects] == [{"by": "component"}] * 3
    (finding,) = result.findings
    assert finding.place == "repository: apps/kustomization.yaml:8"
    assert "names https://elsewhere.test/base, which is on another server. What it brings was not checked" in finding.text


def test_a_directory_that_leads_back_to_itself_is_told(tmp_path: Path) -> None:
    files = {
        "a/kustomization.yaml": "resources: [../b]",
        "b/kustomization.yaml": "resources: [../a, c.yaml]",
        "b/c.yaml": CONFIG_MAP.format("c"),
    }
    result = built(tmp_path, files, "a")
    assert [str(item) for item in result.objects] == ["ConfigMap/c"], "the rest is built"
    assert [(each.place, each.message.wrong) for each in result.findings] == [
        ("repository: b/kustomization.yaml:1", "names ../a, which leads back to this directory")
    ]


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


def test_a_path_that_leads_out_of_the_source_begins_at_its_root(tmp_path: Path) -> None:
    files = {"shared/a.yaml": CONFIG_MAP.format("a")}
    assert names(built(tmp_path, files, "../shared")) == ["ConfigMap/a"]
    assert names(built(tmp_path, files, "./shared/../../shared/")) == ["ConfigMap/a"]


def test_a_namespace_is_renamed_by_the_namespace_of_the_kustomization(tmp_path: Path) -> None:
    files = {"a.yaml": "apiVersion: v1\nkind: Namespace\nmetadata: {name: develop}\n"}
    assert names(built(tmp_path, files, spec={"targetNamespace": "flux-system"})) == ["Namespace/flux-system"]


def test_fields_of_the_spec_are_put_into_the_kustomization_of_the_path(tmp_path: Path) -> None:
    deployment = {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "labels": {"gone": "1"}},
        "spec": {"template": {"spec": {"containers": [{"name": "web", "image": "web:1"}, {"name": "side", "image": "side:1"}]}}},
    }
    files = {
        "kustomization.yaml": "{resources: [web.yaml], images: [{name: web, newName: mirror/web, digest: 'sha256:0'}], unknown: 1}",
        "web.yaml": yaml.safe_dump(deployment),
    }
    patch = {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "labels": {"gone": None}}}
    spec = {
        "images": [{"name": "web", "newTag": "2"}, {"name": "side", "newTag": "3"}],
        "patches": [{"patch": yaml.safe_dump(patch)}],
        "commonMetadata": {"labels": {"team": "a"}},
    }
    result = built(tmp_path, files, spec=spec)
    (item,) = result.objects
    assert mapping(item.body, "metadata") == {"name": "web", "labels": {"team": "a"}}
    assert [each["image"] for each in item.body["spec"]["template"]["spec"]["containers"]] == ["mirror/web:2", "side:3"]
    assert [(each.severity.value, each.text) for each in result.findings] == [
        ("warning", "has the unknown field unknown. Flux ignores it in the kustomization.yaml of a path. Correct or remove it.")
    ]


def test_what_a_generator_makes_is_an_object_of_the_kustomization(tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": "{resources: [base], nameSuffix: -x}",
        "base/kustomization.yaml": "configMapGenerator: [{name: made, literals: [a=b], options: {disableNameSuffixHash: true}}]",
    }
    (item,) = built(tmp_path, files).objects
    assert (str(item), item.file, item.is_generated, item.body["data"]) == ("ConfigMap/made-x", "base/kustomization.yaml", True, {"a": "b"})


@pytest.mark.parametrize(
    ("kustomization", "place", "wrong"),
    [
        ("resources: [a.yaml]\nimages:\n  - {name: a, newTag: 1.10}\n", ":3", "has a number in newTag, which must be a string"),
        ("resources:\n  - a.yaml\n  - base\n", "base/kustomization.yaml:2", "has the unknown field resource"),
        ("resources: [a.yaml]\npatches:\n  - {path: gone.yaml}\n", ":3", "names gone.yaml, which does not exist"),
        (
            'resources: [a.yaml]\npatches:\n  - patch: \'[{"op": "remove", "path": "/data/b"}]\'\n    target: {kind: ConfigMap}\n',
            "",
            "cannot be built: ",
        ),
    ],
    ids=["a type", "a field of a base", "a file of a patch", "an operation"],
)
def test_what_kustomize_refuses_is_told_where_it_is_written(kustomization: str, place: str, wrong: str, tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": kustomization,
        "a.yaml": f"{CONFIG_MAP.format('a')}data: {{password: marker}}\n",
        "base/kustomization.yaml": "namespace: a\nresource: [b.yaml]\n",
    }
    result = built(tmp_path, files)
    assert [str(item) for item in result.objects] == ["ConfigMap/a"], "judged as it is written, or built without"
    (finding,) = result.findings
    assert finding.place == f"repository: {place if place.startswith('base') else 'kustomization.yaml' + place}"
    assert finding.message.wrong.startswith(wrong), finding.text
    assert "marker" not in finding.text


def test_what_lies_in_a_file_with_a_fault_is_judged_as_it_is_written(tmp_path: Path) -> None:
    files = {
        "kustomization.yaml": "{resources: [a.yaml, b.yaml], namespace: set}",
        "a.yaml": CONFIG_MAP.format("a"),
        "b.yaml": f"{CONFIG_MAP.format('b')}---\nkind: nothing\n",
    }
    result = built(tmp_path, files)
    assert [(str(item), item.is_as_written) for item in result.objects] == [("ConfigMap/set/a", False), ("ConfigMap/b", True)]
    assert [(each.rule, each.place) for each in result.findings] == [("not-yaml", "repository: b.yaml:5")]


def test_the_same_content_is_built_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[BuildProcess] = []
    start = BuildProcess.start

    def noted(process: BuildProcess) -> None:
        started.append(process)
        start(process)

    monkeypatch.setattr(BuildProcess, "start", noted)
    files = {"once/a.yaml": CONFIG_MAP.format(f"once-{tmp_path.name}")}
    for number in range(3):
        assert len(names(built(tmp_path / str(number), files, "once"))) == 1
    assert len(started) == 1


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


def test_what_is_reached_over_a_link_is_not_there(tmp_path: Path) -> None:
    files = {
        "apps/kustomization.yaml": "resources: [a.yaml, linked/b.yaml]",
        "apps/a.yaml": CONFIG_MAP.format("a"),
        "apps/linked": "",
        "other": "",
    }
    found = tree(tmp_path, files)
    found.links = frozenset({"apps/a.yaml", "apps/linked", "other"})

    told = [each.text for path in ("apps", "other") for each in build(found, path, {}, "Kustomization it").findings]

    assert "names a.yaml, which is a link: source-controller leaves links out" in told[0]
    assert "names linked/b.yaml, which is a link" in told[1]
    assert "(it is a link, which source-controller leaves out)" in told[2]
