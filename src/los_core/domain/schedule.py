"""Repayment schedules of every method, in columns of whole paise.

`build` is the one engine behind the offer, the Key Facts Statement, the agreement, the timeline and
the fold. Here terms and a credit date become dates and columns; interest on spans is `accrual`,
what each method makes of it `methods` and `amortisation`. Payments are no concern of this module.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from itertools import count, pairwise
from operator import sub
from typing import NamedTuple

import attrs

from los_core.domain.accrual import Start, broken_interest, interest_for
from los_core.domain.errors import InvalidTerms
from los_core.domain.methods import check_repays, rows_for, within_limit
from los_core.domain.money import Paise
from los_core.domain.policies import BrokenPeriod, DayCount, InterestOnShift, Method, ShiftRule
from los_core.domain.repayment import Frequency, MoratoriumInterest
from los_core.domain.terms import Terms
from los_core.domain.workdays import (
    add_periods,
    days_between,
    due_dates,
    one_after_another,
    shifted,
)

__all__ = ["Instalment", "Schedule", "build", "interest_for"]


class Instalment(NamedTuple):
    """One row, built on access; money in paise, `no` from 1."""

    no: int
    due_on: date
    adjusted_due_on: date
    opening: Paise
    interest: Paise
    principal: Paise
    amount: Paise
    closing: Paise


_AS_INSTALMENT: Callable[[tuple[object, ...]], Instalment] = partial(tuple.__new__, Instalment)
"""An instalment of a tuple: half the time of calling the class."""


@attrs.frozen(kw_only=True)
class Schedule:
    """The rows of a loan as columns, and the figures that are not rows.

    Attributes:
        accrued_on: the date up to which each row's interest runs; the first row's starts on
            `interest_from`, or `broken_days` later where the time before has interest of its own.
        opening: the balance a row's principal repays, money credited in its period included.
        emi: the regular instalment: level, or the first that repays principal.
        broken_days: days before the first regular period, a moratorium's included; negative for a
            short first period.
        broken_interest: interest of those days, wherever it is asked for.
        upfront_interest: the part withheld at disbursal, outside the rows.
        capitalised: the part that joined the principal: it is in `opening` and `principal`.
        credited: money lent within each row's period where there were several credits; empty for
            one credit before the first row.

    The invariants of schedule maths §1 are asserted here.
    """

    due_on: tuple[date, ...]
    adjusted_due_on: tuple[date, ...]
    accrued_on: tuple[date, ...]
    opening: tuple[Paise, ...]
    interest: tuple[Paise, ...]
    principal: tuple[Paise, ...]
    amount: tuple[Paise, ...]
    emi: Paise
    interest_from: date
    broken_days: int = 0
    broken_interest: Paise = 0
    upfront_interest: Paise = 0
    capitalised: Paise = 0
    credited: tuple[Paise, ...] = ()

    def __attrs_post_init__(self) -> None:
        lent = self.opening[0] + sum(self.credited[1:])
        assert sum(self.principal) == lent, "principal does not sum to the amount lent"
        assert self.opening[-1] == self.principal[-1], "the last closing balance is not zero"
        assert min(self.principal) >= 0, "a row repays negative principal"
        assert min(self.interest) >= 0, "a row has negative interest"
        assert min(self.amount) > 0, "a row asks for nothing"
        assert len(self.due_on) == len(self.amount), "columns differ in length"

    def __len__(self) -> int:
        return len(self.due_on)

    def __getitem__(self, index: int) -> Instalment:
        opening, principal = self.opening[index], self.principal[index]
        return Instalment(
            no=index % len(self) + 1,
            due_on=self.due_on[index],
            adjusted_due_on=self.adjusted_due_on[index],
            opening=opening,
            interest=self.interest[index],
            principal=principal,
            amount=self.amount[index],
            closing=opening - principal,
        )

    def __iter__(self) -> Iterator[Instalment]:
        rows = zip(
            count(1),
            self.due_on,
            self.adjusted_due_on,
            self.opening,
            self.interest,
            self.principal,
            self.amount,
            map(sub, self.opening, self.principal),
            strict=False,
        )
        return map(_AS_INSTALMENT, rows)

    @property
    def total_interest(self) -> Paise:
        """All interest: of the rows, withheld upfront, and capitalised."""
        return sum(self.interest) + self.upfront_interest + self.capitalised

    @property
    def unearned(self) -> Paise:
        """Interest in the borrower's debt from the credit, earned over the broken days."""
        return self.upfront_interest + self.capitalised

    @property
    def total_payable(self) -> Paise:
        """Everything the rows ask for."""
        return sum(self.amount)


