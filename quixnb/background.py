"""A publish that runs beside the notebook: start, look at it, stop it."""

from __future__ import annotations

import contextvars
import copy
import sys
import threading
from collections.abc import Callable, Mapping
from typing import Any

from quixnb.errors import DeliveryError, PublishInterrupted
from quixnb.publication import Publication
from quixnb.report import Progress, PublishReport
from quixnb.results import Facts


class BackgroundPublish:
    """A publish under way in a thread of its own.

    The data is checked, and copied where it could change, before the thread starts. Closing the session, or the
    kernel's end, stops it.
    """

    def __init__(self, publication: Publication, data: Any, keep: Callable[[PublishReport], None]) -> None:
        self._publication, self._keep = publication, keep
        self._report: PublishReport | None = None
        self._error: BaseException | None = None
        batches = publication.prepared(snapshot(data))
        # The thread runs in a copy of this context, so that what it displays appears below the cell that started it.
        work = contextvars.copy_context().run
        self._thread = threading.Thread(target=work, args=(self._run, batches), name="quixnb publish", daemon=True)
        self._thread.start()

    def _run(self, batches: Any) -> None:
        try:
            self._report = self._publication.deliver(batches)
        except (DeliveryError, PublishInterrupted) as error:
            self._report, self._error = error.report, error
        except BaseException as error:
            self._error = error
        if self._report is not None:
            self._keep(self._report)

    @property
    def is_running(self) -> bool:
        """Whether it is still under way."""
        return self._thread.is_alive()

    @property
    def progress(self) -> Progress:
        """How far it is, now."""
        return self._publication.progress

    @property
    def report(self) -> PublishReport | None:
        """What it did; None while it runs, or if the input failed before anything was handed over."""
        return self._report

    @property
    def error(self) -> BaseException | None:
        """What ended it, if not its end: a `DeliveryError`, or whatever the input raised."""
        return self._error

    def stop(self, timeout_s: float = 10.0) -> PublishReport | None:
        """Take no more rows, end the streams, wait for what was handed over, and return the report.

        Raises
        ------
        DeliveryError
            Rows were lost before; or whatever ended it earlier.
        """
        self._publication.stop()
        return self.wait(timeout_s)

    def wait(self, timeout_s: float | None = None) -> PublishReport | None:
        """Wait until it is over, or so long, and return the report; None if it still runs."""
        until = None if timeout_s is None else timeout_s
        self._thread.join(until)
        if self._error is not None and not self.is_running:
            raise self._error
        return self._report

    def __repr__(self) -> str:
        return repr(self._shown())

    def _repr_html_(self) -> str:
        return self._shown()._repr_html_()

    def _shown(self) -> PublishReport | Facts:
        if self._report is not None:
            return self._report
        if self._error is not None:
            return Facts("The publish in the background failed", {"error": str(self._error)}, is_bad=True)
        return Facts(repr(self.progress), {}, advice="It runs in the background; end it with .stop()")


def snapshot(data: Any) -> Any:
    """The data as it is now, whatever its owner does to it later; iterators are passed on as they are."""
    if (pandas := sys.modules.get("pandas")) is not None and isinstance(data, (pandas.DataFrame, pandas.Series)):
        return data.copy()
    if isinstance(data, Mapping):
        return {name: copy.copy(column) for name, column in data.items()}
    if isinstance(data, (list, tuple)):
        return [copy.copy(item) for item in data]
    return data  # Polars and Arrow data do not change
