"""A server on loopback that answers whatever a test says."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@dataclass(frozen=True, kw_only=True)
class Request:
    """What arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What is sent; a body that is a function writes for as long as it returns something."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Callable[[], bytes] = b""


@dataclass(kw_only=True)
class AnyServer:
    """`answer` may be exchanged while it runs."""

    answer: Callable[[Request], Answer]
    address: str = ""
    requests: list[Request] = field(default_factory=list)
    sent: int = 0
    """Bytes of bodies that were written."""

    @property
    def authorizations(self) -> list[str]:
        return [value for request in self.requests if (value := request.headers.get("authorization"))]


@contextmanager
def any_server(answer: Callable[[Request], Answer] = lambda _: Answer(status=404)) -> Iterator[AnyServer]:
    served = AnyServer(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            headers = {name.lower(): value for name, value in self.headers.items()}
            request = Request(method=self.command, path=self.path, headers=headers, body=body)
            served.requests.append(request)
            answered = served.answer(request)
            with suppress(OSError):
                self._send(answered)

        do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = do_PATCH = _any  # noqa: N815 (the names that http.server looks for)

        def _send(self, answered: Answer) -> None:
            self.send_response(answered.status)
            for name, value in answered.headers.items():
                self.send_header(name, value)
            if isinstance(answered.body, bytes):
                self.send_header("Content-Length", str(len(answered.body)))
            self.end_headers()
            parts = iter([answered.body]) if isinstance(answered.body, bytes) else iter(answered.body, b"")
            for part in parts:
                self.wfile.write(part)
                served.sent += len(part)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    served.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
