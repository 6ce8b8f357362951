"""Rows to come, computed: for a lower principal, for fewer instalments, for a debt spread anew.

Pure: what is to be repaid in, a schedule out. Which rows of a loan they replace, and why, is
`reschedule`. Source: schedule maths §11, design of money (instructions).
"""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from operator import add
from typing import Any, NamedTuple

import attrs

from los_core.domain.accrual import period_ratio
from los_core.domain.amortisation import Ratio
from los_core.domain.canonical import digest
from los_core.domain.daycount import year_fraction
from los_core.domain.errors import InvalidTerms
from los_core.domain.facts import Change
from los_core.domain.money import Paise, round_half_up, split
from los_core.domain.policies import BrokenPeriod, DayCount, Method, ProcessingFee
from los_core.domain.schedule import Schedule, build
from los_core.domain.terms import Terms
from los_core.domain.workdays import add_periods

LEVEL: dict[str, Any] = {"step": None, "balloon": 0, "moratorium": None}
"""What makes instalments level again."""


class NewRows(NamedTuple):
    """Rows to come: their schedule, and what of each row's interest was earned before."""

    schedule: Schedule
    carried: tuple[Paise, ...]


@attrs.frozen(kw_only=True)
class Rest:
    """What rows to come have to repay.

    Attributes:
        terms: the contract they follow.
        rows: their dates and, as last put in force, amounts; from row `first` (from 0) on.
        begins: the day their interest begins.
        principal: what they repay, `carried` interest earned before that they ask for too.
    """

    terms: Terms
    rows: Schedule
    first: int
    begins: date
    principal: Paise
    carried: Paise

    @property
    def amounts(self) -> tuple[Paise, ...]:
        """The instalments as last put in force."""
        return self.rows.amount[self.first :]


