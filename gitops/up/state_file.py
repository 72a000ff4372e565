"""The state of a stack in a directory of this machine, as it lies there before pulumi runs: no pulumi has to be started to ask for it."""

from pathlib import Path
from urllib.parse import unquote, urlsplit

from flux.any_shape import at, entries
from flux.bounded_documents import Bounds, UnreadableError, content_of, json_value
from gitops.project import project_name
from gitops.pulumi_backend import backend
from gitops.pulumi_cli import StackName

_LARGEST = Bounds(size=256 * 1024 * 1024, levels=200)
_MOST_VALUES = 20_000_000
_STACK = "pulumi:pulumi:Stack"


def backend_directory() -> Path | None:
    """The directory of a `file://` backend; None where the backend is elsewhere."""
    url = backend() or ""
    if not url.startswith("file://"):
        return None
    parts = urlsplit(url)
    return Path(unquote(parts.netloc + parts.path)).expanduser() / ".pulumi"


def state_content(stack: StackName, folder: Path) -> bytes | None:
    """The state as it is now, unread; None where it is not in a file of this machine, or compressed, or of an old layout."""
    root = backend_directory()
    if root is None:
        return None
    try:
        return content_of(root / "stacks" / project_name(folder) / f"{stack.short}.json", _LARGEST)
    except OSError:
        return None


def output_in(content: bytes, name: str) -> str | None:
    """The output of that name of the stack, if it is text."""
    try:
        state = json_value(content, _LARGEST, most_values=_MOST_VALUES)
    except UnreadableError:
        return None
    for _, resource in entries(state, "checkpoint", "latest", "resources"):
        if resource.get("type") == _STACK:
            found = at(resource, "outputs", name)
            return found if isinstance(found, str) else None
    return None
