"""What belongs to no single brand, in memory: brands, staff, sessions, providers, queue, runs."""
# ruff: noqa: D102 - what each method does is said by its port

import functools
from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Concatenate, ParamSpec, TypeVar
from uuid import UUID

import attrs

from los_adapters.store.memory import credentials
from los_adapters.store.memory.desk import finish, tell
from los_adapters.store.memory.notifications import MemoryMailbox
from los_adapters.store.memory.shelves import JobRow, Shelves, SlotRow, parent, save, stale
from los_adapters.store.once import GENERATION, JobState
from los_core.domain.brand import Brand, Settings
from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId, JobId, StaffId
from los_core.domain.staff import Guess, SecureCode, Session, Staff
from los_core.domain.work import AuditEvent, Due, Job, Run
from los_core.ports.entropy import Entropy
from los_core.ports.work import ANY, Backlog, ProviderRow, Which

P = ParamSpec("P")
R = TypeVar("R")


def _writes(
    method: "Callable[Concatenate[MemoryPlatform, P], R]",
) -> "Callable[Concatenate[MemoryPlatform, P], R]":
    """Run a method as a transaction of its own."""

    def wrapped(self: "MemoryPlatform", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.transaction():
            return method(self, *args, **kwargs)

    return functools.update_wrapper(wrapped, method)


def _reads(
    method: "Callable[Concatenate[MemoryPlatform, P], R]",
) -> "Callable[Concatenate[MemoryPlatform, P], R]":
    """Run a method when no other thread is writing."""

    def wrapped(self: "MemoryPlatform", /, *args: P.args, **kwargs: P.kwargs) -> R:
        with self.held():
            return method(self, *args, **kwargs)

    return functools.update_wrapper(wrapped, method)


@attrs.frozen
class MemoryPlatform:
    """Brands, staff, sessions, providers, jobs and runs."""

    shelves: Shelves
    transaction: Callable[[], AbstractContextManager[object]]
    held: Callable[[], AbstractContextManager[object]]
    entropy: Entropy

    @property
    def mailbox(self) -> MemoryMailbox:
        return MemoryMailbox(self.shelves, self.transaction, self.held)

    @_reads
    def brands(self) -> Sequence[Brand]:
        return sorted(self.shelves.brands.of(), key=lambda brand: brand.code)

    @_reads
    def brand(self, brand_id: BrandId) -> Brand | None:
        return self.shelves.brands.get(brand_id)

    @_reads
    def brand_by_code(self, code: str) -> Brand | None:
        found = self.shelves.brands.of(where=lambda brand: brand.code == code)
        return found[0] if found else None

    @_reads
    def brand_at(self, subdomain: str) -> Brand | None:
        found = self.shelves.brands.of(where=lambda brand: brand.subdomain == subdomain)
        return found[0] if found else None

    @_writes
    def add_brand(self, brand: Brand, settings: Settings) -> None:
        if self.brand_by_code(brand.code) is not None:
            raise Conflict("a brand with this code exists", code="BRAND_CODE_TAKEN")
        if brand.subdomain is not None and self.brand_at(brand.subdomain) is not None:
            raise Conflict("a brand with this subdomain exists", code="SUBDOMAIN_TAKEN")
        assert self.shelves.brands.add(brand, brand.id)
        self.shelves.settings.put(settings, brand.id)

    @_reads
    def generation(self, brand_id: BrandId) -> int:
        return self.shelves.numbers.get(brand_id, GENERATION) or 0

    @_reads
    def staff(self, staff_id: StaffId) -> Staff | None:
        return self.shelves.staff.get(staff_id)

    @_reads
    def staff_by_email(self, email: str) -> Staff | None:
        found = self.shelves.staff.of(where=lambda staff: staff.email.reveal() == email)
        return found[0] if found else None

    @_reads
    def staff_of(self, brand_id: BrandId | None) -> Sequence[Staff]:
        found = self.shelves.staff.of(
            where=lambda staff: brand_id is None or brand_id in staff.brands
        )
        return sorted(found, key=lambda staff: (staff.name, staff.id))

    @_writes
    def add_staff(self, staff: Staff, *, trail: Sequence[AuditEvent] = ()) -> None:
        for brand_id in staff.brands:
            parent(self.shelves.brands, brand_id)
        if self.staff_by_email(staff.email.reveal()) is not None:
            raise Conflict("this e-mail address is taken", code="EMAIL_TAKEN")
        assert self.shelves.staff.add(staff, staff.id)
        self._trail(trail)

    @_writes
    def save_staff(self, staff: Staff, *, trail: Sequence[AuditEvent] = ()) -> None:
        save(self.shelves.staff, staff, staff.id)
        self._trail(trail)

    @_writes
    def count_failure(self, staff_id: StaffId, *, limit: int, lock_until: datetime) -> None:
        staff = self.shelves.staff.get(staff_id)
        if staff is None:
            return
        staff.failures += 1
        staff.version += 1
        if staff.failures >= limit:
            staff.locked_until = lock_until
        self.shelves.staff.put(staff, staff_id)

    @_writes
    def add_session(self, session: Session) -> None:
        if session.staff_id is not None:
            parent(self.shelves.staff, session.staff_id)
        if session.customer_id is not None:
            parent(self.shelves.customers, session.brand_id, session.customer_id)
        assert self.shelves.sessions.add(session, session.id)

    @_reads
    def session(self, session_id: UUID) -> Session | None:
        return self.shelves.sessions.get(session_id)

    @_reads
    def session_by_token(self, token_hash: str) -> Session | None:
        found = self.shelves.sessions.of(
            where=lambda each: token_hash in (each.token_hash, each.previous_hash)
        )
        return found[0] if found and token_hash else None

    @_writes
    def rotate(
        self, session_id: UUID, *, old_hash: str, new_hash: str, at: datetime, expires_at: datetime
    ) -> bool:
        session = self.shelves.sessions.get(session_id)
        if session is None or session.token_hash != old_hash or session.revoked_at is not None:
            return False
        session.previous_hash, session.token_hash = old_hash, new_hash
        session.rotated_at, session.expires_at = at, expires_at
        self.shelves.sessions.put(session, session_id)
        return True

    @_writes
    def revoke(self, session_id: UUID, at: datetime) -> None:
        session = self.shelves.sessions.get(session_id)
        if session is not None and session.revoked_at is None:
            session.revoked_at = at
            self.shelves.sessions.put(session, session_id)

    @_reads
    def sessions_of(self, staff_id: StaffId, at: datetime) -> Sequence[Session]:
        return credentials.sessions_of(self.shelves, staff_id, at)

    @_reads
    def alive(self, sessions: Collection[UUID], at: datetime) -> set[UUID]:
        known = self.shelves.sessions.of(where=lambda session: session.id in sessions)
        return {session.id for session in known if session.alive(at)}

    @_writes
    def revoke_all(self, staff_id: StaffId, at: datetime, *, but: UUID | None = None) -> None:
        credentials.revoke_all(self.shelves, staff_id, at, but=but)

    @_writes
    def add_secure_code(self, code: SecureCode) -> None:
        credentials.add_secure_code(self.shelves, code)

    @_reads
    def secure_code(self, code_id: UUID) -> SecureCode | None:
        return self.shelves.secure_codes.get(code_id)

    @_reads
    def latest_secure_code(self, staff_id: StaffId) -> SecureCode | None:
        return credentials.latest_secure_code(self.shelves, staff_id)

    @_writes
    def try_secure_code(self, code_id: UUID, *, right: bool, at: datetime, limit: int) -> Guess:
        return credentials.try_secure_code(self.shelves, code_id, right=right, at=at, limit=limit)

    @_reads
    def provider_rows(self, brand_id: BrandId, port: str) -> Sequence[ProviderRow]:
        found = self.shelves.providers.of(brand_id, port)
        return sorted(found, key=lambda row: (not row.is_primary, row.name))

    @_reads
    def providers(self, brand_id: BrandId) -> Sequence[ProviderRow]:
        found = self.shelves.providers.of(brand_id)
        return sorted(found, key=lambda row: (row.port, not row.is_primary, row.name))

    @_writes
    def save_provider(
        self, row: ProviderRow, *, seen: int | None = None, trail: Sequence[AuditEvent] = ()
    ) -> None:
        before = self.shelves.providers.get(row.brand_id, row.port, row.name)
        version = before.version if before else 0
        if seen is not None and version != seen:
            raise stale(version)
        self._trail(trail)
        if row.is_primary:
            for other in self.shelves.providers.of(row.brand_id, row.port):
                demoted = attrs.evolve(other, is_primary=False)
                self.shelves.providers.put(demoted, row.brand_id, row.port, other.name)
        kept = self.shelves.providers.get(row.brand_id, row.port, row.name)
        new = attrs.evolve(row, version=kept.version + 1 if kept else 1)
        self.shelves.providers.put(new, row.brand_id, row.port, row.name)

    @_writes
    def claim_jobs(
        self, *, limit: int, now: datetime, lease_s: float, worker: str, which: Which = ANY
    ) -> list[Job]:
        due_by = now if which.due_by is None else which.due_by
        due = [row for row in self._by_age() if _is_due(row, due_by) and _is_wanted(row.job, which)]
        claimed = []
        for row in due[:limit]:
            lease = f"{worker}:{self.entropy.uuid()}"
            row.job = attrs.evolve(row.job, attempts=row.job.attempts + 1, lease=lease)
            row.state, row.lease_until = JobState.RUNNING, now + timedelta(seconds=lease_s)
            self._put_job(row)
            claimed.append(row.job)
        return claimed

    @_writes
    def queue_jobs(self, *, limit: int, now: datetime) -> list[Due]:
        fresh = [
            row
            for row in self._by_age()
            if row.state is JobState.READY and not row.queued and row.job.due_at <= now
        ][:limit]
        for row in fresh:
            row.queued = True
            self._put_job(row)
        return [Due(row.job.id, row.job.kind) for row in fresh]

    @_writes
    def unqueue_jobs(self, ids: Collection[JobId]) -> None:
        for row in self.shelves.jobs.of(where=lambda row: row.job.id in ids):
            row.queued = False
            self._put_job(row)

    def finish_job(self, job: Job) -> bool:
        return bool(self.finish_jobs([job]))

    @_writes
    def finish_jobs(self, jobs: Sequence[Job]) -> Collection[JobId]:
        held = [row for job in jobs if (row := self._leased(job)) is not None]
        for row in held:
            row.state, row.lease_until = JobState.DONE, None
            row.job = attrs.evolve(row.job, lease="")
            self._put_job(row)
        return {row.job.id for row in held}

    @_writes
    def fail_job(
        self, job: Job, *, error: str, again_at: datetime | None, dead: bool = False
    ) -> bool:
        row = self._leased(job)
        if row is None:
            return False
        buried = dead or again_at is None
        row.state, row.lease_until = JobState.DEAD if buried else JobState.READY, None
        row.queued = False
        row.job = attrs.evolve(
            row.job, lease="", last_error=error, due_at=again_at or row.job.due_at
        )
        self._put_job(row)
        return True

    @_reads
    def idle(self, now: datetime) -> bool:
        return not any(
            row.state is JobState.RUNNING or (row.state is JobState.READY and row.job.due_at <= now)
            for row in self.shelves.jobs.peek()
        )

    @_reads
    def backlog(self, now: datetime) -> Sequence[Backlog]:
        found: dict[str, Backlog] = {}
        for row in self.shelves.jobs.peek():
            known = found.get(row.job.kind, Backlog(kind=row.job.kind))
            if row.state is JobState.DEAD:
                found[row.job.kind] = attrs.evolve(known, buried=known.buried + 1)
            elif row.state is JobState.READY and row.job.due_at <= now:
                since = min(row.job.due_at, known.since or row.job.due_at)
                found[row.job.kind] = attrs.evolve(known, due=known.due + 1, since=since)
        return [found[kind] for kind in sorted(found)]

    @_reads
    def dead_letters(self) -> Sequence[Job]:
        found = self.shelves.jobs.of(where=lambda row: row.state is JobState.DEAD)
        return sorted((row.job for row in found), key=lambda job: job.id)

    @_writes
    def replay_job(self, job_id: JobId, now: datetime) -> bool:
        found = self.shelves.jobs.of(where=lambda each: each.job.id == job_id)
        if not found or found[0].state is not JobState.DEAD:
            return False
        row = found[0]
        row.state, row.job = JobState.READY, attrs.evolve(row.job, attempts=0, due_at=now)
        row.queued = False
        self._put_job(row)
        return True

    @_reads
    def workers(self) -> Sequence[str]:
        running = self.shelves.jobs.of(where=lambda row: row.state is JobState.RUNNING)
        runs = self.shelves.slots.of(where=lambda row: not row.finished)
        found = {row.job.lease.rpartition(":")[0] for row in running}
        return sorted(found | {row.worker for row in runs})

    @_writes
    def give_back(self, worker: str, *, now: datetime) -> int:
        jobs = self.shelves.jobs.of(
            where=lambda row: (
                row.state is JobState.RUNNING and row.job.lease.rpartition(":")[0] == worker
            )
        )
        for row in jobs:
            row.state, row.lease_until, row.queued = JobState.READY, None, False
            row.job = attrs.evolve(row.job, lease="")
            self._put_job(row)
        runs = {
            key: slot
            for key, slot in self.shelves.slots.rows.items()
            if slot.worker == worker and not slot.finished and slot.lease_until > now
        }
        for key, slot in runs.items():
            self.shelves.slots.put(attrs.evolve(slot, lease_until=now), *key)
        return len(jobs) + len(runs)

    @_writes
    def claim_slot(
        self,
        brand_id: BrandId,
        task: str,
        slot: datetime,
        *,
        now: datetime,
        worker: str,
        lease_s: float,
    ) -> Run | None:
        kept = self.shelves.slots.get(brand_id, task, slot)
        if kept is not None and (kept.finished or kept.lease_until > now):
            return None
        fence = 1 if kept is None else kept.fence + 1
        row = SlotRow(now + timedelta(seconds=lease_s), worker, fence)
        self.shelves.slots.put(row, brand_id, task, slot)
        return Run(brand_id=brand_id, task=task, slot=slot, fence=fence, lease_s=lease_s)

    @_writes
    def finish_slot(self, run: Run, *, now: datetime) -> bool:
        return finish(self.shelves, run, now)

    @_reads
    def last_slot(self, brand_id: BrandId, task: str) -> datetime | None:
        slots = [
            key[2]
            for key, row in list(self.shelves.slots.rows.items())
            if key[:2] == (brand_id, task) and row.finished
        ]
        return max(slots, default=None)

    @_writes
    def forget_slots(self, brand_id: BrandId, task: str, *, before: datetime) -> int:
        slots = self.shelves.slots.rows
        old = [key for key in slots if key[:2] == (brand_id, task) and key[2] < before]
        for key in old:
            del slots[key]
        return len(old)

    def _by_age(self) -> list[JobRow]:
        return sorted(self.shelves.jobs.of(), key=lambda row: (row.job.due_at, row.job.id))

    def _trail(self, events: Sequence[AuditEvent]) -> None:
        for event in events:
            tell(self.shelves, event)

    def _leased(self, job: Job) -> JobRow | None:
        row = self.shelves.jobs.get(job.brand_id, job.id)
        held = row is not None and row.state is JobState.RUNNING and row.job.lease == job.lease
        return row if held else None

    def _put_job(self, row: JobRow) -> None:
        self.shelves.jobs.put(row, row.job.brand_id, row.job.id)


def _is_wanted(job: Job, which: Which) -> bool:
    return (which.kinds is None or job.kind in which.kinds) and (
        which.ids is None or job.id in which.ids
    )


def _is_due(row: JobRow, now: datetime) -> bool:
    if row.state is JobState.RUNNING:
        return row.lease_until is not None and row.lease_until <= now
    return row.state is JobState.READY and row.job.due_at <= now
