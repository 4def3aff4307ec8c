"""Memory that publishing adds at its peak, in a process of its own, which this module also is."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

KINDS: Final = {"frame": "a frame", "generator": "a generator of frames", "parquet": "a Parquet file"}
_PEAK = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


def measured(asked: dict[str, Any]) -> dict[str, float] | None:
    """Megabytes added at the peak, and of the data; None where the system does not tell."""
    if not _PEAK.exists():
        return None
    if asked["kind"] == "parquet":
        measured({**asked, "kind": "writing"})  # in another process, whose memory is its own
    command = [sys.executable, "-m", "tests.bench.memory"]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    found: dict[str, float] = json.loads(done.stdout or "{}")
    return found


def main() -> None:
    asked = json.load(sys.stdin)
    from tests.bench.places import Place, publish

    data, size = _data(asked)
    to = Place(asked["broker"]).destination("lz4", asked["topic"])
    gc.collect()
    before = _status("VmRSS")
    _PEAK.write_text("5")  # the peak starts again from here
    report = publish(data, to)
    assert report.rows_delivered == asked["rows"], report
    print(json.dumps({"added_mb": round((_status("VmHWM") - before) / 1e6, 1), "data_mb": round(size / 1e6, 1)}))


def _data(asked: dict[str, Any]) -> tuple[Any, float]:
    """What is published, and how large it would be in memory as one frame."""
    import pyarrow.parquet  # noqa: F401 - its own weight is not the publish's

    from tests.bench import frames

    rows = asked["rows"]
    size = float(frames.usual(10_000).memory_usage(deep=True).sum()) / 10_000 * rows
    if asked["kind"] == "frame":
        return frames.usual(rows), size
    if asked["kind"] == "generator":
        return frames.parts(rows), size
    if asked["kind"] == "parquet":
        return asked["path"], size
    _write(Path(asked["path"]), frames.parts(rows, of=1_000_000))
    raise SystemExit(0)


def _write(path: Path, parts: Iterator[Any]) -> None:
    import pyarrow as pa
    from pyarrow import parquet

    first = pa.Table.from_pandas(next(parts))
    with parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        for part in parts:
            writer.write_table(pa.Table.from_pandas(part, schema=first.schema))


def _status(field: str) -> float:
    """A number of bytes from the system's account of this process."""
    line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
    return int(line.split()[1]) * 1024


if __name__ == "__main__":
    main()
