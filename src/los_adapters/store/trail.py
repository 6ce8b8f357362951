"""The audit trail and its seals, in SQL. Events are added by the desk."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Select, and_, delete, insert, or_, select

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.transaction import Transaction, refusing
from los_core.domain.audit import Seal
from los_core.domain.work import AuditEvent, Sought

_event = tables.audit.c
_seal = tables.audit_seal.c
_unsealed = tables.audit_unsealed.c
_read_event = rows.plain(AuditEvent)
_LINK = (
    *(_seal.seq, _seal.event_id, _seal.sealed_at, _seal.prev_hash, _seal.hash),
    *(_event.at, _event.actor, _event.actor_id, _event.action, _event.entity, _event.entity_id),
    _event.facts,
)


@attrs.frozen
class SqlTrail:
    """The audit trail of one brand."""

    tx: Transaction

    def find(self, sought: Sought, *, skip: int, limit: int) -> Sequence[AuditEvent]:
        query = self.tx.of(tables.audit).where(_event.at >= sought.since, _event.at < sought.until)
        if sought.actions is not None:
            query = query.where(_event.action.in_(sought.actions))
        if sought.actor:
            query = query.where(_event.actor == sought.actor)
        if sought.entity:
            query = query.where(_event.entity == sought.entity)
        if sought.entity_id is not None:
            query = query.where(_event.entity_id == sought.entity_id)
        if sought.actor_id is not None:
            query = query.where(_event.actor_id == sought.actor_id)
        newest_first = query.order_by(_event.at.desc(), _event.id.desc())
        return self.tx.many(newest_first.offset(skip).limit(limit), _read_event)

    def unsealed(self, *, limit: int) -> Sequence[AuditEvent]:
        waits = and_(_unsealed.brand_id == _event.brand_id, _unsealed.event_id == _event.id)
        query = self.tx.of(tables.audit).join(tables.audit_unsealed, waits)
        return self.tx.many(query.order_by(_event.at, _event.id).limit(limit), _read_event)

    def last_seal(self) -> Seal | None:
        query = self.tx.of(tables.audit_seal).order_by(_seal.seq.desc())
        return self.tx.one(query, rows.plain(Seal))

    def seal(self, seals: Sequence[Seal]) -> None:
        new = [rows.columns_of(seal) for seal in seals]
        assert all(row["brand_id"] == self.tx.brand_id for row in new), "a row of another brand"
        refusing(self.tx.connection, insert(tables.audit_seal), new)
        self.tx.connection.execute(
            delete(tables.audit_unsealed).where(
                _unsealed.brand_id == self.tx.brand_id,
                _unsealed.event_id.in_([seal.event_id for seal in seals]),
            )
        )

    def sealed(self, *, after: int, limit: int) -> Sequence[tuple[Seal, AuditEvent | None]]:
        query: Any = (
            select(*_LINK)
            .outerjoin_from(tables.audit_seal, tables.audit, _sealed())
            .where(_seal.brand_id == self.tx.brand_id, _seal.seq > after)
            .order_by(_seal.seq)
            .limit(limit)
        )
        return [self._link(*row) for row in self.tx.connection.execute(query)]

    def overdue(self, *, before: datetime, after: datetime, limit: int) -> Sequence[AuditEvent]:
        query: Select[Any] = (
            self.tx.of(tables.audit)
            .outerjoin(tables.audit_seal, _sealed())
            .where(_seal.seq.is_(None), or_(_event.at < before, _event.at > after))
            .order_by(_event.at, _event.id)
            .limit(limit)
        )
        return self.tx.many(query, _read_event)

    def _link(  # noqa: PLR0917 - a row, as fast as it goes: examining reads them all
        self,
        seq: int,
        event_id: UUID,
        sealed_at: datetime,
        prev: str,
        hash: str,  # noqa: A002 - the column's own name
        at: datetime | None,
        actor: str,
        actor_id: UUID | None,
        action: str,
        entity: str,
        entity_id: UUID,
        facts: dict[str, object],
    ) -> tuple[Seal, AuditEvent | None]:
        brand = self.tx.brand_id
        seal = Seal(
            brand_id=brand,
            seq=seq,
            event_id=event_id,
            sealed_at=sealed_at,
            prev_hash=prev,
            hash=hash,
        )
        if at is None:
            return seal, None
        return seal, AuditEvent(
            id=event_id,
            brand_id=brand,
            at=at,
            actor=actor,
            actor_id=actor_id,
            action=action,
            entity=entity,
            entity_id=entity_id,
            facts=facts,
        )


def _sealed() -> Any:
    return and_(_seal.brand_id == _event.brand_id, _seal.event_id == _event.id)
