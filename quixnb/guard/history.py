"""Keeps tokens on quixnb's own lines out of what IPython remembers of a cell: `In`, `_i`, the database, the log."""

from __future__ import annotations

import linecache
import logging
import threading
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from quixnb.guard.magic_lines import without_own_tokens
from quixnb.redact import redact

_log = logging.getLogger(__name__)


class CleanHistory:
    """Stands before the two places where IPython stores a cell, and tidies up behind it."""

    def __init__(self, shell: InteractiveShell) -> None:
        self._shell = shell
        self._wrapped: list[tuple[object, str, Callable[..., Any]]] = []
        self._cell = _Cell()

    @property
    def hides_all(self) -> bool:
        """Whether the cell that this thread runs is kept without any token, not only without those on our lines."""
        return self._cell.hides_all

    @hides_all.setter
    def hides_all(self, hides_all: bool) -> None:
        self._cell.hides_all = hides_all

    def install(self) -> None:
        """Wrap `store_inputs` and the logger: an event callback comes too early to change what they store."""
        if self._shell.history_manager is not None:
            self._wrap(self._shell.history_manager, "store_inputs", first_text=1)
        self._wrap(self._shell.logger, "log", first_text=0)

    def uninstall(self) -> None:
        """Take the wrappers off again; one that somebody else has wrapped since stays, and does nothing."""
        for owner, name, wrapper in self._wrapped:
            if vars(owner).get(name) is wrapper:
                delattr(owner, name)
        self._wrapped.clear()

    def tidy_up(self, result: ExecutionResult) -> None:
        """Clean what IPython keeps of a cell beside its history, if a token was kept out of that."""
        if not self._cell.has_found:
            return
        self._cell.has_found = False
        info = result.info
        info.raw_cell = self._cleaned(info.raw_cell)
        if isinstance(getattr(info, "transformed_cell", None), str):
            info.transformed_cell = self._cleaned(info.transformed_cell)
        self._clean_sources(result.execution_count)
        self._clean_exception(result.execution_count)

    def _wrap(self, owner: Any, name: str, *, first_text: int) -> None:
        stores = getattr(owner, name)

        def store(*args: Any, **kwargs: Any) -> Any:
            try:
                kept = [*args[:first_text], *map(self._kept, args[first_text:])]
                kept_by_name = {key: self._kept(value) for key, value in kwargs.items()}
            except Exception as exc:
                # A guard that fails must not cost the user a cell, nor its place in the history.
                _log.debug("a cell was stored unchecked: %s", type(exc).__name__)
                return stores(*args, **kwargs)
            return stores(*kept, **kept_by_name)

        setattr(owner, name, store)
        self._wrapped.append((owner, name, store))

    def _kept(self, text: Any) -> Any:
        """What is stored in place of `text`."""
        if not self._wrapped or not isinstance(text, str):
            return text
        kept = self._cleaned(text)
        self._cell.has_found = self._cell.has_found or kept != text
        return kept

    def _cleaned(self, text: str) -> str:
        return redact(text) if self.hides_all else without_own_tokens(text)

    def _clean_sources(self, execution_count: int | None) -> None:
        """The cell's lines as tracebacks show them."""
        numbers: dict[str, int] = getattr(self._shell.compile, "_filename_map", {})
        for name in [name for name, number in numbers.items() if number == execution_count]:
            entry = linecache.cache.get(name)
            if entry is not None and len(entry) == 4:
                linecache.cache[name] = (entry[0], entry[1], [_redacted(line) for line in entry[2]], entry[3])

    def _clean_exception(self, execution_count: int | None) -> None:
        """The traceback that IPython 9 keeps for `%notebook`, which shows the line of the call."""
        kept = getattr(self._shell.history_manager, "exceptions", {}).get(execution_count)
        if isinstance(kept, dict):
            kept.update({key: _redacted(value) for key, value in kept.items()})


class _Cell(threading.local):
    """What is known of a cell: a kernel runs those of subshells in threads of their own, beside others."""

    hides_all = False
    has_found = False


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return redact(without_own_tokens(value))
    return [_redacted(each) for each in value] if isinstance(value, list) else value
