"""One comment for a topic: found again, updated in place, written once.

Only comments of the token's own user count. Anybody may copy the mark into a comment of their own; a forge lets a token that may write
change it, and they could then change it back.
"""

from collections.abc import Callable
from enum import StrEnum

from flux.message import Message
from gitops.comment.comment_text import comment_body, folded_body, mark_of, says_nothing
from gitops.comment.pull_request import PullRequest
from gitops.errors import CommandError
from gitops.forges.forge import BusyError, Comment, CommentingForge

ATTEMPTS = 5
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
"""Seconds. A limit that asks for more lasts longer than a job should."""


class WrittenComment(StrEnum):
    """What became of the comment."""

    ADDED = "written"
    CHANGED = "updated"
    FOLDED = "folded: there is nothing left to say"
    SAME = "already up to date"
    NOTHING = "not needed: there is nothing to say"


def keep_one_comment(
    forge: CommentingForge,
    request: PullRequest,
    topic: str,
    text: str,
    *,
    author: Callable[[], str],
    rest: str,
    sleep: Callable[[float], None],
) -> WrittenComment:
    """Write, update or fold the comment of `topic`. After a failure, it is searched for again: it may have been written all the same.

    `author`: whose comments are looked at.

    Raises:
        CommandError: the forge is out of reach, or busy for too long.
        RefusedError: it refuses.
    """
    wait = FIRST_WAIT
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return _once(forge, request, topic, text, author(), rest)
        except BusyError as error:
            asked = error.wait or 0.0
            if attempt == ATTEMPTS or asked > LONGEST_WAIT:
                again = f"Wait {asked:.0f} s, then run it again." if asked else "Run it again later."
                raise CommandError(Message(str(error), "The comment may not be up to date.", again)) from None
            sleep(max(wait, asked))
            wait *= 2
    raise AssertionError("the last attempt returns or raises")


def _once(forge: CommentingForge, request: PullRequest, topic: str, text: str, author: str, rest: str) -> WrittenComment:
    found = _own(forge, request, topic, author)
    if says_nothing(text):
        if found is None:
            return WrittenComment.NOTHING
        body, becomes = folded_body(topic, text), WrittenComment.FOLDED
    else:
        body, becomes = comment_body(topic, text, forge.largest_comment, rest), WrittenComment.CHANGED
    if found is None:
        forge.add_comment(request.repository, request.number, body)
        return WrittenComment.ADDED
    if _same(found.body, body):
        return WrittenComment.SAME
    forge.change_comment(request.repository, found, body)
    return becomes


def _own(forge: CommentingForge, request: PullRequest, topic: str, author: str) -> Comment | None:
    mark = mark_of(topic)
    own = (each for each in forge.comments(request.repository, request.number) if each.author.lower() == author.lower())
    return next((each for each in own if each.body.startswith(mark)), None)


def _same(before: str, after: str) -> bool:
    return before.replace("\r\n", "\n").rstrip() == after.rstrip()
