"""What the author of a synced repository may commit: whatever it is, the check ends, tells that file, and judges the rest."""

import json
import os
import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest

from gitops.check.file_finding import FileFinding
from gitops.check.findings.judging import judge
from gitops.check.follow import kustomize_build
from gitops.check.repository.tree import Tree
from tests.flux.test_bounded_documents import ATTACKS
from tests.gitops.check.samples import facts

MIB = 1024**2
PLAIN = "apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: default}\nstringData: {password: marker}\n"
OBJECT = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: default}\ndata: {}\n"


def found_in(folder: Path, *files: str) -> list[FileFinding]:
    """The findings of a repository that has a plain Secret, too."""
    (folder / "apps").mkdir(exist_ok=True)
    (folder / "vars").mkdir(exist_ok=True)
    (folder / "vars" / "a.yaml").write_text(OBJECT)
    (folder / "apps" / "plain.yaml").write_text(PLAIN)
    listed = [*files, "apps/plain.yaml", "vars/a.yaml"]
    started = time.process_time()
    findings = judge(facts({}), lambda names: {name: Tree(name, folder, listed) for name in names}).findings
    assert time.process_time() - started < 30, "no hang; how long it takes is for no test to say"
    assert ("plain-secret", "apps/plain.yaml") in {(each.rule, each.file) for each in findings}, "the rest is judged"
    return findings


def told(findings: list[FileFinding], file: str) -> list[tuple[str, str]]:
    return [(each.rule, each.message.wrong) for each in findings if each.file == file]


HARMLESS = {"half of a surrogate pair", "a date that is none", "a tag of Python's", "a file that is too large"}
"""Read as what they are: other signs, texts, and a long one."""


