"""Small repositories, each in one file of tests/fixtures/trees with all that the check finds there, word for word."""

import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml

from flux.bodies import git_repository, kustomization
from flux.finding import GIT
from flux.rules import rules
from gitops.check.file_finding import FileFinding
from gitops.check.findings.judging import Judgement, StackFacts, judge
from gitops.check.findings.ownership import own_object
from gitops.check.follow import synced
from gitops.check.follow.built_object import BuiltObject
from gitops.check.follow.gathering import bodies_of
from gitops.check.follow.kustomize_build import Build, build, within
from gitops.check.follow.synced import Synced
from gitops.check.repository.documents import mapping
from gitops.check.repository.tree import Tree
from gitops.check.requirements import ACKNOWLEDGES_NOTHING, check_requirements
from tests.engine import REPOSITORY
from tests.gitops.check.samples import SAMPLES, facts, sealed
from tests.gitops.check.samples import judged as judged_sample

FOLDER = REPOSITORY / "tests" / "fixtures" / "trees"
TREES = sorted(FOLDER.glob("*.yaml"))
HEADING = "| finding | sample |\n|---|---|\n"
PAGE = REPOSITORY / "docs" / "check.md"
SOURCE = {"kind": "GitRepository", "name": "fleet"}


def stack(tree: Mapping[str, Any]) -> StackFacts:
    """One that syncs ./apps of the repository `fleet`."""
    spec = {"sourceRef": SOURCE, "path": "./apps", "interval": "1h", "prune": True, "decryption": {"provider": "sops"}}
    spec |= {"postBuild": tree["postBuild"]} if "postBuild" in tree else {}
    fleet = git_repository("fleet", url="https://git.test/fleet.git", spec={"interval": "1h", "ref": {"branch": "main"}})
    bodies = [fleet, kustomization("apps", spec=spec)]
    base = facts({})
    flags = {**base.planned.flags, **tree.get("flags", {})}
    return replace(
        base,
        kustomizations=[Synced(namespace="flux-system", name="apps", spec=mapping(bodies[1], "spec"))],
        sources=frozenset({"fleet"}),
        own=base.own | {own_object(body) for body in bodies},
        variables=tree.get("variables", {}),
        planned=replace(base.planned, bodies=bodies, flags=flags),
    )


def judged(tree: Mapping[str, Any], folder: Path) -> Judgement:
    for path, content in tree["files"].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        text = sealed(path, content, ["current", "person"]) if path in tree.get("encrypted", ()) else content
        (folder / path).write_text(text)
    files = Tree("fleet", folder, tree["files"])
    return judge(stack(tree), lambda names: dict.fromkeys(names, files))


def told(findings: list[FileFinding]) -> list[str]:
    """As the table shows them, but for the repository."""
    return [f"{each.severity} {each.rule} {each.file}:{each.line} {each.text}" for each in findings if each.rule != "no-rule"]


def built_as_written(tree: Tree, path: str, spec: dict[str, Any], who: str) -> Build:
    """As Flux builds what has no kustomization.yaml, without a process for each: kustomize has nothing to change in it."""
    directory = within(path)
    if directory not in tree.directories or any(tree.kustomization_in(each) for each in tree.directories):
        return build(tree, path, spec, who)
    documents = ((file, document) for file in tree.below(directory) for document in tree.documents(file) or [])
    return Build(_objects=[BuiltObject(body=body, file=file, line=each.line) for file, each in documents for body in bodies_of(each)])


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, list[FileFinding]]:
    folder = tmp_path_factory.mktemp("trees")
    with patch.object(synced, "build", built_as_written):
        return {file: judged(described(file), folder / file.stem).findings for file in TREES}


