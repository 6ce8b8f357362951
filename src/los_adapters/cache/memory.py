"""A cache of one process: the embedded default."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

SIZE_BYTES: Final = 32 * 1024 * 1024


class MemoryCache:
    """The `Cache` in a dictionary; the least recently used makes room."""

    def __init__(self, *, timer: Callable[[], float], size_bytes: int = SIZE_BYTES) -> None:
        """`timer` returns monotonic seconds; keys and values together take `size_bytes` at most."""
        self._timer = timer
        self._size = self._room = size_bytes
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[float, bytes]] = OrderedDict()

    def get(self, key: str) -> bytes | None:
        """Return the value, unless its time is over."""
        with self._lock:
            if key not in self._kept:
                return None
            until, value = self._kept[key]
            if until <= self._timer():
                self._forget(key)
                return None
            self._kept.move_to_end(key)
            return value

    def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep the value; one larger than the whole cache is not kept."""
        with self._lock:
            self._forget(key)
            needed = len(key) + len(value)
            if needed > self._size:
                return
            while needed > self._room:
                self._forget(next(iter(self._kept)))
            self._kept[key] = (self._timer() + ttl_s, value)
            self._room -= needed

    def ping(self) -> None:
        """It always answers."""

    def close(self) -> None:
        """Nothing is open."""

    def _forget(self, key: str) -> None:
        kept = self._kept.pop(key, None)
        if kept is not None:
            self._room += len(key) + len(kept[1])
