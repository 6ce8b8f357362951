"""Dates of a loan: month arithmetic from an anchor day, holiday shifts, working days.

Pure functions of dates and a set of non-repayment dates. Which rule a loan follows is in its
terms; how a first due date is chosen is in `due_rules`.
"""

import calendar
from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from datetime import date, timedelta
from functools import lru_cache

from los_core.domain.policies import ShiftRule
from los_core.domain.repayment import Frequency

_DAY = timedelta(days=1)
_SUNDAY = 6


def days_between(start: date, end: date) -> int:
    """Return calendar days from `start` (counted) to `end` (not counted); negative if reversed.

    Source: schedule maths §1.
    """
    return end.toordinal() - start.toordinal()


def on_anchor(year: int, month: int, anchor_day: int) -> date:
    """Return the anchor day of a month, or the month's last day where the month is shorter.

    `month` may lie outside 1..12 and carries into the year, so `on_anchor(2026, 13, 31)` is
    31 January 2027.
    """
    years, index = divmod(month - 1, 12)
    year, month = year + years, index + 1
    return date(year, month, min(anchor_day, calendar.monthrange(year, month)[1]))


def add_months(day: date, months: int, *, anchor_day: int) -> date:
    """Return the anchored date `months` after (or, if negative, before) the month of `day`.

    The anchor day, or the month's last day where it is shorter: 31 January, 28 February, 31 March.
    Source: schedule maths §3 (due dates come from the anchor, never from the date before).
    """
    return on_anchor(day.year, day.month + months, anchor_day)


@lru_cache(maxsize=4096)
def monthly_dates(first: date, anchor_day: int, count: int) -> tuple[date, ...]:
    """Return `count` monthly dates, the first in the month of `first`.

    Every date is counted from the anchor, never from the date before: 31 January is followed by
    28 February and 31 March. Source: schedule maths §3.
    """
    year, month = first.year, first.month
    return tuple(on_anchor(year, month + index, anchor_day) for index in range(count))


def add_periods(day: date, periods: int, frequency: Frequency, *, anchor_day: int) -> date:
    """Return the date `periods` after (or, if negative, before) `day`; months keep to the anchor.

    Raises: OverflowError, ValueError: a date outside the calendar of the years 1 to 9999.
    """
    if frequency.months:
        return add_months(day, periods * frequency.months, anchor_day=anchor_day)
    return day + timedelta(days=periods * frequency.days)


@lru_cache(maxsize=4096)
def due_dates(first: date, anchor_day: int, count: int, frequency: Frequency) -> tuple[date, ...]:
    """Return `count` contract due dates from `first`, each counted from the first or its anchor."""
    if frequency is Frequency.MONTHLY:
        return monthly_dates(first, anchor_day, count)
    return tuple(
        add_periods(first, index, frequency, anchor_day=anchor_day) for index in range(count)
    )


def month_end(day: date) -> date:
    """Return the last calendar day of the month of `day`."""
    return date(day.year, day.month, calendar.monthrange(day.year, day.month)[1])


def shifted(due_on: date, rule: ShiftRule, holidays: AbstractSet[date]) -> date:
    """Return the date on which something due on `due_on` is asked for.

    Rolls day by day until the date is free. The modified rules roll the other way where the first
    direction would leave the month. Source: schedule maths §5.
    """
    if rule is ShiftRule.NONE or due_on not in holidays:
        return due_on
    forward = rule in (ShiftRule.FOLLOWING, ShiftRule.MODIFIED_FOLLOWING)
    found = _rolled(due_on, _DAY if forward else -_DAY, holidays)
    modified = rule in (ShiftRule.MODIFIED_FOLLOWING, ShiftRule.MODIFIED_PRECEDING)
    if modified and found.month != due_on.month:
        return _rolled(due_on, -_DAY if forward else _DAY, holidays)
    return found


def one_after_another(days: Iterable[date], holidays: AbstractSet[date]) -> tuple[date, ...]:
    """Return the days with each moved on, past holidays, to lie after the one before it."""
    moved: list[date] = []
    for day in days:
        earliest = moved[-1] + _DAY if moved and moved[-1] >= day else day
        moved.append(_rolled(earliest, _DAY, holidays))
    return tuple(moved)


def is_working_day(day: date, holidays: AbstractSet[date]) -> bool:
    """Return whether `day` is neither a Sunday nor a non-repayment date of the brand."""
    return day.weekday() != _SUNDAY and day not in holidays


def add_working_days(start: date, count: int, holidays: AbstractSet[date]) -> date:
    """Return the day that completes `count` working days after `start`, which is not counted.

    Source: KFS validity, RBI KFS circular of 15-Apr-2024 (working days leave out Sundays and the
    brand's non-repayment dates).
    """
    day = start
    while count > 0:
        day += _DAY
        if is_working_day(day, holidays):
            count -= 1
    return day


def working_days_between(start: date, end: date, holidays: AbstractSet[date]) -> int:
    """Return how many working days lie after `start` up to and including `end`."""
    span = days_between(start, end)
    days = (start + timedelta(days=ahead) for ahead in range(1, span + 1))
    return sum(is_working_day(day, holidays) for day in days)


def _rolled(day: date, step: timedelta, holidays: AbstractSet[date]) -> date:
    while day in holidays:
        day += step
    return day
