"""What Quix Streams 0.5 has and quixnb has not, and what does the same here."""

from __future__ import annotations

from typing import Final, NoReturn

from quixnb.errors import QuixnbError

_READ: Final = "Read a topic's rows with quixnb.read(topic) or %quix_read; process them live with Quix Streams 3."
_CODEC: Final = (
    "Leave it out: rows are sent as JSON, which all of Quix's clients read, and compressed by the broker client."
)
_RAW: Final = "Send a row's bytes as a parameter or an event, or use confluent_kafka for messages of another format."
_STATE: Final = "Keep state in a variable of the notebook, or process the topic with Quix Streams 3."
_COMMIT: Final = "Leave it out: quixnb.read reads a topic without a consumer group's memory. " + _READ
_LOGGING: Final = "Use Python's own: logging.getLogger('quixnb.broker').setLevel('DEBUG')."

# A name of the old package → what to use instead.
INSTEAD: Final = {
    "App": "Leave it out: publishing needs no main loop. End streams with stream.close(). " + _READ,
    "AutoOffsetReset": _READ,
    "CancellationToken": "Use threading.Event.",
    "CancellationTokenSource": "Use threading.Event.",
    "CodecSettings": _CODEC,
    "CodecType": _CODEC,
    "CommitMode": _COMMIT,
    "CommitOptions": _COMMIT,
    "InMemoryStorage": _STATE,
    "LocalFileStorage": _STATE,
    "Logging": _LOGGING,
    "LogLevel": _LOGGING,
    "RawMessage": _RAW,
    "RawTopicConsumer": _RAW,
    "RawTopicProducer": _RAW,
    "StateType": _STATE,
    "StateValue": _STATE,
    "StreamConsumer": _READ,
    "TimeseriesBufferConfiguration": "Set the conditions on stream.timeseries.buffer itself.",
    "TopicConsumer": _READ,
    "get_raw_topic_consumer": _RAW,
    "get_raw_topic_producer": _RAW,
    "get_topic_consumer": _READ,
    "on_data_released": "Look at the rows before they are published, or read them with quixnb.read(topic).",
    "on_dataframe_released": "Look at the rows before they are published, or read them with quixnb.read(topic).",
    "on_raw_released": "Look at the rows before they are published, or read them with quixnb.read(topic).",
}


def refuse(name: str) -> NoReturn:
    """Say what to use in place of a name of Quix Streams 0.5.

    Raises
    ------
    QuixnbError
        Always.
    """
    raise QuixnbError(
        f"{name!r} of Quix Streams 0.5 is not part of quixnb.",
        cause="quixnb has the half of it that publishes rows, events and definitions.",
        fix=INSTEAD[name],
    )
