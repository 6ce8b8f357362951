"""A circuit breaker: stops asking a vendor that keeps failing, and tries it again later.

Knows nothing of HTTP; `client` keeps one per operation of a vendor.
Source: reliability design §7 (open at half of ten calls in 30 s, one probe after 15 s).
"""

import threading
from collections import deque
from collections.abc import Callable

import attrs


@attrs.frozen(kw_only=True)
class BreakerPolicy:
    """When to open and for how long.

    Attributes:
        failed_pct: opens when at least this share of the calls in the window failed …
        min_calls: … of at least this many.
        window_s: how far back calls count.
        open_s: how long no call is let through; then a single probe is.
    """

    failed_pct: int = 50
    min_calls: int = 10
    window_s: float = 30.0
    open_s: float = 15.0


class Breaker:
    """Closed, open or half-open; safe to share among threads."""

    def __init__(self, policy: BreakerPolicy, timer: Callable[[], float]) -> None:
        """`timer` returns monotonic seconds."""
        self._policy = policy
        self._timer = timer
        self._lock = threading.Lock()
        self._calls: deque[tuple[float, bool]] = deque()
        self._opened_at: float | None = None
        self._probing = False

    def admit(self) -> bool:
        """Say whether a call may go out; whoever is admitted must `record` how it went."""
        with self._lock:
            if self._opened_at is None:
                return True
            if self._probing or self._timer() - self._opened_at < self._policy.open_s:
                return False
            self._probing = True
            return True

    def record(self, *, healthy: bool) -> None:
        """Take note of an admitted call. Healthy means that the vendor answered, even with a no."""
        with self._lock:
            now = self._timer()
            if self._probing:
                self._probing = False
                self._calls.clear()
                self._opened_at = None if healthy else now
            elif self._opened_at is None:
                self._calls.append((now, healthy))
                self._forget_before(now - self._policy.window_s)
                if self._is_failing():
                    self._opened_at = now

    @property
    def retry_after_s(self) -> float:
        """Seconds until the next probe; 0 if calls are let through."""
        with self._lock:
            if self._opened_at is None:
                return 0.0
            return max(0.0, self._opened_at + self._policy.open_s - self._timer())

    def _forget_before(self, instant: float) -> None:
        while self._calls and self._calls[0][0] < instant:
            self._calls.popleft()

    def _is_failing(self) -> bool:
        count = len(self._calls)
        failed = sum(not healthy for _, healthy in self._calls)
        return count >= self._policy.min_calls and failed * 100 >= count * self._policy.failed_pct
