"""What belongs to no single brand, in SQL: each method is one transaction.

The statements of queue and runs are in `queue`, those of codes and log-ins in `credentials`.
"""
# ruff: noqa: D102 - what each method does is said by its port

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from uuid import UUID

import attrs
from sqlalchemy import Connection, Engine, Select, case, delete, insert, or_, select, update

from los_adapters.store import credentials, queue, rows
from los_adapters.store import platform_tables as tables
from los_adapters.store.engine import busy_told, inserting, reading, retried
from los_adapters.store.keyring import Keyring, Keys
from los_adapters.store.notifications import SqlMailbox
from los_adapters.store.once import GENERATION
from los_adapters.store.scope import across_brands, of_brand
from los_adapters.store.sealing import Sealer
from los_adapters.store.transaction import refusing, save_versioned, stale
from los_core.domain.brand import Brand, Settings
from los_core.domain.errors import StoreAway
from los_core.domain.ids import BrandId, JobId, StaffId
from los_core.domain.staff import Guess, SecureCode, Session, Staff
from los_core.domain.work import AuditEvent, Due, Job, Run
from los_core.ports.entropy import Entropy
from los_core.ports.work import ANY, Backlog, ProviderRow, Which

_brand = tables.brand.c
_staff = tables.staff.c
_session = tables.session.c
_provider = tables.provider.c
_member = tables.staff_brand.c


