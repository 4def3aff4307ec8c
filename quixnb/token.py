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
from typing import Any, ClassVar, Generic, NoReturn, TypeVar

from quixnb import known, token_shape
from quixnb.errors import TokenMalformed
from quixnb.token_shape import Kind

PASTED = "pasted"  # the source of a token that a person typed or pasted

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
        self.kind: Kind = _kind_of(value, source)

    @classmethod
    def parse(cls, text: str, source: str) -> Token:
        """A token from what a person pasted: blanks and quotes around it, `Bearer ` and invisible marks are dropped.

        Raises
        ------
        TokenMalformed
            What remains cannot be a Quix token. The text is not repeated.
        """
        return cls(token_shape.stripped(text), source)

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
            exp = _claims(self._value)["exp"]
            return None if isinstance(exp, bool) else datetime.fromtimestamp(float(exp), UTC)
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

    @property
    def doubt(self) -> str:
        """What of its text may be the reason, if a portal refuses it, as a sentence; empty for most."""
        return token_shape.doubt(self._value, self.kind)

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
    hours = round(left.total_seconds() / 3600)
    soon = f"in {hours} h" if hours else "in less than an hour"
    says = f"expires {soon}" if left > timedelta(0) else "has expired by this machine's clock"
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


def _kind_of(value: str, source: str) -> Kind:
    """What kind of Quix token `value` is.

    Raises
    ------
    TokenMalformed
        It has no token's shape; the message says what is wrong with it without repeating it.
    """
    kind = token_shape.kind_of(value)
    if kind is not None:
        return kind
    problem = token_shape.what_is_wrong(value)
    raise TokenMalformed(
        f"The {_from(source, 'text')} is not a Quix token: {problem}.",
        cause="A streaming token is 'sdk-' and 32 hexadecimal digits, a personal access token 'pat-' and 32; "
        "older ones are JWTs.",
        fix="Copy it again from Settings > APIs and tokens in the Quix portal, "
        + ("then run %quix_token." if source == PASTED else "and put it there; or run %quix_token."),
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
