"""The search for sockets finds what there is: a search that finds nothing proves nothing."""

import ipaddress
import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.sockets import Reachable, command_line, family, reachable

EVERYWHERE = ipaddress.IPv4Address("0.0.0.0")  # noqa: S104 - searched for, not bound to
LOOPBACK = ipaddress.IPv4Address("127.0.0.1")
LOOPBACK_6 = ipaddress.IPv6Address("::1")
KINDS = {"tcp": socket.SOCK_STREAM, "udp": socket.SOCK_DGRAM}


@pytest.fixture
def opened() -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    yield sockets
    for each in sockets:
        each.close()


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("address", [EVERYWHERE, LOOPBACK, LOOPBACK_6])
def test_a_socket_is_found_with_its_address_and_port(
    opened: list[socket.socket], protocol: str, address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    opened.append(bound := socket.socket(socket.AF_INET6 if address.version == 6 else socket.AF_INET, KINDS[protocol]))
    bound.bind((str(address), 0))
    if protocol == "tcp":
        bound.listen()

    assert Reachable(protocol, address, bound.getsockname()[1]) in reachable(os.getpid())


def test_a_connection_of_ones_own_is_reachable_for_nobody(opened: list[socket.socket]) -> None:
    opened.append(server := socket.create_server((str(LOOPBACK), 0)))
    before = reachable(os.getpid())
    opened.append(socket.create_connection(server.getsockname()))
    opened.append(asking := socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
    asking.connect(server.getsockname())

    assert reachable(os.getpid()) == before


def test_a_process_that_has_ended_has_neither_sockets_nor_a_command() -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    assert reachable(ended.pid) == set()
    assert command_line(ended.pid) == ""


@pytest.mark.thorough
def test_grandchildren_belong_to_the_family() -> None:
    grandchild = "import subprocess, sys; subprocess.run(['sleep', '60'])"
    child = subprocess.Popen([sys.executable, "-c", grandchild], start_new_session=True)
    try:
        while not any(command_line(pid) == "sleep 60" for pid in family(child.pid)):
            assert child.poll() is None
        assert child.pid in family(os.getpid())
    finally:
        for pid in sorted(family(child.pid)):
            os.kill(pid, 9)
        child.wait()
