"""Payouts through silent banks, late returns and deaths: a small play; `tests/faults` has the big.

The seed is the run's own: `--hypothesis-seed` repeats it.
"""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from tests.contract.payouts.house import (
    LOST_AFTER,
    LOST_BEFORE,
    House,
    OpenStore,
    boundaries,
    play,
    stories,
    verdict,
    with_deaths,
)

from los_adapters.clock import FixedClock
from los_adapters.entropy import SystemEntropy
from los_adapters.store.engine import connect
from los_adapters.store.schema import create
from los_adapters.store.work import SqlStore
from los_core.ports.cipher import Cipher
from los_core.ports.work import Begin, Platform

COUNT = 60
EACH = (
    ("sound", None),
    ("returned", None),
    ("silent after", LOST_AFTER[0]),
    ("silent before", LOST_BEFORE[0]),
)


def on(engine: Engine) -> OpenStore:
    """Return what opens a store over a database whose tables are made."""

    def opened(clock: FixedClock, cipher: Cipher) -> tuple[Begin, Platform]:
        store = SqlStore(engine, cipher=cipher, clock=clock, entropy=SystemEntropy())
        return store.begin, store.platform

    return opened


def dry_play(engine: Engine) -> House:
    """Play each story once with nobody dying."""
    house = House(on(engine))
    play(house, EACH)
    assert list(verdict(house)) == []
    return house


@pytest.fixture
def engines(tmp_path: Path) -> Iterator[tuple[Engine, Engine]]:
    made = [connect(f"sqlite:///{tmp_path / name}.db") for name in ("dry", "wet")]
    for engine in made:
        create(engine)
    yield made[0], made[1]
    for engine in made:
        engine.dispose()


def test_a_killed_process_pays_nobody_twice_and_leaves_nobody_waiting(
    engines: tuple[Engine, Engine], request: pytest.FixtureRequest
) -> None:
    rng = random.Random(int(request.config.option.hypothesis_seed))  # noqa: S311 # a test's
    dry, house = dry_play(engines[0]), House(on(engines[1]))
    told = stories(COUNT, rng)
    play(house, told, with_deaths(told, rng, dry))
    assert list(verdict(house)) == []
    assert house.deaths > COUNT / 2
    assert len(boundaries(house)) > COUNT / 3
