"""Repayment schedules: reducing, flat and bullet, in columns of whole paise.

`build` is the one engine behind the offer, the Key Facts Statement, the agreement, the timeline and
the fold. Loops run on integers: a rate is an exact ratio, each row rounds half up once, and the
last row absorbs what rounding left. Payments are no concern of this module.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from typing import NamedTuple

import attrs

from los_core.domain.daycount import year_fraction
from los_core.domain.errors import InvalidTerms
from los_core.domain.money import LIMIT, Paise, round_half_up
from los_core.domain.policies import BrokenPeriod, DayCount, InterestOnShift, Method
from los_core.domain.terms import Terms
from los_core.domain.workdays import add_months, days_between, monthly_dates, shifted


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


@attrs.frozen(kw_only=True)
class Schedule:
    """The rows of a loan as columns, and the figures that are not rows.

    `accrued_on[k]` is the date up to which row k's interest runs; the first row's starts on
    `interest_from`. `emi` is the level instalment. `broken_days` is negative for a short first
    period; `upfront_interest` is broken-period interest withheld at disbursal, outside the rows.
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

    def __attrs_post_init__(self) -> None:
        opening, principal = self.opening, self.principal
        assert sum(principal) == opening[0], "principal does not sum to the amount lent"
        assert opening[-1] == principal[-1], "the last closing balance is not zero"
        assert all(a - p == b for (a, b), p in zip(pairwise(opening), principal, strict=False))
        assert all(
            i + p == a for i, p, a in zip(self.interest, principal, self.amount, strict=True)
        )
        assert min(principal) > 0, "a row repays no principal"
        assert min(self.interest) >= 0, "a row has negative interest"
        assert all(a < b for a, b in pairwise(self.due_on)), "due dates do not increase"

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
        return (self[index] for index in range(len(self)))

    @property
    def total_interest(self) -> Paise:
        """Interest of all rows together with what was withheld upfront."""
        return sum(self.interest) + self.upfront_interest

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


def interest_for(terms: Terms, base: Paise, start: date, end: date) -> Paise:
    """Return interest on `base` paise from `start` to `end` by the terms' day count, rounded once.

    A monthly day count has no days: it falls back to ACT_365, as broken periods do.
    """
    over, under = terms.annual_rate_pct.as_integer_ratio()
    count = DayCount.ACT_365 if terms.day_count is DayCount.MONTHLY else terms.day_count
    days, year = year_fraction(count, start, end)
    return round_half_up(base * over * days, 100 * under * year)


def level_instalment(
    principal: Paise, rate: tuple[int, int], count: int, *, unit: int = 1
) -> Paise:
    """Return the annuity instalment, rounded half up once to `unit` paise.

    `rate` is the annual per cent as an exact ratio; a period is a month. Source: schedule maths §3.
    """
    numerator, denominator = annuity(principal, rate, count)
    return round_half_up(numerator, denominator * unit) * unit


def annuity(principal: Paise, rate: tuple[int, int], count: int) -> tuple[int, int]:
    """Return the unrounded annuity instalment as an exact (numerator, denominator) in paise."""
    over, under = rate[0], rate[1] * 1200
    if over == 0:
        return principal, count
    grown, base = (over + under) ** count, under**count
    return principal * over * grown, under * (grown - base)


class _Dates(NamedTuple):
    due_on: tuple[date, ...]
    adjusted_due_on: tuple[date, ...]
    accrued_on: tuple[date, ...]


def _dates(terms: Terms) -> _Dates:
    due_on = monthly_dates(terms.first_due_on, terms.anchor_day, terms.instalments)
    holidays = frozenset(terms.non_repayment_dates)
    if holidays.isdisjoint(due_on):
        return _Dates(due_on, due_on, due_on)
    adjusted = tuple(shifted(day, terms.shift_rule, holidays) for day in due_on)
    if not all(a < b for a, b in pairwise(adjusted)):
        raise InvalidTerms("non-repayment dates push one instalment onto the next")
    moved = terms.interest_on_shift is InterestOnShift.ADJUSTED
    return _Dates(due_on, adjusted, adjusted if moved else due_on)


def _bullet(terms: Terms, start: date, dates: _Dates) -> Schedule:
    principal, unit = terms.principal, terms.rounding.unit
    exact = interest_for(terms, principal, start, dates.accrued_on[0])
    amount = round_half_up(principal + exact, unit) * unit
    if amount < principal:
        raise InvalidTerms(f"rounding to {unit} paise asks for less than the principal {principal}")
    return Schedule(
        **dates._asdict(),
        opening=(principal,),
        interest=(amount - principal,),
        principal=(principal,),
        amount=(_within_limit(amount),),
        emi=amount,
        interest_from=start,
    )


