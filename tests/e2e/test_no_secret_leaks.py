"""The age key, its seed, the deploy key and the access token are in the cluster's Secrets, and nowhere else."""

import base64
import hashlib
import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.e2e.leaks import files_left_behind, leaks
from tests.e2e.running_stack import RunningStack
from tests.e2e.secrets.own_certificates import own_certificate


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


def test_no_command_of_gitops_prints_a_secret(synced: RunningStack, secrets: dict[str, bytes]) -> None:
    checked = synced.gitops("check", "--stack", synced.name, expect=0).printed
    assert "2 encrypted files, 2 of them in synced paths; 0 errors" in checked, checked
    synced.gitops("status", expect=0)
    synced.gitops("deploy-key", "list", "--stack", synced.name)
    assert leaks("\n".join(synced.transcript).encode(), secrets, "what gitops printed") == []


def test_no_failure_of_the_check_prints_a_secret(synced: RunningStack, secrets: dict[str, bytes], tmp_path: Path) -> None:
    host = synced.environment["GITOPS_DEV_GITEA_KNOWN_HOSTS"].split()[0]
    other = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl"
    token = secrets["the access token"].decode()
    ways: list[tuple[str, tuple[str, ...], dict[str, str | None]]] = [
        ("There is no stack nowhere to read.", ("--stack", "nowhere"), {}),
        ("no-such-key", ("--without", "no-such-key"), {}),
        ("No such option", ("--no-such-option",), {}),
        (
            "The check cannot tell what the cluster can read.",
            (),
            {"PULUMI_BACKEND_URL": f"file://{tmp_path}/none", "GITOPS_DEV_CHECK_RECORD": f"{tmp_path}/none"},
        ),
        (
            "homelab-k8s2",
            (),
            {"GITOPS_DEV_GITEA_SSH": "ssh://git@127.0.0.1:1/daviestechlabs", "GITOPS_DEV_GITEA_KNOWN_HOSTS": f"[127.0.0.1]:1 {other}"},
        ),
        ("argo-workflows", (), {"GITOPS_DEV_GITEA_HTTPS": "https://127.0.0.1:1/daviestechlabs"}),
        ("argo-workflows", (), {"GITOPS_DEV_GITEA_CA": own_certificate("a client")[0]}),
        ("homelab-k8s2", (), {"GITOPS_DEV_GITEA_KNOWN_HOSTS": f"{host} {other}"}),
        ("homelab-deploy-identity", (), {"GITOPS_SECRET_HOMELAB_DEPLOY_IDENTITY": token}),
        ("gitops:flux.manifests", (), {"GITOPS_DEV_FLUX_MANIFESTS": "/nonexistent"}),
        ("/proc/none", (), {"GITOPS_DEV_CHECK_RECORD": "/proc/none/record.yaml"}),
    ]
    for expected, arguments, environment in ways:
        stack = () if "--stack" in arguments else ("--stack", synced.name)
        failed = synced.gitops("check", *stack, *arguments, changes=environment)
        assert failed.code != 0, failed.printed
        assert expected in " ".join(failed.printed.split()), f"{arguments} {list(environment)}: {failed.printed}"
        assert "Traceback" not in failed.printed, failed.printed
    assert synced.gitops("deploy-key", "register", "--stack", synced.name, changes={"GITEA_TOKEN": token}).code != 0
    assert synced.gitops("status", changes={"KUBECONFIG": "/nonexistent/kubeconfig"}).code != 0
    assert leaks("\n".join(synced.transcript).encode(), secrets, "what a failing gitops printed") == []


def test_no_file_of_the_cluster_holds_a_secret_but_those_made_for_it(synced: RunningStack, secrets: dict[str, bytes]) -> None:
    files = files_left_behind(synced.cluster.home.directory)
    assert any(".pulumi/stacks" in str(file) for file in files), "the state must be among the files searched"
    assert any(file.suffix == ".log" for file in files)
    found = [leak for file in files for leak in leaks(file.read_bytes(), secrets, str(file))]
    assert found == []
