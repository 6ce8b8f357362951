"""Who of a brand's staff is at work: one sitting for each log-in that gave a sign of life."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol
from uuid import UUID

from los_core.domain.activity import Sitting
from los_core.domain.ids import StaffId


class Sittings(Protocol):
    """Sittings of the brand, by the id of their log-in."""

    def get(self, sitting_id: UUID) -> Sitting | None:
        """Return it as it is on file."""
        ...

    def lock(self, sitting_id: UUID) -> Sitting | None:
        """Return it, held against other writers until the transaction ends."""
        ...

    def add(self, sitting: Sitting) -> bool:
        """Return False, and change nothing, if its log-in has one."""
        ...

    def save(self, sitting: Sitting) -> None:
        """Write all of it."""
        ...

    def unended(self) -> Sequence[Sitting]:
        """Return those that have not ended, the oldest first."""
        ...

    def page(
        self, *, staff_id: StaffId | None, since: datetime, until: datetime, skip: int, limit: int
    ) -> Sequence[Sitting]:
        """Return those begun from `since` up to but without `until`, newest first."""
        ...

    def count(self, *, staff_id: StaffId | None, since: datetime, until: datetime) -> int:
        """Return how many those are in all."""
        ...

    def purge(self, *, before: datetime, limit: int) -> int:
        """Delete those begun before an instant; return how many, `limit` at most."""
        ...
