"""`gitops comment`, as the command line has it."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.forge_kind import FORGE_KINDS, ForgeKind
from gitops.options import flag, option
from gitops.terminal import print_lines

if TYPE_CHECKING:
    from gitops.comment.pull_request import PullRequest
    from gitops.forges.forge import CommentingForge

STDIN = "-"
LARGEST_TEXT = 32 * 1024 * 1024


def comment(
    topic: Annotated[str, option("What the comment is about: there is one for each topic.", "NAME", "--topic")],
    file: Annotated[str, option("Read the text from this file, instead of from stdin.", "FILE", "--file", "-f")] = STDIN,
    plain: Annotated[bool, flag("The text is not Markdown: show it as it is.", "--plain")] = False,
    repository: Annotated[str | None, option("The repository, if this is not its workflow.", "OWNER/NAME", "--repository")] = None,
    number: Annotated[int | None, option("The number of the pull request.", "NUMBER", "--number")] = None,
    api_url: Annotated[str | None, option("The address of Gitea or GitHub.", "URL", "--api-url")] = None,
    forge: Annotated[str | None, option(f"What is at that address: {' or '.join(FORGE_KINDS)}.", "KIND", "--forge")] = None,
    author: Annotated[str | None, option("The user of the token, if the token may not ask for it.", "LOGIN", "--author")] = None,
) -> None:
    """Read the text, find the pull request, and write."""
    from flux.known_secrets import masked
    from gitops.comment.comment_text import TOPIC, as_code, rest_in
    from gitops.comment.pull_request import pull_request
    from gitops.forges.by_host import commenting_forge
    from gitops.forges.forge import ReadOnlyError, RefusedError

    if not TOPIC.fullmatch(topic):
        raise _mistake(f"{topic!r} cannot be a topic", "Write at most 40 lower-case letters, digits and dashes: --topic preview")
    if forge is not None and forge not in FORGE_KINDS:
        raise _mistake(f"{forge!r} is not a kind of forge", f"Write {' or '.join(FORGE_KINDS)}: --forge")
    text = masked(_read(file))
    text = as_code(text) if plain else text
    request = pull_request(api_url, repository, number, os.environ)
    client = commenting_forge(request.server, ForgeKind(forge) if forge else _kind_of_workflow(api_url), os.environ)
    if client is None:
        _to_summary(text, "there is no token")
        return
    try:
        _write(client.pull_requests, request, topic, text, author, rest_in(request.run))
    except ReadOnlyError as error:
        _to_summary(text, f"the token may not write ({error})")
    except RefusedError as error:
        raise _mistake(str(error), "Check --repository, --number and the token's permissions.") from None
    finally:
        client.close()


def _write(forge: "CommentingForge", request: "PullRequest", topic: str, text: str, author: str | None, rest: str) -> None:
    import time

    from gitops.comment.comment_text import says_nothing
    from gitops.comment.job_summary import write_summary
    from gitops.comment.one_comment import keep_one_comment

    if not says_nothing(text) and len(text.encode()) > forge.largest_comment:
        write_summary(text, os.environ)
    written = keep_one_comment(forge, request, topic, text, author=lambda: author or _author(forge), rest=rest, sleep=time.sleep)
    print_lines(f"comment {topic} at {request.repository.path} #{request.number}: {written.value}", sys.stderr)


def _author(forge: "CommentingForge") -> str:
    from gitops.comment.pull_request import is_workflow

    found = forge.author() or (forge.robot if is_workflow(os.environ) else None)
    if found is None:
        raise _mistake(f"the token may not ask {forge.kind} for its own user", "Name its user, whose comments are updated: --author LOGIN")
    return found


def _to_summary(text: str, why: str) -> None:
    """The same text where no token is needed; and if there is no summary, on stdout."""
    from gitops.comment.comment_text import says_nothing
    from gitops.comment.job_summary import write_summary

    if says_nothing(text):
        print_lines(f"no comment: {why}, and there is nothing to say", sys.stderr)
    elif write_summary(text, os.environ):
        print_lines(f"no comment: {why}; the text is in the job's summary", sys.stderr)
    else:
        print_lines(f"no comment: {why}; this is the text", sys.stderr)
        print_lines(text.removesuffix("\n"))


def _read(file: str) -> str:
    try:
        if file == STDIN:
            content = sys.stdin.buffer.read(LARGEST_TEXT + 1)
        else:
            with Path(file).open("rb") as opened:
                content = opened.read(LARGEST_TEXT + 1)
    except OSError as error:
        raise _mistake(f"{file} cannot be read ({error.strerror})", "Name a file with the text: --file FILE") from None
    if len(content) > LARGEST_TEXT:
        raise _mistake(f"the text is larger than {LARGEST_TEXT:,} bytes", "Write less: the end of it would be cut anyway.")
    return content.decode(errors="replace")


def _kind_of_workflow(api_url: str | None) -> ForgeKind | None:
    """What runs this workflow; None where another forge is named. Gitea sets GITHUB_ACTIONS, too."""
    kinds = {"GITEA_ACTIONS": ForgeKind.GITEA, "GITHUB_ACTIONS": ForgeKind.GITHUB}
    return next((kind for name, kind in kinds.items() if os.environ.get(name) == "true"), None) if api_url is None else None


def _mistake(wrong: str, fix: str) -> CommandError:
    return CommandError(Message(wrong, "No comment was written.", fix))
