"""A brand's settings, kind by kind: listed, added, changed and removed in one way.

Each change is one transaction: the record, a row of the trail that says which fields changed, and
what follows from it elsewhere (`Effect`). Whoever changes or removes a record says which version
they saw. Source: settings modules; data model §4; operations §13.2.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias, TypeVar
from uuid import UUID

import attrs

from los_core.domain.approval import HELD, Approval
from los_core.domain.documents import to_document
from los_core.domain.errors import Conflict, NotFound, PreconditionFailed
from los_core.domain.ids import ApprovalId, BrandId, StaffId
from los_core.domain.record import Kind, Page, Record
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services.access_log import NOBODY, AccessLog
from los_core.services.callers import StaffCaller

T = TypeVar("T")
READ: Final = "settings.read"
WRITE: Final = "settings:write"
ENTITY: Final = "setting"
"""What approvals of changes are about."""


class Effect(Protocol):
    """What follows from a change, in its transaction."""

    def __call__(self, uow: UnitOfWork, before: Any | None, after: Any | None, /) -> None:
        """`before` None: it was added; `after` None: it was removed. What it raises undoes all."""
        ...


Prepare: TypeAlias = Callable[[BrandId, Any], Any]
"""Makes what is kept of what was asked, where that takes more than the value's own rules."""