LARGE = {name for name, (content, _) in ATTACKS.items() if len(content) > MIB // 2}
"""Each takes as long to read as all others; in the fast tier one file of a kind has to do."""


@pytest.mark.parametrize(
    ("file", "attack"),
    [
        pytest.param(file, attack, marks=[pytest.mark.thorough] if attack in LARGE and file != "apps/odd.yaml" else [])
        for file in ("apps/odd.yaml", ".sops.yaml", "apps/odd.sops.yaml")
        for attack in sorted(ATTACKS.keys() - HARMLESS)
    ],
)
def test_an_odd_file_is_told_and_ends_nothing(file: str, attack: str, tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / file).write_text(ATTACKS[attack][0])

    findings = found_in(tmp_path, file)

    assert any(rule in ("not-checked", "not-yaml", "not-encrypted") for rule, _ in told(findings, file)), findings


@pytest.mark.thorough
@pytest.mark.parametrize("attack", sorted(ATTACKS.keys() - HARMLESS))
def test_an_odd_kustomization_is_told(attack: str, tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "kustomization.yaml").write_text(ATTACKS[attack][0])

    findings = judge(facts({}), lambda names: {name: Tree(name, tmp_path, ["apps/kustomization.yaml"]) for name in names}).findings

    assert {rule for rule, _ in told(findings, "apps/kustomization.yaml")} & {"not-checked", "not-yaml"}


def test_creation_rules_are_the_first_of_two_documents(tmp_path: Path) -> None:
    (tmp_path / ".sops.yaml").write_text("creation_rules:\n  - age: a\n---\ncreation_rules: []\n")

    found_in(tmp_path, ".sops.yaml")  # and no traceback: a parser of one document fails at the second


def two_links(folder: Path) -> str:
    (folder / "apps").mkdir()
    (folder / "apps" / "a.yaml").symlink_to("b.yaml")
    (folder / "apps" / "b.yaml").symlink_to("a.yaml")
    return "leads back to itself"


def link_to_itself(folder: Path) -> str:
    (folder / "apps").mkdir()
    (folder / "apps" / "a.yaml").symlink_to("a.yaml")
    return "leads back to itself"


def enormous(folder: Path) -> str:
    (folder / "apps").mkdir()
    with (folder / "apps" / "a.yaml").open("wb") as handle:
        handle.truncate(600 * MIB)
    return "larger than 16 MiB"


@pytest.mark.parametrize("make", [two_links, link_to_itself, enormous])
def test_a_file_that_cannot_be_read_is_told(make: Callable[[Path], str], tmp_path: Path) -> None:
    wrong = make(tmp_path)

    findings = found_in(tmp_path, "apps/a.yaml")

    ((rule, said),) = told(findings, "apps/a.yaml")
    assert rule == "not-checked"
    assert wrong in said


@pytest.mark.thorough
def test_a_link_out_of_the_repository_is_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside.yaml"
    outside.write_text(PLAIN.replace("plain", "of-the-machine"))
    repository = tmp_path / "repository"
    (repository / "apps").mkdir(parents=True)
    (repository / "apps" / "a.yaml").symlink_to(outside)

    assert "of-the-machine" not in str(found_in(repository, "apps/a.yaml"))


def test_a_name_that_is_not_utf_8_hides_no_secret(tmp_path: Path) -> None:
    name = os.fsdecode(b"apps/\xff.yaml")
    (tmp_path / "apps").mkdir()
    (tmp_path / name).write_text(PLAIN.replace("name: plain", "name: hidden"))

    assert ("plain-secret", name) in {(each.rule, each.file) for each in found_in(tmp_path, name)}


@pytest.mark.parametrize("size", [1, pytest.param(10, marks=pytest.mark.thorough)], ids=["a tenth", "as large as is read"])
def test_many_large_files_do_not_stay_in_memory(size: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.check.repository.tree._KEPT_BYTES", 32 * MIB * size // 10)
    (tmp_path / "apps").mkdir()
    files = [f"apps/{number}.yaml" for number in range(10)]
    for file in files:
        (tmp_path / file).write_text(f"{OBJECT}x: {'a' * size * MIB}\n")
    tree = Tree("repository", tmp_path, files)

    tracemalloc.start()
    try:
        assert all(tree.documents(file) for file in files)
        kept, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kept < 8 * size * MIB, "the bytes of ten files and as many of values would stay if nothing was dropped"
    assert peak < (16 * size + 8) * MIB, "one file at a time"


@pytest.mark.thorough
def test_key_groups_without_end_keep_nobody_busy(tmp_path: Path) -> None:
    groups = [{"age": [{"recipient": f"age1{number}", "enc": "made up"}]} for number in range(60)]
    sops = {"key_groups": groups, "shamir_threshold": 30, "mac": "ENC[a]", "version": "3.11.0"}
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "a.sops.yaml").write_text(f"{OBJECT}---\n{OBJECT}sops: {json.dumps(sops)}\n")

    assert told(found_in(tmp_path, "apps/a.sops.yaml"), "apps/a.sops.yaml")


SIZES = pytest.mark.parametrize("size", [500, pytest.param(3_000, marks=pytest.mark.thorough)], ids=["fewer", "thousands"])
STEPS = pytest.mark.parametrize("steps", [30_000, pytest.param(None, marks=pytest.mark.thorough)], ids=["fewer", "as many as are allowed"])
"""Of a build. That many objects take seconds, which the fast tier has not."""


@pytest.fixture
def allowed(steps: int | None, monkeypatch: pytest.MonkeyPatch) -> int:
    if steps:
        monkeypatch.setattr(kustomize_build, "_MOST_STEPS", steps)
    return steps or 300_000


@STEPS
def test_directories_that_name_one_another_twice_do_not_double_forever(allowed: int, tmp_path: Path) -> None:
    files = ["apps/0/a.yaml"]
    for level in range(40):
        (tmp_path / "apps" / str(level)).mkdir(parents=True)
        (tmp_path / "apps" / str(level) / "kustomization.yaml").write_text(
            f"resources: [../{level - 1}, ../../apps/{level - 1}]\n" if level else "resources: [a.yaml]\n"
        )
        files.append(f"apps/{level}/kustomization.yaml")
    (tmp_path / "apps" / "0" / "a.yaml").write_text(OBJECT)

    findings = found_in(tmp_path, *files)

    assert any(f"takes more than {allowed:,} steps to build" in each.message.wrong for each in findings)


@pytest.mark.thorough
def test_many_kustomizations_that_are_each_within_bounds_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gitops.check.follow.synced._MOST_STEPS_OF_ALL", 2_000)
    child = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: k{0}, namespace: flux-system}}\n"
    spec = "spec: {sourceRef: {kind: GitRepository, name: repository}, path: ./many}\n"
    (tmp_path / "many").mkdir()
    (tmp_path / "apps").mkdir()
    (tmp_path / "many" / "kustomization.yaml").write_text("resources: [many.yaml]\n")
    (tmp_path / "many" / "many.yaml").write_text("---\n".join(OBJECT.replace("name: a", f"name: a{number}") for number in range(500)))
    (tmp_path / "apps" / "all.yaml").write_text("---\n".join(child.format(number) + spec for number in range(50)))

    findings = found_in(tmp_path, "apps/all.yaml", "many/kustomization.yaml", "many/many.yaml")

    left_out = [each for each in findings if "was not built: those before it took more than 2,000 steps" in each.message.wrong]
    assert 40 <= len(left_out) < 50
    assert {(each.rule, each.file) for each in left_out} == {("not-checked", "apps/all.yaml")}


