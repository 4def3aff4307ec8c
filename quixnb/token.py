"""Values that hide themselves: a Quix token, and Kafka settings with a password in them."""

from __future__ import annotations

import base64
import hmac
import json
import re
import warnings
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from typing import Any, ClassVar, Generic, Literal, NoReturn, TypeVar

from quixnb import known
from quixnb.errors import TokenMalformed

Kind = Literal["streaming token", "personal access token", "JWT"]

# `sdk-`/`pat-` and 32 hex digits; older tokens of either kind are JWTs: three base64url parts, the first a JSON object.
_SHAPES: tuple[tuple[Kind, re.Pattern[str]], ...] = (
    ("streaming token", re.compile(r"sdk-[0-9a-f]{32}", re.IGNORECASE | re.ASCII)),
    ("personal access token", re.compile(r"pat-[0-9a-f]{32}", re.IGNORECASE | re.ASCII)),
    ("JWT", re.compile(r"eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]{16,}", re.ASCII)),
)

PASTED = "pasted"  # the source of a token that a person typed or pasted

# What comes along when a token is copied: quotes of all kinds, the word before it in a header, marks that nobody sees.
_AROUND = " \t\r\n'\"`\u2018\u2019\u201c\u201d\u00ab\u00bb\u200b\u2060\ufeff,;"
_HEADER = re.compile(r"^(?:authorization\s*[:=]\s*)?(?:bearer\s+)?", re.IGNORECASE)

# librdkafka's settings that hold a secret, by their names.
_SECRET_SETTING = re.compile(r"password|secret|oauthbearer\.config|key\.pem$", re.IGNORECASE)
_WARNED_BEFORE = timedelta(days=2)

T = TypeVar("T")


class Hidden(Generic[T]):
    """A value that prints as what it is and where it is from; `reveal()` is the only way to it.

    It refuses pickle, copy and format specifications, has no JSON form, and compares by identity only, so that it
    cannot be written to disk, sent to a worker or probed by accident.
    """

    __slots__ = ("__weakref__", "_value", "source")
    __hash__ = None  # type: ignore[assignment]
    label: ClassVar[str] = "hidden value"

    def __init__(self, value: T, source: str) -> None:
        self._value = value
        self.source = source
        known.remember(self)

    def _secrets(self) -> Iterable[str]:
        """What of the value must not be shown; see `quixnb.known`."""
        return [self._value] if isinstance(self._value, str) else []

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
        return cls(_HEADER.sub("", text.strip(_AROUND)).strip(_AROUND), source)

    def is_same(self, other: Token) -> bool:
        """Whether `other` has the same text, wherever it is from; `==` asks for the same object."""
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    @property
    def named(self) -> str:
        """How a sentence names it: `token from Quix__Sdk__Token`, `pasted token`."""
        return _from(self.source, "token")

    @property
    def described(self) -> str:
        """The same with its kind: `streaming token from Quix__Sdk__Token`, `pasted JWT`."""
        return _from(self.source, self.kind)

    @property
    def expires_at(self) -> datetime | None:
        """When a JWT says that it expires, UTC, read without verifying it; None for other tokens, which never do."""
        try:
            return datetime.fromtimestamp(float(_claims(self._value)["exp"]), UTC)
        except (KeyError, TypeError, ValueError, OverflowError, OSError):
            return None

    @property
    def names_quix(self) -> bool:
        """Whether it is Quix's by its looks: any token but a JWT, and a JWT whose claims name Quix."""
        if self.kind != "JWT":
            return True
        claims = _claims(self._value)
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        issuer = str(claims.get("iss", ""))
        return (
            issuer.startswith("https://auth.quix.ai")
            or "quix" in audiences
            or any(name.startswith("https://quix.ai/") for name in claims)
        )

    def __repr__(self) -> str:
        # A traceback with variables shows one that was refused, too, before its kind was known.
        return f"<Quix {self.described}>" if hasattr(self, "kind") else super().__repr__()


class TokenExpires(UserWarning):
    """A token's time is over within two days, or by this machine's clock over already."""


