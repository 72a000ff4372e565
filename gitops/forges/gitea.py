"""Deploy keys through Gitea's REST API, as far as this command needs it.

Gitea lets one key serve several repositories as a deploy key, but not be a person's key too; a title is unique within
a repository; and it does not tell when a key was last used (seen in its source, `models/asymkey/ssh_key_deploy.go`, 1.26).
"""

from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.parse import quote, urlsplit

import httpx

from gitops.deploy_keys.address import base_url
from gitops.deploy_keys.model import Repository
from gitops.errors import CommandError
from gitops.messages import one_line, redact, trim
from live.loopback import is_loopback

PAGE = 50
SECONDS = 30.0
SCOPE = "write:repository"
MAKE_A_TOKEN = (
    f"Make one at Gitea (Settings, Applications) with the scope {SCOPE}, as a user who administers the repositories, "
    "and export it: read -rs GITEA_TOKEN; export GITEA_TOKEN"
)


class RefusedError(Exception):
    """Gitea refuses something of one repository; others may still go well. Its text is for a person."""


@dataclass(frozen=True, kw_only=True)
class RegisteredKey:
    """A deploy key of one repository."""

    id: int
    title: str
    public_key: str
    read_only: bool
    created: str


class Gitea:
    """Gitea at one address, as whoever the token belongs to. Use it as a context manager. The token is never shown."""

    def __init__(self, url: str | None, token: str | None) -> None:
        """Check address and token as far as they can be without a call.

        Raises:
            CommandError: one is missing, or the token would go over the network unencrypted.
        """
        self.url = base_url(url)
        self.host = urlsplit(self.url).hostname or ""
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            what = "is not set" if not token else "holds a character that no token has"
            raise CommandError(f"The environment variable GITEA_TOKEN {what}, so Gitea would not say a word. {MAKE_A_TOKEN}")
        self._client = httpx.Client(
            base_url=f"{self.url}/api/v1",
            headers={"Authorization": f"token {token}", "Accept": "application/json"},
            timeout=SECONDS,
            # a proxy of the environment is for the network, not for this machine
            mounts={f"all://{self.host}": None} if is_loopback(self.host) else None,
        )

    def __enter__(self) -> "Gitea":
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def check_token(self) -> None:
        """One harmless call, so that a token that does not work is told once and not of every repository.

        Raises:
            CommandError: no Gitea answers there, or it does not accept the token.
        """
        # Needs the scope read:repository and nothing else; /user, which others ask for this, would need read:user.
        answer = self._send("GET", "/repos/search", query={"limit": 1})
        if answer.status_code == httpx.codes.UNAUTHORIZED:
            raise CommandError(f"Gitea at {self.url} does not accept the token in GITEA_TOKEN (401). So nothing was done. {MAKE_A_TOKEN}")
        if answer.status_code == httpx.codes.FORBIDDEN:
            raise CommandError(
                f"Gitea at {self.url} refuses the token in GITEA_TOKEN: {_said(answer)}. So nothing was done. {MAKE_A_TOKEN}"
            )
        if not answer.is_success or not isinstance(_json(answer), dict):
            raise self._not_gitea(answer)

    def keys(self, repository: Repository) -> list[RegisteredKey]:
        """Every deploy key of the repository.

        Raises:
            RefusedError: there is no such repository, or its keys may not be seen.
        """
        found: list[RegisteredKey] = []
        for number in count(1):
            answer = self._asked("GET", f"{_path(repository)}/keys", repository, query={"limit": PAGE, "page": number})
            page = [_key(entry) for entry in _json(answer) or []]
            found += page
            # A server may give smaller pages than asked for; it says how many keys there are in all.
            if not page or len(found) >= int(answer.headers.get("X-Total-Count") or 0):
                break
        return found

    def add(self, repository: Repository, title: str, public_key: str) -> int:
        """Let the key read the repository, and no more than read; the id that Gitea gave it.

        Raises:
            RefusedError: Gitea does not take it.
        """
        body = {"title": title, "key": public_key, "read_only": True}
        return int(_json(self._asked("POST", f"{_path(repository)}/keys", repository, body=body))["id"])

    def remove(self, repository: Repository, key: RegisteredKey) -> None:
        """Take the key away.

        Raises:
            RefusedError: Gitea does not let go of it.
        """
        self._asked("DELETE", f"{_path(repository)}/keys/{key.id}", repository)

    def _asked(
        self, method: str, path: str, repository: Repository, *, query: dict[str, int] | None = None, body: dict[str, Any] | None = None
    ) -> httpx.Response:
        answer = self._send(method, path, query=query, body=body)
        if answer.is_success:
            return answer
        if answer.status_code == httpx.codes.NOT_FOUND:
            raise RefusedError(f"there is no {repository.path} at {self.url}, or the token's user may not see it")
        if answer.is_redirect:
            raise RefusedError(f"{repository.path} was renamed or moved; give the source its new URL")
        if answer.status_code == httpx.codes.FORBIDDEN:
            said = _said(answer)
            need = f"give the token the scope {SCOPE}" if "scope" in said else "the token's user must administer the repository"
            raise RefusedError(f"{need} (Gitea: {said})")
        if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY and "non-deploy key" in _said(answer):
            raise RefusedError("Gitea has this key as a person's own key, and takes it as a deploy key only when it is removed there")
        raise RefusedError(f"Gitea answers {answer.status_code}: {_said(answer)}")

    def _send(self, method: str, path: str, *, query: dict[str, int] | None = None, body: dict[str, Any] | None = None) -> httpx.Response:
        try:
            return self._client.request(method, path, params=query, json=body)
        except httpx.HTTPError as error:
            said = trim(redact(one_line(str(error))), 300) or type(error).__name__
            private = " A private CA is trusted by: export SSL_CERT_FILE=FILE." if "CERTIFICATE" in said.upper() else ""
            raise CommandError(
                f"Gitea at {self.url} cannot be reached: {said}.{private} What was done before stands; the command may be repeated. "
                "Look at the address: --api-url or GITEA_URL"
            ) from None

    def _not_gitea(self, answer: httpx.Response) -> CommandError:
        return CommandError(
            f"{self.url} answers, but not as Gitea's API does ({answer.status_code}). So nothing was done. "
            "Give the address that a browser shows for Gitea's first page: --api-url or GITEA_URL"
        )


def _path(repository: Repository) -> str:
    return f"/repos/{quote(repository.owner, safe='')}/{quote(repository.name, safe='')}"


def _key(entry: dict[str, Any]) -> RegisteredKey:
    created = str(entry.get("created_at") or "")
    return RegisteredKey(
        id=entry["id"], title=entry["title"], public_key=entry["key"], read_only=bool(entry.get("read_only")), created=created
    )


def _said(answer: httpx.Response) -> str:
    document = _json(answer)
    message = document.get("message") if isinstance(document, dict) else None
    return trim(redact(one_line(str(message or answer.reason_phrase))), 300)


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
