"""The search itself: known secrets, tokens in one piece, in several, and in other letters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from quixnb.detect.broken_up import broken_up, may_hold_token
from quixnb.detect.finding import Finding, Kind, Span, apart, located
from quixnb.detect.known import known_spans
from quixnb.detect.packed import packed_tokens
from quixnb.detect.patterns import Pattern, kind_of_jwt, pattern_file
from quixnb.detect.pieces import jwts_in_pieces, tokens_cut_short, tokens_in_pieces

_SHORTEST = len("sdk-") + 32


def find_tokens(text: str, known: Iterable[str] = ()) -> list[Finding]:
    """The tokens in `text`, in order, without those on a line that says `# quixnb: not-a-token`.

    Also found are tokens one step away: broken up by colours, tags, line breaks or between two string literals, with
    characters escaped, in base64. Time is linear in the length of `text`, and close to nothing where no token can be.

    Parameters
    ----------
    text
        Any text.
    known
        Secrets to look for whatever they look like: the token in use, a broker's password.

    Examples
    --------
    >>> [(each.kind, each.line, each.column) for each in find_tokens("token = 'sdk-" + "0f" * 16 + "'")]
    [('sdk', 1, 10)]
    """
    return list(located(text, apart([*_by_look(text), *known_spans(text, known)])))


def spans_to_hide(text: str, known: Iterable[str] = ()) -> list[Span]:
    """What to replace so that no token is left in `text`, in order: silencing comments and doubts do not count."""
    return list(apart([*_by_look(text, with_doubtful=True), *known_spans(text, known)]))


def _by_look(text: str, *, with_doubtful: bool = False) -> Iterator[Span]:
    if with_doubtful:
        yield from _cut_short(text)
    if len(text) < _SHORTEST:  # most of what a cell puts out
        return
    yield from packed_tokens(text)
    if may_hold_token(text):
        for pattern in pattern_file().patterns:
            yield from _in_one_piece(pattern, text, with_doubtful=with_doubtful)
        yield from tokens_in_pieces(text, with_doubtful=with_doubtful)
        yield from jwts_in_pieces(text)


def _cut_short(text: str) -> Iterator[Span]:
    """Tokens of which a part is shown: too little for a finding, and more than anybody should see."""
    if not ("..." in text or "\u2026" in text or "+" in text):
        return
    for match in broken_up().cut_short.finditer(text):
        start = match.start() - len("sdk")
        yield Span(start, match.end(), "sdk" if text[start] in "sS" else "pat", "broken up")
    if "\u2026" in text:
        yield from tokens_cut_short(text)
    for match in broken_up().jwt_cut_short.finditer(text):
        yield Span(match.start() - len("ey"), match.end(), "jwt_generic", "broken up")


def _in_one_piece(pattern: Pattern, text: str, *, with_doubtful: bool) -> Iterator[Span]:
    for match in pattern.matches(text):
        kind: Kind | None = kind_of_jwt(match.group()) if pattern.kind == "jwt" else pattern.kind
        if kind is None and with_doubtful:
            kind = "jwt_generic"
        if kind is not None:
            yield Span(match.start(), match.end(), kind, "in one piece")
