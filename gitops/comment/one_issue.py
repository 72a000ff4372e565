"""One issue for a topic: opened when there is something to say, updated, closed when there is nothing left, and opened again.

It is found by the mark that a comment has, and only among the issues of the token's own user. It is opened again rather than a second one,
so that what people said there stays with it.
"""

from collections.abc import Callable
from enum import StrEnum

from gitops.comment.attempts import until_answered
from gitops.comment.comment_text import comment_body, folded_body, is_same, mark_of, says_nothing
from gitops.forges.forge import Issue, IssuesForge
from gitops.forges.hosted_repository import Repository


class WrittenIssue(StrEnum):
    """What became of the issue."""

    ADDED = "opened"
    CHANGED = "updated"
    REOPENED = "opened again"
    CLOSED = "closed: there is nothing left to say"
    SAME = "already up to date"
    NOTHING = "not needed: there is nothing to say"


def keep_one_issue(
    forge: IssuesForge,
    repository: Repository,
    topic: str,
    title: str,
    text: str,
    *,
    author: Callable[[], str],
    rest: str,
    sleep: Callable[[float], None],
) -> tuple[WrittenIssue, int | None]:
    """Open, update or close the issue of `topic`; with its number, if there is one. `title`: of a new one.

    Raises:
        CommandError: the forge is out of reach, or busy for too long.
        RefusedError: it refuses.
    """
    return until_answered(lambda: _once(forge, repository, topic, title, text, author(), rest), "issue", sleep)


def _once(
    forge: IssuesForge, repository: Repository, topic: str, title: str, text: str, author: str, rest: str
) -> tuple[WrittenIssue, int | None]:
    found = _own(forge, repository, topic, author)
    is_open = not says_nothing(text)
    body = comment_body(topic, text, forge.largest_comment, rest) if is_open else folded_body(topic, text)
    if found is None:
        return (WrittenIssue.ADDED, forge.add_issue(repository, title, body)) if is_open else (WrittenIssue.NOTHING, None)
    if found.is_open == is_open and is_same(found.body, body):
        return WrittenIssue.SAME, found.id
    forge.change_issue(repository, found, body, is_open=is_open)
    becomes = (WrittenIssue.CHANGED if found.is_open else WrittenIssue.REOPENED) if is_open else WrittenIssue.CLOSED
    return becomes, found.id


def _own(forge: IssuesForge, repository: Repository, topic: str, author: str) -> Issue | None:
    own = (each for each in forge.issues(repository) if each.author.lower() == author.lower())
    return next((each for each in own if each.body.startswith(mark_of(topic))), None)
