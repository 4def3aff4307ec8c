"""What a picker shows now, and the session that it is of: written by whoever finds something out, in any thread."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from quixnb.session import Session
from quixnb.widgets.choice import Choice
from quixnb.widgets.state import State

# What is known of a connection, before anything is.
NOTHING: Final[Mapping[str, Any]] = {
    "connection": None,
    "environments": (),
    "broker": None,
    "topics": None,
    "chosen": "",
    "code": "",
    "making": None,
}


class Board:
    """One picker's.

    Attributes
    ----------
    state
        What is to be shown now.
    session
        What it is of; None before anything is opened.
    choice, environment
        What was chosen last, and in which environment it was to open.
    """

    def __init__(self) -> None:
        self.state = State()
        self.session: Session | None = None
        self.choice: Choice | None = None
        self.environment: str | None = None
        self.lock = threading.RLock()
        self._turn = 0  # a choice that is made while another is being checked goes before it

    def show(self, **changes: Any) -> State:
        """The state with these changes, which is the state from now on."""
        with self.lock:
            self.state = replace(self.state, number=self.state.number + 1, **changes)
            return self.state

    def show_of(self, session: Session, **changes: Any) -> State:
        """The same for what was found out about `session`, unless another has taken its place meanwhile."""
        with self.lock:
            return self.show(**changes) if session is self.session else self.state

    def new_turn(self) -> int:
        """Begin with something else: what is being checked is not wanted any more."""
        with self.lock:
            self._turn += 1
            return self._turn

    def is_turn(self, turn: int) -> bool:
        """Whether nothing else was begun since."""
        return turn == self._turn
