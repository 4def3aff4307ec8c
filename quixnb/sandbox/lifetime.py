"""When a sandbox's time is over: its owners are gone, nobody used it for long, or it was told to end."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

from quixnb.sandbox.kafka import Watermarks
from quixnb.sandbox.processes import Process

_OWNERS_EVERY_S = 0.5
_IDLE_EVERY_S = 30.0


class Lifetime:
    """Knows who needs the sandbox and when it was last used."""

    def __init__(self, owner: Process | None, idle_s: float | None) -> None:
        self.started_at = time.monotonic()
        self._used_at = self.started_at
        self._owners = {owner} if owner else set()
        self._is_bound = owner is not None
        self._idle_s = idle_s
        self._over = asyncio.Event()

    def use(self) -> None:
        """Note that somebody used the sandbox just now."""
        self._used_at = time.monotonic()

    def adopt(self, owner: Process | None) -> None:
        """Let it live as long as `owner` too; with None, no process's end is its end any more."""
        self._is_bound = self._is_bound and owner is not None
        if owner:
            self._owners.add(owner)

    def end(self) -> None:
        """End it."""
        self._over.set()

    async def until_over(self, state: Path, watermarks: Callable[[], Watermarks]) -> None:
        """Wait for the end, whatever brings it."""
        over = asyncio.create_task(self._over.wait())
        watches = [asyncio.create_task(self._watch_owners(state)), asyncio.create_task(self._watch_use(watermarks))]
        # A watch that fails ends the sandbox as well: better than one that would never end.
        await asyncio.wait([over, *watches], return_when=asyncio.FIRST_COMPLETED)
        for task in (over, *watches):
            task.cancel()
        await asyncio.gather(over, *watches, return_exceptions=True)

    async def _watch_owners(self, state: Path) -> None:
        # Without its state file nobody can find it, or know its tokens, any more.
        while state.exists() and not self._is_orphan():
            await asyncio.sleep(_OWNERS_EVERY_S)

    def _is_orphan(self) -> bool:
        self._owners = {owner for owner in self._owners if owner.is_alive()}
        return self._is_bound and not self._owners

    async def _watch_use(self, watermarks: Callable[[], Watermarks]) -> None:
        if self._idle_s is None:
            await self._over.wait()
            return
        seen = watermarks()
        while time.monotonic() - self._used_at < self._idle_s:
            await asyncio.sleep(min(_IDLE_EVERY_S, self._idle_s / 5))
            if (now := watermarks()) != seen:
                seen = now
                self.use()


def listen_to_lifeline(end: Callable[[], None]) -> None:
    """Read the standard input until the process that holds its other end closes it or dies; then call `end`."""
    # Not sys.stdin: a thread that waits in it holds its lock, and the interpreter cannot finish.
    while os.read(0, 1):
        pass
    end()
