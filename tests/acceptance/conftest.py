"""A sandbox for all tests of this folder, a session in it, and a shell; and what is on the topics by now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pandas as pd
import pytest
from confluent_kafka import Consumer, TopicPartition

import quixnb
import quixnb.connecting
import quixnb.sandbox
import quixnb.session
from quixnb.broker import Broker
from quixnb.portal import Portal
from quixnb.sandbox import Sandbox
from tests.acceptance.fronts import Front
from tests.fakes import remember
from tests.magics.shells import Shell, running_shell

Marks = dict[str, tuple[int, ...]]


@pytest.fixture(scope="session")
def sandbox() -> Iterator[Sandbox]:
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield with_broker_passwords_remembered(running)


@pytest.fixture
def fresh() -> Iterator[Sandbox]:
    """A sandbox of the test's own, whose tokens may be rotated."""
    with quixnb.sandbox.start(creating_s=0.05) as running:
        yield with_broker_passwords_remembered(running)


@pytest.fixture(autouse=True)
def _no_session_is_left() -> Iterator[None]:
    yield
    quixnb.connecting.forget()


@pytest.fixture
def frame() -> pd.DataFrame:
    times = pd.date_range("2026-01-01", periods=3, freq="s", tz="UTC", unit="ns")
    return pd.DataFrame({"timestamp": times, "speed": [1.5, 2.5, 3.5], "car": ["a", "b", "a"]})


@pytest.fixture
def session(sandbox: Sandbox) -> quixnb.Session:
    """The default session, in the dev environment."""
    return quixnb.connect(token=sandbox.environments["dev"].token_1, portal_api=sandbox.portal_api)


@pytest.fixture
def shell(tmp_path: Path, frame: pd.DataFrame) -> Iterator[Shell]:
    """A shell with quixnb loaded, and a frame called `df`."""
    with running_shell(tmp_path) as running:
        running.user_ns["df"] = frame
        yield running


@pytest.fixture
def front(sandbox: Sandbox) -> Iterator[Front]:
    """A server before the sandbox's portal."""
    with Front(sandbox.portal_api) as running:
        yield running


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Sessions that give up sooner than a person would."""
    monkeypatch.setattr(quixnb.connecting, "Portal", partial(Portal, timeout_s=0.3, retry_for_s=0.5))
    monkeypatch.setattr(quixnb.session, "Broker", partial(Broker, connect_s=0.5))


@pytest.fixture(scope="session")
def marks(sandbox: Sandbox) -> Iterator[Callable[[], Marks]]:
    """What is on the topics: topic ID to the next offset of each of its partitions."""
    consumer = Consumer({"bootstrap.servers": sandbox.bootstrap_servers, "group.id": "marks", "log_level": 0})

    def marks() -> Marks:
        topics = consumer.list_topics(timeout=10).topics.values()
        return {topic.topic: tuple(_next(consumer, topic.topic, each) for each in topic.partitions) for topic in topics}

    yield marks
    consumer.close()


@pytest.fixture
def nothing_is_sent(marks: Callable[[], Marks]) -> Iterator[None]:
    """Fail the test if a message is on any topic of any environment that was not there before."""
    before = marks()
    yield
    assert marks() == before


def refused(error: BaseException | None, kind: type[quixnb.QuixnbError], *words: str) -> None:
    """Assert that `error` is of this kind, says these words, and is shown as three lines, each with something in it."""
    assert type(error) is kind, error
    assert isinstance(error, quixnb.QuixnbError)
    lines = error._render_traceback_()
    assert len(lines) == 3, lines
    assert all(line.strip() for line in lines)
    assert not any("\n" in line for line in lines)
    for word in words:
        assert word in str(error), (word, lines)


def with_broker_passwords_remembered(sandbox: Sandbox) -> Sandbox:
    """Note what only the portal tells, for the search at the end of the run."""
    headers = {"Authorization": f"Bearer {sandbox.admin_token.reveal()}"}
    for each in httpx2.get(f"{sandbox.portal_api}/workspaces", headers=headers, trust_env=False).json():
        remember(each["broker"]["password"])
    return sandbox


def _next(consumer: Any, topic: str, partition: int) -> int:
    return int(consumer.get_watermark_offsets(TopicPartition(topic, partition), timeout=10)[1])
