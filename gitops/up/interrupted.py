"""What a killed run leaves in a file backend, removed before the next: its lock, and attributes of the state that are empty.

Pulumi's own way is `pulumi cancel`, which trusts the caller. Here a lock goes only if its process ran on this machine and is gone. A
backend elsewhere is left to Pulumi.
"""

import os
import socket
from collections.abc import Iterator
from pathlib import Path

from flux.bounded_documents import Bounds, json_object
from gitops.project import project_name
from gitops.pulumi_cli import StackName
from gitops.up.state_file import backend_directory

_A_LOCK = Bounds(size=64 * 1024)


def remove_leftovers(stack: StackName, folder: Path) -> list[str]:
    """What was removed, in words; nothing where the backend is not a directory of this machine."""
    root = backend_directory()
    if root is None:
        return []
    project = project_name(folder)
    told = []
    for lock in _stale_locks(root / "locks" / "organization" / project / stack.short):
        lock.unlink(missing_ok=True)
        told.append(f"Removed the lock of a run that is gone ({lock.name}).")
    for attributes in sorted((root / "stacks" / project).glob(f"{stack.short}.json*.attrs")):  # or of a compressed state: .json.gz.attrs
        if attributes.is_file() and attributes.stat().st_size == 0:
            attributes.unlink()
            told.append(f"Removed the empty {attributes.name}, which an interrupted run left: the state beside it is whole.")
    return told


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
        return "pulumi" in Path(f"/proc/{pid}/comm").read_text()
    except OSError:
        return True
