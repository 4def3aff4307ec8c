"""Tokens that this kernel knows by a name, and the text that stands in code where a literal token stood."""

from __future__ import annotations

from typing import Any, NoReturn

from quixnb.errors import TokenMissing
from quixnb.token import Token

_named: dict[str, Token] = {}


class TokenText(str):
    """A token where a text is needed: it works like the `str` that it is, and shows its name instead of itself.

    `repr`, pickle and copies do not show it. Whatever makes a plain text of it does: `str()`, `print`, an f-string,
    `+`, a slice. A library that puts it into a header has to be able to.
    """

    __slots__ = ("_label",)
    _label: str

    def __new__(cls, text: str, label: str) -> TokenText:
        """Pair a token with what is shown for it."""
        token = super().__new__(cls, text)
        token._label = label
        return token

    def __repr__(self) -> str:
        return f"<{self._label}>"

    def __copy__(self) -> TokenText:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> TokenText:
        return self

    def __reduce_ex__(self, protocol: object) -> NoReturn:
        raise TypeError("A Quix token is not pickled: it would leave memory in plain text.")


def token(name: str | None = None) -> TokenText:
    """A token as text, for code that needs one: `Application(quix_sdk_token=quixnb.token("dev"))`.

    Parameters
    ----------
    name
        A name that the kernel knows since `%quix_fix`, or a profile's. For another, it asks with hidden input, once.
        None is the token of the current connection, or the first that `%quix_token` would find.

    Raises
    ------
    TokenMissing
        There is none, and nobody can be asked.
    """
    found = _current() if name is None else _named.get(name) or _from_profile(name) or _asked_for(name)
    return TokenText(found.reveal(), f"Quix {found.kind} {name!r}" if name else f"Quix {found.described}")


def keep(name: str, value: Token) -> None:
    """Know `value` by this name until the kernel ends."""
    _named[name] = value


def name_for(value: str, wish: str) -> str:
    """The name that the token already has, else `wish`, with a number where another token has that."""
    taken = {name: each.reveal() for name, each in _named.items()}
    for name, each in taken.items():
        if each == value:
            return name
    return next(name for n in range(1, len(taken) + 2) if (name := wish if n == 1 else f"{wish}-{n}") not in taken)


def _current() -> Token:
    from quixnb.session import default
    from quixnb.sources import find_token

    session = default()
    return session.token if session else find_token()


def _from_profile(name: str) -> Token | None:
    from quixnb.profiles import load_profiles
    from quixnb.sources import find_token

    profile = load_profiles().get(name)
    return find_token(profile=profile) if profile is not None and profile.token_source is not None else None


def _asked_for(name: str) -> Token:
    from quixnb.sources import from_prompt

    try:
        found = from_prompt(f"Quix token {name!r} (hidden while you type): ")
    except TokenMissing as exc:
        raise TokenMissing(
            f"This kernel knows no Quix token by the name {name!r}.",
            cause=f"{exc.what} A token that was moved out of a cell is kept in the kernel's memory only.",
            fix=f"Save a profile that says where it is: %quix_token --env VARIABLE --save {name}",
        ) from None
    keep(name, found)
    return found
