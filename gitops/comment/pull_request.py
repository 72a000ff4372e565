"""Which pull request is meant: what was named, and else what a workflow's environment says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flux.bounded_documents import Bounds, UnreadableError, json_value
from flux.message import Message
from gitops.errors import CommandError
from gitops.forges.hosted_repository import Repository, repository_of

SERVER, REPOSITORY, REF, EVENT, RUN = "GITHUB_SERVER_URL", "GITHUB_REPOSITORY", "GITHUB_REF", "GITHUB_EVENT_PATH", "GITHUB_RUN_ID"
"""Gitea Actions sets the same variables."""
IN_A_WORKFLOW = ("GITHUB_ACTIONS", "GITEA_ACTIONS")
_REF = re.compile(r"refs/pull/([0-9]{1,9})/(?:merge|head)")
_NUMBER = re.compile(r"[0-9]{1,20}")
_EVENT = Bounds(size=8 * 1024 * 1024, levels=50)


@dataclass(frozen=True, kw_only=True)
class WrittenAt:
    """A repository, and the job that writes there."""

    server: str
    repository: Repository
    run: str | None
    """The address of the workflow's run."""


@dataclass(frozen=True, kw_only=True)
class PullRequest(WrittenAt):
    """A pull request."""

    number: int


def repository_at(server: str | None, repository: str | None, environment: Mapping[str, str]) -> WrittenAt:
    """The repository.

    Raises:
        CommandError: it is neither named nor known.
    """
    missing = _missing(server, repository, environment)
    if missing:
        fix = f"Name it: {' '.join(missing)}. In a workflow, both are known."
        raise CommandError(Message("it is unknown which repository is meant", "No issue was written.", fix))
    return _at(server or environment[SERVER], repository or environment[REPOSITORY], environment)


def pull_request(server: str | None, repository: str | None, number: int | None, environment: Mapping[str, str]) -> PullRequest:
    """The pull request.

    Raises:
        CommandError: something of it is neither named nor known.
    """
    number = number or _number(environment)
    missing = _missing(server, repository, environment)
    if missing or not number:
        fix = f"Name it: {' '.join([*missing, *([] if number else ['--number'])])}. In a workflow, run this for the event pull_request."
        raise CommandError(Message("it is unknown which pull request is meant", "No comment was written.", fix))
    at = _at(server or environment[SERVER], repository or environment[REPOSITORY], environment)
    return PullRequest(server=at.server, repository=at.repository, run=at.run, number=number)


def _missing(server: str | None, repository: str | None, environment: Mapping[str, str]) -> list[str]:
    known = (("--api-url", server or environment.get(SERVER)), ("--repository", repository or environment.get(REPOSITORY)))
    return [option for option, value in known if not value]


def _at(server: str, path: str, environment: Mapping[str, str]) -> WrittenAt:
    try:
        found = repository_of(f"{server.rstrip('/')}/{path}")
    except ValueError:
        told = Message(f"{path!r} is not a repository", "Nothing was written.", "Write it as OWNER/NAME: --repository")
        raise CommandError(told) from None
    run = environment.get(RUN, "")
    address = f"{server.rstrip('/')}/{path}/actions/runs/{run}" if _NUMBER.fullmatch(run) else None
    return WrittenAt(server=server, repository=found, run=address)


def is_workflow(environment: Mapping[str, str]) -> bool:
    """Whether this is a job of Gitea's or GitHub's Actions."""
    return any(environment.get(name) == "true" for name in IN_A_WORKFLOW)


def _number(environment: Mapping[str, str]) -> int | None:
    """From the ref, and where that is another branch's, as for `pull_request_target`, from the event."""
    if found := _REF.fullmatch(environment.get(REF, "")):
        return int(found[1])
    try:
        event = json_value(Path(environment[EVENT]).read_bytes()[: _EVENT.size + 1], _EVENT)
    except (KeyError, OSError, UnreadableError):
        return None
    request = event.get("pull_request") if isinstance(event, dict) else None
    number = request.get("number") if isinstance(request, dict) else None
    return number if isinstance(number, int) and not isinstance(number, bool) and number > 0 else None
