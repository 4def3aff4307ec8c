"""How an input comes: one frame, known whole, or frames one after another, consumed as they arrive."""

from __future__ import annotations

import dataclasses
import itertools
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from quixnb.errors import FrameError
from quixnb.frames.table import not_a_frame
from quixnb.redact import redact

# Rows read from a file at a time, and the most that single rows from a generator are gathered to.
CHUNK_ROWS: Final = 65_536
_BUFFER_BYTES: Final = 2**18
_FRAMES: Final = {"pandas": ("DataFrame",), "polars": ("DataFrame",), "pyarrow": ("Table", "RecordBatch")}
# Rows of a generator wait for company no longer than this.
_LIVE_S: Final = 0.05


class Chunks(NamedTuple):
    """Frames in order, and how many rows they have in all where that is known before they are read."""

    frames: Iterator[Any]
    rows: int | None

    @property
    def is_whole(self) -> bool:
        """Whether all rows are in memory, so that every one is checked before the first is sent."""
        return self.rows is not None


def is_frame(value: Any) -> bool:
    """Whether `value` is one frame, by its type alone; imports no frame library."""
    if isinstance(value, Mapping):
        return True
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return all(_is_record(item) for item in value)
    return isinstance(value, tuple(_frame_types()))


def _frame_types() -> Iterator[type]:
    """What the frame libraries that are imported call a frame; subclasses of it are frames too."""
    for library, names in _FRAMES.items():
        if (module := sys.modules.get(library)) is not None:
            yield from (getattr(module, name) for name in names)


def _is_record(value: Any) -> bool:
    return isinstance(value, Mapping) or hasattr(value, "_asdict") or dataclasses.is_dataclass(value)


def chunks(value: Any, before_each: Callable[[int], None] | None = None, *, is_live: bool = True) -> Chunks:
    """The frames in `value`.

    `before_each` is called with the number of each item of an iterator before it is taken. Unless they are live, the
    first of an iterator's rows is gathered with others too.

    A frame is itself; a lazy Polars frame, an Arrow reader, and a path to a Parquet, CSV or Arrow file are read as
    they are sent; an iterator may yield frames, or single rows (dictionaries, dataclasses), which are gathered.

    Raises
    ------
    FrameError
        `value` is none of these.
    """
    if isinstance(value, (str, Path)):
        return Chunks(_from_file(Path(value)), None)
    if isinstance(value, (list, tuple)) and value and not is_frame(value):
        return Chunks(_gathered(value), None)
    if (polars := sys.modules.get("polars")) is not None and isinstance(value, polars.LazyFrame):
        return Chunks(_from_lazy(value), None)
    if (arrow := sys.modules.get("pyarrow")) is not None and isinstance(value, arrow.RecordBatchReader):
        return Chunks(iter(value), None)
    if is_frame(value) or _is_series(value):
        return Chunks(iter([value]), _length(value))
    if isinstance(value, Iterable) and not isinstance(value, (bytes, Mapping)):
        paced = None if before_each is None else _gathered(_paced(value, before_each), live_s=0.0)
        return Chunks(paced or _gathered(value, first_at_once=is_live), None)
    raise not_a_frame(value)


def _is_series(value: Any) -> bool:
    return (pandas := sys.modules.get("pandas")) is not None and isinstance(value, pandas.Series)


def _length(frame: Any) -> int:
    if isinstance(frame, Mapping):
        first = next(iter(frame.values()), ())
        return len(first) if _is_column(first) else 0
    return frame.num_rows if hasattr(frame, "num_rows") else len(frame)


def _paced(values: Iterable[Any], before_each: Callable[[int], None]) -> Iterator[Any]:
    source = iter(values)
    for number in itertools.count():
        before_each(number)
        try:
            yield next(source)
        except StopIteration:
            return


def _gathered(values: Iterable[Any], live_s: float = _LIVE_S, *, first_at_once: bool = True) -> Iterator[Any]:
    """Frames as they come; rows between them in lists.

    The first row is passed on at once, as is one that took its time, with those before it, so that a live source is
    seen live; rows that come quickly are gathered. Only the next row can tell that none came for long, so the last of
    several that came together wait for it. When the source fails, or Ctrl-C ends it, what it gave before is passed on
    first.
    """
    rows: list[Any] = []
    passed_on = -math.inf if first_at_once else time.monotonic()
    try:
        for value in values:
            if is_row := _is_row(value):
                rows.append(value)
                if len(rows) < CHUNK_ROWS and time.monotonic() - passed_on < live_s:
                    continue
            elif not is_frame(value):
                raise not_a_frame(value)
            if rows:
                taken, rows = rows, []
                yield taken
            if not is_row:
                yield value
            passed_on = time.monotonic()
    except (Exception, KeyboardInterrupt):
        if rows:
            yield rows
        raise
    if rows:
        yield rows


