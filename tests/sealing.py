"""Seals as a page does; its own implementation of the scheme, so that a test is not the code against itself."""

from __future__ import annotations

import base64
import os

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def sealed(text: str, public: str) -> str:
    """`text` for the owner of the private half of `public`."""
    theirs = base64.b64decode(public)
    mine = ec.generate_private_key(ec.SECP256R1())
    point = mine.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    shared = mine.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))
    key = HKDF(SHA256(), length=32, salt=point + theirs, info=b"quixnb seal 1").derive(shared)
    nonce = os.urandom(12)
    return base64.b64encode(point + nonce + AESGCM(key).encrypt(nonce, text.encode(), None)).decode()
