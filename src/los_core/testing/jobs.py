"""The laws of `JobSource`, whether or not a broker stands before the table."""

# ruff: noqa: D102 # a law's name is its sentence

import threading
import time
from collections.abc import Callable, Collection
from datetime import timedelta
from typing import Final, Protocol

import attrs

from los_core.domain.ids import BrandId, JobId
from los_core.domain.work import Job
from los_core.ports.jobs import JobSource
from los_core.ports.work import Begin, Platform
from los_core.testing import records
from los_core.testing.store import Counting, Hands

SLOW: Final = "papers"
QUICK: Final = "money"
PATIENCE_S: Final = 10.0


class Sources(Protocol):
    """Makes a worker's source, closed when the test is over."""

    def __call__(self, worker: str, queues: Collection[str] | None = None) -> JobSource: ...


@attrs.frozen(kw_only=True)
class SourceRig:
    """An empty store with a brand, and workers for it.

    Attributes:
        source: of the jobs of the queues `SLOW` and `QUICK`; a kind is its queue's name, a dot and
            anything.
        tell: tells the broker of what is due, if there is one.
        overdue: the time after which a job that nobody told of is found.
    """

    begin: Begin
    platform: Platform
    clock: Hands
    entropy: Counting
    brand_id: BrandId
    source: Sources
    tell: Callable[[], object]
    overdue: timedelta

    def add(self, kind: str = f"{QUICK}.k", **changes: object) -> Job:
        """Put a job on file, due now."""
        job = records.job(self.brand_id, self.entropy.uuid(), kind=kind, **changes)
        with self.begin(self.brand_id) as uow:
            assert uow.desk.add_job(job)
        return job


def gathered(source: JobSource, count: int, *, limit: int = 4) -> list[Job]:
    """Claim until there are `count` jobs, or patience ends."""
    found: list[Job] = []
    deadline = time.monotonic() + PATIENCE_S
    while len(found) < count and time.monotonic() < deadline:
        found += source.claim(min(limit, count - len(found)), wait_s=0.2)
    return found


def nothing_for(source: JobSource) -> bool:
    """Whether a source has nothing, having been asked a few times over."""
    return not any(source.claim(4, wait_s=0.1) for _ in range(3))


