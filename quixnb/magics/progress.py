"""Shows how far a publish is: one output, updated in place, and emptied when the report takes over."""

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
    if not hasattr(shell, "kernel"):
        yield None
        return
    display = _Display(shell)
    try:
        yield display.show
    finally:
        display.clear()


def live(shell: InteractiveShell) -> Callable[[Progress], None] | None:
    """A callback that shows progress below the cell that is running now, also when that is over."""
    return _Display(shell).show if hasattr(shell, "kernel") else None


class _Display:
    """One output of the running cell."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._publisher, self._id, self._is_there = shell.display_pub, uuid4().hex, False
        self._begun = time.monotonic()

    def show(self, progress: Progress) -> None:
        """Show `progress` in place of what was shown before."""
        if self._is_there or time.monotonic() - self._begun > _PATIENCE_S:
            self._publish({"text/plain": repr(progress), "text/html": progress._repr_html_()})

    def clear(self) -> None:
        """Leave an empty output behind, if there is one."""
        if self._is_there:
            self._publish({"text/plain": "", "text/html": ""})

    def _publish(self, data: dict[str, str]) -> None:
        transient = {"display_id": self._id}
        self._publisher.publish(data=data, metadata={}, transient=transient, update=self._is_there)
        self._is_there = True
