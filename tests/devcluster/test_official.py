"""Official binaries take the place of a build only with their pinned checksums; whatever fails, the tool is built."""

import hashlib
import io
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from devcluster.messages.errors import DevclusterError
from devcluster.toolchain import official
from devcluster.toolchain.build_tools import build_missing_tools, entry
from devcluster.toolchain.go import go_command
from devcluster.toolchain.official import PLATFORMS, checksums, this_platform
from devcluster.toolchain.official_download import AS_IT_IS
from devcluster.toolchain.pin import _files as every_file
from devcluster.toolchain.pin import pin
from devcluster.toolchain.tool import load_tool
from tests.devcluster.toolchain import FakeToolchain, fake_toolchain

PROGRAM = b"#!/bin/sh\necho the official one\n"


class Server(ThreadingHTTPServer):
    """Serves files of the test's own making on loopback, and notes what is asked for."""

    def __init__(self, root: Path) -> None:
        self.root, self.asked = root, list[str]()
        super().__init__(("127.0.0.1", 0), partial(Handler, directory=str(root)))

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def put(self, path: str, content: bytes) -> str:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
        return hashlib.sha256(content).hexdigest()


class Handler(SimpleHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        super().do_GET()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "served").mkdir()
    with Server(tmp_path / "served") as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def toolchain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeToolchain]:
    made = fake_toolchain(tmp_path, monkeypatch)
    made.write("small", go_mod="module small\n\nrequire example.org/small v1.2.3\n")
    monkeypatch.setattr(official, "TOOLS_DIRECTORY", made.tools)
    monkeypatch.setattr(official, "TABLE", tmp_path / "official.yaml")
    monkeypatch.setattr(official, "CHECKSUMS", tmp_path / "official.sha256")
    monkeypatch.setattr("devcluster.toolchain.pin.CHECKSUMS", tmp_path / "official.sha256")
    monkeypatch.setattr(official, "LOCK", tmp_path / "pulumi.sha256")
    monkeypatch.setattr("devcluster.toolchain.pin.LOCK", tmp_path / "pulumi.sha256")
    official.CHECKSUMS.write_text("")
    official._read_checksums.cache_clear()
    monkeypatch.setattr("devcluster.toolchain.pin.PACKAGES", ())
    yield made
    official._read_checksums.cache_clear()
    go_command.cache_clear()


def table(url: str, more: str = "") -> None:
    official.TABLE.write_text(f"programs: {{small: {{module: example.org/small, url: '{url}', checksums: '{url}.sha256'{more}}}}}\n")


def accept(url: str, digest: str) -> None:
    official.CHECKSUMS.write_text(f"{digest}  {url}\n")
    official._read_checksums.cache_clear()


def made() -> Path:
    return entry(load_tool("small")) / "bin" / "small"


def archive(member: str) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as tar:
        info = tarfile.TarInfo(member)
        info.size = len(PROGRAM)
        tar.addfile(info, io.BytesIO(PROGRAM))
    return packed.getvalue()


@pytest.mark.thorough
def test_a_file_with_the_pinned_checksum_is_the_program(server: Server, toolchain: FakeToolchain) -> None:
    table(f"{server.url}/v{{version}}/{{program}}-{{platform}}")
    path = f"v1.2.3/small-{this_platform()}"
    accept(f"{server.url}/{path}", server.put(path, PROGRAM))
    build_missing_tools()
    assert made().read_bytes() == PROGRAM
    assert made().stat().st_mode & 0o111
    assert toolchain.calls == [], "nothing is built"
    assert (entry(load_tool("small")) / "official").read_text() == f"{server.url}/{path}\n"


def test_a_program_is_taken_out_of_an_archive(server: Server, toolchain: FakeToolchain) -> None:
    table(f"{server.url}/small-v{{version}}.tar.gz", ", members: {small: 'small-v{version}/bin/small'}")
    accept(f"{server.url}/small-v1.2.3.tar.gz", server.put("small-v1.2.3.tar.gz", archive("small-v1.2.3/bin/small")))
    build_missing_tools()
    assert made().read_bytes() == PROGRAM
    assert toolchain.calls == []


