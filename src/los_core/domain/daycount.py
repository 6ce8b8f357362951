"""Day counts: how a span of days becomes an exact fraction of a year.

Source: schedule maths §2 (ISDA bond basis for 30/360, ISDA split for ACT/ACT), ISDA 2006
definitions §4.16(g) for 30E/360. Fractions are
integer pairs so that interest on them rounds once.
"""

from collections.abc import Callable
from datetime import date

from los_core.domain.policies import DayCount
from los_core.domain.workdays import days_between


def year_fraction(count: DayCount, start: date, end: date) -> tuple[int, int]:
    """Return (numerator, denominator) of the year fraction from `start` to `end`.

    Raises: ValueError: the monthly count, which has periods and no days.
    """
    if count is DayCount.ACT_ACT:
        return _act_act(start, end), 365 * 366
    if count is DayCount.MONTHLY:
        raise ValueError("a monthly day count has no fraction for days")
    days, year = _COUNTS[count]
    return days(start, end), year


def _thirty_360(start: date, end: date) -> int:
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return _thirty_days_a_month(start, end) + last - first


def _thirty_e_360(start: date, end: date) -> int:
    return _thirty_days_a_month(start, end) + min(end.day, 30) - min(start.day, 30)


def _thirty_days_a_month(start: date, end: date) -> int:
    return 360 * (end.year - start.year) + 30 * (end.month - start.month)


def _act_act(start: date, end: date) -> int:
    """Return the fraction over 365 × 366: leap-year days weigh 365, other days 366."""
    total = 0
    for year in range(start.year, end.year + 1):
        first = max(start, date(year, 1, 1))
        after = min(end, date(year + 1, 1, 1))
        days = days_between(first, after)
        total += days * (365 if _is_leap(year) else 366)
    return total


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


_COUNTS: dict[DayCount, tuple[Callable[[date, date], int], int]] = {
    DayCount.ACT_365: (days_between, 365),
    DayCount.ACT_364: (days_between, 364),
    DayCount.ACT_360: (days_between, 360),
    DayCount.THIRTY_360: (_thirty_360, 360),
    DayCount.THIRTY_E_360: (_thirty_e_360, 360),
    DayCount.THIRTY_365: (_thirty_360, 365),
}
"""Days of a span and days of a year, for the counts that are one quotient."""
