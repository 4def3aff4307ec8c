"""Shows what goes on while a cell runs: one output, updated in place, and emptied when the result takes over."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING
from uuid import uuid4

from IPython.core.interactiveshell import InteractiveShell

if TYPE_CHECKING:
    from quixnb.report import Progress

# What is over sooner needs no progress, and a display that only flashes up is a nuisance.
_PATIENCE_S = 0.5


@contextmanager
def shown_in(shell: InteractiveShell) -> Iterator[Callable[[Progress], None] | None]:
    """A callback that shows progress in `shell`; None where no output can be updated in place, as in a terminal."""
    display = Display.of(shell)
    if display is None:
        yield None
        return
    try:
        yield _patient(display)
    finally:
        display.clear()


def live(shell: InteractiveShell) -> Callable[[Progress], None] | None:
    """A callback that shows progress below the cell that is running now, also when that is over."""
    display = Display.of(shell)
    return None if display is None else _patient(display)


def _patient(display: Display) -> Callable[[Progress], None]:
    begun = time.monotonic()

    def show(progress: Progress) -> None:
        if display.is_there or time.monotonic() - begun > _PATIENCE_S:
            display.show({"text/plain": repr(progress), "text/html": progress._repr_html_()})

    return show


class Display:
    """One output of the running cell.

    Attributes
    ----------
    is_there
        Whether anything was shown.
    """

    def __init__(self, shell: InteractiveShell) -> None:
        self._publisher, self._id, self.is_there = shell.display_pub, uuid4().hex, False

    @classmethod
    def of(cls, shell: InteractiveShell) -> Display | None:
        """A display of `shell`; None where no output can be updated in place, as in a terminal."""
        return cls(shell) if hasattr(shell, "kernel") else None

    def show(self, bundle: dict[str, str]) -> None:
        """Show `bundle` in place of what was shown before."""
        # Noted first: an interrupt may strike as soon as it is sent.
        is_update, self.is_there = self.is_there, True
        self._publisher.publish(data=bundle, metadata={}, transient={"display_id": self._id}, update=is_update)

    def clear(self) -> None:
        """Leave an empty output behind, if there is one."""
        if self.is_there:
            self.show({"text/plain": "", "text/html": ""})
