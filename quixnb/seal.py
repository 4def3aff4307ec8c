"""Opens what a front end has sealed to this process: a token crosses logs and sockets as bytes that say nothing.

The scheme is ECIES from parts that every browser has: an ephemeral ECDH key on P-256, HKDF-SHA256, AES-256-GCM. A
sealed text is base64 of the front end's public point (65 bytes, uncompressed), a nonce (12) and the ciphertext with its
tag. `js/src/seal.ts` is its other half.
"""

from __future__ import annotations

import base64
import binascii
from typing import Final

from quixnb.errors import QuixnbError

_POINT_BYTES: Final = 65
_NONCE_BYTES: Final = 12
_INFO: Final = b"quixnb seal 1"


class SealBroken(QuixnbError):
    """What arrived was not sealed to this key, or was changed on its way."""

    def __init__(self) -> None:
        super().__init__(
            "What the front end sent could not be opened.",
            cause="It was sealed to another kernel's key, or changed on its way.",
            fix="Run the cell that shows the widget again, and paste the token once more.",
        )


class Seal:
    """One key pair in memory: `public` goes to the front end, what it seals is opened here.

    Made for one widget or one connection, and gone with it. `cryptography` is imported when the first is made.
    """

    def __init__(self) -> None:
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        self._private = ec.generate_private_key(ec.SECP256R1())
        self._point = self._private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    def __repr__(self) -> str:
        return object.__repr__(self)

    @property
    def public(self) -> str:
        """The public point as base64 text."""
        return base64.b64encode(self._point).decode()

    def open(self, sealed: object) -> str:
        """The text in `sealed`.

        Raises
        ------
        SealBroken
            It is no text, or was not sealed to this key. Nothing of it is repeated.
        """
        from cryptography.exceptions import InvalidTag
        from cryptography.hazmat.primitives.asymmetric import ec
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.kdf.hkdf import HKDF

        try:
            data = base64.b64decode(sealed, validate=True) if isinstance(sealed, str) else b""
            point, rest = data[:_POINT_BYTES], data[_POINT_BYTES:]
            shared = self._private.exchange(
                ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
            )
            key = HKDF(SHA256(), length=32, salt=point + self._point, info=_INFO).derive(shared)
            return AESGCM(key).decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], None).decode("utf-8")
        except (binascii.Error, ValueError, InvalidTag):
            raise SealBroken from None
