"""Schedules of loans paid out in several credits.

The principal comes in tranches. Interest runs on each from its own day; from the first due date
after a credit the instalment is worked out anew over the rows that remain, so that the last one
still ends the loan. The money already repaid is never asked for again.

The schedule alone: a loan's fold takes one credit (`fold`), and refuses a second.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import accumulate

import attrs

from los_core.domain.accrual import Start, period_ratio, row_ratios
from los_core.domain.amortisation import Rows, even_annuity
from los_core.domain.daycount import year_fraction
from los_core.domain.errors import InvalidTerms
from los_core.domain.methods import check_repays
from los_core.domain.money import Paise, positive, round_half_up
from los_core.domain.policies import BrokenPeriod, DayCount, Method
from los_core.domain.rounding import Residue
from los_core.domain.schedule import LoanDates, Schedule, loan_dates
from los_core.domain.terms import Terms
from los_core.domain.workdays import days_between

_METHODS = (Method.REDUCING, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY)


@attrs.frozen(kw_only=True)
class Tranche:
    """Money credited on a day, in paise. Raises: InvalidMoney: not a positive amount."""

    on: date
    amount: Paise

    def __attrs_post_init__(self) -> None:
        positive(self.amount, "tranche")


def build_in_tranches(terms: Terms, tranches: Sequence[Tranche]) -> Schedule:
    """Return the schedule of `terms` for money credited in `tranches`, in order of their days.

    They sum to the principal; the first is credited on the planned day or later, each before the
    last due date. A row's interest is that of the balance carried into it and, by days, of what was
    credited in its period, rounded once; a credit on a due date belongs to the period it begins.
    Broken days before the first regular period earn ACT_365 interest, asked with the first row. One
    tranche gives what `build` gives. Raises: InvalidTerms: tranches that are not those of the
    terms, terms with a shape that several credits do not have, or rows that do not repay. Source:
    RBI, interest from the actual credit only (fair practice note of 29-Apr-2024).
    """
    _check_terms(terms)
    dates = loan_dates(terms)
    ordered = sorted(tranches, key=lambda tranche: tranche.on)
    _check_tranches(terms, ordered, dates)
    start = max(ordered[0].on, terms.planned_on)
    broken_days = days_between(start, dates.cycle_start)
    by_days = terms.day_count is not DayCount.MONTHLY or terms.broken_period is BrokenPeriod.ACTUAL
    apart = broken_days > 0 and terms.broken_period is not BrokenPeriod.ACTUAL
    begins = Start(dates.cycle_start if apart else start, broken_days, by_days)
    broken = 0
    if apart:
        over, under = terms.annual_rate_pct.as_integer_ratio()
        broken = round_half_up(ordered[0].amount * over * broken_days, under * 36500)
    credited = tuple(_credited(ordered, dates))
    rows = _rows(terms, ordered, credited, row_ratios(terms, begins, dates.accrued_on), dates)
    assert sum(rows.principal) == terms.principal, "principal does not sum to the amount lent"
    assert rows.opening[-1] == rows.principal[-1], "the last closing balance is not zero"
    check_repays(terms, rows)
    return Schedule(
        due_on=dates.due_on,
        adjusted_due_on=dates.adjusted_due_on,
        accrued_on=dates.accrued_on,
        opening=rows.opening,
        interest=(rows.interest[0] + broken, *rows.interest[1:]),
        principal=rows.principal,
        amount=(rows.amount[0] + broken, *rows.amount[1:]),
        emi=rows.emi,
        interest_from=start,
        broken_days=broken_days,
        broken_interest=broken,
        credited=credited,
    )


def _check_terms(terms: Terms) -> None:
    if terms.method not in _METHODS:
        raise InvalidTerms(f"a {terms.method} loan is paid out in one credit")
    if terms.step or terms.balloon or (terms.moratorium and terms.moratorium.waits):
        raise InvalidTerms("a loan in tranches has no steps, no balloon and no waiting moratorium")
    if terms.rounding.residue is not Residue.LAST:
        raise InvalidTerms(f"in tranches the last row takes the residue, not as {terms.rounding}")
    if terms.broken_period is BrokenPeriod.DEDUCT_UPFRONT or terms.count_disbursal_day:
        raise InvalidTerms("in tranches no interest is deducted upfront or for a credit day")


def _check_tranches(terms: Terms, ordered: Sequence[Tranche], dates: LoanDates) -> None:
    total = sum(tranche.amount for tranche in ordered)
    if total != terms.principal:
        raise InvalidTerms(f"tranches of {total} paise are not the principal of {terms.principal}")
    first, last = ordered[0].on, ordered[-1].on
    if not first < dates.adjusted_due_on[0]:
        raise InvalidTerms(
            f"the first instalment is due on {dates.adjusted_due_on[0]}, money came on {first}"
        )
    if not last < dates.accrued_on[-1]:
        raise InvalidTerms(
            f"a tranche on {last} is not before the last instalment on {dates.accrued_on[-1]}"
        )


def _credited(ordered: Sequence[Tranche], dates: LoanDates) -> Iterator[Paise]:
    """Yield what was credited before each row's interest ends, and not before the row above's."""
    begun = date.min
    for end in dates.accrued_on:
        yield sum(tranche.amount for tranche in ordered if begun <= tranche.on < end)
        begun = end


def _rows(
    terms: Terms,
    ordered: Sequence[Tranche],
    credited: Sequence[Paise],
    ratios: Sequence[tuple[int, int]],
    dates: LoanDates,
) -> Rows:
    idle = terms.moratorium.rows if terms.moratorium else 0
    balance, regular = ordered[0].amount, 0
    later, emi = list(ordered[1:]), 0
    interest: list[Paise] = []
    repaid: list[Paise] = []
    for row, (ratio, end) in enumerate(zip(ratios, dates.accrued_on, strict=True)):
        earned = Fraction(*ratio) * balance
        while later and later[0].on < end:
            arrived = later.pop(0)
            earned += arrived.amount * _share(terms, arrived.on, end)
            balance += arrived.amount
            regular = 0
        interest.append(round_half_up(*earned.as_integer_ratio()))
        left = len(ratios) - row
        if row >= idle and not regular:
            regular = _regular(terms, balance, left)
        repaid.append(_repaid(terms, balance, interest[-1], regular, left) if row >= idle else 0)
        balance -= repaid[-1]
        emi = emi or regular
    opening = _openings(credited, repaid)
    amount = tuple(a + b for a, b in zip(interest, repaid, strict=True))
    return Rows(emi or interest[0], opening, tuple(interest), tuple(repaid), amount)


def _regular(terms: Terms, balance: Paise, left: int) -> Paise:
    """Return what the rows that are left repay alike: an annuity, or equal parts of principal."""
    match terms.method:
        case Method.REDUCING:
            return terms.rounding.rounded(*even_annuity(balance, period_ratio(terms), left))
        case Method.EQUAL_PRINCIPAL:
            return terms.rounding.rounded(balance, left)
        case _:
            return 0


def _repaid(terms: Terms, balance: Paise, interest: Paise, regular: Paise, left: int) -> Paise:
    if left == 1:
        return balance
    return regular - interest if terms.method is Method.REDUCING else regular


def _share(terms: Terms, start: date, end: date) -> Fraction:
    """Return the interest of the days per paisa, exactly."""
    over, under = terms.annual_rate_pct.as_integer_ratio()
    count = DayCount.ACT_365 if terms.day_count is DayCount.MONTHLY else terms.day_count
    days, year = year_fraction(count, start, end)
    return Fraction(over * days, under * 100 * year)


def _openings(credited: Sequence[Paise], repaid: Sequence[Paise]) -> tuple[Paise, ...]:
    lent, back = accumulate(credited), accumulate((0, *repaid))
    return tuple(a - b for a, b in zip(lent, back, strict=False))
