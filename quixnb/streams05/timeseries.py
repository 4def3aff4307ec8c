"""The rows of a stream, as Quix Streams 0.5 publishes them."""

from __future__ import annotations

from collections.abc import Iterable

from quixnb.streaming.buffered import BufferedStream
from quixnb.streams05.buffers import Packet, TimeseriesBuffer, columns_of
from quixnb.streams05.definitions import DefinitionBook, Definitions, ParameterDefinition, ParameterDefinitionBuilder
from quixnb.streams05.writing import Writing

# So long after a change definitions are sent, together with those that were made meanwhile.
_SOON_S = 0.02


class StreamTimeseries:
    """Publishes rows and parameter definitions of a stream.

    Attributes
    ----------
    buffer
        Holds rows until a condition releases them.
    epoch_ns
        What relative times of `publish` are counted from, in nanoseconds since 1970-01-01 UTC.
    """

    def __init__(self, writing: Writing) -> None:
        self._writing = writing
        self.epoch_ns = 0
        self.buffer = TimeseriesBuffer(writing)
        self._book = DefinitionBook(self._define)

    def _define(self, said: Definitions) -> None:
        def define(out: BufferedStream) -> None:
            out.stream.announcements.define_parameters(said)
            out.announce_in(_SOON_S)

        self._writing.write(define)

    def publish(self, packet: Packet) -> None:
        """Send rows at once, past those that the buffer holds; see `TimeseriesBuffer.publish` for what they may be.

        Raises
        ------
        FrameError
            The rows cannot be sent as they are; none of them is.
        DeliveryError
            The broker lost rows published before; carries the report. The stream takes no more.
        """
        columns = columns_of(packet, self.epoch_ns)
        self._writing.write(lambda out: out.send(columns))

    def flush(self) -> None:
        """Send definitions that are new, and what the buffer holds."""
        self._writing.write(lambda out: out.stream.announce())
        self.buffer.flush()

    # ---- definitions

    @property
    def default_location(self) -> str:
        """Where definitions go that name no other place, for example `/car/motor`."""
        return self._book.default_location

    @default_location.setter
    def default_location(self, value: str) -> None:
        self._book.default_location = value

    def add_location(self, location: str) -> ParameterDefinitionBuilder:
        """A builder that defines parameters at another place than the default."""
        return ParameterDefinitionBuilder(self._book, location)

    def add_definition(
        self, parameter_id: str, name: str | None = None, description: str | None = None
    ) -> ParameterDefinitionBuilder:
        """Define a parameter at the default location; the builder says more of it.

        Raises
        ------
        FrameError
            See `ParameterDefinitionBuilder.add_definition`.
        """
        return ParameterDefinitionBuilder(self._book, None).add_definition(parameter_id, name, description)

    def add_definitions(self, definitions: Iterable[ParameterDefinition]) -> None:
        """Define several parameters.

        Raises
        ------
        FrameError
            See `ParameterDefinitionBuilder.add_definition`.
        """
        for said in definitions:
            self._book.define(
                said.id,
                said.location,
                name=said.name,
                description=said.description,
                minimum=said.minimum_value,
                maximum=said.maximum_value,
                unit=said.unit,
                format=said.format,
                custom_properties=said.custom_properties,
            )
