"""Sealing by AES-256-GCM with a key per brand, and blind indexes by HMAC-SHA256.

A sealed value is `v1 | length of key id | key id | nonce (12) | ciphertext and tag`. It is bound to
brand and place as associated data: moved to another row, column or brand it does not open. A
brand's key is derived from the key-encryption key (HKDF-SHA256, the brand as info), so the same
key id opens it for ever; the first key of the ring seals, all of them open.

Nonces are random, 96 bits: one brand's key is good for 2³² values, then add a key to the ring.
Source: reliability design §11; NIST SP 800-38D §8.3; RFC 5869.
"""

import hashlib
import hmac
import os
import threading
from collections.abc import Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from los_adapters.keys import Key
from los_core.domain.ids import BrandId

_FORMAT: Final = 1
_NONCE: Final = 12
_INDEX_BYTES: Final = 16


class AesCipher:
    """The cipher of an installation."""

    def __init__(self, *, kek: Sequence[Key], blind_index: Key) -> None:
        self._kek = {key.id: key.secret for key in kek}
        self._seals_by = kek[0].id
        self._index_key = blind_index.secret
        self._lock = threading.Lock()
        self._derived: dict[tuple[str, BrandId], AESGCM] = {}

    def seal(self, brand_id: BrandId, place: str, plain: bytes) -> bytes:
        """Encrypt; see the port. Two seals of one value differ."""
        nonce = os.urandom(_NONCE)
        name = self._seals_by.encode()
        body = self._key(self._seals_by, brand_id).encrypt(nonce, plain, _bound(brand_id, place))
        return bytes((_FORMAT, len(name))) + name + nonce + body

    def open(self, brand_id: BrandId, place: str, sealed: bytes) -> bytes:
        """Decrypt; see the port. Raises: ValueError: also for a key that is not in the ring."""
        if len(sealed) < 2 or sealed[0] != _FORMAT:
            raise ValueError("not a sealed value")
        start = 2 + sealed[1]
        name, nonce = sealed[2:start], sealed[start : start + _NONCE]
        key_id = name.decode("ascii", "replace")
        if key_id not in self._kek:
            raise ValueError(f"sealed by a key that is not in the ring: {key_id!r}")
        try:
            return self._key(key_id, brand_id).decrypt(
                nonce, sealed[start + _NONCE :], _bound(brand_id, place)
            )
        except InvalidTag as err:
            raise ValueError("altered, or moved from its place") from err

    def blind_index(self, scope: str, kind: str, value: str) -> str:
        """Return 128 bits of a keyed hash in hex; scope and kind each have a key of their own."""
        key = hmac.new(self._index_key, _joined(scope, kind), hashlib.sha256).digest()
        return hmac.new(key, value.encode(), hashlib.sha256).digest()[:_INDEX_BYTES].hex()

    def _key(self, key_id: str, brand_id: BrandId) -> AESGCM:
        with self._lock:
            known = self._derived.get((key_id, brand_id))
            if known is None:
                derived = HKDF(
                    algorithm=SHA256(), length=32, salt=None, info=b"los.brand." + brand_id.bytes
                ).derive(self._kek[key_id])
                known = self._derived[key_id, brand_id] = AESGCM(derived)
        return known


def _bound(brand_id: BrandId, place: str) -> bytes:
    return brand_id.bytes + place.encode()


def _joined(*parts: str) -> bytes:
    """Join so that no two lists of parts give the same bytes."""
    return "".join(f"{len(part)}:{part}" for part in parts).encode()
