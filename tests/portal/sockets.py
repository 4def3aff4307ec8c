"""Answers byte by byte, for what an HTTP server would not send."""

from __future__ import annotations

import socket
import threading


def address_of(listener: socket.socket) -> str:
    return f"http://127.0.0.1:{listener.getsockname()[1]}"


def served(listener: socket.socket, *answers: bytes) -> threading.Thread:
    """Take one connection per answer, read the request, send the answer, and close."""

    def serve() -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(answer)

    thread = threading.Thread(target=serve)
    thread.start()
    return thread
