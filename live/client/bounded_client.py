"""Requests to one API server that trust no answer: each is bounded in size, depth and time, and leads to no other server.

The client library has the ways of logging in, and its connections are used. Its own calls are not: they read an answer of any size,
and build what they return of anything.
"""

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

import urllib3

from flux.bounded_documents import Bounds, UnreadableError, json_object, json_value
from flux.secret_shapes import without_tokens
from flux.short_text import one_line, trim_middle
from flux.time_limit import TimeLimitError, within
from flux.visible_text import visible
from live.client.answer_model import MalformedAnswerError
from live.client.client_library import ApiClient, ConfigException

TIMEOUT = urllib3.Timeout(connect=5, read=30)
"""Seconds to connect, and in which a server may say nothing."""
ANSWER_SECONDS = 60.0
READING_SECONDS = 180.0
LARGEST_ANSWER = Bounds(size=16 * 1024 * 1024, levels=200)
"""A page of `PAGE` objects; etcd keeps none that is larger than 1.5 MiB. Bodies nest by their CRDs' schemas, and managedFields deeper."""
MOST_VALUES = 500_000
"""Of one answer."""
LARGEST_REFUSAL = Bounds(size=64 * 1024)
LARGEST_READING = 256 * 1024 * 1024
MOST_REQUESTS = 1000
PAGE = 100
_CHUNK = 64 * 1024
_MERGE_PATCH = "application/merge-patch+json"
_JSON_PATCH = "application/json-patch+json"
_APPLY_PATCH = "application/apply-patch+yaml"
"""JSON is YAML, too."""
_JSON = "application/json"
_MOST_FIELDS, _LONGEST_FIELD = 5, 100
_DONE = (200, 201, 202)
"""201: an apply made the object; 202: a deletion has begun."""


class RefusedRequestError(Exception):
    """The server refused, or failed."""

    def __init__(self, status: int, said: str, fields: Sequence[str] = (), *, is_status: bool = False) -> None:
        """`said`: its own words, without secrets and on one line; `fields`: those that it names, without their values.

        `is_status`: whether the answer is a Status, as a Kubernetes API server gives one with every refusal.
        """
        super().__init__(f"{status} {said}")
        self.status, self.said, self.fields, self.is_status = status, said, tuple(fields), is_status


class LoginError(Exception):
    """The way of logging in that the kubeconfig has cannot be used. Its text follows `cannot be asked: `, and quotes nothing."""


class SlowServerError(Exception):
    """The server answers, and does not come to an end. Its text follows `cannot be reached: `."""


