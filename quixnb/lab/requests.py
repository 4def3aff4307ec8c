"""What a page can ask of its kernel."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import SequenceMatcher
from functools import cached_property
from typing import Any, Final

from IPython.core.interactiveshell import InteractiveShell

from quixnb._version import __version__
from quixnb.errors import QuixnbError
from quixnb.lab.state import state_now
from quixnb.seal import Seal
from quixnb.watching import session_at_hand


class CannotMove(QuixnbError):
    """A token stands where no code can take its place."""


class Answers:
    """The answers of one kernel, in JSON's types. None of them has a character of a token in it.

    Attributes
    ----------
    slow
        What asks the portal or the broker, and takes its time.
    """

    slow: Final = frozenset({"check", "topics"})

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._failure: QuixnbError | None = None
        self._ways: Mapping[str, Callable[[Mapping[str, Any]], object]] = {
            "hello": self._hello,
            "check": self._check,
            "topics": self._topics,
            "frames": self._frames,
            "moveTokens": self._move_tokens,
        }

    def to(self, ask: str, request: Mapping[str, Any]) -> object:
        """The answer to one request.

        Raises
        ------
        QuixnbError
            There is none; says why.
        """
        return self._ways[ask](request)

    def state(self) -> dict[str, Any]:
        """How the kernel is connected, as far as is known."""
        if session_at_hand():
            self._failure = None
        return state_now(self._failure)

    @cached_property
    def _seal(self) -> Seal:
        # With the first page, not with the extension: `cryptography` takes its time to load.
        return Seal()

    def _hello(self, _: object) -> object:
        return {"version": __version__, "key": self._seal.public, "state": self.state()}

    def _check(self, _: object) -> object:
        """Ask portal and broker; what is wrong is in the state, not an error of the request."""
        from quixnb.broker.knock import answers
        from quixnb.session import current

        self._failure = None
        try:
            session = current()
            session.verify()
            if not answers(session.broker.servers):
                session.note_problem(
                    QuixnbError(
                        f"The broker does not answer: {session.broker.servers}.",
                        cause="The portal accepts the token.",
                        fix="Check the network, a VPN or a firewall between this kernel and the broker, and try again.",
                    )
                )
        except QuixnbError as error:
            self._failure = error.to_keep()
        return {}

    def _topics(self, request: Mapping[str, Any]) -> object:
        from quixnb.magics.topics import retention
        from quixnb.session import current

        return [
            {
                "name": topic.name,
                "id": topic.id,
                "partitions": topic.partitions,
                "retention": retention(topic) or "",
                "status": topic.status,
            }
            for topic in current().topics(refresh=bool(request.get("refresh")))
        ]

    def _frames(self, _: object) -> object:
        from quixnb.magics.complete import frame_names

        return frame_names(self._shell.user_ns)

    def _move_tokens(self, request: Mapping[str, Any]) -> object:
        """The lines that are to be replaced, and by which; never those that a token may be left in."""
        from quixnb.guard.fix import move

        source = self._seal.open(request["sealed"])
        moved = move(self._shell, source)
        if moved.left or moved.cell == source:
            raise CannotMove(
                "A token of this cell stands where no code can take its place.",
                cause="It is in several pieces, beside another string, or in code that Python cannot read.",
                fix="Take it out by hand, and write quixnb.token() where it is needed.",
            )
        before, after = source.split("\n"), moved.cell.split("\n")
        differences = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
        return [
            {"from": first, "to": last, "lines": after[start:end]}
            for kind, first, last, start, end in differences
            if kind != "equal"
        ]
