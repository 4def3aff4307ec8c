"""A stand-in portal on a real socket, and a client of it that does not wait for long."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from quixnb.portal import Portal
from quixnb.token import Token
from tests.fakes import fake_token


class StandIn:
    """A server that gives the answers it was told to, in turn, the last one for ever, and remembers the requests."""

    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self.address = f"http://{server.host}:{server.port}"
        self.host = f"{server.host}:{server.port}"

    def gives(self, path: str, *answers: Response, method: str = "GET") -> None:
        left = list(answers)

        def answer(_: Request) -> Response:
            return left.pop(0) if len(left) > 1 else left[0]

        self.server.expect_request(path, method=method).respond_with_handler(answer)

    @property
    def requests(self) -> list[Request]:
        return [request for request, _ in self.server.log]


def an_answer(data: Any = None, status: int = 200, **headers: str) -> Response:
    """A JSON answer; `Retry_After="1"` becomes the header of that name."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(json.dumps(data), status, headers=named, content_type="application/json")


def a_refusal(status: int, message: str | None = "No.", correlation: str | None = "c0-1", **headers: str) -> Response:
    return an_answer({"message": message, "correlationId": correlation}, status, **headers)


def a_page(status: int = 200, text: str = "<html><title>Sign in</title></html>") -> Response:
    return Response(text, status, content_type="text/html; charset=utf-8")


@pytest.fixture(scope="session")
def servers() -> Iterator[tuple[HTTPServer, HTTPServer]]:
    # One pair for all tests: stopping a server takes half a second.
    with (
        HTTPServer(host="127.0.0.1", port=0, threaded=True) as one,
        HTTPServer(host="127.0.0.1", port=0, threaded=True) as other,
    ):
        yield one, other


@pytest.fixture
def stand_in(servers: tuple[HTTPServer, HTTPServer]) -> StandIn:
    servers[0].clear()
    return StandIn(servers[0])


@pytest.fixture
def other_host(servers: tuple[HTTPServer, HTTPServer]) -> StandIn:
    servers[1].clear()
    return StandIn(servers[1])


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port where connections wait until the test takes them: silent, unless it does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def token() -> Token:
    return Token(fake_token(), "Quix__Sdk__Token")


@pytest.fixture
def connect(token: Token) -> Iterator[Callable[..., Portal]]:
    """Make clients that are closed at the end of the test."""
    portals = []

    def connect(address: str, token: Token = token, **options: Any) -> Portal:
        portals.append(Portal(address, token, **{"_first_wait_s": 0.001, **options}))
        return portals[-1]

    yield connect
    for portal in portals:
        portal.close()


@pytest.fixture
def portal(stand_in: StandIn, connect: Callable[..., Portal]) -> Portal:
    return connect(stand_in.address)
