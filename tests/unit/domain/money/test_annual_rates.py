"""Annual rates: every printed decimal is the right one, also where a float could not tell."""

from datetime import date, timedelta
from decimal import Decimal, localcontext
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.apr import (
    dated,
    effective_annual_pct,
    level_nominal_pct,
    periodic_nominal_pct,
    xirr_pct,
)
from los_core.domain.errors import InvalidTerms

START, HALF = date(2026, 1, 5), Decimal("0.005")
amounts = st.lists(st.integers(1, 10**8), min_size=1, max_size=24)


def nominal_worth(paid: list[int], pct: Decimal, per_year: Fraction) -> Fraction:
    growth = 1 + Fraction(pct) / 100 / per_year
    return sum((amount / growth**no for no, amount in enumerate(paid, start=1)), Fraction(0))


def dated_worth(paid: list[int], days: list[int], pct: Decimal) -> Decimal:
    with localcontext() as context:
        context.prec = 70
        growth = 1 + pct / 100
        worth = Decimal(0)
        for amount, day in zip(paid, days, strict=True):
            worth += amount / growth ** (Decimal(day) / 365)
        return worth


@given(amounts, st.integers(1, 100), st.sampled_from([Fraction(12), Fraction(4), Fraction(365, 7)]))
def test_a_nominal_rate_is_rounded_half_up(paid: list[int], share: int, per_year: Fraction) -> None:
    net = max(1, sum(paid) * share // 100)
    pct = periodic_nominal_pct(net, paid, per_year=per_year)
    assert nominal_worth(paid, pct + HALF, per_year) < net
    assert pct == 0 or nominal_worth(paid, pct - HALF, per_year) >= net


@given(amounts, st.integers(20, 100), st.data())
def test_a_dated_rate_is_rounded_half_up(paid: list[int], share: int, data: st.DataObject) -> None:
    net = max(1, sum(paid) * share // 100)
    size = len(paid)
    days = data.draw(st.lists(st.integers(30, 4000), min_size=size, max_size=size))
    due_on = [START + timedelta(days=day) for day in days]
    pct = xirr_pct(net, START, due_on, paid)
    assert pct == effective_annual_pct(net, dated(START, due_on, paid))
    assert dated_worth(paid, days, pct + HALF) < net
    assert pct == 0 or dated_worth(paid, days, pct - HALF) >= net


@given(st.integers(1, 10**10), st.integers(1, 10**8), st.integers(1, 400))
def test_a_level_rate_is_the_periodic_one(net: int, amount: int, count: int) -> None:
    if amount * count < net:
        with pytest.raises(InvalidTerms, match="less than"):
            level_nominal_pct(net, amount, count)
    else:
        assert level_nominal_pct(net, amount, count) == periodic_nominal_pct(net, [amount] * count)


@pytest.mark.parametrize(
    ("repaid", "pct"),
    [(112_345, "12.35"), (112_344, "12.34"), (112_355, "12.36"), (100_000, "0.00"),
     (100_005, "0.01"), (100_004, "0.00")],
)  # fmt: skip
def test_a_rate_on_the_boundary_goes_up(repaid: int, pct: str) -> None:
    assert xirr_pct(100_000, START, [date(2027, 1, 5)], [repaid]) == Decimal(pct)


@pytest.mark.parametrize(
    ("repaid", "pct"), [(1_010_004, "12.00"), (1_010_005, "12.01"), (1_000_000, "0.00")]
)
def test_a_nominal_rate_near_a_boundary(repaid: int, pct: str) -> None:
    # One month: 12 × 1.0004 % = 12.0048 and 12 × 1.0005 % = 12.006.
    assert periodic_nominal_pct(1_000_000, [repaid]) == Decimal(pct)
    assert level_nominal_pct(1_000_000, repaid, 1) == Decimal(pct)


def test_a_rate_no_number_can_hold_is_refused() -> None:
    with pytest.raises(InvalidTerms, match="no rate"):
        xirr_pct(1, START, [START + timedelta(days=1)], [10**13])
