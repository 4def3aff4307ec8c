"""Completion on the lines of quixnb's magics: topics, columns, options and their values.

Nothing here asks the network, or runs code of the user's: topics come from the session's cache, columns from frames
that a plain name stands for.
"""

from __future__ import annotations

import argparse
import logging
import re
import shlex
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from IPython.core.completer import CompletionContext, SimpleCompletion, SimpleMatcherResult, context_matcher
from IPython.core.interactiveshell import InteractiveShell

from quixnb.magics.arguments import MagicParser
from quixnb.magics.connection import STATUS, TOKEN, USE
from quixnb.magics.publish import CELL, LINE
from quixnb.magics.read import READ
from quixnb.magics.rotate import ROTATE
from quixnb.magics.sandbox import SANDBOX
from quixnb.magics.scan import SCAN
from quixnb.magics.scrub import FIX, SCRUB
from quixnb.magics.tail import TAIL
from quixnb.magics.topics import TOPICS
from quixnb.watching import session_at_hand

_log = logging.getLogger(__name__)

PARSERS: dict[str, MagicParser] = {
    parser.prog: parser
    for parser in (TOKEN, USE, STATUS, TOPICS, CELL, LINE, READ, TAIL, ROTATE, SANDBOX, SCAN, SCRUB, FIX)
}
# Where the column names of a frame are; each is a plain attribute of these classes, and costs nothing to read.
_COLUMNS = {
    ("pandas", "DataFrame"): "columns",
    ("polars", "DataFrame"): "columns",
    ("pyarrow", "Table"): "column_names",
    ("pyarrow", "RecordBatch"): "column_names",
}
_MAGIC = re.compile(r"(?:^|[=\s])(?P<magic>%%?quix_\w+)\s+(?P<words>.*)$")
_NAME = re.compile(r"(?<![\w.\"'])[^\W\d]\w*")


class Place(NamedTuple):
    """Where the cursor is on a magic's line.

    Attributes
    ----------
    words
        The words before the one at the cursor.
    fragment
        What is typed of the word at the cursor.
    code
        The Python that the magic runs: the cell's last line, or what stands on the magic's line.
    """

    parser: MagicParser
    words: list[str]
    fragment: str
    code: str


def matcher_for(shell: InteractiveShell) -> Callable[[CompletionContext], SimpleMatcherResult]:
    """The matcher to be appended to `shell.Completer.custom_matchers`."""

    @context_matcher(identifier="quixnb", priority=100)
    def quixnb_matcher(context: CompletionContext) -> SimpleMatcherResult:
        try:
            found = _completions(context, shell.user_ns)
        except Exception as exc:
            # What fails here must not take Python's own completion with it.
            _log.debug("no completion: %s", type(exc).__name__)
            found = None
        if found is None:
            return {"completions": [], "suppress": False}
        fragment, completions = found
        return {"completions": completions, "matched_fragment": fragment, "suppress": bool(completions)}

    matcher: Callable[[CompletionContext], SimpleMatcherResult] = quixnb_matcher
    return matcher


def _completions(context: CompletionContext, names: Mapping[str, Any]) -> tuple[str, list[SimpleCompletion]] | None:
    place = _place(context)
    if place is None:
        return None
    kind, candidates = _candidates(place, names)
    typed = place.fragment.lstrip("'\"").lower()
    matches = [shlex.quote(each) for each in candidates if each.lower().startswith(typed)]
    return place.fragment, [SimpleCompletion(text, type=kind) for text in matches]


def _place(context: CompletionContext) -> Place | None:
    found = _MAGIC.search(context.text_until_cursor)
    parser = PARSERS.get(found["magic"]) if found else None
    if found is None or parser is None or (found["magic"].startswith("%%") and context.cursor_line > 0):
        return None
    *words, word = re.split(r"\s+", found["words"])
    # Behind a comma or `=` a new name begins: --columns=A,B
    fragment = re.split(r"[,=]", word)[-1] if word.startswith("--") or "," in word else word
    if "=" in word and word.startswith("--"):
        words = [*words, word.partition("=")[0]]
    lines = [line for line in context.full_text.split("\n") if line.strip()]
    return Place(parser, words, fragment, lines[-1] if parser is CELL else found["words"])


def _candidates(place: Place, names: Mapping[str, Any]) -> tuple[str, Iterable[str]]:
    """What can stand at `place`, and what kind of thing it is."""
    option = _option_waiting(place)
    if option is not None:
        return _values(option, place, names)
    if place.fragment.startswith("-"):
        return "option", _options_left(place)
    taken = _positional_words(place)
    positional = [each for each in place.parser._get_positional_actions() if each.help != argparse.SUPPRESS]
    return _values(positional[taken], place, names) if taken < len(positional) else ("", ())


def _option_waiting(place: Place) -> argparse.Action | None:
    """The option whose value the cursor is at."""
    last = place.words[-1] if place.words else ""
    action = place.parser._option_string_actions.get(last)
    return action if action is not None and action.nargs != 0 else None


def _options_left(place: Place) -> Iterable[str]:
    for flag, action in place.parser._option_string_actions.items():
        if flag not in place.words or action.dest == "tags":
            yield flag


def _positional_words(place: Place) -> int:
    """How many words before the cursor are neither options nor their values."""
    flags = place.parser._option_string_actions
    behind_option = [False, *(word in flags and flags[word].nargs != 0 for word in place.words)]
    return sum(
        not word.startswith("--") and not is_value for word, is_value in zip(place.words, behind_option, strict=False)
    )


def _values(action: argparse.Action, place: Place, names: Mapping[str, Any]) -> tuple[str, Iterable[str]]:
    if action.choices:
        return "value", map(str, action.choices)
    source = {"TOPIC": _topics, "PATTERN": _topics, "PROFILE": _profiles}.get(str(action.metavar))
    if source:
        return str(action.metavar).lower(), source()
    if action.metavar in ("COLUMN", "A,B"):
        return "column", _columns(place.code, names)
    if action.metavar == "EXPRESSION":
        # Jedi makes nothing of a magic's line, so that Python's own completion offers no names here.
        return "frame", frame_names(names)
    return "", ()


def frame_names(names: Mapping[str, Any]) -> list[str]:
    """Those of `names` that stand for a frame, in their order."""
    return [name for name, value in list(names.items()) if name[0] != "_" and _frame_attribute(value)]


def _topics() -> list[str]:
    session = session_at_hand()
    return session.cached_topic_names() if session else []


def _profiles() -> list[str]:
    from quixnb.profiles import load_profiles

    return list(load_profiles())


def _columns(code: str, names: Mapping[str, Any]) -> list[str]:
    """Names of the columns of each frame that `code` names, in order."""
    found: dict[str, None] = {}
    for match in _NAME.finditer(code):
        found.update(dict.fromkeys(_columns_of(names.get(match.group()))))
    return list(found)


def _columns_of(value: object) -> Iterable[str]:
    if type(value) is dict:
        return [name for name in value if isinstance(name, str)]
    attribute = _frame_attribute(value)
    return [name for name in getattr(value, attribute) if isinstance(name, str)] if attribute else ()


def _frame_attribute(value: object) -> str | None:
    return _COLUMNS.get((type(value).__module__.partition(".")[0], type(value).__name__))
