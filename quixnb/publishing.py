"""The things to do with data and a destination: plan, send, or send in the background."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from quixnb.background import BackgroundPublish
from quixnb.options import Destination, Options
from quixnb.publication import Publication
from quixnb.report import Progress, PublishPlan, PublishReport


def publish(
    data: Any,
    destination: Destination,
    options: Options,
    progress: Callable[[Progress], None] | None = None,
) -> PublishReport:
    """Send `data` and wait until the broker has acknowledged it; see `Session.publish`."""
    return Publication(destination, options, progress).run(data)


def start(
    data: Any,
    destination: Destination,
    options: Options,
    progress: Callable[[Progress], None] | None,
    keep: Callable[[PublishReport], None],
) -> BackgroundPublish:
    """Send `data` in a thread; `keep` is called with the report."""
    return BackgroundPublish(Publication(destination, options, progress), data, keep)


def plan(data: Any, destination: Destination, options: Options) -> PublishPlan:
    """What `publish` would send. Of an iterator the first frame is taken, and gone from it afterwards."""
    return Publication(destination, options).plan(data)
