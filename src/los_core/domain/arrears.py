"""Days past due, buckets and regulatory classes: functions of one stored date and a business date.

Nothing here is a status and nothing is written because a day passed. A borrower's NPA date is the
exception: it sticks, is borrower-wide, and `npa_since` says when it starts and ends. Source:
schedule maths §14, RBI IRACP clarification of 12-Nov-2021.
"""

from datetime import date, timedelta
from enum import StrEnum

from los_core.domain.policies import AssetClass
from los_core.domain.workdays import add_months, days_between

_NPA_AFTER_DAYS = 90


class SmaClass(StrEnum):
    """The special-mention class of one loan by its days past due."""

    STANDARD = "STANDARD"
    SMA_0 = "SMA_0"
    SMA_1 = "SMA_1"
    SMA_2 = "SMA_2"
    NPA = "NPA"


def dpd(oldest_unpaid_due_on: date | None, on: date) -> int:
    """Return days past due at the end of day `on`; the due date itself is day 1.

    0 where nothing is unpaid (None) or the oldest unpaid item is still to come.
    """
    if oldest_unpaid_due_on is None:
        return 0
    return max(0, days_between(oldest_unpaid_due_on, on) + 1)


def days_late(due_on: date | None, on: date) -> int:
    """Return the days a borrower is told: whole days since the due date, 0 on it and before.

    One less than `dpd`, which counts the due date itself. None: nothing is unpaid.
    """
    return 0 if due_on is None else max(0, days_between(due_on, on))


def bucket(days_past_due: int) -> str:
    """Return the collection bucket of a DPD: 0, 1-30, 31-60, 61-90 or 90+.

    The queues that collectors work, with finer steps, are `followup.queue_of`.
    """
    if days_past_due <= 0:
        return "0"
    for last, name in ((30, "1-30"), (60, "31-60"), (_NPA_AFTER_DAYS, "61-90")):
        if days_past_due <= last:
            return name
    return "90+"


def sma_class(days_past_due: int) -> SmaClass:
    """Return the class of a DPD: up to 0, 30, 60, 90 days, and NPA beyond.

    Of one loan on one day; that NPA is the borrower's and stays is `npa_since` and `loan_class`.
    Source: RBI IRAC clarification, 12-Nov-2021, example DPD-01.
    """
    limits = (
        (0, SmaClass.STANDARD),
        (30, SmaClass.SMA_0),
        (60, SmaClass.SMA_1),
        (_NPA_AFTER_DAYS, SmaClass.SMA_2),
    )
    return next((name for last, name in limits if days_past_due <= last), SmaClass.NPA)


def npa_since(previous: date | None, oldest_unpaid_due_on: date | None, on: date) -> date | None:
    """Return since when the borrower is NPA at the end of day `on`, or None.

    `oldest_unpaid_due_on` is the oldest of all the borrower's loans with the lender. Once set the
    date stays through part payments, and goes only when no arrears at all are left.
    """
    days = dpd(oldest_unpaid_due_on, on)
    if previous is not None:
        return previous if days > 0 else None
    if oldest_unpaid_due_on is None or days <= _NPA_AFTER_DAYS:
        return None
    return oldest_unpaid_due_on + timedelta(days=_NPA_AFTER_DAYS)


def loan_class(npa: date | None, days_past_due: int) -> SmaClass:
    """Return the class to report: NPA while the borrower is, else that of the loan's own DPD.

    `npa` is what `npa_since` gave. Source: RBI IRAC norms (borrower-wise), example NPA-01.
    """
    return SmaClass.NPA if npa is not None else sma_class(days_past_due)


def asset_class(npa: date | None, on: date) -> AssetClass:
    """Return the asset class by NPA age: up to twelve months sub-standard, then doubtful.

    LOSS is a person's finding and never the calendar's. Source: RBI IRAC norms.
    """
    if npa is None:
        return AssetClass.STANDARD
    if on <= add_months(npa, 12, anchor_day=npa.day):
        return AssetClass.SUB_STANDARD
    return AssetClass.DOUBTFUL


def classification_dates(due_on: date) -> tuple[tuple[SmaClass, date], ...]:
    """Return when an unpaid instalment would make the loan SMA-0, SMA-1, SMA-2 and NPA.

    The example every borrower gets with the agreement.
    """
    steps = ((SmaClass.SMA_0, 0), (SmaClass.SMA_1, 30), (SmaClass.SMA_2, 60), (SmaClass.NPA, 90))
    return tuple((name, due_on + timedelta(days=days)) for name, days in steps)
