"""Which process is which: a process ID together with its start time, so that a reused ID is not taken for it."""

from __future__ import annotations

import importlib
import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Process:
    """One process, told from later ones with the same ID by when it started.

    Attributes
    ----------
    started
        In units of the platform (clock ticks since boot, or seconds since 1970); only compared.
    """

    pid: int
    started: float

    @classmethod
    def of(cls, pid: int) -> Process | None:
        """Identify the running process `pid`; None if there is none, it is a zombie, or the platform cannot say."""
        started = _started_linux(pid) if Path("/proc/self/stat").exists() else _started_elsewhere(pid)
        return None if started is None else cls(pid, started)

    @classmethod
    def parse(cls, text: str) -> Process:
        """Read what `str()` wrote: `pid:started`."""
        pid, _, started = text.partition(":")
        return cls(int(pid), float(started))

    def __str__(self) -> str:
        return f"{self.pid}:{self.started!r}"

    def is_alive(self) -> bool:
        """Whether this very process still runs."""
        return Process.of(self.pid) == self

    def kill(self) -> None:
        """End it at once, if it still runs."""
        if self.is_alive():
            with suppress(ProcessLookupError, PermissionError):
                os.kill(self.pid, getattr(signal, "SIGKILL", signal.SIGTERM))


def jupyter_server() -> Process | None:
    """Identify the Jupyter server that this kernel belongs to; None outside a kernel."""
    announced = os.environ.get("JPY_PARENT_PID", "")
    # On Windows the variable holds a handle, not a process ID.
    if os.name == "nt" or not announced.isdigit():
        return None
    server, kernel = Process.of(int(announced)), Process.of(os.getpid())
    # A "server" younger than its kernel is another process that got the ID of a server gone by.
    return server if server and kernel and server.started <= kernel.started else None


def _started_linux(pid: int) -> float | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    # The second field, the name in parentheses, may hold blanks and parentheses itself.
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in "ZX" else float(fields[18])


def _started_elsewhere(pid: int) -> float | None:
    try:
        # ipykernel brings it; without it nobody is watched, and the idle hour ends the sandbox.
        psutil = importlib.import_module("psutil")
    except ImportError:
        return None
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return None if process.status() == psutil.STATUS_ZOMBIE else float(process.create_time())
    return None
