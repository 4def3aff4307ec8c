"""How the sandbox's portal says no."""

from __future__ import annotations

from tornado.web import HTTPError


class Refusal(HTTPError):
    """An answer that says no, with a sentence for people."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(status)
        self.message = message
