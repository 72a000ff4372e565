"""What follows from a misspelt field of a Flux object in Git is not told beside it."""

from collections.abc import Sequence
from pathlib import Path

from gitops.check.file_finding import FileFinding
from gitops.check.findings.judging import judge
from gitops.check.follow.declared_source import DeclaredSource
from gitops.check.repository.tree import Tree
from tests.gitops.check.samples import facts, laid_out

SOURCE = """apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: own, namespace: app}
spec: {interval: 1h, url: https://git.test/own.git, ref: {branch: main}}
"""
RELEASE = """apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: own, namespace: app}
spec: {interval: 1h, chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: own}}}}
"""
APPLIED = """apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: own, namespace: app}
spec: {interval: 1h, prune: true, path: ./more, sourceRef: {kind: GitRepository, name: repository, namespace: flux-system}}
"""
ALL = f"{SOURCE}---\n{RELEASE}---\n{APPLIED}"


MISSPELT = {
    "branch: main": "brnach: main",
    "ref: {": "rfe: {",
    "url: https": "ulr: https",
    "sourceRef: {kind: GitRepository, name: own": "sourceRef: {kind: GitRepository, nmae: own",
    "sourceRef: {kind: GitRepository, name: own}": "sourceReff: {kind: GitRepository, name: own}",
    "chart: ./chart": "chrat: ./chart",
    "path: ./more": "paht: ./more",
    "sourceRef: {kind: GitRepository, name: repository": "sourceRef: {kind: GitRepository, nmae: repository",
    "sourceRef: {kind: GitRepository, name: repository,": "sourecRef: {kind: GitRepository, name: repository,",
    "prune: true": "prnue: true",
}


def found_in(folder: Path, texts: Sequence[str]) -> list[FileFinding]:
    """What the check finds where each text is applied, too, in a file of its own and with names of its own."""
    files = laid_out("clean", folder)
    for index, text in enumerate(texts):
        added = {
            f"vars/{index}.yaml": text.replace(": own", f": own{index}").replace("./more", f"./more{index}"),
            f"more{index}/settings.yaml": f"{{apiVersion: v1, kind: ConfigMap, metadata: {{name: settings{index}, namespace: app}}}}",
        }
        for path, content in added.items():
            (folder / path).parent.mkdir(exist_ok=True)
            (folder / path).write_text(content)
        files += added
    tree = Tree("repository", folder, files, [".sops.yaml"])
    return judge(facts({}), lambda names: dict.fromkeys(names, tree)).findings


def test_a_misspelt_field_is_one_finding(tmp_path: Path) -> None:
    assert all(right in ALL for right in MISSPELT)

    found = found_in(tmp_path, [ALL, *(ALL.replace(right, wrong) for right, wrong in MISSPELT.items())])

    told = {each.file: str(each.message) for each in found}
    assert len(told) == len(found), "one finding in each file"
    assert sorted(told) == sorted(f"vars/{index}.yaml" for index in range(1, len(MISSPELT) + 1)), "and none where all is right"
    assert all("is not a field here" in each for each in told.values()), told


def test_a_source_in_git_is_followed_as_it_is_meant(tmp_path: Path) -> None:
    asked: list[DeclaredSource] = []
    files = laid_out("clean", tmp_path)
    text = (SOURCE + "---\n" + APPLIED.replace("name: repository, namespace: flux-system", "name: own")).replace("branch:", "brnach:")
    (tmp_path / "vars" / "more.yaml").write_text(text)
    tree = Tree("repository", tmp_path, [*files, "vars/more.yaml"], [".sops.yaml"])

    def admit(source: DeclaredSource) -> str:
        asked.append(source)
        return "is not fetched here"

    judge(facts({}), lambda names: dict.fromkeys(names, tree), admit)

    assert [each.spec["ref"] for each in asked] == [{"branch": "main"}]
