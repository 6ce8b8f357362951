"""How a product chooses the first due date from the day the money is credited.

The rule is applied once, at pricing; a loan's terms hold the date that came out, so that due
dates stay where the borrower read them if the money is credited a day later. Source: schedule
maths §3.
"""

from datetime import date, timedelta
from typing import TypeAlias, assert_never

import attrs

from los_core.domain.errors import InvalidTerms
from los_core.domain.repayment import Frequency
from los_core.domain.workdays import add_months, add_periods, days_between, on_anchor

MAX_MONTHS_AHEAD = 24


@attrs.frozen(kw_only=True)
class AfterOneMonth:
    """The same day of the next month; that day is the anchor."""


@attrs.frozen(kw_only=True)
class AfterOnePeriod:
    """One week, fortnight, quarter or other period after the credit."""

    frequency: Frequency


@attrs.frozen(kw_only=True)
class FixedWeekday:
    """The first given weekday (Monday is 0) at least `min_first_gap_days` after the credit."""

    weekday: int
    min_first_gap_days: int = 7

    def __attrs_post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise InvalidTerms(f"a weekday lies from 0 to 6, not {self.weekday}")
        if self.min_first_gap_days < 1:
            raise InvalidTerms(f"the least first gap is a day, not {self.min_first_gap_days}")


@attrs.frozen(kw_only=True)
class FixedDay:
    """The first of the cycle days at least `min_first_gap_days` after the credit."""

    cycle_days: tuple[int, ...]
    min_first_gap_days: int = 15

    def __attrs_post_init__(self) -> None:
        if not self.cycle_days or not all(1 <= day <= 31 for day in self.cycle_days):
            raise InvalidTerms(f"cycle days lie from 1 to 31, not {self.cycle_days}")


@attrs.frozen(kw_only=True)
class TenureDays:
    """A fixed number of days after the credit (bullet loans)."""

    days: int

    def __attrs_post_init__(self) -> None:
        if self.days < 1:
            raise InvalidTerms(f"a tenure is at least one day, not {self.days}")


@attrs.frozen(kw_only=True)
class SalaryDate:
    """The next salary day plus `offset_days`, a month later where that is nearer than the least.

    `salary_day` is the borrower's; a month without it pays on its last day.
    """

    salary_day: int
    offset_days: int = 0
    min_tenure_days: int = 7

    def __attrs_post_init__(self) -> None:
        if not 1 <= self.salary_day <= 31:
            raise InvalidTerms(f"a salary day lies from 1 to 31, not {self.salary_day}")


DueRule: TypeAlias = (
    AfterOneMonth | AfterOnePeriod | FixedDay | FixedWeekday | TenureDays | SalaryDate
)


def first_due(rule: DueRule, *, credited_on: date) -> tuple[date, int]:
    """Return (first due date, anchor day) for money credited on `credited_on`.

    The contract date, before any holiday moves it; the anchor day (1 to 31) fixes the later ones.
    Source: schedule maths §3.
    """
    match rule:
        case AfterOneMonth():
            return add_months(credited_on, 1, anchor_day=credited_on.day), credited_on.day
        case AfterOnePeriod():
            frequency, anchor_day = rule.frequency, credited_on.day
            due_on = add_periods(credited_on, 1, frequency, anchor_day=anchor_day)
            return due_on, due_on.day if frequency.days else anchor_day
        case FixedWeekday():
            earliest = credited_on + timedelta(days=rule.min_first_gap_days)
            due_on = earliest + timedelta(days=(rule.weekday - earliest.weekday()) % 7)
            return due_on, due_on.day
        case FixedDay():
            return _first_cycle_day(rule, credited_on)
        case TenureDays():
            due_on = credited_on + timedelta(days=rule.days)
            return due_on, due_on.day
        case SalaryDate():
            due_on = _after_salary(rule, credited_on)
            return due_on, due_on.day
    assert_never(rule)


def _first_cycle_day(rule: FixedDay, credited_on: date) -> tuple[date, int]:
    earliest = credited_on + timedelta(days=rule.min_first_gap_days)
    candidates = (
        (on_anchor(earliest.year, earliest.month + ahead, day), day)
        for ahead in (0, 1)
        for day in sorted(set(rule.cycle_days))
    )
    return min(found for found in candidates if found[0] >= earliest)


def _after_salary(rule: SalaryDate, credited_on: date) -> date:
    for ahead in range(MAX_MONTHS_AHEAD):
        salary_on = on_anchor(credited_on.year, credited_on.month + ahead, rule.salary_day)
        due_on = salary_on + timedelta(days=rule.offset_days)
        if salary_on > credited_on and days_between(credited_on, due_on) >= rule.min_tenure_days:
            return due_on
    raise InvalidTerms(f"no salary date at least {rule.min_tenure_days} days after {credited_on}")
