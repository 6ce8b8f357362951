"""The laws of a store about scheduled runs: one claim, taken over, fenced off, finished once."""

# ruff: noqa: D102 # a law's name is its sentence

from contextlib import suppress
from datetime import datetime, timedelta

import pytest

from los_core.domain.errors import LeaseLost
from los_core.domain.work import Run, date_of, slot_of
from los_core.testing import records
from los_core.testing.store import StoreRig, together, undone

_TASK = "arrears.day-end"
_LEASE_S = 60
_SLOT = slot_of(records.ON)
_NEXT = slot_of(records.ON + timedelta(days=1))


class RunLaws:
    """Each slot takes effect once, whoever dies or sleeps over it."""

    def test_a_slot_is_claimed_once(self, rig: StoreRig) -> None:
        claimed = together(lambda _: _claim(rig))
        assert sum(run is not None for run in claimed) == 1
        theirs = rig.platform.claim_slot(
            rig.theirs.id, _TASK, _SLOT, now=records.AT, worker="w", lease_s=_LEASE_S
        )
        assert theirs is not None
        assert _claim(rig, _NEXT) is not None

    def test_a_slot_is_known_by_its_business_date(self, rig: StoreRig) -> None:
        run = _claimed(rig)
        rig.platform.finish_slot(run, now=rig.clock.now())
        last = rig.platform.last_slot(rig.brand_id, _TASK)
        assert last is not None
        assert date_of(last) == records.ON
        assert rig.platform.last_slot(rig.theirs.id, _TASK) is None

    def test_a_run_whose_lease_ran_out_is_taken_over_under_a_higher_fence(
        self, rig: StoreRig
    ) -> None:
        first = _claimed(rig)
        rig.clock.advance(timedelta(seconds=_LEASE_S - 1))
        assert _claim(rig) is None
        rig.clock.advance(timedelta(seconds=1))
        second = _claimed(rig)
        assert second.fence > first.fence
        assert _claim(rig) is None

    def test_of_many_who_take_over_one_does(self, rig: StoreRig) -> None:
        _claimed(rig)
        rig.clock.advance(timedelta(seconds=_LEASE_S))
        assert sum(run is not None for run in together(lambda _: _claim(rig))) == 1

    def test_who_was_taken_over_writes_nothing_more(self, rig: StoreRig) -> None:
        paused = _claimed(rig)
        rig.clock.advance(timedelta(seconds=_LEASE_S))
        _claimed(rig)
        with pytest.raises(LeaseLost):
            _effect(rig, paused)
        with pytest.raises(LeaseLost), rig.begin(rig.brand_id) as uow:
            uow.desk.hold(paused)
        assert not rig.platform.finish_slot(paused, now=rig.clock.now())
        assert rig.platform.last_slot(rig.brand_id, _TASK) is None
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.next_number(f"effect {_SLOT}") == 1

    def test_holding_a_run_renews_its_lease(self, rig: StoreRig) -> None:
        run = _claimed(rig)
        for _ in range(5):
            rig.clock.advance(timedelta(seconds=_LEASE_S - 1))
            with rig.begin(rig.brand_id) as uow:
                uow.desk.hold(run)
            assert _claim(rig) is None
        rig.clock.advance(timedelta(seconds=_LEASE_S))
        assert _claim(rig) is not None

    def test_who_slept_past_the_lease_goes_on_if_nobody_took_over(self, rig: StoreRig) -> None:
        run = _claimed(rig)
        rig.clock.advance(timedelta(hours=1))
        with rig.begin(rig.brand_id) as uow:
            uow.desk.finish(run)
        assert _claim(rig) is None

    def test_a_run_ends_with_its_effect_or_not_at_all(self, rig: StoreRig) -> None:
        run = _claimed(rig)
        with undone(rig) as uow:
            uow.desk.next_number("effect")
            uow.desk.finish(run)
        assert rig.platform.last_slot(rig.brand_id, _TASK) is None
        with rig.begin(rig.brand_id) as uow:
            assert uow.desk.next_number("effect") == 1
            uow.desk.finish(run)
        assert rig.platform.last_slot(rig.brand_id, _TASK) == _SLOT
        assert rig.platform.finish_slot(run, now=rig.clock.now())
        with pytest.raises(LeaseLost), rig.begin(rig.brand_id) as uow:
            uow.desk.hold(run)

    def test_a_finished_slot_is_never_claimed_again(self, rig: StoreRig) -> None:
        run = _claimed(rig)
        assert rig.platform.finish_slot(run, now=rig.clock.now())
        rig.clock.advance(timedelta(days=9))
        assert _claim(rig) is None
        assert rig.platform.workers() == []
        assert rig.platform.give_back("w", now=rig.clock.now()) == 0

    def test_of_one_who_sleeps_and_those_who_take_over_each_slot_takes_effect_once(
        self, rig: StoreRig
    ) -> None:
        """Twelve workers, eight slots, leases that run out while they work: eight effects."""
        slots = [_SLOT + timedelta(minutes=n) for n in range(8)]

        def work(number: int) -> None:
            for slot in slots:
                run = _claim(rig, slot)
                if run is None:
                    continue
                if number % 3 == 0:
                    rig.clock.advance(timedelta(seconds=_LEASE_S))
                with suppress(LeaseLost):
                    _effect(rig, run)

        together(work, racers=12)
        rig.clock.advance(timedelta(seconds=_LEASE_S))
        work(1)
        with rig.begin(rig.brand_id) as uow:
            assert [uow.desk.next_number(f"effect {slot}") for slot in slots] == [2] * len(slots)

    def test_what_a_dead_worker_had_claimed_is_given_back_at_once(self, rig: StoreRig) -> None:
        job = records.job(rig.brand_id, rig.entropy.uuid())
        with rig.begin(rig.brand_id) as uow:
            uow.desk.add_job(job)
        [lost] = rig.platform.claim_jobs(limit=9, now=rig.clock.now(), lease_s=60, worker="w")
        run = _claimed(rig)
        others = _claim(rig, _NEXT, worker="w2")
        assert others is not None
        assert rig.platform.workers() == ["w", "w2"]
        assert rig.platform.give_back("w", now=rig.clock.now()) == 2
        assert rig.platform.give_back("w", now=rig.clock.now()) == 0
        assert not rig.platform.finish_job(lost)
        [again] = rig.platform.claim_jobs(limit=9, now=rig.clock.now(), lease_s=60, worker="w2")
        assert (again.id, again.attempts) == (lost.id, 2)
        assert _claimed(rig).fence > run.fence
        assert _claim(rig, _NEXT) is None
        assert rig.platform.finish_slot(others, now=rig.clock.now())

    def test_old_slots_of_a_task_are_forgotten_and_no_others(self, rig: StoreRig) -> None:
        for slot in (_SLOT, _NEXT):
            rig.platform.finish_slot(_claimed(rig, slot), now=rig.clock.now())
        other = rig.platform.claim_slot(
            rig.brand_id, "other", _SLOT, now=records.AT, worker="w", lease_s=_LEASE_S
        )
        assert other is not None
        assert rig.platform.forget_slots(rig.theirs.id, _TASK, before=_NEXT) == 0
        assert rig.platform.forget_slots(rig.brand_id, _TASK, before=_NEXT) == 1
        assert rig.platform.last_slot(rig.brand_id, _TASK) == _NEXT
        assert rig.platform.finish_slot(other, now=rig.clock.now())
        assert _claim(rig) is not None


def _effect(rig: StoreRig, run: Run) -> None:
    """Act as a task of one transaction does; a run that was taken over acts in vain."""
    with rig.begin(rig.brand_id) as uow:
        uow.desk.next_number(f"effect {run.slot}")
        uow.desk.finish(run)


def _claim(rig: StoreRig, slot: datetime = _SLOT, worker: str = "w") -> Run | None:
    now = rig.clock.now()
    return rig.platform.claim_slot(
        rig.brand_id, _TASK, slot, now=now, worker=worker, lease_s=_LEASE_S
    )


def _claimed(rig: StoreRig, slot: datetime = _SLOT) -> Run:
    run = _claim(rig, slot)
    assert run is not None
    return run
