"""Real repositories to fetch from: in a directory, over HTTP behind a login, and over what looks like SSH."""

import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory

IDENTITY = {f"GIT_{who}_{what}": "person@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
FAKE_SSH = """#!/bin/sh
FAKE_SSH_LOG="$(dirname "$0")/../log"
printf '%s\\n' "$@" > "$FAKE_SSH_LOG"
while [ $# -gt 1 ]; do
  if [ "$1" = -i ]; then stat -c %a "$2" >> "$FAKE_SSH_LOG"; cat "$2" >> "$FAKE_SSH_LOG"; fi
  case $1 in UserKnownHostsFile=*) eval "cat ${1#*=} 2>/dev/null" > "$FAKE_SSH_LOG.known";; esac
  shift
done
exec sh -c "$1"
"""
"""Lies in a folder `bin`, and notes in `log` beside it its arguments, the mode of the key's file and the key,
and elsewhere the known hosts; then does what the far end would."""


def git(*arguments: str, at: Path) -> str:
    environment = {"PATH": os.environ["PATH"], "HOME": str(at), "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", **IDENTITY}
    return subprocess.run(["git", *arguments], cwd=at, env=environment, capture_output=True, text=True, check=True).stdout.strip()


def bare_repository(folder: Path, files: Mapping[str, str], branch: str = "main") -> Path:
    """A bare repository with one commit that holds `files`, and the work tree `work` of which it was made."""
    made = _repository_of(branch, frozenset(files.items()))
    for name in ("work", "repository.git"):
        shutil.copytree(Path(made.name) / name, folder / name)
    return folder / "repository.git"


@cache
def _repository_of(branch: str, files: frozenset[tuple[str, str]]) -> "TemporaryDirectory[str]":
    """Several processes of git, once for all tests that begin with the same files; it is removed when the tests end."""
    kept = TemporaryDirectory(prefix="repository-of-tests-")
    folder = Path(kept.name)
    git("init", "--quiet", "--template=", f"--initial-branch={branch}", str(folder / "work"), at=folder)
    committed(folder / "work", dict(files))
    git("repack", "-a", "-d", "--quiet", at=folder / "work")  # one file to copy instead of one for each object
    git("clone", "--quiet", "--bare", "--template=", str(folder / "work"), "repository.git", at=folder)
    return kept


def committed(work: Path, files: Mapping[str, str]) -> str:
    """Commit `files` in a work tree; the commit."""
    for path, content in files.items():
        (work / path).parent.mkdir(parents=True, exist_ok=True)
        (work / path).write_text(content)
    git("add", "--force", "--all", ".", at=work)
    git("commit", "--quiet", "-m", "change", at=work)
    return git("rev-parse", "HEAD", at=work)


@contextmanager
def served(repository: Path, authorization: str | None = None) -> Iterator[str]:
    """The URL of `repository` over HTTP; with `authorization`, only for requests whose header is exactly that."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            if authorization and self.headers.get("Authorization") != authorization:
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="test"')
                self.end_headers()
                return
            path, _, query = self.path.partition("?")
            environment = {
                "PATH": os.environ["PATH"],
                "GIT_PROJECT_ROOT": str(repository.parent),
                "GIT_HTTP_EXPORT_ALL": "1",
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "REQUEST_METHOD": self.command,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
            }
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said = subprocess.run(["git", "http-backend"], env=environment, input=body, capture_output=True, check=True).stdout
            head, _, content = said.partition(b"\r\n\r\n")
            headers = dict(line.split(": ", 1) for line in head.decode().splitlines())
            self.send_response(int(headers.pop("Status", "200").split()[0]))
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = _answer  # noqa: N815 (names that the base class calls)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/{repository.name}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
