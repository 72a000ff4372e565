"""The keys of SSH servers that Flux trusts: known_hosts lines, read as fluxcd/pkg's ssh/knownhosts reads them.

That refuses all lines when it cannot read one of them, and looks a server up as `host`, or as `[host]:port` where the port is not 22.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Iterator

from flux.addresses import address_of
from flux.keys.ssh_public_keys import fault_of_public_key
from flux.message import Message

COMPARED = "that `ssh-keyscan <host>` prints, after comparing it with what the host publishes."
WRITE_THE_LINE = f"Write the line {COMPARED}"
_REVOKED = "@revoked"
_MARKERS = ("@cert-authority", _REVOKED)
_IN_BRACKETS = re.compile(r"^\[(?P<host>[^\]]+)\]:(?P<port>\d+)$")
_SSH_PORT = 22
_Line = tuple[str, str, list[str]]
"""Marker, patterns of hosts, and what follows them: type and key."""


def fault_of_known_hosts(text: str) -> Message | None:
    """What is wrong with the first line that Flux could not read; holds nothing of it. None when it can read all."""
    for number, (_, hosts, rest) in _lines(text):
        wrong = _wrong_with_hosts(hosts) or _wrong_with_key(rest)
        if wrong:
            return Message(f"{wrong} (line {number})", "Flux would refuse all lines, and could not connect.", WRITE_THE_LINE)
    return None


def knows(text: str, url: str) -> bool:
    """Whether a line of `text` is for the server of `url`. In doubt it is: also where the URL cannot be read."""
    address = _address(url)
    return address is None or any(marker != _REVOKED and _is_for(hosts, *address) for _, (marker, hosts, _) in _lines(text))


def lines_for(text: str, url: str) -> list[str]:
    """The lines of `text` only for the server of `url`, each as `host type key`: also where `text` has hashed or several names."""
    address = _address(url)
    if address is None:
        return []
    found = (rest[:2] for _, (marker, hosts, rest) in _lines(text) if not marker and len(rest) >= 2 and _is_for(hosts, *address))
    return list(dict.fromkeys(" ".join([looked_up_as(url), *key]) for key in found))


def looked_up_as(url: str) -> str:
    """`host`, or `[host]:port`: what the line of the server of `url` begins with."""
    host, port = _address(url) or ("<host>", _SSH_PORT)
    return host if port == _SSH_PORT else f"[{host}]:{port}"


def keyscan(url: str) -> str:
    """The command that prints the line of the server of `url`."""
    host, port = _address(url) or ("<host>", _SSH_PORT)
    return f"ssh-keyscan {'' if port == _SSH_PORT else f'-p {port} '}{host}"


def _lines(text: str) -> Iterator[tuple[int, _Line]]:
    """The lines that are no comments, by their number."""
    for number, line in enumerate(text.splitlines(), start=1):
        words = line.split()
        if not words or words[0].startswith("#"):
            continue
        marker = words.pop(0) if words[0] in _MARKERS else ""
        yield number, (marker, words[0] if words else "", words[1:])


def _wrong_with_hosts(hosts: str) -> str:
    if any(each.startswith("[") and not _IN_BRACKETS.match(each) for each in _patterns(hosts)):
        return "names a host in brackets without a port after them: write host, or [host]:port"
    return ""


def _wrong_with_key(rest: list[str]) -> str:
    """`rest` is type and key; anything may follow, as a comment."""
    if len(rest) < 2:
        return "has no key after the host: a line is `host type key`"
    fault = fault_of_public_key(rest[0], rest[1])
    return f"holds a key that {fault.wrong}" if fault else ""


def _address(url: str) -> tuple[str, int] | None:
    address = address_of(url)
    return (address.host, address.port or _SSH_PORT) if address else None


def _is_for(hosts: str, host: str, port: int) -> bool:
    """One pattern that fits is enough, unless one that is negated fits, too."""
    if hosts.startswith("|"):
        return _is_hash_of(hosts, host, port)
    fitting = [each.startswith("!") for each in hosts.split(",") if _fits(each.removeprefix("!"), host, port)]
    return bool(fitting) and not any(fitting)


def _patterns(hosts: str) -> list[str]:
    return [each.removeprefix("!") for each in hosts.split(",") if each]


def _fits(pattern: str, host: str, port: int) -> bool:
    if found := _IN_BRACKETS.match(pattern):
        name, of_port = found["host"], found["port"]
    else:
        name, separator, of_port = pattern.partition(":")
        if not separator or ":" in of_port:  # the colons of an IPv6 address come before no port
            name, of_port = pattern, str(_SSH_PORT)
    return of_port == str(port) and _is_like(name.lower(), host.lower())


def _is_like(pattern: str, name: str) -> bool:
    """Whether a pattern with `*` and `?` fits a name. Each `*` is given back letters only to the last one: no pattern takes long."""
    at = index = 0
    last_star, taken = -1, 0
    while index < len(name):
        letter = pattern[at] if at < len(pattern) else ""
        if letter == "*":
            last_star, taken = at, index
            at += 1
        elif letter in ("?", name[index]):
            at, index = at + 1, index + 1
        elif last_star >= 0:
            taken += 1
            at, index = last_star + 1, taken
        else:
            return False
    return not pattern[at:].strip("*")


def _is_hash_of(hosts: str, host: str, port: int) -> bool:
    """`|1|salt|hash`; of another version, or unreadable, it may be for any server."""
    _, version, *salt_and_hash = hosts.split("|")
    try:
        salt, expected = (base64.b64decode(each, validate=True) for each in salt_and_hash)
    except (binascii.Error, ValueError):
        return True
    names = [host, f"[{host}]"] if port == _SSH_PORT else [f"[{host}]:{port}"]
    return version != "1" or any(hmac.digest(salt, name.encode(), hashlib.sha1) == expected for name in names)
