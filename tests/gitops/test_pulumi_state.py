"""What is read of Pulumi's state before a stack is destroyed, and the one thing that is written into it."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from flux.object_reference import ObjectReference
from gitops.errors import CommandError
from gitops.pulumi_cli import StackName
from gitops.pulumi_state import clear_pending_creates, keep_in_cluster, read_state

CRD = "urn:pulumi:dev::gitops::kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition::crd"
DEV = StackName("dev")


def secret(text: str) -> dict[str, str]:
    return {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "plaintext": json.dumps(text)}


def state() -> dict[str, Any]:
    provider = {"kubeconfig": secret("apiVersion: v1"), "context": "admin@homelab", "clusterIdentifier": "homelab"}
    definition = {"kind": "CustomResourceDefinition", "metadata": {"name": "gitrepositories.source.toolkit.fluxcd.io"}}
    source = {"kind": "GitRepository", "metadata": {"name": "fleet", "namespace": "flux-system"}}
    resources = [
        {"urn": "urn:provider", "type": "pulumi:providers:kubernetes", "inputs": provider},
        {"urn": CRD, "type": "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition", "inputs": definition},
        {"urn": "urn:source", "type": "kubernetes:source.toolkit.fluxcd.io/v1:GitRepository", "inputs": source, "retainOnDelete": True},
        {"urn": "urn:component", "type": "gitops:index:GitSource"},
        {"urn": "urn:replaced", "type": "kubernetes:core/v1:Secret", "inputs": source, "delete": True},
    ]
    return {"version": 3, "deployment": {"resources": resources}}


class Cli:
    """What `pulumi` was asked, and what it answers."""

    def __init__(self, printed: str, code: int = 0, error: str = "") -> None:
        self.printed, self.code, self.error = printed, code, error
        self.asked: list[tuple[str, ...]] = []
        self.imported: Any = None

    def __call__(self, *arguments: str, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
        self.asked.append(arguments)
        if arguments[:2] == ("stack", "import"):
            self.imported = json.loads(Path(arguments[-1]).read_text())
        return subprocess.CompletedProcess(arguments, self.code, self.printed, self.error)


def cli(monkeypatch: pytest.MonkeyPatch, printed: str, code: int = 0, error: str = "") -> Cli:
    made = Cli(printed, code, error)
    monkeypatch.setattr("gitops.pulumi_state.ask_pulumi", made)
    return made


def test_objects_the_cluster_and_what_stays_are_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cli(monkeypatch, json.dumps(state()))

    found = read_state(DEV, tmp_path)

    assert (found.kubeconfig, found.context, found.cluster) == ("apiVersion: v1", "admin@homelab", "homelab")
    assert "apiVersion" not in repr(found)
    assert [(each.reference, each.stays, each.is_definition) for each in found.objects] == [
        (ObjectReference("CustomResourceDefinition", "", "gitrepositories.source.toolkit.fluxcd.io"), False, True),
        (ObjectReference("GitRepository", "flux-system", "fleet"), True, False),
    ]


def test_the_provider_of_the_objects_counts_and_a_secret_anywhere_in_a_value_hides_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    found = state()
    resources = found["deployment"]["resources"]
    left = {"urn": "urn:default", "type": "pulumi:providers:kubernetes", "inputs": {"context": "another-cluster"}}
    resources.insert(0, left)
    for each in resources[2:4]:
        each["provider"] = "urn:provider::1f0a"
    resources[3]["inputs"] = {**resources[3]["inputs"], "spec": {"values": [{"password": secret("hunter22")}]}}
    cli(monkeypatch, json.dumps(found))

    read = read_state(DEV, tmp_path)

    assert read.context == "admin@homelab"
    assert read.objects[1].secret_keys == {"spec"}


def test_keys_whose_seed_is_in_the_state_are_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    made = state()
    kind = "random:index/randomPassword:RandomPassword"
    urn = f"urn:pulumi:dev::gitops::gitops:index:AgeKeys${kind}::age-keys-2026-11-seed"
    made["deployment"]["resources"].append({"urn": urn, "type": kind})
    cli(monkeypatch, json.dumps(made))
    assert read_state(DEV, tmp_path).generated_age_keys == ("2026-11",)


def test_an_empty_state_is_one(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cli(monkeypatch, json.dumps({"version": 3, "deployment": {}}))

    assert read_state(DEV, tmp_path).is_empty


@pytest.mark.parametrize("printed", ["", "[" * 5000])
def test_what_is_no_json_is_one_message(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, printed: str) -> None:
    cli(monkeypatch, printed)

    with pytest.raises(CommandError, match="is unknown"):
        read_state(DEV, tmp_path)


@pytest.mark.parametrize("printed", ["null", '{"deployment": {"resources": [1, null, {"type": 3}]}}'])
def test_a_state_of_another_form_has_no_object(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, printed: str) -> None:
    cli(monkeypatch, printed)

    assert read_state(DEV, tmp_path).objects == ()


def test_what_pulumi_refuses_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cli(monkeypatch, "", 255, "error: passphrase must be set")

    with pytest.raises(CommandError, match="passphrase must be set"):
        read_state(DEV, tmp_path)


def test_what_others_need_is_retained_and_nothing_else_of_the_state_changes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    asked = cli(monkeypatch, json.dumps(state()))

    keep_in_cluster(DEV, tmp_path, [CRD])

    expected = state()
    expected["deployment"]["resources"][1]["retainOnDelete"] = True
    assert asked.imported == expected
    assert "--show-secrets" not in asked.asked[0], "no secret is written to a file"


def test_creations_that_were_not_finished_are_forgotten_and_nothing_else_of_the_state_changes(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    creating, updating = ({"type": each, "resource": {"urn": "urn:source"}} for each in ("creating", "updating"))
    interrupted = state()
    interrupted["deployment"]["pending_operations"] = [creating, updating, creating]
    asked = cli(monkeypatch, json.dumps(interrupted))

    assert clear_pending_creates(DEV, tmp_path) == 2

    expected = state()
    expected["deployment"]["pending_operations"] = [updating]
    assert asked.imported == expected
    assert "--show-secrets" not in asked.asked[0], "no secret is written to a file"


@pytest.mark.parametrize("pending", [None, [], [{"type": "deleting"}]])
def test_a_state_without_such_creations_is_not_written(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, pending: Any) -> None:
    asked = cli(monkeypatch, json.dumps({"version": 3, "deployment": {"pending_operations": pending}}))

    assert clear_pending_creates(DEV, tmp_path) == 0
    assert [words[1] for words in asked.asked] == ["export"]