@pytest.mark.thorough
def test_without_a_checksum_nothing_is_asked_for(server: Server, toolchain: FakeToolchain) -> None:
    table(f"{server.url}/small")
    server.put("small", PROGRAM)
    build_missing_tools()
    assert made().read_text() == "a program"
    assert server.asked == []


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (PROGRAM + b"more", "has the checksum"),
        pytest.param(None, "127.0.0.1 answered 404", marks=pytest.mark.thorough),
    ],
)
def test_what_cannot_be_accepted_is_built_and_that_is_one_line(
    content: bytes | None, told: str, server: Server, toolchain: FakeToolchain, capsys: pytest.CaptureFixture[str]
) -> None:
    table(f"{server.url}/small")
    accept(f"{server.url}/small", hashlib.sha256(PROGRAM).hexdigest())
    if content:
        server.put("small", content)
    build_missing_tools()
    assert made().read_text() == "a program"
    said = [line for line in capsys.readouterr().err.splitlines() if "built instead" in line]
    assert len(said) == 1
    assert told in said[0]
    assert toolchain.left_at_last({f"tools/{load_tool('small').key}"}) == {f"tools/{load_tool('small').key}"}


@pytest.mark.thorough
def test_an_archive_without_the_program_is_not_accepted(
    server: Server, toolchain: FakeToolchain, capsys: pytest.CaptureFixture[str]
) -> None:
    table(f"{server.url}/small.tar.gz", ", members: {small: bin/small}")
    accept(f"{server.url}/small.tar.gz", server.put("small.tar.gz", archive("elsewhere/small")))
    build_missing_tools()
    assert made().read_text() == "a program"
    assert "the archive has no file bin/small" in capsys.readouterr().err


@pytest.mark.thorough
def test_a_host_that_cannot_be_reached_is_tried_once(server: Server, toolchain: FakeToolchain, capsys: pytest.CaptureFixture[str]) -> None:
    server.server_close()
    toolchain.write(
        "large", go_mod="module large\n\nrequire example.org/large v1.0.0\n", go_sum="", tool_yaml="programs: {large: example.org/large}\n"
    )
    official.TABLE.write_text(
        "programs:\n"
        + "".join(f"  {name}: {{module: example.org/{name}, url: '{server.url}/{name}', checksums: ''}}\n" for name in ("large", "small"))
    )
    official.CHECKSUMS.write_text("".join(f"{'0' * 64}  {server.url}/{name}\n" for name in ("large", "small")))
    build_missing_tools()
    said = [line for line in capsys.readouterr().err.splitlines() if "built instead" in line]
    assert "the official large: 127.0.0.1 cannot be reached: " in said[0]
    assert said[1].endswith("the official small: 127.0.0.1 cannot be reached; it is built instead"), "once was enough to know"


@pytest.mark.thorough
def test_a_checksum_is_for_one_version(server: Server, toolchain: FakeToolchain) -> None:
    table(f"{server.url}/v{{version}}/small")
    accept(f"{server.url}/v1.2.3/small", server.put("v1.2.3/small", PROGRAM))
    toolchain.write("small", go_mod="module small\n\nrequire example.org/small v1.2.4\n")
    build_missing_tools()
    assert made().read_text() == "a program"
    assert server.asked == []


@pytest.mark.parametrize("form", ["{digest}\n", "{other}  other\n{digest}  small\n", "{digest} *dist/small\n"])
def test_pinning_writes_what_the_project_publishes(form: str, server: Server, toolchain: FakeToolchain) -> None:
    table(f"{server.url}/{{platform}}/small")
    digests = {platform: hashlib.sha256(platform.encode()).hexdigest() for platform in PLATFORMS}
    for platform, digest in digests.items():
        server.put(f"{platform}/small.sha256", form.format(digest=digest, other="0" * 64).encode())
    lines = [f"{digest}  {server.url}/{platform}/small" for platform, digest in digests.items()]
    assert pin() == lines
    assert official.CHECKSUMS.read_text().splitlines() == lines


@pytest.mark.parametrize(("published", "told"), [(b"<html>", "has 0 SHA-256 checksums of small"), (None, "was answered with 404")])
def test_pinning_writes_nothing_when_a_checksum_is_missing(
    published: bytes | None, told: str, server: Server, toolchain: FakeToolchain
) -> None:
    table(f"{server.url}/small")
    accept(f"{server.url}/small", "1" * 64)
    if published:
        server.put("small.sha256", published)
    with pytest.raises(DevclusterError, match=told):
        pin()
    assert official.CHECKSUMS.read_text() == f"{'1' * 64}  {server.url}/small\n"


def test_every_pinned_checksum_is_of_a_file_that_the_table_names() -> None:
    files = {file.url for platform in PLATFORMS for file in every_file(platform)}
    assert {url for url in files if url.startswith("https://")} == files
    assert set(checksums()) <= files, "a checksum of another version is of no use: `.venv/bin/python -m devcluster pin`"


def test_no_server_may_pack_what_is_hashed() -> None:
    assert AS_IT_IS == {"Accept-Encoding": "identity"}
