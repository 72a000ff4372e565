"""One comment for a topic: found again, updated in place, written once.

Only comments of the token's own user count. Anybody may copy the mark into a comment of their own; a forge lets a token that may write
change it, and they could then change it back.
"""

from collections.abc import Callable
from enum import StrEnum

from gitops.comment.attempts import until_answered
from gitops.comment.comment_text import comment_body, folded_body, is_same, mark_of, says_nothing
from gitops.comment.pull_request import PullRequest
from gitops.forges.forge import Comment, CommentingForge


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
    """Write, update or fold the comment of `topic`. `author`: whose comments are looked at.

    Raises:
        CommandError: the forge is out of reach, or busy for too long.
        RefusedError: it refuses.
    """
    return until_answered(lambda: _once(forge, request, topic, text, author(), rest), "comment", sleep)


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
    if is_same(found.body, body):
        return WrittenComment.SAME
    forge.change_comment(request.repository, found, body)
    return becomes


def _own(forge: CommentingForge, request: PullRequest, topic: str, author: str) -> Comment | None:
    mark = mark_of(topic)
    own = (each for each in forge.comments(request.repository, request.number) if each.author.lower() == author.lower())
    return next((each for each in own if each.body.startswith(mark)), None)