@attrs.frozen
class SqlPlatform:
    """Brands, staff, sessions, providers, jobs and runs."""

    engine: Engine
    keys: Keys = attrs.field(repr=False)
    entropy: Entropy = attrs.field(repr=False)
    _doubted: set[str] = attrs.field(factory=set, init=False, repr=False)
    """Proofs of claims whose commit was not answered: nobody runs what they may have taken."""

    @property
    def mailbox(self) -> SqlMailbox:
        return SqlMailbox(self.engine)

    def brands(self) -> Sequence[Brand]:
        return self._brands(select(tables.brand).order_by(_brand.code))

    def brand(self, brand_id: BrandId) -> Brand | None:
        return next(iter(self._brands(select(tables.brand).where(_brand.id == brand_id))), None)

    def brand_by_code(self, code: str) -> Brand | None:
        return next(iter(self._brands(select(tables.brand).where(_brand.code == code))), None)

    def brand_at(self, subdomain: str) -> Brand | None:
        query = select(tables.brand).where(_brand.subdomain == subdomain)
        return next(iter(self._brands(query)), None)

    def add_brand(self, brand: Brand, settings: Settings) -> None:
        row = {"brand_id": brand.id, "version": settings.version, "document": settings}
        with self._writes(brand.id) as connection:
            refusing(connection, insert(tables.brand).values(**rows.columns_of(brand)))
            connection.execute(insert(tables.brand_settings).values(**row))

    def generation(self, brand_id: BrandId) -> int:
        kept = tables.counter.c
        query = select(kept.value).where(kept.brand_id == brand_id, kept.series == GENERATION)
        with self._reads(brand_id) as connection:
            return connection.execute(query).scalar() or 0

    def staff(self, staff_id: StaffId) -> Staff | None:
        return self._one_staff(select(tables.staff).where(_staff.id == staff_id))

    def staff_by_email(self, email: str) -> Staff | None:
        return self._one_staff(select(tables.staff).where(_staff.email == email))

    def staff_of(self, brand_id: BrandId | None) -> Sequence[Staff]:
        query = select(tables.staff).order_by(_staff.name, _staff.id)
        if brand_id is not None:
            member = tables.staff_brand.c
            mine = select(member.staff_id).where(member.brand_id == brand_id)
            query = query.where(_staff.id.in_(mine))
        with self._reads() as connection:
            return _read_staff(connection, query)

    def add_staff(self, staff: Staff, *, trail: Sequence[AuditEvent] = ()) -> None:
        with self._writes() as connection:
            refusing(connection, insert(tables.staff).values(**rows.staff_to_row(staff)))
            _add_memberships(connection, staff)
            _tell(connection, trail)

    def save_staff(self, staff: Staff, *, trail: Sequence[AuditEvent] = ()) -> None:
        with self._writes() as connection:
            _write_staff(connection, staff)
            _tell(connection, trail)

    def count_failure(self, staff_id: StaffId, *, limit: int, lock_until: datetime) -> None:
        locked = case((_staff.failures + 1 >= limit, lock_until), else_=_staff.locked_until)
        query = (
            update(tables.staff)
            .where(_staff.id == staff_id)
            .values(failures=_staff.failures + 1, version=_staff.version + 1, locked_until=locked)
        )
        with self._writes() as connection:
            connection.execute(query)

    def add_session(self, session: Session) -> None:
        with self._writes() as connection:
            connection.execute(insert(tables.session).values(**rows.columns_of(session)))

    def session(self, session_id: UUID) -> Session | None:
        return self._one_session(select(tables.session).where(_session.id == session_id))

    def session_by_token(self, token_hash: str) -> Session | None:
        known = or_(_session.token_hash == token_hash, _session.previous_hash == token_hash)
        return self._one_session(select(tables.session).where(known)) if token_hash else None

    def rotate(
        self, session_id: UUID, *, old_hash: str, new_hash: str, at: datetime, expires_at: datetime
    ) -> bool:
        query = (
            update(tables.session)
            .where(
                _session.id == session_id,
                _session.token_hash == old_hash,
                _session.revoked_at.is_(None),
            )
            .values(
                previous_hash=old_hash, token_hash=new_hash, rotated_at=at, expires_at=expires_at
            )
        )
        with self._writes() as connection:
            return connection.execute(query).rowcount == 1

    def revoke(self, session_id: UUID, at: datetime) -> None:
        query = (
            update(tables.session)
            .where(_session.id == session_id, _session.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        with self._writes() as connection:
            connection.execute(query)

    def sessions_of(self, staff_id: StaffId, at: datetime) -> Sequence[Session]:
        with self._reads() as connection:
            return credentials.sessions_of(connection, staff_id, at)

    def alive(self, sessions: Collection[UUID], at: datetime) -> set[UUID]:
        with self._reads() as connection:
            return credentials.alive(connection, sessions, at)

    def revoke_all(self, staff_id: StaffId, at: datetime, *, but: UUID | None = None) -> None:
        with self._writes() as connection:
            credentials.revoke_all(connection, staff_id, at, but=but)

    def add_secure_code(self, code: SecureCode) -> None:
        with self._writes() as connection:
            credentials.add_secure_code(connection, code)

    def secure_code(self, code_id: UUID) -> SecureCode | None:
        with self._reads() as connection:
            return credentials.secure_code(connection, code_id)

    def latest_secure_code(self, staff_id: StaffId) -> SecureCode | None:
        with self._reads() as connection:
            return credentials.latest_secure_code(connection, staff_id)

    def try_secure_code(self, code_id: UUID, *, right: bool, at: datetime, limit: int) -> Guess:
        with self._writes() as connection:
            return credentials.try_secure_code(connection, code_id, right=right, at=at, limit=limit)

    def provider_rows(self, brand_id: BrandId, port: str) -> Sequence[ProviderRow]:
        query = (
            select(tables.provider)
            .where(_provider.brand_id == brand_id, _provider.port == port)
            .order_by(_provider.is_primary.desc(), _provider.name)
        )
        with self._reads(brand_id) as connection:
            sealer = self._sealer(connection, brand_id)
            found = connection.execute(query).mappings().all()
            sealer.expect(found)
            return [rows.provider_from_row(row, sealer) for row in found]

    def providers(self, brand_id: BrandId) -> Sequence[ProviderRow]:
        query = (
            select(tables.provider)
            .where(_provider.brand_id == brand_id)
            .order_by(_provider.port, _provider.is_primary.desc(), _provider.name)
        )
        with self._reads(brand_id) as connection:
            sealer = self._sealer(connection, brand_id)
            found = connection.execute(query).mappings().all()
            sealer.expect(found)
            return [rows.provider_from_row(row, sealer) for row in found]

    @retried
    def save_provider(
        self, row: ProviderRow, *, seen: int | None = None, trail: Sequence[AuditEvent] = ()
    ) -> None:
        demote = update(tables.provider).where(
            _provider.brand_id == row.brand_id, _provider.port == row.port
        )
        with self._writes(row.brand_id) as connection:
            new = rows.provider_to_row(row, self._sealer(connection, row.brand_id))
            own = (
                _provider.brand_id == row.brand_id,
                _provider.port == row.port,
                _provider.name == row.name,
            )
            held = select(_provider.version).where(*own).with_for_update(key_share=True)
            kept = connection.execute(held).scalar()
            if seen is not None and (kept or 0) != seen:
                raise stale(kept)
            if row.is_primary:
                connection.execute(demote.values(is_primary=False))
            added = inserting(connection, tables.provider).values(**{**new, "version": 1})
            connection.execute(
                added.on_conflict_do_update(
                    index_elements=["brand_id", "port", "name"],
                    set_={**new, "version": _provider.version + 1},
                )
            )
            _tell(connection, trail)

    @retried
    def claim_jobs(
        self, *, limit: int, now: datetime, lease_s: float, worker: str, which: Which = ANY
    ) -> list[Job]:
        lease = f"{worker}:{self.entropy.uuid()}"
        doubted = tuple(self._doubted)
        try:
            with self._writes() as connection:
                queue.release(connection, doubted)
                claimed = queue.claim_jobs(
                    connection, limit=limit, now=now, lease_s=lease_s, lease=lease, which=which
                )
        except StoreAway:
            self._doubted.add(lease)
            raise
        self._doubted.difference_update(doubted)
        return claimed

    @retried
    def queue_jobs(self, *, limit: int, now: datetime) -> list[Due]:
        with self._writes() as connection:
            return queue.queue_jobs(connection, limit=limit, now=now)

    @retried
    def unqueue_jobs(self, ids: Collection[JobId]) -> None:
        with self._writes() as connection:
            queue.unqueue_jobs(connection, ids)

    def finish_job(self, job: Job) -> bool:
        return bool(self.finish_jobs([job]))

    @retried
    def finish_jobs(self, jobs: Sequence[Job]) -> Collection[JobId]:
        with self._writes() as connection:
            return queue.finish_jobs(connection, jobs)

    @retried
    def fail_job(
        self, job: Job, *, error: str, again_at: datetime | None, dead: bool = False
    ) -> bool:
        with self._writes() as connection:
            return queue.fail_job(connection, job, error=error, again_at=again_at, dead=dead)

    def idle(self, now: datetime) -> bool:
        with self._reads() as connection:
            return queue.idle(connection, now)

    def backlog(self, now: datetime) -> Sequence[Backlog]:
        with self._reads() as connection:
            return queue.backlog(connection, now)

    def dead_letters(self) -> Sequence[Job]:
        with self._reads() as connection:
            return queue.dead_letters(connection)

    @retried
    def replay_job(self, job_id: JobId, now: datetime) -> bool:
        with self._writes() as connection:
            return queue.replay_job(connection, job_id, now)

    def workers(self) -> Sequence[str]:
        with self._reads() as connection:
            return queue.workers(connection)

    @retried
    def give_back(self, worker: str, *, now: datetime) -> int:
        with self._writes() as connection:
            return queue.give_back(connection, worker, now=now)

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
        with self._writes(brand_id) as connection:
            return queue.claim_slot(
                connection, brand_id, task, slot, now=now, worker=worker, lease_s=lease_s
            )

    def finish_slot(self, run: Run, *, now: datetime) -> bool:
        with self._writes(run.brand_id) as connection:
            return queue.finish_slot(connection, run, now=now)

    def last_slot(self, brand_id: BrandId, task: str) -> datetime | None:
        with self._reads(brand_id) as connection:
            return queue.last_slot(connection, brand_id, task)

    @retried
    def forget_slots(self, brand_id: BrandId, task: str, *, before: datetime) -> int:
        with self._writes(brand_id) as connection:
            return queue.forget_slots(connection, brand_id, task, before=before)

    def _brands(self, query: "Select[tuple[object, ...]]") -> list[Brand]:
        with self._reads() as connection:
            return [rows.plain(Brand)(row) for row in connection.execute(query).mappings()]

    def _one_staff(self, query: "Select[tuple[object, ...]]") -> Staff | None:
        with self._reads() as connection:
            return next(iter(_read_staff(connection, query)), None)

    def _one_session(self, query: "Select[tuple[object, ...]]") -> Session | None:
        with self._reads() as connection:
            row = connection.execute(query.limit(1)).mappings().first()
        return None if row is None else rows.plain(Session)(row)

    def _sealer(self, connection: Connection, brand_id: BrandId) -> Sealer:
        return Sealer(Keyring(connection, brand_id, self.keys))

    @contextmanager
    def _writes(self, brand_id: BrandId | None = None) -> Iterator[Connection]:
        with busy_told(), self.engine.begin() as connection:
            _scope(connection, brand_id)
            yield connection

    @contextmanager
    def _reads(self, brand_id: BrandId | None = None) -> Iterator[Connection]:
        with busy_told(), reading(self.engine).connect() as connection:
            _scope(connection, brand_id)
            yield connection


def _scope(connection: Connection, brand_id: BrandId | None) -> None:
    if brand_id is None:
        across_brands(connection)
    else:
        of_brand(connection, brand_id)


def _read_staff(connection: Connection, query: "Select[tuple[object, ...]]") -> list[Staff]:
    """Return the staff of a query over `staff`, each with their brands."""
    found = connection.execute(query).mappings().all()
    ids = [row["id"] for row in found]
    memberships = select(_member.staff_id, _member.brand_id).where(_member.staff_id.in_(ids))
    brands: dict[UUID, set[BrandId]] = defaultdict(set)
    for staff_id, brand_id in connection.execute(memberships) if ids else ():
        brands[staff_id].add(BrandId(brand_id))
    return [rows.staff_from_row(row, frozenset(brands[row["id"]])) for row in found]


def _write_staff(connection: Connection, staff: Staff) -> None:
    """Write a member of staff and their brands. Raises: StaleVersion."""
    own = (_staff.id == staff.id,)
    save_versioned(connection, tables.staff, staff, rows.staff_to_row(staff), own)
    connection.execute(delete(tables.staff_brand).where(_member.staff_id == staff.id))
    _add_memberships(connection, staff)


def _add_memberships(connection: Connection, staff: Staff) -> None:
    """Write the brands of a member of staff who has none on file."""
    if staff.brands:
        members = [{"brand_id": brand_id, "staff_id": staff.id} for brand_id in staff.brands]
        connection.execute(insert(tables.staff_brand), members)


def _tell(connection: Connection, trail: Sequence[AuditEvent]) -> None:
    for event in trail:
        connection.execute(insert(tables.audit).values(**rows.columns_of(event)))
        waiting = {"brand_id": event.brand_id, "event_id": event.id}
        connection.execute(insert(tables.audit_unsealed).values(**waiting))