def described(file: Path) -> dict[str, Any]:
    value: dict[str, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    return value


@pytest.mark.thorough
def test_every_tree_gives_what_stands_in_it(found: dict[Path, list[FileFinding]], update_goldens: bool) -> None:
    differ = {file: told(findings) for file, findings in found.items() if told(findings) != described(file)["finds"]}
    if update_goldens:
        for file, now in differ.items():
            put(file, now)
    else:
        assert {file.stem: (now, described(file)["finds"]) for file, now in differ.items()} == {}, "if meant: pytest --update-goldens"


@pytest.mark.thorough
def test_every_tree_gives_the_same_when_kustomize_builds_it(tmp_path: Path) -> None:
    differ = {file: told(judged(described(file), tmp_path / file.stem).findings) for file in TREES}

    assert {file.stem: now for file, now in differ.items() if now != described(file)["finds"]} == {}


def put(file: Path, now: list[str]) -> None:
    before = file.read_text(encoding="utf-8").partition("\nfinds:")[0]
    filled = (textwrap.fill(each, 140, break_long_words=False, break_on_hyphens=False) for each in now)
    shown = "".join(f"  - >-\n{textwrap.indent(each, '    ')}\n" for each in filled)
    file.write_text(f"{before}\nfinds:{chr(10) + shown if shown else ' []' + chr(10)}", encoding="utf-8")


@pytest.mark.thorough
def test_every_kind_of_finding_has_a_sample_on_the_page(found: dict[Path, list[FileFinding]], tmp_path: Path, update_goldens: bool) -> None:
    every = [each for sample in SAMPLES for each in judged_sample(sample, tmp_path / sample).findings]
    every += sorted((each for findings in found.values() for each in findings), key=lambda each: len(each.message.wrong))
    samples = {each.rule: f"| `{each.rule}` | {each.message.wrong} |" for each in reversed(every)}
    samples[ACKNOWLEDGES_NOTHING.name] = (
        f"| `{ACKNOWLEDGES_NOTHING.name}` | has no finding plain-secret, which gitops:acknowledge accepts |"
    )
    assert {each.name for each in check_requirements()} <= samples.keys()

    before, table, after = PAGE.read_text(encoding="utf-8").partition(HEADING)
    end = after.index("\n\n")
    now = "\n".join(line for _, line in sorted(samples.items()))
    if update_goldens:
        PAGE.write_text(f"{before}{table}{now}{after[end:]}", encoding="utf-8")
    else:
        assert after[:end] == now, "if this is meant: pytest --update-goldens"


@pytest.mark.thorough
def test_every_rule_that_looks_at_git_alone_has_a_tree(found: dict[Path, list[FileFinding]]) -> None:
    told_by_trees = {each.rule for findings in found.values() for each in findings}

    assert {rule.name for rule in rules() if rule.looks_at == GIT} <= told_by_trees


def test_every_tree_says_why_it_is_there() -> None:
    assert not [file.stem for file in TREES if not file.read_text(encoding="utf-8").startswith("# ")]


KS = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: %s, namespace: flux-system}\nspec: {%s}\n"
SYNCS = "interval: 1h, prune: true, path: ./x, sourceRef: {kind: GitRepository, name: fleet}"
RELEASE = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: %s, namespace: default}\nspec: {%s}\n"
VARIABLES = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: flux-system}\ndata: {%s}\n"
FROM_V = "postBuild: {substituteFrom: [{kind: ConfigMap, name: v}]}"
LONG = '"' + "x" * 50_000 + '"'
GROWING = ", ".join(['"${A}"', '"${A}${A}"'] * 1000)
HOSTILE = {
    "more fields than an object has": ({"apps/a.yaml": RELEASE % ("a", ", ".join(f"u{i}: 1" for i in range(25_000)))}, {"not-checked"}),
    "more faults than anybody reads": ({"apps/a.yaml": "---\n".join(RELEASE % (f"a{i}", "u: 1, v: 1") for i in range(600))}, {"schema"}),
    "variables that grow": (
        {
            "apps/a.yaml": VARIABLES % f"A: {LONG}",
            "apps/b.yaml": KS % ("k", f"{SYNCS}, {FROM_V}"),
            "x/a.yaml": RELEASE % ("a", f"values: [{GROWING}]"),
        },
        {"schema"},
    ),
    "many variables for many": (
        {
            "apps/a.yaml": VARIABLES % ", ".join(f"K{i}: x" for i in range(10_000)),
            "apps/b.yaml": "---\n".join(KS % (f"k{i}", f"{SYNCS}, {FROM_V}") for i in range(300)),
            "x/a.yaml": 'apiVersion: v1\nkind: Namespace\nmetadata: {name: "x${K1}"}\n',
        },
        {"applied-twice"},
    ),
}


@pytest.mark.thorough
@pytest.mark.parametrize("attack", HOSTILE)
def test_what_an_author_makes_of_objects_ends_and_is_told(attack: str, tmp_path: Path) -> None:
    files, rules = HOSTILE[attack]

    with patch.object(synced, "build", built_as_written):
        findings = judged({"files": files}, tmp_path).findings

    assert rules <= {each.rule for each in findings}
    assert sum(len(each.text) for each in findings) < 1_000_000
