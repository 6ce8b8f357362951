"""A run of a job is reported as what it was: done, back for later, buried, or lost."""

from collections.abc import Callable, Collection, Sequence
from datetime import timedelta
from typing import cast
from uuid import UUID

import attrs
import pytest

from los_adapters.container import InMemory
from los_adapters.jobs.attempts import (
    KILLED_TOO_OFTEN,
    TOGETHER,
    Attempt,
    run,
    run_together,
    told,
    waiting,
)
from los_core.domain.errors import Busy, Conflict, StoreAway
from los_core.domain.ids import BrandId, JobId
from los_core.domain.work import Job
from los_core.ports.errors import ProviderError, Rejected, Unavailable
from los_core.ports.work import Platform
from los_core.services.jobs import later

BRAND = BrandId(UUID(int=1))


@pytest.fixture(autouse=True)
def _one_job(memory: InMemory) -> None:
    with memory.services.begin(BRAND) as uow:
        later(uow, "some.kind", "k1", clock=memory.clock, entropy=memory.entropy, payload={})


def _claimed(memory: InMemory) -> list[Job]:
    return memory.services.platform.claim_jobs(
        limit=9, now=memory.clock.now(), lease_s=60, worker="w"
    )


def _attempt(memory: InMemory, job: Job, does: Callable[[Job], None]) -> Attempt:
    return run(
        job,
        {"some.kind": does},
        platform=memory.services.platform,
        clock=memory.clock,
        jitter=lambda: 1.0,
    )


def _raises(error: Exception) -> Callable[[Job], None]:
    def does(_: Job) -> None:
        raise error

    return does


def test_a_job_that_was_carried_out_is_over(memory: InMemory) -> None:
    [job] = _claimed(memory)
    done = _attempt(memory, job, lambda _: None)
    assert (done.error, done.lost) == (None, False)
    memory.clock.advance(timedelta(days=1))
    assert _claimed(memory) == []


def test_a_job_whose_vendor_was_away_comes_back_when_its_time_has_come(memory: InMemory) -> None:
    [job] = _claimed(memory)
    done = _attempt(memory, job, _raises(Unavailable("away", code="DOWN")))
    assert done.again_in == timedelta(seconds=2)
    memory.clock.advance(timedelta(seconds=1))
    assert _claimed(memory) == []
    memory.clock.advance(timedelta(seconds=1))
    [again] = _claimed(memory)
    assert (again.attempts, again.last_error) == (2, "Unavailable DOWN")


@pytest.mark.parametrize(
    ("error", "runs"), [(Unavailable("away"), 8), (Busy("held"), 8), (RuntimeError("bug"), 5)]
)
def test_a_job_that_never_succeeds_is_buried_after_its_last_run(
    memory: InMemory, error: Exception, runs: int
) -> None:
    for number in range(1, runs + 1):
        [job] = _claimed(memory)
        assert job.attempts == number
        _attempt(memory, job, _raises(error))
        memory.clock.advance(timedelta(hours=1))
    assert _claimed(memory) == []
    [dead] = memory.services.platform.dead_letters()
    assert dead.attempts == runs


def test_a_dead_letter_runs_again_when_it_is_replayed(memory: InMemory) -> None:
    for _ in range(5):
        [job] = _claimed(memory)
        _attempt(memory, job, _raises(RuntimeError("bug")))
        memory.clock.advance(timedelta(hours=1))
    [dead] = memory.services.platform.dead_letters()
    assert memory.services.platform.replay_job(dead.id, memory.clock.now())
    [again] = _claimed(memory)
    assert again.attempts == 1


def test_what_is_kept_of_an_error_is_its_class_and_code(memory: InMemory) -> None:
    [job] = _claimed(memory)
    secret = "PAN ABCPE1234F of 9822010101"
    _attempt(memory, job, _raises(RuntimeError(secret)))
    memory.clock.advance(timedelta(minutes=1))
    [again] = _claimed(memory)
    assert again.last_error == "RuntimeError"
    assert told(Conflict(secret, code="IN_PROGRESS")) == "Conflict IN_PROGRESS"
    assert told(Rejected(secret, provider="idfc", code="E17")) == "Rejected E17"


