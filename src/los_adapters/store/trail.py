"""The audit trail and its seals, in SQL. Events are added by the desk."""
# ruff: noqa: D102 - what each method does is said by its port

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import attrs
from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Select,
    Text,
    and_,
    cast,
    delete,
    func,
    insert,
    or_,
    select,
    type_coerce,
)

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.columns import Instant
from los_adapters.store.transaction import Transaction, refusing
from los_core.domain.audit import Link, Seal
from los_core.domain.work import AuditEvent, Sought

_event = tables.audit.c
_seal = tables.audit_seal.c
_unsealed = tables.audit_unsealed.c
_read_event = rows.plain(AuditEvent)
_COLUMNS: Final = (
    *(_seal.seq, _seal.prev_hash, _seal.hash, _seal.sealed_at, _seal.event_id),
    *(_event.at, _event.actor, _event.actor_id, _event.action, _event.entity, _event.entity_id),
    _event.facts,
)
_WHOLE: Final = "+00:00"
"""The offset of an instant that is kept in UTC."""
_read: Final = json.JSONDecoder().raw_decode


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

    def sealed(self, *, after: int, limit: int) -> Sequence[Link]:
        plain = self.tx.connection.dialect.name == "postgresql"
        query: Any = (
            select(*(_as_text(column, in_words=plain) for column in _COLUMNS))
            .outerjoin_from(tables.audit_seal, tables.audit, _sealed())
            .where(_seal.brand_id == self.tx.brand_id, _seal.seq > after)
            .order_by(_seal.seq)
            .limit(limit)
        )
        link = _link if plain else _link_of_sqlite
        return [link(*row) for row in self.tx.connection.execute(query)]

    def overdue(self, *, before: datetime, after: datetime, limit: int) -> Sequence[AuditEvent]:
        query: Select[Any] = (
            self.tx.of(tables.audit)
            .outerjoin(tables.audit_seal, _sealed())
            .where(_seal.seq.is_(None), or_(_event.at < before, _event.at > after))
            .order_by(_event.at, _event.id)
            .limit(limit)
        )
        return self.tx.many(query, _read_event)


def _sealed() -> Any:
    return and_(_seal.brand_id == _event.brand_id, _seal.event_id == _event.id)


def _as_text(column: Column[Any], *, in_words: bool) -> ColumnElement[Any]:
    """Return a column as the text of the chain; not `in_words`: as SQLite has it on file.

    Values are not made only to be written again: examining reads every row there is.
    """
    if isinstance(column.type, BigInteger | Text):
        return column
    if not in_words:
        return type_coerce(column, Text)
    if isinstance(column.type, Instant):
        return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US')
    return cast(column, Text)


def _link(  # noqa: PLR0917 - a row, as fast as it goes
    seq: int,
    prev: str,
    hash: str,  # noqa: A002 - the column's own name
    sealed_at: str,
    event_id: str,
    at: str | None,
    actor: str,
    actor_id: str | None,
    action: str,
    entity: str,
    entity_id: str,
    facts: str,
) -> Link:
    if at is None:
        return Link(seq, prev, hash, _instant(sealed_at), event_id, None)
    return Link(
        seq,
        prev,
        hash,
        _instant(sealed_at),
        event_id,
        _instant(at),
        actor,
        actor_id,
        action,
        entity,
        entity_id,
        _parsed(facts),
    )


def _link_of_sqlite(  # noqa: PLR0917 - as above
    seq: int,
    prev: str,
    hash: str,  # noqa: A002 - as above
    sealed_at: str,
    event_id: str,
    at: str | None,
    actor: str,
    actor_id: str | None,
    action: str,
    entity: str,
    entity_id: str,
    facts: str,
) -> Link:
    if at is None:
        return Link(seq, prev, hash, _instant(sealed_at), _id(event_id), None)
    return Link(
        seq,
        prev,
        hash,
        _instant(sealed_at),
        _id(event_id),
        _instant(at),
        actor,
        actor_id and _id(actor_id),
        action,
        entity,
        _id(entity_id),
        _parsed(facts),
    )


def _instant(kept: str) -> str:
    """Return a UTC instant that a database wrote as `datetime.isoformat` writes it."""
    time = kept[11:]
    return f"{kept[:10]}T{time.removesuffix('.000000')}{_WHOLE}"


def _id(kept: str) -> str:
    """Return an id of 32 digits in the form with dashes."""
    return f"{kept[:8]}-{kept[8:12]}-{kept[12:16]}-{kept[16:20]}-{kept[20:]}"


def _parsed(kept: str) -> object:
    """Return the value of a JSON text; what is none is itself, which was never sealed so."""
    try:
        value, end = _read(kept)
    except (ValueError, RecursionError):
        return kept
    return value if end == len(kept) else kept
