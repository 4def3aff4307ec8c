"""The topic that was chosen in the picker is the one that verbs take which are given none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from IPython.core.error import UsageError

import quixnb
from quixnb.errors import TopicNotFound
from quixnb.sandbox import Sandbox
from tests.magics.shells import Shell, running_shell
from tests.widgets.conftest import Person

FRAME = "rows = [{'timestamp': 1_767_225_600_000_000_000, 'speed': 1.5}]"


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with running_shell(tmp_path) as running:
        running.run(FRAME)
        yield running


def chosen(person: Person, sandbox: Sandbox, name: str) -> None:
    person.says("token", plain=sandbox.environments["prod"].token_1.reveal())
    person.says("topic", id=f"sandbox-f1-prod-{name}")


def test_cells_and_lines_without_a_topic_use_it(shell: Shell, person: Person, sandbox: Sandbox) -> None:
    chosen(person, sandbox, "weather")

    report = shell.run("%%quix_publish --stream a --time-unit ns\nrows")
    frame = shell.run("%quix_read --stream a")

    assert (report.topic_name, report.rows_delivered) == ("weather", 1)
    assert list(frame["speed"]) == [1.5]


def test_one_that_is_named_goes_before_it(shell: Shell, person: Person, sandbox: Sandbox) -> None:
    chosen(person, sandbox, "weather")

    assert shell.run("%%quix_publish f1-data --dry-run --time-unit ns\nrows").topic_name == "f1-data"


def test_the_functions_do_the_same(person: Person, sandbox: Sandbox) -> None:
    chosen(person, sandbox, "cpu-load")
    rows = [{"timestamp": 1_767_225_600_000_000_000, "speed": 1.5}]

    report = quixnb.publish(rows, stream="b", time_unit="ns")

    assert report.topic_name == "cpu-load"
    assert len(quixnb.read(stream="b")) == 1


@pytest.mark.parametrize("cell", ["%%quix_publish --dry-run\nrows", "%quix_read"])
def test_without_a_choice_a_topic_is_required_as_ever(
    shell: Shell, person: Person, sandbox: Sandbox, cell: str
) -> None:
    person.says("token", plain=sandbox.environments["dev"].token_1.reveal())

    with pytest.raises(UsageError, match="required: TOPIC"):
        shell.run(cell)
    with pytest.raises(TopicNotFound, match="No topic was named, and none was chosen"):
        quixnb.read()
