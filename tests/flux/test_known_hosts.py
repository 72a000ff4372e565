"""known_hosts lines, read as Flux reads them: a key that is none, and a line that is for another server."""

import base64
import hashlib
import hmac
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as some

from flux.keys.known_hosts import _is_like, fault_of_known_hosts, keyscan, knows, looked_up_as
from tests.keys import Key, host_key, rsa_key

KEY = host_key()
KIND, BASE64 = KEY.split(" ")


def line_of(key: Key) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def hashed(name: str, version: str = "1") -> str:
    """As `ssh-keygen -H` writes it."""
    salt = b"twenty bytes of salt"
    encoded = (base64.b64encode(each).decode() for each in (salt, hmac.digest(salt, name.encode(), hashlib.sha1)))
    return "|".join(["", version, *encoded])


@pytest.mark.parametrize(
    "text",
    [
        f"git.test {KEY}",
        f"\n# a comment\ngit.test\t{KEY} and a comment\r\n  [git.test]:2222 {KEY}\n",
        f"@cert-authority *.test {KEY}\n@revoked * {KEY}",
        f"{hashed('git.test')} {KEY}",
        f"git.test {line_of(rsa_key())}",
        *(f"git.test {line_of(ec.generate_private_key(curve))}" for curve in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())),
    ],
)
def test_what_flux_reads_has_no_fault(text: str) -> None:
    assert fault_of_known_hosts(text) is None


def test_a_key_of_a_type_that_is_unknown_here_may_be_right() -> None:
    kind = b"ssh-falcon512@test"
    assert fault_of_known_hosts(f"git.test {kind.decode()} {base64.b64encode(len(kind).to_bytes(4, 'big') + kind).decode()}") is None


@pytest.mark.parametrize(
    ("line", "words"),
    [
        *((f"git.test {KIND} {BASE64[:length]}", "incomplete") for length in range(1, len(BASE64))),
        (f"git.test ssh-rsa {BASE64}", "a different type from its label"),
        (f"git.test {line_of(rsa_key())[:-8]}", "incomplete"),
        (f"git.test {KIND} {base64.b64encode(base64.b64decode(BASE64) + b'more').decode()}", "extra characters at its end"),
        (f"git.test {KIND} {base64.b64encode(base64.b64decode(BASE64) + bytes(4)).decode()}", "extra characters at its end"),
        (f"git.test {KIND} {BASE64.replace('A', '!', 1)}", "not valid base64"),
        (f"git.test {KIND} {BASE64[:20]}!{BASE64[20:]}", "not valid base64"),
        ("git.test", "has no key after the host"),
        ("@cert-authority", "has no key after the host"),
        (f"git.test {BASE64}", "has no key after the host"),
        (f"[git.test] {KEY}", "brackets without a port"),
        (f"git.test,![other.test] {KEY}", "brackets without a port"),
    ],
)
def test_a_line_that_flux_cannot_read_is_told_by_its_number_and_never_repeated(line: str, words: str) -> None:
    fault = fault_of_known_hosts(f"# a comment\ngit.test {KEY}\n{line}\n")

    assert fault is not None
    assert words in fault.wrong
    assert "(line 3)" in fault.wrong
    assert "AAAA" not in str(fault)


URL = "ssh://git@git.test/org"
WITH_PORT = "ssh://git@git.test:2222/org"


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("git.test", URL),
        ("git.test", "ssh://git@git.test:22/org"),
        ("GIT.test", "ssh://git@git.TEST/org"),
        ("other.test,git.test,192.0.2.1", URL),
        ("*.test", URL),
        ("g?t.*", URL),
        ("*", URL),
        ("[git.test]:22", URL),
        ("[git.test]:2222", WITH_PORT),
        ("git.test:2222", WITH_PORT),
        ("[*.test]:2222", WITH_PORT),
        ("!other.test,*.test", URL),
        ("@cert-authority *.test", URL),
        (hashed("git.test"), URL),
        (hashed("[git.test]:2222"), WITH_PORT),
        (hashed("other.test", version="2"), URL),
        ("|1|not base64|x", URL),
        ("::1", "ssh://git@[::1]/org"),
        ("[::1]:2222", "ssh://git@[::1]:2222/org"),
        (hashed("[::1]"), "ssh://git@[::1]/org"),
        ("other.test", "ssh://git@git.test:port/org"),
        ("other.test", "ssh:///org"),
    ],
)
def test_a_line_for_the_server_is_enough_and_in_doubt_it_is_one(hosts: str, url: str) -> None:
    assert knows(f"# a comment\nelsewhere.test {KEY}\n{hosts} {KEY}", url)


@pytest.mark.parametrize(
    ("hosts", "url"),
    [
        ("other.test", URL),
        ("git.test.", URL),
        ("git", URL),
        ("git?test?", URL),
        ("gitxtest", URL),
        ("[git.test]:2222", URL),
        ("git.test", WITH_PORT),
        ("*", WITH_PORT),
        ("[git.test]:22", WITH_PORT),
        ("*.test,!git.test", URL),
        ("!other.test", URL),
        ("@revoked git.test", URL),
        (hashed("other.test"), URL),
        (hashed("git.test"), WITH_PORT),
        (hashed("[git.test]:22"), URL),
    ],
)
def test_a_line_for_another_server_is_none(hosts: str, url: str) -> None:
    assert not knows(f"{hosts} {KEY}", url)


@pytest.mark.skipif(shutil.which("ssh-keygen") is None, reason="ssh-keygen is not installed")
@pytest.mark.parametrize("url", [URL, WITH_PORT, "ssh://git@[::1]:2222/org"])
def test_the_line_that_is_told_fits_also_for_ssh_keygen(url: str, tmp_path: Path) -> None:
    """`ssh-keygen -F` looks a server up as ssh does."""
    file = tmp_path / "known_hosts"
    file.write_text(f"{looked_up_as(url)} {KEY}\n")
    found = subprocess.run(["ssh-keygen", "-F", looked_up_as(url), "-f", file], capture_output=True, check=False)
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", file], capture_output=True, check=True)

    assert found.returncode == 0
    assert file.read_text().startswith("|1|")
    assert knows(file.read_text(), url)
    assert not knows(file.read_text(), "ssh://git@other.test/org")


def test_the_command_asks_at_the_port() -> None:
    assert keyscan(URL) == "ssh-keyscan git.test"
    assert keyscan(WITH_PORT) == "ssh-keyscan -p 2222 git.test"


@given(pattern=some.text(alphabet="ab*?.", max_size=8), name=some.text(alphabet="ab.", max_size=8))
def test_a_pattern_fits_the_names_that_it_says(pattern: str, name: str) -> None:
    expression = "".join({"*": ".*", "?": "."}.get(letter, re.escape(letter)) for letter in pattern)
    assert _is_like(pattern, name) == bool(re.fullmatch(expression, name))


def test_no_pattern_of_a_host_takes_long() -> None:
    started = time.process_time()
    assert not _is_like("*a" * 1_000 + "b", "a" * 253)
    assert time.process_time() - started < 5