def test_a_job_of_an_unknown_kind_is_an_error_like_any_other(memory: InMemory) -> None:
    [job] = _claimed(memory)
    done = run(job, {}, platform=memory.services.platform, clock=memory.clock, jitter=lambda: 1.0)
    assert isinstance(done.error, KeyError)
    assert done.again_in is not None


def test_a_report_after_the_lease_changes_nothing(memory: InMemory) -> None:
    [job] = _claimed(memory)
    memory.clock.advance(timedelta(seconds=61))
    [other] = _claimed(memory)
    assert _attempt(memory, job, lambda _: None).lost
    assert _attempt(memory, job, _raises(RuntimeError())).lost
    assert not _attempt(memory, other, lambda _: None).lost


def test_a_job_that_takes_its_process_down_is_not_run_for_ever(memory: InMemory) -> None:
    ran = 0

    def does(_: Job) -> None:
        nonlocal ran
        ran += 1

    for _ in range(KILLED_TOO_OFTEN):
        [job] = _claimed(memory)
        memory.clock.advance(timedelta(seconds=61))
    [job] = _claimed(memory)
    done = _attempt(memory, job, does)
    assert (ran, done.again_in) == (0, None)
    assert len(memory.services.platform.dead_letters()) == 1


def test_a_vendor_that_names_a_time_is_not_asked_earlier() -> None:
    assert waiting(Unavailable("slow down", retry_after_s=90), 1) == timedelta(seconds=90)
    assert waiting(Unavailable("slow down", retry_after_s=1), 2) == timedelta(seconds=30)


def test_every_outcome_of_a_vendor_has_its_waits() -> None:
    assert waiting(ProviderError("?"), 1) == timedelta(seconds=2)
    assert waiting(ProviderError("?"), 5) is None


@attrs.define
class AwayFor:
    """The job table of a store that is away for the next so many reports."""

    platform: Platform
    reports: int

    def finish_job(self, job: Job) -> bool:
        if self.reports:
            self.reports -= 1
            raise StoreAway("gone")
        return self.platform.finish_job(job)

    def finish_jobs(self, jobs: Sequence[Job]) -> Collection[JobId]:
        if self.reports:
            self.reports -= 1
            raise StoreAway("gone")
        return self.platform.finish_jobs(jobs)


def test_a_run_is_reported_as_soon_as_the_store_is_back(memory: InMemory) -> None:
    [job] = _claimed(memory)
    pauses: list[float] = []
    done = run(
        job,
        {"some.kind": lambda _: None},
        platform=cast("Platform", AwayFor(memory.services.platform, reports=3)),
        clock=memory.clock,
        jitter=lambda: 1.0,
        pause=pauses.append,
    )
    assert (done.error, done.lost, len(pauses)) == (None, False, 3)
    memory.clock.advance(timedelta(days=1))
    assert _claimed(memory) == []


def test_a_report_is_given_up_when_the_lease_is_over_anyway(memory: InMemory) -> None:
    [job] = _claimed(memory)
    platform = cast("Platform", AwayFor(memory.services.platform, reports=10_000))
    with pytest.raises(StoreAway):
        run(
            job,
            {"some.kind": lambda _: None},
            platform=platform,
            clock=memory.clock,
            jitter=lambda: 1.0,
            pause=lambda seconds: memory.clock.advance(timedelta(seconds=seconds)),
        )
    [again] = _claimed(memory)
    assert again.attempts == 2


def _many(memory: InMemory, *keys: str) -> None:
    with memory.services.begin(BRAND) as uow:
        for key in keys:
            later(uow, "some.kind", key, clock=memory.clock, entropy=memory.entropy, payload={})


