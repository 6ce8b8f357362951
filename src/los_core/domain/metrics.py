"""The figures of a lender's dashboards, by one formula each.

Per cents have two decimals, rounded half up, and are None where there is nothing to divide by.
Amounts are paise. Gathering what goes in is the store's work (summary rows kept by the
transactions that change money); nothing here reads a book. Source: dashboard metrics (operations
§11, example MET-01).
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

import attrs

from los_core.domain.money import Paise, round_half_up


def percent(part: int, whole: int) -> Decimal | None:
    """Return `part` of `whole` in per cent with two decimals; None where `whole` is not above 0."""
    if whole <= 0:
        return None
    return Decimal(round_half_up(part * 10_000, whole)).scaleb(-2)


def average(total: int, count: int) -> int | None:
    """Return total / count rounded half up to a whole; None where there is nothing counted."""
    return None if count <= 0 else round_half_up(total, count)


@attrs.frozen(kw_only=True)
class Period:
    """What a period's dashboard is computed from; amounts in paise, others are counts.

    Attributes:
        due: dues falling in the period; `collected_against_due` is what came in for them.
        opening_overdue: overdue when the period began; `collected` is all that came in.
        outstanding: principal outstanding at its end, `outstanding_dpd_over_30` and
            `outstanding_npa` the parts of it.
        accounts_opening: accounts when it began; `rolled_forward` of them are in a worse bucket
            now, `cured` back at bucket 0.
        approved, rejected: applications decided in the period.
        disbursed: loans disbursed.
        presented, bounced: mandate debits presented, and those of them that failed.
        promises, promises_kept: promises to pay that fell due in the period.
        first_dues, first_dues_unpaid_30: first instalments that reached thirty days past due in
            the period, paid or not, and those unpaid.
        disbursed_amount: sum of loans disbursed; `repeat` of them to earlier borrowers.
    """

    due: Paise = 0
    collected_against_due: Paise = 0
    opening_overdue: Paise = 0
    collected: Paise = 0
    outstanding: Paise = 0
    outstanding_dpd_over_30: Paise = 0
    outstanding_npa: Paise = 0
    accounts_opening: int = 0
    rolled_forward: int = 0
    cured: int = 0
    approved: int = 0
    rejected: int = 0
    disbursed: int = 0
    disbursed_amount: Paise = 0
    repeat: int = 0
    presented: int = 0
    bounced: int = 0
    promises: int = 0
    promises_kept: int = 0
    first_dues: int = 0
    first_dues_unpaid_30: int = 0


@attrs.frozen(kw_only=True)
class Metrics:
    """A period's figures: per cents, and the average loan in paise; None: nothing to divide by."""

    current_collection_efficiency_pct: Decimal | None
    overall_collection_efficiency_pct: Decimal | None
    par_30_pct: Decimal | None
    gnpa_pct: Decimal | None
    roll_forward_pct: Decimal | None
    cure_rate_pct: Decimal | None
    approval_rate_pct: Decimal | None
    disbursal_conversion_pct: Decimal | None
    first_payment_default_pct: Decimal | None
    bounce_pct: Decimal | None
    promises_kept_pct: Decimal | None
    repeat_pct: Decimal | None
    average_ticket: Paise | None


def metrics(period: Period) -> Metrics:
    """Return the figures of a period.

    Collection can exceed 100 per cent where more came in than fell due; the others cannot.
    """
    return Metrics(
        current_collection_efficiency_pct=percent(period.collected_against_due, period.due),
        overall_collection_efficiency_pct=percent(
            period.collected, period.due + period.opening_overdue
        ),
        par_30_pct=percent(period.outstanding_dpd_over_30, period.outstanding),
        gnpa_pct=percent(period.outstanding_npa, period.outstanding),
        roll_forward_pct=percent(period.rolled_forward, period.accounts_opening),
        cure_rate_pct=percent(period.cured, period.accounts_opening),
        approval_rate_pct=percent(period.approved, period.approved + period.rejected),
        disbursal_conversion_pct=percent(period.disbursed, period.approved),
        first_payment_default_pct=percent(period.first_dues_unpaid_30, period.first_dues),
        bounce_pct=percent(period.bounced, period.presented),
        promises_kept_pct=percent(period.promises_kept, period.promises),
        repeat_pct=percent(period.repeat, period.disbursed),
        average_ticket=average(period.disbursed_amount, period.disbursed),
    )


@attrs.frozen(kw_only=True)
class Turnaround:
    """How long something took, in seconds: the middle of all, and what nine in ten stay within."""

    count: int
    median_s: int | None
    p90_s: int | None


def turnaround(durations_s: Iterable[int]) -> Turnaround:
    """Return the median and the 90th percentile of durations in seconds.

    The median of an even number is the mean of the middle two, rounded half up; the percentile is
    the nearest rank, a duration that was really measured. Used for submission to decision and for
    signature to UTR.
    """
    ordered = sorted(durations_s)
    if not ordered:
        return Turnaround(count=0, median_s=None, p90_s=None)
    return Turnaround(
        count=len(ordered),
        median_s=_median(ordered),
        p90_s=ordered[-(-len(ordered) * 9 // 10) - 1],
    )


def _median(ordered: Sequence[int]) -> int:
    half = len(ordered) // 2
    if len(ordered) % 2:
        return ordered[half]
    return round_half_up(ordered[half - 1] + ordered[half], 2)


BUCKETS: Sequence[str] = ("0", "1-30", "31-60", "61-90", "90+")
"""Collection buckets from best to worst, as `arrears.bucket` names them."""


@attrs.frozen(kw_only=True)
class Movement:
    """How accounts moved between the buckets of two days; `left` are closed or written off."""

    opening: int
    rolled_forward: int
    rolled_back: int
    cured: int
    stayed: int
    left: int


def movement(pairs: Iterable[tuple[str, str | None]]) -> Movement:
    """Count accounts by (opening bucket, closing bucket); None: no longer in the book.

    Cured are those that came back to bucket 0 from a worse one; better without reaching 0 is rolled
    back. Raises: ValueError: a bucket that is none of BUCKETS.
    """
    counts = dict.fromkeys(("rolled_forward", "rolled_back", "cured", "stayed", "left"), 0)
    for before, after in pairs:
        counts[_moved(BUCKETS.index(before), after)] += 1
    return Movement(opening=sum(counts.values()), **counts)


def _moved(before: int, closing: str | None) -> str:
    if closing is None:
        return "left"
    after = BUCKETS.index(closing)
    if after > before:
        return "rolled_forward"
    if after == before:
        return "stayed"
    return "cured" if after == 0 else "rolled_back"
