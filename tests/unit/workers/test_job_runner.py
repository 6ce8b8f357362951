"""The runner: jobs side by side, finished before it ends, and back when it was killed."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from los_adapters.container import InMemory
from los_adapters.jobs.table import TableSource
from los_core.domain.ids import BrandId
from los_core.domain.work import Job
from los_core.services import jobs as names
from los_core.services.jobs import later
from los_workers.jobs import handlers, kinds, together
from los_workers.runner import Gatherer, Runner

BRAND = BrandId(UUID(int=1))
PATIENCE_S = 10


def _add(memory: InMemory, *keys: str) -> None:
    with memory.services.begin(BRAND) as uow:
        for key in keys:
            later(uow, "k", key, clock=memory.clock, entropy=memory.entropy, payload={"n": key})


@contextmanager
def _running(memory: InMemory, does: Callable[[Job], None], threads: int = 2) -> Iterator[Runner]:
    platform = memory.services.platform
    source = TableSource(platform, memory.clock, worker="runner")
    runner = Runner(source, platform, {"k": does}, memory.clock, threads=threads, poll_s=0.01)
    whole: list[bool] = []
    thread = threading.Thread(target=lambda: whole.append(runner.run()))
    thread.start()
    try:
        yield runner
    finally:
        runner.stop()
        thread.join(PATIENCE_S)
    assert whole == [True]


def test_every_job_runs_once(memory: InMemory) -> None:
    keys = [f"job-{n}" for n in range(20)]
    _add(memory, *keys)
    ran: list[str] = []
    done = threading.Event()

    def does(job: Job) -> None:
        ran.append(job.key)
        if len(ran) == len(keys):
            done.set()

    with _running(memory, does):
        assert done.wait(PATIENCE_S)
    assert sorted(ran) == sorted(keys)
    assert memory.services.platform.idle(memory.clock.now())


def test_jobs_run_side_by_side(memory: InMemory) -> None:
    _add(memory, "a", "b")
    both = threading.Barrier(2, timeout=PATIENCE_S)
    met = threading.Semaphore(0)

    def does(_: Job) -> None:
        both.wait()
        met.release()

    with _running(memory, does):
        assert met.acquire(timeout=PATIENCE_S)
        assert met.acquire(timeout=PATIENCE_S)


def test_what_is_under_way_is_finished_before_the_runner_ends(memory: InMemory) -> None:
    _add(memory, "a")
    begun, go = threading.Event(), threading.Event()
    finished: list[str] = []

    def does(job: Job) -> None:
        begun.set()
        assert go.wait(PATIENCE_S)
        finished.append(job.key)

    with _running(memory, does) as runner:
        assert begun.wait(PATIENCE_S)
        runner.stop()
        go.set()
    assert finished == ["a"]
    assert memory.services.platform.idle(memory.clock.now())


def test_no_more_is_claimed_than_has_a_thread(memory: InMemory) -> None:
    _add(memory, "a", "b", "c")
    begun, go = threading.Event(), threading.Event()

    def does(_: Job) -> None:
        begun.set()
        assert go.wait(PATIENCE_S)

    with _running(memory, does, threads=1) as runner:
        assert begun.wait(PATIENCE_S)
        unclaimed = memory.services.platform.claim_jobs(
            limit=9, now=memory.clock.now(), lease_s=60, worker="another"
        )
        runner.stop()
        go.set()
    assert [job.key for job in unclaimed] == ["b", "c"]


def test_a_job_that_fails_does_not_end_the_runner(memory: InMemory) -> None:
    _add(memory, "bad", "good")
    good = threading.Event()

    def does(job: Job) -> None:
        if job.key == "bad":
            raise RuntimeError("bug")
        good.set()

    with _running(memory, does, threads=1):
        assert good.wait(PATIENCE_S)


def test_every_kind_of_job_that_is_asked_for_has_somebody(memory: InMemory) -> None:
    assert set(handlers(memory.services)) == kinds()
    assert names.DECIDE in kinds()


def test_the_table_of_queues_names_kinds_that_there_are() -> None:
    assert set(names.QUEUES) <= kinds()
    assert names.queue_of("made.tomorrow") == names.GENERAL
    assert {names.queue_of(kind) for kind in kinds()} <= set(names.queues())


def test_every_kind_of_the_inbox_is_run_together_and_no_other(memory: InMemory) -> None:
    assert set(together(memory.services)) == {
        kind for kind in kinds() if names.queue_of(kind) == names.INBOX
    }
    assert names.queue_of(names.APPLY_WEBHOOK) == names.INBOX


def test_jobs_are_gathered_by_kind_and_brand(memory: InMemory) -> None:
    theirs = BrandId(UUID(int=2))
    for brand_id in (BRAND, theirs):
        with memory.services.begin(brand_id) as uow:
            for n in range(6):
                kind = f"k{n % 2}"
                later(uow, kind, f"{n}", clock=memory.clock, entropy=memory.entropy, payload={})
    batches: list[tuple[set[tuple[str, BrandId]], int]] = []
    done = threading.Event()

    def does(jobs: Sequence[Job]) -> None:
        batches.append(({(job.kind, job.brand_id) for job in jobs}, len(jobs)))
        if sum(size for _, size in batches) == 12:
            done.set()

    with _gathering(memory, does, most=99):
        assert done.wait(PATIENCE_S)
    assert sorted(size for _, size in batches) == [3, 3, 3, 3]
    assert all(len(alike) == 1 for alike, _ in batches)
    assert memory.services.platform.idle(memory.clock.now())


def test_no_more_is_gathered_than_a_batch_holds(memory: InMemory) -> None:
    _add(memory, *(f"job-{n}" for n in range(10)))
    sizes: list[int] = []
    done = threading.Event()

    def does(jobs: Sequence[Job]) -> None:
        sizes.append(len(jobs))
        if sum(sizes) == 10:
            done.set()

    with _gathering(memory, does, most=4):
        assert done.wait(PATIENCE_S)
    assert sizes == [4, 4, 2]


def test_a_batch_under_way_is_finished_before_the_gatherer_ends(memory: InMemory) -> None:
    _add(memory, "a", "b", "c")
    begun, go = threading.Event(), threading.Event()

    def does(_: Sequence[Job]) -> None:
        begun.set()
        assert go.wait(PATIENCE_S)

    with _gathering(memory, does, most=2) as gatherer:
        assert begun.wait(PATIENCE_S)
        gatherer.stop()
        go.set()
    [left] = memory.services.platform.claim_jobs(
        limit=9, now=memory.clock.now(), lease_s=60, worker="another"
    )
    assert left.key == "c"


@contextmanager
def _gathering(
    memory: InMemory, does: Callable[[Sequence[Job]], None], *, most: int
) -> Iterator[Gatherer]:
    platform = memory.services.platform
    source = TableSource(platform, memory.clock, worker="gatherer")
    table = dict.fromkeys(("k", "k0", "k1"), does)
    gatherer = Gatherer(source, platform, table, memory.clock, most=most, poll_s=0.01)
    whole: list[bool] = []
    thread = threading.Thread(target=lambda: whole.append(gatherer.run()))
    thread.start()
    try:
        yield gatherer
    finally:
        gatherer.stop()
        thread.join(PATIENCE_S)
    assert whole == [True]
