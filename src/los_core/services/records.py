"""A brand's settings, kind by kind: listed, added, changed and removed in one way.

Each change is one transaction: the record, a row of the trail that says which fields changed, and
what follows from it elsewhere (`Effect`). Whoever changes or removes a record says which version
they saw. Source: settings modules; data model §4; operations §13.2.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol, TypeAlias, TypeVar
from uuid import UUID

import attrs

from los_core.domain.errors import NotFound, PreconditionFailed
from los_core.domain.ids import BrandId
from los_core.domain.record import Kind, Page, Record
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services.access_log import NOBODY, AccessLog
from los_core.services.callers import StaffCaller

T = TypeVar("T")
READ: Final = "settings.read"
WRITE: Final = "settings:write"


class Effect(Protocol):
    """What follows from a change, in its transaction."""

    def __call__(
        self, uow: UnitOfWork, caller: StaffCaller, before: Any | None, after: Any | None
    ) -> None:
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
    ) -> Record[T]:
        """Put a record on file. Raises: Conflict: there is one with its key."""
        caller.need(WRITE)
        with self.begin(caller.brand_id, once=once) as uow:
            record = self._add(uow, caller, kind, value)
            uow.answer(record)
        return record

    def change(
        self,
        caller: StaffCaller,
        kind: Kind[T],
        record_id: UUID,
        change: Callable[[T], T],
        *,
        version: int,
    ) -> Record[T]:
        """Put `change` of a record in its place.

        Raises: NotFound; PreconditionFailed: it is in another version; Conflict: as `add`; what
            the value's rules say.
        """
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = _found(kind, uow.records.lock(kind, record_id))
            return self._change(uow, caller, kind, kept, change(kept.value), version=version)

    def change_only(
        self, caller: StaffCaller, kind: Kind[T], change: Callable[[T], T], *, version: int
    ) -> Record[T]:
        """Put `change` of the one record of its kind in its place, as `change`."""
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = only(uow, kind)
            if kept.version > 0:
                kept = _found(kind, uow.records.lock(kind, kept.id))
                return self._change(uow, caller, kind, kept, change(kept.value), version=version)
            _at(kept, version)
            return self._add(uow, caller, kind, change(kept.value))

    def remove(self, caller: StaffCaller, kind: Kind[T], record_id: UUID, *, version: int) -> None:
        """Take a record off file. Raises: NotFound; PreconditionFailed."""
        caller.need(WRITE)
        with self.begin(caller.brand_id) as uow:
            kept = _found(kind, uow.records.lock(kind, record_id))
            _at(kept, version)
            uow.records.remove(kind, self._by(caller, kept))
            self._tell(uow, caller, kind, kept.id, before=kept.value, after=None)

    def _add(self, uow: UnitOfWork, caller: StaffCaller, kind: Kind[T], value: T) -> Record[T]:
        now = self.clock.now()
        value = self._prepared(uow, kind, value)
        record = Record(
            id=self.entropy.uuid(),
            value=value,
            created_at=now,
            created_by=caller.staff_id,
            updated_at=now,
            updated_by=caller.staff_id,
        )
        self._demote(uow, caller, kind, record)
        uow.records.add(kind, record)
        self._tell(uow, caller, kind, record.id, before=None, after=value)
        return record

    def _change(
        self,
        uow: UnitOfWork,
        caller: StaffCaller,
        kind: Kind[T],
        kept: Record[T],
        value: T,
        *,
        version: int,
    ) -> Record[T]:
        _at(kept, version)
        value = self._prepared(uow, kind, value)
        new = self._by(caller, attrs.evolve(kept, value=value))
        self._demote(uow, caller, kind, new)
        saved = uow.records.save(kind, new)
        self._tell(uow, caller, kind, kept.id, before=kept.value, after=value)
        return saved

    def _prepared(self, uow: UnitOfWork, kind: Kind[T], value: T) -> T:
        prepare = self.prepared.get(kind.name)
        return value if prepare is None else prepare(uow.brand_id, value)

    def _demote(
        self, uow: UnitOfWork, caller: StaffCaller, kind: Kind[T], record: Record[T]
    ) -> None:
        """Let the chief of the group step down for a new one."""
        group = kind.chief_of(record.value)
        chief = None if group is None else uow.records.chief(kind, group)
        if chief is None or chief.id == record.id or kind.demoted is None:
            return
        down = self._by(caller, attrs.evolve(chief, value=kind.demoted(chief.value)))
        uow.records.save(kind, down)
        self._tell(uow, caller, kind, chief.id, before=chief.value, after=down.value)

    def _by(self, caller: StaffCaller, record: Record[T]) -> Record[T]:
        return attrs.evolve(record, updated_at=self.clock.now(), updated_by=caller.staff_id)

    def _tell(
        self,
        uow: UnitOfWork,
        caller: StaffCaller,
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
            by=caller,
            about=record_id,
            entity=kind.name,
            facts=kind.changes(before, after),
        )
        effect = self.effects.get(kind.name)
        if effect is not None:
            effect(uow, caller, before, after)


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
