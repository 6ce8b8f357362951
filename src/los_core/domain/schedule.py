"""Repayment schedules of every method, in columns of whole paise.

`build` is the one engine behind the offer, the Key Facts Statement, the agreement, the timeline and
the fold. Here terms and a credit date become dates and columns; interest on spans is `accrual`,
what each method makes of it `methods` and `amortisation`. Payments are no concern of this module.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import lru_cache, partial
from itertools import count, pairwise
from operator import sub
from typing import NamedTuple

import attrs

from los_core.domain.accrual import Start, broken_interest, interest_for
from los_core.domain.amortisation import Rows
from los_core.domain.errors import InvalidTerms
from los_core.domain.methods import everyday_rows, rows_for, with_added, within_limit
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

__all__ = ["Instalment", "LoanDates", "Schedule", "build", "interest_for", "loan_dates"]

_DAY = timedelta(days=1)


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


@attrs.frozen(kw_only=True, slots=False)  # without slots it is made in half the time
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

    That the rows repay exactly what was lent, each of them something, `methods` sees to: where it
    does not follow from how they are made, it is asserted there (schedule maths §1).
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
    if the money came earlier. Interest rounds half up to a paisa, once: each row's own, or for a
    bullet and for interest alone the whole term's. Raises: InvalidTerms: due before disbursal, no
    days of interest, negative amortisation, or a rounding unit too coarse for the amount. Source:
    schedule maths §3 to §5.
    """
    if not disbursed_on < terms.first_due_on:
        raise InvalidTerms(
            f"the first instalment is due on {terms.first_due_on}, money came on {disbursed_on}"
        )
    begun = max(terms.planned_on, disbursed_on)
    start = begun - _DAY if terms.count_disbursal_day else begun
    dates = loan_dates(terms)
    if not begun < dates.adjusted_due_on[0]:
        raise InvalidTerms(
            f"the first instalment moves to {dates.adjusted_due_on[0]}, before {disbursed_on}"
        )
    if start == dates.cycle_start and (rows := everyday_rows(terms, terms.principal)):
        return _schedule(rows, start, dates, _NOTHING_BROKEN)
    if terms.method is Method.BULLET:
        return _bullet(terms, start, dates)
    return _instalments(terms, start, dates)


class LoanDates(NamedTuple):
    """The dates of a loan's rows, and the start of its first regular period."""

    due_on: tuple[date, ...]
    adjusted_due_on: tuple[date, ...]
    accrued_on: tuple[date, ...]
    cycle_start: date


def loan_dates(terms: Terms) -> LoanDates:
    """Return the dates of the terms. Raises: InvalidTerms: holidays push one onto the next."""
    contract = _contract_dates(
        terms.first_due_on, terms.anchor_day, terms.instalments, terms.frequency
    )
    if not terms.non_repayment_dates:
        return contract
    holidays, due_on = frozenset(terms.non_repayment_dates), contract.due_on
    if holidays.isdisjoint(due_on):
        return contract
    adjusted = tuple(shifted(day, terms.shift_rule, holidays) for day in due_on)
    if terms.frequency is Frequency.DAILY and terms.shift_rule is ShiftRule.FOLLOWING:
        adjusted = one_after_another(adjusted, holidays)
    if not all(a < b for a, b in pairwise(adjusted)):
        raise InvalidTerms("non-repayment dates push one instalment onto the next")
    moved = terms.interest_on_shift is InterestOnShift.ADJUSTED
    accrued_on = adjusted if moved else due_on
    return LoanDates(due_on, adjusted, accrued_on, contract.cycle_start)


@lru_cache(maxsize=4096)
def _contract_dates(first: date, anchor_day: int, count: int, frequency: Frequency) -> LoanDates:
    """Return the dates of a loan without holidays, and the start of its first regular period."""
    due_on = due_dates(first, anchor_day, count, frequency)
    cycle_start = add_periods(first, -1, frequency, anchor_day=anchor_day)
    return LoanDates(due_on, due_on, due_on, cycle_start)


def _bullet(terms: Terms, start: date, dates: LoanDates) -> Schedule:
    principal = terms.principal
    exact = interest_for(terms, principal, start, dates.accrued_on[0])
    amount = terms.rounding.rounded(principal + exact, 1)
    if amount < principal:
        raise InvalidTerms(
            f"rounding to {terms.rounding} asks for less than the principal {principal}"
        )
    return Schedule(
        due_on=dates.due_on,
        adjusted_due_on=dates.adjusted_due_on,
        accrued_on=dates.accrued_on,
        opening=(principal,),
        interest=(amount - principal,),
        principal=(principal,),
        amount=(within_limit(amount),),
        emi=amount,
        interest_from=start,
    )


def _instalments(terms: Terms, start: date, dates: LoanDates) -> Schedule:
    broken = _broken(terms, start, dates)
    principal = terms.principal + broken.capitalised
    rows = everyday_rows(terms, principal) if broken.days >= 0 else None
    if rows is None:
        begins = Start(broken.until or start, broken.days, _by_days(terms))
        rows = rows_for(terms, principal, begins, dates.accrued_on)
    if broken.added:
        rows = with_added(rows, broken.added)
    return _schedule(rows, start, dates, broken)


def _schedule(rows: Rows, start: date, dates: LoanDates, broken: "_Broken") -> Schedule:
    emi, opening, interest, principal, amount = rows
    due_on, adjusted_due_on, accrued_on, _ = dates
    days, _, added, upfront, capitalised = broken
    return Schedule(
        due_on=due_on,
        adjusted_due_on=adjusted_due_on,
        accrued_on=accrued_on,
        opening=opening,
        interest=interest,
        principal=principal,
        amount=amount,
        emi=emi,
        interest_from=start,
        broken_days=days,
        broken_interest=added + upfront + capitalised,
        upfront_interest=upfront,
        capitalised=capitalised,
    )


class _Broken(NamedTuple):
    """The days before the first regular period: `until` is None where its row counts them."""

    days: int = 0
    until: date | None = None
    added: Paise = 0
    upfront: Paise = 0
    capitalised: Paise = 0


_NOTHING_BROKEN = _Broken()


def _broken(terms: Terms, start: date, dates: LoanDates) -> _Broken:
    days, until = days_between(start, dates.cycle_start), dates.cycle_start
    waits = terms.moratorium.waits if terms.moratorium else 0
    if days <= 0 or not (waits or terms.broken_period is not BrokenPeriod.ACTUAL):
        return _Broken(days)
    interest = broken_interest(terms, start, until, waits, by_days=_by_days(terms))
    if terms.broken_period is BrokenPeriod.DEDUCT_UPFRONT:
        return _Broken(days, until, upfront=interest)
    if terms.moratorium and terms.moratorium.interest is MoratoriumInterest.CAPITALISED:
        return _Broken(days, until, capitalised=interest)
    return _Broken(days, until, added=interest)


def _by_days(terms: Terms) -> bool:
    return terms.day_count is not DayCount.MONTHLY or terms.broken_period is BrokenPeriod.ACTUAL
