"""Comments at pull requests, in the APIs of Gitea and GitHub, which call them comments of an issue. Both do it nearly the same way."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import quote

import httpx
from pydantic import Field, StringConstraints

from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.client import Answer, ForgeClient
from gitops.forges.forge import BusyError, Comment, ReadOnlyError, RefusedError
from gitops.forges.hosted_repository import Repository
from gitops.forges.pages import entries_of_pages
from live.answer_model import AnswerModel, MalformedAnswerError, fitting

LONGEST_BODY = 1_000_000
"""Characters of a comment of anybody."""
_SERVER_ERROR = 500


class _Author(AnswerModel):
    login: Annotated[str, StringConstraints(max_length=1000)]


class _Written(AnswerModel):
    id: Annotated[int, Field(gt=0, lt=2**63)]
    body: Annotated[str, StringConstraints(max_length=LONGEST_BODY)] | None = None
    user: _Author | None = None

    @property
    def comment(self) -> Comment:
        """The same for the commands."""
        return Comment(id=self.id, body=self.body or "", author=self.user.login if self.user else "")


@dataclass(frozen=True, kw_only=True)
class PullRequestComments:
    """The comments of one forge. See `CommentingForge`."""

    client: ForgeClient
    kind: str
    url: str
    variables: str
    """Where the token is from."""
    fix: str
    """How to get another one."""
    robot: str
    """As whom the token of a workflow writes."""
    largest_comment: int
    query: Callable[[int], Mapping[str, int]]
    """For a page, from 1."""
    is_last: Callable[[Answer, int], bool]
    wait: Callable[[Answer], float | None]
    """How many seconds a limit asks to wait; None for an answer that is no limit."""

    def author(self) -> str | None:
        """See `CommentingForge`."""
        answer = self.client.ask("GET", "/user")
        if answer.status in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND) and self.wait(answer) is None:
            return None
        try:
            return fitting(_Author, self._answered(answer).document, "the user").login
        except MalformedAnswerError:
            return None

    def comments(self, repository: Repository, number: int) -> list[Comment]:
        """See `CommentingForge`."""
        path = f"{_path(repository)}/{number}/comments"
        return entries_of_pages(
            self.client,
            "comments",
            lambda page: self._answered(self.client.ask("GET", path, query=self.query(page))),
            self._read,
            self.is_last,
        )

    def add_comment(self, repository: Repository, number: int, body: str) -> int:
        """See `CommentingForge`."""
        answer = self._answered(self.client.ask("POST", f"{_path(repository)}/{number}/comments", body={"body": body}))
        return self._one(answer, httpx.codes.CREATED).id

    def change_comment(self, repository: Repository, comment: Comment, body: str) -> None:
        """See `CommentingForge`."""
        answer = self._answered(self.client.ask("PATCH", f"{_path(repository)}/comments/{comment.id}", body={"body": body}))
        self._one(answer, httpx.codes.OK)

    def _read(self, answer: Answer) -> Iterator[Comment]:
        try:
            if not isinstance(answer.document, list):
                raise MalformedAnswerError("the list of comments: is not a list")
            for position, entry in enumerate(answer.document):
                yield fitting(_Written, entry, f"comment {position} of the list").comment
        except MalformedAnswerError as error:
            raise self.client.not_its_api(error.wrong) from None

    def _one(self, answer: Answer, status: int) -> Comment:
        try:
            if answer.status != status:
                raise MalformedAnswerError(f"{answer.status} for a comment")
            return fitting(_Written, answer.document, "the comment").comment
        except MalformedAnswerError as error:
            raise self.client.not_its_api(error.wrong, "It is unknown whether the comment was written.") from None

    def _answered(self, answer: Answer) -> Answer:
        """A success. Raises BusyError, ReadOnlyError, RefusedError, and CommandError where the token is none."""
        if answer.is_success:
            return answer
        if answer.status == httpx.codes.UNAUTHORIZED:
            wrong = f"{self.kind} at {self.url} does not accept the token in {self.variables} ({answer.status}: {answer.said})"
            raise CommandError(Message(wrong, "No comment was written.", self.fix))
        said = f"{self.kind} answers {answer.status}: {answer.said}"
        wait = self.wait(answer)
        if wait is not None or answer.status >= _SERVER_ERROR:
            raise BusyError(said, wait)
        if answer.status == httpx.codes.FORBIDDEN:
            raise ReadOnlyError(said)
        if answer.status == httpx.codes.NOT_FOUND:
            raise RefusedError(f"the pull request does not exist, or the token may not see it ({said})")
        raise RefusedError(said)


def _path(repository: Repository) -> str:
    return f"/repos/{quote(repository.owner, safe='')}/{quote(repository.name, safe='')}/issues"
