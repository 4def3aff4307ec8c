"""The rows of many messages to one pandas DataFrame, whether a message has a hundred thousand rows or one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import numpy.typing as npt

from quixnb.decode import MANY_ROWS, Block, Numbers, integers, numbers

if TYPE_CHECKING:
    import pandas as pd

_TIME: Final = "timestamp"
_STREAM: Final = "stream_id"
_TAG: Final = "TAG__"
_PART_ROWS: Final = 10_000


class _Part:
    """A block that others with the same columns are appended to, and the numbers of their messages."""

    __slots__ = ("block", "messages")

    def __init__(self, block: Block, message: int) -> None:
        self.block, self.messages = block, [message]

    @classmethod
    def beginning_with(cls, block: Block, message: int) -> _Part:
        """A part for the cells of a small block and of those to come; the block stays as it is."""
        numeric, text, binary, tags = (
            {name: list(cells) for name, cells in columns.items()}
            for columns in (block.numeric, block.text, block.binary, block.tags)
        )
        return cls(Block(block.stream, list(block.time), numeric, text, binary, tags), message)

    def append(self, block: Block, message: int) -> None:
        """Take over the cells of a small block, and nothing else of it.

        A hundred thousand small objects cost more than their cells do: the garbage collector looks at each of them,
        again and again.
        """
        self.messages.append(message)
        mine: Any = self.block
        mine.time.extend(block.time)
        maps = (
            (mine.numeric, block.numeric),
            (mine.text, block.text),
            (mine.binary, block.binary),
            (mine.tags, block.tags),
        )
        for ours, theirs in maps:
            for cells, more in zip(ours.values(), theirs.values(), strict=True):
                cells.extend(more)

    def close(self) -> _Part:
        """Make arrays of the lists; nothing is appended any more."""
        block = self.block
        if isinstance(block.time, list):
            numeric = {name: numbers(list(cells)) for name, cells in block.numeric.items()}
            time = np.array(block.time, dtype=np.int64)
            self.block = Block(block.stream, time, numeric, block.text, block.binary, block.tags)
        return self


class Gathered:
    """Rows of messages, added in any order and framed in that of their moments; of one moment as they were added."""

    def __init__(self) -> None:
        self._open: dict[tuple[tuple[str, ...], ...], _Part] = {}
        self._closed: list[_Part] = []
        # Of each message, in the order in which they were added:
        self._moments: list[int] = []
        self._lengths: list[int] = []
        self._stream_codes: list[int] = []
        self._streams: dict[str, int] = {}

    def rows_since(self, moment: int) -> int:
        """Rows of messages of that moment and later ones."""
        return sum(rows for rows, at in zip(self._lengths, self._moments, strict=True) if at >= moment)

    def add(self, block: Block, moment: int = 0) -> None:
        """Add a message's rows."""
        message = len(self._moments)
        self._moments.append(moment)
        self._lengths.append(len(block))
        self._stream_codes.append(self._streams.setdefault(block.stream, len(self._streams)))
        if len(block) >= MANY_ROWS:
            self._closed.append(_Part(block, message))
            return
        names = (tuple(block.numeric), tuple(block.text), tuple(block.binary), tuple(block.tags))
        if (part := self._open.get(names)) is None:
            self._open[names] = _Part.beginning_with(block, message)
            return
        part.append(block, message)
        if len(part.block) >= _PART_ROWS:
            self._closed.append(self._open.pop(names).close())

    def frame(self, *, with_stream: bool, keep: slice | None = None) -> pd.DataFrame:
        """The rows in order, those in `keep` only; nothing is added any more.

        Returns
        -------
        pandas.DataFrame
            `timestamp` (datetime64[ns, UTC]), then every parameter: numeric as int64 (Int64 with nulls, UInt64 beyond
            2**63) or float64 (null is NaN), text as str, binary as bytes in an object column; then tags as
            `TAG__<name>`, text; with `with_stream` last `stream_id`, text. A parameter that a message does not have is
            null in its rows. Integers and fractions in one parameter make float64.
        """
        import pandas as pd

        parts = [*self._closed, *(part.close() for part in self._open.values())]
        parts.sort(key=lambda part: (self._moments[part.messages[0]], part.messages[0]))
        messages = np.fromiter(chain.from_iterable(part.messages for part in parts), dtype=np.intp)
        lengths = np.array(self._lengths, dtype=np.intp)[messages]
        columns = _columns([part.block for part in parts])
        if with_stream:
            streams = np.array(self._stream_codes, dtype=np.intp)[messages]
            columns[_STREAM] = _text_column(list(self._streams)).take(np.repeat(streams, lengths)).array
        result = pd.DataFrame(columns, copy=False)  # nobody else has the columns
        order = _order(np.array(self._moments, dtype=np.int64)[messages], messages, lengths)
        if order is None and keep is None:
            return result
        rows = np.arange(len(result)) if order is None else order
        result = result.iloc[rows if keep is None else rows[keep]]
        return result.set_axis(pd.RangeIndex(len(result)))


