"""Limits on attempts, in memory and with the rows, by their laws; and what is their own."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from los_adapters.clock import FixedClock
from los_adapters.limiter.divided import DividedLimiter
from los_adapters.limiter.memory import SWEEP, MemoryLimiter
from los_adapters.store import limits
from los_adapters.store.columns import metadata
from los_adapters.store.limits import SqlLimiter
from los_core.domain.limits import CODE_CHECKS, READS
from los_core.testing.limiter import THREE, LimiterLaws, LimiterRig

PHONE = "98220"


class TestLimiter(LimiterLaws):
    """Memory, SQLite and PostgreSQL."""

    @pytest.fixture(params=["memory", "sqlite", "postgresql"])
    def rig(self, request: pytest.FixtureRequest) -> LimiterRig:
        clock = FixedClock()
        if request.param == "memory":
            return LimiterRig(limiter=MemoryLimiter(clock=clock), advance=clock.advance)
        name = "sqlite_engine" if request.param == "sqlite" else "pg_engine"
        engine: Engine = request.getfixturevalue(name)
        return LimiterRig(limiter=SqlLimiter(engine, clock), advance=clock.advance)


def test_a_wider_limiter_takes_so_many_times_as_many() -> None:
    wide = MemoryLimiter(clock=FixedClock(), factor=4)
    assert [wide.take(THREE, "a") == 0 for _ in range(13)] == [True] * 12 + [False]


def test_a_limit_that_lasts_outlives_the_process(sqlite_engine: Engine) -> None:
    clock = FixedClock()
    before, anew = (
        DividedLimiter(SqlLimiter(sqlite_engine, clock), MemoryLimiter(clock=clock))
        for _ in range(2)
    )
    assert [before.take(CODE_CHECKS, PHONE) for _ in range(CODE_CHECKS.burst)] == [0.0] * 20
    assert anew.take(CODE_CHECKS, PHONE) > 0
    assert anew.take(READS, PHONE) == 0


def test_a_key_does_not_stand_in_its_row(sqlite_engine: Engine) -> None:
    SqlLimiter(sqlite_engine, FixedClock()).take(CODE_CHECKS, PHONE)
    with sqlite_engine.connect() as connection:
        [row] = connection.execute(select(metadata.tables["rate_limit"]))
    assert PHONE not in str(row)


def test_rows_of_full_buckets_are_swept_away(sqlite_engine: Engine) -> None:
    clock = FixedClock()
    limiter = SqlLimiter(sqlite_engine, clock)
    for number in range(limits.SWEEP - 1):
        limiter.take(THREE, str(number))
    clock.advance(timedelta(minutes=1))
    limiter.take(THREE, "last")
    with sqlite_engine.connect() as connection:
        assert len(connection.execute(select(metadata.tables["rate_limit"])).all()) == 1


def test_memory_follows_who_is_active() -> None:
    clock = FixedClock()
    limiter = MemoryLimiter(clock=clock)
    for number in range(SWEEP - 1):
        limiter.take(THREE, str(number))
    clock.advance(timedelta(minutes=1))
    limiter.take(THREE, "last")
    assert len(limiter._full_at) == 1  # noqa: SLF001 - how much it keeps is the question
