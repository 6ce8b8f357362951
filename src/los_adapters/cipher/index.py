"""Blind indexes by HMAC-SHA256, with a key of its own for every scope and kind of value.

The keys are derived from one secret that is never stored with the data: sixteen bytes of a keyed
hash of a PAN cannot be searched for without it. Source: reliability design §11.
"""

import hashlib
import hmac
from typing import Final

_INDEX_BYTES: Final = 16


class KeyedIndex:
    """The blind indexes of an installation."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def blind_index(self, scope: str, kind: str, value: str) -> str:
        """Return 128 bits of a keyed hash in hex; see the port."""
        key = hmac.new(self._secret, _joined(scope, kind), hashlib.sha256).digest()
        return hmac.new(key, value.encode(), hashlib.sha256).digest()[:_INDEX_BYTES].hex()


def _joined(*parts: str) -> bytes:
    """Join so that no two lists of parts give the same bytes."""
    return "".join(f"{len(part)}:{part}" for part in parts).encode()