class BoundedClient:
    """GET, PATCH and DELETE at one API server. What is asked for between two calls of `begin_reading` is bounded together."""

    def __init__(self, client: ApiClient) -> None:
        """`client`: from `connection`."""
        self._client = client
        self.begin_reading()

    def begin_reading(self) -> None:
        """From here, as much time and as many bytes and requests as one reading may take."""
        self._until = time.monotonic() + READING_SECONDS
        self._bytes_left, self._requests_left = LARGEST_READING, MOST_REQUESTS

    def get(self, path: str, query: Mapping[str, str | int] | None = None, *, accept: str = _JSON) -> Any:
        """The JSON at `path`, in the form that `accept` names.

        Raises:
            RefusedRequestError: the server refuses, or fails.
            MalformedAnswerError: it answers with too much, or with what is not JSON.
            SlowServerError: its answer does not come to an end.
            LoginError: the kubeconfig's login cannot be used.
            urllib3.exceptions.HTTPError: it cannot be reached.
        """
        return self._asked("GET", path, query or {}, None, {"Accept": accept})

    def text(self, path: str, query: Mapping[str, str | int]) -> str:
        """The plain text at `path`: a container's log. Raises as `get` does, but for MalformedAnswerError."""
        return self._content("GET", path, query, None, {"Accept": "*/*"}).decode(errors="replace")

    def merge(self, path: str, patch: Mapping[str, Any], query: Mapping[str, str | int]) -> Any:
        """What `patch` made of the object at `path`. Raises as `get` does."""
        return self._asked("PATCH", path, query, json.dumps(patch).encode(), {"Accept": _JSON, "Content-Type": _MERGE_PATCH})

    def change(self, path: str, operations: Sequence[Mapping[str, Any]], *, accept: str = _JSON) -> Any:
        """What a JSON patch made of the object at `path`. Raises as `get` does."""
        return self._asked("PATCH", path, {}, json.dumps(operations).encode(), {"Accept": accept, "Content-Type": _JSON_PATCH})

    def apply(self, path: str, body: Mapping[str, Any], query: Mapping[str, str | int]) -> Any:
        """What server-side apply makes of the object at `path`. Raises as `get` does."""
        return self._asked("PATCH", path, query, json.dumps(body).encode(), {"Accept": _JSON, "Content-Type": _APPLY_PATCH})

    def delete(self, path: str, uid: str, *, dry_run: bool = False) -> Any:
        """What the server says of deleting the object at `path`, provided that it is still the one of that `uid`. Raises as `get` does."""
        options: dict[str, Any] = {
            "kind": "DeleteOptions",
            "apiVersion": "v1",
            "propagationPolicy": "Background",
            "preconditions": {"uid": uid},
        }
        options |= {"dryRun": ["All"]} if dry_run else {}
        return self._asked("DELETE", path, {}, json.dumps(options).encode(), {"Accept": _JSON, "Content-Type": _JSON})

    def close(self) -> None:
        """Give back the connections."""
        self._client.close()

    def _asked(self, method: str, path: str, query: Mapping[str, str | int], body: bytes | None, form: Mapping[str, str]) -> Any:
        try:
            return json_value(self._content(method, path, query, body, form), LARGEST_ANSWER, most_values=MOST_VALUES)
        except UnreadableError as error:
            raise MalformedAnswerError(f"{path} {error.wrong}") from None

    def _content(self, method: str, path: str, query: Mapping[str, str | int], body: bytes | None, form: Mapping[str, str]) -> bytes:
        self._requests_left -= 1
        if self._requests_left < 0:
            raise MalformedAnswerError(f"reading needs more than {MOST_REQUESTS} requests")
        headers = {**self._login(), **form}
        url = f"{self._client.configuration.host}{path}{f'?{urlencode(query)}' if query else ''}"
        seconds = min(ANSWER_SECONDS, self._until - time.monotonic())
        try:
            status, content = within(seconds, lambda: self._received(method, url, headers, body, seconds))
        except TimeLimitError:
            raise SlowServerError(f"the answer to {path} takes longer than {max(seconds, 0):.0f} s") from None
        self._bytes_left -= len(content)
        if self._bytes_left < 0:
            raise MalformedAnswerError(f"reading needs more than {LARGEST_READING:,} bytes")
        if status not in _DONE:
            raise _refusal(status, content)
        return content

    def _login(self) -> dict[str, str]:
        headers = {str(name): str(value) for name, value in self._client.default_headers.items()}
        try:
            self._client.update_params_for_auth(headers, [], ["BearerToken"])  # which may run an exec plugin again
        except (ConfigException, ValueError, KeyError, TypeError, AttributeError, OSError):
            # The client library's own ways of failing at a kubeconfig. None of its words: it quotes whole entries.
            raise LoginError("the kubeconfig's login cannot be renewed") from None
        if not all(value.isascii() and value.isprintable() for value in headers.values()):
            raise LoginError("the kubeconfig's login has a character that no token has")
        return headers

    def _received(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, seconds: float) -> tuple[int, bytes]:
        until = time.monotonic() + seconds
        response = self._client.rest_client.pool_manager.request(
            method, url, body=body, headers=headers, timeout=TIMEOUT, preload_content=False, redirect=False, retries=False
        )
        try:
            status, content = int(response.status), bytearray()
            largest = LARGEST_ANSWER.size if status in _DONE else LARGEST_REFUSAL.size
            # As it arrives: `read` would wait until a whole chunk is there.
            while part := response.read1(_CHUNK, decode_content=False):
                content += part
                if len(content) > largest:
                    response.close()
                    break  # `json_value` says so of an answer; of a refusal the beginning is enough
                if time.monotonic() > until:
                    response.close()
                    raise TimeLimitError
        except BaseException:
            response.close()
            raise
        response.release_conn()
        return status, bytes(content)


def _refusal(status: int, content: bytes) -> RefusedRequestError:
    answer = json_object(content, LARGEST_REFUSAL) or {}
    details = answer.get("details")
    causes = details.get("causes") if isinstance(details, dict) else None
    fields = [each.get("field") for each in (causes if isinstance(causes, list) else ())[:_MOST_FIELDS] if isinstance(each, dict)]
    named = [trim_middle(visible(without_tokens(one_line(each))), _LONGEST_FIELD) for each in fields if isinstance(each, str) and each]
    return RefusedRequestError(status, _message(status, answer), named, is_status=answer.get("kind") == "Status")


def _message(status: int, answer: Mapping[str, Any]) -> str:
    """The server's own message; without one the name of the status."""
    from http import HTTPStatus

    message = answer.get("message")
    if not isinstance(message, str) or not message:
        message = next((each.phrase for each in HTTPStatus if each.value == status), "")
    return trim_middle(visible(without_tokens(one_line(message))), 400)
