"""`%quix_tail`: a topic's rows as they come, shown in place."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.magics.arguments import MagicParser, comma_list, positive, span_s, variable_name
from quixnb.magics.progress import Display
from quixnb.magics.settings import Theme
from quixnb.magics.sparklines import sparklines
from quixnb.magics.topics import chosen_topic
from quixnb.results import Listing

if TYPE_CHECKING:
    import pandas as pd

    from quixnb.tailing import Tail

_ROWS: Final = 10
_PLOTTED: Final = 180

TAIL = MagicParser(
    "%quix_tail",
    """\
Watch a topic: the newest rows as a table, and a small plot of each numeric column, updated as
rows come from now on. It goes on until you interrupt it (the ■ button), which is its regular end,
or until --for or --limit. Its value is a DataFrame of the newest rows, 1,000 at the most.

What is on the topic already is read with %quix_read.""",
    """\
  %quix_tail f1-data
  %quix_tail f1-data --stream car-1 --columns speed,gear --for 1m""",
)
TAIL.add_argument(
    "topic", metavar="TOPIC", nargs="?", help="topic name, e.g. f1-data (default: the one chosen in the picker)"
)
# `dest` is the keyword of `Session.tail`. One not given is not passed on.
TAIL.add_options(
    {
        "--stream": {"metavar": "ID", "help": "only rows of this stream"},
        "--events": {"action": "store_true", "help": "watch events instead of rows"},
        "--columns": {"metavar": "A,B", "type": comma_list, "help": "only these columns are shown"},
        "--rows": {"metavar": "N", "type": positive, "help": f"rows in the table (default: {_ROWS})"},
        "--for": {"metavar": "SPAN", "dest": "timeout_s", "type": span_s, "help": "stop after 30s, 10m, 1h"},
        "--limit": {"metavar": "N", "type": positive, "help": "stop after N rows"},
        "--out": {"metavar": "NAME", "type": variable_name, "help": "variable that receives the frame"},
    }
)


@magics_class
class TailMagics(Theme):
    """Watching."""

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_tail(self, line: str) -> Any:  # noqa: D102
        from quixnb.session import current

        options = vars(TAIL.parse_line(line))
        out, rows, columns = options.pop("out", None), options.pop("rows", _ROWS), options.pop("columns", None)
        topic = options.pop("topic") or chosen_topic(TAIL)
        tail = current().tail(topic, **options)
        with suppress(KeyboardInterrupt):  # its regular end
            self._watch(tail, _View(topic, rows, columns))
        frame = tail.recent()
        if out:
            self.shell.user_ns[out] = frame
        return frame

    quix_tail.__doc__ = TAIL.format_help()

    def _watch(self, tail: Tail, view: _View) -> None:
        display = Display.of(self.shell)
        try:
            for frame in tail:
                if display is None and len(frame):
                    print(view.lines(frame))
                elif display is not None and (len(frame) or not tail.rows):
                    display.show(view.bundle(tail))
        finally:
            if display is not None:
                display.clear()


class _View:
    """What is shown while a topic is watched."""

    def __init__(self, topic: str, rows: int, columns: list[str] | None) -> None:
        self._topic, self._rows, self._columns = topic, rows, columns
        self._began = time.monotonic()

    def bundle(self, tail: Tail) -> dict[str, str]:
        """The view as text and as HTML."""
        frame = tail.recent(max(self._rows, _PLOTTED))
        table = self._table(frame, tail)
        return {"text/plain": repr(table), "text/html": sparklines(self._plotted(frame)) + table._repr_html_()}

    def lines(self, frame: pd.DataFrame) -> str:
        """The newest of some rows as text, for a terminal."""
        return str(self._chosen(frame).tail(self._rows).to_string(index=False))

    def _table(self, frame: pd.DataFrame, tail: Tail) -> Listing[int]:
        seconds = time.monotonic() - self._began
        if not tail.rows:
            return Listing(f"{self._topic}: waiting for rows", (), (), "Interrupt the kernel (■) to stop.")
        shown = self._chosen(frame).tail(self._rows)
        cells = zip(*(map(_text, shown[name]) for name in shown.columns), strict=True)
        title = f"{self._topic}: {tail.rows:,} rows in {seconds:.0f} s, the newest {len(shown)}"
        return Listing(title, tuple(map(str, shown.columns)), enumerate(cells), "Interrupt the kernel (■) to stop.")

    def _plotted(self, frame: pd.DataFrame) -> pd.DataFrame:
        """The rows of one stream: a line through several would jump between them."""
        if "stream_id" in frame.columns and len(frame):
            frame = frame[frame["stream_id"] == frame["stream_id"].iloc[-1]]
        return self._chosen(frame)

    def _chosen(self, frame: pd.DataFrame) -> pd.DataFrame:
        if self._columns is None:
            return frame
        return frame[[name for name in frame.columns if name == "timestamp" or name in self._columns]]


def _text(value: Any) -> Any:
    """A cell of the table: six digits of a float, times without their zone, nothing where there is no value."""
    if value is None or value != value:
        return None
    if isinstance(value, float):
        return float(f"{value:.6g}")
    isoformat = getattr(value, "isoformat", None)
    return isoformat(sep=" ", timespec="milliseconds").removesuffix("+00:00") if isoformat else value
