"""A deploy key and an access token are rotated as docs/runbooks/rotate-a-git-credential.md says, and no fetch fails meanwhile."""

import os
import secrets as random_values
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from devcluster.gitea import ORGANISATION
from devcluster.samples import READER
from tests.e2e.running_stack import CLONE, RunningStack, changed_stack_file
from tests.e2e.secrets.conftest import NEW_KEY, reconcile
from tests.e2e.watching import Watch, not_ready

GIT_REPOSITORIES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories"
SECRETS = "/api/v1/namespaces/flux-system/secrets"
BASIC = {"type": "basic", "username": "flux"}


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """What was seen while a credential was rotated."""

    sources: Watch
    secrets: Watch
    printed: dict[str, str] = field(default_factory=dict)
    """Step → what it printed."""
    keys: dict[str, list[str]] = field(default_factory=dict)
    """Step → titles of the deploy keys that Gitea then had."""


def _stack_file(folder: Path, ssh: dict[str, Any]) -> str:
    credentials = {"homelab-deploy": {"type": "ssh", **ssh}, "gitea-read": BASIC}
    return changed_stack_file(folder, age={"keys": {NEW_KEY: "generated"}}, credentials=credentials)


def _up(running: RunningStack, file: str) -> None:
    running.pulumi("up", "--stack", running.name, "--yes", "--skip-preview", "--config-file", file)


def _gitops(running: RunningStack, *arguments: str) -> str:
    gitea = running.cluster.gitea
    environment = {**os.environ, **running.environment, "GITEA_URL": gitea.url, "GITEA_TOKEN": gitea.administrator_token()}
    command = [str(Path(sys.prefix) / "bin" / "gitops"), *arguments]
    done = subprocess.run(command, cwd=CLONE, env=environment, capture_output=True, text=True, check=False)
    running.transcript.append(done.stdout + done.stderr)
    assert done.returncode == 0, f"gitops {' '.join(arguments)}: {done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def _titles(running: RunningStack) -> list[str]:
    gitea = running.cluster.gitea
    headers = {"Authorization": f"token {gitea.administrator_token()}"}
    answer = httpx.get(f"{gitea.url}/api/v1/repos/{ORGANISATION}/homelab-k8s2/keys", headers=headers, trust_env=False)
    return sorted(key["title"] for key in answer.json())


@pytest.fixture(scope="module")
def deploy_key(running: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotation]:
    """From the supplied key to a generated one, and from that to the next, each registered before it is used."""
    steps: list[tuple[str, dict[str, Any]]] = [
        ("first made", {"generated": ["2026-05"], "active": "supplied"}),
        ("first used", {"generated": ["2026-05"], "active": "2026-05"}),
        ("second made", {"generated": ["2026-05", "2026-11"], "active": "2026-05"}),
        ("second used", {"generated": ["2026-05", "2026-11"], "active": "2026-11"}),
        ("first removed", {"generated": ["2026-11"], "active": "2026-11"}),
    ]
    with Watch(running.cluster, GIT_REPOSITORIES) as sources, Watch(running.cluster, SECRETS) as secrets:
        seen = Rotation(sources=sources, secrets=secrets)
        for step, ssh in steps:
            file = _stack_file(tmp_path_factory.mktemp("deploy-key"), ssh)
            seen.printed[step] = running.preview("--config-file", file).printed
            _up(running, file)
            if step.endswith("made"):
                seen.printed[f"{step}, registered"] = _gitops(running, "deploy-key", "register", "--stack", running.name)
            reconcile(running, "GitRepository", "homelab-k8s2")
            if step == "second used":
                seen.keys["before retiring"] = _titles(running)
                seen.printed["retired"] = _gitops(running, "deploy-key", "retire", "--stack", running.name)
            seen.keys[step] = _titles(running)
        reconcile(running, "GitRepository", "homelab-k8s2")
        sources.flush(running.cluster, "homelab-k8s2")
        secrets.flush(running.cluster, "homelab-deploy")
        yield seen


