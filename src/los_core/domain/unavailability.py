"""Days on which a brand, or one of its staff, takes on no work.

A brand's day pauses what people or customers would be disturbed by: allocation and alerts; closing
the day, money and messages of law go on. Source: settings modules, Partner Unavailability Dates;
operations §1 and §7.
"""

from collections.abc import Iterable
from datetime import date

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.ids import StaffId


@attrs.frozen(kw_only=True)
class Unavailability:
    """A day off; `staff_id` None: of the whole brand.

    Raises: Invalid: no reason is given.
    """

    on: date
    reason: str
    staff_id: StaffId | None = None

    def __attrs_post_init__(self) -> None:
        if not self.reason.strip():
            raise Invalid("no such day off", fields=[("reason", "must say something")])

    @property
    def key(self) -> str:
        """One day off a day, for each person and for the brand."""
        return f"{self.on.isoformat()}|{self.staff_id or ''}"


def closed_days(days: Iterable[Unavailability]) -> frozenset[date]:
    """Return the days off of the whole brand."""
    return frozenset(day.on for day in days if day.staff_id is None)


def days_of(days: Iterable[Unavailability], staff_id: StaffId) -> frozenset[date]:
    """Return one person's own days off."""
    return frozenset(day.on for day in days if day.staff_id == staff_id)
