"""`gitops render` as a person runs it."""

import base64
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from gitops.render.file_names import file_names
from gitops.render.write_files import HEADER
from gitops.rendered.cluster_body import for_the_cluster
from gitops.rendered.yaml_documents import as_yaml
from tests.gitops.render.clone import CATALOG, STACK, clone_in, run, write


@pytest.fixture
def clone(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "clone").mkdir()
    with clone_in(tmp_path / "clone", {"it": STACK}) as folder:
        yield folder


def objects(text: str) -> dict[str, Any]:
    return {f"{each['kind']}/{each['metadata']['name']}": each for each in yaml.load_all(text, yaml.CSafeLoader)}


def test_everything_is_shown_and_secrets_by_name(clone: Path) -> None:
    code, out, err = run("render", "-s", "it")
    found = objects(out)

    assert code == 0
    assert err.startswith("warning: Without checked/it.yaml"), "as a preview warns"
    assert found["Secret/gitea-read"]["data"] == {
        "username": base64.b64encode(b"flux").decode(),
        "password": "<secret gitops:gitea-read-password>",
    }
    assert found["Secret/deploy"]["data"]["identity"] == "<generated deploy/second>"
    assert found["Secret/sops-age"]["data"] == {
        "2026-11.agekey": "<secret gitops:age-2026-11>",
        "2026-12.agekey": "<generated age-2026-12>",
    }
    assert found["GitRepository/apps"]["spec"]["secretRef"] == {"name": "gitea-read"}
    assert "pulumi.com" not in out


def test_the_text_is_the_same_whatever_order_the_files_have(clone: Path) -> None:
    before = run("render", "-s", "it")[1]
    lines = CATALOG.splitlines(keepends=True)
    first = lines.index("git:\n") + 1
    lines[first], lines[first + 1] = lines[first + 1], lines[first]
    write(clone, {}, "".join(lines))

    assert run("render", "-s", "it")[1] == before
    kinds = [each["kind"] for each in yaml.load_all(before, yaml.CSafeLoader)]
    assert kinds.index("Namespace") == 0
    assert kinds.index("CustomResourceDefinition") < kinds.index("Deployment") < kinds.index("GitRepository") < kinds.index("Kustomization")


def test_a_refused_stack_is_told_and_others_are_rendered(clone: Path) -> None:
    write(clone, {"broken": STACK.replace("[base]", "[bas]")}, CATALOG)
    code, out, err = run("render")

    assert code == 1
    assert "# stack it\n" in out
    assert "gitops: 1 problem; nothing was rendered of stack broken." in err
    assert "Pulumi.broken.yaml:10 gitops:use[0]" in err


