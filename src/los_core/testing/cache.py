"""The laws of `Cache`, wherever it is kept."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable

import attrs
import pytest

from los_core.ports.cache import Cache


@attrs.frozen(kw_only=True)
class CacheRig:
    """An empty cache, and the passing of time for it, in seconds."""

    cache: Cache
    pass_time: Callable[[float], None]


class CacheLaws:
    """What a caller may rely on."""

    def test_what_was_never_put_is_not_there(self, rig: CacheRig) -> None:
        rig.cache.put("brand|1", b"one", ttl_s=60)
        assert rig.cache.get("brand|10") is None
        assert rig.cache.get("brand|") is None

    @pytest.mark.parametrize("value", [b"", b"one", bytes(range(256)) * 64], ids=len)
    def test_a_value_comes_back_as_it_was_put(self, rig: CacheRig, value: bytes) -> None:
        rig.cache.put("key", value, ttl_s=60)
        assert rig.cache.get("key") == value

    def test_keys_that_look_alike_are_apart(self, rig: CacheRig) -> None:
        keys = ["b|1", "b|10", "b|1 ", "B|1", "b|1|", "b|१", "b\n|1", "*", "b|?", "x" * 500]
        for key in keys:
            rig.cache.put(key, key.encode(), ttl_s=60)
        assert [rig.cache.get(key) for key in keys] == [key.encode() for key in keys]

    def test_another_value_takes_the_place_of_the_first(self, rig: CacheRig) -> None:
        rig.cache.put("key", b"one", ttl_s=60)
        rig.cache.put("key", b"two", ttl_s=60)
        assert rig.cache.get("key") == b"two"

    def test_a_value_is_gone_when_its_time_is_over(self, rig: CacheRig) -> None:
        rig.cache.put("short", b"one", ttl_s=0.2)
        rig.cache.put("long", b"two", ttl_s=60)
        rig.pass_time(0.3)
        assert rig.cache.get("short") is None
        assert rig.cache.get("long") == b"two"

    def test_a_cache_that_is_there_says_so(self, rig: CacheRig) -> None:
        rig.cache.ping()
