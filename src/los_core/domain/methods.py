"""Which rows a loan's method gives: terms to the columns of `amortisation`, or a refusal.

Between `schedule`, which knows dates and credits, and the loops of `amortisation`. Source: schedule
maths §3.
"""

from collections.abc import Sequence
from datetime import date
from math import lcm
from typing import assert_never

from los_core.domain import amortisation
from los_core.domain.accrual import (
    Start,
    act_365,
    interest_for,
    period_ratio,
    regular_annuity,
    row_ratios,
)
from los_core.domain.amortisation import Rows
from los_core.domain.errors import InvalidTerms
from los_core.domain.money import LIMIT, Paise, round_half_up
from los_core.domain.policies import BrokenPeriod, DayCount, Method
from los_core.domain.rounding import Residue
from los_core.domain.terms import Terms
from los_core.domain.workdays import days_between

# An enumeration's member costs a look-up of its own: for the hottest path they are looked up once.
_REDUCING, _MONTHLY, _ACTUAL = Method.REDUCING, DayCount.MONTHLY, BrokenPeriod.ACTUAL
_LAST = Residue.LAST


def everyday_rows(terms: Terms, principal: Paise) -> Rows | None:
    """Return the rows of a plain level loan with regular periods only; None for any other loan.

    What `rows_for` gives, with two rows to prove all of them: a balance that has fallen after the
    first row and is not gone before the last one fell all the way. Raises: InvalidTerms.
    """
    if (
        terms.method is not _REDUCING
        or terms.day_count is not _MONTHLY
        or terms.broken_period is _ACTUAL
        or terms.step
        or terms.moratorium
        or terms.balloon
        or terms.rounding.residue is not _LAST
    ):
        return None
    count = terms.instalments
    ratio, over, under = regular_annuity(terms.rate_pct, terms.rate_unit, terms.frequency, count)
    emi = terms.rounding.rounded(principal * over, under)
    rows = amortisation.level_rows(principal, ratio, count, emi=emi)
    repaid, last = rows.principal, rows.amount[-1]
    if repaid[0] <= 0 or repaid[-1] <= 0 or emi > LIMIT or last > LIMIT:
        check_repays(terms, rows)
    return rows


def rows_for(terms: Terms, principal: Paise, begins: Start, accrued_on: Sequence[date]) -> Rows:
    """Return the columns of a loan with regular rows that owes `principal` when they begin.

    `accrued_on` ends each row's interest. Raises: InvalidTerms: the rows do not repay the loan one
    by one, or one is beyond the limit of money.
    """
    rows = _shaped(terms, principal, begins, accrued_on)
    assert sum(rows.principal) == principal, "principal does not sum to the amount lent"
    assert rows.opening[-1] == rows.principal[-1], "the last closing balance is not zero"
    check_repays(terms, rows)
    return rows


def check_repays(terms: Terms, rows: Rows) -> None:
    """Refuse rows that do not repay the loan one by one. Raises: InvalidTerms."""
    within_limit(max(rows.amount))
    if min(rows.principal) > 0 and min(rows.interest) >= 0:
        return
    idle = len(rows.principal) - 1 if terms.method is Method.INTEREST_ONLY else _idle(terms)
    if any(repaid <= 0 for repaid in rows.principal[idle:-1]):
        raise InvalidTerms(
            f"an instalment of {rows.emi} paise does not exceed the interest of"
            f" {max(rows.interest)}",
            code="NEGATIVE_AMORTISATION",
        )
    if rows.principal[-1] <= 0 or min(rows.interest) < 0:
        raise InvalidTerms(
            f"an instalment rounded to {rows.emi} paise repays {terms.principal} before the last of"
            f" {terms.instalments} dates"
        )
    if min(rows.amount) <= 0:
        no = rows.amount.index(min(rows.amount)) + 1
        raise InvalidTerms(
            f"instalment {no} of interest alone asks for nothing at {terms.rate_pct} per cent"
        )


def with_added(rows: Rows, interest: Paise) -> Rows:
    """Return the rows with `interest` more in the first. Raises: InvalidTerms: beyond the limit."""
    first = within_limit(rows.amount[0] + interest)
    return rows._replace(
        interest=(rows.interest[0] + interest, *rows.interest[1:]),
        amount=(first, *rows.amount[1:]),
    )


def within_limit(amount: Paise) -> Paise:
    """Return an instalment that money may be. Raises: InvalidTerms: it is beyond the limit."""
    if amount > LIMIT:
        raise InvalidTerms(f"an instalment of {amount} paise is beyond the limit of {LIMIT}")
    return amount


def _shaped(terms: Terms, principal: Paise, begins: Start, accrued_on: Sequence[date]) -> Rows:
    match terms.method:
        case Method.REDUCING:
            return _reducing(terms, principal, begins, accrued_on)
        case Method.FLAT:
            return _flat(terms, begins, accrued_on)
        case Method.INTEREST_ONLY:
            return _interest_only(terms, principal, begins, accrued_on)
        case Method.EQUAL_PRINCIPAL:
            return amortisation.equal_principal_rows(
                principal,
                row_ratios(terms, begins, accrued_on),
                rounding=terms.rounding,
                idle=_idle(terms),
                balloon=terms.balloon,
            )
        case Method.BULLET:
            raise AssertionError("a bullet loan has no regular rows")
    assert_never(terms.method)


def _reducing(terms: Terms, principal: Paise, begins: Start, accrued_on: Sequence[date]) -> Rows:
    idle = _idle(terms)
    return amortisation.reducing_rows(
        principal,
        row_ratios(terms, begins, accrued_on),
        nominal=period_ratio(terms),
        rounding=terms.rounding,
        weights=terms.step.weights(terms.instalments - idle) if terms.step else None,
        idle=idle,
        balloon=terms.balloon,
    )


def _interest_only(
    terms: Terms, principal: Paise, begins: Start, accrued_on: Sequence[date]
) -> Rows:
    """Share the interest of the whole term by the time that each row adds to it."""
    ratios = row_ratios(terms, begins, accrued_on, running=begins.by_days)
    whole = lcm(*(under for _, under in ratios))
    reached = [over * (whole // under) for over, under in ratios]
    weights = amortisation.spans(reached) if begins.by_days else reached
    total = round_half_up(principal * sum(weights), whole)
    weights = weights if total else [1] * len(weights)
    return amortisation.interest_only_rows(principal, total, weights, rounding=terms.rounding)


def _flat(terms: Terms, begins: Start, accrued_on: Sequence[date]) -> Rows:
    principal, count = terms.principal, terms.instalments
    short_first = None
    if begins.by_days:
        total = interest_for(terms, principal, begins.accrues_from, accrued_on[-1])
    else:
        over, under = period_ratio(terms)
        total = round_half_up(principal * over * count, under)
        if begins.broken_days < 0:
            short_first = act_365(terms, days_between(begins.accrues_from, accrued_on[0]))
    return amortisation.flat_rows(
        principal, total, count, rounding=terms.rounding, short_first=short_first
    )


def _idle(terms: Terms) -> int:
    return terms.moratorium.rows if terms.moratorium else 0
