"""Every type of credential becomes the Secret that Flux reads, and is rotated in place."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat

from flux.keys.ssh_private_keys import public_line_of
from tests import invariants
from tests.changes import changes
from tests.engine import attempt, entry_point, run
from tests.keys import PASSPHRASE, certificate, elliptic_key, pem, rsa_key, ssh_key
from tests.record import UNKNOWN, Record, Secret
from tests.shipped_stacks import DEPLOY_IDENTITY, KNOWN_HOSTS, dev, shipped, small

CREDENTIALS = shipped("dev")["gitops:credentials"]
ENCRYPTED = pem(elliptic_key("a"), PASSPHRASE, PrivateFormat.TraditionalOpenSSL)


def up(folder: Path, credentials: dict[str, Any], secrets: dict[str, str] | None = None, **around: Any) -> Record:
    """The small stack with credentials besides, or in place of, its own."""
    config = {"gitops:credentials": {**CREDENTIALS, **credentials}, **around.pop("config", {})}
    return run(entry_point(), **small(folder, config=config, secrets=secrets or {}, **around))


def entries(record: Record, name: str) -> dict[str, str]:
    """A Secret's entries in plain text; all must be wrapped."""
    data = record.object("Secret", name, "flux-system").inputs["data"]
    assert all(isinstance(value, Secret) for value in data.values())
    return {key: base64.b64decode(value.value).decode() for key, value in data.items()}


TYPES: dict[str, tuple[dict[str, Any], dict[str, str], dict[str, str]]] = {
    "basic": (
        {"type": "basic", "username": "flux", "ca": certificate()},
        {"password": "hunter2-marker"},
        {"username": "flux", "password": "hunter2-marker", "ca.crt": certificate()},
    ),
    "bearer": ({"type": "bearer"}, {"token": "hunter2-marker"}, {"bearerToken": "hunter2-marker"}),
    "githubApp by installation": (
        {"type": "githubApp", "appId": "1", "installationId": "2"},
        {"private-key": pem(rsa_key())},
        {"githubAppID": "1", "githubAppInstallationID": "2", "githubAppPrivateKey": pem(rsa_key())},
    ),
    "githubApp by owner": (
        {"type": "githubApp", "appId": "1", "installationOwner": "org", "baseUrl": "https://github.test/api/v3", "ca": certificate()},
        {"private-key": pem(rsa_key())},
        {
            "githubAppID": "1",
            "githubAppInstallationOwner": "org",
            "githubAppBaseURL": "https://github.test/api/v3",
            "githubAppPrivateKey": pem(rsa_key()),
            "ca.crt": certificate(),
        },
    ),
    "tls with both": (
        {"type": "tls", "certificate": certificate("a"), "ca": certificate("b")},
        {"private-key": pem(elliptic_key("a"))},
        {"tls.crt": certificate("a"), "tls.key": pem(elliptic_key("a")), "ca.crt": certificate("b")},
    ),
    "tls with an authority alone": ({"type": "tls", "ca": certificate("b")}, {}, {"ca.crt": certificate("b")}),
    "proxy": ({"type": "proxy", "address": "http://proxy.test:3128"}, {}, {"address": "http://proxy.test:3128"}),
    "proxy with a user": (
        {"type": "proxy", "address": "socks5://proxy.test", "username": "flux"},
        {"password": "hunter2-marker"},
        {"address": "socks5://proxy.test", "username": "flux", "password": "hunter2-marker"},
    ),
    "ssh with a passphrase": (
        {"type": "ssh", "passphrase": True},
        {"identity": ENCRYPTED, "passphrase": PASSPHRASE},
        {"identity": ENCRYPTED, "password": PASSPHRASE},
    ),
}


def logical(name: str) -> str:
    return name.lower().replace(" ", "-")