def _instalments(terms: Terms, start: date, dates: _Dates) -> Schedule:
    cycle_start = add_months(terms.first_due_on, -1, anchor_day=terms.anchor_day)
    broken_days = days_between(start, cycle_start)
    by_days = terms.day_count is not DayCount.MONTHLY or terms.broken_period is BrokenPeriod.ACTUAL
    apart = broken_days > 0 and terms.broken_period is not BrokenPeriod.ACTUAL
    broken = _act_365(terms, broken_days) if apart else 0
    first_from = cycle_start if apart else start
    if terms.method is Method.FLAT:
        emi, interest, principal = _flat(terms, first_from, dates, broken_days, by_days=by_days)
    else:
        emi, interest, principal = _reducing(terms, first_from, dates, broken_days, by_days=by_days)
    upfront = broken if terms.broken_period is BrokenPeriod.DEDUCT_UPFRONT else 0
    interest[0] += broken - upfront
    return Schedule(
        **dates._asdict(),
        opening=_openings(terms.principal, principal),
        interest=tuple(interest),
        principal=tuple(principal),
        amount=tuple(_within_limit(i + p) for i, p in zip(interest, principal, strict=True)),
        emi=emi,
        interest_from=start,
        broken_days=broken_days,
        broken_interest=broken,
        upfront_interest=upfront,
    )


def _reducing(
    terms: Terms, first_from: date, dates: _Dates, broken_days: int, *, by_days: bool
) -> tuple[Paise, list[Paise], list[Paise]]:
    over, under = terms.annual_rate_pct.as_integer_ratio()
    count = terms.instalments
    emi = level_instalment(terms.principal, (over, under), count, unit=terms.rounding.unit)
    ratios = _row_ratios(terms, first_from, dates, broken_days, by_days=by_days)
    opening = terms.principal
    interest: list[Paise] = []
    principal: list[Paise] = []
    for numerator, denominator in ratios:
        charged = (2 * opening * numerator + denominator) // (2 * denominator)
        interest.append(charged)
        principal.append(emi - charged)
        opening -= emi - charged
    principal[-1] += opening
    _check_amortises(terms, emi, interest, principal)
    return emi, interest, principal


def _row_ratios(
    terms: Terms, first_from: date, dates: _Dates, broken_days: int, *, by_days: bool
) -> list[tuple[int, int]]:
    """Return each row's interest per paisa of opening balance, as an exact ratio."""
    over, under = terms.annual_rate_pct.as_integer_ratio()
    if by_days:
        day_count = terms.day_count
        if day_count is DayCount.MONTHLY:
            day_count = DayCount.ACT_365
        spans = pairwise((first_from, *dates.accrued_on))
        fractions = [year_fraction(day_count, a, b) for a, b in spans]
        return [(over * days, under * 100 * year) for days, year in fractions]
    ratios = [(over, under * 1200)] * terms.instalments
    if broken_days < 0:
        days = days_between(first_from, dates.accrued_on[0])
        ratios[0] = (over * days, under * 36500)
    return ratios


def _flat(
    terms: Terms, first_from: date, dates: _Dates, broken_days: int, *, by_days: bool
) -> tuple[Paise, list[Paise], list[Paise]]:
    over, under = terms.annual_rate_pct.as_integer_ratio()
    count, unit = terms.instalments, terms.rounding.unit
    if by_days:
        total = interest_for(terms, terms.principal, first_from, dates.accrued_on[-1])
    else:
        total = round_half_up(terms.principal * over * count, under * 1200)
    emi = round_half_up(terms.principal + total, count * unit) * unit
    level = round_half_up(total, count)
    interest = [level] * (count - 1) + [total - level * (count - 1)]
    principal = [emi - level] * (count - 1)
    if not by_days and broken_days < 0:
        interest[0] = min(
            interest[0], _act_365(terms, days_between(first_from, dates.accrued_on[0]))
        )
        if count > 1:
            principal[0] = emi - interest[0]
    principal.append(terms.principal - sum(principal))
    _check_amortises(terms, emi, interest, principal)
    return emi, interest, principal


def _act_365(terms: Terms, days: int) -> Paise:
    over, under = terms.annual_rate_pct.as_integer_ratio()
    return round_half_up(terms.principal * over * days, under * 36500)


def _check_amortises(
    terms: Terms, emi: Paise, interest: list[Paise], principal: list[Paise]
) -> None:
    if any(repaid <= 0 for repaid in principal[:-1]):
        raise InvalidTerms(
            f"an instalment of {emi} paise does not exceed the interest of {max(interest)}",
            code="NEGATIVE_AMORTISATION",
        )
    if principal[-1] <= 0 or min(interest) < 0:
        raise InvalidTerms(
            f"an instalment rounded to {emi} paise repays {terms.principal} before the last of"
            f" {terms.instalments} dates"
        )


def _openings(total: Paise, principal: list[Paise]) -> tuple[Paise, ...]:
    openings = []
    for repaid in principal:
        openings.append(total)
        total -= repaid
    return tuple(openings)


def _within_limit(amount: Paise) -> Paise:
    if amount > LIMIT:
        raise InvalidTerms(f"an instalment of {amount} paise is beyond the limit of {LIMIT}")
    return amount
