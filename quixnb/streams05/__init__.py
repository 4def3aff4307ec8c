"""Quix Streams 0.5's way of publishing, on quixnb's own encoder and broker: old code runs with its import changed."""

from quixnb.streams05.clients import KafkaStreamingClient, QuixStreamingClient
from quixnb.streams05.data import TimeseriesData, TimeseriesDataTimestamp
from quixnb.streams05.definitions import EventDefinition, ParameterDefinition
from quixnb.streams05.enums import EventLevel, ParameterValueType, SaslMechanism, StreamEndType
from quixnb.streams05.event_data import EventData
from quixnb.streams05.raw import TimeseriesDataRaw
from quixnb.streams05.security import SecurityOptions
from quixnb.streams05.streams import StreamProducer
from quixnb.streams05.topics import TopicProducer
from quixnb.streams05.values import ParameterValue

__all__ = [
    "EventData",
    "EventDefinition",
    "EventLevel",
    "KafkaStreamingClient",
    "ParameterDefinition",
    "ParameterValue",
    "ParameterValueType",
    "QuixStreamingClient",
    "SaslMechanism",
    "SecurityOptions",
    "StreamEndType",
    "StreamProducer",
    "TimeseriesData",
    "TimeseriesDataRaw",
    "TimeseriesDataTimestamp",
    "TopicProducer",
]
