"""One value of a parameter, as Quix Streams 0.5 takes and shows it."""

from __future__ import annotations

import math
import numbers
from collections.abc import MutableMapping
from typing import Any

import numpy as np

from quixnb.errors import FrameError
from quixnb.streams05.enums import ParameterValueType

Value = int | float | str | bytes


def plain(parameter_id: str, value: Any) -> Value | None:
    """A value as Python's own number, text or bytes; integers stay integers, booleans are 1 and 0, None is None.

    Raises
    ------
    FrameError
        It is none of these.
    """
    if value is None or type(value) in (int, float, str, bytes):
        return value  # type: ignore[no-any-return]
    if isinstance(value, (np.float16, np.float32)):
        return float(str(value))  # its own digits
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, numbers.Integral):
        return int(value)
    if isinstance(value, numbers.Number) and not isinstance(value, complex):
        return float(value)  # type: ignore[arg-type]
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    raise FrameError(
        f"Parameter {parameter_id!r} cannot have a value of type {type(value).__name__!r}.",
        cause="A parameter's value is a number, text or bytes.",
        fix="Convert it, for example with str().",
    )


class ParameterValue:
    """The value that a parameter has in one row; setting it changes the row."""

    def __init__(self, values: MutableMapping[str, Value], parameter_id: str) -> None:
        self._values, self._name = values, parameter_id

    @property
    def value(self) -> Value | None:
        """The value, None where there is none."""
        return self._values.get(self._name)

    @property
    def type(self) -> ParameterValueType:
        """What it is."""
        value = self.value
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return ParameterValueType.Empty
        if isinstance(value, str):
            return ParameterValueType.String
        return ParameterValueType.Binary if isinstance(value, bytes) else ParameterValueType.Numeric

    def _if(self, kind: ParameterValueType) -> Any:
        return self.value if self.type is kind else None

    def _set(self, value: Any) -> None:
        new = plain(self._name, value)
        if new is None:
            self._values.pop(self._name, None)
        else:
            self._values[self._name] = new

    @property
    def numeric_value(self) -> float | None:
        """The value if it is a number."""
        number: float | None = self._if(ParameterValueType.Numeric)
        return number

    @numeric_value.setter
    def numeric_value(self, value: float) -> None:
        self._set(value)

    @property
    def string_value(self) -> str | None:
        """The value if it is text."""
        text: str | None = self._if(ParameterValueType.String)
        return text

    @string_value.setter
    def string_value(self, value: str) -> None:
        self._set(value)

    @property
    def binary_value(self) -> bytes | None:
        """The value if it is bytes."""
        binary: bytes | None = self._if(ParameterValueType.Binary)
        return binary

    @binary_value.setter
    def binary_value(self, value: bytes | bytearray) -> None:
        self._set(value)
