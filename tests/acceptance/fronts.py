"""A real server before the sandbox's portal: gives what it is told to, and passes on the rest."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import ClassVar, NamedTuple

import httpx2


class Said(NamedTuple):
    """One answer that is not the sandbox's."""

    status: int
    body: str = '{"message": "No.", "correlationId": "c0-1"}'
    kind: str = "application/json"


class Front(ThreadingHTTPServer):
    """A portal in front of another. A context manager.

    Attributes
    ----------
    instead
        Path to what is answered there instead of what the portal behind would say, in turn; then that one's own.
    asked
        Method and path of each request so far.
    """

    daemon_threads = True

    def __init__(self, behind: str) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.behind = httpx2.Client(base_url=behind, trust_env=False)
        self.instead: dict[str, list[Said]] = {}
        self.asked: list[str] = []
        self._thread = Thread(target=self.serve_forever, args=[0.01])

    def __enter__(self) -> Front:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()
        self.behind.close()


class _Handler(BaseHTTPRequestHandler):
    server: Front
    protocol_version: ClassVar[str] = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.asked.append(f"GET {self.path}")
        if left := self.server.instead.get(self.path):
            said = left.pop(0)
            self._answer(said.status, said.body.encode(), said.kind)
        else:
            headers = {"Authorization": self.headers["Authorization"]}
            answer = self.server.behind.get(self.path, headers=headers)
            self._answer(answer.status_code, answer.content, answer.headers["Content-Type"])

    def _answer(self, status: int, body: bytes, kind: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """No line for each request."""


@contextmanager
def nobody() -> Iterator[str]:
    """An address, `127.0.0.1:PORT`, at which nothing listens, and nothing else will."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{taken.getsockname()[1]}"


@contextmanager
def silent() -> Iterator[str]:
    """An address at which connections are taken and nothing is ever said."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
