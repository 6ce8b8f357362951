"""Business dates are closed in order, each once, by the business clock."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import attrs
import pytest

from los_adapters.clock import FixedClock
from los_adapters.container import InMemory
from los_core.domain.errors import Busy
from los_core.domain.ids import BrandId
from los_core.ports.work import Platform
from los_core.services.arrears import DAY_END
from los_workers.cron import Cron, Task, tasks

ONE, TWO = BrandId(UUID(int=1)), BrandId(UUID(int=2))
Ran = list[tuple[BrandId, date]]


@attrs.define
class Night:
    """Two brands, a clock and a task that notes when it ran, or fails as told."""

    platform: Platform
    clock: FixedClock
    ran: Ran
    fail: dict[tuple[BrandId, date], list[Exception]]

    def cron(self) -> Cron:
        return Cron(self.platform, (self.task(),), self.clock)

    def task(self) -> Task:
        return Task(name="close", at=time(0, 15), run=self._run)

    def _run(self, brand_id: BrandId, on: date) -> int:
        if errors := self.fail.get((brand_id, on)):
            raise errors.pop(0)
        self.ran.append((brand_id, on))
        return 1


@pytest.fixture
def night(memory: InMemory) -> Night:
    memory.clock.move_to(datetime(2026, 11, 25, 6, 30, tzinfo=UTC))
    return Night(memory.services.platform, memory.clock, [], {})


def test_the_table_closes_days_at_a_quarter_past_midnight(memory: InMemory) -> None:
    [task] = tasks(memory.services)
    assert (task.name, task.at) == (DAY_END, time(0, 15))


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        ("2026-11-25T18:44:59+00:00", date(2026, 11, 24)),
        ("2026-11-25T18:45:00+00:00", date(2026, 11, 25)),
        ("2026-11-26T18:44:59+00:00", date(2026, 11, 25)),
    ],
)
def test_a_date_is_over_when_the_tasks_hour_has_come_in_india(
    night: Night, now: str, latest: date
) -> None:
    assert night.task().latest(datetime.fromisoformat(now)) == latest


def test_the_first_run_is_of_the_latest_date_alone(night: Night) -> None:
    assert night.cron().tick()
    assert night.ran == [(ONE, date(2026, 11, 24)), (TWO, date(2026, 11, 24))]


def test_a_date_is_done_once_however_often_the_clock_ticks(night: Night) -> None:
    cron = night.cron()
    for _ in range(5):
        cron.tick()
    night.cron().tick()
    assert len(night.ran) == 2


def test_dates_that_were_missed_are_caught_up_in_order(night: Night) -> None:
    cron = night.cron()
    cron.tick()
    night.ran.clear()
    night.clock.advance(timedelta(days=4))
    cron.tick()
    assert [on for brand, on in night.ran if brand == ONE] == [
        date(2026, 11, day) for day in (25, 26, 27, 28)
    ]


def test_what_another_worker_is_doing_is_left_to_it_until_its_lease_ends(night: Night) -> None:
    on = date(2026, 11, 24)
    assert night.platform.claim_slot(ONE, "close", on, now=night.clock.now(), worker="other.1")
    cron = night.cron()
    assert not cron.tick()
    assert night.ran == [(TWO, on)]
    night.clock.advance(timedelta(minutes=11))
    assert cron.tick()
    assert night.ran == [(TWO, on), (ONE, on)]


def test_a_brand_that_fails_does_not_keep_the_others_waiting(night: Night) -> None:
    on = date(2026, 11, 24)
    night.fail[ONE, on] = [RuntimeError("bug")]
    cron = night.cron()
    assert not cron.tick()
    assert night.ran == [(TWO, on)]


def test_a_later_date_waits_for_an_earlier_one_that_failed(night: Night) -> None:
    cron = night.cron()
    cron.tick()
    night.ran.clear()
    night.clock.advance(timedelta(days=2))
    night.fail[ONE, date(2026, 11, 25)] = [RuntimeError("bug")]
    cron.tick()
    assert [on for brand, on in night.ran if brand == ONE] == []


def test_a_busy_store_is_asked_again_at_once(night: Night) -> None:
    on = date(2026, 11, 24)
    night.fail[ONE, on] = [Busy("held")]
    assert night.cron().tick()
    assert night.ran == [(ONE, on), (TWO, on)]


def test_no_run_is_begun_after_a_stop(night: Night) -> None:
    cron = night.cron()
    cron.stop()
    assert not cron.tick()
    assert night.ran == []
