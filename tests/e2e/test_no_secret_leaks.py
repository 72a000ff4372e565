"""The age key, its seed, the deploy key and the access token are in the cluster's Secrets, and nowhere else."""

import base64
import hashlib
import json
import os
from urllib.parse import quote

import pytest

from tests.e2e.leaks import files_left_behind, leaks
from tests.e2e.running_stack import RunningStack


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


def test_the_search_finds_each_disguise_of_a_secret() -> None:
    needle = os.urandom(32)
    for text in (needle, base64.b64encode(b"prefix" + needle), base64.b64encode(b"x" + needle + b"y"), needle.hex().encode()):
        assert leaks(b"..." + text + b"...", {"it": needle}, "the text"), "a search that misses a leak proves nothing"


def test_the_search_finds_a_key_of_several_lines_in_whatever_text_keeps_its_line_breaks() -> None:
    lines = [base64.b64encode(os.urandom(48)).decode() for _ in range(4)]
    pem = "\n".join(["-----BEGIN IT-----", *lines, "-----END IT-----", ""])
    indented = pem.replace("\n", "\n    ")
    for text in (pem, base64.b64encode(pem.encode()).decode(), pem.encode().hex(), json.dumps(json.dumps(pem)), indented, quote(pem)):
        assert leaks(text.encode(), {"it": "".join(lines).encode()}, "the text"), text[:80]


def test_no_command_prints_a_secret(synced: RunningStack, secrets: dict[str, bytes]) -> None:
    synced.preview("--diff")
    synced.preview("--json")
    synced.up()
    synced.pulumi("stack", "--stack", synced.name, "--show-ids", "--show-urns")
    synced.pulumi("stack", "output", "--stack", synced.name, "--json")
    synced.pulumi("stack", "export", "--stack", synced.name)
    assert leaks("\n".join(synced.transcript).encode(), secrets, "what Pulumi printed") == []


def test_no_file_of_the_cluster_holds_a_secret_but_those_made_for_it(synced: RunningStack, secrets: dict[str, bytes]) -> None:
    files = files_left_behind(synced.cluster.home.directory)
    assert any(".pulumi/stacks" in str(file) for file in files), "the state must be among the files searched"
    assert any(file.suffix == ".log" for file in files)
    found = [leak for file in files for leak in leaks(file.read_bytes(), secrets, str(file))]
    assert found == []
