"""Looks at the connection from outside: whether there is one, and when it changes. Loads nothing for that."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quixnb.session import Session

_log = logging.getLogger(__name__)

# Functions that are called in whichever thread the change was made.
_watchers: list[Callable[[], None]] = []


def session_at_hand() -> Session | None:
    """The default session; None also where nobody has asked for one yet, so that its module need not be loaded."""
    sessions = sys.modules.get("quixnb.connecting")
    found: Session | None = sessions.default() if sessions else None
    return found


def watch(watcher: Callable[[], None]) -> None:
    """Have `watcher` called after each change; it looks for itself what is different."""
    _watchers.append(watcher)


def unwatch(watcher: Callable[[], None]) -> None:
    """Stop calling `watcher`."""
    if watcher in _watchers:
        _watchers.remove(watcher)


def changed() -> None:
    """Tell all who watch: there is another session or none, its token is another, or the portal has said something."""
    for watcher in list(_watchers):
        try:
            watcher()
        except Exception as exc:
            # What fails in showing a connection must not cost the user the connection.
            _log.debug("a watcher failed: %s", type(exc).__name__)
