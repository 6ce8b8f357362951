"""Who of a brand's staff is at work, in SQL."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import Select, func, select

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.transaction import Transaction
from los_core.domain.activity import Sitting
from los_core.domain.ids import StaffId

_sitting = tables.sitting.c


@attrs.frozen
class SqlSittings:
    """Sittings of one brand."""

    tx: Transaction

    def get(self, sitting_id: UUID) -> Sitting | None:
        return self.tx.get(tables.sitting, sitting_id, rows.sitting_from_row)

    def lock(self, sitting_id: UUID) -> Sitting | None:
        return self.tx.get(tables.sitting, sitting_id, rows.sitting_from_row, lock=True)

    def add(self, sitting: Sitting) -> bool:
        return self.tx.add_once(tables.sitting, rows.sitting_to_row(sitting), "id")

    def save(self, sitting: Sitting) -> None:
        self.tx.replace(tables.sitting, rows.sitting_to_row(sitting), id=sitting.id)

    def unended(self) -> Sequence[Sitting]:
        query = self.tx.of(tables.sitting).where(_sitting.ended_at.is_(None))
        return self.tx.many(query.order_by(_sitting.started_at, _sitting.id), rows.sitting_from_row)

    def page(
        self, *, staff_id: StaffId | None, since: datetime, until: datetime, skip: int, limit: int
    ) -> Sequence[Sitting]:
        query = self._between(self.tx.of(tables.sitting), staff_id, since, until)
        newest_first = query.order_by(_sitting.started_at.desc(), _sitting.id.desc())
        return self.tx.many(newest_first.offset(skip).limit(limit), rows.sitting_from_row)

    def count(self, *, staff_id: StaffId | None, since: datetime, until: datetime) -> int:
        mine = select(func.count()).where(_sitting.brand_id == self.tx.brand_id)
        query = self._between(mine, staff_id, since, until)
        counted: int = self.tx.connection.execute(query).scalar_one()
        return counted

    def purge(self, *, before: datetime, limit: int) -> int:
        return self.tx.purge(tables.sitting, _sitting.started_at < before, limit=limit)

    def _between(
        self, query: "Select[Any]", staff_id: StaffId | None, since: datetime, until: datetime
    ) -> "Select[Any]":
        query = query.where(_sitting.started_at >= since, _sitting.started_at < until)
        return query if staff_id is None else query.where(_sitting.staff_id == staff_id)