@pytest.mark.thorough
@SIZES
def test_thousands_of_names_to_substitute_from_are_looked_up_once(size: int, tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    (tmp_path / "apps" / "many.yaml").write_text("---\n".join(OBJECT.replace("name: a", f"name: a{number}") for number in range(size)))
    listed = ", ".join(["{kind: ConfigMap, name: x}"] * 7 * size)
    (tmp_path / "apps" / "child.yaml").write_text(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: child, namespace: flux-system}\nspec:\n"
        f"  {{sourceRef: {{kind: GitRepository, name: repository}}, path: ./below, postBuild: {{substituteFrom: [{listed}]}}}}\n"
    )
    (tmp_path / "below").mkdir()
    (tmp_path / "below" / "child.yaml").write_text(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: grandchild, namespace: flux-system}\n"
        "spec: {sourceRef: {kind: GitRepository, name: repository}, path: ./vars}\n"
    )

    found_in(tmp_path, "apps/many.yaml", "apps/child.yaml", "below/child.yaml")


@pytest.mark.parametrize(
    ("size", "steps"), [(500, 30_000), pytest.param(3_000, None, marks=pytest.mark.thorough)], ids=["fewer", "thousands"]
)
def test_thousands_of_patches_for_thousands_of_objects_are_told(size: int, allowed: int, tmp_path: Path) -> None:
    (tmp_path / "apps").mkdir()
    patch = "patches:\n" + "".join(f"  - {{target: {{name: (a+)+{number}}}, patch: 'a: {number}'}}\n" for number in range(size))
    (tmp_path / "apps" / "kustomization.yaml").write_text(f"resources: [many.yaml, plain.yaml]\n{patch}")
    (tmp_path / "apps" / "many.yaml").write_text("---\n".join(OBJECT.replace("name: a", f"name: a{number}") for number in range(size)))

    findings = found_in(tmp_path, "apps/kustomization.yaml", "apps/many.yaml")

    assert any(f"takes more than {allowed:,} steps to build" in each.message.wrong for each in findings)


@pytest.mark.thorough
def test_hundreds_of_wrong_entries_and_many_directories_in_a_row_are_told(tmp_path: Path) -> None:
    wrong = "".join(f"  - ../gone/{number}.yaml\n" for number in range(400))
    files = {f"deep/{level}/kustomization.yaml": f"resources: [../{level + 1}]\n" for level in range(80)}
    files["apps/kustomization.yaml"] = f"resources:\n  - plain.yaml\n  - ../deep/0\n{wrong}"
    for file, content in files.items():
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text(content)

    findings = found_in(tmp_path, *files)

    assert sum("which does not exist" in each.message.wrong for each in findings) == 400
    assert any("more than 50 directories away" in each.message.wrong for each in findings)