def warn_of_expiry(token: Token) -> None:
    """Warn with `TokenExpires` if a JWT has less than two days left; other tokens say nothing of their end."""
    expires_at = token.expires_at
    if expires_at is None:
        return
    left = expires_at - datetime.now(UTC)
    if left >= _WARNED_BEFORE:
        return
    hours = max(1, round(left.total_seconds() / 3600))
    says = f"expires in {hours} h" if left > timedelta(0) else "has expired by this machine's clock"
    warnings.warn(
        f"The {token.named} {says}: on {expires_at:%Y-%m-%d %H:%M} UTC.\n"
        "The portal refuses it from then on; what already runs on Kafka keeps running.\n"
        "Get a new one from Settings > APIs and tokens, then run %quix_token.",
        TokenExpires,
        stacklevel=4,
    )


class KafkaSettings(Hidden[Mapping[str, Any]]):
    """librdkafka settings of one environment. They hold `sasl.password`, so they hide like a token."""

    __slots__ = ()
    label = "Kafka settings"

    def __init__(self, settings: Mapping[str, Any], source: str) -> None:
        super().__init__(MappingProxyType(dict(settings)), source)

    def _secrets(self) -> Iterable[str]:
        """Passwords and keys among the settings."""
        return [str(value) for name, value in self._value.items() if _SECRET_SETTING.search(name)]

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
        if shape.fullmatch(value) and not _is_run(value[4:]):
            return kind
    problem = _what_is_wrong(value)
    raise TokenMalformed(
        f"The {_from(source, 'text')} is not a Quix token: {problem}.",
        cause="A streaming token is 'sdk-' and 32 hexadecimal digits, a personal access token 'pat-' and 32; "
        "older ones are JWTs.",
        fix="Copy it again from Settings > APIs and tokens in the Quix portal, then run %quix_token.",
        problem=problem,
    )


def _from(source: str, what: str) -> str:
    return f"pasted {what}" if source == PASTED else f"{what} from {source}"


def _claims(value: str) -> dict[str, Any]:
    """The claims of a JWT, not verified; none of anything else."""
    try:
        payload = value.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _is_run(digits: str) -> bool:
    """Whether `digits` are those of an example: one digit over and over, or counted up."""
    digits = digits.lower()
    counted = "0123456789abcdef" * 3, "1234567890abcdef" * 3, "1234567890" * 5, "0123456789" * 5
    return bool(digits) and (len(set(digits)) == 1 or any(each.startswith(digits) for each in counted))


def _what_is_wrong(value: str) -> str:
    if not value:
        return "it is empty"
    if re.search(r"\.\.\.|\u2026|\*\*|[\u2022\u25cf\u00b7]{2}", value):
        return "its middle is hidden (a page shows a token so; copy it with the page's button)"
    if re.match(r"(?:export\s+|%env\s+)?[A-Za-z_]\w*\s*[=:]\s*['\"]?(?:sdk-|pat-|eyJ)", value):
        return "it is a whole line with a name and '=' (only what stands behind that is the token)"
    if re.search(r"[<>{}$]", value):
        return "it has brackets or a '$' (a placeholder)"
    if re.search(r"\s", value):
        return "it has blanks or line breaks inside"
    if "://" in value:
        return "it is an address"
    prefix, dash, body = value.partition("-")
    if dash and prefix.lower() in ("sdk", "pat"):
        return _what_is_wrong_behind(prefix.lower(), body)
    if value.startswith("eyJ"):
        return "it begins like a JWT but does not have a JWT's three parts (cut short)"
    if re.fullmatch(r"[0-9a-fA-F]{32}", value):
        return "its 'sdk-' or 'pat-' is missing (it has 32 digits and nothing before them)"
    return f"it has {len(value)} characters and begins with neither 'sdk-' nor 'pat-'"


def _what_is_wrong_behind(prefix: str, body: str) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]*", body):
        return f"what stands behind '{prefix}-' is not hexadecimal (a placeholder)"
    if len(body) > 2 and _is_run(body):
        return f"the digits behind '{prefix}-' are those of an example (a placeholder)"
    problem = "cut short" if len(body) < 32 else "something is attached to it"
    return f"it has {len(body)} digits behind '{prefix}-'; a token has 32 ({problem})"
