"""`%quix_read`: rows of a topic as a DataFrame."""

from __future__ import annotations

from typing import Any

from IPython.core.magic import line_magic, magics_class, no_var_expand, output_can_be_silenced

from quixnb.magics.arguments import MagicParser, positive, seconds, variable_name
from quixnb.magics.settings import Theme
from quixnb.magics.topics import chosen_topic

READ = MagicParser(
    "%quix_read",
    """\
Read rows of a topic back as a DataFrame.

Reading leaves no trace in the topic: no consumer group is kept, and every call begins where its
options say, by default at the earliest row that the topic still holds. It ends when it has what
was asked for, at the topic's end of that moment, or after --timeout seconds.""",
    """\
  %quix_read f1-data --last 100
  %quix_read f1-data --since 10m --stream car-1 --out laps""",
)
READ.add_argument(
    "topic", metavar="TOPIC", nargs="?", help="topic name, e.g. f1-data (default: the one chosen in the picker)"
)
# `dest` is the keyword of `Session.read`. One not given is not passed on.
READ.add_options(
    {
        "--last": {"metavar": "N", "type": positive, "help": "only the newest N rows"},
        "--since": {"metavar": "SPAN", "help": "only rows published in the last 10m, 1h30m, 2d"},
        "--from": {
            "dest": "start",
            "choices": ["earliest", "latest"],
            "help": "latest waits for new rows (default: earliest)",
        },
        "--stream": {"metavar": "ID", "help": "only rows of this stream"},
        "--events": {"action": "store_true", "help": "read events instead of rows"},
        "--limit": {"metavar": "N", "type": positive, "help": "stop after N rows"},
        "--timeout": {"metavar": "S", "dest": "timeout_s", "type": seconds, "help": "wait at most S seconds for rows"},
        "--out": {"metavar": "NAME", "type": variable_name, "help": "variable that receives the frame"},
    }
)


@magics_class
class ReadMagics(Theme):
    """Reading."""

    @no_var_expand
    @output_can_be_silenced
    @line_magic
    def quix_read(self, line: str) -> Any:  # noqa: D102
        from quixnb.connecting import current

        options = {"timeout_s": self.settings.read_timeout_s, **vars(READ.parse_line(line))}
        out = options.pop("out", None)
        topic = options.pop("topic") or chosen_topic(READ)
        frame = current().read(topic, **options)
        if out:
            self.shell.user_ns[out] = frame
        return frame

    quix_read.__doc__ = READ.format_help()