@attrs.frozen(kw_only=True)
class Records:
    """Keeps a brand's settings."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    log: AccessLog
    prepared: Mapping[str, Prepare]
    effects: Mapping[str, Effect]

    def page(self, caller: StaffCaller, kind: Kind[T], *, page: int, limit: int) -> Page[T]:
        """Return some records, in the order they were added; `page` 1 is the first."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            return uow.records.page(kind, skip=(page - 1) * limit, limit=limit)

    def get(self, caller: StaffCaller, kind: Kind[T], record_id: UUID) -> Record[T]:
        """Return a record. Raises: NotFound."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            return _found(kind, uow.records.get(kind, record_id))

    def only(self, caller: StaffCaller, kind: Kind[T]) -> Record[T]:
        """Return the one record of its kind; in version 0 where the brand wrote none yet."""
        caller.need(READ)
        with self.begin(caller.brand_id) as uow:
            return only(uow, kind)

    def add(
        self, caller: StaffCaller, kind: Kind[T], value: T, *, once: Once | None = None
    ) -> Record[T] | Approval:
        """Put a record on file, or ask a second person where its kind takes one.

        Raises: Conflict: there is one with its key.
        """
        caller.need(WRITE)
        with self.begin(caller.brand_id, once=once) as uow:
            done: Record[T] | Approval
            if kind.dual:
                done = self._ask(uow, caller, kind, None, value)
            else:
                done = self.put_on_file(uow, caller.staff_id, kind, value)
            uow.answer(done)
        return done

    def change(
        self,
        caller: StaffCaller,
        kind: Kind[T],
        record_id: UUID,
        change: Callable[[T], T],
        *,
        version: int,
    ) -> Record[T] | Approval:
        """Put `change` of a record in its place, or ask a second person where it takes one.

        Raises: NotFound; PreconditionFailed: it is in another version; Conflict: as `add`, or
            another change of it awaits a decision; what the value's rules say.
        """
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = _found(kind, uow.records.lock(kind, record_id))
            return self._change(uow, caller, kind, kept, change(kept.value), version=version)

    def change_only(
        self, caller: StaffCaller, kind: Kind[T], change: Callable[[T], T], *, version: int
    ) -> Record[T] | Approval:
        """Put `change` of the one record of its kind in its place, as `change`."""
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = only(uow, kind)
            if kept.version > 0:
                kept = _found(kind, uow.records.lock(kind, kept.id))
                return self._change(uow, caller, kind, kept, change(kept.value), version=version)
            _at(kept, version)
            return self.put_on_file(uow, caller.staff_id, kind, change(kept.value))

    def remove(self, caller: StaffCaller, kind: Kind[T], record_id: UUID, *, version: int) -> None:
        """Take a record off file. Raises: NotFound; PreconditionFailed."""
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = _found(kind, uow.records.lock(kind, record_id))
            _at(kept, version)
            uow.records.remove(kind, self._written(caller.staff_id, kept))
            self._tell(uow, caller.staff_id, kind, kept.id, before=kept.value, after=None)

    def put_on_file(self, uow: UnitOfWork, by: StaffId, kind: Kind[T], value: T) -> Record[T]:
        """Add a record in an open transaction, whoever had to agree to it."""
        now = self.clock.now()
        value = self._prepared(uow, kind, value)
        record = Record(
            id=self.entropy.uuid(),
            value=value,
            created_at=now,
            created_by=by,
            updated_at=now,
            updated_by=by,
        )
        self._demote(uow, by, kind, record)
        uow.records.add(kind, record)
        self._tell(uow, by, kind, record.id, before=None, after=value)
        return record

    def put_in_place(
        self, uow: UnitOfWork, by: StaffId, kind: Kind[T], kept: Record[T], value: T
    ) -> Record[T]:
        """Change a locked record in an open transaction, whoever had to agree to it."""
        new = self._written(by, attrs.evolve(kept, value=value))
        self._demote(uow, by, kind, new)
        saved = uow.records.save(kind, new)
        self._tell(uow, by, kind, kept.id, before=kept.value, after=value)
        return saved

    def _change(
        self,
        uow: UnitOfWork,
        caller: StaffCaller,
        kind: Kind[T],
        kept: Record[T],
        value: T,
        *,
        version: int,
    ) -> Record[T] | Approval:
        _at(kept, version)
        value = self._prepared(uow, kind, value)
        if kind.needs_second(kept.value, value):
            return self._ask(uow, caller, kind, kept, value)
        return self.put_in_place(uow, caller.staff_id, kind, kept, value)

    def _ask(
        self,
        uow: UnitOfWork,
        caller: StaffCaller,
        kind: Kind[T],
        kept: Record[T] | None,
        value: T,
    ) -> Approval:
        """Ask a second person, who sees what differs. One change of a record is asked at a time."""
        if kept is None:
            value = self._prepared(uow, kind, value)
            key = kind.key_of(value)
            if key is not None and uow.records.by_key(kind, key) is not None:
                raise Conflict(f"there is a {kind.called} like this", code="RECORD_ON_FILE")
        elif any(one.is_open(self.clock.now()) for one in uow.approvals.about(ENTITY, kept.id)):
            raise Conflict("another change of it awaits a decision", code="CHANGE_PENDING")
        approval = Approval.ask(
            id=ApprovalId(self.entropy.uuid()),
            brand_id=uow.brand_id,
            entity=ENTITY,
            entity_id=self.entropy.uuid() if kept is None else kept.id,
            action="add" if kept is None else "change",
            payload={
                "kind": kind.name,
                "version": 0 if kept is None else kept.version,
                "changes": kind.changes(None if kept is None else kept.value, value),
                HELD: to_document(value),
            },
            maker=caller.staff_id,
            at=self.clock.now(),
        )
        uow.approvals.add(approval)
        facts = {"kind": kind.name, "approval_id": str(approval.id)}
        self.log.note(
            uow,
            "settings.asked",
            by=caller,
            about=approval.entity_id,
            entity=kind.name,
            facts=facts,
        )
        return approval

    def _prepared(self, uow: UnitOfWork, kind: Kind[T], value: T) -> T:
        prepare = self.prepared.get(kind.name)
        return value if prepare is None else prepare(uow.brand_id, value)

    def _demote(self, uow: UnitOfWork, by: StaffId, kind: Kind[T], record: Record[T]) -> None:
        """Let the chief of the group step down for a new one."""
        group = kind.chief_of(record.value)
        chief = None if group is None else uow.records.chief(kind, group)
        if chief is None or chief.id == record.id or kind.demoted is None:
            return
        self.put_in_place(uow, by, kind, chief, kind.demoted(chief.value))

    def _written(self, by: StaffId, record: Record[T]) -> Record[T]:
        return attrs.evolve(record, updated_at=self.clock.now(), updated_by=by)

    def _tell(
        self,
        uow: UnitOfWork,
        by: StaffId,
        kind: Kind[T],
        record_id: UUID,
        *,
        before: T | None,
        after: T | None,
    ) -> None:
        """Write the row of the trail, and let happen what follows."""
        did = "added" if before is None else "removed" if after is None else "changed"
        self.log.note(
            uow,
            f"settings.{did}",
            by=by,
            about=record_id,
            entity=kind.name,
            facts=kind.changes(before, after),
        )
        effect = self.effects.get(kind.name)
        if effect is not None:
            effect(uow, before, after)


def only(uow: UnitOfWork, kind: Kind[T]) -> Record[T]:
    """Return the one record of its kind, or its first value in version 0."""
    assert kind.first is not None, "a kind of which a brand has one record"
    found = uow.records.all(kind)
    if found:
        return found[0]
    return Record(id=NOBODY, value=kind.first(), version=0)


def _found(kind: Kind[T], record: Record[T] | None) -> Record[T]:
    if record is None:
        raise NotFound(f"no such {kind.called}")
    return record


def _at(record: Record[Any], version: int) -> None:
    """Raises: PreconditionFailed: the record is in another version than the caller saw."""
    if record.version != version:
        raise PreconditionFailed(
            "somebody changed this since it was read; read it again",
            details={"version": record.version},
        )
