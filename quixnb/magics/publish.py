"""`%%quix_publish` and `%quix_publish`: a frame from a cell to a topic."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import line_cell_magic, magics_class, needs_local_scope, no_var_expand, output_can_be_silenced

from quixnb.errors import DeliveryError, FrameError, PublishInterrupted
from quixnb.magics.arguments import (
    ExpressionParser,
    KeyValues,
    MagicParser,
    Options,
    comma_list,
    key_value,
    positive,
    span_s,
    speed,
    variable_name,
)
from quixnb.magics.evaluate import Names, evaluate, is_cell_generator, last_name
from quixnb.magics.progress import live, shown_in
from quixnb.magics.settings import Theme
from quixnb.magics.topics import chosen_topic

# Flag → what argparse takes; `dest` is the keyword of `Session.publish`. One not given is not passed on.
OPTIONS: Options = {
    "--time": {"metavar": "COLUMN", "help": "time column (default: a datetime index, then timestamp, time, datetime)"},
    "--stream": {"metavar": "ID", "help": "stream that the rows belong to (default: a new one each time)"},
    "--stream-by": {"metavar": "COLUMN", "help": "one stream for each value of this column"},
    "--name": {"metavar": "TEXT", "help": "name of the stream, for people"},
    "--tag": {"metavar": "COLUMN", "dest": "tags", "action": "append", "help": "column sent as a tag; repeatable"},
    "--columns": {"metavar": "A,B", "type": comma_list, "help": "only these columns"},
    "--format": {
        "choices": ["timeseries", "json"],
        "help": "timeseries: many rows a message (default); json: one row one message",
    },
    "--time-unit": {"choices": ["s", "ms", "us", "ns"], "help": "unit of a time column of numbers, since 1970 in UTC"},
    "--tz": {"metavar": "ZONE", "help": "time zone of times without one, e.g. Europe/Prague (default: UTC)"},
    "--inf": {"choices": ["refuse", "null"], "help": "what to do with infinities (default: refuse)"},
    "--events": {"action": "store_true", "help": "rows are events: columns id and value, and tags"},
    "--location": {"metavar": "PATH", "help": "where Quix shows the stream, e.g. /cars/44"},
    "--metadata": {
        "metavar": "KEY=VALUE",
        "type": key_value,
        "action": KeyValues,
        "help": "metadata of the stream; repeatable",
    },
    "--parent": {"metavar": "ID", "dest": "parents", "action": "append", "help": "parent stream; repeatable"},
    "--end": {"choices": ["Closed", "Aborted", "Terminated"], "help": "how the stream ends (default: Closed)"},
    "--replay": {
        "metavar": "SPEED",
        "type": speed,
        "nargs": "?",
        "const": 1.0,
        "help": "at the frame's own pace, or so many times as fast",
    },
    "--restamp": {"action": "store_true", "help": "with --replay: shift the times to now"},
    "--every": {"metavar": "SPAN", "type": span_s, "help": "one item of an iterator each 0.1s, 500ms, 1m"},
    "--background": {"action": "store_true", "help": "return at once: _.stop() ends it, _.report says what it did"},
    "--rows-per-message": {"metavar": "N", "type": positive, "help": "rows in one message (default: by size)"},
    "--keep-open": {"action": "store_true", "help": "do not end the stream: more rows will follow"},
    "--create": {"action": "store_true", "help": "make the topic if there is none of that name"},
    "--dry-run": {"action": "store_true", "help": "show what would be sent, and send nothing"},
}
# Options of the magics alone, not of the Python API.
_OUT: Options = {"--out": {"metavar": "NAME", "type": variable_name, "help": "variable that receives the report"}}

_ABOUT = """\
Publish the frame that this cell ends with to a topic of the current environment.

The cell is run as usual; the value of its last expression is published: a pandas or Polars
DataFrame, an Arrow table, a dict of columns, a list of dicts, or an iterator of any of these.
A cell that yields rows (`while True: ... yield {...}`) publishes them as they come, until you
interrupt it, which is its regular end.
The line form takes an expression instead: %quix_publish TOPIC EXPRESSION

