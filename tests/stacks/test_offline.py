"""A stack's settings without the engine are what a preview without secrets reads."""

import os
from pathlib import Path
from unittest.mock import patch

import pulumi
import pytest

from stacks.offline import load_settings_offline, secret_keys_in_file
from stacks.words.problems import StackProblems
from tests.engine import AMBIENT
from tests.manifests import manifests_directory, put_manifests
from tests.shipped_stacks import dev_environment
from tests.stack_files import files_in

STACK = """
config:
  gitops:environment: development
  gitops:cluster: {name: dev, context: dev}
  gitops:flux: {manifests: ./manifests/v2.9.4}
  gitops:age: {keys: {"2026-11": supplied}}
  gitops:age-2026-11: {secure: v1:closed}
  gitops:use: [base]
"""


@pytest.fixture(autouse=True)
def nobodys_environment() -> object:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(AMBIENT)}
    with patch.dict(os.environ, kept, clear=True):
        yield


def folder_with(tmp_path: Path, text: str) -> Path:
    put_manifests(tmp_path / "manifests", manifests_directory().parent)
    (tmp_path / "Pulumi.it.yaml").write_text(text)
    (tmp_path / "catalog.yaml").write_text("git: {a: {url: https://git.test/a.git, spec: {interval: 1h, ref: {branch: main}}}}\n")
    return tmp_path


@pytest.mark.parametrize("stack", ["production", "staging"])
def test_a_shipped_stack_is_read_without_cluster_secrets_or_registry(stack: str) -> None:
    with patch.dict(os.environ, {"GITOPS_FLUX_MANIFESTS": str(manifests_directory()), "KUBECONFIG": "/nowhere"}):
        settings = load_settings_offline(stack)
    assert "cluster-apps" in {each.name for each in settings.chosen.bodies}
    assert settings.check_record.shown == f"checked/{stack}.yaml"


def test_values_from_the_environment_are_resolved_as_in_the_engine(tmp_path: Path) -> None:
    with patch.dict(os.environ, dev_environment(tmp_path)):
        settings = load_settings_offline("dev")
    assert settings.chosen.of_kind("GitRepository")["argo-workflows"].url == "https://127.0.0.1:3443/daviestechlabs/argo.git"
    assert settings.check_record.path == tmp_path / "checked.yaml"


def test_secrets_of_the_stack_file_stay_closed(tmp_path: Path) -> None:
    with files_in(folder_with(tmp_path, STACK)):
        settings = load_settings_offline("it")
        assert secret_keys_in_file("it") == {"age-2026-11"}
    assert [key.name for key in settings.age_keys] == ["2026-11"]


def test_a_secret_inside_of_a_value_is_refused_as_in_a_preview(tmp_path: Path) -> None:
    text = STACK.replace("{name: dev, context: dev}", "{name: dev, context: {secure: v1:closed}}")
    with files_in(folder_with(tmp_path, text)), pytest.raises(StackProblems, match="gitops:cluster: holds a secret"):
        load_settings_offline("it")


def test_mistakes_are_all_told_with_their_places(tmp_path: Path) -> None:
    text = STACK.replace("[base]", "[bas]").replace("context: dev", "contxt: dev")
    with files_in(folder_with(tmp_path, text)), pytest.raises(StackProblems) as told:
        load_settings_offline("it")
    assert [str(problem.where) for problem in told.value.problems] == [
        "Pulumi.it.yaml:4 gitops:cluster.contxt",
        "Pulumi.it.yaml:8 gitops:use[0]",
    ]


def test_what_may_come_from_pulumi_esc_is_told_once(tmp_path: Path) -> None:
    text = STACK.replace("  gitops:use: [base]\n", "").replace("  gitops:environment: development\n", "")
    with files_in(folder_with(tmp_path, f"environment: [homelab/prod]\n{text}")), pytest.raises(StackProblems) as told:
        load_settings_offline("it")
    assert str(told.value) == (
        "Pulumi.it.yaml:1 environment: takes configuration from Pulumi ESC, and gitops:environment, gitops:use are not in this file. "
        "Only the Pulumi CLI reads ESC: this command knows what the stack file has, and nothing else. "
        "Copy what is missing into `config`: `pulumi config` shows the values."
    )


def test_pulumi_esc_that_brings_nothing_of_the_program_is_no_problem(tmp_path: Path) -> None:
    with files_in(folder_with(tmp_path, f"environment: [homelab/prod]\n{STACK}")):
        assert load_settings_offline("it").stack.use == ["base"]


def test_a_stack_that_there_is_not_is_told(tmp_path: Path) -> None:
    with files_in(tmp_path), pytest.raises(StackProblems, match=r"Pulumi\.nosuch\.yaml: is missing"):
        load_settings_offline("nosuch")


def test_what_else_this_process_does_with_pulumi_keeps_its_own_settings(tmp_path: Path) -> None:
    before = pulumi.get_stack()
    with files_in(folder_with(tmp_path, STACK)):
        load_settings_offline("it")
    assert pulumi.get_stack() == before


@pytest.mark.parametrize(
    ("stack", "fix"),
    [("nostack", "There are: dev, production."), ("prodution", "Did you mean `production`? There are: dev, production.")],
)
def test_a_stack_without_a_file_is_told_which_stacks_there_are(
    stack: str, fix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("production", "dev"):
        (tmp_path / f"Pulumi.{name}.yaml").touch()
    monkeypatch.setattr("stacks.inputs.project_directory._chosen", tmp_path)
    with pytest.raises(StackProblems) as caught:
        load_settings_offline(stack)
    assert f"Pulumi.{stack}.yaml: is missing" in str(caught.value)
    assert fix in str(caught.value)


def test_where_no_stack_has_a_file_it_is_told_to_create_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("stacks.inputs.project_directory._chosen", tmp_path)
    with pytest.raises(StackProblems, match="Create it, or run this in the right directory"):
        load_settings_offline("nostack")
