"""Secrets of services in memory: what is sealed stays in the object, and a word opens it."""

import secrets
import threading


class MemorySecrets:
    """Hands out words for what it keeps; another instance cannot open them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[bytes, tuple[str, bytes]] = {}

    def seal(self, place: str, plain: bytes) -> bytes:
        """Keep `plain` and return a word for it."""
        word = secrets.token_bytes(24)
        with self._lock:
            self._kept[word] = (place, plain)
        return word

    def open(self, place: str, sealed: bytes) -> bytes:
        """Return what a word stands for; see the port."""
        with self._lock:
            kept = self._kept.get(sealed)
        if kept is None or kept[0] != place:
            raise ValueError("this was not sealed here for this place")
        return kept[1]
