"""The state of a stack before pulumi runs. In a directory of this machine it is read as it lies there: no pulumi is started for it."""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from flux.any_shape import at, entries
from flux.bounded_documents import UnreadableError, content_of, json_value
from flux.key_path import KeyPath
from gitops.project import project_name
from gitops.pulumi_backend import backend
from gitops.pulumi_cli import StackName, pulumi_says
from gitops.pulumi_state import LARGEST_STATE, MOST_VALUES

_STACK = "pulumi:pulumi:Stack"
_PENDING = "pending_operations"
_IN_A_DIRECTORY = "file://"


def backend_directory() -> Path | None:
    """The directory of a `file://` backend; None where the backend is elsewhere."""
    url = backend() or ""
    if not url.startswith(_IN_A_DIRECTORY):
        return None
    path = url.removeprefix(_IN_A_DIRECTORY).partition("?")[0].partition("#")[0]
    return Path(os.path.expanduser(unquote(path))) / ".pulumi"  # noqa: PTH111 (pathlib fails at a user whom there is not)


def state_content(stack: StackName, folder: Path) -> bytes | None:
    """The state as it is now, unread; None where pulumi does not give it."""
    root = backend_directory()
    if root is not None:
        try:
            return content_of(root / "stacks" / project_name(folder) / f"{stack.short}.json", LARGEST_STATE)
        except (OSError, ValueError):  # the latter: a character that no path can have
            pass  # compressed, or of an old layout
    printed = pulumi_says("stack", "export", "--stack", stack.asked, folder=folder)
    return printed.encode() if printed else None


def output_in(content: bytes, name: str) -> str | None:
    """The output of that name of the stack, if it is text."""
    for _, resource in _entries(content, "resources"):
        if at(resource, "type") == _STACK:
            found = at(resource, "outputs", name)
            return found if isinstance(found, str) else None
    return None


def pending_creates_in(content: bytes) -> int:
    """How many objects an interrupted run was creating, as far as the state knows."""
    if _PENDING.encode() not in content:
        return 0
    return sum(at(each, "type") == "creating" for _, each in _entries(content, _PENDING))


def _entries(content: bytes, name: str) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    try:
        state = json_value(content, LARGEST_STATE, most_values=MOST_VALUES)
    except UnreadableError:
        return
    yield from entries(state, "deployment", name)  # as exported
    yield from entries(state, "checkpoint", "latest", name)  # as in the file
