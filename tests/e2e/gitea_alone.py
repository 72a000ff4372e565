"""The embedded Gitea without the rest of the cluster, and this repository at it."""

import secrets
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from devcluster.gitea.gitea_server import GiteaServer
from devcluster.machine.home import Home
from devcluster.machine.processes import spawn
from devcluster.program.shell_environment import git_login

PERSON = ("-c", "user.name=A Person", "-c", "user.email=person@example.org")
ORGANISATION, NAME = "lab", "gitops"
PATH = f"{ORGANISATION}/{NAME}"
LISTED_SECONDS = 60


class GiteaAlone:
    """Gitea as its administrator, who may act for anybody."""

    def __init__(self, server: GiteaServer) -> None:
        """Speak to `server`, which must be ready."""
        self.url, self._server = server.url, server
        headers = {"Authorization": f"token {server.administrator_token()}"}
        self._client = httpx.Client(base_url=f"{server.url}/api/v1", headers=headers, trust_env=False, timeout=60.0)

    def close(self) -> None:
        """Give up the connection."""
        self._client.close()

    def call(self, method: str, path: str, body: Mapping[str, Any] | None = None, *, as_user: str | None = None) -> Any:
        """One request that must succeed, in the name of `as_user`."""
        answer = self._client.request(method, path, json=body, headers={"Sudo": as_user} if as_user else {})
        assert answer.is_success, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json() if "json" in answer.headers.get("content-type", "") else answer.text

    def listed(self, path: str) -> list[dict[str, Any]]:
        """The entries of a list. Gitea answers `null` for branches of a repository that it has not read yet."""
        return self.call("GET", path) or []

    def user_with_token(self, name: str, *scopes: str) -> str:
        """A new user's access token with these scopes and no others."""
        password = secrets.token_urlsafe(24)
        made = {"username": name, "email": f"{name}@example.org", "password": password, "must_change_password": False}
        self.call("POST", "/admin/users", made)
        answer = self._client.post(f"/users/{name}/tokens", json={"name": "test", "scopes": scopes}, auth=(name, password))
        assert answer.is_success, answer.text
        return str(answer.json()["sha1"])

    def git(self, *arguments: str, at: Path) -> str:
        """Git, logged in as the administrator."""
        environment = {"PATH": self._server.environment["PATH"], "HOME": str(at), **git_login(self._server.home)}
        command = ["git", *PERSON, *arguments]
        return subprocess.run(command, cwd=at, env=environment, check=True, capture_output=True, text=True).stdout.strip()

    def comments(self, number: int) -> list[str]:
        """The texts of all comments at a pull request."""
        return [each["body"] for each in self.listed(f"/repos/{PATH}/issues/{number}/comments")]

    def shown(self, text: str) -> str:
        """The HTML that Gitea makes of a comment."""
        return str(self.call("POST", "/markdown", {"Text": text, "Mode": "comment", "Context": PATH}))


@contextmanager
def gitea_alone(directory: Path) -> Iterator[GiteaAlone]:
    """Gitea, for as long as this lasts. It lists the runs of workflows; it has no runner."""
    home = Home(directory=directory, name="alone")
    home.make()
    home.choose_ports()
    server = GiteaServer(home)
    server.prepare()
    settings = Path(server.command[-1])
    off = "[actions]\nENABLED = false"
    assert off in settings.read_text()
    settings.write_text(settings.read_text().replace(off, "[actions]\nENABLED = true"))
    process = spawn(server.command, environment=server.environment, log=home.logs / "gitea.log", directory=directory)
    try:
        server.wait_until_ready()
        made = GiteaAlone(server)
        try:
            yield made
        finally:
            made.close()
    finally:
        process.terminate()
        process.wait(timeout=30)


class PullRequest:
    """A branch in a clone, pushed again and again, and its pull request."""

    def __init__(self, gitea: GiteaAlone, folder: Path, branch: str, *, fork_of: str | None = None, title: str = "A change") -> None:
        """A clone of main; nothing is pushed yet. `fork_of`: the user whose fork gets the branch."""
        self._gitea, self.folder, self._branch, self._user, self._title = gitea, folder, branch, fork_of, title
        self.number = 0
        gitea.git("clone", "--quiet", f"{gitea.url}/{PATH}", str(folder), at=folder.parent)
        if fork_of:
            gitea.call("POST", f"/repos/{PATH}/forks", {}, as_user=fork_of)

    def push(self, message: str = "change") -> None:
        """Commit everything in the folder and push it; the first time, open the pull request over the API."""
        owner = self._user or ORGANISATION
        self._gitea.git("add", "--all", at=self.folder)
        self._gitea.git("commit", "--quiet", "--message", message, at=self.folder)
        self._gitea.git("push", "--quiet", f"{self._gitea.url}/{owner}/{NAME}", f"HEAD:refs/heads/{self._branch}", at=self.folder)
        if not self.number:
            self._wait_for_branch(f"/repos/{owner}/{NAME}/branches")
            head = f"{self._user}:{self._branch}" if self._user else self._branch
            made = {"title": self._title, "head": head, "base": "main", "body": self._title}
            self.number = self._gitea.call("POST", f"/repos/{PATH}/pulls", made, as_user=self._user)["number"]

    def _wait_for_branch(self, branches: str) -> None:
        """Gitea lists a branch a moment after it was pushed; before, there can be no pull request of it."""
        until = time.monotonic() + LISTED_SECONDS
        while self._branch not in [each["name"] for each in self._gitea.listed(f"{branches}?limit=50")]:
            assert time.monotonic() < until, f"{self._branch} is not listed"
            time.sleep(0.1)

    def replace(self, file: str, old: str, new: str) -> None:
        """Change a file."""
        text = (self.folder / file).read_text()
        assert old in text
        (self.folder / file).write_text(text.replace(old, new))

    @property
    def event(self) -> dict[str, Any]:
        """What a runner is told of it, in the forge's own words."""
        told = self._gitea.call("GET", f"/repos/{PATH}/pulls/{self.number}")
        return {"action": "synchronized", "number": self.number, "pull_request": told, "repository": told["base"]["repo"]}
