"""One named connection, which refuses to hold a secret."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from quixnb.profiles.checks import (
    ProfileError,
    holds_token,
    is_secret_setting,
    is_tokens_digits,
    portal_address,
    without_tokens,
)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN_SOURCE = re.compile(r"(?:env|file|keyring|vault|colab|kaggle):.+|dotenv:.*")
_SOURCES = ("token_source", "second_token_source")


@dataclass(frozen=True)
class Profile:
    """A named connection without its secrets.

    Attributes
    ----------
    name
        Letters, digits, `-` and `_`.
    portal_api
        Address of the Portal API; None for the usual one.
    environment
        ID of the environment; None for the one that the token sees.
    token_source
        `env:NAME`, `dotenv:[NAME][@PATH]`, `file:PATH`, `keyring:NAME`, `vault:NAME` (quixnb's own file),
        `colab:NAME` or `kaggle:NAME`; None for the usual places.
    second_token_source
        Likewise for the environment's second token, which takes over once the first is refused; None if it has none.
    kafka
        librdkafka settings laid over the portal's: strings, ints and booleans, none of them a secret.

    Raises
    ------
    ProfileError
        A value cannot stand in a profile, above all a token or a password; it is not repeated.
    PortalUnreachable
        `portal_api` cannot be the address of a portal.
    """

    name: str
    portal_api: str | None = None
    environment: str | None = None
    token_source: str | None = None
    second_token_source: str | None = field(default=None, kw_only=True)
    kafka: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_name(self.name)
        for key in ("portal_api", "environment", *_SOURCES):
            if getattr(self, key) is not None:
                self._check_text(key, getattr(self, key))
        if self.portal_api is not None:
            portal_address(self.portal_api, f"profile '{self.name}'")
        for key in _SOURCES:
            if getattr(self, key) is not None and not _TOKEN_SOURCE.fullmatch(getattr(self, key)):
                raise self._unusable(
                    f"{key} does not say where a token is", "Write env:NAME, dotenv:NAME, file:PATH or keyring:NAME."
                )
            if is_tokens_digits((getattr(self, key) or "").partition(":")[2]):
                raise self._unusable(f"{key} holds a token's digits", "Say where the token is: env:NAME.")
        self._check_kafka()

    def _check_text(self, key: str, value: object) -> None:
        if not isinstance(value, str):
            raise self._unusable(f"{key} is not a text", "Put it in quotes.")
        if holds_token(value):
            raise self._unusable(f"{key} holds a Quix token", "Say where the token is: token_source = 'env:NAME'.")

    def _check_kafka(self) -> None:
        if not isinstance(self.kafka, Mapping):
            raise self._unusable("kafka is not a table", f"Write it as [profile.{self.name}.kafka].")
        settings: Iterable[tuple[object, object]] = self.kafka.items()
        for key, value in settings:
            setting = f"kafka setting '{without_tokens(str(key))}'"
            if not isinstance(key, str) or not isinstance(value, (str, int)):
                raise self._unusable(f"{setting} is not a text, an int or a boolean", "Put key and value in quotes.")
            if is_secret_setting(key, value):
                raise self._unusable(
                    f"{setting} is a secret",
                    "Leave it out: the portal provides it, or pass it from a variable: connect(kafka={...}).",
                )
            self._check_text(setting, f"{key} {value}")

    def _unusable(self, problem: str, fix: str) -> ProfileError:
        return ProfileError(
            f"Profile '{self.name}' cannot be used: {problem}.",
            cause="A profile may be shared, so it names places and settings, never secrets.",
            fix=fix,
        )


def check_name(name: object) -> None:
    """Refuse a name that cannot be a TOML key without quotes, or that is a token."""
    if not isinstance(name, str) or not _NAME.fullmatch(name) or holds_token(name) or is_tokens_digits(name):
        raise ProfileError(
            "That cannot be the name of a profile.",
            cause="A name has up to 64 letters, digits, '-' and '_', and is not a token.",
            fix="Choose a short word, for example: dev",
        )
