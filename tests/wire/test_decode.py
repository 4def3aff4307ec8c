"""Messages to rows: what our reader makes of everything that exists on topics."""

from __future__ import annotations

import contextlib
import math
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pytest

from quixnb.decode import Block, NotData, block
from quixnb.envelope import wrap
from tests.wire import captures, framed

BROKER_MS = 1_700_000_000_000

# Rows that Quix Streams 3 hands out although a column of them would have no type.
REFUSED = {"ts-iso", "ts-null", "ts-over", "text", "nested", "object", "tag-string"}


def rows_of(item: Block) -> list[dict[str, Any]]:
    """A block's rows as Quix Streams 3 hands them out."""
    columns = {**item.numeric, **item.text, **item.binary}
    listed = {name: cells.tolist() if isinstance(cells, np.ndarray) else cells for name, cells in columns.items()}
    return [
        {name: _null(cells[i]) for name, cells in listed.items()}
        | {"Tags": {tag: cells[i] for tag, cells in item.tags.items()}, "Timestamp": int(item.time[i])}
        for i in range(len(item))
    ]


def _null(cell: Any) -> Any:
    return None if isinstance(cell, float) and math.isnan(cell) else cell


def agrees(ours: Any, theirs: Any) -> bool:
    """Whether a cell says the same: numbers as text are numbers for us, and what is no text in a text map is JSON."""
    if isinstance(ours, dict):
        return ours.keys() == theirs.keys() and all(agrees(ours[name], theirs[name]) for name in ours)
    if ours == theirs or (ours is None and theirs == "NaN"):
        return True
    if isinstance(ours, str):
        return not isinstance(theirs, str) and orjson.loads(ours) == theirs
    return isinstance(ours, (int, float)) and ours == (int(theirs) if isinstance(ours, int) else float(theirs))


@pytest.mark.parametrize("case", [case for case in captures.CASES if case != "V05_timeseries_refused_rows"])
def test_captured_data_reads_as_quix_streams_3_reads_it(case: str) -> None:
    for message in captures.messages(case):
        if message.rows is None or "Timestamps" not in (message.value or b"").decode("utf-8", "replace"):
            continue
        if message.key in REFUSED:
            continue
        read = block(message.key, message.value, message.headers, BROKER_MS)

        assert read is not None
        assert len(read) == len(message.rows)
        for ours, theirs in zip(rows_of(read), message.rows, strict=True):
            assert agrees(ours, theirs), message.key


@pytest.mark.parametrize("case", ["H05_numbers", "H06_shape", "H07_strings_binaries_tags"])
def test_captured_oddities_are_refused_in_words_where_a_column_would_have_no_type(case: str) -> None:
    for message in captures.messages(case):
        if message.key in REFUSED:
            with pytest.raises(NotData, match="its columns are malformed"):
                block(message.key, message.value, message.headers, BROKER_MS)


@pytest.mark.parametrize("case", captures.CASES)
def test_no_captured_message_breaks_the_reader(case: str) -> None:
    for message in captures.messages(case):
        with contextlib.suppress(NotData):
            read = block(message.key, message.value, message.headers, BROKER_MS)
            framed.frame([read], with_stream=True)


# ---- one message


def data(**maps: Any) -> bytes:
    full = {"NumericValues": {}, "StringValues": {}, "BinaryValues": {}, "TagValues": {}} | maps
    return wrap("ParameterData", orjson.dumps(full))


def read(**maps: Any) -> pd.DataFrame:
    maps.setdefault("Timestamps", list(range(1, 4)))
    item = block("s", data(**maps), (), BROKER_MS)
    assert item is not None
    return framed.frame([item])


@pytest.mark.parametrize(
    ("cells", "dtype", "listed"),
    [
        ([1, 2, 3], "int64", [1, 2, 3]),
        ([1, None, 3], "Int64", [1, pd.NA, 3]),
        ([2**63, 1, 2], "uint64", [2**63, 1, 2]),
        ([2**64 - 1, None, 2], "UInt64", [2**64 - 1, pd.NA, 2]),
        ([2**63, None, -1], "object", [2**63, None, -1]),
        ([2**63, 0, -1], "object", [2**63, 0, -1]),
        ([1.0, 2.0, 3.0], "float64", [1.0, 2.0, 3.0]),
        ([1, 2.5, None], "float64", [1.0, 2.5, math.nan]),
        ([None, None, None], "float64", [math.nan] * 3),
        ([True, False, True], "int64", [1, 0, 1]),
        ([True, None, False], "Int64", [1, pd.NA, 0]),
        (["NaN", "Infinity", 1], "float64", [math.nan, math.inf, 1.0]),
        ([-0.0, 5e-324, 1e308], "float64", [-0.0, 5e-324, 1e308]),
    ],
)
def test_numbers_keep_their_type(cells: list[Any], dtype: str, listed: list[Any]) -> None:
    column = read(NumericValues={"a": cells})["a"]

    assert column.dtype == dtype
    assert repr(column.tolist()) == repr(listed)


@pytest.mark.parametrize(
    "body",
    [
        {"NumericValues": [1]},
        {"NumericValues": {"a": None}},
        {"NumericValues": {"a": "123"}},
        {"NumericValues": {"a": [1]}},
        {"NumericValues": {"a": [[1], 2, 3]}},
        {"StringValues": {"a": "abc"}},
        {"BinaryValues": {"a": ["AQ", "", ""]}},
        {"BinaryValues": {"a": [1, 2, 3]}},
        {"TagValues": {"a": {"b": 1}}},
        {"Timestamps": None},
        {"Timestamps": "1"},
        {"Timestamps": [2**63, 1, 2]},
        {"Timestamps": [None, 1, 2]},
        {"Timestamps": {"a": 1}},
    ],
    ids=repr,
)
def test_a_malformed_message_is_refused_whole(body: dict[str, Any]) -> None:
    with pytest.raises(NotData, match="its columns are malformed"):
        block("s", data(**{"Timestamps": [1, 2, 3], **body}), (), BROKER_MS)


