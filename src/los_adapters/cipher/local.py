"""Key-encryption keys of our own, from the settings: AES-256-GCM, bound to the key's context.

The first key of the ring wraps, all of them unwrap; to replace one, put the new one in front,
`los keys rotate`, and take the old one away. Source: NIST SP 800-38D; reliability design §11.
"""

import json
import os
from collections.abc import Mapping, Sequence
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from los_adapters.keys import Key

_NONCE: Final = 12


class LocalWrap:
    """Wraps with keys that this process holds."""

    def __init__(self, ring: Sequence[Key]) -> None:
        self._ring = {key.id: AESGCM(key.secret) for key in ring}
        self._first = ring[0].id

    @property
    def key_id(self) -> str:
        """The id of the ring's first key."""
        return self._first

    def knows(self, key_id: str) -> bool:
        """Whether the key is in the ring."""
        return key_id in self._ring

    def wrap(self, secret: bytes, context: Mapping[str, str]) -> bytes:
        """Encrypt with the first key; see the port."""
        nonce = os.urandom(_NONCE)
        return nonce + self._ring[self._first].encrypt(nonce, secret, _bound(context))

    def unwrap(self, key_id: str, wrapped: bytes, context: Mapping[str, str]) -> bytes:
        """Decrypt with the key that wrapped; see the port."""
        if key_id not in self._ring:
            raise ValueError(f"wrapped by a key that is not in the ring: {key_id!r}")
        try:
            return self._ring[key_id].decrypt(wrapped[:_NONCE], wrapped[_NONCE:], _bound(context))
        except (InvalidTag, ValueError) as err:
            raise ValueError("altered, or of another context") from err


def _bound(context: Mapping[str, str]) -> bytes:
    return json.dumps(context, sort_keys=True).encode()
