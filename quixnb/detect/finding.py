"""Where a token stands, without a character of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

from quixnb.detect.patterns import is_silenced

Kind = Literal["sdk", "pat", "jwt", "jwt_generic", "known"]
Rule = Literal["in one piece", "broken up", "encoded"]


@dataclass(frozen=True, slots=True)
class Finding:
    """Where a token stands. It holds no character of it, so it can be shown, logged and compared.

    Attributes
    ----------
    kind
        `sdk` (streaming token), `pat` (personal access token), `jwt` (a JWT that names Quix), `jwt_generic` (another),
        `known` (a secret that the search was given).
    start, end
        Code points of the text, from the token's first to behind its last.
    line, column
        The same start for people, both from 1.
    rule
        `in one piece`: `text[start:end]` is the token. `broken up`: something stands inside it (colours, tags, the gap
        between two literals, escapes). `encoded`: base64 or compressed, or otherwise in other letters.
    """

    kind: Kind
    start: int
    end: int
    line: int
    column: int
    rule: Rule = "in one piece"


class Span(NamedTuple):
    """A `Finding` whose line is not known yet; in the order in which one goes before another."""

    start: int
    end: int
    kind: Kind
    rule: Rule


def apart(spans: Iterable[Span]) -> Iterator[Span]:
    """`spans` in order, without those that overlap one that begins earlier, or as early and goes on longer."""
    past = -1
    for span in sorted(spans, key=lambda each: (each.start, -each.end, each.rule != "in one piece")):
        if span.start >= past:
            past = span.end
            yield span


def located(text: str, spans: Iterable[Span]) -> Iterator[Finding]:
    """Findings for `spans`, which are apart and in order, without those on a silenced line; one pass over the text."""
    line, line_start, line_end, silenced = 1, 0, -1, False
    for start, end, kind, rule in spans:
        if start > line_end:
            line += text.count("\n", line_start, start)
            line_start = max(line_start, text.rfind("\n", line_start, start) + 1)
            line_end = text.find("\n", start) % (len(text) + 1)  # -1 is the text's end
            silenced = is_silenced(text, line_start, line_end)
        # A token that goes on over several lines is silenced by the comment on any of them.
        if not silenced and not (
            end > line_end and is_silenced(text, line_end, text.find("\n", end) % (len(text) + 1))
        ):
            yield Finding(kind, start, end, line, start - line_start + 1, rule)
