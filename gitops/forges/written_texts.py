"""What comments and issues have in common in the APIs of Gitea and GitHub: who writes, what a refusal means, and the pages of a list."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, ClassVar, TypeVar
from urllib.parse import quote

import httpx
from pydantic import StringConstraints

from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.client import Answer, ForgeClient
from gitops.forges.forge import BusyError, ReadOnlyError, RefusedError
from gitops.forges.hosted_repository import Repository
from live.client.answer_model import AnswerModel, MalformedAnswerError, fitting

LONGEST_BODY = 1_000_000
"""Characters of a text of anybody."""
_SERVER_ERROR = 500


class Author(AnswerModel):
    """Who wrote a text."""

    login: Annotated[str, StringConstraints(max_length=1000)]


Body = Annotated[str, StringConstraints(max_length=LONGEST_BODY)]
WrittenT = TypeVar("WrittenT", bound=AnswerModel)


@dataclass(frozen=True, kw_only=True)
class WrittenTexts:
    """How one forge is asked for them. See `WritingForge`."""

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
    what: ClassVar[str]
    """What one of the texts is called."""
    place: ClassVar[str]
    """What has to exist for it."""

    def author(self) -> str | None:
        """See `WritingForge`."""
        answer = self.client.ask("GET", "/user")
        if answer.status in (httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND) and self.wait(answer) is None:
            return None
        try:
            return fitting(Author, self.answered(answer).document, "the user").login
        except MalformedAnswerError:
            return None

    def read_list(self, answer: Answer, model: type[WrittenT]) -> Iterator[WrittenT]:
        """The entries of a page."""
        try:
            if not isinstance(answer.document, list):
                raise MalformedAnswerError(f"the list of {self.what}s: is not a list")
            for position, entry in enumerate(answer.document):
                yield fitting(model, entry, f"{self.what} {position} of the list")
        except MalformedAnswerError as error:
            raise self.client.not_its_api(error.wrong) from None

    def read_one(self, answer: Answer, status: int, model: type[WrittenT]) -> WrittenT:
        """What was written."""
        try:
            if self.answered(answer).status != status:
                raise MalformedAnswerError(f"{answer.status} for {'an' if self.what[0] in 'aeiou' else 'a'} {self.what}")
            return fitting(model, answer.document, f"the {self.what}")
        except MalformedAnswerError as error:
            raise self.client.not_its_api(error.wrong, f"It is unknown whether the {self.what} was written.") from None

    def answered(self, answer: Answer) -> Answer:
        """A success. Raises BusyError, ReadOnlyError, RefusedError, and CommandError where the token is none."""
        if answer.is_success:
            return answer
        if answer.status == httpx.codes.UNAUTHORIZED:
            wrong = f"{self.kind} at {self.url} does not accept the token in {self.variables} ({answer.status}: {answer.said})"
            raise CommandError(Message(wrong, f"No {self.what} was written.", self.fix))
        said = f"{self.kind} answers {answer.status}: {answer.said}"
        wait = self.wait(answer)
        if wait is not None or answer.status >= _SERVER_ERROR:
            raise BusyError(said, wait)
        if answer.status == httpx.codes.FORBIDDEN:
            raise ReadOnlyError(said)
        if answer.status == httpx.codes.NOT_FOUND:
            raise RefusedError(f"{self.place} does not exist, or the token may not see it ({said})")
        raise RefusedError(said)


def path_of_issues(repository: Repository) -> str:
    """Where the issues of a repository are, and its pull requests, which count as such."""
    return f"/repos/{quote(repository.owner, safe='')}/{quote(repository.name, safe='')}/issues"
