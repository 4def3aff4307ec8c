"""What may stand in a profile: no token, no password, and only an address that a portal can have."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from quixnb.detect import is_nearly_token
from quixnb.errors import PortalUnreachable, QuixnbError
from quixnb.redact import REPLACEMENT, redact

_WORD = re.compile(r"[\w.-]+")
_SECRET_SETTING = re.compile(
    r"password|passphrase|secret|private\.key\.pem|^ssl\.key\.pem$|^sasl\.oauthbearer\.config$"
    r"|jaas\.config|user\.info|kinit\.cmd"  # Java's and the registry's, which people copy; Kerberos may be given one
)
_SECRET_VALUE = re.compile(r"PRIVATE KEY-----|://[^/\s]*:[^/\s]*@")
# A token's digits by themselves, or behind something else than its hyphen.
_DIGITS = re.compile(r"(?:(?:sdk|pat)[^0-9a-z]{0,3})?[0-9a-f]{32}", re.IGNORECASE)


class ProfileError(QuixnbError):
    """A profile is not there, or cannot be used or written as it is."""


def without_tokens(text: str) -> str:
    """Replace in `text` every Quix token, and every word that begins like one: half a token is a leak too."""
    return _WORD.sub(lambda word: REPLACEMENT if is_nearly_token(word[0]) else word[0], redact(text))


def holds_token(text: str) -> bool:
    """Whether `text` holds a Quix token, or a word that begins like one."""
    return without_tokens(text) != text


def is_tokens_digits(name: str) -> bool:
    """Whether `name` is rather a token without its hyphen or its `sdk-`: no variable or entry is called so."""
    return _DIGITS.fullmatch(name) is not None


def is_secret_setting(key: str, value: object) -> bool:
    """Whether the librdkafka setting `key` holds a secret: a password, a private key, credentials in an address."""
    return bool(_SECRET_SETTING.search(key.lower()) or _SECRET_VALUE.search(str(value)))


def portal_address(text: str, source: str) -> str:
    """Return the portal's address as a client needs it: with its scheme, without a slash at the end.

    Raises
    ------
    PortalUnreachable
        It cannot be the address of a portal. Credentials in it are not repeated.
    """
    address = text.strip().strip("'\"")
    if "://" not in address:
        address = f"https://{address}"
    if problem := _address_problem(address):
        raise PortalUnreachable(
            f"The portal address from {source} cannot be used: {problem}.",
            cause="It looks like https://portal-api.cloud.quix.io, or the address of your own cluster's Portal API.",
            fix="Correct it there, or leave it out to use Quix Cloud.",
        )
    return address.rstrip("/")


def _address_problem(address: str) -> str:
    try:
        parts = urlsplit(address)
        host, _ = parts.hostname, parts.port
        (host or "").encode("idna")  # a label that is empty or too long
    except ValueError:
        return "it is not a URL"
    if parts.scheme not in ("http", "https"):
        return "it begins with neither https:// nor http://"
    if not host:
        return "it has no host name"
    if re.search(r"[\s\\]", address) or not address.isprintable():
        return "it has blanks, backslashes or control characters inside"
    if holds_token(address):
        return "it holds a Quix token"
    if parts.username is not None or parts.query or parts.fragment:
        return "it holds a user name, a query or a fragment"
    return ""
