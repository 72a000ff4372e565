"""Comments at pull requests, in the APIs of Gitea and GitHub, which call them comments of an issue. Both do it nearly the same way."""

from dataclasses import dataclass
from typing import Annotated, ClassVar

import httpx
from pydantic import Field

from gitops.forges.forge import Comment
from gitops.forges.hosted_repository import Repository
from gitops.forges.pages import entries_of_pages
from gitops.forges.written_texts import Author, Body, WrittenTexts, path_of_issues
from live.client.answer_model import AnswerModel


class _Written(AnswerModel):
    id: Annotated[int, Field(gt=0, lt=2**63)]
    body: Body | None = None
    user: Author | None = None

    @property
    def comment(self) -> Comment:
        """The same for the commands."""
        return Comment(id=self.id, body=self.body or "", author=self.user.login if self.user else "")


@dataclass(frozen=True, kw_only=True)
class PullRequestComments(WrittenTexts):
    """The comments of one forge. See `CommentingForge`."""

    what: ClassVar[str] = "comment"
    place: ClassVar[str] = "the pull request"

    def comments(self, repository: Repository, number: int) -> list[Comment]:
        """See `CommentingForge`."""
        path = f"{path_of_issues(repository)}/{number}/comments"
        return entries_of_pages(
            self.client,
            "comments",
            lambda page: self.answered(self.client.ask("GET", path, query=self.query(page))),
            lambda answer: (each.comment for each in self.read_list(answer, _Written)),
            self.is_last,
        )

    def add_comment(self, repository: Repository, number: int, body: str) -> int:
        """See `CommentingForge`."""
        answer = self.client.ask("POST", f"{path_of_issues(repository)}/{number}/comments", body={"body": body})
        return self.read_one(answer, httpx.codes.CREATED, _Written).id

    def change_comment(self, repository: Repository, comment: Comment, body: str) -> None:
        """See `CommentingForge`."""
        answer = self.client.ask("PATCH", f"{path_of_issues(repository)}/comments/{comment.id}", body={"body": body})
        self.read_one(answer, httpx.codes.OK, _Written)
