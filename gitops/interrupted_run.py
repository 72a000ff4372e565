"""What a killed run leaves in a file backend, removed before the next one: its lock, and attributes of the state that are empty.

Pulumi's own way is `pulumi cancel`, which trusts the caller. Here a lock goes only if its process ran on this machine and is gone. A
backend elsewhere is left to Pulumi. What the run leaves in the state itself, pending operations, is cleared after the next one that
succeeds, in any backend.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from flux.bounded_documents import Bounds, json_object
from gitops.errors import CommandError
from gitops.project import project_name
from gitops.pulumi_cli import StackName
from gitops.pulumi_state import clear_pending_creates
from gitops.state_file import backend_directory, pending_creates_in

_A_LOCK = Bounds(size=64 * 1024)
_STATES = (".json", ".json.gz", ".json.zst")


def remove_leftovers(stack: StackName, folder: Path) -> list[str]:
    """What was removed, in words; nothing where the backend is not a directory of this machine."""
    root = backend_directory()
    if root is None:
        return []
    project = project_name(folder)
    told = []
    for lock in _stale_locks(root / "locks" / "organization" / project / stack.short):
        lock.unlink(missing_ok=True)
        _attributes(lock).unlink(missing_ok=True)
        told.append(f"Removed the lock of a run that is gone ({lock.name}).")
    for ending in _STATES:
        attributes = _attributes(root / "stacks" / project / f"{stack.short}{ending}")
        if attributes.is_file() and attributes.stat().st_size == 0:
            attributes.unlink()
            told.append(f"Removed the empty {attributes.name}, which an interrupted run left: the state beside it is whole.")
    return told


def clear_pending(stack: StackName, folder: Path, before: bytes | None) -> str | None:
    """What was done, in words, about the creations that the state had pending before a run that succeeded.

    Pulumi keeps them until somebody says what became of the objects. That is settled now: `up` took over what has the stack's mark, and
    `destroy` removed it.
    """
    if not before or not pending_creates_in(before):
        return None
    try:
        count = clear_pending_creates(stack, folder)
    except CommandError as error:
        return f"The run succeeded, but the state keeps the pending operations of the interrupted run: {error.message}"
    return f"Cleared {count} pending operation{'' if count == 1 else 's'} of an interrupted run from the state." if count else None


def _attributes(file: Path) -> Path:
    """The file that gocloud.dev, with which Pulumi writes, keeps beside each other one."""
    return file.with_name(f"{file.name}.attrs")


def _stale_locks(folder: Path) -> Iterator[Path]:
    for file in sorted(folder.glob("*.json")):
        try:
            lock = json_object(file.read_bytes()[: _A_LOCK.size + 1], _A_LOCK) or {}
        except OSError:
            continue
        pid = lock.get("pid")
        if lock.get("hostname") == socket.gethostname() and isinstance(pid, int) and pid > 0 and not _is_pulumi(pid):
            yield file


def _is_pulumi(pid: int) -> bool:
    """Whether the process lives and is Pulumi: its number may belong to another program by now. Unknown counts as yes."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    try:
        name, _, rest = Path(f"/proc/{pid}/stat").read_text(errors="replace").partition("(")[2].rpartition(")")
    except OSError:
        return True
    # One that was killed stays as a zombie until its parent asks for it, which the first process of a container may never do.
    return "pulumi" in name and rest.split()[:1] != ["Z"]
