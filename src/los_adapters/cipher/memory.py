"""A cipher for services in memory: what is sealed stays in this object, and a random word opens it.

Nothing is encrypted, and nothing leaves the process. Blind indexes are keyed hashes as elsewhere.
"""

import hashlib
import hmac
import secrets
import threading

from los_core.domain.ids import BrandId


class MemoryCipher:
    """Hands out words for what it keeps; another instance cannot open them."""

    def __init__(self) -> None:
        self._key = secrets.token_bytes(32)
        self._lock = threading.Lock()
        self._kept: dict[bytes, tuple[BrandId, str, bytes]] = {}

    def seal(self, brand_id: BrandId, place: str, plain: bytes) -> bytes:
        """Keep `plain` and return a word for it."""
        word = secrets.token_bytes(24)
        with self._lock:
            self._kept[word] = (brand_id, place, plain)
        return word

    def open(self, brand_id: BrandId, place: str, sealed: bytes) -> bytes:
        """Return what a word stands for; see the port."""
        with self._lock:
            kept = self._kept.get(sealed)
        if kept is None or kept[:2] != (brand_id, place):
            raise ValueError("this was not sealed here for this place")
        return kept[2]

    def blind_index(self, scope: str, kind: str, value: str) -> str:
        """Return a keyed hash; see the port."""
        parts = "".join(f"{len(part)}:{part}" for part in (scope, kind, value))
        return hmac.new(self._key, parts.encode(), hashlib.sha256).hexdigest()[:32]