def test_maps_that_are_missing_or_null_are_empty() -> None:
    item = block("s", wrap("ParameterData", b'{"Timestamps":[1],"NumericValues":null}'), (), BROKER_MS)

    assert item is not None
    assert rows_of(item) == [{"Tags": {}, "Timestamp": 1}]


@pytest.mark.parametrize("model", ["StreamProperties", "ParameterDefinitions", "EventDefinitions", "StreamEnd"])
def test_messages_that_describe_the_stream_hold_no_rows(model: str) -> None:
    assert block("s", wrap(model, b"{}"), (), BROKER_MS) is None


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(NotData, match="'Foo'"):
        block("s", wrap("Foo", b"{}"), (), BROKER_MS)


def test_a_plain_json_object_is_a_row_at_the_brokers_time() -> None:
    item = block("s", b'{"a":1,"b":"x","c":null,"d":[1],"e":true,"f":1.5}', (), BROKER_MS)

    assert item is not None
    frame = framed.frame([item])
    assert frame["timestamp"].tolist() == [pd.Timestamp(BROKER_MS, unit="ms", tz="UTC")]
    assert frame[["a", "b", "d", "e", "f"]].iloc[0].tolist() == [1, "x", "[1]", 1, 1.5]
    assert frame["c"].isna().all()


def test_a_json_rows_own_time_and_tags_are_taken() -> None:
    item = block("s", b'{"a":1,"Timestamp":5,"Tags":{"car":"x","lap":3}}', (), BROKER_MS)

    assert item is not None
    assert rows_of(item) == [{"a": 1, "Tags": {"car": "x", "lap": "3"}, "Timestamp": 5}]


def test_a_json_row_with_a_time_beyond_nanoseconds_has_the_brokers() -> None:
    item = block("s", b'{"Timestamp":9223372036854775808}', (), BROKER_MS)

    assert item is not None
    assert item.time == [BROKER_MS * 1_000_000]


def test_a_value_under_quix_headers_is_never_taken_for_a_plain_row() -> None:
    with pytest.raises(NotData, match="codec"):
        block("s", b'{"Timestamps":[5,1]}', [("__Q_ModelKey", b"X"), ("__Q_CodecId", b"JT-PaDa-1")], BROKER_MS)


# ---- many messages


def blocks(*bodies: dict[str, Any]) -> list[Block]:
    read_ = [block("s", data(**{"Timestamps": [1], **body}), (), BROKER_MS) for body in bodies]
    return [item for item in read_ if item is not None]


def test_a_message_of_nulls_only_does_not_decide_a_parameters_type() -> None:
    frame = framed.frame(
        blocks({"NumericValues": {"a": [None]}}, {"StringValues": {"a": ["x"]}}, {"BinaryValues": {"b": ["AQ=="]}}),
    )

    assert frame["a"].dtype == ("str" if pd.__version__ >= "3" else object)
    assert frame["a"].isna().tolist() == [True, False, True]
    assert frame["b"].tolist() == [None, None, b"\x01"]


def test_json_rows_with_a_null_keep_integers_integers() -> None:
    items = [block("s", value, (), BROKER_MS) for value in (b'{"a":1}', b'{"a":null}', b'{"a":3}')]

    frame = framed.frame(items)

    assert frame["a"].dtype == "Int64"
    assert frame["a"].tolist() == [1, pd.NA, 3]


def test_a_parameter_that_a_message_does_not_have_is_null_there() -> None:
    frame = framed.frame(blocks({"NumericValues": {"a": [1]}}, {"NumericValues": {"b": [2.5]}}))

    assert frame["a"].tolist() == [1, pd.NA]
    assert frame["b"].isna().tolist() == [True, False]


def test_integers_of_both_halves_are_not_wrapped_around() -> None:
    frame = framed.frame(blocks({"NumericValues": {"a": [-1]}}, {"NumericValues": {"a": [2**63]}}))

    assert frame["a"].tolist() == [-1, 2**63]


def test_values_of_different_sorts_under_one_name_are_kept_as_they_are() -> None:
    frame = framed.frame(blocks({"NumericValues": {"a": [1]}}, {"StringValues": {"a": ["x"]}}))

    assert frame["a"].tolist() == [1, "x"]


def test_parameters_are_kept_apart_from_the_frames_own_columns() -> None:
    names = ["timestamp", "timestamp_", "stream_id", "TAG__t"]
    items = blocks({"NumericValues": {name: [i] for i, name in enumerate(names)}, "TagValues": {"t": ["x"]}})

    frame = framed.frame(items, with_stream=True)

    assert frame.iloc[0].tolist()[1:] == [0, 1, 2, 3, "x", "s"]
    assert list(frame.columns) == [
        "timestamp", "timestamp_", "timestamp__", "stream_id_", "TAG__t_", "TAG__t", "stream_id",
    ]  # fmt: skip


def test_half_a_surrogate_pair_from_another_writer_does_not_break_the_frame() -> None:
    item = block("s", wrap("ParameterData", b'{"Timestamps":[1],"StringValues":{"s":["a\\ud800b"]}}'), (), BROKER_MS)

    assert item is not None
    assert framed.frame([item])["s"].tolist()[0].startswith("a")


def test_no_messages_make_a_frame_of_no_rows() -> None:
    frame = framed.frame([], with_stream=True)

    assert list(frame.columns) == ["timestamp", "stream_id"]
    assert frame["timestamp"].dtype == "datetime64[ns, UTC]"
    assert len(frame) == 0