def _together(
    memory: InMemory, jobs: Sequence[Job], does: Callable[[Sequence[Job]], None]
) -> dict[str, Attempt]:
    done = run_together(
        jobs, does, platform=memory.services.platform, clock=memory.clock, jitter=lambda: 1.0
    )
    assert {attempt.job.id for attempt in done} == {job.id for job in jobs}
    return {attempt.job.key: attempt for attempt in done}


def test_many_jobs_are_run_as_one(memory: InMemory) -> None:
    _many(memory, *(f"k{n}" for n in range(2, 9)))
    batches: list[int] = []
    done = _together(memory, _claimed(memory), lambda jobs: batches.append(len(jobs)))
    assert batches == [8]
    assert not any(attempt.error or attempt.lost for attempt in done.values())
    assert memory.services.platform.idle(memory.clock.now() + timedelta(days=1))


@pytest.mark.parametrize("bad", ["k1", "k5", "k8"])
def test_one_that_fails_is_alone_in_the_end_and_the_others_are_done(
    memory: InMemory, bad: str
) -> None:
    _many(memory, *(f"k{n}" for n in range(2, 9)))
    acted: list[str] = []

    def does(jobs: Sequence[Job]) -> None:
        keys = [job.key for job in jobs]
        if bad in keys:
            raise RuntimeError("poison")
        acted.extend(keys)

    runs = 0
    while claimed := _claimed(memory):
        done = _together(memory, claimed, does)
        assert {key for key, attempt in done.items() if attempt.error} == {bad}
        runs += 1
        memory.clock.advance(timedelta(hours=1))
    assert sorted(acted) == sorted({f"k{n}" for n in range(1, 9)} - {bad})
    [dead] = memory.services.platform.dead_letters()
    assert (dead.key, dead.attempts, runs) == (bad, 5, 5)


def test_one_that_fails_keeps_nobody_from_the_next_batch(memory: InMemory) -> None:
    def does(jobs: Sequence[Job]) -> None:
        if any(job.key == "k1" for job in jobs):
            raise RuntimeError("poison")

    _together(memory, _claimed(memory), does)
    memory.clock.advance(timedelta(seconds=2))
    _many(memory, "k2", "k3")
    done = _together(memory, _claimed(memory), does)
    assert {key: attempt.error is None for key, attempt in done.items()} == {
        "k1": False,
        "k2": True,
        "k3": True,
    }


def test_a_batch_after_its_lease_is_lost_and_is_told_so(memory: InMemory) -> None:
    _many(memory, "k2", "k3")
    early = _claimed(memory)
    memory.clock.advance(timedelta(seconds=61))
    late = _claimed(memory)
    assert [job.attempts for job in late] == [2, 2, 2]
    assert all(attempt.lost for attempt in _together(memory, early, lambda _: None).values())
    assert not any(attempt.lost for attempt in _together(memory, late, lambda _: None).values())


def test_those_whose_batch_died_too_often_run_alone(memory: InMemory) -> None:
    """One of them may take its process down: it must not take the others to the grave."""
    _many(memory, "k2", "k3")
    batches: list[int] = []
    for run_no in range(1, TOGETHER + 2):
        claimed = _claimed(memory)
        if run_no > TOGETHER:
            _together(memory, claimed, lambda jobs: batches.append(len(jobs)))
        memory.clock.advance(timedelta(seconds=61))
    assert batches == [1, 1, 1]
    assert memory.services.platform.idle(memory.clock.now())


def test_a_batch_is_reported_as_soon_as_the_store_is_back(memory: InMemory) -> None:
    _many(memory, "k2", "k3")
    pauses: list[float] = []
    away = cast("Platform", AwayFor(memory.services.platform, reports=3))
    done = run_together(
        _claimed(memory),
        lambda _: None,
        platform=away,
        clock=memory.clock,
        jitter=lambda: 1.0,
        pause=pauses.append,
    )
    assert (len(done), len(pauses)) == (3, 3)
    assert not any(attempt.error or attempt.lost for attempt in done)
