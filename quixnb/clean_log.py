"""Keeps secrets out of log lines: ours, and those that librdkafka writes through us."""

from __future__ import annotations

import logging

from quixnb.known import known_secrets
from quixnb.redact import redact


class CleanLog(logging.Filter):
    """Lets every record through, without the tokens and passwords in it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean the record's message in place; what cannot be read is not shown at all."""
        try:
            message = record.getMessage()
        except Exception:  # logging itself would print its arguments, and they may be anything
            record.msg, record.args = "a log line that could not be written", ()
            return True
        cleaned = redact(message, known_secrets())
        if cleaned != message:
            record.msg, record.args = cleaned, ()
        if record.exc_info and record.exc_text is None:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info), known_secrets())
        return True
