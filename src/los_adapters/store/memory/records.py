"""Records of the brands' settings, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Callable, Sequence
from typing import TypeVar
from uuid import UUID

import attrs

from los_adapters.store.memory.shelves import Shelves, parent, stale
from los_adapters.store.once import CHIEF_ON_FILE, GENERATION, RECORD_ON_FILE
from los_core.domain.coupon import Redemption
from los_core.domain.errors import Conflict
from los_core.domain.ids import BrandId, CustomerId, LoanId
from los_core.domain.record import Kind, Page, Record

T = TypeVar("T")


@attrs.frozen
class MemoryRecords:
    """One brand's records."""

    shelves: Shelves
    brand_id: BrandId

    def add(self, kind: Kind[T], record: Record[T]) -> None:
        self._check(kind, record)
        self._changed()
        assert self.shelves.records.add(record, self.brand_id, kind.name, record.id), "a new id"

    def get(self, kind: Kind[T], record_id: UUID) -> Record[T] | None:
        return self.shelves.records.get(self.brand_id, kind.name, record_id)

    def lock(self, kind: Kind[T], record_id: UUID) -> Record[T] | None:
        return self.get(kind, record_id)

    def by_key(self, kind: Kind[T], key: str) -> Record[T] | None:
        return self._first(kind, lambda value: kind.key_of(value) == key)

    def chief(self, kind: Kind[T], group: str) -> Record[T] | None:
        return self._first(kind, lambda value: kind.chief_of(value) == group)

    def all(self, kind: Kind[T]) -> Sequence[Record[T]]:
        return self.shelves.records.of(self.brand_id, kind.name)

    def page(self, kind: Kind[T], *, skip: int, limit: int) -> Page[T]:
        found = self.all(kind)
        return Page(records=tuple(found[skip : skip + limit]), total=len(found))

    def save(self, kind: Kind[T], record: Record[T]) -> Record[T]:
        self._current(kind, record)
        self._check(kind, record)
        self._changed()
        new = attrs.evolve(record, version=record.version + 1)
        self.shelves.records.replace(new, self.brand_id, kind.name, record.id)
        return new

    def remove(self, kind: Kind[T], record: Record[T]) -> None:
        self._current(kind, record)
        self._changed()
        self.shelves.records.take(self.brand_id, kind.name, record.id)

    def _first(self, kind: Kind[T], where: Callable[[T], bool]) -> Record[T] | None:
        found = self.shelves.records.of(
            self.brand_id, kind.name, where=lambda record: where(record.value)
        )
        return next(iter(found), None)

    def _current(self, kind: Kind[T], record: Record[T]) -> None:
        kept = self.get(kind, record.id)
        if kept is None or kept.version != record.version:
            raise stale(None if kept is None else kept.version)

    def _check(self, kind: Kind[T], record: Record[T]) -> None:
        """Refuse what the unique keys of a database would."""
        for mine, find, refusal in (
            (kind.key_of(record.value), self.by_key, RECORD_ON_FILE),
            (kind.chief_of(record.value), self.chief, CHIEF_ON_FILE),
        ):
            other = None if mine is None else find(kind, mine)
            if other is not None and other.id != record.id:
                code, message = refusal
                raise Conflict(message, code=code)

    def _changed(self) -> None:
        count = self.shelves.numbers.get(self.brand_id, GENERATION) or 0
        self.shelves.numbers.put(count + 1, self.brand_id, GENERATION)


@attrs.frozen
class MemoryCouponUses:
    """One brand's coupons in use."""

    shelves: Shelves
    brand_id: BrandId

    def used(self, code: str) -> int:
        return len(self._held(lambda use: use.code == code))

    def by_customer(self, code: str, customer_id: CustomerId) -> int:
        return len(self._held(lambda use: (use.code, use.customer_id) == (code, customer_id)))

    def of_loan(self, loan_id: LoanId) -> Redemption | None:
        return next(iter(self._held(lambda use: use.loan_id == loan_id)), None)

    def put(self, redemption: Redemption) -> None:
        parent(self.shelves.loans, self.brand_id, redemption.loan_id)
        self.shelves.coupon_uses.put(redemption, self.brand_id, redemption.code, redemption.loan_id)

    def _held(self, where: Callable[[Redemption], bool]) -> list[Redemption]:
        return self.shelves.coupon_uses.of(
            self.brand_id, where=lambda use: use.released_at is None and where(use)
        )
