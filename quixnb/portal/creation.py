"""Waits until a topic that was asked for can be used."""

from __future__ import annotations

import time
from collections.abc import Callable

from quixnb.errors import PortalError
from quixnb.portal.asking import plain
from quixnb.portal.objects import Topic

_LONGEST_WAIT_S = 1.0


def wait_until_ready(
    listed: Callable[[], list[Topic]], is_wanted: Callable[[Topic], bool], name: str, *, timeout_s: float, wait_s: float
) -> Topic:
    """Ask for the topics until the wanted one is ready.

    Parameters
    ----------
    listed
        Asks the portal for the topics.
    is_wanted
        Tells the topic from the others.
    name
        What people call it, for errors.
    timeout_s
        How long to wait in all.
    wait_s
        Pause before the second look; each further one is twice as long, up to 1 s.

    Raises
    ------
    PortalError
        The portal could not make it, or not in time.
    """
    ends_at = time.monotonic() + timeout_s
    while True:
        topic = next(filter(is_wanted, listed()), None)
        # A portal that gives no status lists what can be used.
        if topic is not None and topic.status in ("Ready", ""):
            return topic
        if topic is not None and topic.status == "Error":
            raise _not_made(topic)
        if time.monotonic() + wait_s > ends_at:
            raise _not_ready(name, topic, timeout_s)
        time.sleep(wait_s)
        wait_s = min(wait_s * 2, _LONGEST_WAIT_S)


def _not_made(topic: Topic) -> PortalError:
    said = f"The portal says: '{topic.last_error}'." if topic.last_error else "The portal gave no reason."
    return PortalError(
        f"Topic '{plain(topic.name)}' could not be made: its status is 'Error'.",
        cause=said,
        fix="Delete it in the portal and create it again, or ask Quix support.",
    )


def _not_ready(name: str, topic: Topic | None, timeout_s: float) -> PortalError:
    return PortalError(
        f"Topic '{plain(name)}' is not ready after {timeout_s:g} s.",
        cause=f"Its status is '{plain(topic.status)}'." if topic else "The portal does not list it yet.",
        fix="Run %quix_topics in a while; as soon as it is listed as Ready it can be used.",
    )
