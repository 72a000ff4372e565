"""GitHub, through its REST API: github.com, Enterprise Cloud at *.ghe.com, and Enterprise Server.

GitHub accepts a key for only one repository, and may forbid deploy keys in an organisation. Permissions and errors:
https://docs.github.com/rest/deploy-keys, https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api.
"""

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

import httpx

from flux.addresses import address_of
from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.client import Answer, ForgeClient, as_said, usable_token
from gitops.forges.deploy_key_json import all_pages, check_removed, id_in, new_key, path_of_keys
from gitops.forges.forge import DeployKey, RefusedError, TokenUse
from gitops.forges.forge_url import forge_url
from gitops.forges.hosted_repository import Repository
from gitops.forges.issues import Issues
from gitops.forges.pull_request_comments import PullRequestComments

PAGE = 100
TOKEN_VARIABLES, ENTERPRISE_TOKEN_VARIABLES = ("GH_TOKEN", "GITHUB_TOKEN"), ("GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN")
"""As gh reads them, the first before the second (`gh help environment`): a token of github.com goes to no other server."""
LARGEST_COMMENT = 65_000
"""GitHub refuses more than 65,536 characters."""
PERMISSIONS: Mapping[TokenUse, str] = {
    TokenUse.DEPLOY_KEYS: "Administration: write",
    TokenUse.COMMENTS: "Pull requests: write",
    TokenUse.ISSUES: "Issues: write",
}
"""Of a fine-grained token."""
_API_VERSION = "2022-11-28"
_GITHUB_COM, _DATA_RESIDENCY, _LOCAL_API = "github.com", ".ghe.com", "/api/v3"
_HOSTS_OF_GITHUB_COM = frozenset({_GITHUB_COM, f"ssh.{_GITHUB_COM}"})
"""The second is for SSH over port 443."""
_OVER_THE_LIMIT = (httpx.codes.FORBIDDEN, httpx.codes.TOO_MANY_REQUESTS)
_TextsT = TypeVar("_TextsT", PullRequestComments, Issues)


class GitHub:
    """GitHub at one address. See `Forge`."""

    kind = "GitHub"

    def __init__(
        self,
        url: str,
        environment: Mapping[str, str],
        *,
        given_by: str = "--api-url",
        ssh_hosts: Collection[str] = (),
        token_use: TokenUse = TokenUse.DEPLOY_KEYS,
    ) -> None:
        """Check address and token as far as they can be without a call.

        Raises:
            CommandError: one is missing, or the token would go over the network unencrypted.
        """
        self.url = forge_url(url, given_by=given_by).removesuffix(_LOCAL_API).replace(f"://api.{_GITHUB_COM}", f"://{_GITHUB_COM}")
        address = address_of(self.url)
        host = address.host if address else ""
        self.hosts = frozenset({host, *(_HOSTS_OF_GITHUB_COM if host == _GITHUB_COM else ()), *ssh_hosts})
        variables = token_variables(host)
        self._variables, self._permission = " or ".join(variables), PERMISSIONS[token_use]
        self._fix = (
            f"Make a fine-grained token with the permission {self._permission} for the repositories (or a classic one with the scope "
            f"repo), and export it: read -rs {variables[0]}; export {variables[0]}"
        )
        token = usable_token(token_in(environment, host), self._variables, "GitHub would refuse every request.", self._fix)
        self._client = ForgeClient(
            self.kind,
            self.url,
            api_of(self.url, host),
            {"Authorization": f"Bearer {token}", "Accept": "application/vnd.github+json", "X-GitHub-Api-Version": _API_VERSION},
        )

    def close(self) -> None:
        """Give up its connections."""
        self._client.close()

    def check_token(self) -> None:
        """See `Forge`."""
        # Any token may ask for it, that of an app too; /user would refuse that one.
        answer = self._ask("GET", "/meta")
        if answer.status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise CommandError(
                Message(
                    f"GitHub at {self.url} does not accept the token in {self._variables} ({answer.status}: {answer.said})",
                    "Nothing was done.",
                    self._fix,
                )
            )
        if not answer.is_success or not isinstance(answer.document, dict) or "verifiable_password_authentication" not in answer.document:
            raise CommandError(
                Message(
                    f"{self.url} answers, but not as GitHub's API does ({answer.status})",
                    "Nothing was done.",
                    "Set the address of its home page with --api-url, or its kind: --forge gitea",
                )
            )

    def deploy_keys(self, repository: Repository) -> list[DeployKey]:
        """See `Forge`."""

        def page(number: int) -> Answer:
            return self._asked("GET", path_of_keys(repository), repository, query={"per_page": PAGE, "page": number})

        # Its pages are counted, and the address of the next one is not followed: it could be anybody's.
        return all_pages(self._client, page, lambda answer, _: 'rel="next"' not in answer.headers.get("link", ""))

    def add_deploy_key(self, repository: Repository, title: str, public_key: str) -> int:
        """See `Forge`."""
        return id_in(self._asked("POST", path_of_keys(repository), repository, body=new_key(title, public_key)), self._client)

    def remove_deploy_key(self, repository: Repository, key: DeployKey) -> None:
        """See `Forge`."""
        check_removed(self._asked("DELETE", f"{path_of_keys(repository)}/{key.id}", repository), self._client)

    @property
    def pull_requests(self) -> PullRequestComments:
        """The comments at its pull requests."""
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
            variables=self._variables,
            fix=self._fix,
            robot="github-actions[bot]",
            largest_comment=LARGEST_COMMENT,
            query=lambda page: {"per_page": PAGE, "page": page},
            is_last=lambda answer, _: 'rel="next"' not in answer.headers.get("link", ""),
            wait=_seconds_to_wait,
        )

    def _asked(self, method: str, path: str, repository: Repository, **more: Any) -> Answer:
        answer = self._ask(method, path, **more)
        if answer.is_success:
            return answer
        raise RefusedError(self._refusal(answer, repository))

    def _ask(self, method: str, path: str, **more: Any) -> Answer:
        """One request. A limit ends the command: each further request would only make it longer."""
        answer = self._client.ask(method, path, **more)
        if answer.status in _OVER_THE_LIMIT and (until := _limited_until(answer)):
            raise CommandError(
                Message(
                    f"GitHub at {self.url} accepts no more requests with this token for now ({answer.said})",
                    "Earlier changes remain; you can run the command again.",
                    f"Wait {until}, then run it again.",
                )
            )
        return answer

    def _refusal(self, answer: Answer, repository: Repository) -> str:
        said = _errors(answer)
        if answer.status == httpx.codes.NOT_FOUND:
            return f"there is no {repository.path} at {self.url}, or the token may not see it: it needs {self._permission}"
        if answer.is_redirection:
            return f"{repository.path} was renamed or moved; give the source its new URL"
        if answer.status == httpx.codes.UNAUTHORIZED:
            return f"the token in {self._variables} is not accepted (GitHub: {said})"
        if answer.status == httpx.codes.FORBIDDEN and "x-github-sso" in answer.headers:
            return f"the token is not authorised for single sign-on to {repository.owner}; authorise it: Settings, tokens, Configure SSO"
        if answer.status == httpx.codes.FORBIDDEN:
            return f"give the token the permission {self._permission}, as an administrator of the repository (GitHub: {said})"
        if "key is already in use" in said:
            return (
                "another repository or a user at GitHub has this key, and GitHub accepts a key only once; "
                "give each repository its own credential"
            )
        return f"GitHub answers {answer.status}: {said}"


