"""Nothing of the embedded cluster listens beyond loopback."""

import ipaddress
import socket
import struct
from pathlib import Path

from devcluster.demo import processes
from tests.e2e.running_stack import RunningStack

LISTEN = "0A"


def test_every_listening_socket_is_on_loopback(synced: RunningStack) -> None:
    pids = {name: pid for name, pid in processes(synced.cluster).items() if pid}
    sockets = {name: _listening(pid) for name, pid in pids.items()}
    assert {"kube-apiserver", "etcd", "gitea", "source-controller", "kustomize-controller"} <= set(sockets), sockets
    assert len(sockets["kube-apiserver"]) > 0, "a search that finds no socket of the API server proves nothing"
    beyond = [f"{name} listens on {address}" for name, addresses in sockets.items() for address in addresses if not address.is_loopback]
    assert beyond == []


def _listening(pid: int) -> list[ipaddress.IPv4Address | ipaddress.IPv6Address]:
    inodes = set()
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(descriptor.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            inodes.add(target[len("socket:[") : -1])
    found = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/{pid}/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == LISTEN and fields[9] in inodes:
                found.append(_address(fields[1].split(":")[0]))
    return found


def _address(text: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    words = [int(text[start : start + 8], 16) for start in range(0, len(text), 8)]
    packed = struct.pack(f"={len(words)}I", *words)
    if len(packed) == 4:
        return ipaddress.IPv4Address(socket.inet_ntop(socket.AF_INET, packed))
    address = ipaddress.IPv6Address(packed)
    return address.ipv4_mapped or address