def test_a_generated_deploy_key_is_registered_and_the_old_one_retired_once_the_new_one_syncs(deploy_key: Rotation) -> None:
    old, new = "flux/dev/homelab-deploy/2026-05", "flux/dev/homelab-deploy/2026-11"
    assert deploy_key.keys["first made"] == ["flux", old]
    assert deploy_key.keys["before retiring"] == ["flux", old, new]
    assert deploy_key.keys["second used"] == ["flux", new], "a key with another title is not ours to remove"


def test_rotating_a_deploy_key_updates_its_secret_in_place_and_no_fetch_fails(deploy_key: Rotation) -> None:
    for step in ("first used", "second used"):
        assert "1 to update" in deploy_key.printed[step], deploy_key.printed[step]
        assert "replace" not in deploy_key.printed[step]
    events = deploy_key.secrets.of("homelab-deploy")
    assert len(events) >= 2
    assert {event["type"] for event in events} == {"MODIFIED"}
    assert all({"identity", "known_hosts"} <= event["object"]["data"].keys() for event in events)
    assert deploy_key.sources.of("homelab-k8s2"), "or the watch proves nothing"
    assert not_ready(deploy_key.sources) == []


@pytest.fixture(scope="module")
def token(running: RunningStack, deploy_key: Rotation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rotation]:
    """A second access token is made, given to the stack, seen to work, and the first one deleted at Gitea."""
    assert deploy_key
    file = _stack_file(tmp_path_factory.mktemp("token"), {"generated": ["2026-11"], "active": "2026-11"})
    with Watch(running.cluster, GIT_REPOSITORIES) as sources, Watch(running.cluster, SECRETS) as secrets:
        seen = Rotation(sources=sources, secrets=secrets)
        tokens = _Tokens(running)
        before = tokens.names()
        running.environment["GITOPS_SECRET_GITEA_READ_PASSWORD"] = tokens.make(f"flux-{random_values.token_hex(4)}")
        seen.printed["preview"] = running.preview("--config-file", file).printed
        _up(running, file)
        reconcile(running, "GitRepository", "kuberay-images")
        for name in before:
            tokens.delete(name)
        reconcile(running, "GitRepository", "kuberay-images")
        sources.flush(running.cluster, "kuberay-images")
        secrets.flush(running.cluster, "gitea-read")
        yield seen


class _Tokens:
    """The reader's access tokens. Gitea deletes a token for its user alone, who gets a password for this."""

    def __init__(self, running: RunningStack) -> None:
        gitea = running.cluster.gitea
        password = random_values.token_urlsafe(24)
        headers = {"Authorization": f"token {gitea.administrator_token()}"}
        body = {"source_id": 0, "login_name": READER, "password": password, "must_change_password": False}
        answer = httpx.patch(f"{gitea.url}/api/v1/admin/users/{READER}", headers=headers, json=body, trust_env=False)
        assert answer.is_success, answer.text
        self._client = httpx.Client(base_url=f"{gitea.url}/api/v1/users/{READER}", auth=(READER, password), trust_env=False)

    def names(self) -> list[str]:
        return [token["name"] for token in self._client.get("/tokens").json()]

    def make(self, name: str) -> str:
        answer = self._client.post("/tokens", json={"name": name, "scopes": ["read:repository", "read:package"]})
        assert answer.is_success, answer.text
        return str(answer.json()["sha1"])

    def delete(self, name: str) -> None:
        assert self._client.delete(f"/tokens/{name}").is_success


def test_rotating_a_token_updates_its_secret_in_place_and_no_fetch_fails(token: Rotation) -> None:
    assert "1 to update" in token.printed["preview"], token.printed["preview"]
    assert "replace" not in token.printed["preview"]
    events = token.secrets.of("gitea-read")
    assert events
    assert {event["type"] for event in events} == {"MODIFIED"}
    assert token.sources.of("kuberay-images"), "or the watch proves nothing"
    assert not_ready(token.sources) == []
