"""Issues, in the APIs of Gitea and GitHub. Both list pull requests among them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import httpx
from pydantic import Field

from gitops.forges.forge import Issue
from gitops.forges.hosted_repository import Repository
from gitops.forges.pages import entries_of_pages
from gitops.forges.written_texts import Author, Body, WrittenTexts, path_of_issues
from live.client.answer_model import AnswerModel

_OPEN, _CLOSED = "open", "closed"


class _Written(AnswerModel):
    number: Annotated[int, Field(gt=0, lt=2**63)]
    body: Body | None = None
    state: str
    user: Author | None = None
    pull_request: Mapping[str, Any] | None = None

    @property
    def issue(self) -> Issue:
        """The same for the commands. The author of a pull request does not count: it is no issue."""
        author = self.user.login if self.user and self.pull_request is None else ""
        return Issue(id=self.number, body=self.body or "", author=author, is_open=self.state == _OPEN)


@dataclass(frozen=True, kw_only=True)
class Issues(WrittenTexts):
    """The issues of one forge. See `IssuesForge`."""

    what: ClassVar[str] = "issue"
    place: ClassVar[str] = "the repository"

    def issues(self, repository: Repository) -> list[Issue]:
        """See `IssuesForge`."""
        path = path_of_issues(repository)
        return entries_of_pages(
            self.client,
            "issues",
            lambda page: self.answered(self.client.ask("GET", path, query={**self.query(page), "state": "all"})),
            lambda answer: (each.issue for each in self.read_list(answer, _Written)),
            self.is_last,
        )

    def add_issue(self, repository: Repository, title: str, body: str) -> int:
        """See `IssuesForge`."""
        answer = self.client.ask("POST", path_of_issues(repository), body={"title": title, "body": body})
        return self.read_one(answer, httpx.codes.CREATED, _Written).number

    def change_issue(self, repository: Repository, issue: Issue, body: str, *, is_open: bool) -> None:
        """See `IssuesForge`."""
        changed = {"body": body, "state": _OPEN if is_open else _CLOSED}
        answer = self.client.ask("PATCH", f"{path_of_issues(repository)}/{issue.id}", body=changed)
        self.answered(answer)
