"""As much of an API server as the `gitops` command meets: discovery, paged lists, annotations, refusals. On a loopback port."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import yaml

PLURALS = {
    "source.toolkit.fluxcd.io/v1": {"gitrepositories": "GitRepository", "helmrepositories": "HelmRepository"},
    "kustomize.toolkit.fluxcd.io/v1": {"kustomizations": "Kustomization"},
    "notification.toolkit.fluxcd.io/v1": {"receivers": "Receiver"},
    "notification.toolkit.fluxcd.io/v1beta3": {"alerts": "Alert", "receivers": "Receiver"},
    "apps/v1": {"deployments": "Deployment"},
    "v1": {"pods": "Pod"},
}
TOKEN = "not-a-real-" + "token"


@dataclass
class FakeApiServer:
    """What it holds, how it refuses, and what it was asked."""

    objects: list[dict[str, Any]] = field(default_factory=list)
    plurals: dict[str, dict[str, str]] = field(default_factory=lambda: dict(PLURALS))
    answers: dict[str, tuple[int, Any]] = field(default_factory=dict)
    """Path → status and body, in place of the ordinary answer; a path may end in `*`."""
    page: int = 500
    asked: list[str] = field(default_factory=list)
    on_patch: Callable[[dict[str, Any], dict[str, Any]], None] = lambda found, patch: None
    """Called with the object of a PATCH and the merge patch."""
    url: str = ""

    def patch(self, target: str, patch: dict[str, Any]) -> tuple[int, Any]:
        self.asked.append(f"PATCH {target}")
        parts = urlsplit(target).path.split("/")[2:]
        kind = self.plurals["/".join(parts[:2])][parts[4]]
        place = (kind, parts[3], parts[5])
        found = next(
            (each for each in self.objects if (each["kind"], each["metadata"]["namespace"], each["metadata"]["name"]) == place), None
        )
        if found is None:
            return 404, {"kind": "Status", "message": "not found"}
        found["metadata"].setdefault("annotations", {}).update(patch["metadata"]["annotations"])
        self.on_patch(found, patch)
        return 200, found

    def answer(self, target: str) -> tuple[int, Any]:
        self.asked.append(target)
        path, query = urlsplit(target).path, parse_qs(urlsplit(target).query)
        for pattern, answer in self.answers.items():
            if path == pattern or (pattern.endswith("*") and path.startswith(pattern[:-1])):
                return answer
        if path.rstrip("/") == "/apis":
            return 200, self._groups()
        parts = path.split("/")[2:] if path.startswith("/apis/") else ["", *path.split("/")[2:]]
        group_version = "/".join(parts[:2]).lstrip("/")
        if group_version not in self.plurals:
            return 404, {"kind": "Status", "message": "not found"}
        if len(parts) == 2:
            return 200, self._resources(group_version)
        namespace = parts[3] if parts[2] == "namespaces" else None
        kind = self.plurals[group_version][parts[-1]]
        items = [item for item in self.objects if item["kind"] == kind and namespace in (None, item["metadata"]["namespace"])]
        if "labelSelector" in query:
            key, _, value = query["labelSelector"][0].partition("=")
            items = [item for item in items if item["metadata"].get("labels", {}).get(key) == value]
        start, limit = int(query.get("continue", ["0"])[0]), min(self.page, int(query["limit"][0]))
        more = {"continue": str(start + limit)} if start + limit < len(items) else {}
        # A real list leaves kind and apiVersion out of its items' place only for built-ins; neither may be relied on.
        shown = [{key: value for key, value in item.items() if key not in {"apiVersion", "kind"}} for item in items[start : start + limit]]
        return 200, {"metadata": more, "items": shown}

    def _groups(self) -> dict[str, Any]:
        groups: dict[str, list[dict[str, str]]] = {}
        for group_version in self.plurals:
            group, _, version = group_version.rpartition("/")
            if not group:
                continue
            groups.setdefault(group, []).append({"groupVersion": group_version, "version": version})
        return {"kind": "APIGroupList", "groups": [{"name": name, "versions": found} for name, found in groups.items()]}

    def _resources(self, group_version: str) -> dict[str, Any]:
        common = {"singularName": "", "namespaced": True}
        kinds = self.plurals[group_version].items()
        listed = [{"name": plural, "kind": kind, "verbs": ["get", "list", "watch"], **common} for plural, kind in kinds]
        subresources = [{"name": f"{plural}/status", "kind": kind, "verbs": ["get", "patch"], **common} for plural, kind in kinds]
        return {"kind": "APIResourceList", "groupVersion": group_version, "resources": [*listed, *subresources]}


@contextmanager
def serving(server: FakeApiServer) -> Iterator[FakeApiServer]:
    """Answer on a free port of 127.0.0.1 meanwhile."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._send(*server.answer(self.path))

        def do_PATCH(self) -> None:
            if self.headers["Content-Type"] != "application/merge-patch+json":
                self._send(415, {"kind": "Status", "message": "this double takes merge patches only"})
                return
            self._send(*server.patch(self.path, json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

        def _send(self, status: int, body: Any) -> None:
            data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *arguments: Any) -> None:
            """Keep quiet."""

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    server.url = f"http://127.0.0.1:{listener.server_port}"
    try:
        yield server
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


def write_kubeconfig(path: Path, server: str, context: str = "fake", user: dict[str, Any] | None = None) -> Path:
    """A kubeconfig with one context."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": context,
        "contexts": [{"name": context, "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": {"server": server}}],
        "users": [{"name": "u", "user": {"token": TOKEN} if user is None else user}],
    }
    path.write_text(yaml.safe_dump(document))
    return path