class JobSourceLaws:
    """Every due job reaches one worker, told of or not."""

    def test_due_jobs_reach_a_worker_that_holds_them(self, rig: SourceRig) -> None:
        added = {rig.add().id for _ in range(9)}
        rig.tell()
        source = rig.source("w")
        found = gathered(source, 9)
        assert {job.id for job in found} == added
        assert {job.lease.rpartition(":")[0] for job in found} == {"w"}
        assert all(rig.platform.finish_job(job) for job in found)
        assert nothing_for(source)

    def test_workers_never_share_a_job(self, rig: SourceRig) -> None:
        added = {rig.add().id for _ in range(24)}
        rig.tell()
        one, two = rig.source("one"), rig.source("two")
        found: list[Job] = []
        deadline = time.monotonic() + PATIENCE_S
        while len(found) < len(added) and time.monotonic() < deadline:
            for source in (one, two):
                found += source.claim(3, wait_s=0.05)
        assert len(found) == len(added)
        assert {job.id for job in found} == added

    def test_no_more_is_claimed_than_was_asked_for(self, rig: SourceRig) -> None:
        for _ in range(5):
            rig.add()
        rig.tell()
        source = rig.source("w")
        assert [len(gathered(source, 2, limit=2)), len(source.claim(0, wait_s=0.1))] == [2, 0]
        assert (
            len(rig.platform.claim_jobs(limit=9, now=rig.clock.now(), lease_s=60, worker="x")) == 3
        )

    def test_a_job_waits_until_it_is_due(self, rig: SourceRig) -> None:
        job = rig.add(due_at=rig.clock.now() + timedelta(seconds=30))
        rig.tell()
        source = rig.source("w")
        assert nothing_for(source)
        rig.clock.advance(timedelta(seconds=30))
        rig.tell()
        assert [found.id for found in gathered(source, 1)] == [job.id]

    def test_a_failed_job_comes_again_when_it_is_due(self, rig: SourceRig) -> None:
        rig.add()
        rig.tell()
        source = rig.source("w")
        [job] = gathered(source, 1)
        again_at = rig.clock.now() + timedelta(seconds=2)
        assert rig.platform.fail_job(job, error="away", again_at=again_at)
        rig.tell()
        assert nothing_for(source)
        rig.clock.advance(timedelta(seconds=2))
        rig.tell()
        [again] = gathered(source, 1)
        assert (again.id, again.attempts) == (job.id, 2)

    def test_a_worker_of_a_queue_gets_its_jobs_alone(self, rig: SourceRig) -> None:
        slow = [rig.add(f"{SLOW}.render").id for _ in range(3)]
        quick = rig.add(f"{QUICK}.pay")
        rig.tell()
        source = rig.source("w", [QUICK])
        assert [job.id for job in gathered(source, 1)] == [quick.id]
        rig.clock.advance(rig.overdue)
        assert nothing_for(source)
        assert {job.id for job in gathered(rig.source("x", [SLOW]), 3)} == set(slow)

    def test_what_a_dead_worker_held_comes_to_another(self, rig: SourceRig) -> None:
        job = rig.add()
        rig.tell()
        dead = rig.source("dead")
        [held] = gathered(dead, 1)
        dead.close()
        other = rig.source("other")
        assert nothing_for(other)
        rig.clock.advance(timedelta(seconds=60) + rig.overdue)
        [again] = gathered(other, 1)
        assert (again.id, again.attempts) == (job.id, 2)
        assert not rig.platform.finish_job(held)

    def test_what_a_worker_had_heard_of_and_not_claimed_comes_to_another(
        self, rig: SourceRig
    ) -> None:
        added = {rig.add().id for _ in range(5)}
        rig.tell()
        first = rig.source("first")
        [held] = gathered(first, 1, limit=1)
        first.close()
        rest = gathered(rig.source("second"), 4)
        assert {job.id for job in rest} == added - {held.id}

    def test_a_job_that_nobody_told_of_is_found(self, rig: SourceRig) -> None:
        source = rig.source("w")
        assert nothing_for(source)
        job = rig.add()
        rig.clock.advance(rig.overdue)
        assert [found.id for found in gathered(source, 1)] == [job.id]

    def test_a_job_that_nobody_told_of_is_found_while_others_keep_coming(
        self, rig: SourceRig
    ) -> None:
        lost = rig.add()
        rig.platform.queue_jobs(limit=9, now=rig.clock.now())  # a relay marked it, and died
        rig.clock.advance(rig.overdue)
        source = rig.source("w")
        found: set[JobId] = set()
        deadline = time.monotonic() + PATIENCE_S
        while lost.id not in found and time.monotonic() < deadline:
            for _ in range(3):
                rig.add(due_at=rig.clock.now())
            rig.tell()
            found |= {job.id for job in source.claim(2, wait_s=0.1)}
        assert lost.id in found

    def test_a_job_that_was_told_of_twice_is_run_once(self, rig: SourceRig) -> None:
        job = rig.add()
        for _ in range(3):
            rig.tell()
            rig.platform.unqueue_jobs([job.id])
        source = rig.source("w")
        [held] = gathered(source, 1)
        assert nothing_for(source)
        rig.platform.finish_job(held)
        rig.tell()
        rig.clock.advance(rig.overdue)
        assert nothing_for(source)

    def test_a_wait_ends_when_it_is_woken(self, rig: SourceRig) -> None:
        source = rig.source("w")
        asked = threading.Event()

        def wait() -> None:
            asked.set()
            source.claim(0, wait_s=10 * PATIENCE_S)

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        assert asked.wait(PATIENCE_S)
        source.wake()
        waiting.join(PATIENCE_S)
        assert not waiting.is_alive()
