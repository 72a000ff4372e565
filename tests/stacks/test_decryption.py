"""Each way to decrypt reaches kustomize-controller: a Kustomization's own Secret, the flag for all, children, a cloud's identity."""

import base64
from pathlib import Path
from typing import Any

import yaml

from flux.keys.age_identity import identity_from_seed
from tests import invariants
from tests.changes import changes
from tests.engine import attempt, entry_point, run
from tests.record import Record, Secret
from tests.shipped_stacks import dev, small

NAMED = {"spec": {"decryption": {"provider": "sops", "secretRef": {"name": "sops-age"}}}}
EVERYWHERE = {"kustomizations/cluster-vars": NAMED, "kustomizations/cluster-apps": NAMED}
TOKEN = "hvs.hunter2-marker"


def up(folder: Path, secrets: dict[str, str] | None = None, **config: Any) -> Record:
    return run(entry_point(), **small(folder, config={f"gitops:{key}": value for key, value in config.items()}, secrets=secrets or {}))


def flags(record: Record) -> list[str]:
    arguments: list[str] = record.object("Deployment", "kustomize-controller").inputs["spec"]["template"]["spec"]["containers"][0]["args"]
    return [argument for argument in arguments if argument.startswith("--sops-")]


def entries(record: Record) -> dict[str, str]:
    data: dict[str, Secret] = record.object("Secret", "sops-age", "flux-system").inputs["data"]
    return {key: base64.b64decode(value.value).decode() for key, value in data.items()}


def test_an_age_key_is_wired_by_the_flag_for_all_that_decrypt(dev_up: Record) -> None:
    assert flags(dev_up) == ["--sops-age-secret=sops-age"]
    assert dev_up.object("Kustomization", "cluster-vars").inputs["spec"]["decryption"] == {"provider": "sops"}
    assert dev_up.object("Secret", "sops-age").urn in dev_up.waits_for(dev_up.object("Kustomization", "cluster-vars"))


def test_a_key_service_stands_beside_the_age_keys_in_one_secret(tmp_path: Path) -> None:
    secrets = {"age-2026-05": identity_from_seed("x"), "sops-vault-token": TOKEN}

    record = up(tmp_path, secrets, age={"keys": {"2026-05": "supplied"}}, decryption={"keyServices": ["vault-token"]}, override=EVERYWHERE)

    assert entries(record) == {"2026-05.agekey": identity_from_seed("x"), "sops.vault-token": TOKEN}
    assert record.object("Secret", "sops-age").name == "age-keys-secret"
    assert flags(record) == ["--sops-age-secret=sops-age"]
    for name in ("cluster-vars", "cluster-apps"):
        kustomization = record.object("Kustomization", name)
        assert kustomization.inputs["spec"]["decryption"]["secretRef"] == {"name": "sops-age"}
        assert record.object("Secret", "sops-age").urn in record.waits_for(kustomization)
    invariants.check_everything(record, markers=[TOKEN, identity_from_seed("x")])


def test_a_key_service_alone_needs_no_age_key_and_sets_no_flag(tmp_path: Path) -> None:
    record = up(tmp_path, {"sops-vault-token": TOKEN}, age={}, decryption={"keyServices": ["vault-token"]}, override=EVERYWHERE)

    assert entries(record) == {"sops.vault-token": TOKEN}
    assert flags(record) == []
    assert record.exports["ageRecipients"] == {}
    invariants.check_everything(record, markers=[TOKEN])


def test_children_inherit_the_secret_too(tmp_path: Path) -> None:
    record = up(tmp_path, override=EVERYWHERE)

    (patch,) = record.object("Kustomization", "cluster-apps").inputs["spec"]["patches"]
    assert yaml.safe_load(patch["patch"])["spec"]["decryption"] == NAMED["spec"]["decryption"]


def test_another_value_of_a_key_service_changes_that_secret_alone(tmp_path: Path) -> None:
    settings: dict[str, Any] = {"age": {}, "decryption": {"keyServices": ["vault-token"]}, "override": EVERYWHERE}
    before, after = (up(tmp_path, {"sops-vault-token": value}, **settings) for value in (TOKEN, "hvs.another"))

    assert changes(before, after) == (set(), set(), {"age-keys-secret"})


def test_a_cloud_knows_the_controller_by_its_account_and_no_key_is_needed(tmp_path: Path) -> None:
    role = {"eks.amazonaws.com/role-arn": "arn:aws:iam::123456789012:role/sops"}

    record = up(tmp_path, age={}, decryption={"serviceAccountAnnotations": role})

    annotated = {
        each.object_name: {
            key: value for key, value in each.inputs["metadata"]["annotations"].items() if key != "pulumi.com/patchFieldManager"
        }
        for each in record.kubernetes()
        if each.kind == "ServiceAccount"
    }
    assert annotated.pop("kustomize-controller") == role
    assert not any(annotated.values())
    assert not [each for each in record.kubernetes() if each.object_name == "sops-age"]


def test_a_token_with_a_line_break_is_refused_without_being_shown(tmp_path: Path) -> None:
    config = {"gitops:decryption": {"keyServices": ["vault-token"]}, "gitops:override": EVERYWHERE}

    record = attempt(entry_point(), **dev(tmp_path, config=config, secrets={"sops-vault-token": TOKEN + "\n"}))

    assert "1 problem; nothing was changed.\ngitops:sops-vault-token: begins or ends with a line break" in record.errors
    invariants.check_no_leak(record, [TOKEN])


def test_a_missing_token_ends_up_and_not_a_preview(tmp_path: Path) -> None:
    config = {"gitops:decryption": {"keyServices": ["vault-token"]}, "gitops:override": EVERYWHERE}

    assert "gitops:sops-vault-token: is missing" in attempt(entry_point(), **dev(tmp_path, config=config)).errors
    assert run(entry_point(), **small(tmp_path, config=config, preview=True)).object("Secret", "sops-age")
