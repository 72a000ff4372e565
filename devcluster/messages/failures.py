"""What the system or a server refused, as one message: what, where, the line of ours that asked for it, and what to do."""

import traceback
from pathlib import Path

import httpx

PACKAGE = Path(__file__).parents[1]


def message(error: OSError | httpx.HTTPError) -> str:
    """The message for `error`. The place is in it so that a defect of ours is found without a traceback."""
    if isinstance(error, httpx.HTTPError):
        return (
            f"{_request(error)} failed: {_answer(error)} ({_place(error)}).\n"
            "A server of the embedded cluster is down, perhaps; the logs are in logs/ of its directory.\n"
            "To start what does not run: make demo"
        )
    where = f" {error.filename}" if error.filename else ""
    return (
        f"the system refused{where}: {error.strerror or error} ({type(error).__name__} {_place(error)}).\n"
        "See that --home and $GITOPS_CACHE (by default ~/.cache/gitops) name places where you may write and that have room, "
        "then run the command again."
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
        return f"it was answered with {error.response.status_code} {error.response.reason_phrase}"
    if isinstance(error, httpx.LocalProtocolError):  # its text quotes headers, and a token may be in one
        return type(error).__name__
    return f"{type(error).__name__}: {error}"


def _place(error: Exception) -> str:
    ours = [frame for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename).is_relative_to(PACKAGE)]
    return f"at {Path(ours[-1].filename).relative_to(PACKAGE.parent)}:{ours[-1].lineno}" if ours else "outside of devcluster"
