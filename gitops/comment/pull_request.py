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
class PullRequest:
    """A pull request."""

    server: str
    repository: Repository
    number: int
    run: str | None
    """The address of the workflow's run."""


def pull_request(server: str | None, repository: str | None, number: int | None, environment: Mapping[str, str]) -> PullRequest:
    """The pull request.

    Raises:
        CommandError: something of it is neither named nor known.
    """
    server = server or environment.get(SERVER)
    path = repository or environment.get(REPOSITORY)
    number = number or _number(environment)
    missing = [what for what, known in (("--api-url", server), ("--repository", path), ("--number", number)) if not known]
    if not server or not path or not number:
        fix = f"Name it: {' '.join(missing)}. In a workflow, run this for the event pull_request."
        raise CommandError(Message("it is unknown which pull request is meant", "No comment was written.", fix))
    try:
        found = repository_of(f"{server.rstrip('/')}/{path}")
    except ValueError:
        told = Message(f"{path!r} is not a repository", "No comment was written.", "Write it as OWNER/NAME: --repository")
        raise CommandError(told) from None
    run = environment.get(RUN, "")
    address = f"{server.rstrip('/')}/{path}/actions/runs/{run}" if _NUMBER.fullmatch(run) else None
    return PullRequest(server=server, repository=found, number=number, run=address)


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