@pytest.fixture(scope="module")
def every_type(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """One run with a credential of every type."""
    declared = {logical(name): credential for name, (credential, _, _) in TYPES.items()}
    secrets = {f"{logical(name)}-{field}": value for name, (_, given, _) in TYPES.items() for field, value in given.items()}
    record = up(tmp_path_factory.mktemp("every-type"), declared, secrets)
    invariants.check_everything(record, markers=list(secrets.values()))
    return record


@pytest.mark.parametrize("name", TYPES)
def test_a_credential_becomes_the_secret_that_flux_reads(name: str, every_type: Record) -> None:
    _, _, expected = TYPES[name]

    assert entries(every_type, logical(name)) == expected
    assert every_type.object("Secret", logical(name)).inputs["type"] == "Opaque"


def test_a_registrys_login_has_the_type_that_kubernetes_knows(tmp_path: Path) -> None:
    record = up(tmp_path, {"ghcr": {"type": "registry", "server": "ghcr.io", "username": "flux"}}, {"ghcr-password": "hunter2-marker"})

    assert record.object("Secret", "ghcr").inputs["type"] == "kubernetes.io/dockerconfigjson"
    login = json.loads(entries(record, "ghcr")[".dockerconfigjson"])
    assert login["auths"]["ghcr.io"]["password"] == "hunter2-marker"
    invariants.check_everything(record, markers=["hunter2-marker", base64.b64encode(b"flux:hunter2-marker").decode()])


def test_a_preview_shows_every_type_without_its_secrets(tmp_path: Path) -> None:
    declared = {f"mine-{index}": credential for index, (credential, _, _) in enumerate(TYPES.values())}
    declared["ghcr"] = {"type": "registry", "server": "ghcr.io", "username": "flux"}

    record = up(tmp_path, declared, preview=True)

    for index, (_, _, expected) in enumerate(TYPES.values()):
        assert set(record.object("Secret", f"mine-{index}").inputs["data"]) == set(expected)
    assert record.object("Secret", "ghcr").inputs["data"] == {".dockerconfigjson": Secret(UNKNOWN)}


def test_a_secret_that_could_not_work_ends_up_before_anything_is_registered(tmp_path: Path) -> None:
    config = {"gitops:credentials": {**CREDENTIALS, "app": {"type": "githubApp", "appId": "1", "installationId": "2"}}}
    secrets = {"app-private-key": "hunter2-marker", "gitea-read-password": "hunter2-marker\n"}

    record = attempt(entry_point(), **dev(tmp_path, config=config, secrets=secrets, environment={DEPLOY_IDENTITY: "ssh-ed25519 AAAA"}))

    assert record.exit_code == 32
    assert record.errors.splitlines()[0] == "3 problems; nothing was changed."
    assert "gitops:homelab-deploy-identity: is a public key" in record.errors
    assert "gitops:gitea-read-password: begins or ends with a line break" in record.errors
    assert "gitops:app-private-key: is not a private key in PEM" in record.errors
    invariants.check_no_leak(record, ["hunter2-marker"])
    assert len(record.resources) == 1


def generated(*names: str, active: str) -> dict[str, Any]:
    return {"homelab-deploy": {"type": "ssh", "generated": list(names), "active": active}}


WITHOUT_SUPPLIED: dict[str, Any] = {"environment": {DEPLOY_IDENTITY: None}}


def test_the_secret_holds_the_active_one_of_the_generated_keys_and_the_outputs_all_public_halves(tmp_path: Path) -> None:
    record = up(tmp_path, generated("2026-05", "2026-11", active="2026-11"), **WITHOUT_SUPPLIED)

    found = entries(record, "homelab-deploy")
    assert set(found) == {"identity", "identity.pub", "known_hosts"}
    assert found["known_hosts"] == KNOWN_HOSTS
    assert found["identity.pub"] == public_line_of(found["identity"])
    deploy_keys = record.exports["deployKeys"]["homelab-deploy"]
    assert deploy_keys["active"] == "2026-11"
    assert deploy_keys["keys"]["2026-11"] == found["identity.pub"]
    assert set(deploy_keys["keys"]) == {"2026-05", "2026-11"}
    assert len(set(deploy_keys["keys"].values())) == 2, "each key has a seed of its own"
    assert deploy_keys["repositories"] == ["ssh://git@127.0.0.1:2222/daviestechlabs/homelab-k8s2.git"]
    invariants.check_everything(record, markers=[found["identity"], found["identity"].splitlines()[1]])


def test_only_a_credential_with_generated_keys_is_in_the_output(dev_up: Record) -> None:
    assert dev_up.exports["deployKeys"] == {}


def test_the_next_key_exists_before_it_is_used(tmp_path: Path) -> None:
    record = up(tmp_path, generated("2026-11", active="supplied"))

    assert entries(record, "homelab-deploy")["identity"] == ssh_key()
    assert record.exports["deployKeys"]["homelab-deploy"]["active"] == "supplied"
    assert record.exports["deployKeys"]["homelab-deploy"]["keys"]["2026-11"].startswith("ssh-ed25519 ")


def test_a_preview_knows_no_generated_key_and_needs_no_secret(tmp_path: Path) -> None:
    record = up(tmp_path, generated("2026-11", active="2026-11"), preview=True, **WITHOUT_SUPPLIED)

    data = record.object("Secret", "homelab-deploy").inputs["data"]
    assert data["identity"] == data["identity.pub"] == Secret(UNKNOWN)
    assert record.exports["deployKeys"]["homelab-deploy"]["keys"] == {"2026-11": UNKNOWN}


def test_a_secret_of_a_key_that_is_not_in_use_is_read_by_nothing(tmp_path: Path) -> None:
    config = {"gitops:credentials": {**CREDENTIALS, **generated("2026-11", active="2026-11")}}

    record = attempt(entry_point(), **dev(tmp_path, config=config, secrets={"homelab-deploy-identity": ssh_key()}))

    assert "gitops:homelab-deploy-identity: is an unknown key" in record.errors


def test_names_that_run_together_are_two_keys(tmp_path: Path) -> None:
    pair = {
        "a": {"type": "ssh", "generated": ["b-c"], "active": "b-c"},
        "a-b": {"type": "ssh", "generated": ["c"], "active": "c"},
    }

    record = up(tmp_path, pair)

    assert len(record.of_type("random:index/randomPassword:RandomPassword")) == 3
    assert entries(record, "a")["identity"] != entries(record, "a-b")["identity"]


def test_another_value_of_a_secret_changes_that_secret_in_place_and_nothing_else(tmp_path: Path) -> None:
    before, after = up(tmp_path, {}), up(tmp_path, {}, {"gitea-read-password": "another"})

    assert changes(before, after) == (set(), set(), {"gitea-read-secret"})


def test_adding_a_generated_key_adds_its_seed_and_changes_nothing(tmp_path: Path) -> None:
    before = up(tmp_path, generated("2026-05", active="2026-05"), **WITHOUT_SUPPLIED)
    after = up(tmp_path, generated("2026-05", "2026-11", active="2026-05"), **WITHOUT_SUPPLIED)

    assert changes(before, after) == ({"homelab-deploy-seed_2026-11"}, set(), set())


def test_another_active_key_changes_the_secret_in_place_and_nothing_else(tmp_path: Path) -> None:
    before = up(tmp_path, generated("2026-05", "2026-11", active="2026-05"), **WITHOUT_SUPPLIED)
    after = up(tmp_path, generated("2026-05", "2026-11", active="2026-11"), **WITHOUT_SUPPLIED)

    assert changes(before, after) == (set(), set(), {"homelab-deploy-secret"})


def test_removing_the_old_key_takes_its_seed_away_and_changes_nothing(tmp_path: Path) -> None:
    before = up(tmp_path, generated("2026-05", "2026-11", active="2026-11"), **WITHOUT_SUPPLIED)
    after = up(tmp_path, generated("2026-11", active="2026-11"), **WITHOUT_SUPPLIED)

    assert changes(before, after) == (set(), {"homelab-deploy-seed_2026-05"}, set())


def test_from_a_supplied_to_a_generated_key_the_secret_stays_the_same_object(tmp_path: Path) -> None:
    before = up(tmp_path, generated("2026-11", active="supplied"))
    after = up(tmp_path, generated("2026-11", active="2026-11"), **WITHOUT_SUPPLIED)

    assert changes(before, after) == (set(), set(), {"homelab-deploy-secret"})
