"""Looks at each document on its way to the disk, and takes tokens out of it or says that there are some."""

from __future__ import annotations

import logging
import re
from collections import deque
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from quixnb.detect import find_tokens
from quixnb.redact import redact
from quixnb.server.documents import Text, cleaned, texts
from quixnb.server.models import opened
from quixnb.server.settings import mode_for

_MOST_NOTICES: Final = 100
_MOST_PLACES: Final = 20
# Files that are there to hold tokens: neither changed nor remarked on.
_MEANT_FOR_TOKENS = re.compile(r".*\.env(?:\..*)?")


@dataclass(frozen=True)
class Place:
    """Where a token is, or was, in a document: never the token."""

    place: str
    kind: str
    line: int
    was_redacted: bool


@dataclass(frozen=True)
class Notice:
    """What was found in one save, for the log and for the front end."""

    path: str
    action: str
    places: list[Place]
    saved_at: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="milliseconds"))

    def __str__(self) -> str:
        count = f"{len(self.places)} token{'s' if len(self.places) > 1 else ''}"
        shown = "; ".join(f"{each.place or 'text'}, line {each.line}" for each in self.places[:_MOST_PLACES])
        return f"quixnb: {count} in {redact(self.path)!r}, {self.action} ({redact(shown)})"

    def as_json(self) -> dict[str, Any]:
        """The notice as JSON has it."""
        return {**asdict(self), "path": redact(self.path)}


class SaveRefused(Exception):
    """The document is not to be saved."""


class Saves:
    """Checks documents; keeps the latest notices.

    Parameters
    ----------
    mode
        The server's mode, asked each time.
    is_shared
        Whether documents are edited by several people at once. A refused save would lose their work there, silently.
    """

    def __init__(self, mode: Callable[[], str], is_shared: Callable[[], bool], log: logging.Logger) -> None:
        self._mode, self._is_shared, self._log = mode, is_shared, log
        self._complaints: set[str] = set()
        self.notices: deque[Notice] = deque(maxlen=_MOST_NOTICES)

    def check(
        self, model: dict[str, Any], path: str, file: Path | None, root: Path | None, *, is_written: bool = False
    ) -> None:
        """Clean the model's content in place, as the mode says; what is written already is not refused.

        Raises
        ------
        SaveRefused
            The mode is `refuse`, and there is a token.
        """
        document = None if _MEANT_FOR_TOKENS.fullmatch(PurePosixPath(path).name) else opened(model, path)
        if document is None:
            return
        mode = mode_for(file, root, self._mode(), self._complain)
        found = [] if mode == "off" else _tokens_in(document.content)
        if not found:
            return
        # Real-time collaboration takes a refusal for a save, and nothing of the document would reach the disk.
        reason = "as it came in pieces" if is_written else "while shared" if self._is_shared() else ""
        if mode == "refuse" and not reason:
            self._note(Notice(path, "not saved", [_place(each, kind, line, False) for each, kind, line in found]))
            raise SaveRefused(_refusal(found))
        changed = self._changed(document.content, mode)
        if changed is not None:
            model["content"] = document.packed(changed)
        notice = _notice(path, mode, found, is_changed=changed is not None)
        self._note(replace(notice, action=f"{notice.action}: not refused {reason}") if mode == "refuse" else notice)

    def _changed(self, content: Any, mode: str) -> Any:
        if mode not in ("redact", "redact-outputs") or _is_token_file(content):
            return None
        result = cleaned(content, redact, sources=mode == "redact")
        return None if result == content else result

    def _complain(self, what: str) -> None:
        # Asked at each save; the log need say it once.
        if what not in self._complaints:
            self._complaints.add(what)
            self._log.warning("quixnb: %s", redact(what))

    def _note(self, notice: Notice) -> None:
        # Autosave finds the same again and again; the log need say it once.
        if not any(each.path == notice.path and each.places == notice.places for each in self.notices):
            self._log.warning("%s", notice)
        self.notices.append(notice)


Found = tuple[Text, str, int]


def _tokens_in(content: Any) -> list[Found]:
    return [(text, each.kind, each.line) for text in texts(content) for each in find_tokens(text.text)]


def _notice(path: str, mode: str, found: list[Found], *, is_changed: bool) -> Notice:
    redacts = {"redact": (True, False), "redact-outputs": (True,)}.get(mode, ()) if is_changed else ()
    places = [_place(text, kind, line, text.is_output in redacts) for text, kind, line in found]
    if all(each.was_redacted for each in places):
        return Notice(path, "redacted", places)
    some = any(each.was_redacted for each in places)
    return Notice(path, "redacted in outputs, saved in sources" if some else "saved as they are", places)


def _place(text: Text, kind: str, line: int, was_redacted: bool) -> Place:
    return Place(redact(text.place), kind, line, was_redacted)


def _refusal(found: list[Found]) -> str:
    places = "; ".join(f"{redact(text.place) or 'text'}, line {line}" for text, _, line in found[:_MOST_PLACES])
    return (
        f"Not saved: it holds a Quix token in plain text ({places}). Take it out (%quix_fix does, and clear the "
        "outputs), then save again."
    )


def _is_token_file(content: Any) -> bool:
    """Whether a file holds one token and nothing else: it is there for that."""
    if not isinstance(content, str):
        return False
    [first, *more] = find_tokens(content)
    return not more and (content[: first.start] + content[first.end :]).strip() == ""
