"""A double of a forge's comments, in process: as much of the APIs of Gitea and GitHub as they differ in."""

import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

LARGEST = {"gitea": 10_000_000, "github": 65_536}


def answer(status: int, document: Any, headers: dict[str, str] | None = None) -> httpx.Response:
    """An answer that is read as one from a network."""
    return httpx.Response(status, headers=headers, stream=httpx.ByteStream(json.dumps(document).encode()))


@dataclass
class ForgeDouble:
    """One pull request with its comments, and what it does in place of answering."""

    kind: str
    path: str = "org/name"
    number: int = 7
    login: str | None = "robot"
    """None: the token may not ask."""
    comments: list[dict[str, Any]] = field(default_factory=list)
    issues: list[dict[str, Any]] = field(default_factory=list)
    """The newest first, as both forges list them."""
    failures: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """Status and headers of the next answers."""
    lose_answers: int = 0
    """So many writing requests are done, and answered with 502."""
    largest_page: int = 30
    failures_of_writing: list[tuple[int, dict[str, str]]] = field(default_factory=list)
    """The same, for requests that write."""
    fail_page: int = 0
    """This page is answered with 502, once."""
    asked: list[str] = field(default_factory=list)
    authorization: str = ""
    """The kind of Authorization of the last request."""
    read_only: bool = False

    def put(self, body: str, login: str) -> int:
        """A comment that is there."""
        number = 1 + len(self.comments)
        self.comments.append({"id": number, "body": body, "user": {"login": login}})
        return number

    def open(self, body: str, login: str | None, *, state: str = "open", **more: Any) -> dict[str, Any]:
        """An issue that is there."""
        user = {"login": login or ("github-actions[bot]" if self.kind == "github" else "gitea-actions")}
        self.issues.insert(0, {"number": 100 + len(self.issues), "body": body, "user": user, "state": state, **more})
        return self.issues[0]

    def bodies(self) -> list[str]:
        """The texts of all comments."""
        return [each["body"] for each in self.comments]

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """The answer."""
        path = urlsplit(str(request.url)).path.removeprefix("/api/v3").removeprefix("/api/v1")
        self.asked.append(f"{request.method} {path}")
        self.authorization = request.headers.get("authorization", "").partition(" ")[0]
        failures = self.failures or (self.failures_of_writing if request.method != "GET" else [])
        if failures:
            status, headers = failures.pop(0)
            return answer(status, {"message": headers.pop("X-Message", "not now")}, headers)
        if path == "/user":
            if self.login is None:
                return answer(403, {"message": "Resource not accessible by integration"})
            return answer(200, {"login": self.login, "id": 1})
        if request.method == "GET":
            query = parse_qs(urlsplit(str(request.url)).query)
            if path == f"/repos/{self.path}/issues":
                shown = [each for each in self.issues if query.get("state") == ["all"] or each["state"] == "open"]
                return self._page(query, shown)
            return self._page(query, self.comments)
        if self.read_only:
            return answer(403, {"message": "Resource not accessible by integration"})
        if re.fullmatch(rf"/repos/{self.path}/issues(/[0-9]+)?", path):
            return self._issue(path, json.loads(request.content))
        return self._written(request, path, json.loads(request.content)["body"])

    def _issue(self, path: str, asked: dict[str, Any]) -> httpx.Response:
        if path.endswith("/issues"):
            found, status = self.open(asked["body"], self.login, title=asked["title"]), 201
        else:
            found, status = next(each for each in self.issues if path.endswith(f"/issues/{each['number']}")), 200 + (self.kind == "gitea")
            found.update(asked)
        if self.lose_answers:
            self.lose_answers -= 1
            return answer(502, {"message": "Bad Gateway"})
        return answer(status, found)

    def _page(self, query: dict[str, list[str]], listed: list[dict[str, Any]]) -> httpx.Response:
        is_gitea = self.kind == "gitea"
        if is_gitea and listed is self.comments:
            return answer(200, listed, {"X-Total-Count": str(len(listed))})
        size, number = min(int(query["limit" if is_gitea else "per_page"][0]), self.largest_page), int(query["page"][0])
        if number == self.fail_page:
            self.fail_page = 0
            return answer(502, {"message": "Bad Gateway"})
        page = listed[(number - 1) * size : number * size]
        more = number * size < len(listed)
        if is_gitea:
            return answer(200, page, {"X-Total-Count": str(len(listed))})
        return answer(200, page, {"Link": '<https://elsewhere.test>; rel="next"'} if more else {})

    def _written(self, request: httpx.Request, path: str, body: str) -> httpx.Response:
        if len(body) > LARGEST[self.kind]:
            return answer(422, {"message": "body is too long"})
        if request.method == "POST" and path == f"/repos/{self.path}/issues/{self.number}/comments":
            found = self.comments[self.put(body, self.login or ("github-actions[bot]" if self.kind == "github" else "gitea-actions")) - 1]
            status = 201
        else:
            number = int(path.removeprefix(f"/repos/{self.path}/issues/comments/"))
            found, status = self.comments[number - 1], 200
            found["body"] = body
        if self.lose_answers:
            self.lose_answers -= 1
            return answer(502, {"message": "Bad Gateway"})
        return answer(status, found)
