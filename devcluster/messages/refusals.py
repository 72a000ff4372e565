"""What the system or a server refused, as an error that a person reads: what, where, the line of ours that asked, and what to do."""

import traceback
from pathlib import Path

import httpx

from devcluster.messages.errors import DevclusterError
from devcluster.messages.shell_commands import ShellCommands

PACKAGE = Path(__file__).parents[1]


def refusal(error: OSError | httpx.HTTPError, commands: ShellCommands) -> DevclusterError:
    """`error` in three parts, met by one of these commands. The line of ours is in it so that a defect is found without a traceback."""
    if isinstance(error, httpx.HTTPError):
        return DevclusterError(
            f"{_request(error)} failed: {_answer(error)} ({_place(error)})",
            "A server of the embedded cluster may be down; its log is in logs/ of the cluster's directory.",
            f"To start what does not run: {commands.up}",
        )
    where = f" {error.filename}" if error.filename else ""
    return DevclusterError(
        f"the system refused{where}: {error.strerror or error} ({type(error).__name__} {_place(error)})",
        "The command stopped.",
        "Point --home and $GITOPS_CACHE (default: ~/.cache/gitops) at writable directories with enough space, and run it again.",
    )


def _request(error: httpx.HTTPError) -> str:
    try:
        url = error.request.url
    except RuntimeError:  # it failed before there was one
        return "a request"
    # Neither a user's name nor a query: either may be a secret.
    return f"{error.request.method} {url.copy_with(username=None, password=None, query=None)}"


def _answer(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.HTTPStatusError):
        return f"the answer was {error.response.status_code} {error.response.reason_phrase}"
    if isinstance(error, httpx.LocalProtocolError):  # its text quotes headers, and a token may be in one
        return type(error).__name__
    return f"{type(error).__name__}: {error}"


def _place(error: Exception) -> str:
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    return f"at {Path(ours[-1].filename).relative_to(PACKAGE.parent)}:{ours[-1].lineno}" if ours else "outside of devcluster"
