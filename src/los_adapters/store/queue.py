"""The queue and the calendar of runs, in SQL: claims with leases, proofs of the claim.

A claim is one UPDATE. On PostgreSQL it skips rows that another worker is claiming; on SQLite the
write lock, taken at the transaction's beginning, does the same. Finishing proves the lease, so a
worker that lost it changes nothing. Source: reliability design §3 and §21, decision D8.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Update,
    and_,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.engine import inserting
from los_adapters.store.once import JobState
from los_core.domain.ids import BrandId, JobId
from los_core.domain.work import Due, Job, Run
from los_core.ports.work import Backlog, Which

_job = tables.job.c
_slot = tables.slot.c
_read_job = rows.plain(Job)


def claim_jobs(
    connection: Connection,
    *,
    limit: int,
    now: datetime,
    lease_s: float,
    lease: str,
    which: Which,
) -> list[Job]:
    """Lease due jobs under the proof `lease`; the oldest first."""
    new = {
        "state": JobState.RUNNING,
        "attempts": _job.attempts + 1,
        "lease": lease,
        "lease_until": now + timedelta(seconds=lease_s),
    }
    where = [_due(now if which.due_by is None else which.due_by)]
    if which.kinds is not None:
        where.append(_job.kind.in_(which.kinds))
    if which.ids is not None:
        where.append(_job.id.in_(which.ids))
    claim = _oldest(where, limit).values(**new).returning(tables.job)
    claimed = [_read_job(row) for row in connection.execute(claim).mappings()]
    return sorted(claimed, key=lambda job: (job.due_at, job.id))


def release(connection: Connection, leases: Collection[str]) -> None:
    """Make ready what claims took whose answer never came, if they took anything."""
    if leases:
        query = update(tables.job).where(_job.state == JobState.RUNNING, _job.lease.in_(leases))
        new = {"state": JobState.READY, "lease": "", "lease_until": None, "queued": False}
        connection.execute(query.values(**new))


def queue_jobs(connection: Connection, *, limit: int, now: datetime) -> list[Due]:
    """Mark due jobs as queued that were not; the oldest first."""
    fresh = [_job.state == JobState.READY, ~_job.queued, _job.due_at <= now]
    mark = _oldest(fresh, limit).values(queued=True).returning(_job.due_at, _job.id, _job.kind)
    marked = sorted(tuple(row) for row in connection.execute(mark))
    return [Due(JobId(job_id), kind) for _, job_id, kind in marked]


def unqueue_jobs(connection: Connection, ids: Collection[JobId]) -> None:
    """Forget that jobs were queued."""
    query = update(tables.job).where(_job.id.in_(ids), _job.queued).values(queued=False)
    connection.execute(query)


def finish_jobs(connection: Connection, jobs: Sequence[Job]) -> set[JobId]:
    """Mark done; return those whose lease was not lost."""
    query = (
        update(tables.job)
        .where(
            _job.brand_id.in_({job.brand_id for job in jobs}),
            tuple_(_job.id, _job.lease).in_([(job.id, job.lease) for job in jobs]),
            _job.state == JobState.RUNNING,
        )
        .values(state=JobState.DONE, lease="", lease_until=None)
        .returning(_job.id)
    )
    return {JobId(job_id) for job_id in connection.execute(query).scalars()}


def fail_job(
    connection: Connection, job: Job, *, error: str, again_at: datetime | None, dead: bool
) -> bool:
    """Give back, or bury; False if the lease was lost."""
    new: dict[str, Any] = {
        "state": JobState.READY,
        "last_error": error,
        "due_at": again_at or job.due_at,
        "queued": False,
    }
    if dead or again_at is None:
        new["state"] = JobState.DEAD
    return _end_lease(connection, job, new)


def idle(connection: Connection, now: datetime) -> bool:
    """Whether no job is due or running."""
    busy = or_(
        _job.state == JobState.RUNNING, and_(_job.state == JobState.READY, _job.due_at <= now)
    )
    return connection.execute(select(_job.id).where(busy).limit(1)).first() is None


def backlog(connection: Connection, now: datetime) -> Sequence[Backlog]:
    """Return what is due and what is buried, by kind."""
    due = and_(_job.state == JobState.READY, _job.due_at <= now)
    buried = _job.state == JobState.DEAD
    query = (
        select(
            _job.kind,
            func.count().filter(due),
            func.min(_job.due_at).filter(due),
            func.count().filter(buried),
        )
        .where(or_(due, buried))
        .group_by(_job.kind)
        .order_by(_job.kind)
    )
    return [
        Backlog(kind=kind, due=waiting, since=since, buried=dead)
        for kind, waiting, since, dead in connection.execute(query)
    ]


def dead_letters(connection: Connection) -> Sequence[Job]:
    """Return the buried jobs, by id."""
    query = select(tables.job).where(_job.state == JobState.DEAD).order_by(_job.id)
    return [_read_job(row) for row in connection.execute(query).mappings()]


def replay_job(connection: Connection, job_id: JobId, now: datetime) -> bool:
    """Make a dead letter due again; False if it is none."""
    query = (
        update(tables.job)
        .where(_job.id == job_id, _job.state == JobState.DEAD)
        .values(state=JobState.READY, attempts=0, due_at=now, queued=False)
    )
    return connection.execute(query).rowcount == 1


def workers(connection: Connection) -> Sequence[str]:
    """Return who has jobs or runs claimed; a job's lease is "worker:proof"."""
    leases = connection.execute(select(_job.lease).where(_job.state == JobState.RUNNING)).scalars()
    runs = connection.execute(select(_slot.worker).where(_slot.finished_at.is_(None))).scalars()
    return sorted({lease.rpartition(":")[0] for lease in leases} | set(runs))


