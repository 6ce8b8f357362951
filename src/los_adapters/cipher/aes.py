"""Envelopes by AES-256-GCM: random data keys, wrapped, and values that carry their key's id.

A sealed value is `format (1) | key id (16) | nonce (12) | ciphertext and tag`. Brand, key and place
are associated data: moved to another row, column or brand it does not open. A customer's key is
itself a value sealed by the brand's key; a brand's key is wrapped by the key-encryption key.

Nonces are random, 96 bits: one key is good for 2³² values, which is why a brand's can be rotated.
Source: reliability design §11; NIST SP 800-38D §8.3.
"""

import json
import os
from typing import Final
from uuid import UUID

import attrs
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from los_core.domain.ids import BrandId
from los_core.ports.cipher import DataKey, KeyWrap, WrappedKey

_FORMAT: Final = b"\x02"
_KEY_ID: Final = slice(1, 17)
_HEAD: Final = 17
_NONCE: Final = 12
_LEAST: Final = _HEAD + _NONCE + 16
"""The length of a sealed value that holds nothing."""


@attrs.frozen(eq=False)
class AesKey:
    """One data key in the open."""

    id: bytes
    _brand_id: BrandId
    _secret: AESGCM = attrs.field(repr=False)

    def seal(self, place: str, plain: bytes) -> bytes:
        """Encrypt; see the port. Two seals of one value differ."""
        nonce = os.urandom(_NONCE)
        return _FORMAT + self.id + nonce + self._secret.encrypt(nonce, plain, self._bound(place))

    def open(self, place: str, sealed: bytes) -> bytes:
        """Decrypt; see the port."""
        if key_of(sealed) != self.id:
            raise ValueError("sealed by another key")
        nonce, body = sealed[_HEAD : _HEAD + _NONCE], sealed[_HEAD + _NONCE :]
        try:
            return self._secret.decrypt(nonce, body, self._bound(place))
        except InvalidTag as err:
            raise ValueError("altered, or moved from its place") from err

    def _bound(self, place: str) -> bytes:
        return self._brand_id.bytes + self.id + place.encode()


class AesCipher:
    """Makes and opens the data keys of an installation."""

    def __init__(self, keywrap: KeyWrap) -> None:
        self._keywrap = keywrap

    @property
    def wraps_by(self) -> str:
        """The name of the key-encryption key in use."""
        return self._keywrap.key_id

    def key_of(self, sealed: bytes) -> bytes:
        """Return the key id in a sealed value; see the port."""
        return key_of(sealed)

    def new_key(self, brand_id: BrandId, owner: UUID, *, under: DataKey | None) -> WrappedKey:
        """Make a key from the system's randomness; see the port."""
        assert (under is None) == (owner == brand_id), "a customer's key is under the brand's"
        bare = WrappedKey(
            id=os.urandom(16), brand_id=brand_id, owner=owner, wrapped_by="", wrapped=b""
        )
        secret = AESGCM.generate_key(bit_length=256)
        if under is None:
            return bare.rewrapped(self.wraps_by, self._keywrap.wrap(secret, bare.context))
        return bare.rewrapped(under.id.hex(), under.seal(_place(bare), secret))

    def opened(self, key: WrappedKey, *, under: DataKey | None) -> AesKey:
        """Unwrap; see the port."""
        if under is None:
            secret = self._keywrap.unwrap(key.wrapped_by, key.wrapped, key.context)
        else:
            secret = under.open(_place(key), key.wrapped)
        return AesKey(key.id, key.brand_id, AESGCM(secret))

    def rewrapped(self, key: WrappedKey) -> WrappedKey:
        """Wrap again; see the port."""
        assert key.is_of_brand, "what a brand's key wraps is made anew, not wrapped again"
        secret = self._keywrap.unwrap(key.wrapped_by, key.wrapped, key.context)
        return key.rewrapped(self.wraps_by, self._keywrap.wrap(secret, key.context))


def key_of(sealed: bytes) -> bytes:
    """Return the id of the key that sealed a value. Raises: ValueError: it is no sealed value."""
    if len(sealed) < _LEAST or sealed[:1] != _FORMAT:
        raise ValueError("not a sealed value")
    return sealed[_KEY_ID]


def _place(key: WrappedKey) -> str:
    """Where a wrapped key belongs: no other row's place reads so."""
    return json.dumps(["data_key", "wrapped", key.id.hex(), str(key.owner)])
