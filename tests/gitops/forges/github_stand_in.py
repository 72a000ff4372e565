"""A stand-in for GitHub: as much of its REST API as deploy keys need, written from its documentation. GitHub itself is nowhere here."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

TOKEN = "gh-" + "token"
API = "/api/v3"
"""Of an Enterprise Server, as which it is asked."""

Answer = tuple[int, Any, dict[str, str]]


@dataclass
class GitHubStandIn:
    """Its repositories with their keys, and what it was asked."""

    repositories: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    refuse_with: Answer | None = None
    """What it answers to every question about a repository."""
    largest_page: int = 100
    changes: list[str] = field(default_factory=list)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    """Method with target, and the headers in lower case."""
    url: str = ""

    def put(self, repository: str, title: str, key: str, *, read_only: bool = True) -> int:
        """A key that is there already. GitHub leaves out the comment of a key."""
        number = 1 + sum(len(keys) for keys in self.repositories.values())
        key = " ".join(key.split()[:2])
        entry = {"id": number, "title": title, "key": key, "read_only": read_only, "created_at": "2026-11-24T06:00:00Z", "verified": True}
        self.repositories[repository].append(entry)
        return number

    def titles(self, repository: str) -> list[str]:
        """The titles of a repository's keys."""
        return [key["title"] for key in self.repositories[repository]]

    def answer(self, method: str, target: str, token: str, body: dict[str, Any]) -> Answer:
        """Status, document and headers."""
        path, query = urlsplit(target).path.removeprefix(API), parse_qs(urlsplit(target).query)
        if token != f"Bearer {TOKEN}":
            return 401, {"message": "Bad credentials"}, {}
        if path == "/meta":
            return 200, {"verifiable_password_authentication": False, "installed_version": "3.20.0"}, {}
        if self.refuse_with is not None:
            return self.refuse_with
        parts = path.removeprefix("/repos/").split("/")
        repository = "/".join(parts[:2])
        if repository not in self.repositories:
            return 404, {"message": "Not Found"}, {}
        keys = self.repositories[repository]
        if method == "GET":
            return self._page(keys, int(query["per_page"][0]), int(query["page"][0]), path)
        if method == "DELETE":
            self.changes.append(f"DELETE {repository} {parts[3]}")
            self.repositories[repository] = [key for key in keys if key["id"] != int(parts[3])]
            return 204, None, {}
        if any(key["key"] == body["key"] for each in self.repositories.values() for key in each):
            errors = [{"resource": "PublicKey", "code": "custom", "field": "key", "message": "key is already in use"}]
            return 422, {"message": "Validation Failed", "errors": errors}, {}
        self.changes.append(f"POST {repository} {body['title']}")
        self.put(repository, body["title"], body["key"], read_only=body["read_only"])
        return 201, keys[-1], {}

    def _page(self, keys: list[dict[str, Any]], wanted: int, number: int, path: str) -> Answer:
        size = min(wanted, self.largest_page)
        page = keys[(number - 1) * size : number * size]
        # Where it leads is nobody's: whoever follows it would carry the token there.
        link = {"Link": f'<https://elsewhere.test{path}?page={number + 1}>; rel="next"'} if number * size < len(keys) else {}
        return 200, page, link


@contextmanager
def serving(stand_in: GitHubStandIn) -> Iterator[GitHubStandIn]:
    """Answer on a free port of 127.0.0.1 meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def _answer(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers.get("Content-Length") or 0)) or b"{}")
            stand_in.asked.append((f"{self.command} {self.path}", {name.lower(): value for name, value in self.headers.items()}))
            status, document, headers = stand_in.answer(self.command, self.path, self.headers.get("Authorization") or "", body)
            data = document if isinstance(document, bytes) else b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
                self.send_header(name, value)
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
    stand_in.url = f"http://127.0.0.1:{listener.server_port}"
    try:
        yield stand_in
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