def lowered(rest: Rest, change: Change, *, most: Paise | None = None) -> NewRows:
    """Return rows for a lower principal: lower instalments, or fewer of the same.

    None but the last rises above its amount in force, nor above `most`. A loan with steps, a
    balloon or a moratorium keeps its shape: every instalment falls in proportion. Raises:
    InvalidTerms: an instalment would not exceed its interest.
    """
    caps = list(rest.amounts)
    if most is not None:
        caps[:-1] = [min(cap, most) for cap in caps[:-1]]
    if change is Change.REDUCE_TENURE:
        return with_amounts(rest, caps, shorten=True)
    terms = rest.terms
    if terms.step or terms.moratorium or terms.balloon:
        whole = sum(rest.rows.principal[rest.first :])
        return with_amounts(rest, [cap * rest.principal // whole for cap in caps])
    fresh = attrs.evolve(
        build(_rest_of_contract(rest), disbursed_on=rest.begins),
        due_on=rest.rows.due_on[rest.first :],
        adjusted_due_on=rest.rows.adjusted_due_on[rest.first :],
        accrued_on=rest.rows.accrued_on[rest.first :],
    )
    return _within(rest, _with_carried(fresh, rest.carried), caps)


def spread(rest: Rest, *, known: Sequence[Paise]) -> NewRows:
    """Return the rows of a contract of its own, `rest.terms`, none above the `known` amounts.

    `known` are those of the instalments in force, empty where the borrower consented to others; the
    last row absorbs the rest. Carried interest is asked for in equal parts. Raises: InvalidTerms.
    """
    fresh = build(rest.terms, disbursed_on=rest.begins)
    rows = _with_carried(fresh, rest.carried)
    caps = [*known[: len(fresh) - 1]]
    caps += rows.schedule.amount[len(caps) :]
    return _within(attrs.evolve(rest, rows=fresh, first=0), rows, caps)


def with_amounts(rest: Rest, amounts: Sequence[Paise], *, shorten: bool = False) -> NewRows:
    """Return rows of given amounts; the last one repays whatever is left.

    To `shorten` is to end with the first row whose amount suffices. Raises: InvalidTerms: an amount
    does not exceed its interest.
    """
    terms, dates = rest.terms, slice(rest.first, rest.first + len(amounts))
    parts = split(rest.carried, [1] * len(amounts))
    opening: list[Paise] = []
    interest: list[Paise] = []
    repaid: list[Paise] = []
    left = rest.principal
    for (over, under), part, amount in zip(_ratios(rest), parts, amounts, strict=True):
        base = rest.principal if terms.method is Method.FLAT else left
        asked = round_half_up(base * over, under) + part
        if asked > amount:
            raise InvalidTerms(f"an instalment of {amount} paise asks for {asked} of interest")
        opening.append(left)
        interest.append(asked)
        repaid.append(min(left, amount - asked))
        left -= repaid[-1]
        if shorten and not left:
            break
    count = len(opening)
    repaid[-1] += left
    interest[-1] += sum(parts[count:])
    asked_for = tuple(map(add, interest, repaid))
    if min(asked_for) <= 0:
        raise InvalidTerms("an instalment would ask for nothing")
    made = Schedule(
        due_on=rest.rows.due_on[dates][:count],
        adjusted_due_on=rest.rows.adjusted_due_on[dates][:count],
        accrued_on=rest.rows.accrued_on[dates][:count],
        opening=tuple(opening),
        interest=tuple(interest),
        principal=tuple(repaid),
        amount=asked_for,
        emi=amounts[0],
        interest_from=rest.begins,
    )
    return NewRows(made, (*parts[: count - 1], sum(parts[count - 1 :])))


def joined(old: Schedule, first: int, new: Schedule) -> Schedule:
    """Return `old` up to row `first` (from 0) with the rows of `new` after it.

    What principal rose or fell by in between stands in `credited`.
    """
    credited: tuple[Paise, ...] = ()
    if first:
        lent = old.credited or (0,) * len(old)
        rise = new.opening[0] - (old.opening[first - 1] - old.principal[first - 1])
        credited = (*lent[:first], rise, *([0] * (len(new) - 1)))
    columns = ("due_on", "adjusted_due_on", "accrued_on", "opening", "interest", "principal")
    merged = {
        name: getattr(old, name)[:first] + getattr(new, name) for name in (*columns, "amount")
    }
    return attrs.evolve(old, **merged, emi=new.emi, credited=credited)


def more_in_last(schedule: Schedule, *, principal: Paise, interest: Paise) -> Schedule:
    """Return the schedule with a last row that asks for more."""

    def more(column: tuple[Paise, ...], amount: Paise) -> tuple[Paise, ...]:
        return (*column[:-1], column[-1] + amount)

    lent = schedule.credited or (0,) * len(schedule)
    return attrs.evolve(
        schedule,
        opening=more(schedule.opening, principal),
        principal=more(schedule.principal, principal),
        interest=more(schedule.interest, interest),
        amount=more(schedule.amount, principal + interest),
        credited=more(lent, principal) if len(schedule) > 1 else (),
    )


def rows_hash(schedule: Schedule, first: int) -> str:
    """Return the SHA-256 of the rows from `first` (from 0): numbers, dates and amounts."""
    rows = zip(schedule.due_on, schedule.interest, schedule.principal, strict=True)
    listed = [
        [no, due_on.isoformat(), interest, principal]
        for no, (due_on, interest, principal) in enumerate(rows, 1)
    ]
    return digest(listed[first:])


def as_lent(terms: Terms, *, begins: date, principal: Paise, **changes: Any) -> Terms:
    """Return a contract as if `principal` were lent on the day `begins`, with other `changes`.

    Nothing is withheld from a borrower who has the money: broken days join the first row.
    """
    upfront = terms.broken_period is BrokenPeriod.DEDUCT_UPFRONT
    return attrs.evolve(
        terms,
        principal=principal,
        planned_on=begins,
        count_disbursal_day=False,
        fee=ProcessingFee(),
        broken_period=BrokenPeriod.ADD_TO_FIRST if upfront else terms.broken_period,
        **changes,
    )


def _within(rest: Rest, rows: NewRows, caps: Sequence[Paise]) -> NewRows:
    """Return `rows` if only the last is above its cap, else rows that are lower before it."""
    amounts = rows.schedule.amount
    if all(amount <= cap for amount, cap in zip(amounts[:-1], caps, strict=False)):
        return rows
    return with_amounts(rest, [*map(min, amounts, caps)])


def _rest_of_contract(rest: Rest) -> Terms:
    due_on = rest.rows.due_on[rest.first :]
    by_months = rest.terms.frequency.months
    return as_lent(
        rest.terms,
        begins=rest.begins,
        principal=rest.principal,
        instalments=len(due_on),
        first_due_on=due_on[0],
        anchor_day=max(day.day for day in due_on) if by_months else due_on[0].day,
    )


def _ratios(rest: Rest) -> list[Ratio]:
    """Return each row's interest per paisa; a first period that is no regular one counts days."""
    terms, ends = rest.terms, rest.rows.accrued_on[rest.first :]
    by_days = terms.day_count is not DayCount.MONTHLY or terms.broken_period is BrokenPeriod.ACTUAL
    count = DayCount.ACT_365 if terms.day_count is DayCount.MONTHLY else terms.day_count
    over, under = terms.annual_rate_pct.as_integer_ratio()
    spans = [year_fraction(count, a, b) for a, b in pairwise((rest.begins, *ends))]
    daily = [(over * days, under * 100 * year) for days, year in spans]
    if by_days or terms.method is Method.BULLET:
        return daily
    first_due_on = rest.rows.due_on[rest.first]
    regular = add_periods(first_due_on, -1, terms.frequency, anchor_day=first_due_on.day)
    whole = [period_ratio(terms)] * len(ends)
    return whole if rest.begins == regular else [daily[0], *whole[1:]]


def _with_carried(fresh: Schedule, carried: Paise) -> NewRows:
    """Return rows with interest earned before on top of them, in equal parts."""
    parts = split(carried, [1] * len(fresh))
    with_it = attrs.evolve(
        fresh,
        interest=tuple(map(add, fresh.interest, parts)),
        amount=tuple(map(add, fresh.amount, parts)),
    )
    return NewRows(with_it, parts)
