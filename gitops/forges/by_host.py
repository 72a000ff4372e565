"""Which forge a repository is at.

The rule: the forge at `--api-url`, or at GITEA_URL or GH_HOST where that is not given, for repositories of its own host and of
`--ssh-host`; GitHub, for repositories whose host is GitHub's by its name (`github.is_github`); no forge for all others, because another
server may have a repository of the same name. The kind of forge at `--api-url` follows from its host name, or from `--forge`.
"""

from collections.abc import Collection, Iterable, Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self, assert_never

from flux.addresses import address_of
from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.forge import Forge, TokenUse
from gitops.forges.forge_kind import ForgeKind
from gitops.forges.forge_url import forge_url
from gitops.forges.gitea import TOKEN_VARIABLE, Gitea
from gitops.forges.github import GitHub, is_github, token_in, token_variables
from gitops.forges.hosted_repository import Repository

GITEA_URL, GH_HOST = "GITEA_URL", "GH_HOST"


class Forges:
    """The forges that can be asked, by the hosts of repositories. Use it as a context manager."""

    def __init__(self, forges: Iterable[Forge], unasked: Mapping[str, str] | None = None) -> None:
        """`unasked`: host → why its forge, although known, is not asked."""
        self.all = list(forges)
        self._by_host = {host: forge for forge in self.all for host in forge.hosts}
        self._unasked = unasked or {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        with ExitStack() as stack:
            for forge in self.all:
                stack.callback(forge.close)

    def of(self, repository: Repository) -> Forge | None:
        """The forge of a repository; None if none can be asked."""
        return self._by_host.get(repository.host)

    def why_not(self, repository: Repository) -> str:
        """Why no forge is asked about a repository, as shown in the table."""
        reason = self._unasked.get(repository.host)
        return f"left alone: it is at {repository.host}{f', and {reason}' if reason else ''}"

    def check_tokens(self) -> None:
        """Ask each forge that has one of the repositories once, harmlessly.

        Raises:
            CommandError: one does not accept its token, or is not a forge.
        """
        for forge in self.all:
            forge.check_token()


def forges_for(
    repositories: Collection[Repository],
    environment: Mapping[str, str],
    *,
    url: str | None,
    kind: ForgeKind | None,
    ssh_hosts: Collection[str] = (),
) -> Forges:
    """The forges of `repositories`, by the rule above. With `url`, and with `kind`, only those that they name.

    Raises:
        CommandError: an address is invalid, or a named one has no token.
    """
    forges: list[Forge] = []
    unasked: dict[str, str] = {}
    named = _named(url, kind, environment)
    if named is not None:
        forges.append(_forge(*named, environment, ssh_hosts))
    for host in sorted({each.host for each in repositories} - {host for forge in forges for host in forge.hosts}):
        if url or kind is ForgeKind.GITEA or not (is_github(host) or (kind is ForgeKind.GITHUB and named is None)):
            continue
        if kind is None and token_in(environment, host) is None:
            unasked[host] = f"{' and '.join(token_variables(host))} are not set"
        elif not any(host in forge.hosts for forge in forges):
            forges.append(GitHub(f"https://{_written(host)}", environment, given_by="the URL of the source", ssh_hosts={host}))
    return Forges(forges, unasked)


def commenting_forge(
    url: str, kind: ForgeKind | None, environment: Mapping[str, str], token_use: TokenUse = TokenUse.COMMENTS
) -> Gitea | GitHub | None:
    """The forge at `url`, for its comments or issues; None without a token for it, as in a workflow of a fork.

    Raises:
        CommandError: the address or the token is invalid.
    """
    address = address_of(forge_url(url, given_by="--api-url"))
    host = address.host if address else ""
    kind = kind or (ForgeKind.GITHUB if is_github(host) else ForgeKind.GITEA)
    match kind:
        case ForgeKind.GITEA:
            token = environment.get(TOKEN_VARIABLE, "").strip()
            return Gitea(url, token, token_use=token_use) if token else None
        case ForgeKind.GITHUB:
            return GitHub(url, environment, token_use=token_use) if token_in(environment, host) else None
        case _:
            assert_never(kind)


def refuse_nobody_here(forges: Forges, repositories: Collection[Repository]) -> None:
    """A forge that has none of the repositories is a wrong address, or has another name for SSH.

    Raises:
        CommandError: no repository is at a forge that can be asked.
    """
    if any(forges.of(repository) for repository in repositories):
        return
    there = sorted({repository.host for repository in repositories})
    if not forges.all:
        raise CommandError(
            Message(
                f"It is unknown which forge hosts the repositories, which the stack fetches from {', '.join(there) or 'nowhere'}",
                "No forge can be asked.",
                f"For Gitea, set its address with --api-url or export {GITEA_URL}=https://git.example, and export {TOKEN_VARIABLE}; "
                "for GitHub, export GH_TOKEN.",
            )
        )
    raise CommandError(
        Message(
            f"None of the repositories is at {', '.join(sorted(host for forge in forges.all for host in forge.hosts))}: "
            f"the stack fetches them from {', '.join(there) or 'nowhere'}",
            "Nothing was done, because another server may have a repository of the same name.",
            f"If that is this forge's SSH host, run with: --ssh-host {there[0] if there else 'HOST'}",
        )
    )


def _named(url: str | None, kind: ForgeKind | None, environment: Mapping[str, str]) -> tuple[ForgeKind, str, str] | None:
    """Kind and address of the named forge, and where it is named."""
    if url:
        address = address_of(forge_url(url, given_by="--api-url"))
        by_host = ForgeKind.GITHUB if address and is_github(address.host) else ForgeKind.GITEA
        return kind or by_host, url, "--api-url"
    if kind is not ForgeKind.GITHUB and (gitea := environment.get(GITEA_URL)):
        return ForgeKind.GITEA, gitea, GITEA_URL
    if kind is not ForgeKind.GITEA and (github := environment.get(GH_HOST)):
        return ForgeKind.GITHUB, f"https://{github}", GH_HOST
    return None


def _forge(kind: ForgeKind, url: str, given_by: str, environment: Mapping[str, str], ssh_hosts: Collection[str]) -> Forge:
    match kind:
        case ForgeKind.GITEA:
            return Gitea(url, environment.get(TOKEN_VARIABLE, "").strip() or None, given_by=given_by, ssh_hosts=ssh_hosts)
        case ForgeKind.GITHUB:
            return GitHub(url, environment, given_by=given_by, ssh_hosts=ssh_hosts)
        case _:
            assert_never(kind)


def _written(host: str) -> str:
    return f"[{host}]" if ":" in host else host
