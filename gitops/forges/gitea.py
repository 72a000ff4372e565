"""Gitea, through its REST API.

Gitea lets one key serve several repositories as a deploy key, but not be a person's key too; a title is unique within
a repository; and it does not report when a key was last used (seen in its source, `models/asymkey/ssh_key_deploy.go`, 1.26).
"""

from collections.abc import Collection, Mapping
from typing import Any, TypeVar

import httpx

from flux.addresses import address_of
from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.client import Answer, ForgeClient, usable_token
from gitops.forges.deploy_key_json import all_pages, check_removed, id_in, new_key, path_of_keys
from gitops.forges.forge import DeployKey, RefusedError, TokenUse
from gitops.forges.forge_url import forge_url
from gitops.forges.hosted_repository import Repository
from gitops.forges.issues import Issues
from gitops.forges.pull_request_comments import PullRequestComments

PAGE = 50
LARGEST_COMMENT = 65_000
"""Gitea has no limit of its own; larger ones are slow to read."""
TOKEN_VARIABLE = "GITEA_TOKEN"  # noqa: S105 (a name)
SCOPES: Mapping[TokenUse, str] = {
    TokenUse.DEPLOY_KEYS: "write:repository",
    TokenUse.COMMENTS: "write:issue",
    TokenUse.ISSUES: "write:issue",
}
_TextsT = TypeVar("_TextsT", PullRequestComments, Issues)


class Gitea:
    """Gitea at one address. See `Forge`."""

    kind = "Gitea"

    def __init__(
        self,
        url: str,
        token: str | None,
        *,
        given_by: str = "--api-url",
        ssh_hosts: Collection[str] = (),
        token_use: TokenUse = TokenUse.DEPLOY_KEYS,
    ) -> None:
        """Check address and token as far as they can be without a call.

        Raises:
            CommandError: one is missing, or the token would go over the network unencrypted.
        """
        self.url = forge_url(url, given_by=given_by).removesuffix("/api/v1")
        address = address_of(self.url)
        self.hosts = frozenset({address.host, *ssh_hosts} if address else ssh_hosts)
        self._scope = SCOPES[token_use]
        self._fix = (
            f"Make one at Gitea (Settings, Applications) with the scope {self._scope}, as {token_use.user}, "
            f"and export it: read -rs {TOKEN_VARIABLE}; export {TOKEN_VARIABLE}"
        )
        token = usable_token(token, TOKEN_VARIABLE, "Gitea would refuse every request.", self._fix)
        headers = {"Authorization": f"token {token}", "Accept": "application/json"}
        self._client = ForgeClient(self.kind, self.url, f"{self.url}/api/v1", headers)

    def close(self) -> None:
        """Give up its connections."""
        self._client.close()

    def check_token(self) -> None:
        """See `Forge`."""
        # Needs the scope read:repository and nothing else; /user, which others ask for this, would need read:user.
        answer = self._client.ask("GET", "/repos/search", query={"limit": 1})
        if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise CommandError(
                Message(
                    f"Gitea at {self.url} does not accept the token in {TOKEN_VARIABLE} ({answer.status}: {answer.said})",
                    "Nothing was done.",
                    self._fix,
                )
            )
        if not answer.is_success or not isinstance(answer.document, dict) or not isinstance(answer.document.get("data"), list):
            raise CommandError(
                Message(
                    f"{self.url} answers, but not as Gitea's API does ({answer.status})",
                    "Nothing was done.",
                    "Set the address of Gitea's home page: --api-url or GITEA_URL",
                )
            )

    def deploy_keys(self, repository: Repository) -> list[DeployKey]:
        """See `Forge`."""

        def page(number: int) -> Answer:
            return self._asked("GET", path_of_keys(repository), repository, query={"limit": PAGE, "page": number})

        # A server may give smaller pages than asked for; it says how many keys there are in all.
        return all_pages(self._client, page, lambda answer, known: known >= (answer.number("x-total-count") or 0))

    def add_deploy_key(self, repository: Repository, title: str, public_key: str) -> int:
        """See `Forge`."""
        return id_in(self._asked("POST", path_of_keys(repository), repository, body=new_key(title, public_key)), self._client)

    def remove_deploy_key(self, repository: Repository, key: DeployKey) -> None:
        """See `Forge`."""
        check_removed(self._asked("DELETE", f"{path_of_keys(repository)}/{key.id}", repository), self._client)

    @property
    def pull_requests(self) -> PullRequestComments:
        """The comments at its pull requests. Gitea gives all of them at once, whatever page is asked for."""
        return self._texts(PullRequestComments)

    @property
    def issues(self) -> Issues:
        """Its issues."""
        return self._texts(Issues)

    def _texts(self, made: type[_TextsT]) -> _TextsT:
        return made(
            client=self._client,
            kind=self.kind,
            url=self.url,
            variables=TOKEN_VARIABLE,
            fix=self._fix,
            robot="gitea-actions",
            largest_comment=LARGEST_COMMENT,
            query=lambda page: {"limit": PAGE, "page": page},
            is_last=lambda answer, known: known >= (answer.number("x-total-count") or 0),
            wait=lambda answer: _wait(answer) if answer.status == httpx.codes.TOO_MANY_REQUESTS else None,
        )

    def _asked(self, method: str, path: str, repository: Repository, **more: Any) -> Answer:
        answer = self._client.ask(method, path, **more)
        if answer.is_success:
            return answer
        raise RefusedError(self._refusal(answer, repository))

    def _refusal(self, answer: Answer, repository: Repository) -> str:
        if answer.status == httpx.codes.NOT_FOUND:
            return f"there is no {repository.path} at {self.url}, or the token's user may not see it"
        if answer.is_redirection:
            return f"{repository.path} was renamed or moved; give the source its new URL"
        if answer.status == httpx.codes.FORBIDDEN:
            said = answer.said
            need = f"give the token the scope {self._scope}" if "scope" in said else "the token's user must administer the repository"
            return f"{need} (Gitea: {said})"
        if answer.status == httpx.codes.UNPROCESSABLE_ENTITY and "non-deploy key" in answer.said:
            return "Gitea has this key as a user's own key, and accepts it as a deploy key only after it is removed there"
        return f"Gitea answers {answer.status}: {answer.said}"


def _wait(answer: Answer) -> float:
    return float(answer.number("retry-after") or 0)
