"""Measure quixnb against what else there is: a line of JSON for each figure, every figure a ratio taken in one run.

    python -m tests.bench.run [--quick] [--only GROUP …] --to figures.jsonl
    python -m tests.bench.table < figures.jsonl > docs/performance.md

What takes turns runs on one broker, and waits before each turn until the machine is quiet.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from tests.bench.frames import FULL_ROWS
from tests.bench.groups import GROUPS, Skipped
from tests.bench.measuring import Size
from tests.bench.places import place


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="tests.bench.run", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--quick", action="store_true", help="a twentieth of the rows, fewer pairs: to see that it works"
    )
    parser.add_argument("--rows", type=int, help="rows of the usual frame")
    parser.add_argument("--pairs", type=int, help="how often each pair is run")
    parser.add_argument(
        "--only", nargs="+", choices=GROUPS, default=list(GROUPS), metavar="GROUP", help=", ".join(GROUPS)
    )
    parser.add_argument(
        "--quiet", type=float, default=5.0, help="seconds to wait, before each pair, for others to be quiet"
    )
    parser.add_argument("--to", type=Path, help="a file that gets the lines too")
    asked = parser.parse_args(arguments)
    rows = asked.rows or (FULL_ROWS // 20 if asked.quick else FULL_ROWS)
    size = Size(rows, asked.pairs or (3 if asked.quick else 5), asked.quiet)
    with asked.to.open("w", encoding="utf-8") if asked.to else nullcontext() as file:
        for line in _lines(asked.only, size):
            for stream in filter(None, (sys.stdout, file)):
                print(json.dumps(line), file=stream, flush=True)


def _lines(groups: list[str], size: Size) -> Iterator[dict[str, object]]:
    yield {"machine": _machine()}
    for name in groups:
        with place() as where:  # of its own, so that no group pays for what another left behind
            try:
                for figure in GROUPS[name](where, size):
                    yield asdict(figure)
            except Skipped as reason:
                yield {"group": name, "skipped": str(reason)}


def _machine() -> dict[str, object]:
    import confluent_kafka
    import numpy
    import orjson
    import pandas

    libraries = {library.__name__: library.__version__ for library in (pandas, numpy, orjson, confluent_kafka)}
    return {"cores": os.cpu_count(), "system": platform.system(), "python": platform.python_version(), **libraries}


if __name__ == "__main__":
    main(sys.argv[1:])
