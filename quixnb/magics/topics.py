"""`%quix_topics`: the environment's topics, and new ones."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.error import UsageError
from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.magics.arguments import MagicParser, positive
from quixnb.magics.settings import Theme
from quixnb.results import Listing

if TYPE_CHECKING:
    from quixnb.portal import Topic

TOPICS = MagicParser(
    "%quix_topics",
    """\
Show the topics of the current environment: name, ID, partitions, retention, status.

The ID is the topic's name in Kafka; the portal decides it. Topics that Quix Streams makes for
itself are left out unless --all is given. The list can be taken by position: `_[0].id`.""",
    """\
  %quix_topics
  %quix_topics f1-*
  %quix_topics --create laps --partitions 4""",
)
TOPICS.add_argument("pattern", metavar="PATTERN", nargs="?", help="only names like this: f1, f1-*")
TOPICS.add_argument("--create", metavar="NAME", help="make a topic, and wait until it is ready")
TOPICS.add_argument("--partitions", metavar="N", type=positive, help="partitions of the new topic")
TOPICS.add_argument("--all", action="store_true", help="internal topics too")

_COLUMNS = ("name", "ID", "partitions", "retention", "status")


@magics_class
class TopicMagics(Theme):
    """Topics."""

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_topics(self, line: str) -> Listing[Topic]:  # noqa: D102
        from quixnb.connecting import current

        args = TOPICS.parse_line(line)
        _check(args)
        session = current()
        if args.create:
            made = session.create_topic(args.create, partitions=args.partitions)
            return _listing(f"Topic '{made.name}' is {made.status} in {session.environment.id}", [made])
        internal = args.all or self.settings.show_internal_topics
        topics = session.topics(args.pattern, internal=internal, refresh=True)
        return _listing(_title(len(topics), args.pattern, session.environment.id), topics)

    quix_topics.__doc__ = TOPICS.format_help()


def _check(args: argparse.Namespace) -> None:
    if args.partitions and not args.create:
        raise UsageError("%quix_topics: --partitions belongs to --create NAME")
    if args.create and (args.pattern or args.all):
        raise UsageError("%quix_topics: --create goes without a pattern and without --all")


def _title(count: int, pattern: str | None, environment: str) -> str:
    like = f" like '{pattern}'" if pattern else ""
    return f"{count:,} topic{'' if count == 1 else 's'}{like} in {environment}"


def _listing(title: str, topics: Sequence[Topic]) -> Listing[Topic]:
    return Listing(title, _COLUMNS, ((topic, _cells(topic)) for topic in topics))


def _cells(topic: Topic) -> tuple[Any, ...]:
    status = f"{topic.status}: {topic.last_error}" if topic.last_error else topic.status
    return topic.name, topic.id, topic.partitions, retention(topic), status


def chosen_topic(parser: MagicParser) -> str:
    """The topic that was chosen in the picker, for a line that names none.

    Raises
    ------
    UsageError
        None was.
    """
    from quixnb.connecting import default

    session = default()
    if session is None or session.default_topic is None:
        parser.error("the following arguments are required: TOPIC (or choose one: %quix_token)")
    return session.default_topic


def retention(topic: Topic) -> str | None:
    """How long and how much the topic keeps: `7 d`, `90 min, 5.2 MB`; a limit below 0 is none."""
    from quixnb.report import size

    if topic.retention_minutes is None and topic.retention_bytes is None:
        return None
    minutes, octets = topic.retention_minutes or -1, topic.retention_bytes or -1
    limits = [_span(minutes) if minutes > 0 else "", size(octets) if octets > 0 else ""]
    return ", ".join(filter(None, limits)) or "for ever"


def _span(minutes: int) -> str:
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes % size == 0:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