def _is_row(value: Any) -> bool:
    """A mapping of lists or arrays is a frame; one with a scalar in it is one row, which may hold lists too."""
    if isinstance(value, Mapping):
        return not all(_is_column(cell) for cell in value.values())
    return _is_record(value)


def _is_column(cell: Any) -> bool:
    if isinstance(cell, (str, bytes)):
        return False
    return isinstance(cell, Sequence) or (hasattr(cell, "__array__") and getattr(cell, "ndim", 1) > 0)


def _from_lazy(frame: Any) -> Iterator[Any]:
    from polars.exceptions import PolarsError

    try:
        if hasattr(frame, "collect_batches"):
            yield from frame.collect_batches(chunk_size=CHUNK_ROWS)
        else:  # before Polars 1.34 a lazy frame has no way out but whole
            yield from frame.collect(engine="streaming").iter_slices(CHUNK_ROWS)
    except PolarsError as error:
        raise FrameError(
            f"The lazy frame cannot be computed: {type(error).__name__}.",
            cause=_shortly(str(error).partition("\n")[0]),
            fix="Call its .collect() to see where it fails.",
        ) from None


def _from_file(path: Path) -> Iterator[Any]:
    if not path.exists():
        raise FrameError(
            f"There is no file {redact(repr(str(path)))}.",
            cause="A text where a frame is expected is taken as the path of a file.",
            fix="Give a frame, or the path of a .parquet, .csv, .feather or .arrow file.",
        )
    try:
        from pyarrow import dataset, parquet
    except ImportError:
        return _from_file_with_polars(path)
    formats = {".parquet": "parquet", ".csv": "csv", ".feather": "feather", ".arrow": "arrow"}
    try:
        if path.suffix.lower() == ".parquet" and path.is_file():
            # A dataset's scanner reads ahead by whole row groups, which takes five times the memory.
            file = parquet.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
            return _batches(path, file.iter_batches(CHUNK_ROWS))
        source = dataset.dataset(path, format=formats[path.suffix.lower()])
        scanner = source.scanner(batch_size=CHUNK_ROWS, batch_readahead=2, fragment_readahead=1)
        return _batches(path, scanner.to_batches())
    except KeyError:
        raise _unknown_file(path) from None
    except (OSError, ValueError) as error:
        raise _unreadable_file(path, error) from None


def _batches(path: Path, batches: Iterator[Any]) -> Iterator[Any]:
    try:
        yield from batches
    except (OSError, ValueError) as error:  # PyArrow's own errors are of these classes
        raise _unreadable_file(path, error) from None


def _from_file_with_polars(path: Path) -> Iterator[Any]:
    try:
        import polars
    except ImportError:
        raise FrameError(
            f"Reading {path.name!r} needs PyArrow or Polars.",
            cause="Neither is installed in this kernel.",
            fix="pip install pyarrow",
        ) from None
    readers: dict[str, Any] = {".parquet": polars.scan_parquet, ".csv": polars.scan_csv, ".feather": polars.scan_ipc}
    readers[".arrow"] = polars.scan_ipc
    try:
        return _from_lazy(readers[path.suffix.lower()](path))
    except KeyError:
        raise _unknown_file(path) from None


def _unreadable_file(path: Path, error: Exception) -> FrameError:
    return FrameError(
        f"The file {path.name!r} cannot be read on.",
        cause=_shortly(str(error)),
        fix="Read it into a frame yourself, and publish the frame.",
    )


def _shortly(said: str) -> str:
    said = redact(" ".join(said.split()))
    return said if len(said) <= 200 else said[:199] + "…"


def _unknown_file(path: Path) -> FrameError:
    return FrameError(
        f"The file {path.name!r} is of no kind that quixnb reads.",
        cause="It reads .parquet, .csv, .feather and .arrow.",
        fix="Read it into a frame yourself, and publish the frame.",
    )
