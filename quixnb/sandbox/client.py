"""Calls to the sandbox's own endpoints, with the standard library alone."""

from __future__ import annotations

import json
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

from quixnb.errors import SandboxError
from quixnb.token import Token

TIMEOUT_S = 5.0


def instance_at(address: str) -> str | None:
    """Tell which sandbox answers at `address`, or None. Sends no token: the port may be another program's now."""
    try:
        with closing(_connection(address)) as connection:
            connection.request("GET", "/sandbox/instance")
            return str(json.loads(connection.getresponse().read())["instance"])
    except (OSError, HTTPException, ValueError, LookupError, TypeError):
        return None


def call(address: str, method: str, path: str, token: Token, body: Any = None) -> Any:
    """Call the sandbox; return the JSON that it answers.

    Raises
    ------
    SandboxError
        It does not answer, or refuses.
    """
    with closing(_connection(address)) as connection:
        return _answer(_send(connection, method, path, token, body))


def end(address: str, token: Token) -> None:
    """Ask the sandbox to end, and wait until its port is closed."""
    with closing(_connection(address)) as connection:
        _answer(_send(connection, "POST", "/sandbox/stop", token))
        # The connection stays open behind the answer, until the sandbox closes it by ending.
        with suppress(OSError):
            if connection.sock:
                connection.sock.recv(1)


def _connection(address: str) -> HTTPConnection:
    # Straight to the port: a proxy from the environment has no business on 127.0.0.1.
    return HTTPConnection(urlsplit(address).netloc, timeout=TIMEOUT_S)


def _send(connection: HTTPConnection, method: str, path: str, token: Token, body: Any = None) -> HTTPResponse:
    headers = {"Authorization": f"Bearer {token.reveal()}", "Content-Type": "application/json"}
    try:
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        return connection.getresponse()
    except (OSError, HTTPException) as error:
        raise SandboxError(
            f"The sandbox at {connection.host}:{connection.port} does not answer.",
            cause=f"It has ended, or is busy ({type(error).__name__}).",
            fix="Start a new one: %quix_sandbox start",
        ) from None


def _answer(response: HTTPResponse) -> Any:
    text = response.read()
    if response.status < 400:
        return json.loads(text) if text else None
    raise SandboxError(
        f"The sandbox refused the call ({response.status}).",
        cause=str(json.loads(text)["message"]),
        fix="Its state may have changed under another notebook: take it anew with quixnb.sandbox.find().",
    )
