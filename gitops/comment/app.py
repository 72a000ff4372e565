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
    from gitops.comment.pull_request import WrittenAt
    from gitops.forges.forge import WritingForge
    from gitops.forges.gitea import Gitea
    from gitops.forges.github import GitHub

STDIN = "-"
LARGEST_TEXT = 32 * 1024 * 1024
LONGEST_TITLE = 200


def comment(
    topic: Annotated[str, option("What the comment is about: there is one for each topic.", "NAME", "--topic")],
    file: Annotated[str, option("Read the text from this file, instead of from stdin.", "FILE", "--file", "-f")] = STDIN,
    plain: Annotated[bool, flag("The text is not Markdown: show it as it is.", "--plain")] = False,
    repository: Annotated[str | None, option("The repository, if this is not its workflow.", "OWNER/NAME", "--repository")] = None,
    number: Annotated[int | None, option("The number of the pull request.", "NUMBER", "--number")] = None,
    issue: Annotated[
        str | None, option("Keep an issue of this title instead, which is closed when nothing is left to say.", "TITLE", "--issue")
    ] = None,
    api_url: Annotated[str | None, option("The address of Gitea or GitHub.", "URL", "--api-url")] = None,
    forge: Annotated[str | None, option(f"What is at that address: {' or '.join(FORGE_KINDS)}.", "KIND", "--forge")] = None,
    author: Annotated[str | None, option("The user of the token, if the token may not ask for it.", "LOGIN", "--author")] = None,
) -> None:
    """Read the text, find the pull request or the issue, and write."""
    from flux.known_secrets import masked
    from gitops.comment.comment_text import TOPIC, as_code
    from gitops.comment.pull_request import pull_request, repository_at
    from gitops.forges.by_host import commenting_forge
    from gitops.forges.forge import ReadOnlyError, RefusedError, TokenUse

    if not TOPIC.fullmatch(topic):
        raise _mistake(f"{topic!r} cannot be a topic", "Write at most 40 lower-case letters, digits and dashes: --topic preview")
    if forge is not None and forge not in FORGE_KINDS:
        raise _mistake(f"{forge!r} is not a kind of forge", f"Write {' or '.join(FORGE_KINDS)}: --forge")
    _check_title(issue, number)
    text = masked(_read(file))
    text = as_code(text) if plain else text
    at = repository_at(api_url, repository, os.environ) if issue else pull_request(api_url, repository, number, os.environ)
    use = TokenUse.ISSUES if issue else TokenUse.COMMENTS
    client = commenting_forge(at.server, ForgeKind(forge) if forge else _kind_of_workflow(api_url), os.environ, use)
    what = "issue" if issue else "comment"
    if client is None:
        _not_written(what, text, "there is no token")
        return
    try:
        _write(client, at, topic, issue, text, author)
    except ReadOnlyError as error:
        _not_written(what, text, f"the token may not write ({error})")
    except RefusedError as error:
        raise _mistake(str(error), f"Check --repository{'' if issue else ', --number'} and the token's permissions.") from None
    finally:
        client.close()


def _write(client: "Gitea | GitHub", at: "WrittenAt", topic: str, issue: str | None, text: str, author: str | None) -> None:
    import time

    from gitops.comment.comment_text import has_room, rest_in, says_nothing
    from gitops.comment.one_comment import keep_one_comment
    from gitops.comment.one_issue import keep_one_issue
    from gitops.comment.pull_request import PullRequest
    from gitops.comment.whole_text import keep, place_of

    rest, path = rest_in(place_of(text, os.environ), at.run), at.repository.path
    if isinstance(at, PullRequest):
        comments = client.pull_requests
        written = keep_one_comment(comments, at, topic, text, author=lambda: author or _author(comments), rest=rest, sleep=time.sleep)
        print_lines(f"comment {topic} at {path} #{at.number}: {written.value}", sys.stderr)
    else:
        issues = client.issues
        became, number = keep_one_issue(
            issues, at.repository, topic, issue or topic, text, author=lambda: author or _author(issues), rest=rest, sleep=time.sleep
        )
        print_lines(f"issue {topic} at {path}{f' #{number}' if number else ''}: {became.value}", sys.stderr)
    if not says_nothing(text) and not has_room(topic, text, client.pull_requests.largest_comment):
        keep(text)


def _author(forge: "WritingForge") -> str:
    from gitops.comment.pull_request import is_workflow

    found = forge.author() or (forge.robot if is_workflow(os.environ) else None)
    if found is None:
        raise _mistake(f"the token may not ask {forge.kind} for its own user", "Name its user, whose comments are updated: --author LOGIN")
    return found


def _not_written(what: str, text: str, why: str) -> None:
    """The same text where no token is needed; and if this is no job, on stdout."""
    from gitops.comment.comment_text import says_nothing
    from gitops.comment.whole_text import WholeText, keep, place_of

    if says_nothing(text):
        print_lines(f"no {what}: {why}, and there is nothing to say", sys.stderr)
        return
    place = place_of(text, os.environ)
    where = "this is the text" if place is WholeText.OUTPUT else f"the text is {place}"
    print_lines(f"no {what}: {why}; {where}", sys.stderr)
    if place is WholeText.OUTPUT:
        print_lines(text.removesuffix("\n"))
    else:
        keep(text)


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


def _check_title(issue: str | None, number: int | None) -> None:
    if issue is not None and number is not None:
        raise _mistake(
            "--issue and --number exclude one another",
            "Use --issue TITLE to keep an issue, or --number to comment on a pull request or an issue that exists.",
        )
    if issue is not None and not (issue.strip() and issue.isprintable() and len(issue) <= LONGEST_TITLE):
        raise _mistake("this cannot be the title of an issue", f"Write one line of at most {LONGEST_TITLE} characters: --issue TITLE")


def _kind_of_workflow(api_url: str | None) -> ForgeKind | None:
    """What runs this workflow; None where another forge is named. Gitea sets GITHUB_ACTIONS, too."""
    kinds = {"GITEA_ACTIONS": ForgeKind.GITEA, "GITHUB_ACTIONS": ForgeKind.GITHUB}
    return next((kind for name, kind in kinds.items() if os.environ.get(name) == "true"), None) if api_url is None else None


def _mistake(wrong: str, fix: str) -> CommandError:
    return CommandError(Message(wrong, "No comment was written.", fix))
