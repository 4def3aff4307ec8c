"""The page of figures, made of what `tests.bench.run` prints."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from typing import Any, Final

_HEAD: Final = """# How fast it is

Made by `make bench`; do not edit. Every figure is a ratio of two things done in turns in one run: the median of the
pairs and, in brackets, the lowest and the highest. The broker is librdkafka's mock cluster in a process of its own on
the same machine, so a network's share of the time is missing. Rows per second hold for this machine only, and are there
to give the ratios a scale.
"""

# Group → title, what the ratio says, and the columns behind it: heading and fact.
_GROUPS: Final[dict[str, tuple[str, str, dict[str, str]]]] = {
    "bare producer": (
        "Publishing: a bare producer",
        "Rows per second of `publish` over those of a loop around `produce` that sends the same messages, encoded "
        "beforehand, with the same settings. At 1, making the messages costs nothing: it hides behind librdkafka's "
        "compression in another core. Without compression, or where the data compresses well, there is little to hide "
        "behind.",
        {"rows": "rows", "rows/s": "rows_per_s"},
    ),
    "clients": (
        "Publishing: Quix's clients",
        "The same frame, without compression. The clients publish fewer rows, because they take long; the rates are "
        "compared. Quix Streams 3 is given its rows as dictionaries, and 0.5 its frame and a stream that is open; "
        "neither is timed.",
        {"rows": "rows", "theirs": "rows_against", "rows/s": "rows_per_s", "theirs, rows/s": "rows_per_s_against"},
    ),
    "loops": (
        "Publishing: a loop over rows",
        "The same frame, without compression, against a message for each row.",
        {"rows": "rows", "theirs": "rows_against", "rows/s": "rows_per_s", "theirs, rows/s": "rows_per_s_against"},
    ),
    "reading": (
        "Reading back",
        "Rows per second from the call of `read` to the DataFrame, connecting included, over those of Quix Streams 3 "
        "from the first message to the last row, connecting not included. The topic is the same, written by quixnb. "
        "Where each row is a message, as Quix Streams 3 writes them, both spend their time on messages.",
        {"rows": "rows", "rows/s": "rows_per_s", "theirs, rows/s": "rows_per_s_against"},
    ),
    "first message": (
        "The first message",
        "Time from the call to the first acknowledgement, over that of a bare producer's `produce`. A frame is checked "
        "as a whole before anything of it is sent.",
        {"rows": "rows", "at best, ms": "ms"},
    ),
    "memory": (
        "Memory",
        "What the process takes at its peak above what it took before the call, over the size of all the data as one "
        "frame in memory.",
        {"rows": "rows", "added, MB": "added_mb", "the data, MB": "data_mb"},
    ),
    "wire": (
        "Bytes on the wire",
        "All that the producer sends for a row, by codec, over the same without compression. quixnb's default is lz4.",
        {"rows": "rows", "bytes a row": "bytes_per_row"},
    ),
}


def page(lines: Iterable[str]) -> str:
    """The page for lines of JSON, in the groups' order whatever theirs is."""
    found = [json.loads(line) for line in lines if line.strip()]
    machines = [line["machine"] for line in found if "machine" in line]
    parts = [_HEAD, *(_machine(machine) for machine in machines[-1:])]
    for group, (title, text, columns) in _GROUPS.items():
        figures = [line for line in found if line.get("group", "").replace("-", " ") == group]
        parts += _section(title, text, columns, figures) if figures else []
    return "\n".join(parts)


def _machine(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name.replace('_', '-')} {version}" for name, version in list(machine.items())[3:])
    return f"Last taken on {machine['system']} with {machine['cores']} cores, Python {machine['python']}, {versions}.\n"


def _section(title: str, text: str, columns: dict[str, str], figures: list[dict[str, Any]]) -> Iterator[str]:
    yield f"## {title}\n\n{text}\n"
    taken = [figure for figure in figures if "skipped" not in figure]
    if taken:
        headings = ["what", "against", "ratio", *columns]
        yield _row(headings)
        yield _row(["---"] * 2 + ["--:"] * (len(headings) - 2))
        for figure in taken:
            facts = (f"{figure['facts'][fact]:,}" for fact in columns.values())
            yield _row([figure["what"], figure["against"], _ratio(figure), *facts])
    yield from (f"\nNot measured: {figure['skipped']}." for figure in figures if "skipped" in figure)
    yield ""


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _ratio(figure: dict[str, Any]) -> str:
    said = [f"{figure[key]:g}" for key in ("ratio", "low", "high")]
    return said[0] if len(set(said)) == 1 else f"**{said[0]}** ({said[1]}–{said[2]})"  # noqa: RUF001 - a range


if __name__ == "__main__":
    sys.stdout.write(page(sys.stdin))
