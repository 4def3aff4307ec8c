"""Keeps tokens out of what a cell puts out: the streams, displays, results, errors and widgets of a kernel.

Plain IPython in a terminal has no gate: displays, results and tracebacks are cleaned there, what is printed is not.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from IPython.core.interactiveshell import ExecutionResult, InteractiveShell

from quixnb.clean_log import CleanLog
from quixnb.guard.clean import cleaned
from quixnb.guard.gate import Gate

_log = logging.getLogger(__name__)


class CleanOutputs:
    """Stands before the places where a shell hands its outputs over.

    Parameters
    ----------
    shell
        The shell.
    mode
        What to do with a token, asked each time: `redact`, `warn` or `off`.
    """

    def __init__(self, shell: InteractiveShell, mode: Callable[[], str]) -> None:
        self._shell, self._mode = shell, mode
        self._wrapped: list[tuple[Any, str, Callable[..., Any]]] = []
        self._kernel = getattr(shell, "kernel", None)
        session = getattr(self._kernel, "session", None)
        self._gate = Gate(session, looks=self._looks, hides=self._hides) if hasattr(session, "send") else None
        self._log_filter = CleanLog()
        self._has_found = False

    def install(self) -> None:
        """Begin to clean."""
        # In a kernel too: its log and its reply to the cell take the traceback from here.
        self._wrap(self._shell, "_showtraceback", self._cleaned_traceback)
        if self._gate is None:
            self._wrap(self._shell.display_pub, "publish", self._cleaned_display)
            self._wrap(self._shell.displayhook, "write_format_data", self._cleaned_result)
        else:
            self._gate.install()
            # At level DEBUG a kernel logs each message that it gets, with its content.
            getattr(self._kernel, "log", _log).addFilter(self._log_filter)

    def uninstall(self) -> None:
        """Leave nothing behind; a wrapper that somebody else has wrapped since stays, and does nothing."""
        for owner, name, wrapper in self._wrapped:
            if vars(owner).get(name) is wrapper:
                delattr(owner, name)
        self._wrapped.clear()
        if self._gate is not None:
            self._gate.uninstall()
            getattr(self._kernel, "log", _log).removeFilter(self._log_filter)

    def finish(self, result: ExecutionResult) -> bool:
        """Send what was held back of a cell's outputs; whether a token was among them."""
        if self._gate is not None:
            self._gate.drain()
            self._has_found, self._gate.has_found = self._has_found or self._gate.has_found, False
        has_found, self._has_found = self._has_found, False
        if has_found and self._hides():
            self._clean_kept(result.execution_count)
        return has_found

    def _looks(self) -> bool:
        return self._mode() != "off"

    def _hides(self) -> bool:
        return self._mode() == "redact"

    def _wrap(self, owner: Any, name: str, clean: Callable[..., tuple[Any, ...]]) -> None:
        shows = getattr(owner, name)

        def show(*args: Any, **kwargs: Any) -> Any:
            try:
                if self._wrapped and self._looks():
                    args, kwargs = clean(args, kwargs)
            except Exception as exc:
                # A guard that fails must cost nobody an output.
                _log.debug("an output was not checked: %s", type(exc).__name__)
            return shows(*args, **kwargs)

        setattr(owner, name, show)
        self._wrapped.append((owner, name, show))

    def _chosen(self, value: Any) -> Any:
        clean = cleaned(value)
        if clean is value:
            return value
        self._has_found = True
        return clean if self._hides() else value

    def _cleaned_traceback(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        *exception, lines = args
        return (*exception, self._chosen(lines)), kwargs

    def _cleaned_display(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        args = tuple(map(self._chosen, args[:2])) + args[2:]
        kwargs = {
            name: self._chosen(value) if name in ("data", "metadata") else value for name, value in kwargs.items()
        }
        return args, kwargs

    def _cleaned_result(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(map(self._chosen, args)), {name: self._chosen(value) for name, value in kwargs.items()}

    def _clean_kept(self, execution_count: int | None) -> None:
        """What IPython 9 keeps of outputs for `%notebook`, and of results for `output_history`."""
        history = self._shell.history_manager
        for output in getattr(history, "outputs", {}).get(execution_count, []):
            output.bundle = cleaned(output.bundle)
        for kept in (getattr(history, "exceptions", {}), getattr(history, "output_hist_reprs", {})):
            if execution_count in kept:
                kept[execution_count] = cleaned(kept[execution_count])
