"""Schedules of whole books of everyday loans, by columns of NumPy integers.

For simulation and reporting over many loans at once: the figures are those of
`los_core.domain.schedule.build`, to the paisa, at some twenty times its speed. An everyday loan is
a plain REDUCING one with equal periods (day count 30_360_MONTHLY, no broken period, no step,
balloon or moratorium, the residue in the last row); any other is `build`'s. Dates are not here:
`los_core.domain.workdays.due_dates` gives them. Needs the extra `los[analytics]`.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

from los_core.domain.accrual import regular_annuity
from los_core.domain.errors import InvalidTerms
from los_core.domain.money import LIMIT
from los_core.domain.policies import BrokenPeriod, DayCount, Method, RateUnit
from los_core.domain.repayment import Frequency
from los_core.domain.rounding import Residue, Rounding, RoundingMode
from los_core.domain.schedule import loan_dates
from los_core.domain.terms import MAX_INSTALMENTS, Terms

Whole: TypeAlias = NDArray[np.int64]
_CHUNK = 8192
"""Loans worked on at once: their running columns stay in the processor's cache."""
_INT64 = 2**63 - 1


class Plan(NamedTuple):
    """What loans of one kind share; `rate_pct` is per cent per year or, with `rate_unit`, day."""

    rate_pct: Decimal
    instalments: int
    rate_unit: RateUnit = RateUnit.ANNUAL
    frequency: Frequency = Frequency.MONTHLY
    rounding: Rounding = Rounding.RUPEE


@attrs.frozen(kw_only=True, eq=False)
class Book:
    """Loans as columns: paise, and the index of each one's plan.

    Raises: InvalidTerms: columns of different length, an amount that is no money, a plan that is
    not there or that no everyday loan has.
    """

    principal: Whole
    plan: NDArray[np.int32]
    plans: tuple[Plan, ...]

    def __attrs_post_init__(self) -> None:
        if self.principal.shape != self.plan.shape or self.principal.ndim != 1:
            raise InvalidTerms(f"columns of {self.principal.shape} and {self.plan.shape} loans")
        if self.principal.dtype != np.int64 or self.plan.dtype != np.int32:
            raise InvalidTerms("a book holds principal as int64 paise and plans as int32")
        for plan in self.plans:
            _check_plan(plan)
        if not len(self.principal):
            return
        if not 0 < self.principal.min() <= self.principal.max() <= LIMIT:
            raise InvalidTerms(f"principal lies from 1 to {LIMIT} paise")
        if not 0 <= self.plan.min() <= self.plan.max() < len(self.plans):
            raise InvalidTerms(f"loans name plans that are not among the {len(self.plans)}")

    @classmethod
    def of(cls, terms: Sequence[Terms]) -> "Book":
        """Return the book of these loans. Raises: InvalidTerms: one is no everyday loan."""
        known: dict[Plan, int] = {}
        plan = [known.setdefault(_plan_of(loan), len(known)) for loan in terms]
        return cls(
            principal=np.array([loan.principal for loan in terms], np.int64),
            plan=np.array(plan, np.int32),
            plans=tuple(known),
        )


@attrs.frozen(kw_only=True, eq=False)
class Columns:
    """The schedules of a book in paise; row k of each array is instalment k + 1 of every loan.

    A loan with fewer instalments than the longest has zeros after its last.
    """

    opening: Whole
    interest: Whole
    principal: Whole
    emi: Whole

    @property
    def amount(self) -> Whole:
        """What each instalment asks for."""
        return self.interest + self.principal


def schedules(book: Book) -> Columns:
    """Return the schedules of all loans of a book.

    Raises: InvalidTerms: a loan's rows do not repay it, or its figures do not fit 64 bits; the
    message names the loan's place in the book.
    """
    rows = max((plan.instalments for plan in book.plans), default=0)
    shape = rows, len(book.principal)
    found = Columns(
        opening=np.empty(shape, np.int64),
        interest=np.empty(shape, np.int64),
        principal=np.empty(shape, np.int64),
        emi=_emis(book),
    )
    for begin in range(0, shape[1], _CHUNK):
        _fill(book, found, slice(begin, begin + _CHUNK))
    if shape[1]:
        _check_repays(book, found)
    return found


