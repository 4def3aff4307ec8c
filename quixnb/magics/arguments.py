"""The line of a magic: split like a shell's, parsed by argparse, and refused as soon as a token stands on it."""

from __future__ import annotations

import argparse
import difflib
import keyword
import re
import shlex
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from IPython.core.error import UsageError

from quixnb.detect import is_nearly_token
from quixnb.errors import QuixnbError
from quixnb.redact import redact

Options = Mapping[str, Mapping[str, Any]]


class TokenOnLine(QuixnbError):
    """A token was typed on a magic's line; it is refused unread and unused."""


class MagicParser(argparse.ArgumentParser):
    """argparse for one line: unquotes like a shell, takes no abbreviations, raises instead of exiting.

    Parameters
    ----------
    prog
        The magic as it is typed: `%quix_read`.
    description, examples
        Beginning and end of the manual, kept line by line; the options stand between them.
    """

    def __init__(self, prog: str, description: str, examples: str) -> None:
        super().__init__(
            prog=prog,
            description=description,
            epilog=f"Examples\n{examples}",
            formatter_class=_Manual,
            add_help=False,
            allow_abbrev=False,
            exit_on_error=False,
        )
        # Python 3.14 colours help texts, for terminals; ours is a docstring.
        self.color = False

    def add_options(self, options: Options) -> None:
        """Add `options`: flag → what `add_argument` takes. One not given on the line leaves no attribute."""
        for flag, settings in options.items():
            self.add_argument(flag, **{"default": argparse.SUPPRESS, **settings})

    def parse_line(self, line: str) -> argparse.Namespace:
        """What `line` asks for.

        Raises
        ------
        TokenOnLine
            A token, or the better half of one, stands on it.
        UsageError
            It is mistyped: an unknown option, a missing value, a quote left open.
        """
        refuse_token(line, self.prog)
        try:
            return self.parse_args(self.split(without_semicolon(line)))
        except (ValueError, argparse.ArgumentError) as exc:
            self.error(str(exc))

    def split(self, line: str) -> list[str]:
        """The words of `line`."""
        return shlex.split(line)

    def error(self, message: str) -> NoReturn:
        """Raise what IPython shows as one line for a mistyped magic."""
        unknown = re.match(r"unrecognized arguments: --([\w-]+)", message)
        names = [flag.lstrip("-") for flag in self._option_string_actions]
        near = difflib.get_close_matches(unknown[1], names, n=1) if unknown else []
        hint = f" (the nearest is --{near[0]})" if near else ""
        raise UsageError(f"{self.prog}: {redact(message)}{hint}\nSee {self.prog}? for the options.") from None


class Word(str):
    """A word of a line, unquoted; `raw` is how it was typed."""

    __slots__ = ("raw",)
    raw: str

    def __new__(cls, text: str, raw: str) -> Word:
        """Pair `text` with what was typed for it."""
        word = super().__new__(cls, text)
        word.raw = raw
        return word


class ExpressionParser(MagicParser):
    """A `MagicParser` for a line with Python on it: quotes and blanks inside brackets belong to one word.

    The words are `Word`s, so that the expression can be had as it was typed.
    """

    def split(self, line: str) -> list[str]:
        """The words of `line`; one with brackets is kept as typed, any other unquoted."""
        return [
            Word(raw if has_brackets else "".join(shlex.split(raw)), raw) for raw, has_brackets in _python_words(line)
        ]


_PIECE = re.compile(r""" "(?:\\.|[^"\\])*" | '(?:\\.|[^'\\])*' | \s+ | [^\s"'()\[\]{}]+ | . """, re.VERBOSE)


def _python_words(line: str) -> Iterator[tuple[str, bool]]:
    """Words of `line` as typed, and whether they have brackets outside quotes."""
    raw, depth, has_brackets = "", 0, False
    for piece in [*_PIECE.findall(line), " "]:
        depth += (piece in "([{") - (piece in ")]}")
        has_brackets = has_brackets or depth > 0
        if piece in "\"'" or depth < 0:
            raise ValueError("a quote or a bracket has no partner")
        if not piece.isspace() or depth > 0:
            raw += piece
        elif raw:
            yield raw, has_brackets
            raw, has_brackets = "", False
    if depth:
        raise ValueError("a bracket is not closed")


class _Manual(argparse.RawDescriptionHelpFormatter):
    """Help of the same width everywhere: a docstring does not depend on the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, width=100, max_help_position=26)


def refuse_token(line: str, prog: str) -> None:
    """Raise `TokenOnLine` if a token, or the better half of one, stands on `line`."""
    words = re.split(r"""[\s"'=,;:(\[]+-*""", " " + line)
    if redact(line) != line or any(map(is_nearly_token, words)):
        raise token_on_line(prog)


def token_on_line(prog: str) -> TokenOnLine:
    """The refusal, which does not repeat what was typed."""
    return TokenOnLine(
        f"A token was typed on the line of {prog}. It was not used, and IPython's history does not keep it.",
        cause="This cell still shows it, and so does every saved or shared copy of the notebook.",
        fix="Delete it here, rotate it in the portal (Settings > APIs and tokens), then run %quix_token by itself: "
        "it asks with hidden input.",
    )


def without_semicolon(line: str) -> str:
    """`line` without the `;` at its end that silences a magic's output: IPython leaves it in."""
    return line.rstrip().removesuffix(";").rstrip()


def comma_list(text: str) -> list[str]:
    """The names in `A,B`, without the blanks around them."""
    names = [name.strip() for name in text.split(",")]
    if not all(names):
        raise argparse.ArgumentTypeError("a name is empty; write A,B")
    return names


def positive(text: str) -> int:
    """A whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of 1 or more")
    return int(text)


def seconds(text: str) -> float:
    """A number of seconds above 0."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of seconds above 0")
    return value


def speed(text: str) -> float:
    """A factor above 0: `2`, `0.5`, `10x`."""
    try:
        value = float(text.removesuffix("x"))
    except ValueError:
        value = 0.0
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a factor above 0")
    return value


def span_s(text: str) -> float:
    """Seconds of a span such as `0.1s`, `500ms`, `1m30s`; a bare number is seconds."""
    from quixnb.spans import parse_span

    try:
        return parse_span(text if text[-1:].isalpha() else f"{text}s").total_seconds()
    except QuixnbError as exc:
        raise argparse.ArgumentTypeError(exc.what) from None


def key_value(text: str) -> tuple[str, str]:
    """The two sides of `KEY=VALUE`."""
    key, equals, value = text.partition("=")
    if not key or not equals:
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=VALUE")
    return key, value


class KeyValues(argparse.Action):
    """Gathers repeated `KEY=VALUE` options in a dictionary."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: Any = None) -> None:
        """Add one pair."""
        key, value = values
        setattr(namespace, self.dest, {**getattr(namespace, self.dest, {}), key: value})


def variable_name(text: str) -> str:
    """A name that a Python variable can have."""
    if not text.isidentifier() or keyword.iskeyword(text):
        raise argparse.ArgumentTypeError(f"{text!r} cannot be a variable's name")
    return text
