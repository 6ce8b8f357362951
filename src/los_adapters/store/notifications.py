"""Notifications of staff, in SQL: those of a brand being written, those of a person being read."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

import attrs
from sqlalchemy import ColumnElement, Connection, Engine, Select, and_, func, select, tuple_, update

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.engine import busy_told, reading
from los_adapters.store.scope import of_brand
from los_adapters.store.transaction import Transaction
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.notification import Notification

_told = tables.notification.c
_member = tables.staff_brand.c
_read = rows.plain(Notification)


@attrs.frozen
class SqlNotices:
    """Notifications of one brand."""

    tx: Transaction

    def add(self, notifications: Sequence[Notification]) -> None:
        if not notifications:
            return
        people = {each.staff_id for each in notifications}
        query = (
            select(_member.staff_id)
            .join_from(tables.staff_brand, tables.staff)
            .where(
                _member.brand_id == self.tx.brand_id,
                _member.staff_id.in_(people),
                tables.staff.c.active,
            )
        )
        here = set(self.tx.connection.execute(query).scalars())
        told = [rows.columns_of(each) for each in notifications if each.staff_id in here]
        self.tx.add_all(tables.notification, told)

    def purge(self, *, before: datetime, limit: int) -> int:
        return self.tx.purge(tables.notification, _told.created_at < before, limit=limit)


@attrs.frozen
class SqlMailbox:
    """Notifications of one person in the brands they work for."""

    engine: Engine

    def page(
        self, staff_id: StaffId, brands: Collection[BrandId], *, skip: int, limit: int
    ) -> Sequence[Notification]:
        query = select(tables.notification).where(_kept(staff_id, brands))
        newest_first = query.order_by(_told.created_at.desc(), _told.id.desc())
        return self._many(brands, newest_first.offset(skip).limit(limit))

    def counts(self, staff_id: StaffId, brands: Collection[BrandId]) -> tuple[int, int]:
        unread = func.count().filter(_told.read_at.is_(None))
        query = select(func.count(), unread).where(_kept(staff_id, brands))
        with self._reads(brands) as connection:
            kept, new = connection.execute(query).one()
        return kept, new

    def get(
        self, staff_id: StaffId, brands: Collection[BrandId], notification_id: UUID
    ) -> Notification | None:
        query = select(tables.notification).where(_own(staff_id, brands))
        found = self._many(brands, query.where(_told.id == notification_id))
        return next(iter(found), None)

    def read(
        self,
        staff_id: StaffId,
        brands: Collection[BrandId],
        at: datetime,
        *,
        only: UUID | None = None,
    ) -> int:
        query = update(tables.notification).where(_kept(staff_id, brands))
        query = query.where(_told.read_at.is_(None) if only is None else _told.id == only)
        with self._writes(brands) as connection:
            return connection.execute(
                query.values(read_at=func.coalesce(_told.read_at, at))
            ).rowcount

    def dismiss(
        self, staff_id: StaffId, brands: Collection[BrandId], notification_id: UUID, at: datetime
    ) -> bool:
        query = update(tables.notification).where(
            _kept(staff_id, brands), _told.id == notification_id
        )
        with self._writes(brands) as connection:
            return connection.execute(query.values(dismissed_at=at)).rowcount == 1

    def since(
        self,
        people: Collection[StaffId],
        brands: Collection[BrandId],
        *,
        since: datetime,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> Sequence[Notification]:
        query = select(tables.notification).where(
            _told.brand_id.in_(brands),
            _told.staff_id.in_(people),
            _told.created_at >= since,
            _told.read_at.is_(None),
            _told.dismissed_at.is_(None),
        )
        if after is not None:
            query = query.where(tuple_(_told.created_at, _told.id) > after)
        return self._many(brands, query.order_by(_told.created_at, _told.id).limit(limit))

    def _many(self, brands: Collection[BrandId], query: "Select[Any]") -> list[Notification]:
        with self._reads(brands) as connection:
            return [_read(row) for row in connection.execute(query).mappings()]

    @contextmanager
    def _reads(self, brands: Collection[BrandId]) -> Iterator[Connection]:
        with busy_told(), reading(self.engine).connect() as connection:
            of_brand(connection, *brands)
            yield connection

    @contextmanager
    def _writes(self, brands: Collection[BrandId]) -> Iterator[Connection]:
        with busy_told(), self.engine.begin() as connection:
            of_brand(connection, *brands)
            yield connection


def _own(staff_id: StaffId, brands: Collection[BrandId]) -> ColumnElement[bool]:
    return and_(_told.brand_id.in_(brands), _told.staff_id == staff_id)


def _kept(staff_id: StaffId, brands: Collection[BrandId]) -> ColumnElement[bool]:
    return and_(_own(staff_id, brands), _told.dismissed_at.is_(None))
