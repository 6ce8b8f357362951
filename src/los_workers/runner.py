"""Running jobs until told to stop: in a few threads, or many of a kind as one.

A runner's one thread asks the source for only as many jobs as have a thread free, so that a claimed
job begins at once and its lease covers its run. A gatherer claims hundreds, of kinds that are done
in one transaction (`Services.together`). What is under way when a stop is asked for is finished;
what is not begun was never claimed. Nothing is kept in memory: a killed runner's jobs come back
when their leases run out, or with the next worker of its machine (`presence`). How a run is
reported is in `los_adapters.jobs.attempts`, where jobs come from in its neighbours.
"""

import random
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Final

import structlog

from los_adapters.jobs import attempts
from los_adapters.jobs.attempts import Attempt, Handler, TogetherHandler
from los_core.domain.ids import BrandId
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.jobs import JobSource
from los_core.ports.work import Platform

POLL_S: Final = 0.1
TROUBLE_S: Final = 1.0
DRAIN_S: Final = 25.0
THREADS: Final = 4
MOST: Final = 256
"""Jobs of a batch: more would hold their loans for longer than others wait for a lock."""

_log = structlog.get_logger(__name__)


class Runner:
    """Runs the jobs of a source, of every brand."""

    def __init__(
        self,
        source: JobSource,
        platform: Platform,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        threads: int = THREADS,
        poll_s: float = POLL_S,
    ) -> None:
        self._source = source
        self._platform = platform
        self._handlers = handlers
        self._clock = clock
        self._poll_s = poll_s
        self._threads = threads
        self._stopping = threading.Event()

    def run(self) -> bool:
        """Work until `stop`; False if runs were still under way when the drain's time was over."""
        pool = ThreadPoolExecutor(self._threads, thread_name_prefix="job")
        under_way: set[Future[None]] = set()
        try:
            while not self._stopping.is_set():
                under_way = {future for future in under_way if not future.done()}
                free = self._threads - len(under_way)
                claimed = _claimed(self._source, free, self._poll_s, self._stopping)
                under_way |= {pool.submit(self._run, job) for job in claimed}
            late = wait(under_way, timeout=DRAIN_S).not_done
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self._source.close()
        if late:
            _log.warning("jobs.left", count=len(late))
        return not late

    def stop(self) -> None:
        """Claim no more, and have `run` return when what is under way is finished."""
        self._stopping.set()
        self._source.wake()

    def _run(self, job: Job) -> None:
        try:
            done = attempts.run(
                job,
                self._handlers,
                platform=self._platform,
                clock=self._clock,
                jitter=_jitter,
            )
        except Exception as error:  # noqa: BLE001 # the edge: its lease brings the job back
            _log.error("job.report", job=str(job.id), kind=job.kind, error=attempts.told(error))
            return
        finally:
            self._source.wake()
        _tell(done)


class Gatherer:
    """Runs the jobs of a source many at a time, those of a kind and a brand as one.

    One batch at a time: batches of a brand would only wait for each other.
    """

    def __init__(
        self,
        source: JobSource,
        platform: Platform,
        handlers: Mapping[str, TogetherHandler],
        clock: Clock,
        *,
        most: int = MOST,
        poll_s: float = POLL_S,
    ) -> None:
        """`most` is how many jobs are claimed at once."""
        self._source = source
        self._platform = platform
        self._handlers = handlers
        self._clock = clock
        self._most = most
        self._poll_s = poll_s
        self._stopping = threading.Event()

    def run(self) -> bool:
        """Work until `stop`; what is claimed by then is finished."""
        try:
            while not self._stopping.is_set():
                claimed = _claimed(self._source, self._most, self._poll_s, self._stopping)
                for alike in _alike(claimed):
                    self._run(alike)
        finally:
            self._source.close()
        return True

    def stop(self) -> None:
        """Claim no more, and have `run` return when the present batch is finished."""
        self._stopping.set()
        self._source.wake()

    def _run(self, jobs: Sequence[Job]) -> None:
        try:
            done = attempts.run_together(
                jobs,
                self._handlers[jobs[0].kind],
                platform=self._platform,
                clock=self._clock,
                jitter=_jitter,
            )
        except Exception as error:  # noqa: BLE001 # the edge: their leases bring the jobs back
            _log.error("job.report", kind=jobs[0].kind, count=len(jobs), error=attempts.told(error))
            return
        for attempt in done:
            _tell(attempt)


def _alike(jobs: Sequence[Job]) -> list[list[Job]]:
    """Return jobs by kind and brand, in the order in which each began to be due."""
    found: dict[tuple[str, BrandId], list[Job]] = {}
    for job in jobs:
        found.setdefault((job.kind, job.brand_id), []).append(job)
    return list(found.values())


def _claimed(
    source: JobSource, limit: int, wait_s: float, stopping: threading.Event
) -> Sequence[Job]:
    try:
        return source.claim(limit, wait_s=wait_s)
    except Exception as error:  # noqa: BLE001 # the edge: a lost database comes back
        _log.error("jobs.claim", error=attempts.told(error))
        stopping.wait(TROUBLE_S)
        return ()


def _jitter() -> float:
    return random.uniform(0.75, 1.25)  # noqa: S311 # it spreads load, it guards nothing


def _tell(done: Attempt) -> None:
    job = done.job
    log = _log.bind(job=str(job.id), kind=job.kind, brand=str(job.brand_id), run=job.attempts)
    if done.lost:
        log.warning("job.lost")
    elif done.error is None:
        log.info("job.done")
    elif done.again_in is None:
        log.error("job.buried", error=attempts.told(done.error), where=_where(done.error))
    else:
        again_s = round(done.again_in.total_seconds(), 1)
        log.warning(
            "job.again", error=attempts.told(done.error), again_s=again_s, where=_where(done.error)
        )


def _where(error: Exception) -> str:
    """Return the place the error was raised at: lines of code hold no personal data."""
    trace = error.__traceback__
    if trace is None:
        return ""
    while trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
