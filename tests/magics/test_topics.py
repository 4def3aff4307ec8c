"""`%quix_topics`, through a real shell and a real portal."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from quixnb.magics.topics import retention
from quixnb.portal import Topic
from tests.magics.shells import Shell


def test_topics_are_listed_with_name_and_id(connected: Shell) -> None:
    topics = connected.run("%quix_topics")

    assert "f1-data" in [topic.name for topic in topics]
    assert "telemetry  sandbox-f1-dev-telemetry-7c1e" in repr(topics)
    assert '<th scope="col"' in topics._repr_html_()


def test_a_pattern_picks_some(connected: Shell) -> None:
    topics = connected.run("%quix_topics f1-*")

    assert [topic.name for topic in topics] == ["f1-data"]
    assert repr(topics).splitlines()[0] == "1 topic like 'f1-*' in sandbox-f1-dev"


def test_no_topic_is_no_error(connected: Shell) -> None:
    assert repr(connected.run("%quix_topics nothing-like-it")) == "0 topics like 'nothing-like-it' in sandbox-f1-dev"


def test_a_topic_is_made_with_its_partitions(connected: Shell) -> None:
    [made] = connected.run("%quix_topics --create made-here --partitions 2")

    assert (made.name, made.status) == ("made-here", "Ready")
    assert "made-here" in repr(connected.run("%quix_topics made"))


def test_internal_topics_are_shown_when_asked_for(connected: Shell) -> None:
    connected.run("%quix_topics --create changelog__x")

    assert "changelog__x" not in repr(connected.run("%quix_topics"))
    assert "changelog__x" in repr(connected.run("%quix_topics --all"))
    connected.run("%config QuixMagics.show_internal_topics = True")
    assert "changelog__x" in repr(connected.run("%quix_topics"))


@pytest.mark.parametrize("line", ["--partitions 2", "pattern --create x", "--all --create x", "--create"])
def test_options_that_do_not_go_together_are_a_usage_error(connected: Shell, line: str) -> None:
    with pytest.raises(UsageError, match=r"^%quix_topics: "):
        connected.run(f"%quix_topics {line}")


@pytest.mark.parametrize(
    ("minutes", "octets", "says"),
    [
        (None, None, None),
        (-1, -1, "for ever"),
        (10080, None, "7 d"),
        (120, -1, "2 h"),
        (90, 5_242_880, "90 min, 5.2 MB"),
        (-1, 5_242_880, "5.2 MB"),
    ],
)
def testretention_is_said_in_time_and_size(minutes: int | None, octets: int | None, says: str | None) -> None:
    topic = Topic("id", "name", "environment", retention_minutes=minutes, retention_bytes=octets)

    assert retention(topic) == says
