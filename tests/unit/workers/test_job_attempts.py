"""A run of a job is reported as what it was: done, back for later, buried, or lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import cast
from uuid import UUID

import attrs
import pytest

from los_adapters.container import InMemory
from los_adapters.jobs.attempts import KILLED_TOO_OFTEN, Attempt, run, told, waiting
from los_core.domain.errors import Busy, Conflict, StoreAway
from los_core.domain.ids import BrandId
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
