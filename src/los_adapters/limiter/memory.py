"""Limits on attempts within one process.

Kept for each key is the instant at which its bucket is full again, which says everything (the
generic cell rate algorithm). Full buckets are dropped, so that memory follows who is active.
"""

import threading
from datetime import datetime, timedelta
from typing import Final

from los_core.domain.limits import Limit
from los_core.ports.clock import Clock

SWEEP: Final = 10_000
"""Keys at which those with a full bucket are dropped."""


class MemoryLimiter:
    """Buckets of one process. `factor` widens every limit: for load tests, and for fall-back."""

    def __init__(self, *, clock: Clock, factor: int = 1) -> None:
        self._clock = clock
        self._factor = factor
        self._lock = threading.Lock()
        self._full_at: dict[tuple[str, str], datetime] = {}
        self._sweep_at = SWEEP

    def take(self, limit: Limit, key: str) -> float:
        """Take one, or return the seconds to wait; see the port."""
        now, step = self._clock.now(), self._step(limit)
        with self._lock:
            full_at = max(now, self._full_at.get((limit.name, key), now)) + step
            wait = full_at - now - limit.per
            if wait > timedelta(0):
                return wait.total_seconds()
            self._full_at[limit.name, key] = full_at
            self._sweep(now)
        return 0.0

    def give_back(self, limit: Limit, key: str) -> None:
        """Put one back; see the port."""
        with self._lock:
            if (limit.name, key) in self._full_at:
                self._full_at[limit.name, key] -= self._step(limit)

    def _step(self, limit: Limit) -> timedelta:
        return limit.per / (limit.burst * self._factor)

    def _sweep(self, now: datetime) -> None:
        if len(self._full_at) < self._sweep_at:
            return
        self._full_at = {key: at for key, at in self._full_at.items() if at > now}
        self._sweep_at = max(SWEEP, 2 * len(self._full_at))