def build(terms: Terms, *, disbursed_on: date) -> Schedule:
    """Return the schedule of `terms` for money credited on `disbursed_on`.

    Due dates come from the terms and stay; interest runs from the credit, or from the planned date
    if the money came earlier. Raises: InvalidTerms: due before disbursal, no days of interest,
    negative amortisation, or a rounding unit too coarse for the amount.
    """
    if not disbursed_on < terms.first_due_on:
        raise InvalidTerms(
            f"the first instalment is due on {terms.first_due_on}, money came on {disbursed_on}"
        )
    begun = max(disbursed_on, terms.planned_on)
    start = begun - timedelta(days=terms.count_disbursal_day)
    dates = _dates(terms)
    if not begun < dates.adjusted_due_on[0]:
        raise InvalidTerms(
            f"the first instalment moves to {dates.adjusted_due_on[0]}, before {disbursed_on}"
        )
    if terms.method is Method.BULLET:
        return _bullet(terms, start, dates)
    return _instalments(terms, start, dates)


class _Dates(NamedTuple):
    due_on: tuple[date, ...]
    adjusted_due_on: tuple[date, ...]
    accrued_on: tuple[date, ...]


def _dates(terms: Terms) -> _Dates:
    due_on = due_dates(terms.first_due_on, terms.anchor_day, terms.instalments, terms.frequency)
    if not terms.non_repayment_dates:
        return _Dates(due_on, due_on, due_on)
    holidays = frozenset(terms.non_repayment_dates)
    if holidays.isdisjoint(due_on):
        return _Dates(due_on, due_on, due_on)
    adjusted = tuple(shifted(day, terms.shift_rule, holidays) for day in due_on)
    if terms.frequency is Frequency.DAILY and terms.shift_rule is ShiftRule.FOLLOWING:
        adjusted = one_after_another(adjusted, holidays)
    if not all(a < b for a, b in pairwise(adjusted)):
        raise InvalidTerms("non-repayment dates push one instalment onto the next")
    moved = terms.interest_on_shift is InterestOnShift.ADJUSTED
    return _Dates(due_on, adjusted, adjusted if moved else due_on)


def _bullet(terms: Terms, start: date, dates: _Dates) -> Schedule:
    principal = terms.principal
    exact = interest_for(terms, principal, start, dates.accrued_on[0])
    amount = terms.rounding.rounded(principal + exact, 1)
    if amount < principal:
        raise InvalidTerms(
            f"rounding to {terms.rounding} asks for less than the principal {principal}"
        )
    return Schedule(
        **dates._asdict(),
        opening=(principal,),
        interest=(amount - principal,),
        principal=(principal,),
        amount=(within_limit(amount),),
        emi=amount,
        interest_from=start,
    )


def _instalments(terms: Terms, start: date, dates: _Dates) -> Schedule:
    cycle_start = add_periods(terms.first_due_on, -1, terms.frequency, anchor_day=terms.anchor_day)
    broken_days = days_between(start, cycle_start)
    by_days = terms.day_count is not DayCount.MONTHLY or terms.broken_period is BrokenPeriod.ACTUAL
    waits = terms.moratorium.waits if terms.moratorium else 0
    apart = broken_days > 0 and (waits > 0 or terms.broken_period is not BrokenPeriod.ACTUAL)
    begins = Start(cycle_start if apart else start, broken_days, by_days)
    broken = upfront = capitalised = 0
    if apart:
        broken = broken_interest(terms, start, cycle_start, waits, begins)
        if terms.broken_period is BrokenPeriod.DEDUCT_UPFRONT:
            upfront = broken
        elif terms.moratorium and terms.moratorium.interest is MoratoriumInterest.CAPITALISED:
            capitalised = broken
    rows = rows_for(terms, terms.principal + capitalised, begins, dates.accrued_on)
    if added := broken - upfront - capitalised:
        rows.interest[0] += added
        rows.amount[0] += added
    check_repays(terms, rows)
    return Schedule(
        due_on=dates.due_on,
        adjusted_due_on=dates.adjusted_due_on,
        accrued_on=dates.accrued_on,
        opening=tuple(rows.opening),
        interest=tuple(rows.interest),
        principal=tuple(rows.principal),
        amount=tuple(rows.amount),
        emi=rows.emi,
        interest_from=start,
        broken_days=broken_days,
        broken_interest=broken,
        upfront_interest=upfront,
        capitalised=capitalised,
    )
