"""The organisation of the embedded Gitea, through Gitea's API. Every `ensure_…` leaves alone what is there already."""

from typing import Any
from urllib.parse import quote

import httpx

from devcluster.gitea.gitea_server import ADMINISTRATOR, ORGANISATION, GiteaServer
from devcluster.messages.errors import DevclusterError
from flux.short_text import LONGEST_SAID, trim_middle

PAGE = 50
"""The most that Gitea lists at once."""


class GiteaApi:
    """Gitea as its administrator, in one organisation. Use it as a context manager."""

    def __init__(self, gitea: GiteaServer) -> None:
        """Speak to `gitea`, which must be ready."""
        self._token = gitea.administrator_token()
        self._commands = gitea.home.commands
        self._client = httpx.Client(base_url=gitea.url, trust_env=False, timeout=30.0, headers={"Authorization": f"token {self._token}"})

    def __enter__(self) -> "GiteaApi":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    @property
    def git_authorization(self) -> httpx.BasicAuth:
        """For Git over HTTP and for the package registries."""
        return httpx.BasicAuth(ADMINISTRATOR, self._token)

    def ensure_organisation(self) -> None:
        """The organisation exists, visible to everybody."""
        if not self._exists(f"/api/v1/orgs/{ORGANISATION}"):
            self._call("POST", "/api/v1/orgs", {"username": ORGANISATION, "visibility": "public"})

    def repositories(self) -> set[str]:
        """The names of the organisation's repositories; none before it exists."""
        found: set[str] = set()
        page = 0
        while self._exists(f"/api/v1/orgs/{ORGANISATION}"):
            page += 1
            names = {each["name"] for each in self._call("GET", f"/api/v1/orgs/{ORGANISATION}/repos?page={page}&limit={PAGE}")}
            found |= names
            if len(names) < PAGE:
                break
        return found

    def ensure_repository(self, name: str, *, private: bool) -> None:
        """An empty repository with `main` as its branch."""
        if not self._exists(f"/api/v1/repos/{ORGANISATION}/{name}"):
            self._call("POST", f"/api/v1/orgs/{ORGANISATION}/repos", {"name": name, "private": private, "default_branch": "main"})

    def ensure_deploy_key(self, repository: str, title: str, public_key: str) -> None:
        """`public_key` may read `repository` over SSH, and no more than read."""
        path = f"/api/v1/repos/{ORGANISATION}/{repository}/keys"
        if not any(key["title"] == title for key in self._call("GET", path)):
            self._call("POST", path, {"title": title, "key": public_key, "read_only": True})

    def put_deploy_key(self, repository: str, title: str, public_key: str) -> bool:
        """As `ensure_deploy_key`, but another key with this title is replaced; whether there was anything to do."""
        path = f"/api/v1/repos/{ORGANISATION}/{repository}/keys"
        known = self._call("GET", f"{path}?page=1&limit={PAGE}")
        if any(key["key"].split()[:2] == public_key.split()[:2] for key in known):
            return False
        for key in known:
            if key["title"] == title:
                self._call("DELETE", f"{path}/{key['id']}")
        self._call("POST", path, {"title": title, "key": public_key, "read_only": True})
        return True

    def ensure_reader(self, repository: str, user: str) -> None:
        """`user` may read the private `repository`."""
        path = f"/api/v1/repos/{ORGANISATION}/{repository}/collaborators/{user}"
        if not self._exists(path):
            self._call("PUT", path, {"permission": "read"})

    def token_names(self, user: str) -> list[str]:
        """What the access tokens of `user` are called."""
        return sorted(each["name"] for each in self._call("GET", f"{_tokens(user)}?page=1&limit={PAGE}"))

    def create_token(self, user: str, name: str, scopes: list[str]) -> str:
        """A new access token of `user`, who has none of this name."""
        return str(self._call("POST", _tokens(user), {"name": name, "scopes": scopes})["sha1"])

    def delete_token(self, user: str, name: str) -> None:
        """The token opens nothing any more."""
        self._call("DELETE", f"{_tokens(user)}/{quote(name, safe='')}")

    def head(self, repository: str) -> str | None:
        """The commit that `main` points to; None when nothing was pushed yet."""
        path = f"/api/v1/repos/{ORGANISATION}/{repository}/branches/main"
        return str(self._call("GET", path)["commit"]["id"]) if self._exists(path) else None

    def ensure_chart(self, name: str, version: str, package: bytes) -> None:
        """The packaged chart is in the organisation's Helm registry. A published version never changes."""
        if not self._exists(f"/api/v1/packages/{ORGANISATION}/helm/{name}/{version}"):
            self._call("POST", f"/api/packages/{ORGANISATION}/helm/api/charts", content=package)

    def _exists(self, path: str) -> bool:
        return bool(self._send("GET", path).status_code != httpx.codes.NOT_FOUND)

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None, *, content: bytes | None = None) -> Any:
        answer = self._send(method, path, body, content)
        if answer.is_error:
            raise DevclusterError(
                f"Gitea refused {method} {path}: {answer.status_code} {trim_middle(answer.text.strip(), LONGEST_SAID)}",
                "The repositories are incomplete.",
                f"To start over: {self._commands.start_over}",
            )
        return answer.json() if answer.content and "json" in answer.headers.get("content-type", "") else None

    def _send(self, method: str, path: str, body: dict[str, Any] | None = None, content: bytes | None = None) -> httpx.Response:
        # Gitea shows and makes tokens only for a login with user and password, which may be a token.
        auth = self.git_authorization if path.startswith("/api/v1/users/") else None
        return self._client.request(method, path, json=body, content=content, auth=auth)


def _tokens(user: str) -> str:
    return f"/api/v1/users/{user}/tokens"
