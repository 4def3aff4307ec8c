"""One connection: a token, the environment it opens, its topics, and the verbs."""

from __future__ import annotations

import contextlib
import difflib
import fnmatch
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, Literal

from quixnb import publishing, reading, streaming, tailing
from quixnb.broker import Broker
from quixnb.errors import (
    DeliveryError,
    PortalUnreachable,
    PublishInterrupted,
    QuixnbError,
    TokenRejected,
    TopicNotFound,
)
from quixnb.options import Destination, Options
from quixnb.portal import Environment, Portal, Topic
from quixnb.report import Progress, PublishReport, stopped_before_it_began
from quixnb.token import KafkaSettings, Token
from quixnb.watching import changed

if TYPE_CHECKING:
    import pandas as pd

    from quixnb.background import BackgroundPublish

_CACHE_S: Final = 60.0


class BackgroundStopped(UserWarning):
    """A publish in the background ended because its session was closed."""


class Session:
    """One connection to one environment. Made by `connect`; closes with `close()` or a `with` block.

    Attributes
    ----------
    token
        In use; prints as its source. The environment's second token after the first was refused for good.
    portal_api
        Address of the portal.
    environment
        What the token opened.
    profile
        Name of the profile it came from, or None.
    verified_at
        When the portal last accepted the token, UTC.
    problem
        What came of the latest call to the portal if it refused the token or did not answer; else None.
    second_token_problem
        Why the second token that the profile names is not at hand, in words; else empty.
    default_topic
        Name of the topic that verbs take which are given none: what was chosen in the picker, or None.
    """

    def __init__(
        self,
        portal: Portal,
        environment: Environment,
        *,
        portal_api: str,
        profile: str | None = None,
        kafka: Mapping[str, Any] | None = None,
        second_token_problem: str = "",
    ) -> None:
        self.portal, self.environment = portal, environment
        self.second_token_problem = second_token_problem
        self.default_topic: str | None = None
        self.portal_api, self.profile = portal_api, profile
        self.verified_at = datetime.now(UTC)
        self.problem: QuixnbError | None = None
        # It may hold a password, so it hides like the environment's own.
        self._kafka = KafkaSettings(kafka or {}, "arguments")
        self._broker: Broker | None = None
        self._topics: list[Topic] = []
        self._topics_at = -_CACHE_S
        self._last_report: PublishReport | None = None
        self._running: list[BackgroundPublish] = []
        self._lock = threading.Lock()

    @property
    def token(self) -> Token:
        """The token in use."""
        return self.portal.token

    def __repr__(self) -> str:
        return f"<Session in environment '{self.environment.id}', {self.token.named}>"

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop what runs in the background, which a `BackgroundStopped` warning says, and let go of all connections."""
        for running in self._running:
            if running.is_running:
                with contextlib.suppress(QuixnbError):
                    running.stop()
                _warn_of_stop(running)
        if self._broker is not None:
            self._broker.close()
        self.portal.close()

    # ---- topics

    def topics(self, pattern: str | None = None, *, internal: bool = False, refresh: bool = False) -> list[Topic]:
        """The environment's topics, sorted by name; asked for at most once a minute.

        Parameters
        ----------
        pattern
            Only names with this text in them, or matching it where it has `*` or `?`; in any case.
        internal
            Also those that Quix Streams makes for itself (`changelog__…`, `source__…`).
        refresh
            Ask the portal now.
        """
        if refresh or time.monotonic() - self._topics_at >= _CACHE_S:
            with self._asking():
                self._topics, self._topics_at = self.portal.topics(self.environment.id), time.monotonic()
        shown = [topic for topic in self._topics if internal or not topic.is_internal]
        if pattern:
            wanted = pattern.lower() if set("*?[") & set(pattern) else f"*{pattern.lower()}*"
            shown = [topic for topic in shown if fnmatch.fnmatchcase(topic.name.lower(), wanted)]
        return sorted(shown, key=lambda topic: topic.name)

    def topic(self, name: str) -> Topic:
        """The topic with this ID, else with this name, exactly, as the portal lists them.

        Raises
        ------
        TopicNotFound
            With the nearest names. A list older than the call is asked for again before.
        """
        asked_at = self._topics_at
        found = _among(self.topics(internal=True), name)
        if found is None and self._topics_at == asked_at:
            found = _among(self.topics(internal=True, refresh=True), name)
        if found is None:
            raise self._not_found(name)
        return found

    def create_topic(
        self,
        name: str,
        *,
        partitions: int | None = None,
        replication_factor: int | None = None,
        retention_minutes: int | None = None,
        retention_bytes: int | None = None,
        cleanup_policy: str | None = None,
    ) -> Topic:
        """The topic of that name, made if it is not there, and waited for until it is ready.

        What is None is left to Quix. A topic that is there already is returned as it is.
        """
        with self._asking():
            topic = self.portal.create_topic(
                self.environment.id,
                name,
                partitions=partitions,
                replication_factor=replication_factor,
                retention_minutes=retention_minutes,
                retention_bytes=retention_bytes,
                cleanup_policy=cleanup_policy,
            )
        self._topics_at = -_CACHE_S
        return topic

    def cached_topic_names(self) -> list[str]:
        """Names known by now, for completion; never asks the portal."""
        return sorted(topic.name for topic in self._topics if not topic.is_internal)

    # ---- the verbs

    def publish(
        self,
        frame: Any,
        topic: str | None = None,
        *,
        create: bool = False,
        dry_run: bool = False,
        background: bool = False,
        progress: Callable[[Progress], None] | None = None,
        **options: Any,
    ) -> Any:
        """Send a frame's rows to a topic and wait until the broker has acknowledged them.

        Parameters
        ----------
        frame
            pandas or Polars frame, PyArrow table, dictionary of columns, list of dictionaries or dataclasses, the path
            of a Parquet, CSV or Arrow file, or an iterator of any of these, which is consumed as it is sent. A frame
            that is in memory is checked whole before the first row is sent; one of 0 rows sends nothing.
        topic
            Name or ID, exactly. One that does not exist is an error, unless `create`. None takes `default_topic`.
        create
            Make the topic if it is not there.
        dry_run
            Send nothing; return a `PublishPlan`. Asks the portal for the topic, and the broker for nothing.
        background
            Return a `BackgroundPublish` at once: `.stop()`, `.wait()`, `.progress`, `.report`. The frame is checked
            before, and copied where it could change.
        progress
            Called with a `Progress` at most ten times a second while rows are sent, and once at the end.
        time
            Column of times; None takes a datetime index, else `timestamp`, `time` or `datetime` in any case. Times
            without a zone are UTC, or in `tz`; numbers need `time_unit` (`s`, `ms`, `us`, `ns`). No nulls.
        stream, stream_by
            ID of the stream (the Kafka key) for all rows, or the column that names each row's. With neither, each call
            makes a new ID.
        name, location, metadata, parents, time_of_recording
            The stream's properties, as Quix shows them.
        tags
            Columns sent as tags: text that describes a row, null where missing.
        columns
            Parameters to send; None sends all others.
        definitions
            Parameter (or event) ID to what is said of it: `name`, `description`, `unit`, `minimum`, `maximum`,
            `format`, `group`, `level` (events). None takes `frame.attrs["definitions"]` where there is one.
        events
            Rows are events: columns `id` and `value`, and tags.
        replay, restamp
            At the frame's own pace, so many seconds of its time in one; `restamp` shifts the times to now.
        every, until_stopped
            Seconds between two items of an iterator; whether Ctrl-C is its regular end.
        inf
            `refuse` infinities, or send them as `null`. NaN, NaT, NA and None are always null.
        format
            `timeseries` (many rows a message; all of Quix's clients read it) or `json` (one row one message).
        rows_per_message
            At most so many rows in one message; None leaves it to their size, which is always bounded.
        keep_open, end
            Write no end of the stream, or which: `Closed`, `Aborted`, `Terminated`.

        Returns
        -------
        PublishReport
            What became of the rows; a `PublishPlan` with `dry_run`, a `BackgroundPublish` with `background`.

        Raises
        ------
        TopicNotFound
            With the nearest names.
        FrameError
            The frame cannot be sent as it is; names column, row and value. Nothing was sent of a whole frame.
        BrokerError
            The broker does not answer or refuses the environment's credentials.
        DeliveryError, PublishInterrupted
            Some rows were not acknowledged; carries the report, whose `retry()` sends the rest.
        """
        parsed = Options.of(**options)
        topic = self._named(topic)
        try:
            to = self._destination(topic, create and not dry_run)
            if dry_run:
                return publishing.plan(frame, to, parsed)
            to.broker.warm_up(to.topic_id)
            if background:
                running = publishing.start(frame, to, parsed, progress, self.note_report)
                self._running.append(running)
                return running
            report = publishing.publish(frame, to, parsed, progress)
        except (DeliveryError, PublishInterrupted) as error:
            self.note_report(error.report)
            raise
        except KeyboardInterrupt:  # before there was anything to account for: the topic was being looked up
            stopped = stopped_before_it_began(topic, self.environment.id)
            self.note_report(stopped.report)
            raise stopped from None
        self.note_report(report)
        return report

    def read(
        self,
        topic: str | None = None,
        *,
        last: int | None = None,
        since: str | timedelta | datetime | None = None,
        start: Literal["earliest", "latest"] = "earliest",
        stream: str | None = None,
        limit: int | None = None,
        timeout_s: float = 10.0,
        events: bool = False,
    ) -> pd.DataFrame:
        """Rows of a topic as a pandas DataFrame, ordered by the broker's time, within a partition by offset.

        Parameters
        ----------
        topic
            Name or ID, exactly; None takes `default_topic`.
        last
            Only the newest so many rows.
        since
            Only messages that the broker has since then: a span such as `10m` or `1h30m`, a timedelta, or a datetime.
        start
            `earliest` reads from the oldest row to the end as it stands now; `latest` waits for what comes from now on,
            until `limit` or `timeout_s`.
        stream
            Only the stream with this ID.
        limit
            At most so many rows.
        timeout_s
            Stop after so many seconds; if the end was not reached, an `IncompleteRead` warning says so.
        events
            Read events instead of rows: `timestamp`, `id`, `value`, and their tags.

        Returns
        -------
        pandas.DataFrame
            `timestamp` (datetime64[ns, UTC]), the parameters (int64, Int64 with nulls, float64, str, bytes in an object
            column), tags as `TAG__<name>`, and `stream_id` unless `stream` was given. An empty topic gives 0 rows.

        Raises
        ------
        TopicNotFound, BrokerError
        """
        options = reading.ReadOptions(last, since, start, stream, limit, timeout_s, events)
        return reading.read(self.broker, self.topic(self._named(topic)).id, options)

    def tail(
        self,
        topic: str | None = None,
        *,
        stream: str | None = None,
        events: bool = False,
        every_s: float = 0.5,
        timeout_s: float | None = None,
        limit: int | None = None,
        keep: int = 1000,
    ) -> tailing.Tail:
        """A topic's rows from now on, to be iterated: a DataFrame every `every_s` seconds, also one without rows.

        Parameters
        ----------
        topic
            Name or ID, exactly; None is `default_topic`.
        stream
            Only the stream with this ID.
        events
            Follow events instead of rows.
        every_s
            Seconds between two frames.
        timeout_s
            End after so many seconds; None goes on until the loop is left or interrupted.
        limit
            End when at least so many rows have come.
        keep
            How many of the newest rows `Tail.recent()` has at hand.

        Raises
        ------
        TopicNotFound
            With the nearest names.
        BrokerError
            The broker does not answer or refuses the environment's credentials; when the loop begins.

        Examples
        --------
        >>> for laps in session.tail("f1-data", stream="car-1"):  # doctest: +SKIP
        ...     print(len(laps), laps.speed.max())
        """
        options = tailing.TailOptions(stream, events, every_s, timeout_s, limit, keep)
        return tailing.Tail(self.broker, self.topic(self._named(topic)).id, options)

    def stream(
        self,
        topic: str | None = None,
        *,
        create: bool = False,
        packet_size: int | None = None,
        time_span_s: float | None = None,
        buffer_timeout_s: float | None = streaming.BUFFER_TIMEOUT_S,
        event_definitions: Mapping[str, Mapping[str, Any]] | None = None,
        **options: Any,
    ) -> streaming.StreamWriter:
        """A stream of a topic to write rows, frames and events to as they come: a context manager.

        Rows wait in a buffer for company; whichever of its conditions is met first releases them. With none of the
        three, each `write` sends at once.

        Parameters
        ----------
        topic
            Name or ID, exactly. One that does not exist is an error, unless `create`. None takes `default_topic`.
        create
            Make the topic if it is not there.
        packet_size
            Release when so many rows are held.
        time_span_s
            Release before a row that would make the held rows' own times span so many seconds.
        buffer_timeout_s
            Release when the oldest row has been held so long; None waits for the other conditions.
        event_definitions
            Event ID to what is said of it: `name`, `description`, `level`, `group`, `custom_properties`.
        stream
            ID of the stream (the Kafka key); None makes a new one.
        name, location, metadata, parents, time_of_recording
            The stream's properties, as Quix shows them.
        definitions
            Parameter ID to what is said of it; see `publish`. None takes the first frame's `attrs["definitions"]`.
        time, time_unit, tz, tags, columns, inf
            How rows are to be understood; see `publish`.
        keep_open
            Write no end of the stream: more will follow under the same ID.

        Raises
        ------
        TopicNotFound
            With the nearest names.
        FrameError
            An option that cannot be.
        BrokerError
            The broker does not answer or refuses the environment's credentials.

        Examples
        --------
        >>> with session.stream("f1-data", stream="car-1", tags=["lap"]) as car:  # doctest: +SKIP
        ...     car.write({"speed": 211.5, "gear": 6, "lap": 3})
        ...     car.write_event("pit-stop", "medium tyres")
        """
        said = streaming.options(**options)
        conditions = streaming.conditions(packet_size, time_span_s, buffer_timeout_s)
        to = self._destination(self._named(topic), create)
        return streaming.StreamWriter(
            to, said.stream, said.frame, conditions, event_definitions=event_definitions, on_report=self.note_report
        )

    @property
    def last_report(self) -> PublishReport | None:
        """Report of the latest publish, also of one that failed or was interrupted."""
        return self._last_report

    def note_report(self, report: PublishReport) -> None:
        """Take a report as the latest; what writes live calls it when a stream is over."""
        self._last_report = report

    @property
    def broker(self) -> Broker:
        """The environment's broker; its credentials are asked for at the first use."""
        with self._lock:
            if self._broker is None:
                with self._asking():
                    settings = self.portal.kafka_settings(self.environment.id).overlaid(self._kafka.reveal())
                self._broker = Broker(settings, group_prefix=f"{self.environment.id}-")
            return self._broker

    def verify(self) -> None:
        """Ask the portal whether it still accepts the token.

        Raises
        ------
        TokenRejected, PortalError
        """
        with self._asking():
            self.environment = self.portal.environment(self.environment.id)

    def note_problem(self, problem: QuixnbError) -> None:
        """Have this said of the session until the portal has next answered well."""
        self.problem = problem.to_keep()
        changed()

    # ----

    @contextlib.contextmanager
    def _asking(self) -> Iterator[None]:
        """Around a call to the portal: note what it thinks of the token, and tell whoever shows that."""
        try:
            yield
        except (TokenRejected, PortalUnreachable) as error:
            self.note_problem(error)
            raise
        self.problem, self.verified_at = None, datetime.now(UTC)
        changed()

    def _named(self, topic: str | None) -> str:
        if topic is not None:
            return topic
        if self.default_topic is not None:
            return self.default_topic
        raise TopicNotFound(
            "No topic was named, and none was chosen.",
            cause="Without a name it is the topic that was chosen in the picker, or `session.default_topic`.",
            fix="Name the topic, or choose one: run %quix_token.",
        )

    def _destination(self, topic: str, create: bool) -> Destination:
        try:
            found = self.topic(topic)
        except TopicNotFound as error:
            if not create:
                error.fix = "Run %quix_topics to see them, or add --create (create=True) to make it."
                raise
            found = self.create_topic(topic)
        return Destination(found.name, found.id, self.environment.id, self.broker)

    def _not_found(self, name: str) -> TopicNotFound:
        names = self.cached_topic_names()
        near = difflib.get_close_matches(name, names, n=2, cutoff=0.5)
        seen = f"{len(names)} topic{'' if len(names) == 1 else 's'} can be seen with this token"
        return TopicNotFound(
            f"There is no topic {name!r} in environment '{self.environment.id}'.",
            cause=f"The nearest is {' or '.join(map(repr, near))}; {seen}." if near else f"{seen.capitalize()}.",
            fix="Run %quix_topics to see them.",
        )


def _warn_of_stop(running: BackgroundPublish) -> None:
    done = running.progress
    warnings.warn(
        f"The publish to '{done.topic_name}' in the background was stopped after {done.rows_delivered:,} rows, because "
        f"its session was closed. Its streams were ended; start it again in the session that is connected now.",
        BackgroundStopped,
        stacklevel=3,
    )


def _among(topics: Sequence[Topic], name: str) -> Topic | None:
    by_id = next((topic for topic in topics if topic.id == name), None)
    return by_id or next((topic for topic in topics if topic.name == name), None)
