"""Notifications of staff: added in the transaction of their cause, read across a person's brands.

`Notices` is part of a unit of work. `Mailbox` serves one person in all the brands they work for:
each method is one transaction of its own and sees rows of the named brands only.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from los_core.domain.ids import BrandId, StaffId
from los_core.domain.notification import Notification


class Notices(Protocol):
    """Adds notifications of the brand, and takes old ones away."""

    def add(self, notifications: Sequence[Notification]) -> None:
        """Write them, but for those of people who no longer work for the brand."""
        ...

    def purge(self, *, before: datetime, limit: int) -> int:
        """Delete those created before an instant; return how many, `limit` at most."""
        ...


class Mailbox(Protocol):
    """What one person was told and has not dismissed."""

    def page(
        self, staff_id: StaffId, brands: Collection[BrandId], *, skip: int, limit: int
    ) -> Sequence[Notification]:
        """Newest first."""
        ...

    def counts(self, staff_id: StaffId, brands: Collection[BrandId]) -> tuple[int, int]:
        """Return how many there are, and how many of them are unread."""
        ...

    def get(
        self, staff_id: StaffId, brands: Collection[BrandId], notification_id: UUID
    ) -> Notification | None:
        """Return one, dismissed or not; None where there is none such, or it is another's."""
        ...

    def read(
        self,
        staff_id: StaffId,
        brands: Collection[BrandId],
        at: datetime,
        *,
        only: UUID | None = None,
    ) -> int:
        """Mark all as read, or one; return how many of these there are, read before or not."""
        ...

    def dismiss(
        self, staff_id: StaffId, brands: Collection[BrandId], notification_id: UUID, at: datetime
    ) -> bool:
        """Take one from the list; False where there is none such."""
        ...

    def since(
        self,
        people: Collection[StaffId],
        brands: Collection[BrandId],
        *,
        since: datetime,
        limit: int,
        after: tuple[datetime, UUID] | None = None,
    ) -> Sequence[Notification]:
        """Return unread ones of several people created at `since` or later, oldest first.

        `after` goes on behind one of them, by its instant and id.
        """
        ...
