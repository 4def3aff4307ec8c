"""The way to one topic: turns in which one thread at a time uses its producer, and an alarm clock for what is due."""

from __future__ import annotations

import atexit
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from operator import itemgetter
from typing import Final, Protocol

from quixnb.broker import Broker, Ledger, Sender
from quixnb.broker.interrupts import Interrupts
from quixnb.broker.ledger import FATE_UNKNOWN

# How long what is on its way is waited for when Python ends.
_EXIT_S: Final = 2.0


class Member(Protocol):
    """What an outlet calls, always within a turn: something that has messages to send by a time."""

    def ring(self) -> None:
        """Send what is due, in a moment: others wait meanwhile."""

    def settle(self, until: float) -> None:
        """Send what it holds and wait until it is acknowledged or lost, or until a time of `time.monotonic`."""


class Outlet:
    """A producer for one topic, kept open, and used by its members in turns.

    A thread runs while a member has something due at a time, and ends when none has; it is a daemon, so that a stream
    left open keeps no process alive.

    Parameters
    ----------
    shared
        Whether several streams use it, so that giving one up must not touch what the others have queued.

    Raises
    ------
    BrokerError
        The broker does not answer, refuses the credentials, or does not have the topic.
    """

    def __init__(self, broker: Broker, topic_id: str, *, shared: bool = False) -> None:
        self._broker, self._is_shared = broker, shared
        self._sender = broker.open_sender(topic_id)
        self._lock = threading.RLock()
        self._wake = threading.Condition(self._lock)
        self._interrupts = Interrupts()
        self._depth = 0
        self._members: set[Member] = set()
        self._dues: dict[Member, float] = {}
        self._thread: threading.Thread | None = None
        self._is_open = True
        _OPEN.add(self)

    def join(self, member: Member, ledger: Ledger) -> Sender:
        """The sender for a new member."""
        with self._lock:
            self._members.add(member)
            return self._sender.beside(ledger)

    def part(self, member: Member, sender: Sender) -> None:
        """Let a member go."""
        with self._lock:
            self._members.discard(member)
            self._dues.pop(member, None)
            sender.detach()

    # ---- turns

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Use the producer alone. Ctrl-C waits for the end of the turn, which `is_interrupted` asks to come soon.

        The signal's handler is replaced for the turn only: a stream may stay open over many cells of a notebook.
        """
        with self._lock:
            if self._depth:
                yield
                return
            self._depth = 1
            try:
                with self._interrupts:
                    self._interrupts.hold()
                    try:
                        yield
                    finally:
                        self._interrupts.release()
            finally:
                self._depth = 0

    @property
    def is_interrupted(self) -> bool:
        """Whether Ctrl-C was pressed in this turn."""
        return self._interrupts.is_pending

    def give_up(self, sender: Sender, grace_s: float) -> None:
        """Settle a member's ledger: what is queued is dropped if it can be, what is on its way is given a moment."""
        if not self._is_shared:
            self._sender.is_spent = True
            sender.abandon(grace_s)
            return
        until = time.monotonic() + grace_s
        while sender.ledger.outstanding and (left := until - time.monotonic()) > 0:
            sender.serve(left)
        sender.ledger.lose_open(FATE_UNKNOWN)

    # ---- the alarm clock

    def ring_at(self, member: Member, due: float) -> None:
        """Call the member's `ring` at `due`, a time of `time.monotonic`, or earlier if asked for already."""
        if self._dues.get(member, float("inf")) <= due or not self._is_open:
            return
        self._dues[member] = due
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="quixnb-stream", daemon=True)
            self._thread.start()
        else:
            self._wake.notify()

    def ring_never(self, member: Member) -> None:
        """Nothing of the member is due any more."""
        self._dues.pop(member, None)

    def _run(self) -> None:
        with self._wake:
            try:
                while self._dues:
                    member, due = min(self._dues.items(), key=itemgetter(1))
                    if (left := due - time.monotonic()) > 0:
                        self._wake.wait(left)
                        continue
                    del self._dues[member]
                    with self.turn():
                        member.ring()
            finally:
                self._thread = None

    # ---- the end

    def close(self) -> None:
        """Stop the alarm clock and give the producer back; members have parted before. Not within a turn."""
        with self._lock:
            if not self._is_open:
                return
            self._is_open = False
            self._dues.clear()
            self._wake.notify()
            thread = self._thread
        try:
            if thread is not None and thread is not threading.current_thread():
                thread.join()
        finally:
            _OPEN.discard(self)
            self._broker.close_sender(self._sender)

    def leave(self) -> None:
        """Send what members hold, for Python is ending."""
        until = time.monotonic() + _EXIT_S
        with self.turn():
            for member in list(self._members):
                member.settle(until)


_OPEN: Final[weakref.WeakSet[Outlet]] = weakref.WeakSet()


@atexit.register
def _leave() -> None:
    for outlet in list(_OPEN):
        outlet.leave()