def give_back(connection: Connection, worker: str, *, now: datetime) -> int:
    """Make a dead worker's jobs ready and its runs claimable."""
    jobs = (
        update(tables.job)
        .where(_job.state == JobState.RUNNING, _job.lease.startswith(f"{worker}:", autoescape=True))
        .values(state=JobState.READY, lease="", lease_until=None, queued=False)
    )
    runs = (
        update(tables.slot)
        .where(_slot.finished_at.is_(None), _slot.worker == worker, _slot.lease_until > now)
        .values(lease_until=now)
    )
    return connection.execute(jobs).rowcount + connection.execute(runs).rowcount


def claim_slot(
    connection: Connection,
    brand_id: BrandId,
    task: str,
    slot: datetime,
    *,
    now: datetime,
    worker: str,
    lease_s: float,
) -> Run | None:
    """Insert the run, or take over one whose lease ran out unfinished, in one statement."""
    claim = {"lease_until": now + timedelta(seconds=lease_s), "worker": worker}
    first = inserting(connection, tables.slot).values(
        brand_id=brand_id, task=task, slot=slot, fence=1, **claim
    )
    query = first.on_conflict_do_update(
        index_elements=["brand_id", "task", "slot"],
        set_={**claim, "fence": _slot.fence + 1},
        where=and_(_slot.finished_at.is_(None), _slot.lease_until <= now),
    ).returning(_slot.fence)
    fence = connection.execute(query).scalar()
    if fence is None:
        return None
    return Run(brand_id=brand_id, task=task, slot=slot, fence=fence, lease_s=lease_s)


def hold_slot(connection: Connection, run: Run, *, now: datetime) -> bool:
    """Renew the lease, and keep others from the row until the commit; False if it is lost."""
    query = (
        update(tables.slot)
        .where(*_own(run), _slot.finished_at.is_(None))
        .values(lease_until=now + timedelta(seconds=run.lease_s))
    )
    return connection.execute(query).rowcount == 1


def finish_slot(connection: Connection, run: Run, *, now: datetime) -> bool:
    """Mark a run as done, a second time too; False if it is another worker's by now."""
    query = (
        update(tables.slot)
        .where(*_own(run))
        .values(finished_at=func.coalesce(_slot.finished_at, now), worker="")
    )
    return connection.execute(query).rowcount == 1


def last_slot(connection: Connection, brand_id: BrandId, task: str) -> datetime | None:
    """Return the latest slot finished; None before the first."""
    query = select(func.max(_slot.slot)).where(
        _slot.brand_id == brand_id, _slot.task == task, _slot.finished_at.is_not(None)
    )
    return connection.execute(query).scalar()


def forget_slots(connection: Connection, brand_id: BrandId, task: str, *, before: datetime) -> int:
    """Delete a task's slots before an instant."""
    query = delete(tables.slot).where(
        _slot.brand_id == brand_id, _slot.task == task, _slot.slot < before
    )
    return connection.execute(query).rowcount


def _own(run: Run) -> tuple[ColumnElement[bool], ...]:
    return (
        _slot.brand_id == run.brand_id,
        _slot.task == run.task,
        _slot.slot == run.slot,
        _slot.fence == run.fence,
    )


def _oldest(where: Sequence[ColumnElement[bool]], limit: int) -> Update:
    """Return an update of the oldest rows that nobody else is taking."""
    due = (
        select(_job.brand_id, _job.id)
        .where(*where)
        .order_by(_job.due_at, _job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    return update(tables.job).where(_job.id.in_(select(due.c.id)))


def _due(now: datetime) -> ColumnElement[bool]:
    fresh = and_(_job.state == JobState.READY, _job.due_at <= now)
    abandoned = and_(_job.state == JobState.RUNNING, _job.lease_until <= now)
    return or_(fresh, abandoned)


def _end_lease(connection: Connection, job: Job, new: dict[str, Any]) -> bool:
    query = (
        update(tables.job)
        .where(
            _job.brand_id == job.brand_id,
            _job.id == job.id,
            _job.state == JobState.RUNNING,
            _job.lease == job.lease,
        )
        .values(lease="", lease_until=None, **new)
    )
    return connection.execute(query).rowcount == 1
