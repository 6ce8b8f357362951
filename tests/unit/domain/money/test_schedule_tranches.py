"""Loans credited in several tranches."""

from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from los_core.domain.errors import InvalidMoney, InvalidTerms
from los_core.domain.policies import BrokenPeriod, DayCount, Method
from los_core.domain.repayment import Moratorium, MoratoriumInterest, Step
from los_core.domain.rounding import Rounding
from los_core.domain.schedule import build
from los_core.domain.terms import Terms
from los_core.domain.tranches import Tranche, build_in_tranches
from los_core.testing import money

HOUSE = Terms(
    method=Method.REDUCING,
    principal=100_000_000,
    rate_pct=Decimal(12),
    instalments=60,
    planned_on=date(2026, 1, 5),
    first_due_on=date(2026, 2, 5),
    anchor_day=5,
    day_count=DayCount.MONTHLY,
)
PARTS = (
    Tranche(on=date(2026, 1, 5), amount=40_000_000),
    Tranche(on=date(2026, 3, 5), amount=30_000_000),
    Tranche(on=date(2026, 5, 20), amount=30_000_000),
)


def test_the_instalment_rises_after_each_tranche() -> None:
    schedule = build_in_tranches(HOUSE, PARTS)
    assert [no for no, amount in enumerate(schedule.credited) if amount] == [0, 2, 4]
    sizes = [schedule.amount[no] for no in (0, 2, 4)]
    assert sizes == sorted(set(sizes))
    assert schedule.amount[0] == schedule.amount[1] == 889_800
    assert sum(schedule.principal) == 100_000_000


def test_a_tranche_earns_interest_from_its_own_day() -> None:
    schedule = build_in_tranches(HOUSE, PARTS)
    carried = schedule.opening[4] - 30_000_000
    # A month on what was carried, and 16 days of 365 on what came on 20 May.
    assert schedule.interest[4] == round(carried * 0.01 + 30_000_000 * 0.12 * 16 / 365)


def test_interest_alone_is_collected_until_all_is_paid_out() -> None:
    wait = Moratorium(periods=5, interest=MoratoriumInterest.COLLECTED)
    schedule = build_in_tranches(attrs.evolve(HOUSE, moratorium=wait), PARTS)
    assert set(schedule.principal[:5]) == {0}
    assert schedule.opening[5] == 100_000_000
    assert len(set(schedule.amount[5:-1])) == 1


@st.composite
def in_parts(draw: st.DrawFn) -> tuple[Terms, tuple[Tranche, ...]]:
    methods = [Method.REDUCING, Method.EQUAL_PRINCIPAL, Method.INTEREST_ONLY]
    loan = draw(money.terms(methods=methods, shaped=False))
    loan = attrs.evolve(
        loan,
        rounding=draw(st.sampled_from([Rounding.RUPEE, Rounding.PAISE])),
        broken_period=draw(st.sampled_from([BrokenPeriod.ADD_TO_FIRST, BrokenPeriod.ACTUAL])),
        count_disbursal_day=False,
    )
    span = st.integers(0, loan.tenure_days - 1).map(lambda days: timedelta(days=days))
    later = draw(st.lists(span, max_size=4))
    first = Tranche(on=loan.planned_on, amount=loan.principal - 1000 * len(later))
    rest = [Tranche(on=loan.planned_on + ahead, amount=1000) for ahead in later]
    return loan, (first, *rest)


@given(in_parts())
def test_tranches_are_repaid_exactly(case: tuple[Terms, tuple[Tranche, ...]]) -> None:
    loan, parts = case
    try:
        schedule = build_in_tranches(loan, parts)
    except InvalidTerms:
        assume(False)
        raise
    assert sum(schedule.principal) == sum(schedule.credited) == loan.principal
    assert schedule[len(schedule) - 1].closing == 0
    for (before, after), credited in zip(pairwise(schedule), schedule.credited[1:], strict=True):
        assert after.opening == before.closing + credited
        assert after.amount == after.interest + after.principal


@given(in_parts())
def test_one_tranche_is_an_ordinary_loan(case: tuple[Terms, tuple[Tranche, ...]]) -> None:
    loan, _ = case
    assume(loan.method is not Method.INTEREST_ONLY)
    try:
        whole = build(loan, disbursed_on=loan.planned_on)
    except InvalidTerms:
        assume(False)
        raise
    part = Tranche(on=loan.planned_on, amount=loan.principal)
    found = build_in_tranches(loan, [part])
    emi = found.emi if loan.method is Method.REDUCING else whole.emi
    assert attrs.evolve(found, credited=(), emi=emi) == whole


@pytest.mark.parametrize(
    ("match", "wrong"),
    [
        ("FLAT loan is paid out in one", {"method": Method.FLAT}),
        ("no steps", {"step": Step(every=12, change_pct=Decimal(5))}),
        ("takes the residue", {"rounding": Rounding.UNROUNDED}),
        ("deducted upfront", {"broken_period": BrokenPeriod.DEDUCT_UPFRONT}),
        ("not the principal of 99000000", {"principal": 99_000_000}),
        ("not before the last instalment", {"instalments": 4}),
        ("first instalment is due", {"first_due_on": date(2026, 1, 4), "anchor_day": 4,
                                     "planned_on": date(2026, 1, 1)}),
    ],
)  # fmt: skip
def test_tranches_that_fit_no_loan_are_refused(match: str, wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidTerms, match=match):
        build_in_tranches(attrs.evolve(HOUSE, **wrong), PARTS)


@pytest.mark.parametrize("amount", [0, -1, 1.5, True])
def test_a_tranche_is_positive_money(amount: Any) -> None:
    with pytest.raises(InvalidMoney):
        Tranche(on=date(2026, 1, 5), amount=amount)
