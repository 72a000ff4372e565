"""An access token is rotated as docs/runbooks/rotate-a-git-credential.md says, and no fetch fails meanwhile.

That of a deploy key is tests/e2e/test_deploy_keys.py.
"""

import secrets as random_values
from dataclasses import dataclass

import httpx
import pytest

from devcluster.gitea.sample_repositories import READER, TOKEN_REPOSITORY
from tests.e2e.events import Event, about, events_of, failures
from tests.e2e.running_stack import RunningStack, changed_stack_file
from tests.e2e.secrets.conftest import current_keys

SOURCES = "/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories"
SECRETS = "/api/v1/namespaces/flux-system/secrets"
PASSWORD = "GITOPS_SECRET_GITEA_READ_PASSWORD"


@dataclass(frozen=True, kw_only=True)
class Rotation:
    """What was seen while the token was rotated."""

    sources: list[Event]
    secrets: list[Event]
    preview: str
    url: str
    changed: bool
    """Whether the Secret held another token afterwards."""


class _Tokens:
    """The reader's access tokens. Gitea deletes a token for its user alone, who gets a password for this."""

    def __init__(self, running: RunningStack) -> None:
        gitea = running.cluster.gitea
        password = random_values.token_urlsafe(24)
        headers = {"Authorization": f"token {gitea.administrator_token()}"}
        body = {"source_id": 0, "login_name": READER, "password": password, "must_change_password": False}
        answer = httpx.patch(f"{gitea.url}/api/v1/admin/users/{READER}", headers=headers, json=body, trust_env=False)
        assert answer.is_success, answer.text
        self.client = httpx.Client(base_url=f"{gitea.url}/api/v1/users/{READER}", auth=(READER, password), trust_env=False)

    def names(self) -> list[str]:
        return [token["name"] for token in self.client.get("/tokens").json()]

    def make(self, name: str) -> str:
        answer = self.client.post("/tokens", json={"name": name, "scopes": ["read:repository", "read:package"]})
        assert answer.is_success, answer.text
        return str(answer.json()["sha1"])

    def delete(self, name: str) -> None:
        assert self.client.delete(f"/tokens/{name}").is_success


@pytest.fixture(scope="module")
def rotation(running: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Rotation:
    """A second access token is made, given to the stack, seen to work, and the first one deleted at Gitea."""
    file = changed_stack_file(tmp_path_factory.mktemp("token"), **current_keys(running))
    before = running.secret("gitea-read")["password"]
    with events_of(running.cluster, SOURCES) as sources, events_of(running.cluster, SECRETS) as secrets:
        tokens = _Tokens(running)
        old = tokens.names()
        running.environment[PASSWORD] = tokens.make(f"flux-{random_values.token_hex(4)}")
        preview = running.preview("--config-file", file).printed
        running.up("--config-file", file)
        running.reconcile("GitRepository", TOKEN_REPOSITORY)
        for name in old:
            tokens.delete(name)
        tokens.client.close()
        running.reconcile("GitRepository", TOKEN_REPOSITORY)
    changed = running.secret("gitea-read")["password"] != before
    url = (running.get("GitRepository", TOKEN_REPOSITORY) or {})["spec"]["url"]
    return Rotation(sources=sources, secrets=secrets, preview=preview, url=url, changed=changed)


def test_rotating_a_token_updates_its_secret_in_place_and_no_fetch_fails(rotation: Rotation) -> None:
    assert "1 to update" in rotation.preview, rotation.preview
    assert "replace" not in rotation.preview
    assert rotation.changed
    assert rotation.url.startswith("https://")
    events = about(rotation.secrets, "gitea-read")
    assert events, "a watch that did not see the change proves nothing"
    assert {event["type"] for event in events} == {"MODIFIED"}
    assert about(rotation.sources, TOKEN_REPOSITORY)
    assert failures([*rotation.sources, *rotation.secrets]) == []
