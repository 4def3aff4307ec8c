"""The two envelopes of a Quix message on Kafka: written as wrapper, read as wrapper or header protocol.

The wrapper holds everything in the value, `{"C":codec,"K":model,"V":value,"S":start,"E":end}`, and is the only form
that Quix Streams 0.5, 2, 3 and .NET all read; see docs/wire-format.md.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable
from typing import Any, Final, NamedTuple

import orjson

PARAMETER_DATA: Final = "ParameterData"
EVENT_DATA: Final = "EventData[]"
STREAM_PROPERTIES: Final = "StreamProperties"
PARAMETER_DEFINITIONS: Final = "ParameterDefinitions"
EVENT_DEFINITIONS: Final = "EventDefinitions"
STREAM_END: Final = "StreamEnd"

_TIMESERIES: Final = frozenset({PARAMETER_DATA, "TimeseriesData"})
_EVENTS: Final = frozenset({EVENT_DATA, "EventData"})
# The codecs that are plain JSON. Quix Streams 0.5 can also be told to write Protobuf, and a JSON of differences, whose
# `Timestamps` are none.
_CODECS: Final = frozenset({"JT", "J"})
_LIFECYCLE: Final = frozenset({STREAM_PROPERTIES, PARAMETER_DEFINITIONS, EVENT_DEFINITIONS, STREAM_END})

Headers = Iterable[tuple[str, bytes | str | None]]


class NotQuix(ValueError):
    """The message has neither envelope, or its JSON is broken."""


class Unwrapped(NamedTuple):
    """A message's model and its decoded JSON."""

    model: str
    body: Any

    @property
    def is_timeseries(self) -> bool:
        """Whether the body holds rows of parameters."""
        return self.model in _TIMESERIES

    @property
    def is_events(self) -> bool:
        """Whether the body holds events."""
        return self.model in _EVENTS

    @property
    def is_lifecycle(self) -> bool:
        """Whether the body says something of the stream and holds no rows."""
        return self.model in _LIFECYCLE


def wrap(model: str, body: bytes) -> bytes:
    """The Kafka value that carries `body`, the UTF-8 JSON of one `model`.

    `S` and `E` are byte offsets of the body in the value; Quix Streams 0.5 cuts the body out by them, so the head's
    five first bytes, its field order and both numbers must be exact.
    """
    head = b'{"C":"JT","K":"%s","V":' % model.encode()
    tail = b',"S":%d,"E":%d}' % (len(head), len(head) + len(body))
    return b"".join((head, body, tail))  # formatting the whole takes many times as long for a long body


OVERHEAD_BYTES: Final = len(wrap(PARAMETER_DATA, b"")) + 16  # both offsets grow to at most 8 digits


def unwrap(value: bytes | None, headers: Headers | None = None) -> Unwrapped:
    """The model and body of a Kafka message in either envelope.

    Raises
    ------
    NotQuix
        A null or empty value, foreign content, a codec other than JSON, or JSON that does not parse.
    """
    if not value:
        raise NotQuix("it has no value")
    if value.startswith(b'{"C":') and b'"K":' in value:
        parsed = _loads(value)
        if isinstance(parsed, dict) and {"C", "K", "V"} <= parsed.keys() and not isinstance(parsed["V"], str):
            _require_json(parsed["C"])
            return Unwrapped(str(parsed["K"]), parsed["V"])
        raise NotQuix("its envelope is not one that Quix Streams writes as JSON")
    named = {key: raw for key, raw in headers or () if key in ("__Q_ModelKey", "__Q_CodecId")}
    if model := _text(named.get("__Q_ModelKey")):
        codec = _text(named.get("__Q_CodecId"))
        _require_json(codec.removeprefix("[GZIP]"))
        return Unwrapped(model, _loads(_unpacked(value) if codec.startswith("[GZIP]") else value))
    raise NotQuix("it has no Quix envelope")


def _require_json(codec: Any) -> None:
    if codec and codec not in _CODECS:
        raise NotQuix(f"its codec {codec!r} is not JSON")


def _unpacked(value: bytes) -> bytes:
    try:
        return gzip.decompress(value)
    except (OSError, EOFError, zlib.error) as error:
        raise NotQuix("its compression is broken") from error


def _text(raw: bytes | str | None) -> str:
    return raw.decode("utf-8", "replace") if isinstance(raw, bytes) else raw or ""


def _loads(value: bytes) -> Any:
    try:
        return orjson.loads(value)
    except orjson.JSONDecodeError:
        # Bare NaN and Infinity are not JSON, but Quix Streams 0.5 reads them, so they exist on topics.
        try:
            return json.loads(value)
        except (ValueError, RecursionError) as error:
            raise NotQuix("its JSON does not parse") from error
