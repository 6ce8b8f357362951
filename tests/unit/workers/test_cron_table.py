"""Business dates are closed in order, each once, by the business clock."""

from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

import attrs
import pytest

from los_adapters.clock import FixedClock
from los_adapters.container import InMemory
from los_core.domain.errors import Busy
from los_core.domain.ids import BrandId
from los_core.domain.work import Run, slot_of
from los_core.ports.work import Platform
from los_core.services.arrears import DAY_END
from los_core.services.record_approvals import TAKE_EFFECT
from los_core.services.transfers import PAYOUT_WATCH
from los_workers.cron import Cron, Daily, Every, tasks

ONE, TWO = BrandId(UUID(int=1)), BrandId(UUID(int=2))
Ran = list[tuple[BrandId, date]]


@attrs.define
class Night:
    """Two brands, a clock and a task that notes when it ran, or fails as told."""

    platform: Platform
    clock: FixedClock
    ran: Ran
    fail: dict[tuple[BrandId, date], list[Exception]]

    def claim(self, brand_id: BrandId, on: date) -> Run | None:
        """Claim the task's slot as another worker."""
        now = self.clock.now()
        return self.platform.claim_slot(
            brand_id, "close", slot_of(on), now=now, worker="other.1", lease_s=60
        )

    def cron(self) -> Cron:
        return Cron(self.platform, (self.task(),), self.clock)

    def task(self) -> Daily:
        return Daily(name="close", at=time(0, 15), run=self._run)

    def _run(self, run: Run, on: date) -> int:
        brand_id = run.brand_id
        if errors := self.fail.get((brand_id, on)):
            raise errors.pop(0)
        self.ran.append((brand_id, on))
        return 1


@pytest.fixture
def night(memory: InMemory) -> Night:
    memory.clock.move_to(datetime(2026, 11, 25, 6, 30, tzinfo=UTC))
    return Night(memory.services.platform, memory.clock, [], {})


def test_the_table_closes_days_first_and_asks_the_banks_in_the_morning(memory: InMemory) -> None:
    daily = [(task.name, task.at) for task in tasks(memory.services) if isinstance(task, Daily)]
    assert daily == [
        (DAY_END, time(0, 15)),
        (TAKE_EFFECT, time(0, 5)),
        (PAYOUT_WATCH, time(4)),
    ]


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
    night.clock.move_to(datetime.fromisoformat(now))
    assert night.task().latest(night.clock) == slot_of(latest)


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
    assert night.claim(ONE, on)
    cron = night.cron()
    assert not cron.tick()
    assert night.ran == [(TWO, on)]
    night.clock.advance(timedelta(seconds=61))
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


def test_a_run_that_was_taken_over_while_it_slept_is_not_ours_to_finish(
    night: Night, memory: InMemory
) -> None:
    on = date(2026, 11, 24)

    def sleeps(run: Run, day: date) -> int:
        if run.brand_id == ONE:
            night.clock.advance(timedelta(seconds=61))
            assert night.claim(ONE, day)
            with memory.services.begin(ONE) as uow:
                uow.desk.hold(run)
        night.ran.append((run.brand_id, day))
        return 1

    cron = Cron(night.platform, [Daily(name="close", at=time(0, 15), run=sleeps)], night.clock)
    assert not cron.tick()
    assert night.ran == [(TWO, on)]
    assert night.platform.last_slot(ONE, "close") is None


def test_a_periodic_task_runs_once_a_period_and_skips_what_was_missed(night: Night) -> None:
    ran: list[datetime] = []

    def note(run: Run) -> int:
        if run.brand_id == ONE:
            ran.append(run.slot)
        return 0

    cron = Cron(
        night.platform,
        [Every(name="seal", period=timedelta(seconds=30), run=note)],
        night.clock,
    )
    night.clock.move_to(datetime(2026, 11, 25, 6, 30, 7, tzinfo=UTC))
    for seconds in (0, 22, 1, 29, 600):
        night.clock.advance(timedelta(seconds=seconds))
        assert cron.tick()
        assert cron.tick()
    assert [slot.strftime("%M:%S") for slot in ran] == ["30:00", "30:30", "40:30"]


def test_a_period_that_another_worker_has_is_left_to_it(night: Night) -> None:
    task = Every(name="seal", period=timedelta(seconds=30), run=lambda _: 1)
    slot = task.latest(night.clock)
    for brand_id in (ONE, TWO):
        assert night.platform.claim_slot(
            brand_id, "seal", slot, now=night.clock.now(), worker="other.1", lease_s=60
        )
    assert Cron(night.platform, [task], night.clock).tick()
    assert night.platform.last_slot(ONE, "seal") is None


def test_periods_older_than_a_day_are_forgotten(night: Night) -> None:
    task = Every(name="seal", period=timedelta(hours=6), run=lambda _: 1)
    cron = Cron(night.platform, [task], night.clock)
    first = task.latest(night.clock)
    for _ in range(6):
        assert cron.tick()
        night.clock.advance(timedelta(hours=6))
    assert night.platform.forget_slots(ONE, "seal", before=first + timedelta(hours=6)) == 0
    assert night.platform.last_slot(ONE, "seal") == first + timedelta(hours=30)


def test_a_run_that_was_finished_with_its_effect_stays_finished(
    night: Night, memory: InMemory
) -> None:
    def whole(run: Run, on: date) -> int:
        with memory.services.begin(run.brand_id) as uow:
            night.ran.append((run.brand_id, on))
            uow.desk.finish(run)
        return 1

    cron = Cron(night.platform, [Daily(name="close", at=time(0, 15), run=whole)], night.clock)
    assert cron.tick()
    assert cron.tick()
    assert [brand_id for brand_id, _ in night.ran] == [ONE, TWO]