def _fill(book: Book, found: Columns, loans: slice) -> None:
    """Work out the rows of one chunk, as `amortisation.level_rows` does."""
    plan, balance = book.plan[loans], book.principal[loans].copy()
    ratios = [_ratio(each) for each in book.plans]
    under = np.array([ratio[1] for ratio in ratios], np.int64)[plan]
    growth = np.array([sum(ratio) for ratio in ratios], np.int64)[plan]
    last = np.array([each.instalments for each in book.plans], np.int64)[plan] - 1
    emi = found.emi[loans].copy()
    shift = under // 2 - emi * under
    ends = {int(row) for row in np.unique(last)}
    closing = np.empty_like(balance)
    for row in range(len(found.opening)):
        opening, interest, repaid = (
            column[row, loans] for column in (found.opening, found.interest, found.principal)
        )
        opening[:] = balance
        np.multiply(balance, growth, out=closing)
        closing += shift
        np.floor_divide(closing, under, out=closing)
        np.subtract(balance, closing, out=repaid)
        np.subtract(emi, repaid, out=interest)
        if row in ends:  # these loans repay all now, and are zeros from here on
            ending = last == row
            repaid[ending] = balance[ending]
            closing[ending] = emi[ending] = shift[ending] = 0
        np.maximum(closing, 0, out=closing)  # a balance below zero is refused, and must not grow
        balance, closing = closing, balance


def _emis(book: Book) -> Whole:
    """Return each loan's instalment: by float where that is certain, exactly where it is not."""
    emi = np.empty_like(book.principal)
    for no, plan in enumerate(book.plans):
        mine = np.flatnonzero(book.plan == no)
        principal = book.principal[mine]
        _check_fits(plan, principal)
        _, over, under = _annuity(plan)
        unit = plan.rounding.unit
        exact = principal * (over / under) / unit
        nearest = np.floor(exact + 0.5)
        doubtful = np.abs(np.abs(exact - nearest) - 0.5) <= 1e-9 + exact * 1e-14
        if plan.rounding.mode is not RoundingMode.HALF_UP:
            doubtful[:] = True
        rounded = nearest.astype(np.int64) * unit
        for index in np.flatnonzero(doubtful):
            rounded[index] = plan.rounding.rounded(int(principal[index]) * over, under)
        emi[mine] = rounded
    return emi


def _check_fits(plan: Plan, principal: Whole) -> None:
    """Refuse a plan whose largest loan would overflow 64 bits on the way."""
    if not len(principal):
        return
    over, under = _ratio(plan)
    largest = int(principal.max())
    if 4 * largest * (over + under) + 4 * plan.rounding.unit * under > _INT64:
        raise InvalidTerms(
            f"a loan of {largest} paise at {plan.rate_pct} per cent does not fit 64 bits"
        )


def _check_repays(book: Book, found: Columns) -> None:
    loans = np.arange(len(book.principal))
    last = np.array([plan.instalments for plan in book.plans], np.int64)[book.plan] - 1
    wrong = (found.principal[0] <= 0) | (found.opening[last, loans] <= 0)
    wrong |= (
        np.maximum(found.emi, found.principal[last, loans] + found.interest[last, loans]) > LIMIT
    )
    if wrong.any():
        no = int(np.flatnonzero(wrong)[0])
        plan = book.plans[book.plan[no]]
        raise InvalidTerms(
            f"loan {no} of {int(book.principal[no])} paise is not repaid one by one in"
            f" {plan.instalments} instalments of {int(found.emi[no])}"
        )


def _plan_of(loan: Terms) -> Plan:
    everyday = (
        loan.method is Method.REDUCING
        and loan.day_count is DayCount.MONTHLY
        and loan.broken_period is not BrokenPeriod.ACTUAL
        and not (loan.step or loan.moratorium or loan.balloon or loan.count_disbursal_day)
    )
    if not everyday or loan_dates(loan).cycle_start != loan.planned_on:
        raise InvalidTerms(f"no everyday loan: {loan.method} from {loan.planned_on}")
    return Plan(loan.rate_pct, loan.instalments, loan.rate_unit, loan.frequency, loan.rounding)


def _check_plan(plan: Plan) -> None:
    if not 1 <= plan.instalments <= MAX_INSTALMENTS:
        raise InvalidTerms(
            f"instalments must lie from 1 to {MAX_INSTALMENTS}, not {plan.instalments}"
        )
    if plan.rounding.residue is not Residue.LAST:
        raise InvalidTerms(f"in a book the last row takes the residue, not as {plan.rounding}")


def _annuity(plan: Plan) -> tuple[tuple[int, int], int, int]:
    return regular_annuity(plan.rate_pct, plan.rate_unit, plan.frequency, plan.instalments)


def _ratio(plan: Plan) -> tuple[int, int]:
    return _annuity(plan)[0]