def _order(
    moments: npt.NDArray[np.int64], messages: npt.NDArray[np.intp], lengths: npt.NDArray[np.intp]
) -> npt.NDArray[np.intp] | None:
    """Where the rows stand that are first, second, …; None if they stand in order.

    Its arguments say of each message, as their rows stand, its moment, its number and its rows.
    """
    ranked = np.lexsort((messages, moments))
    if (ranked[1:] > ranked[:-1]).all():
        return None
    starts, lengths_ranked = (np.cumsum(lengths) - lengths)[ranked], lengths[ranked]
    wanted = np.cumsum(lengths_ranked) - lengths_ranked
    return np.repeat(starts - wanted, lengths_ranked) + np.arange(lengths.sum())


def _columns(blocks: Sequence[Block]) -> dict[str, Any]:
    import pandas as pd

    lengths = [len(item) for item in blocks]
    time = np.concatenate([item.time for item in blocks]) if blocks else np.empty(0, dtype=np.int64)
    columns: dict[str, Any] = {_TIME: pd.DatetimeIndex(time.view("datetime64[ns]"), tz="UTC")}
    for name in _names(maps for item in blocks for maps in (item.numeric, item.text, item.binary)):
        columns[_apart(name, columns)] = _parameter(name, blocks, lengths)
    for name in _names(item.tags for item in blocks):
        columns[_TAG + name] = _text_column(_gathered([item.tags.get(name) for item in blocks], lengths))
    return columns


def _apart(name: str, taken: Collection[str]) -> str:
    """A parameter's column name, kept apart from the frame's own columns and from those before it."""
    while name in taken or name in (_TIME, _STREAM) or (name.startswith(_TAG) and not name.endswith("_")):
        name += "_"
    return name


def _names(maps: Iterable[Mapping[str, Any]]) -> dict[str, None]:
    return {name: None for columns in maps for name in columns}


def _parameter(name: str, blocks: Sequence[Block], lengths: Sequence[int]) -> Any:
    """One parameter's column; what is null in all rows of a message says nothing of its sort."""
    import pandas as pd

    sorts = [[_given(item.numeric.get(name)) for item in blocks]]
    sorts += [[_given(item.text.get(name)) for item in blocks], [_given(item.binary.get(name)) for item in blocks]]
    numeric, texts, _ = sorts
    present = [parts for parts in sorts if any(part is not None for part in parts)]
    if present == [numeric] or (not present and any(name in item.numeric for item in blocks)):
        return _number_column(numeric, lengths)
    if present == [texts] or (not present and any(name in item.text for item in blocks)):
        return _text_column(_gathered(texts, lengths))
    # One name with values of several sorts comes from writers that disagree; nothing is converted.
    first = [next((list(part) for part in parts if part is not None), None) for parts in zip(*sorts, strict=True)]
    return pd.Series(_gathered(first, lengths), dtype=object)


def _given(cells: Any) -> Any:
    """The cells, or None where all are null."""
    if cells is None or (not _is_typed(cells) and all(cell is None for cell in cells)):
        return None
    return cells


def _is_typed(cells: Any) -> bool:
    return isinstance(cells, np.ndarray) and cells.dtype != object


def _gathered(cells: Sequence[Sequence[Any] | None], lengths: Sequence[int]) -> list[Any]:
    gathered: list[Any] = []
    for part, length in zip(cells, lengths, strict=True):
        gathered.extend(part if part is not None else [None] * length)
    return gathered


def _text_column(cells: list[Any]) -> pd.Series[Any]:
    import pandas as pd

    if int(pd.__version__.partition(".")[0]) < 3:
        return pd.Series(cells, dtype=object)
    text = pd.StringDtype(na_value=np.nan)
    try:
        if text.storage == "pyarrow":  # which pandas itself asks only after it has looked at each cell three times
            import pyarrow as pa

            return pd.Series(pd.array(pa.array(cells, pa.large_string()), dtype=text))
        return pd.Series(cells, dtype=text)
    except UnicodeEncodeError:  # half of a surrogate pair, which JSON can escape but Arrow cannot hold
        return _text_column([cell and cell.encode("utf-8", "replace").decode() for cell in cells])


def _number_column(parts: Sequence[Numbers | None], lengths: Sequence[int]) -> Any:
    import pandas as pd

    kinds = {part.dtype.kind for part in parts if part is not None}
    if "f" in kinds or not kinds:
        floats = [_as_floats(part, length) for part, length in zip(parts, lengths, strict=True)]
        return np.concatenate(floats)
    present = [part for part in parts if part is not None]
    if len(present) == len(parts) and kinds in ({"i"}, {"u"}):
        return np.concatenate(present)
    cells = _gathered([None if part is None else part.tolist() for part in parts], lengths)
    if None not in cells:
        return integers(cells)
    dtype = integers([cell for cell in cells if cell is not None]).dtype
    return pd.Series(cells, dtype={"i": "Int64", "u": "UInt64"}.get(dtype.kind, object))


def _as_floats(part: Numbers | None, length: int) -> npt.NDArray[np.float64]:
    if part is None:
        return np.full(length, np.nan)
    if part.dtype == object:
        return np.array([np.nan if cell is None else float(cell) for cell in part], dtype=np.float64)
    return part.astype(np.float64, copy=False)
