"""On which addresses processes can be reached, as the kernel tells it."""

import ipaddress
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from devcluster.machine.processes import StartedProcess

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

LISTENING = "0A"
UNCONNECTED = "07"
TABLES = {"tcp": LISTENING, "tcp6": LISTENING, "udp": UNCONNECTED, "udp6": UNCONNECTED}
"""Table of the kernel → the state of a socket in it to which anybody may talk."""


@dataclass(frozen=True)
class Reachable:
    """A listening TCP socket, or a bound UDP socket that is connected to nobody."""

    protocol: str
    address: Address
    port: int


def reachable(pid: int) -> set[Reachable]:
    """The sockets of process `pid` to which anybody may talk; none when it has ended."""
    inodes, found = _inodes(pid), set()
    for table, state in TABLES.items():
        for fields in _rows(pid, table):
            if fields[3] == state and fields[9] in inodes:
                address, _, port = fields[1].partition(":")
                found.add(Reachable(table[:3], _address(address), int(port, 16)))
    return found


def family(pid: int) -> set[int]:
    """`pid`, its children, theirs, and so on."""
    children: dict[int, list[int]] = {}
    for process in Path("/proc").glob("[0-9]*"):
        if stat := _text(process / "stat"):
            # The program's name is in parentheses and may hold anything; the parent is the second field after it.
            children.setdefault(int(stat.rpartition(")")[2].split()[1]), []).append(int(process.name))
    found, left = set(), [pid]
    while left:
        found.add(member := left.pop())
        left += children.get(member, [])
    return found


def command_line(pid: int) -> str:
    """The command of a process; nothing when it has ended."""
    return _text(Path(f"/proc/{pid}/cmdline")).replace("\0", " ").strip()


def _inodes(pid: int) -> set[str]:
    links = set()
    try:
        for descriptor in Path(f"/proc/{pid}/fd").iterdir():
            try:
                links.add(str(descriptor.readlink()))
            except FileNotFoundError:
                continue
    except OSError:
        if StartedProcess.of(pid) is not None:  # what is alive and hides its sockets is no proof
            raise
        return set()
    return {link[len("socket:[") : -1] for link in links if link.startswith("socket:[")}


def _rows(pid: int, table: str) -> Iterator[list[str]]:
    return (line.split() for line in _text(Path(f"/proc/{pid}/net/{table}")).splitlines()[1:])


def _text(file: Path) -> str:
    try:
        return file.read_text(errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _address(text: str) -> Address:
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if len(packed) == 4:
        return ipaddress.IPv4Address(socket.inet_ntop(socket.AF_INET, packed))
    address = ipaddress.IPv6Address(packed)
    return address.ipv4_mapped or address