def is_github(host: str) -> bool:
    """Whether a host is GitHub's by its name: github.com, *.ghe.com, and `github.<domain>`, as Enterprise Servers are called."""
    return host in _HOSTS_OF_GITHUB_COM | {f"api.{_GITHUB_COM}"} or host.endswith(_DATA_RESIDENCY) or host.startswith("github.")


def token_variables(host: str) -> tuple[str, str]:
    """The environment variables with the token for a host."""
    return TOKEN_VARIABLES if host in _HOSTS_OF_GITHUB_COM or host.endswith(_DATA_RESIDENCY) else ENTERPRISE_TOKEN_VARIABLES


def token_in(environment: Mapping[str, str], host: str) -> str | None:
    """The token for a host."""
    return next((token for name in token_variables(host) if (token := environment.get(name, "").strip())), None)


def api_of(url: str, host: str) -> str:
    """Where the API is of a GitHub at `url`."""
    if host == _GITHUB_COM or host.endswith(_DATA_RESIDENCY):
        return f"https://api.{host.removeprefix('api.')}"
    return f"{url}{_LOCAL_API}"


def _errors(answer: Answer) -> str:
    """Its message, and those about single fields, which have the reason: `Validation Failed` alone says nothing."""
    errors = answer.document.get("errors") if isinstance(answer.document, dict) else None
    told = [str(each["message"]) for each in errors if isinstance(each, dict) and each.get("message")] if isinstance(errors, list) else []
    return as_said("; ".join([answer.said, *told]))


def _seconds_to_wait(answer: Answer) -> float | None:
    """The same in seconds, as the docs ask for: retry-after, else the reset of the limit, else a minute."""
    too_many = answer.status == httpx.codes.TOO_MANY_REQUESTS
    if not too_many and (answer.status != httpx.codes.FORBIDDEN or _limited_until(answer) is None):
        return None
    if (wait := answer.number("retry-after")) is not None:
        return float(wait)
    if answer.headers.get("x-ratelimit-remaining") == "0" and (reset := answer.number("x-ratelimit-reset")) is not None:
        return max(0.0, reset - datetime.now(UTC).timestamp())
    return 0.0 if too_many else 60.0


def _limited_until(answer: Answer) -> str | None:
    """How long GitHub asks to wait; None if it refuses for another reason."""
    if (wait := answer.number("retry-after")) is not None:
        return f"{wait} s"
    if answer.headers.get("x-ratelimit-remaining") == "0" and (reset := answer.number("x-ratelimit-reset")) is not None:
        return f"until {datetime.fromtimestamp(reset, UTC):%H:%M} UTC"
    return "a minute" if "rate limit" in answer.said.lower() else None
