"""What verbs return: facts and lists that show themselves as text and as small HTML tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any, Generic, TypeVar

T = TypeVar("T")

# Jupyter's own colours, so that every theme fits; nothing else is set but what its table style gets wrong for text.
_TABLE = "border-collapse:collapse;color:var(--jp-ui-font-color1,inherit)"
_CAPTION = "caption-side:top;text-align:left;font-weight:600;color:var(--jp-ui-font-color1,inherit)"
# A caption wraps at its table's width, however narrow that is.
_ONE_LINE, _LONGEST_LINE = ";white-space:nowrap", 48
_BAD = ";color:var(--jp-error-color1,#b00020)"
_HEAD = "text-align:{};font-weight:600;border-bottom:1px solid var(--jp-border-color1,currentColor)"
_LABEL = "text-align:left;font-weight:normal;color:var(--jp-ui-font-color2,inherit)"
_CELL = "text-align:left"
_VALUE = _CELL + ";overflow-wrap:anywhere"
_NUMBER = "text-align:right;font-variant-numeric:tabular-nums"


class _Shown:
    """Text for terminals, HTML for notebooks; the text also stands wherever HTML is not shown."""

    def __str__(self) -> str:
        return repr(self)

    def _repr_pretty_(self, printer: Any, cycle: bool) -> None:
        printer.text(repr(self))


class Facts(_Shown, Mapping[str, str]):
    """One thing's properties, by name; `advice` says what to do next, where there is something to do."""

    def __init__(self, title: str, facts: Mapping[str, object], advice: str = "", *, is_bad: bool = False) -> None:
        self.title, self.advice, self.is_bad = title, advice, is_bad
        self._facts = {name: str(value) for name, value in facts.items() if value not in (None, "")}

    def __getitem__(self, name: str) -> str:
        return self._facts[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._facts)

    def __len__(self) -> int:
        return len(self._facts)

    def __repr__(self) -> str:
        width = max(map(len, self._facts), default=0)
        lines = [f"  {name:<{width}}  {value}" for name, value in self._facts.items()]
        return "\n".join([self.title, *lines, *_paragraphs(self.advice)])

    def _repr_html_(self) -> str:
        rows = (
            f'<tr><th scope="row" style="{_LABEL}">{escape(name)}</th><td style="{_VALUE}">{escape(value)}</td></tr>'
            for name, value in self._facts.items()
        )
        return _table(self.title, f"<tbody>{''.join(rows)}</tbody>", is_bad=self.is_bad) + _advice(self.advice)


class Listing(_Shown, Sequence[T], Generic[T]):
    """Several things of a kind, which can be taken by position; each is one row of a table.

    Parameters
    ----------
    title
        What they are, and how many.
    columns
        Heads of the columns.
    rows
        Each thing and its cells; a number is aligned as one.
    advice
        What to do next.
    """

    def __init__(
        self, title: str, columns: Sequence[str], rows: Iterable[tuple[T, Sequence[object]]], advice: str = ""
    ) -> None:
        self.title, self.columns, self.advice = title, tuple(columns), advice
        pairs = list(rows)
        self._items = [item for item, _ in pairs]
        self._rows = [tuple(cells) for _, cells in pairs]

    def __getitem__(self, index: Any) -> Any:
        return self._items[index]

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        if not self._rows:
            return "\n".join([self.title, *_paragraphs(self.advice)])
        table = [self.columns, *(tuple(map(_text, row)) for row in self._rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        sides = [">" if _is_number(cell) else "<" for cell in self._rows[0]]
        lines = ("  ".join(map("{:{}{}}".format, row, sides, widths)).rstrip() for row in table)
        return "\n".join([self.title, *(f"  {line}" for line in lines), *_paragraphs(self.advice)])

    def _repr_html_(self) -> str:
        if not self._rows:
            return f"<p>{escape(self.title)}</p>" + _advice(self.advice)
        heads = "".join(map(_head, self.columns, self._rows[0]))
        body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in self._rows)
        return _table(self.title, f"<thead><tr>{heads}</tr></thead><tbody>{body}</tbody>") + _advice(self.advice)


def _table(title: str, content: str, *, is_bad: bool = False) -> str:
    caption = _CAPTION + (_BAD if is_bad else "") + (_ONE_LINE if len(title) <= _LONGEST_LINE else "")
    return f'<table style="{_TABLE}"><caption style="{caption}">{escape(title)}</caption>{content}</table>'


def _head(name: str, first: object) -> str:
    side = "right" if _is_number(first) else "left"
    return f'<th scope="col" style="{_HEAD.format(side)}">{escape(name)}</th>'


def _cell(value: object) -> str:
    return f'<td style="{_NUMBER if _is_number(value) else _CELL}">{escape(_text(value))}</td>'


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if _is_number(value) else str(value)


def _paragraphs(advice: str) -> list[str]:
    return [advice] if advice else []


def _advice(advice: str) -> str:
    return f"<p>{escape(advice)}</p>" if advice else ""
