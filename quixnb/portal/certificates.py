"""Reads what the portal sends for the broker: librdkafka's settings and the authority's certificate."""

from __future__ import annotations

import base64
import binascii
import io
import zipfile
import zlib
from collections.abc import Mapping
from typing import Any

_LARGEST_CERTIFICATE = 1024 * 1024  # bytes, unpacked
_PEM = b"-----BEGIN "


def librdkafka_settings(data: object) -> dict[str, Any] | None:
    """Turn the portal's flat object into librdkafka's settings; None if it is not one that names a broker."""
    if not isinstance(data, Mapping):
        return None
    settings = {key: value for key, value in data.items() if value is not None}
    if not all(isinstance(value, (str, int, float)) for value in settings.values()):
        return None
    if not (settings.get("bootstrap.servers") or settings.get("metadata.broker.list")):
        return None
    # librdkafka knows no `ssl.ca.cert`: it is the portal's name for base64 of the PEM that `ssl.ca.pem` takes.
    if packed := settings.pop("ssl.ca.cert", None):
        certificate = _unpacked(str(packed))
        if certificate is None:
            return None
        settings["ssl.ca.pem"] = certificate
    return settings


def ca_certificate(archive: bytes) -> bytes | None:
    """Take `ca.cert` out of the portal's zip; None if there is none in it."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as folder, folder.open("ca.cert") as file:
            certificate = file.read(_LARGEST_CERTIFICATE)
    except (zipfile.BadZipFile, zlib.error, KeyError, RuntimeError, OSError, EOFError, ValueError):
        return None
    return certificate if _PEM in certificate else None


def _unpacked(text: str) -> str | None:
    if _PEM.decode() in text:
        return text
    try:
        certificate = base64.b64decode("".join(text.split()), validate=True)
        return certificate.decode("ascii") if _PEM in certificate else None
    except (binascii.Error, ValueError):
        return None
