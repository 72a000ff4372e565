"""docs/how-to/pull-requests.md and update-with-renovate.md: their commands, tables and examples, tried."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.engine import REPOSITORY
from tests.gitops.render.clone import clone_in, run, shipped_file
from tests.hygiene.test_renovate import found
from tests.hygiene.test_workflows import WORKFLOWS
from tests.manifests import manifests_directory

PAGE = (REPOSITORY / "docs" / "how-to" / "pull-requests.md").read_text(encoding="utf-8")
RENOVATE = (REPOSITORY / "docs" / "how-to" / "update-with-renovate.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"^```(?P<kind>[^\n]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = {found["kind"]: found["text"] for found in BLOCK.finditer(PAGE)}
TAKEN = re.compile(r"\$\{\{ (secrets|vars)\.(\w+) \}\}")
PERSON = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")


def git(*arguments: str, at: Path) -> None:
    subprocess.run(["git", *PERSON, *arguments], cwd=at, check=True, capture_output=True)


def test_the_first_commands_put_the_workflows_where_a_forge_looks(tmp_path: Path) -> None:
    git("init", "--quiet", at=tmp_path)
    (tmp_path / "workflows").symlink_to(REPOSITORY / "workflows")

    subprocess.run(["bash", "-euo", "pipefail", "-c", BLOCKS["sh"]], cwd=tmp_path, check=True)

    assert {file.name for file in (tmp_path / ".gitea" / "workflows").iterdir()} == {"compare.yaml", "check.yaml"}


def test_the_page_lists_each_workflow_and_each_secret_and_variable() -> None:
    assert set(re.findall(r"^\| `([\w-]+\.yaml)` \|", PAGE, re.MULTILINE)) == WORKFLOWS.keys()
    table = PAGE.partition("| name | kind | for |")[2].partition("\n\n")[0]
    listed = {
        name: kind
        for names, kind in re.findall(r"^\| (`[^|]*`) \| ([^|]*) \|", table, re.MULTILINE)
        for name in re.findall(r"`(\w+)`", names)
    }
    taken = {name: kind for text in WORKFLOWS.values() for kind, name in TAKEN.findall(text)}
    assert listed.keys() == taken.keys()
    assert all(("secret" in listed[name]) if kind == "secrets" else ("variable" in listed[name]) for name, kind in taken.items())


def test_the_configuration_of_pre_commit_names_hooks_that_exist() -> None:
    ours = {hook["id"] for hook in yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())}
    configuration = yaml.safe_load(BLOCKS["yaml file=.pre-commit-config.yaml"])
    (repository,) = configuration["repos"]

    assert configuration["default_install_hook_types"] == ["pre-commit", "pre-push"], "without it, check would never run"
    assert {hook["id"] for hook in repository["hooks"]} == ours


def test_renovate_finds_what_its_page_says_that_it_finds() -> None:
    blocks = [(each["kind"], each["text"]) for each in BLOCK.finditer(RENOVATE)]
    examples = [pin for kind, text in blocks if kind == "yaml file=catalog.yaml" for pin in found("catalog.yaml", text)]
    extracted = next(text for kind, text in blocks if kind.startswith("text extracted") and "depName" in text)
    shown = tuple(re.findall(rf'"{key}": "(.*)"', extracted)[0] for key in ("depName", "currentValue", "currentDigest"))

    assert [(name, version) for name, version, _ in examples] == [
        ("ghcr.io/home-operations/charts-mirror/keda", "2.19.0"),
        ("daviestechlabs/argo", "v1.4.0"),
    ]
    assert found("Pulumi.production.yaml", (REPOSITORY / "Pulumi.production.yaml").read_text()) == [shown]


@pytest.mark.thorough
def test_the_page_shows_the_comment_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stacks = {name: shipped_file(f"Pulumi.{name}.yaml") for name in ("production", "staging")}
    catalog = shipped_file("catalog.yaml")
    clone = tmp_path / "clone"
    clone.mkdir()
    with clone_in(clone, stacks, catalog):
        monkeypatch.setenv("GITOPS_FLUX_MANIFESTS", str(manifests_directory()))
        git("init", "--quiet", at=clone)
        git("add", "Pulumi.yaml", *(f"Pulumi.{name}.yaml" for name in stacks), "catalog.yaml", at=clone)
        git("commit", "--quiet", "--message", "main", at=clone)
        (clone / "catalog.yaml").write_text(catalog.replace("GitRepository: {interval: 15m", "GitRepository: {interval: 10m"))

        code, out, err = run("compare", "HEAD", "--output", "markdown")

    assert code == 0, err
    assert out.partition("\n<details>")[0] == BLOCKS["markdown"]
