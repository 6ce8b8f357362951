"""Scheduled runs under kills and pauses: each slot takes effect once, in its turn; none is lost.

Three real processes share a thousand slots. They are killed and started again, and paused past
their lease so that another takes over what they were about to do.
"""

import random
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import func, select
from tests.faults.clockwork import (
    FIRST,
    LEASE_S,
    TASKS,
    disorder_series,
    order_series,
    slot_series,
)
from tests.faults.conftest import Note
from tests.faults.processes import Processes, processes, until

from los_adapters.store.platform_tables import counter, slot

STEPS: Final = 10
DAYS_A_STEP: Final = 10
DAYS: Final = STEPS * DAYS_A_STEP
BRANDS: Final = 2
LANES: Final = len(TASKS) * BRANDS
SLOTS: Final = LANES * DAYS
WORKERS: Final = 3
COMMAND: Final = "tests.faults.clockwork"

pytestmark = pytest.mark.timeout(500)


@pytest.fixture(params=["sqlite", "postgresql"])
def clockworks(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Processes]:
    url = f"sqlite:///{tmp_path / 'los.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_pg_url")()
    with processes(tmp_path, url) as made:
        yield made


def test_a_thousand_slots_take_effect_once_each_under_kills_and_pauses(
    clockworks: Processes, note: Note, request: pytest.FixtureRequest
) -> None:
    seed = int(request.config.option.hypothesis_seed)
    chance = random.Random(seed)  # noqa: S311 # a test's seed is no secret
    _noon_after(clockworks, FIRST)
    for number in range(WORKERS):
        clockworks.start(number, COMMAND)
    assert until(lambda: _done(clockworks) == LANES, patience_s=60), clockworks.told()
    for step in range(1, STEPS + 1):
        _noon_after(clockworks, FIRST + timedelta(days=step * DAYS_A_STEP))
        time.sleep(chance.uniform(0.1, 0.8))
        number = _at_work(clockworks, chance)
        over = partial(_is_done, clockworks, LANES * (1 + step * DAYS_A_STEP))
        if step % 2:
            clockworks.kill(number)
            clockworks.start(number, COMMAND)
        else:
            # Until others have done what it was about to do, unless it sleeps on a lock of theirs.
            with clockworks.paused(number):
                until(over, patience_s=10 * LEASE_S)
        assert until(over, patience_s=60), clockworks.told()
    lost = clockworks.said("cron.lost")
    note(
        f"{SLOTS} slots, {STEPS} kills and pauses past the lease: each took effect once;"
        f" {lost} runs found themselves taken over; --hypothesis-seed={seed}"
    )
    _each_took_effect_once_and_in_turn(clockworks)
    assert lost >= STEPS // 10, "no paused run met its successor: the pauses proved nothing"


def _each_took_effect_once_and_in_turn(clockworks: Processes) -> None:
    with clockworks.engine.connect() as connection:
        rows = connection.execute(select(counter)).all()
    found = {(row.brand_id, row.series): row.value for row in rows}
    days = [FIRST + timedelta(days=number) for number in range(DAYS + 1)]
    brands = clockworks.installation.services.platform.brands()
    for brand in brands:
        for task in TASKS:
            times = {on: found.get((brand.id, slot_series(task, on)), 0) for on in days}
            assert times == dict.fromkeys(days, 1)
            assert found[brand.id, order_series(task)] == DAYS + 1
            assert (brand.id, disorder_series(task)) not in found


def _at_work(clockworks: Processes, chance: random.Random) -> int:
    """Choose a process that is in the middle of a run; any, if none is for a while."""
    query = select(slot.c.worker).where(slot.c.finished_at.is_(None))
    pids = {process.pid: number for number, process in clockworks.running.items()}

    def found() -> list[int]:
        with clockworks.engine.connect() as connection:
            workers = connection.execute(query).scalars().all()
        at_work = {int(worker.rpartition(".")[2]) for worker in workers}
        return sorted(pids[pid] for pid in at_work & pids.keys())

    until(lambda: bool(found()), patience_s=5)
    return chance.choice(found() or sorted(clockworks.running))


def _is_done(clockworks: Processes, slots: int) -> bool:
    return _done(clockworks) >= slots


def _done(clockworks: Processes) -> int:
    query = select(func.count()).where(slot.c.finished_at.is_not(None))
    with clockworks.engine.connect() as connection:
        return connection.execute(query).scalar_one()


def _noon_after(clockworks: Processes, on: date) -> None:
    """Show a time at which a business date is over, and none later."""
    noon = datetime(on.year, on.month, on.day, 6, 30, tzinfo=UTC)
    clockworks.clock.move_to(noon + timedelta(days=1))
