"""One run of one job: carry it out, then mark it done, give it back for later, or bury it.

How long to wait for another run depends on what went wrong, by the table below. What is kept of an
error is its class and code: a message may hold what a log must not. Who claims jobs, and how many
at a time, is the runner's business.
Source: reliability design §3.
"""

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import timedelta
from typing import Final, TypeVar

import attrs

from los_core.domain.errors import Busy, StoreAway
from los_core.domain.ids import JobId
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.errors import Unavailable
from los_core.ports.work import Platform

Handler = Callable[[Job], None]
TogetherHandler = Callable[[Sequence[Job]], None]
"""Carries out jobs of one kind and brand in one transaction, or none of them."""
T = TypeVar("T")

LEASE_S: Final = 60.0
"""How long a claimed job is its worker's: longer than any vendor's deadline."""
AWAY_S: Final = 0.5
"""Seconds between two reports to a store that is away."""
TOGETHER: Final = 3
"""Runs begun after which a job is no more run together with others."""
KILLED_TOO_OFTEN: Final = 25
"""Runs begun after which a job is buried unrun: it takes its process down with it."""

WAITS_S: Final[tuple[tuple[type[Exception], tuple[int, ...]], ...]] = (
    (Busy, (1, 2, 4, 8, 16, 32, 64)),
    (Unavailable, (2, 30, 60, 120, 240, 480, 960)),
    (Exception, (2, 30, 60, 120)),
)
"""Seconds before each further run, by kind of error, the first that fits; then it is buried."""


@attrs.frozen(kw_only=True)
class Attempt:
    """What became of a run: `error` None means done, `again_in` None with an error means buried."""

    job: Job
    error: Exception | None = None
    again_in: timedelta | None = None
    lost: bool = False
    """Our lease had run out: another worker has the job, and what it says counts."""


def run(
    job: Job,
    handlers: Mapping[str, Handler],
    *,
    platform: Platform,
    clock: Clock,
    jitter: Callable[[], float],
    pause: Callable[[float], None] = time.sleep,
) -> Attempt:
    """Run a claimed job and report it to the table.

    `jitter` returns the share of the waiting time to take, about 1, so that jobs that failed
    together do not come back together. While the store is away the report is tried again, with a
    `pause` between, as long as the lease may last: else the job would wait for its end.
    """
    error = _carried_out(job, handlers)
    if error is None:
        done = _reported(lambda: platform.finish_job(job), clock, pause)
        return Attempt(job=job, lost=not done)
    wait = waiting(error, job.attempts)
    again_in = None if wait is None else wait * jitter()
    held = _reported(
        lambda: platform.fail_job(
            job,
            error=told(error),
            again_at=None if again_in is None else clock.now() + again_in,
            dead=again_in is None,
        ),
        clock,
        pause,
    )
    return Attempt(job=job, error=error, again_in=again_in, lost=not held)


def run_together(
    jobs: Sequence[Job],
    handler: TogetherHandler,
    *,
    platform: Platform,
    clock: Clock,
    jitter: Callable[[], float],
    pause: Callable[[float], None] = time.sleep,
) -> list[Attempt]:
    """Run claimed jobs of one kind and brand as one, and report them; by halves where that fails.

    So the one that fails is alone in the end, with its own runs and its own grave, and the others
    are done. Those that were run more than `TOGETHER` times run alone at once: what takes its
    process down with it takes no others along. Each run may be the second of a job whose lease ran
    out: the handler acts once.
    """

    def alone(job: Job) -> Attempt:
        one = {job.kind: lambda job: handler([job])}
        return run(job, one, platform=platform, clock=clock, jitter=jitter, pause=pause)

    def finished(done: Sequence[Job]) -> Collection[JobId]:
        return _reported(lambda: platform.finish_jobs(done), clock, pause)

    apart = [alone(job) for job in jobs if job.attempts > TOGETHER]
    rest = [job for job in jobs if job.attempts <= TOGETHER]
    return apart + _halved(rest, handler, alone, finished)


def _halved(
    jobs: Sequence[Job],
    handler: TogetherHandler,
    alone: Callable[[Job], Attempt],
    finished: Callable[[Sequence[Job]], Collection[JobId]],
) -> list[Attempt]:
    if len(jobs) < 2:
        return [alone(job) for job in jobs]
    try:
        handler(jobs)
    except Exception:  # noqa: BLE001 # the edge: whose error it is shows when it is alone
        middle = len(jobs) // 2
        halves = (jobs[:middle], jobs[middle:])
        return [each for half in halves for each in _halved(half, handler, alone, finished)]
    held = finished(jobs)
    return [Attempt(job=job, lost=job.id not in held) for job in jobs]


def waiting(error: Exception, attempts: int) -> timedelta | None:
    """Return the time until another run after `attempts` runs; None: there is none.

    A vendor that says when to come back is not asked earlier.
    """
    waits = next(waits for kind, waits in WAITS_S if isinstance(error, kind))
    if attempts > len(waits):
        return None
    asked = getattr(error, "retry_after_s", None) or 0
    return timedelta(seconds=max(waits[attempts - 1], asked))


def told(error: Exception) -> str:
    """Return what may be kept of an error: its class and its code."""
    code = getattr(error, "code", "")
    return (
        f"{type(error).__name__} {code}".strip() if isinstance(code, str) else type(error).__name__
    )


def _reported(report: Callable[[], T], clock: Clock, pause: Callable[[float], None]) -> T:
    """Report to the table; return what it says. Raises: StoreAway: for longer than a lease."""
    until = clock.now() + timedelta(seconds=LEASE_S)
    while True:
        try:
            return report()
        except StoreAway:
            if clock.now() >= until:
                raise
        pause(AWAY_S)


class _KilledTooOften(Exception):
    """A job whose runs end with their process."""


def _carried_out(job: Job, handlers: Mapping[str, Handler]) -> Exception | None:
    if job.attempts > KILLED_TOO_OFTEN:
        return _KilledTooOften()
    try:
        handlers[job.kind](job)
    except Exception as error:  # noqa: BLE001 # the edge: a job must not take its worker down
        return error
    return None
