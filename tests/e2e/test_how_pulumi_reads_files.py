"""What the real CLI reads as configuration and writes of a preview: `gitops compare` has lines for the one, and reads the other."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from gitops.compare.preview_steps import read_preview
from stacks.words.said_of_cluster import SaidOfCluster, SetBack, read_again, sets_back, would_refuse
from tests.e2e.small_project import PROJECT, SmallProject

STACK_FILE = "config:\n  takeOver: [unknown]\n  gitops:config:onDestroy: removeWorkloads\n  gitops:use: [base]\n"


@pytest.fixture
def small(tmp_path: Path) -> Iterator[SmallProject]:
    login = {"PULUMI_BACKEND_URL": f"file://{tmp_path}", "PULUMI_CONFIG_PASSPHRASE": "the stack's own"}
    made = SmallProject(tmp_path / "small", login)
    yield made
    made.end_everything()


def config(small: SmallProject, expect: int = 0) -> str:
    return small.run("pulumi", "config", "--stack", "production", "--json", "--non-interactive", expect=expect).printed


def test_a_key_without_a_namespace_and_one_of_pulumi_yaml_are_keys_of_the_program(small: SmallProject) -> None:
    small.stack_file.write_text(STACK_FILE)
    (small.folder / "Pulumi.yaml").write_text(f'{PROJECT}config: {{"gitops:removeTakenOver": {{default: true}}}}\n')
    small.run("pulumi", "stack", "init", "production", "--non-interactive")
    found = json.loads(config(small))

    assert {key: each["value"] for key, each in found.items()} == {
        "gitops:takeOver": '["unknown"]',
        "gitops:onDestroy": "removeWorkloads",
        "gitops:use": '["base"]',
        "gitops:removeTakenOver": "true",
    }


def test_pulumi_json_is_read_instead_of_pulumi_yaml(small: SmallProject) -> None:
    small.run("pulumi", "stack", "init", "production", "--non-interactive")
    (small.folder / "Pulumi.json").write_text(json.dumps({"name": "gitops", "runtime": "python"}))
    (small.folder / "Pulumi.production.json").write_text(json.dumps({"config": {"gitops:takeOver": ["unknown"]}}))

    assert [*json.loads(config(small))] == ["gitops:takeOver"]


def test_what_the_program_says_is_among_the_diagnostics_of_a_preview(small: SmallProject) -> None:
    said = sets_back([("GitRepository/flux-system/kubeflow", "kubectl-edit")], more=0)
    (small.folder / "__main__.py").write_text(f"import pulumi\npulumi.log.info({said!r})\npulumi.log.warn({would_refuse('no')!r})\n")
    small.run("pulumi", "stack", "init", "production", "--non-interactive")
    options = ("--stack", "production", "--json", "--non-interactive")
    file = small.folder / "preview.json"
    file.write_text(small.run("pulumi", "preview", *options).printed)
    found = [read_again(message) for message in read_preview(file).messages]

    assert SaidOfCluster(set_back=(SetBack(name="GitRepository/flux-system/kubeflow", writers="kubectl-edit"),)) in found
    assert SaidOfCluster(refused="no") in found
