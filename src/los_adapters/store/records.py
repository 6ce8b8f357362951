"""Records of the brands' settings, in SQL.

All kinds share a table: a record is the document of a value whose class has checked it. What is
personal or secret of it is sealed beside. A record that was removed stays, as what it said counted
once, but it is on file for nobody.
"""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

import attrs
from sqlalchemy import RowMapping, Select, func, select, update

from los_adapters.store import platform_tables as tables
from los_adapters.store import rows
from los_adapters.store.once import GENERATION
from los_adapters.store.tables import coupon_use
from los_adapters.store.transaction import Row, Transaction, refusing, stale
from los_core.domain.coupon import Redemption
from los_core.domain.documents import from_document
from los_core.domain.ids import CustomerId, LoanId
from los_core.domain.record import Kind, Page, Record

T = TypeVar("T")
_use = coupon_use.c
_row = tables.record.c
_HEAD = ("id", "version", "created_at", "created_by", "updated_at", "updated_by")


@attrs.frozen
class SqlRecords:
    """One brand's records."""

    tx: Transaction

    def add(self, kind: Kind[T], record: Record[T]) -> None:
        self._changed()
        self.tx.add_or_refuse(tables.record, self._to_row(kind, record))

    def get(self, kind: Kind[T], record_id: UUID) -> Record[T] | None:
        return self.tx.one(self._of(kind).where(_row.id == record_id), self._reader(kind))

    def lock(self, kind: Kind[T], record_id: UUID) -> Record[T] | None:
        return self._held(kind, _row.id == record_id)

    def by_key(self, kind: Kind[T], key: str) -> Record[T] | None:
        return self.tx.one(self._of(kind).where(_row.key == key), self._reader(kind))

    def chief(self, kind: Kind[T], group: str) -> Record[T] | None:
        return self._held(kind, _row.chief == group)

    def all(self, kind: Kind[T]) -> Sequence[Record[T]]:
        return self.tx.many(self._ordered(kind), self._reader(kind))

    def page(self, kind: Kind[T], *, skip: int, limit: int) -> Page[T]:
        found = self.tx.many(self._ordered(kind).offset(skip).limit(limit), self._reader(kind))
        counted = select(func.count()).select_from(self._of(kind).subquery())
        total = self.tx.connection.execute(counted).scalar_one()
        return Page(records=tuple(found), total=total)

    def save(self, kind: Kind[T], record: Record[T]) -> Record[T]:
        new = attrs.evolve(record, version=record.version + 1)
        self._write(kind, record, self._to_row(kind, new))
        return new

    def remove(self, kind: Kind[T], record: Record[T]) -> None:
        gone = {"removed_at": record.updated_at, "updated_by": record.updated_by}
        self._write(kind, record, {**gone, "version": record.version + 1})

    def _write(self, kind: Kind[T], record: Record[T], new: Row) -> None:
        own = (
            _row.brand_id == self.tx.brand_id,
            _row.kind == kind.name,
            _row.id == record.id,
            _row.removed_at.is_(None),
        )
        query = update(tables.record).where(*own, _row.version == record.version).values(**new)
        if refusing(self.tx.connection, query) == 0:
            raise stale(self.tx.connection.execute(select(_row.version).where(*own)).scalar())
        self._changed()

    def _of(self, kind: Kind[T]) -> "Select[Any]":
        return self.tx.of(tables.record).where(_row.kind == kind.name, _row.removed_at.is_(None))

    def _ordered(self, kind: Kind[T]) -> "Select[Any]":
        return self._of(kind).order_by(_row.created_at, _row.id)

    def _held(self, kind: Kind[T], where: Any) -> Record[T] | None:
        query = self._of(kind).where(where).with_for_update(key_share=True)
        return self.tx.one(query, self._reader(kind))

    def _to_row(self, kind: Kind[T], record: Record[T]) -> Row:
        row = {
            **{name: getattr(record, name) for name in _HEAD},
            "kind": kind.name,
            "key": kind.key_of(record.value),
            "chief": kind.chief_of(record.value),
            "document": kind.plain(record.value),
            "removed_at": None,
        }
        private = kind.private(record.value)
        return {
            **row,
            "sealed": self.tx.sealer.seal(_row.sealed, row, private) if private else None,
        }

    def _reader(self, kind: Kind[T]) -> Callable[[RowMapping], Record[T]]:
        def read(row: RowMapping) -> Record[T]:
            private = {} if row["sealed"] is None else self.tx.sealer.open(_row.sealed, row)
            value = from_document(kind.holds, {**row["document"], **private}, fill=True)
            return Record(value=value, **{name: row[name] for name in _HEAD})

        return read

    def _changed(self) -> None:
        self.tx.count(tables.counter, GENERATION)


@attrs.frozen
class SqlCouponUses:
    """One brand's coupons in use."""

    tx: Transaction

    def used(self, code: str) -> int:
        return self._count(_use.code == code)

    def by_customer(self, code: str, customer_id: CustomerId) -> int:
        return self._count(_use.code == code, _use.customer_id == customer_id)

    def of_loan(self, loan_id: LoanId) -> Redemption | None:
        query = self._held().where(_use.loan_id == loan_id)
        return self.tx.one(query, rows.plain(Redemption))

    def put(self, redemption: Redemption) -> None:
        row = rows.columns_of(redemption)
        if not self.tx.add_once(coupon_use, row, "code", "loan_id"):
            self.tx.replace(coupon_use, row, code=redemption.code, loan_id=redemption.loan_id)

    def _held(self) -> "Select[Any]":
        return self.tx.of(coupon_use).where(_use.released_at.is_(None))

    def _count(self, *where: Any) -> int:
        counted = select(func.count()).select_from(self._held().where(*where).subquery())
        return int(self.tx.connection.execute(counted).scalar_one())
