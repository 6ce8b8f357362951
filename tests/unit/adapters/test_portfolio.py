"""Books of loans by column against the schedules of their loans one by one."""

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_adapters.portfolio import Book, Plan, schedules
from los_core.domain.errors import InvalidTerms
from los_core.domain.money import LIMIT
from los_core.domain.policies import DayCount, Method, RateUnit
from los_core.domain.repayment import Frequency
from los_core.domain.rounding import Rounding, RoundingMode
from los_core.domain.schedule import build
from los_core.domain.terms import Terms
from los_core.domain.workdays import add_periods

CREDITED_ON = date(2026, 1, 5)
LOAN = Terms(
    method=Method.REDUCING,
    principal=10_000_000,
    rate_pct=Decimal(24),
    instalments=12,
    planned_on=CREDITED_ON,
    first_due_on=date(2026, 2, 5),
    anchor_day=5,
    day_count=DayCount.MONTHLY,
)


@st.composite
def loans(draw: st.DrawFn) -> Terms | None:
    """An everyday loan, or None where those figures make none."""
    frequency = draw(st.sampled_from(Frequency))
    first = add_periods(CREDITED_ON, 1, frequency, anchor_day=5)
    loan = attrs.evolve(
        LOAN,
        principal=draw(st.integers(10_000, 10**9) | st.integers(10**9, 10**12)),
        rate_pct=draw(st.sampled_from(["0", "9.5", "12", "24", "36.75"]).map(Decimal)),
        instalments=draw(st.integers(1, 40) | st.sampled_from([60, 120])),
        frequency=frequency,
        first_due_on=first,
        anchor_day=first.day if frequency.days else 5,
        rounding=Rounding.to(
            draw(st.sampled_from([1, 100, 500])), mode=draw(st.sampled_from(RoundingMode))
        ),
    )
    try:
        build(loan, disbursed_on=CREDITED_ON)
    except InvalidTerms:
        return None
    return loan


@given(st.lists(loans().filter(bool), min_size=1, max_size=12))
def test_every_row_of_a_book_is_that_of_its_loan(drawn: list[Terms | None]) -> None:
    terms = [loan for loan in drawn if loan]
    columns = schedules(Book.of(terms))
    for no, loan in enumerate(terms):
        schedule, rows = build(loan, disbursed_on=CREDITED_ON), slice(0, loan.instalments)
        assert columns.emi[no] == schedule.emi
        assert tuple(columns.opening[rows, no]) == schedule.opening
        assert tuple(columns.interest[rows, no]) == schedule.interest
        assert tuple(columns.principal[rows, no]) == schedule.principal
        assert tuple(columns.amount[rows, no]) == schedule.amount
        assert not columns.amount[loan.instalments :, no].any()
        assert not columns.opening[loan.instalments :, no].any()


def test_a_book_larger_than_a_chunk_repays_everything() -> None:
    generator = np.random.default_rng(20260105)
    count = 20_000
    book = Book(
        principal=generator.integers(1_000_000, 50_000_000, count),
        plan=generator.integers(0, 2, count, dtype=np.int32),
        plans=(Plan(Decimal(18), 36), Plan(Decimal("0.05"), 60, RateUnit.DAILY, Frequency.WEEKLY)),
    )
    columns = schedules(book)
    assert (columns.principal.sum(axis=0) == book.principal).all()
    assert (columns.interest >= 0).all()


def test_an_empty_book_has_no_rows() -> None:
    assert schedules(Book.of([])).opening.shape == (0, 0)


@pytest.mark.parametrize(
    "changes",
    [
        {"method": Method.FLAT},
        {"day_count": DayCount.ACT_365},
        {"first_due_on": date(2026, 3, 5)},
        {"count_disbursal_day": True},
        {"balloon": 1000},
        {"rounding": Rounding.UNROUNDED},
    ],
)
def test_other_loans_are_no_part_of_a_book(changes: dict[str, Any]) -> None:
    with pytest.raises(InvalidTerms):
        Book.of([attrs.evolve(LOAN, **changes)])


@pytest.mark.parametrize(
    ("match", "principal", "plan"),
    [
        ("loan 1 of 200 paise", [10_000_000, 200], Plan(Decimal(24), 60)),
        ("from 1 to", [0], Plan(Decimal(24), 12)),
        ("from 1 to", [LIMIT + 1], Plan(Decimal(24), 12)),
        ("does not fit 64 bits", [LIMIT], Plan(Decimal("24.123457"), 12)),
        ("instalments", [10_000], Plan(Decimal(24), 0)),
    ],
)
def test_a_book_that_cannot_be_worked_out_is_refused(
    match: str, principal: list[int], plan: Plan
) -> None:
    with pytest.raises(InvalidTerms, match=match):
        schedules(
            Book(
                principal=np.array(principal, np.int64),
                plan=np.zeros(len(principal), np.int32),
                plans=(plan,),
            )
        )


@pytest.mark.parametrize(
    ("principal", "plan"),
    [([1.5], [0]), ([100_000], [1]), ([100_000, 100_000], [0])],
)
def test_columns_that_do_not_fit_are_refused(principal: list[Any], plan: list[int]) -> None:
    with pytest.raises(InvalidTerms):
        Book(
            principal=np.array(principal),
            plan=np.array(plan, np.int32),
            plans=(Plan(Decimal(24), 12),),
        )
