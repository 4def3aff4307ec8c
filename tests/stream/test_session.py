"""`Session.stream`, against a real portal and a real broker."""

from __future__ import annotations

from collections.abc import Iterator

import pandas as pd
import pytest

import quixnb.sandbox
from quixnb.connecting import opened
from quixnb.errors import DeliveryError, FrameError, TopicNotFound
from quixnb.sandbox import Sandbox
from quixnb.session import Session
from tests.sandbox.helpers import remembered


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield remembered(running)


@pytest.fixture
def session(sandbox: Sandbox) -> Iterator[Session]:
    with opened(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api) as connected:
        yield connected


def test_rows_written_live_are_read_back(session: Session) -> None:
    with session.stream("f1-data", stream="live-1", name="Live", tags=["lap"]) as stream:
        stream.write({"speed": 211.5, "gear": 6, "lap": 3})
        times = pd.date_range("2026-01-01", periods=2, tz="UTC")
        stream.write(pd.DataFrame({"timestamp": times, "speed": [1.0, None], "lap": "4"}))

    read = session.read("f1-data", stream="live-1")

    assert read.speed.tolist()[:2] == [211.5, 1.0]
    assert read["TAG__lap"].tolist() == ["3", "4", "4"]
    assert session.last_report is stream.report


def test_the_topic_must_exist_unless_it_is_to_be_made(session: Session) -> None:
    with pytest.raises(TopicNotFound, match="f1-data"):
        session.stream("f1-dta")

    with session.stream("made-by-a-stream", create=True) as stream:
        stream.write({"n": 1})

    assert session.topic("made-by-a-stream").id == stream.report.topic_id


def test_each_stream_without_an_id_is_a_new_one(session: Session) -> None:
    first, second = session.stream("f1-data"), session.stream("f1-data")

    assert first.stream_id != second.stream_id
    first.close()
    second.close()


@pytest.mark.parametrize(
    ("option", "why"),
    [
        ({"stream_by": "car"}, "open one for each value"),
        ({"events": True}, "write_event"),
        ({"end": "Aborted"}, "close"),
        ({"replay": 2.0}, "no option 'replay'"),
        ({"nonsense": 1}, "no option 'nonsense'"),
    ],
)
def test_an_option_that_a_stream_has_not_is_named_with_what_to_do(
    session: Session, option: dict[str, object], why: str
) -> None:
    with pytest.raises(TypeError, match=why):
        session.stream("f1-data", **option)  # type: ignore[arg-type]


def test_an_option_that_cannot_be_is_refused_before_anything_is_opened(session: Session) -> None:
    with pytest.raises(FrameError, match="cannot be a stream's ID"):
        session.stream("f1-data", stream="a/b")
    with pytest.raises(FrameError, match="packet"):
        session.stream("f1-data", packet_size=0)


def test_the_report_of_a_stream_that_lost_rows_is_the_last_one() -> None:
    with quixnb.sandbox.start() as leaving:
        token, kafka = remembered(leaving).environments["dev"].token_1, {"message.timeout.ms": 1200}
        session = opened(token=token, portal_api=leaving.portal_api, kafka=kafka)
        stream = session.stream("f1-data")
    stream.write({"n": 1})

    with pytest.raises(DeliveryError) as caught:
        stream.close()

    assert session.last_report is caught.value.report
    assert caught.value.report.rows_failed == 1
    session.close()
