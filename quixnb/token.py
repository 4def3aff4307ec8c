"""Values that hide themselves: a Quix token, and Kafka settings with a password in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Literal, NoReturn, TypeVar

from quixnb.errors import TokenMalformed

Kind = Literal["streaming token", "personal access token", "JWT"]

# `sdk-`/`pat-` and 32 hex digits; older tokens of either kind are JWTs: three base64url parts, the first a JSON object.
_SHAPES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("streaming token", re.compile(r"sdk-[0-9a-f]{32}", re.IGNORECASE | re.ASCII)),
    ("personal access token", re.compile(r"pat-[0-9a-f]{32}", re.IGNORECASE | re.ASCII)),
    ("JWT", re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}", re.ASCII)),
)

T = TypeVar("T")


class Hidden(Generic[T]):
    """A value that prints as what it is and where it is from; `reveal()` is the only way to it.

    It refuses pickle, copy and format specifications, has no JSON form, and compares by identity only, so that it
    cannot be written to disk, sent to a worker or probed by accident.
    """

    __slots__ = ("_value", "source")
    __hash__ = None  # type: ignore[assignment]
    label: ClassVar[str] = "hidden value"

    def __init__(self, value: T, source: str) -> None:
        self._value = value
        self.source = source

    def reveal(self) -> T:
        """The value itself. Call it where the value leaves the process, and keep no copy."""
        return self._value

    def __repr__(self) -> str:
        return f"<{self.label} from {self.source}>"

    def __str__(self) -> str:
        return repr(self)

    def __format__(self, spec: str) -> str:
        if spec:
            raise TypeError(f"A {self.label} takes no format specification.")
        return repr(self)

    def __eq__(self, other: object) -> bool:
        return self is other

    def _refuse(self, *_: object) -> NoReturn:
        raise TypeError(f"A {self.label} is not copied or pickled: it would leave memory in plain text.")

    __reduce__ = __reduce_ex__ = __copy__ = __deepcopy__ = __getstate__ = _refuse


class Token(Hidden[str]):
    """A Quix token. Prints as its kind and source, never as characters.

    Attributes
    ----------
    source
        Where it was found, for people: `Quix__Sdk__Token`, `STREAMING_TOKEN in .env`, `pasted`.
    kind
        `streaming token` (one environment, never expires), `personal access token` (a user's rights) or `JWT`.
    """

    __slots__ = ("kind",)
    label = "Quix token"

    def __init__(self, value: str, source: str) -> None:
        super().__init__(value, source)
        self.kind: Kind = kind_of(value, source)

    @classmethod
    def parse(cls, text: str, source: str) -> Token:
        """A token from what a person pasted: surrounding blanks, quotes and `Bearer ` are dropped.

        Raises
        ------
        TokenMalformed
            What remains cannot be a Quix token. The text is not repeated.
        """
        return cls(re.sub(r"^bearer\s+", "", text.strip().strip("'\"`").strip(), flags=re.IGNORECASE), source)

    def __repr__(self) -> str:
        return f"<Quix {self.kind} from {self.source}>"


class KafkaSettings(Hidden[Mapping[str, Any]]):
    """librdkafka settings of one environment. They hold `sasl.password`, so they hide like a token."""

    __slots__ = ()
    label = "Kafka settings"

    def __init__(self, settings: Mapping[str, Any], source: str) -> None:
        super().__init__(MappingProxyType(dict(settings)), source)

    @property
    def bootstrap_servers(self) -> str:
        """Broker addresses, `host:port[,host:port…]`; empty when the settings name none."""
        return str(self._value.get("bootstrap.servers") or self._value.get("metadata.broker.list") or "")

    def overlaid(self, extra: Mapping[str, Any] | None) -> KafkaSettings:
        """The same settings with `extra` on top."""
        return KafkaSettings({**self._value, **(extra or {})}, self.source)


def kind_of(value: str, source: str) -> Kind:
    """What kind of Quix token `value` is, by its shape alone.

    Raises
    ------
    TokenMalformed
        It has no token's shape; the message says what is wrong with it without repeating it.
    """
    for kind, shape in _SHAPES:
        if shape.fullmatch(value):
            return kind
    raise TokenMalformed(
        f"The text from {source} is not a Quix token: {_what_is_wrong(value)}.",
        cause="A streaming token is 'sdk-' and 32 hexadecimal digits, a personal access token 'pat-' and 32; "
        "older ones are JWTs.",
        fix="Copy it again from Settings > APIs and tokens in the Quix portal, then run %quix_token.",
    )


def _what_is_wrong(value: str) -> str:
    if not value:
        return "it is empty"
    if re.search(r"\s", value):
        return "it has blanks or line breaks inside"
    prefix, _, body = value.partition("-")
    if prefix.lower() in ("sdk", "pat"):
        if re.fullmatch(r"[0-9a-fA-F]*", body):
            return f"it has {len(body)} digits behind '{prefix.lower()}-'; a token has 32"
        return f"what stands behind '{prefix.lower()}-' is not hexadecimal (a placeholder)"
    if value.startswith("eyJ"):
        return "it begins like a JWT but does not have a JWT's three parts (cut short)"
    return f"it has {len(value)} characters and begins with neither 'sdk-' nor 'pat-'"