def test_a_stack_that_there_is_not_and_a_directory_without_a_project_are_told(
    clone: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, _, err = run("render", "-s", "itt")
    assert code == 1
    assert "Did you mean `it`?" in err
    monkeypatch.chdir(tmp_path)
    assert run("render")[0] == 2


def test_one_file_is_written_for_each_object_and_what_is_no_longer_made_goes(clone: Path, tmp_path: Path) -> None:
    place = tmp_path / "out"
    (place / "it").mkdir(parents=True)
    (place / "it" / "notes.yaml").write_text("mine: true\n")
    (place / "gone").mkdir()
    (place / "gone" / "secret.x.yaml").write_text(HEADER)
    assert run("render", "--output-dir", str(place))[0] == 0
    files = {file.name for file in (place / "it").iterdir()}

    assert {"gitrepository.flux-system.apps.yaml", "namespace.flux-system.yaml", "secret.flux-system.sops-age.yaml"} <= files
    kustomization = yaml.safe_load((place / "it" / "kustomization.yaml").read_text())
    assert set(kustomization["resources"]) == files - {"kustomization.yaml", "notes.yaml"}
    assert not (place / "gone").exists()
    written = (place / "it" / "gitrepository.flux-system.other.yaml").stat().st_mtime_ns
    write(clone, {}, CATALOG.replace("apps: {from", "appz: {from").replace("name: apps}", "name: appz}"))
    assert run("render", "-s", "it", "--output-dir", str(place))[0] == 0
    assert (place / "it" / "gitrepository.flux-system.appz.yaml").exists()
    assert not (place / "it" / "gitrepository.flux-system.apps.yaml").exists()
    assert (place / "it" / "gitrepository.flux-system.other.yaml").stat().st_mtime_ns == written, "the same text is not written again"
    assert (place / "it" / "notes.yaml").exists()


def test_nothing_of_anybody_else_is_replaced_and_no_link_is_followed(clone: Path, tmp_path: Path) -> None:
    place = tmp_path / "out"
    (place / "it").mkdir(parents=True)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text(HEADER)
    file = place / "it" / "namespace.flux-system.yaml"

    file.write_text("mine: true\n")
    assert "was not written by `gitops render`" in run("render", "--output-dir", str(place))[2]
    file.unlink()
    file.symlink_to(elsewhere)
    assert "is not a file" in run("render", "--output-dir", str(place))[2]
    assert [each.name for each in (place / "it").iterdir()] == [file.name], "nothing is written unless all of it can be"
    file.unlink()
    (place / "it").rmdir()
    (place / "it").symlink_to(tmp_path)
    assert run("render", "--output-dir", str(place))[0] == 2
    assert elsewhere.read_text() == HEADER


def test_names_of_files_are_safe_and_each_objects_own() -> None:
    def body(kind: str, name: str, version: str = "v1") -> dict[str, Any]:
        return {"apiVersion": version, "kind": kind, "metadata": {"name": name}}

    odd = [body("ClusterRole", name) for name in ("system:a", "A", "a", "../../etc", "x" * 300, "x" * 301, "a/b", "\u202e", ".hidden")]
    same = [body("Role", "a"), body("Role", "a", "b.test/v1"), body("Role", "a", "b.test/v1")]
    names = list(file_names([*odd, *same]))

    assert len({name.lower() for name in names}) == len(odd) + len(same)
    for name in names:
        assert not name.startswith(".")
        assert name.isascii()
        assert "/" not in name
        assert len(name) <= 210
        assert name == name.lower()


def test_only_annotations_for_the_provider_are_left_out() -> None:
    metadata = {"name": "a", "annotations": {"pulumi.com/skipAwait": "true", "b": "c"}}
    assert for_the_cluster({"kind": "K", "metadata": metadata})["metadata"] == {"name": "a", "annotations": {"b": "c"}}
    alone = {"name": "a", "annotations": {"pulumi.com/skipAwait": "true"}}
    assert for_the_cluster({"kind": "K", "metadata": alone})["metadata"] == {"name": "a"}


def test_a_list_that_stands_in_two_places_is_written_twice() -> None:
    shared = ["a"]
    assert as_yaml({"x": shared, "y": shared, "text": "one\ntwo\n"}) == "text: |\n  one\n  two\nx:\n- a\ny:\n- a\n"


def test_what_is_written_is_what_pyyaml_would_write() -> None:
    texts = ["", "a", "yes", "null", "1", "0x1", "- x", "x: y", "#", "é", "\U0001f600", "\u2028", " a", "a ", "\ta", "x" * 2000]
    others: list[object] = [None, True, 1, -0.0, 1e30, date(2020, 1, 2), [], {}]
    body = {"texts": texts, "others": others, **{text: {text: text} for text in texts}}

    assert as_yaml(body) == yaml.dump(body, Dumper=yaml.CSafeDumper, width=1000, allow_unicode=True)
    for text in ("a\nb", "a\n\n", "\n a\n", "a \nb"):
        assert yaml.safe_load(as_yaml({"text": text})) == {"text": text}
    with pytest.raises(yaml.representer.RepresenterError):
        as_yaml({"a": object()})


@pytest.mark.parametrize("key", ["konfig", "Config"])
def test_a_misspelt_config_is_told_once_and_not_each_key_that_it_hides(key: str, clone: Path) -> None:
    file = clone / "Pulumi.it.yaml"
    file.write_text(file.read_text().replace("config:\n", f"{key}:\n", 1))

    code, _, err = run("render", "-s", "it")

    assert code != 0
    assert f"1 problem; nothing was rendered of stack it.\nPulumi.it.yaml:1 {key}: is not a key of a stack file." in err
