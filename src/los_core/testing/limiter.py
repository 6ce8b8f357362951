"""The laws of limits on attempts."""

# ruff: noqa: D102 # a law's name is its sentence

from collections.abc import Callable
from datetime import timedelta

import attrs
import pytest

from los_core.domain.limits import Limit
from los_core.ports.limiter import Limiter
from los_core.testing.store import together

THREE = Limit(name="three", burst=3, per=timedelta(seconds=30))


@attrs.frozen(kw_only=True)
class LimiterRig:
    """A limiter, and its clock's hand."""

    limiter: Limiter
    advance: Callable[[timedelta], None]

    def takes(self, count: int, *, key: str = "a", limit: Limit = THREE) -> list[bool]:
        """Try so often, and return which tries got one."""
        return [self.limiter.take(limit, key) == 0 for _ in range(count)]


class LimiterLaws:
    """What a caller may rely on; the fixture is `rig`."""

    def test_as_many_as_the_burst_get_one_and_no_more(self, rig: LimiterRig) -> None:
        assert rig.takes(5) == [True] * 3 + [False] * 2

    def test_who_is_refused_is_told_when_there_is_one_again(self, rig: LimiterRig) -> None:
        rig.takes(3)
        wait_s = rig.limiter.take(THREE, "a")
        assert wait_s == pytest.approx(10, abs=0.001)
        rig.advance(timedelta(seconds=wait_s - 0.01))
        assert rig.takes(1) == [False]
        rig.advance(timedelta(seconds=0.02))
        assert rig.takes(2) == [True, False]

    def test_being_refused_costs_nothing(self, rig: LimiterRig) -> None:
        rig.takes(50)
        rig.advance(timedelta(seconds=10))
        assert rig.takes(1) == [True]

    def test_a_bucket_holds_no_more_than_its_burst(self, rig: LimiterRig) -> None:
        rig.takes(3)
        rig.advance(timedelta(days=1))
        assert rig.takes(5) == [True] * 3 + [False] * 2

    def test_keys_and_limits_are_counted_apart(self, rig: LimiterRig) -> None:
        rig.takes(3)
        assert rig.takes(1, key="b") == [True]
        assert rig.takes(1, limit=attrs.evolve(THREE, name="other")) == [True]

    def test_what_is_given_back_can_be_taken_again(self, rig: LimiterRig) -> None:
        rig.takes(3)
        rig.limiter.give_back(THREE, "a")
        assert rig.takes(2) == [True, False]
        rig.limiter.give_back(THREE, "never taken")
        assert rig.takes(4, key="never taken") == [True] * 3 + [False]

    @pytest.mark.parametrize("key", ["ऋण", "\ud800", "a\x00b", "k" * 5_000])
    def test_any_text_is_a_key(self, rig: LimiterRig, key: str) -> None:
        assert rig.takes(4, key=key) == [True] * 3 + [False]

    def test_of_many_at_once_no_more_than_the_burst_get_one(self, rig: LimiterRig) -> None:
        got = together(lambda _: rig.limiter.take(THREE, "a") == 0)
        assert sum(got) == 3
