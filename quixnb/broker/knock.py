"""Whether anybody listens at a broker's address; what they think of our credentials is seen when publishing."""

from __future__ import annotations

import socket
from urllib.parse import urlsplit

_KNOCK_S = 2.0


def answers(servers: str) -> bool:
    """Whether any of `host:port[,host:port…]` takes a connection within two seconds each."""
    return any(map(_answers, servers.split(",")))


def _answers(server: str) -> bool:
    address = urlsplit(f"//{server.strip().rpartition('//')[2]}")
    try:
        with socket.create_connection((address.hostname, address.port), timeout=_KNOCK_S):
            return True
    except (OSError, ValueError):
        return False
