"""Who of a brand's staff is at work, in memory."""
# ruff: noqa: D102 - what each method does is said by its port

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import attrs

from los_adapters.store.memory.shelves import Shelves, parent
from los_core.domain.activity import Sitting
from los_core.domain.ids import BrandId, StaffId


@attrs.frozen
class MemorySittings:
    """Sittings of one brand."""

    shelves: Shelves
    brand_id: BrandId

    def get(self, sitting_id: UUID) -> Sitting | None:
        return self.shelves.sittings.get(self.brand_id, sitting_id)

    def lock(self, sitting_id: UUID) -> Sitting | None:
        return self.get(sitting_id)

    def add(self, sitting: Sitting) -> bool:
        parent(self.shelves.staff, sitting.staff_id)
        return self.shelves.sittings.add(sitting, self.brand_id, sitting.id)

    def save(self, sitting: Sitting) -> None:
        self.shelves.sittings.replace(sitting, self.brand_id, sitting.id)

    def unended(self) -> Sequence[Sitting]:
        return _oldest_first(
            self.shelves.sittings.of(
                self.brand_id, where=lambda each: each.activity.ended_at is None
            )
        )

    def page(
        self, *, staff_id: StaffId | None, since: datetime, until: datetime, skip: int, limit: int
    ) -> Sequence[Sitting]:
        return self._between(staff_id, since, until)[::-1][skip : skip + limit]

    def count(self, *, staff_id: StaffId | None, since: datetime, until: datetime) -> int:
        return len(self._between(staff_id, since, until))

    def purge(self, *, before: datetime, limit: int) -> int:
        return self.shelves.sittings.purge(
            self.brand_id, where=lambda each: each.activity.started_at < before, limit=limit
        )

    def _between(self, staff_id: StaffId | None, since: datetime, until: datetime) -> list[Sitting]:
        return _oldest_first(
            self.shelves.sittings.of(
                self.brand_id,
                where=lambda each: (
                    since <= each.activity.started_at < until and staff_id in (None, each.staff_id)
                ),
            )
        )


def _oldest_first(found: list[Sitting]) -> list[Sitting]:
    return sorted(found, key=lambda each: (each.activity.started_at, each.id))
