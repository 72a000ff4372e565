"""As much of Gitea as deploy keys need: its REST API's answers, read off Gitea 1.26. Not Gitea; on a loopback port."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "a-write-" + "token"
READ_TOKEN = "a-read-" + "token"
POWERLESS_TOKEN = "a-" + "token-for-something-else"
SCOPES = {TOKEN: {"read", "write"}, READ_TOKEN: {"read"}, POWERLESS_TOKEN: set[str]()}

Answer = tuple[int, Any]


@dataclass
class GiteaDouble:
    """Its repositories with their keys, and what it was asked to change."""

    repositories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    """`owner/name` → its deploy keys."""
    not_administered: set[str] = field(default_factory=set)
    personal_keys: set[str] = field(default_factory=set)
    largest_page: int = 50
    changes: list[str] = field(default_factory=list)
    asked: int = 0
    url: str = ""

    def put(self, repository: str, title: str, key: str, *, read_only: bool = True) -> int:
        """A key that is there already."""
        number = 1 + max((each["id"] for keys in self.repositories.values() for each in keys), default=0)
        entry = {"id": number, "title": title, "key": key, "read_only": read_only, "created_at": "2026-11-24T06:00:00Z"}
        self.repositories.setdefault(repository, []).append(entry)
        return number

    def titles(self, repository: str) -> list[str]:
        """The titles of a repository's keys."""
        return [key["title"] for key in self.repositories[repository]]

    def answer(self, method: str, target: str, token: str, body: dict[str, Any]) -> tuple[Answer, int]:
        """Status and document, and the number of all items."""
        self.asked += 1
        path, query = urlsplit(target).path, {key: int(values[0]) for key, values in parse_qs(urlsplit(target).query).items()}
        if token not in SCOPES:
            return (401, {"message": "invalid username, password or token"}), 0
        needed = "read" if method == "GET" else "write"
        if needed not in SCOPES[token]:
            said = f"token does not have at least one of required scope(s), required=[{needed}:repository], token scope=read:user"
            return (403, {"message": said}), 0
        if path == "/api/v1/repos/search":
            return (200, {"ok": True, "data": []}), 0
        parts = path.removeprefix("/api/v1/repos/").split("/")
        repository = "/".join(parts[:2])
        if repository not in self.repositories:
            return (404, {"message": "not found", "errors": None}), 0
        if repository in self.not_administered:
            return (403, {"message": "user should be an owner or a collaborator with admin write of a repository"}), 0
        keys = self.repositories[repository]
        if method == "GET":
            size = min(query["limit"], self.largest_page)
            start = (query["page"] - 1) * size
            return (200, keys[start : start + size]), len(keys)
        if method == "DELETE":
            self.changes.append(f"DELETE {repository} {parts[3]}")
            self.repositories[repository] = [key for key in keys if key["id"] != int(parts[3])]
            return (204, None), 0
        return self._add(repository, keys, body), 0

    def _add(self, repository: str, keys: list[dict[str, Any]], body: dict[str, Any]) -> Answer:
        if body["key"] in self.personal_keys:
            return 422, {"message": "Key content has been used as non-deploy key"}
        if any(key["key"] == body["key"] for key in keys):
            return 422, {"message": "This key has already been added to this repository"}
        if any(key["title"] == body["title"] for key in keys):
            return 422, {"message": "A key with the same name already exists"}
        self.changes.append(f"POST {repository} {body['title']}")
        self.put(repository, body["title"], body["key"], read_only=body["read_only"])
        return 201, keys[-1]


@contextmanager
def serving(double: GiteaDouble) -> Iterator[GiteaDouble]:
    """Answer on a free port of 127.0.0.1 meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            token = (self.headers.get("Authorization") or "").removeprefix("token ")
            (status, document), total = double.answer(self.command, self.path, token, body)
            data = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.send_header("X-Total-Count", str(total))
            self.end_headers()
            self.wfile.write(data)

        def do_GET(self) -> None:
            self._answer()

        def do_POST(self) -> None:
            self._answer()

        def do_DELETE(self) -> None:
            self._answer()

        def log_message(self, *arguments: Any) -> None:
            """Keep quiet."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    double.url = f"http://127.0.0.1:{listener.server_port}"
    try:
        yield double
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
