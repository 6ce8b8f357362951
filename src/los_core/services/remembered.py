"""Answers made once and remembered: one maker at a time for each, whoever else waits.

What an answer depends on is in its key: whoever writes a source raises the brand's generation in
the same transaction (`platform.generation`), so that the next reader asks by another key, whatever
became of the cache. Who may see an answer was decided before it is looked for, and what differs
between callers is in the key too. Source: decision D9, reliability design §20.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import attrs

from los_core.ports.cache import Cache

TTL_S: Final = 60.0
"""No answer is older, so that one forgotten source is a minute's error and not a day's."""


class Remembered:
    """Answers by key, made by whoever asks first."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache
        self._flights: dict[str, _Flight] = {}
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], bytes]) -> bytes:
        """Return what is remembered under a key, or make it; others of this process wait for it."""
        found = self._cache.get(key)
        if found is not None:
            return found
        with self._alone(key) as flight:
            if flight.made is None:
                flight.made = make()
                self._cache.put(key, flight.made, ttl_s=TTL_S)
            return flight.made

    @contextmanager
    def _alone(self, key: str) -> Iterator["_Flight"]:
        with self._lock:
            flight = self._flights.setdefault(key, _Flight())
            flight.aboard += 1
        try:
            with flight.lock:
                yield flight
        finally:
            with self._lock:
                flight.aboard -= 1
                if flight.aboard == 0:
                    del self._flights[key]


@attrs.define(eq=False)
class _Flight:
    """Those who want the same answer now; one that fails leaves it to the next to make."""

    lock: threading.Lock = attrs.field(factory=threading.Lock)
    aboard: int = 0
    made: bytes | None = None
