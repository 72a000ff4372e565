"""What a command asks of any forge.

What a command needs beside deploy keys is a separate protocol, with `Repository` as its subject, as `CommentingForge` is: a forge that
cannot do it does not implement it, and mypy says where that was assumed. Statuses of commits and webhooks would be others.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from gitops.forges.hosted_repository import Repository


class RefusedError(Exception):
    """A forge refuses something of one repository; others may still go well. Its text is for a person, and continues a line."""


class ReadOnlyError(RefusedError):
    """The token may not write here, as that of a workflow of a fork."""


class BusyError(Exception):
    """A forge asks to come back later, or fails by itself. Its text is for a person, and continues a line."""

    def __init__(self, said: str, wait: float | None) -> None:
        """`wait`: how many seconds it asks for, if it says so."""
        self.wait = wait
        super().__init__(said)


class TokenUse(Enum):
    """What a command does with its token. The module of each forge says in that forge's words which right this needs."""

    DEPLOY_KEYS = "deploy keys"
    COMMENTS = "comments"
    ISSUES = "issues"

    @property
    def user(self) -> str:
        """Whose token it has to be."""
        return "a user who administers the repositories" if self is TokenUse.DEPLOY_KEYS else "a user who may read the repository"


@dataclass(frozen=True, kw_only=True)
class Comment:
    """A comment on a pull request."""

    id: int
    body: str
    author: str
    """The login; empty where the user is gone."""


@dataclass(frozen=True, kw_only=True)
class Issue:
    """An issue."""

    id: int
    """Its number in the repository."""
    body: str
    author: str
    """The login; empty where the user is gone, and of a pull request."""
    is_open: bool


class WritingForge(Protocol):
    """Where a text can be written as the owner of the token.

    Each method, and each of those that add to it, raises BusyError, RefusedError (ReadOnlyError where the token may not write), and
    CommandError if the forge cannot be reached.
    """

    @property
    def kind(self) -> str:
        """What people call the forge."""

    @property
    def robot(self) -> str:
        """The login as which the token of a workflow writes."""

    @property
    def largest_comment(self) -> int:
        """How many bytes a text may have."""

    def author(self) -> str | None:
        """The login of the token's user; None for a token that may not ask, as that of a workflow."""


class CommentingForge(WritingForge, Protocol):
    """The comments of a forge's pull requests."""

    def comments(self, repository: Repository, number: int) -> list[Comment]:
        """All comments of a pull request, the oldest first."""

    def add_comment(self, repository: Repository, number: int, body: str) -> int:
        """Write a comment; its id."""

    def change_comment(self, repository: Repository, comment: Comment, body: str) -> None:
        """Replace the text of a comment."""


class IssuesForge(WritingForge, Protocol):
    """The issues of a forge's repositories."""

    def issues(self, repository: Repository) -> list[Issue]:
        """All issues, also closed ones, the newest first."""

    def add_issue(self, repository: Repository, title: str, body: str) -> int:
        """Open an issue; its number."""

    def change_issue(self, repository: Repository, issue: Issue, body: str, *, is_open: bool) -> None:
        """Replace the text of an issue, and open or close it."""


@dataclass(frozen=True, kw_only=True)
class DeployKey:
    """A deploy key of one repository."""

    id: int
    title: str
    public_key: str
    """As in authorized_keys; a forge may leave out the comment."""
    read_only: bool
    created: str
    """`2026-11-24T06:00:00Z`; empty where it is not known."""


class Forge(Protocol):
    """A server, used as the owner of its token. The token is never shown."""

    @property
    def kind(self) -> str:
        """What people call it: `Gitea`, `GitHub`."""

    @property
    def url(self) -> str:
        """Its address, as a browser shows it."""

    @property
    def hosts(self) -> frozenset[str]:
        """The names of its host in the URLs of repositories."""

    def check_token(self) -> None:
        """One harmless call, so that a token that does not work is reported once, not for every repository.

        Raises:
            CommandError: no such forge answers there, or it does not accept the token.
        """

    def close(self) -> None:
        """Give up its connections."""

    def deploy_keys(self, repository: Repository) -> list[DeployKey]:
        """Every deploy key of the repository.

        Raises:
            RefusedError: the repository does not exist, or its keys may not be seen.
            CommandError: the forge cannot be reached, or asks to wait for a while.
        """

    def add_deploy_key(self, repository: Repository, title: str, public_key: str) -> int:
        """Let the key read the repository, and no more than read; the id that the forge gave it.

        Raises:
            RefusedError: the forge does not take it.
            CommandError: as for `deploy_keys`.
        """

    def remove_deploy_key(self, repository: Repository, key: DeployKey) -> None:
        """Take the key away.

        Raises:
            RefusedError: the forge does not let go of it.
            CommandError: as for `deploy_keys`.
        """
