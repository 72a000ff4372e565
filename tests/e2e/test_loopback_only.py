"""Nothing of the embedded cluster, and nothing of a Pulumi that works on it, can be reached from beyond loopback."""

import os
from concurrent.futures import ThreadPoolExecutor

from devcluster.commands.homes import processes
from devcluster.control_plane.control_plane import PROGRAMS
from devcluster.controllers.supervisor import SUPERVISED
from tests.e2e.running_stack import RunningStack
from tests.sockets import Reachable, command_line, family, reachable

SILENT = {"supervisor"}
PULUMI = ("pulumi preview", "pulumi-language-python ", "devcluster.providers.kubernetes", "devcluster.providers.random")
"""What a preview's processes are known by: the engine, the language host and the plugins."""


def test_no_process_of_the_cluster_can_be_reached_from_beyond_loopback(synced: RunningStack) -> None:
    started = processes(synced.cluster)
    assert set(started) == {*PROGRAMS, *SUPERVISED, "supervisor"}
    assert all(started.values()), started

    sockets = {name: _of_family(pid) for name, pid in started.items() if pid}

    assert {name for name, found in sockets.items() if not found} <= SILENT, "a search that finds no socket of a server proves nothing"
    assert [f"{name}: {found}" for name in sockets for found in _beyond_loopback(sockets[name])] == []


def test_no_process_of_a_preview_can_be_reached_from_beyond_loopback(synced: RunningStack) -> None:
    sockets: dict[str, set[Reachable]] = {}
    with ThreadPoolExecutor(max_workers=1) as pool:
        preview = pool.submit(synced.preview)
        while not preview.done():
            for pid in family(os.getpid()):
                sockets.setdefault(command_line(pid), set()).update(reachable(pid))
        preview.result()

    for program in PULUMI:
        assert any(found for command, found in sockets.items() if program in command), f"no socket of {program} was seen: {sockets}"
    assert [f"{command}: {found}" for command in sockets for found in _beyond_loopback(sockets[command])] == []


def _of_family(pid: int) -> set[Reachable]:
    return {found for member in family(pid) for found in reachable(member)}


def _beyond_loopback(sockets: set[Reachable]) -> list[Reachable]:
    return [found for found in sockets if not found.address.is_loopback]
