"""`%quix_read`, through a real shell and a real broker."""

from __future__ import annotations

import pytest
from IPython.core.error import UsageError

from quixnb.errors import TopicNotFound
from tests.magics.shells import Shell


@pytest.fixture
def published(connected: Shell) -> Shell:
    connected.run("%quix_publish cpu-load df --stream read-back;")
    return connected


def test_rows_come_back(published: Shell) -> None:
    frame = published.run("%quix_read cpu-load --stream read-back")

    assert list(frame["lap time"])[-3:] == [10, 20, 30]


def test_the_frame_goes_into_a_variable_too(published: Shell) -> None:
    published.run("%quix_read cpu-load --stream read-back --last 2 --out back")

    assert list(published.user_ns["back"].speed) == [2.5, 3.5]


@pytest.mark.parametrize(("option", "rows"), [("--limit 1", 1), ("--last 1", 1), ("--since 1h --last 3", 3)])
def test_options_pick_rows(published: Shell, option: str, rows: int) -> None:
    assert len(published.run(f"%quix_read cpu-load {option} --timeout 10")) == rows


def test_an_unknown_topic_is_an_error(connected: Shell) -> None:
    with pytest.raises(TopicNotFound):
        connected.run("%quix_read cpu-laod")


@pytest.mark.parametrize("line", ["", "a b", "t --last 0", "t --from middle", "t --timeout x", "t --out 1x"])
def test_a_mistyped_line_is_a_usage_error(connected: Shell, line: str) -> None:
    with pytest.raises(UsageError, match=r"^%quix_read: "):
        connected.run(f"%quix_read {line}")
