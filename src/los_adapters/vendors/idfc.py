"""IDFC FIRST Bank's envelope: base64 of a 16-byte IV and AES-256-CBC with PKCS#7 padding.

It hides what is inside and does not prove that nobody changed it: TLS does.
"""

import base64
from typing import Final

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

_BLOCK: Final = 16


def sealed(plain: bytes, key: bytes, *, iv: bytes) -> bytes:
    """Return the body of a request. `key` has 32 bytes; `iv` has 16, new for every request."""
    pad = padding.PKCS7(_BLOCK * 8).padder()
    padded = pad.update(plain) + pad.finalize()
    lock = Cipher(algorithms.AES256(key), modes.CBC(iv)).encryptor()
    return base64.b64encode(iv + lock.update(padded) + lock.finalize())


def opened(body: bytes, key: bytes) -> bytes:
    """Return what is inside.

    Raises: ValueError: no base64, less than IV and one block, another key, or wrong padding.
    """
    raw = base64.b64decode(body.strip(), validate=True)
    if len(raw) < 2 * _BLOCK or len(raw) % _BLOCK:
        raise ValueError("not an IV and whole blocks")
    lock = Cipher(algorithms.AES256(key), modes.CBC(raw[:_BLOCK])).decryptor()
    padded = lock.update(raw[_BLOCK:]) + lock.finalize()
    pad = padding.PKCS7(_BLOCK * 8).unpadder()
    return pad.update(padded) + pad.finalize()
