"""Every cache, by the laws; and what Redis may do to us: lie, hang, vanish."""

import secrets
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from redis import Redis

from los_adapters.cache.memory import MemoryCache
from los_adapters.cache.redis import POLICY, WAIT_S, RedisCache
from los_core.ports.cache import Cache
from los_core.ports.errors import Unavailable
from los_core.testing.cache import CacheLaws, CacheRig


class Dial:
    """Monotonic seconds, turned on by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at

    def turn(self, seconds: float) -> None:
        self.at += seconds


class Marked:
    """A cache whose keys begin with a mark, so that tests share a server."""

    def __init__(self, cache: Cache, mark: str) -> None:
        self._cache = cache
        self._mark = mark
        self.ping = cache.ping
        self.close = cache.close

    def get(self, key: str) -> bytes | None:
        return self._cache.get(self._mark + key)

    def put(self, key: str, value: bytes, *, ttl_s: float) -> None:
        self._cache.put(self._mark + key, value, ttl_s=ttl_s)


@pytest.fixture
def mark() -> str:
    return f"test-{secrets.token_hex(6)}|"


@pytest.fixture
def shared(redis_url: str) -> Iterator[RedisCache]:
    cache = RedisCache(redis_url)
    yield cache
    cache.close()


@pytest.fixture
def server(redis_url: str, mark: str) -> Iterator["Redis"]:
    """The server itself, for looking behind the cache."""
    client = Redis.from_url(redis_url)
    yield client
    for key in client.scan_iter(f"los:{mark}*"):
        client.delete(key)
    client.close()


class TestCache(CacheLaws):
    """Memory and Redis."""

    @pytest.fixture(params=["memory", "redis"])
    def rig(self, request: pytest.FixtureRequest, mark: str) -> CacheRig:
        if request.param == "memory":
            dial = Dial()
            return CacheRig(cache=MemoryCache(timer=dial), pass_time=dial.turn)
        request.getfixturevalue("server")
        cache = request.getfixturevalue("shared")
        return CacheRig(cache=Marked(cache, mark), pass_time=lambda s: _until_over(cache, mark, s))


def _until_over(cache: Cache, mark: str, seconds: float) -> None:
    """Wait by the server's own clock: until what was put for so long is gone."""
    cache.put(f"{mark}passing", b"", ttl_s=seconds)
    deadline = time.monotonic() + 10
    while cache.get(f"{mark}passing") is not None:
        assert time.monotonic() < deadline


def test_the_least_recently_used_makes_room() -> None:
    cache = MemoryCache(timer=Dial(), size_bytes=30)
    for key in "abc":
        cache.put(key, b"123456789", ttl_s=60)
    assert cache.get("a") is not None
    cache.put("d", b"123456789", ttl_s=60)
    assert [key for key in "abcd" if cache.get(key) is not None] == ["a", "c", "d"]


def test_what_is_larger_than_the_cache_is_not_kept_and_nothing_goes_for_it() -> None:
    cache = MemoryCache(timer=Dial(), size_bytes=30)
    cache.put("a", b"1", ttl_s=60)
    cache.put("b", b"1" * 30, ttl_s=60)
    assert (cache.get("a"), cache.get("b")) == (b"1", None)


def _damaged(kept: bytes, other: bytes) -> dict[str, bytes]:
    """Return what a value may have become, by what was done to it."""
    return {
        "cut": kept[:-1],
        "longer": kept + b"x",
        "changed": kept[:-1] + bytes([kept[-1] ^ 1]),
        "digest changed": bytes([kept[0] ^ 1]) + kept[1:],
        "emptied": b"",
        "written by another program": b"null",
        "another key's": other,
    }


@pytest.mark.parametrize("damage", _damaged(b"kept", b"other"))
def test_a_damaged_value_is_no_answer(
    shared: RedisCache, server: "Redis", mark: str, damage: str
) -> None:
    shared.put(f"{mark}a", b"one", ttl_s=60)
    shared.put(f"{mark}b", b"two", ttl_s=60)
    kept, other = server.get(f"los:{mark}a"), server.get(f"los:{mark}b")
    assert isinstance(kept, bytes)
    assert isinstance(other, bytes)
    server.set(f"los:{mark}a", _damaged(kept, other)[damage])
    assert shared.get(f"{mark}a") is None
    assert shared.get(f"{mark}b") == b"two"


def test_a_key_of_another_type_is_no_answer(shared: RedisCache, server: "Redis", mark: str) -> None:
    server.rpush(f"los:{mark}a", "x")
    assert shared.get(f"{mark}a") is None


@contextmanager
def silent() -> Iterator[tuple[str, list[socket.socket]]]:
    """Yield the address of a server that takes connections and never says a word."""
    taken: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.05)
        over = threading.Event()

        def take() -> None:
            while not over.is_set():
                try:
                    taken.append(listening.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield f"redis://127.0.0.1:{listening.getsockname()[1]}/0", taken
        finally:
            over.set()
            thread.join()
            for connection in taken:
                connection.close()


def test_a_server_that_hangs_costs_little_and_then_nothing_until_it_is_tried_again() -> None:
    dial = Dial()
    with silent() as (url, taken):
        cache = RedisCache(url, timer=dial)
        begun = time.monotonic()
        for _ in range(POLICY.min_calls):
            assert cache.get("key") is None
        assert time.monotonic() - begun < POLICY.min_calls * 4 * WAIT_S
        asked = len(taken)
        for _ in range(1000):
            cache.put("key", b"one", ttl_s=60)
            assert cache.get("key") is None
        assert len(taken) == asked
        dial.turn(POLICY.open_s)
        assert cache.get("key") is None
        assert len(taken) > asked
        cache.close()


def test_a_server_that_is_away_is_told_by_ping_and_by_nothing_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        url = f"redis://127.0.0.1:{listening.getsockname()[1]}/0"
    cache = RedisCache(url)
    cache.put("key", b"one", ttl_s=60)
    assert cache.get("key") is None
    with pytest.raises(Unavailable):
        cache.ping()
