"""Notifications of staff, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from uuid import UUID

import attrs

from los_adapters.store.memory.shelves import Shelves
from los_core.domain.ids import BrandId, StaffId
from los_core.domain.notification import Notification


@attrs.frozen
class MemoryNotices:
    """Notifications of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def add(self, notifications: Sequence[Notification]) -> None:
        for each in notifications:
            staff = self.shelves.staff.get(each.staff_id)
            if staff is not None and staff.active and self.brand_id in staff.brands:
                assert self.shelves.notifications.add(each, self.brand_id, each.id)

    def purge(self, *, before: datetime, limit: int) -> int:
        return self.shelves.notifications.purge(
            self.brand_id, where=lambda each: each.created_at < before, limit=limit
        )


@attrs.frozen
class MemoryMailbox:
    """Notifications of one person in the brands they work for."""

    shelves: Shelves
    transaction: Callable[[], AbstractContextManager[object]]
    held: Callable[[], AbstractContextManager[object]]

    def page(
        self, staff_id: StaffId, brands: Collection[BrandId], *, skip: int, limit: int
    ) -> Sequence[Notification]:
        with self.held():
            return self._kept(staff_id, brands)[::-1][skip : skip + limit]

    def counts(self, staff_id: StaffId, brands: Collection[BrandId]) -> tuple[int, int]:
        with self.held():
            kept = self._kept(staff_id, brands)
        return len(kept), sum(each.read_at is None for each in kept)

    def get(
        self, staff_id: StaffId, brands: Collection[BrandId], notification_id: UUID
    ) -> Notification | None:
        with self.held():
            found = self._of({staff_id}, brands)
        return next((each for each in found if each.id == notification_id), None)

    def read(
        self,
        staff_id: StaffId,
        brands: Collection[BrandId],
        at: datetime,
        *,
        only: UUID | None = None,
    ) -> int:
        with self.transaction():
            found = [
                each
                for each in self._kept(staff_id, brands)
                if (each.read_at is None if only is None else each.id == only)
            ]
            for each in found:
                each.read_at = each.read_at or at
                self._save(each)
        return len(found)

    def dismiss(
        self, staff_id: StaffId, brands: Collection[BrandId], notification_id: UUID, at: datetime
    ) -> bool:
        with self.transaction():
            found = [e for e in self._kept(staff_id, brands) if e.id == notification_id]
            for each in found:
                each.dismissed_at = at
                self._save(each)
        return bool(found)

    def since(
        self,
        people: Collection[StaffId],
        brands: Collection[BrandId],
        *,
        since: datetime,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> Sequence[Notification]:
        with self.held():
            found = self._of(people, brands)
        return [
            each
            for each in found
            if each.created_at >= since
            and each.read_at is None
            and each.dismissed_at is None
            and (after is None or (each.created_at, each.id) > after)
        ][:limit]

    def _kept(self, staff_id: StaffId, brands: Collection[BrandId]) -> list[Notification]:
        return [each for each in self._of({staff_id}, brands) if each.dismissed_at is None]

    def _of(self, people: Collection[StaffId], brands: Collection[BrandId]) -> list[Notification]:
        found = self.shelves.notifications.of(
            where=lambda each: each.staff_id in people and each.brand_id in brands
        )
        return sorted(found, key=lambda each: (each.created_at, each.id))

    def _save(self, each: Notification) -> None:
        self.shelves.notifications.replace(each, each.brand_id, each.id)
