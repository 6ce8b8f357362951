"""A cache shared by several processes, in Redis, which may be slow, stopped or gone at any time.

A call waits 50 ms at most for each step, and a server that keeps failing is not asked for a while.
Values carry their key and a digest: what was damaged or mixed up is no answer.
Source: reliability design §20; API: redis-py, whose own repeats are switched off.
"""

import hashlib
import time
from collections.abc import Callable
from typing import Final

import structlog
from redis import ConnectionPool, Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from los_adapters.breaker import Breaker, BreakerPolicy
from los_core.ports.errors import Unavailable

WAIT_S: Final = 0.05
POLICY: Final = BreakerPolicy(failed_pct=50, min_calls=4, window_s=10.0, open_s=5.0)
_PREFIX: Final = "los:"
_DIGEST: Final = 16

_log = structlog.get_logger(__name__)


class RedisCache:
    """The `Cache` in Redis."""

    def __init__(self, url: str, *, timer: Callable[[], float] = time.monotonic) -> None:
        """`timer` returns monotonic seconds, for the breaker. Nothing is opened yet."""
        pool = ConnectionPool.from_url(
            url,
            socket_timeout=WAIT_S,
            socket_connect_timeout=WAIT_S,
            retry=Retry(NoBackoff(), 0),
            protocol=2,  # the newer one begins with a round trip
            driver_info=None,
        )
        self._redis = Redis(connection_pool=pool)
        self._breaker = Breaker(POLICY, timer)

    def get(self, key: str) -> bytes | None:
        """Return the value if it is whole and is this key's."""
        found = self._asked(lambda: self._redis.get(_PREFIX + key))
        return _opened(key, found) if isinstance(found, bytes) else None

    def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        """Keep the value with its key and digest."""
        packed = _packed(key, value)
        self._asked(lambda: self._redis.set(_PREFIX + key, packed, px=max(1, int(ttl_s * 1000))))

    def ping(self) -> None:
        """Raises: Unavailable: no answer within the time, whatever the breaker says."""
        try:
            self._redis.ping()
        except (RedisError, OSError) as err:
            raise Unavailable("the cache is away", code=type(err).__name__) from err

    def close(self) -> None:
        """Close every connection."""
        self._redis.connection_pool.disconnect()

    def _asked(self, ask: Callable[[], object]) -> object:
        if not self._breaker.admit():
            return None
        try:
            answer = ask()
        except (RedisError, OSError) as err:
            self._breaker.record(healthy=False)
            _log.warning("cache.away", error=type(err).__name__)
            return None
        self._breaker.record(healthy=True)
        return answer


def _packed(key: str, value: bytes) -> bytes:
    return _digest(key, value) + value


def _opened(key: str, packed: bytes) -> bytes | None:
    digest, value = packed[:_DIGEST], packed[_DIGEST:]
    if digest != _digest(key, value):
        _log.error("cache.damaged")
        return None
    return value


def _digest(key: str, value: bytes) -> bytes:
    """Return a digest of a value under its key, so that another key's is not taken for it."""
    name = hashlib.blake2b(key.encode()).digest()
    return hashlib.blake2b(value, digest_size=_DIGEST, key=name).digest()
