"""The words that Quix Streams 0.5 has as enumerations."""

from __future__ import annotations

from enum import Enum


class StreamEndType(Enum):
    """How a stream ended: as planned, by its own code, or unexpectedly."""

    Closed = 0
    Aborted = 1
    Terminated = 2


class EventLevel(Enum):
    """How grave an event is."""

    Trace = 0
    Debug = 1
    Information = 2
    Warning = 3
    Error = 4
    Critical = 5


class ParameterValueType(Enum):
    """What a parameter's value is."""

    Empty = 0
    Numeric = 1
    String = 2
    Binary = 3


class SaslMechanism(Enum):
    """How a Kafka client says who it is."""

    Gssapi = 0
    Plain = 1
    ScramSha256 = 2
    ScramSha512 = 3
    OAuthBearer = 4