An unknown topic is an error that names the nearest one; --create makes it. The report says what
the broker acknowledged; it is the magic's value, so `report = _` keeps it. If rows are lost or
you interrupt, the error is raised and the report is kept in --out, else in _quix_report."""

_EXAMPLES = """\
  %%quix_publish f1-data --time lap_start --tag driver
  laps[laps.speed > 0]

  %quix_publish f1-data laps.head(10) --dry-run

  %%quix_publish cpu-load --every 0.1s
  import psutil
  import pandas as pd
  while True:
      yield {"timestamp": pd.Timestamp.now("UTC"), "load": psutil.cpu_percent()}"""


def _parser(kind: type[MagicParser], prog: str) -> MagicParser:
    parser = kind(prog, _ABOUT, _EXAMPLES)
    if kind is MagicParser:
        help_text = "topic name, e.g. f1-data (default: the one chosen in the picker)"
        parser.add_argument("topic", metavar="TOPIC", nargs="?", help=help_text)
    else:
        parser.add_argument("topic", metavar="TOPIC", help="topic name, e.g. f1-data")
        parser.add_argument("expression", metavar="EXPRESSION", nargs="+", help="what to publish, e.g. laps.head(10)")
    parser.add_options(OPTIONS)
    parser.add_options(_OUT)
    return parser


CELL = _parser(MagicParser, "%%quix_publish")
LINE = _parser(ExpressionParser, "%quix_publish")


@magics_class
class PublishMagics(Theme):
    """Publishing."""

    @needs_local_scope
    @no_var_expand
    @output_can_be_silenced
    @line_cell_magic
    def quix_publish(self, line: str, cell: str | None = None, local_ns: Names | None = None) -> Any:  # noqa: D102
        if cell is None:
            options = vars(LINE.parse_line(line))
            expression = " ".join(word.raw for word in options.pop("expression"))
            frame = evaluate(self.shell, expression, local_ns)
        else:
            options = vars(CELL.parse_line(line))
            options["topic"] = options["topic"] or chosen_topic(CELL)
            frame = evaluate(self.shell, cell, local_ns, first_line=2)
        if frame is None:
            raise _no_frame(cell)
        return self._publish(frame, **options)

    quix_publish.__doc__ = CELL.format_help()

    def _publish(self, frame: Any, topic: str, out: str | None = None, **options: Any) -> Any:
        from quixnb.connecting import current

        if self.settings.rows_per_message is not None:
            options.setdefault("rows_per_message", self.settings.rows_per_message)
        if is_cell_generator(frame):
            options["until_stopped"] = True
        try:
            if options.get("background"):
                return self._start(frame, topic, out, options)
            with shown_in(self.shell) as progress:
                report = current().publish(frame, topic, progress=progress, **options)
        except (DeliveryError, PublishInterrupted) as exc:
            # A magic that raises has no value, and `quixnb` may not be imported here: give the report a name.
            name = out or "_quix_report"
            self._keep(exc.report, name)
            if exc.report.failures:
                exc.fix = f"Send the rest with: {name}.retry()"
            raise
        if out:
            self._keep(report, out)
        return report

    def _start(self, frame: Any, topic: str, out: str | None, options: dict[str, Any]) -> Any:
        from quixnb.connecting import current

        running = current().publish(frame, topic, progress=live(self.shell), **options)
        if out:
            self.shell.user_ns[out] = running
        return running

    def _keep(self, report: Any, name: str) -> None:
        self.shell.user_ns[name] = report


def _no_frame(cell: str | None) -> FrameError:
    name = last_name(cell or "")
    if cell is None:
        return FrameError(
            "There is no frame to publish.",
            cause="%quix_publish sends the value of the expression on its line, and that is None.",
            fix="Name a frame, for example: %quix_publish f1-data df",
        )
    return FrameError(
        "There is no frame to publish.",
        cause="%%quix_publish sends the value of the cell's last line, and that line has no value.",
        fix=f"End the cell with the frame's name{'' if name else ', for example'}: {name or 'df'}",
    )
