"""Time: the instant for machines, the business date for lending. Source: design decision D15."""

from datetime import date, datetime
from typing import Protocol


class Clock(Protocol):
    """The only source of time in the core."""

    def now(self) -> datetime:
        """Return the wall clock's instant, aware, in UTC: for tokens, leases and time-outs."""
        ...

    def business_now(self) -> datetime:
        """Return the instant lending goes by, aware, in UTC: for receipts, offers and notices."""
        ...

    def business_date(self) -> date:
        """Return the date in Asia/Kolkata of `business_now`."""
        ...
