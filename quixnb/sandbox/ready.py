"""The one line that a sandbox's process says to the process that started it."""

from __future__ import annotations

import json
import os
from contextlib import suppress


def say_ready() -> None:
    """Say that the state file is there and the portal answers."""
    _say({"ready": True})


def say_why_not(error: Exception) -> None:
    """Say what kept the sandbox from starting: one line, no traceback."""
    _say({"error": f"{type(error).__name__}: {error}".splitlines()[0]})


def _say(report: dict[str, object]) -> None:
    with suppress(OSError):
        os.write(1, json.dumps(report).encode() + b"\n")
    # Nobody reads on; a later write into the closed pipe would be an error.
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.close(silence)
