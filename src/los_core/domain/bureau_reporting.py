"""What the bureaus are told of a loan: its status, and whether it belongs in the next file.

Amounts are paise; the bureaus' own formats are the adapters' matter, dates are `bureau_calendar`.
Sources: CICRA reporting (compliance §8); bureau code table of written-off and settled facilities.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import attrs

from los_core.domain.arrears import SmaClass
from los_core.domain.lifecycle import Status
from los_core.domain.money import Paise


class Reported(StrEnum):
    """How a loan stands at the bureau."""

    OPEN = "OPEN"
    RESTRUCTURED = "RESTRUCTURED"
    CLOSED = "CLOSED"
    SETTLED = "SETTLED"
    WRITTEN_OFF = "WRITTEN_OFF"
    POST_WRITE_OFF_SETTLED = "POST_WRITE_OFF_SETTLED"
    POST_WRITE_OFF_CLOSED = "POST_WRITE_OFF_CLOSED"

    @property
    def facility_code(self) -> str:
        """The code of the written-off and settled column; "" where it stays empty."""
        return _FACILITY_CODES.get(self, "")

    @property
    def is_closed(self) -> bool:
        """Whether nothing more is expected on the account."""
        return self not in {Reported.OPEN, Reported.RESTRUCTURED, Reported.WRITTEN_OFF}


_FACILITY_CODES: Final[Mapping[Reported, str]] = MappingProxyType(
    {
        Reported.RESTRUCTURED: "00",
        Reported.WRITTEN_OFF: "02",
        Reported.SETTLED: "03",
        Reported.POST_WRITE_OFF_SETTLED: "04",
        Reported.POST_WRITE_OFF_CLOSED: "13",
    }
)


def reported(
    status: Status,
    *,
    was_written_off: bool = False,
    claim_left: Paise = 0,
    restructured: bool = False,
) -> Reported | None:
    """Return the bureau status of a loan; None before money was lent: nothing is reported then.

    `was_written_off` tells a settlement after a write-off apart, `claim_left` a written-off loan
    that was paid in full after all. A reversal that reopens a loan reports it open again.
    """
    match status:
        case Status.DISBURSED | Status.SETTLEMENT_IN_PROGRESS:
            return Reported.RESTRUCTURED if restructured else Reported.OPEN
        case Status.COMPLETED:
            return Reported.CLOSED
        case Status.SETTLED:
            return Reported.POST_WRITE_OFF_SETTLED if was_written_off else Reported.SETTLED
        case Status.WRITTEN_OFF:
            return Reported.WRITTEN_OFF if claim_left > 0 else Reported.POST_WRITE_OFF_CLOSED
        case _:
            return None


@attrs.frozen(kw_only=True)
class Account:
    """A loan as one report shows it, on the report's reference date; paise.

    `dpd` counts the due date as day 1; `asset` is the class of the borrower.
    """

    status: Reported
    disbursed_on: date
    outstanding: Paise
    overdue: Paise
    dpd: int
    asset: SmaClass
    last_paid_on: date | None = None
    closed_on: date | None = None


class Why(StrEnum):
    """Why a loan is in an incremental file."""

    OPENED = "OPENED"
    CLOSED = "CLOSED"
    OVERDUE = "OVERDUE"
    CHANGED = "CHANGED"


def why_in_increment(previous: Account | None, now: Account) -> Why | None:
    """Return why the loan is in the incremental file; None: it is left out.

    `previous` is what the last accepted file said; None: never reported. A correction of anything
    reported is a change.
    """
    if previous is None:
        return Why.OPENED
    if now.status.is_closed and not previous.status.is_closed:
        return Why.CLOSED
    if now.dpd > 0:
        return Why.OVERDUE
    return Why.CHANGED if now != previous else None


def tells_borrower(now: Account) -> bool:
    """Return whether the borrower gets a message about the report: days past due are reported."""
    return now.dpd > 0
