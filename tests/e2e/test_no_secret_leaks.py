"""The age key, its seed, the deploy key and the access token are in the cluster's Secrets, and nowhere else."""

import base64
import hashlib
import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.running_stack import RunningStack

KEEPS_SECRETS_BY_DESIGN = ("kwok", "secrets", "gitea")
"""Folders of the home: etcd with the Secrets themselves, the demo's own key files, and Gitea's database."""


@pytest.fixture(scope="module")
def secrets(synced: RunningStack) -> dict[str, bytes]:
    """What must not be found, by a name that may be shown."""
    identity = synced.secret("sops-age")["2026-11.agekey"].strip()
    shown = synced.pulumi("stack", "export", "--stack", synced.name, "--show-secrets").printed
    synced.transcript.pop()  # the one command that is asked for the secrets
    resources = json.loads(shown)["deployment"]["resources"]
    seed = next(json.loads(item["outputs"]["result"]["plaintext"]) for item in resources if "RandomPassword" in item["type"])
    deploy_key = synced.secret("homelab-deploy")["identity"]
    return {
        "the age identity": identity.encode(),
        "the seed of the age identity": seed.encode(),
        "the raw age key": hashlib.sha256(seed.encode()).digest(),
        "the deploy key": "".join(deploy_key.splitlines()[1:-1]).encode(),
        "the access token": synced.secret("gitea-read")["password"].encode(),
    }


def _disguises(secret: bytes) -> dict[str, bytes]:
    found = {"plain": secret, "hex": secret.hex().encode(), "HEX": secret.hex().upper().encode(), "url": quote(secret).encode()}
    for shift in range(3):
        # inside a longer base64 text the same bytes look different, depending on where they begin
        text = base64.b64encode(b"\0" * shift + secret + b"\0" * ((-shift - len(secret)) % 3))
        found[f"base64+{shift}"] = text[4:-4]
        found[f"base64url+{shift}"] = text[4:-4].replace(b"+", b"-").replace(b"/", b"_")
    return found


def _leaks(haystack: bytes, secrets: dict[str, bytes], where: str) -> list[str]:
    joined = haystack.replace(b"\n", b"").replace(b"\\n", b"")
    return [
        f"{name} ({disguise}) is in {where}"
        for name, secret in secrets.items()
        for disguise, needle in _disguises(secret).items()
        if needle in haystack or needle in joined
    ]


def _files(home: Path) -> list[Path]:
    kept_apart = [home / name for name in KEEPS_SECRETS_BY_DESIGN]
    return [
        Path(folder) / name
        for folder, _, names in os.walk(home)
        for name in names
        if not any(Path(folder).is_relative_to(apart) for apart in kept_apart)
        and (Path(folder) / name).is_file()
        and not (Path(folder) / name).is_symlink()
    ]


def test_the_search_finds_each_disguise_of_a_secret() -> None:
    needle = os.urandom(32)
    for text in (needle, base64.b64encode(b"prefix" + needle), base64.b64encode(b"x" + needle + b"y"), needle.hex().encode()):
        assert _leaks(b"..." + text + b"...", {"it": needle}, "the text"), "a search that misses a leak proves nothing"


def test_no_command_prints_a_secret(synced: RunningStack, secrets: dict[str, bytes]) -> None:
    synced.preview("--diff")
    synced.preview("--json")
    synced.up()
    synced.pulumi("stack", "--stack", synced.name, "--show-ids", "--show-urns")
    synced.pulumi("stack", "output", "--stack", synced.name, "--json")
    synced.pulumi("stack", "export", "--stack", synced.name)
    assert _leaks("\n".join(synced.transcript).encode(), secrets, "what Pulumi printed") == []


def test_no_file_of_the_cluster_holds_a_secret_but_those_made_for_it(synced: RunningStack, secrets: dict[str, bytes]) -> None:
    files = _files(synced.cluster.home.directory)
    assert any(".pulumi/stacks" in str(file) for file in files), "the state must be among the files searched"
    assert any(file.suffix == ".log" for file in files)
    controllers = {file for file in files if file.name == "kubeconfig"}
    found = [leak for file in files if file not in controllers for leak in _leaks(file.read_bytes(), secrets, str(file))]
    assert found == []
