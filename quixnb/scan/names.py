"""Names for the tokens that are moved out of a file."""

from __future__ import annotations

from collections import Counter


class Names:
    """Names for the tokens of one file: a token has one, and no two have the same."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._wished = Counter[str]()

    def of(self, token: str, wish: str) -> str:
        """The name of a token, by preference `wish`."""
        if token not in self._names:
            self._names[token] = self._new(wish)
        return self._names[token]

    def _new(self, wish: str) -> str:
        self._wished[wish] += 1
        number = self._wished[wish]
        return wish if number == 1 else f"{wish}-{number}"
