"""How terms and dates become interest: exact ratios per row, and the days before the first one.

Interest on a span is exact until it rounds, once, to a paisa. Rows come out of the ratios in
`amortisation`; which dates a loan has is in `schedule`. Source: schedule maths §2 to §4.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache
from math import gcd
from typing import NamedTuple

from los_core.domain.amortisation import Ratio, even_annuity
from los_core.domain.daycount import year_fraction
from los_core.domain.money import Paise, round_half_up
from los_core.domain.policies import DayCount, RateUnit
from los_core.domain.repayment import Frequency
from los_core.domain.terms import Terms
from los_core.domain.workdays import add_periods, days_between


class Start(NamedTuple):
    """How a loan's interest begins.

    `accrues_from` starts the first row's own interest; `by_days` says whether rows count days.
    """

    accrues_from: date
    broken_days: int
    by_days: bool


def interest_for(terms: Terms, base: Paise, start: date, end: date) -> Paise:
    """Return interest on `base` paise from `start` to `end` by the terms' day count, rounded once.

    A monthly day count has no days: it falls back to ACT_365, as broken periods do.
    """
    over, under = terms.annual_rate_pct.as_integer_ratio()
    count = DayCount.ACT_365 if terms.day_count is DayCount.MONTHLY else terms.day_count
    days, year = year_fraction(count, start, end)
    return round_half_up(base * over * days, 100 * under * year)


def row_ratios(
    terms: Terms, begins: Start, accrued_on: Sequence[date], *, running: bool = False
) -> list[Ratio]:
    """Return each row's interest per paisa of opening balance; if `running`, up to that row."""
    over, under = terms.annual_rate_pct.as_integer_ratio()
    if begins.by_days:
        day_count = terms.day_count
        if day_count is DayCount.MONTHLY:
            day_count = DayCount.ACT_365
        first = begins.accrues_from
        starts = [first] * len(accrued_on) if running else [first, *accrued_on]
        spans = zip(starts, accrued_on, strict=False)
        fractions = [year_fraction(day_count, a, b) for a, b in spans]
        return [(over * days, under * 100 * year) for days, year in fractions]
    ratios = [period_ratio(terms)] * terms.instalments
    if begins.broken_days < 0:
        days = days_between(begins.accrues_from, accrued_on[0])
        ratios[0] = (over * days, under * 36500)
    return ratios


def period_ratio(terms: Terms) -> Ratio:
    """Return the interest of one regular period per paisa, in lowest terms: a month is 1/12."""
    return regular_annuity(terms.rate_pct, terms.rate_unit, terms.frequency, 1)[0]


@lru_cache(maxsize=4096)
def regular_annuity(
    rate_pct: Decimal, rate_unit: RateUnit, frequency: Frequency, count: int
) -> tuple[Ratio, int, int]:
    """Return (ratio of a period, numerator, denominator of the level instalment per paisa)."""
    over, under = (rate_pct * 365 if rate_unit is RateUnit.DAILY else rate_pct).as_integer_ratio()
    part, year = frequency.year_share
    over, under = over * part, under * 100 * year
    common = gcd(over, under)
    ratio = over // common, under // common
    numerator, denominator = even_annuity(1, ratio, count)
    common = gcd(numerator, denominator)
    return ratio, numerator // common, denominator // common


def act_365(terms: Terms, days: int) -> Paise:
    """Return interest on the whole principal for `days` of a year of 365, rounded once."""
    over, under = terms.annual_rate_pct.as_integer_ratio()
    return round_half_up(terms.principal * over * days, under * 36500)


def broken_interest(
    terms: Terms, start: date, cycle_start: date, waits: int, *, by_days: bool
) -> Paise:
    """Return the interest of the days before the first regular period, rounded once.

    A moratorium counts by the terms' day count, whole periods as such; other broken days, and the
    days before a moratorium's whole periods, by ACT_365.
    """
    broken_days = days_between(start, cycle_start)
    if not waits:
        return act_365(terms, broken_days)
    if by_days:
        return interest_for(terms, terms.principal, start, cycle_start)
    waiting_from = add_periods(
        terms.first_due_on, -1 - waits, terms.frequency, anchor_day=terms.anchor_day
    )
    extra = days_between(start, waiting_from)
    if extra < 0:
        return act_365(terms, broken_days)
    over, under = period_ratio(terms)
    rate, base = terms.annual_rate_pct.as_integer_ratio()
    exact = waits * over * base * 36500 + extra * rate * under
    return round_half_up(terms.principal * exact, under * base * 36500)
