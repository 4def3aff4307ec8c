"""The wrapper to the byte, and both envelopes as they exist on topics."""

from __future__ import annotations

import gzip
import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from quixnb import envelope, timeseries
from quixnb.envelope import NotQuix, unwrap, wrap
from tests.wire import captures

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)

# Case → number of the message of that model in it.
WRITTEN = [
    ("StreamProperties", "L01_stream_properties", 0),
    ("ParameterDefinitions", "L03_parameter_definitions", 1),
    ("EventDefinitions", "L04_event_definitions", 1),
    ("ParameterData", "L08_df_strings", 1),
    ("EventData[]", "L33_events", 1),
    ("StreamEnd", "L01_stream_properties", 1),
]


@pytest.mark.parametrize(("model", "case", "number"), WRITTEN)
def test_wraps_a_body_as_the_old_client_does_to_the_byte(model: str, case: str, number: int) -> None:
    captured = list(captures.messages(case))[number].value
    assert captured is not None
    said = json.loads(captured)
    body = captured[said["S"] : said["E"]]

    assert said["K"] == model
    assert wrap(model, body) == captured


def test_the_offsets_count_bytes_where_text_is_not_ascii() -> None:
    body = '{"s":["žluťoučký 日本 🚀"]}'.encode()

    value = wrap(envelope.PARAMETER_DATA, body)

    said = orjson.loads(value)
    assert value[said["S"] : said["E"]] == body
    assert said["S"] == 34
    assert value.startswith(b'{"C":"JT","K":"ParameterData","V":{')


@pytest.mark.parametrize(
    ("model", "start"),
    [
        (envelope.PARAMETER_DATA, 34),
        (envelope.STREAM_PROPERTIES, 37),
        (envelope.EVENT_DEFINITIONS, 37),
        (envelope.PARAMETER_DEFINITIONS, 41),
        (envelope.EVENT_DATA, 32),
        (envelope.STREAM_END, 30),
    ],
)
def test_every_model_starts_where_quix_streams_cuts(model: str, start: int) -> None:
    assert orjson.loads(wrap(model, b"{}"))["S"] == start


def test_the_overhead_is_never_less_than_the_envelope() -> None:
    body = b"[" + b"1" * 900_000 + b"]"

    assert len(wrap(envelope.PARAMETER_DATA, body)) - len(body) <= envelope.OVERHEAD_BYTES


@given(st.sampled_from(["ParameterData", "EventData[]"]), st.lists(JSON) | st.dictionaries(st.text(), JSON))
def test_what_is_wrapped_is_unwrapped_the_same(model: str, body: object) -> None:
    assert unwrap(wrap(model, orjson.dumps(body))) == (model, body)


def test_properties_and_end_are_written_in_the_minimal_form_that_quix_streams_writes() -> None:
    assert timeseries.properties() == next(iter(captures.messages("L05_df_numeric"))).value
    assert timeseries.end() == wrap("StreamEnd", b'{"StreamEndType":"Closed"}')


def test_properties_are_written_as_both_clients_read_them() -> None:
    ideal = next(captures.messages("H02_ideal_wrapper")).value

    written = timeseries.properties(
        name="My stream ž",
        location="/cars/ai/carA",
        metadata={"k": "v"},
        parents=["p1"],
        time_of_recording="2023-11-14T22:13:20.123456Z",
    )

    assert written == ideal


# ---- reading


@pytest.mark.parametrize("case", captures.CASES)
def test_every_captured_message_is_either_read_or_refused_in_words(case: str) -> None:
    for message in captures.messages(case):
        try:
            unwrap(message.value, message.headers)
        except NotQuix:
            is_read = False
        else:
            is_read = True
        assert is_read or message.rows is None


def test_the_layouts_that_quix_streams_3_reads_are_read() -> None:
    for message in captures.messages("H04_wrapper_layout"):
        if message.rows is not None:
            assert unwrap(message.value).is_timeseries, message.key


@pytest.mark.parametrize("model", ["TimeseriesData", "ParameterData"])
def test_a_bare_value_with_the_two_headers_is_read(model: str) -> None:
    headers = [("__Q_ModelKey", model.encode()), ("__Q_CodecId", b"JT"), ("other", b"\xff\xfe"), ("none", None)]

    read = unwrap(b'{"Timestamps":[1]}', headers)

    assert read == (model, {"Timestamps": [1]})
    assert read.is_timeseries


def test_a_gzipped_value_is_read() -> None:
    headers = [("__Q_ModelKey", b"TimeseriesData"), ("__Q_CodecId", b"[GZIP]JT")]

    assert unwrap(gzip.compress(b'{"Timestamps":[1]}'), headers).body == {"Timestamps": [1]}


@pytest.mark.parametrize("value", [b"not gzip", gzip.compress(b"{}")[:-4], b"\x1f\x8b\x08\x00" + b"\xff" * 20])
def test_a_broken_gzip_is_not_quix(value: bytes) -> None:
    with pytest.raises(NotQuix, match="compression is broken"):
        unwrap(value, [("__Q_ModelKey", b"TimeseriesData"), ("__Q_CodecId", b"[GZIP]JT")])


def test_bare_nan_and_infinity_are_read_as_the_old_client_reads_them() -> None:
    body = unwrap(wrap("ParameterData", b'{"a":[NaN,Infinity,-Infinity]}')).body

    assert str(body["a"]) == "[nan, inf, -inf]"


@pytest.mark.parametrize(
    "value",
    [
        None,
        b"",
        b"hello",
        b"\xff\x00\x01",
        b"[1,2]",
        b"{",
        b'{"a":1}',
        b'{"C":1,"K":2}',
        b'{"C":"JT","K":"StreamEnd","V":{}',
        b'{"C":"JT","K":"ParameterData","V":"AAEC","S":34,"E":40}',
        b'{"C":"JT","K":"ParameterData","V":{"s":["\xff"]},"S":34,"E":40}',
        b"<\x01\x00\x00\x00/\x00/\x01>{",
        b'{"C":"JT","K":' + b"[" * 100_000,
    ],
    ids=repr,
)
def test_what_is_not_quix_is_refused_whatever_it_is(value: bytes | None) -> None:
    with pytest.raises(NotQuix):
        unwrap(value)


@pytest.mark.parametrize("case", ["L38_codec_compact_json", "L39_codec_protobuf"])
def test_a_codec_of_differences_or_protobuf_is_refused_and_never_taken_for_plain_json(case: str) -> None:
    data = [m for m in captures.messages(case) if (m.value and b"PaDa" in m.value) or b"PB-Pd" in (m.value or b"")]

    assert data
    for message in data:
        with pytest.raises(NotQuix):
            unwrap(message.value)


def test_a_header_with_another_codec_is_refused() -> None:
    with pytest.raises(NotQuix, match="JT-PaDa-1"):
        unwrap(b'{"Timestamps":[5,1]}', [("__Q_ModelKey", b"ParameterData"), ("__Q_CodecId", b"JT-PaDa-1")])
