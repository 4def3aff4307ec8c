"""Takes tokens and known secrets out of a text, or out of every text in what a kernel sends."""

from __future__ import annotations

from typing import Any

from quixnb.detect.known import spellings
from quixnb.known import known_secrets
from quixnb.redact import redact

# Base64 and bytes: no token is to be seen in them, and looking for one takes long.
_BINARY = ("image/", "audio/", "video/", "application/pdf", "application/octet-stream")
_TEXT_ALL_THE_SAME = "image/svg+xml"


def clean_text(text: str) -> str:
    """`text` without tokens and without the secrets that this kernel knows."""
    return redact(text, [secret for secret in known_secrets() if any(each in text for each, _ in spellings(secret))])


def cleaned(value: Any) -> Any:
    """`value`, as JSON has it, with all its texts cleaned, names too; the same object if nothing had to go."""
    if isinstance(value, str):
        clean = clean_text(value)
        return value if clean == value else clean
    if isinstance(value, dict):
        return _cleaned_dict(value)
    if isinstance(value, (list, tuple)):
        items = [cleaned(each) for each in value]
        return value if all(map(_is_same, items, value)) else items
    return value


def _cleaned_dict(value: dict[Any, Any]) -> dict[Any, Any]:
    items = {cleaned(name): each if _is_binary(name) else cleaned(each) for name, each in value.items()}
    is_same = len(items) == len(value) and all(map(_is_same, items.values(), value.values()))
    return value if is_same and all(map(_is_same, items, value)) else items


def _is_binary(name: Any) -> bool:
    return isinstance(name, str) and name.startswith(_BINARY) and name != _TEXT_ALL_THE_SAME


def _is_same(one: object, other: object) -> bool:
    return one is other
