"""Every awkward frame, as Quix Streams 3 and 0.5 deliver it: as `docs/wire-format.md` says, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.interop.conftest import Streams, stream_of
from tests.interop.frames import AWKWARD
from tests.sample_frames import Sample

pytestmark = pytest.mark.quixstreams


@pytest.mark.parametrize("name", AWKWARD)
def test_quix_streams_3_gets_every_value_exactly(name: str, read_by_3: Streams) -> None:
    rows = [row["value"] for row in read_by_3[stream_of(name)]]

    # repr tells 1 from 1.0 and -0.0 from 0.0.
    assert [repr(sorted(row.items())) for row in rows] == [repr(sorted(row.items())) for row in _as_rows(AWKWARD[name])]


@pytest.mark.parametrize("name", AWKWARD)
def test_quix_streams_05_gets_every_value_with_numbers_as_doubles(name: str, read_by_05: Streams) -> None:
    messages = [item["columns"] for item in read_by_05[stream_of(name)] if item["kind"] == "rows"]

    assert {name: repr(cells) for name, cells in _gathered(messages).items()} == {
        name: repr(cells) for name, cells in _as_doubles(AWKWARD[name]).items()
    }


def _as_rows(sample: Sample) -> list[dict[str, Any]]:
    """What 3's row functions should get; a binary column is missing where it is null."""
    binary = {name for name, cells in sample.columns.items() if any(isinstance(cell, bytes) for cell in cells)}
    rows = []
    for number, ns in enumerate(sample.time):
        row = {name: cells[number] for name, cells in sample.columns.items()}
        row = {name: cell for name, cell in row.items() if cell is not None or name not in binary}
        rows.append({**row, "Tags": {name: cells[number] for name, cells in sample.tags.items()}, "Timestamp": ns})
    return rows


def _as_doubles(sample: Sample) -> dict[str, list[Any]]:
    """What 0.5's frames should hold: it has no other number than a double."""
    columns = {
        name: [float(cell) if isinstance(cell, int) else cell for cell in cells]
        for name, cells in sample.columns.items()
    }
    return {"timestamp": list(sample.time), **columns, **{f"TAG__{name}": [*tag] for name, tag in sample.tags.items()}}


def _gathered(messages: list[dict[str, list[Any]]]) -> dict[str, list[Any]]:
    """The columns of consecutive frames as one, None where a frame lacks a column."""
    gathered: dict[str, list[Any]] = {}
    rows = 0
    for columns in messages:
        count = len(columns["timestamp"])
        for name in gathered.keys() | columns.keys():
            gathered.setdefault(name, [None] * rows).extend(columns.get(name, [None] * count))
        rows += count
    return gathered
