"""Messages captured from Quix's two real clients, and what both read from them; see tests/vectors/wire."""

from __future__ import annotations

import base64
import decimal
import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

FOLDER = Path(__file__).parent.parent / "vectors" / "wire"
CASES = sorted(path.stem for path in FOLDER.glob("*.json"))


class Captured(NamedTuple):
    """One message, and the rows that Quix Streams 3 made of it; None where it failed or skipped it."""

    key: str
    value: bytes | None
    headers: list[tuple[str, bytes | None]]
    rows: list[dict[str, Any]] | None


def load(case: str) -> dict[str, Any]:
    return json.loads((FOLDER / f"{case}.json").read_text(encoding="utf-8"))


def messages(case: str) -> Iterator[Captured]:
    capture = load(case)
    for number, message in enumerate(capture["messages"]):
        read = message.get("read_by_v3")
        if read is None:
            place = (message["partition"], message["offset"])
            read = [r for r in capture.get("read_by_v3", ()) if (r["partition"], r["offset"]) == place]
        rows = [plain(record["value"]) for record in read if record["kind"] == "row"]
        headers = [(name, _bytes(value)) for name, value in message["headers"]]
        yield Captured(message.get("key_text") or str(number), _value(message), headers, rows or None)


def _value(message: dict[str, Any]) -> bytes | None:
    if packed := message.get("value_gzip_b64"):
        return gzip.decompress(base64.b64decode(packed))
    return None if message.get("value_b64") is None else base64.b64decode(message["value_b64"])


def _bytes(value: Any) -> bytes | None:
    value = plain(value)
    return value.encode() if isinstance(value, str) else value


def plain(value: Any) -> Any:
    """A captured value with its marks resolved: `$b64` bytes, `$float`, `$decimal`, `$obj`, `$nat`."""
    if isinstance(value, list):
        return [plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (mark := next(iter(value))).startswith("$"):
        inner = value[mark]
        if mark == "$obj":
            return inner
        return {"$b64": base64.b64decode, "$float": float, "$decimal": decimal.Decimal, "$nat": lambda _: pd.NaT}[mark](
            inner
        )
    return {name: plain(item) for name, item in value.items()}


def frame(case: str) -> pd.DataFrame:
    """The DataFrame that the old client was given."""
    columns = load(case)["input"]["columns"]
    series = [_series(plain(column["values"]), column["dtype"]) for column in columns]
    made = pd.concat(series, axis=1) if series else pd.DataFrame()
    made.columns = pd.Index([column["name"] for column in columns], dtype=object)
    return made


def _series(values: list[Any], dtype: str) -> pd.Series[Any]:
    if dtype.startswith("datetime64[ns,"):
        return pd.Series(pd.to_datetime(values, format="ISO8601", utc=True).tz_convert(dtype[15:-1]).as_unit("ns"))
    if dtype == "datetime64[ns]":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), format="ISO8601").to_numpy("datetime64[ns]"))
    if dtype == "timedelta64[ns]":
        return pd.Series(np.array(values, dtype="m8[ns]"))
    return pd.Series(values, dtype=dtype)
