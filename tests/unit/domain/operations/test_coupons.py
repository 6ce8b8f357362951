"""When a coupon may be used, what it takes off, and how its uses are counted."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.charges import Discount, FeeRule, processing_fee
from los_core.domain.coupon import (
    AppliesTo,
    Coupon,
    Redemption,
    Refusal,
    Use,
    canonical_code,
    fee_discount,
    interest_rebate,
    redeem,
    refusal,
    release,
)
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.ids import CustomerId, LoanId
from los_core.domain.policies import Supply, Tax

NOW = datetime(2026, 11, 25, 6, 0, tzinfo=UTC)
COUPON = Coupon(
    code="DIWALI20",
    discount=Discount(pct=Decimal(20), cap=50_000),
    valid_from=date(2026, 11, 1),
    valid_to=date(2026, 11, 30),
    max_uses=2,
)
USE = Use(
    loan_id=LoanId(UUID(int=1)),
    customer_id=CustomerId(UUID(int=2)),
    product="SALARY",
    amount=2_000_000,
    is_first_loan=True,
)
TAX = Tax(supply=Supply.INTRA_STATE)


@pytest.mark.parametrize(
    ("coupon", "use", "expected"),
    [
        ({}, {}, None),
        ({"active": False}, {}, Refusal.INACTIVE),
        ({"valid_from": date(2026, 11, 26)}, {}, Refusal.NOT_YET_VALID),
        ({"valid_to": date(2026, 11, 24)}, {}, Refusal.EXPIRED),
        ({"products": frozenset({"EMI"})}, {}, Refusal.PRODUCT),
        ({"min_loan": 2_000_001}, {}, Refusal.BELOW_MINIMUM),
        ({"first_loan_only": True}, {"is_first_loan": False}, Refusal.NOT_FIRST_LOAN),
        ({}, {"by_customer": 1}, Refusal.USED_BY_CUSTOMER),
        ({"per_customer": 2}, {"by_customer": 1}, None),
        ({"used": 2}, {}, Refusal.USED_UP),
        ({"max_uses": None, "used": 99}, {}, None),
    ],
)
def test_the_first_reason_against_a_coupon_is_told(
    coupon: dict[str, Any], use: dict[str, Any], expected: Refusal | None
) -> None:
    assert refusal(attrs.evolve(COUPON, **coupon), attrs.evolve(USE, **use), NOW) is expected


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-10-31T23:59:59+05:30", Refusal.NOT_YET_VALID),
        ("2026-11-01T00:00:00+05:30", None),
        ("2026-11-30T23:59:59+05:30", None),
        ("2026-11-30T23:59:59.999999+05:30", None),
        ("2026-12-01T00:00:00+05:30", Refusal.EXPIRED),
        ("2026-11-30T18:29:59+00:00", None),
        ("2026-11-30T18:30:00+00:00", Refusal.EXPIRED),
    ],
)
def test_a_coupon_lives_until_the_last_second_of_its_last_day_in_india(
    at: str, expected: Refusal | None
) -> None:
    assert refusal(COUPON, USE, datetime.fromisoformat(at)) is expected


def test_a_coupon_on_the_fee_is_taken_off_before_gst() -> None:
    fee = processing_fee(
        2_000_000, FeeRule(pct=Decimal("2.5")), tax=TAX, discount=fee_discount(COUPON)
    )
    assert (fee.gross, fee.discount, fee.net) == (50_000, 10_000, 40_000)
    assert fee.gst.total == 7_200


def test_a_coupon_on_interest_is_a_capped_rebate() -> None:
    coupon = attrs.evolve(COUPON, applies_to=AppliesTo.INTEREST)
    assert fee_discount(coupon) is None
    assert interest_rebate(coupon, 100_001) == 20_000
    assert interest_rebate(coupon, 1_000_000) == 50_000
    assert interest_rebate(COUPON, 1_000_000) == 0
    flat = attrs.evolve(coupon, discount=Discount(flat=30_000))
    assert interest_rebate(flat, 12_345) == 12_345


def test_a_use_is_counted_once_and_given_back_once() -> None:
    taken, redemption = redeem(COUPON, USE, NOW)
    assert (taken.used, taken.left) == (1, 1)
    back, released = release(taken, redemption, NOW + timedelta(days=1))
    assert back == COUPON
    assert release(back, released, NOW) == (back, released)


def test_a_refused_coupon_names_the_reason() -> None:
    with pytest.raises(Conflict) as refused:
        redeem(attrs.evolve(COUPON, used=2), USE, NOW)
    assert refused.value.code == "COUPON_USED_UP"


def test_a_use_of_another_coupon_is_not_given_back() -> None:
    taken, redemption = redeem(COUPON, USE, NOW)
    with pytest.raises(Conflict):
        release(attrs.evolve(taken, code="OTHER"), redemption, NOW)


def test_codes_are_kept_in_capitals() -> None:
    assert canonical_code(" diwali20 ") == "DIWALI20"
    with pytest.raises(Invalid):
        canonical_code("५०")


@pytest.mark.parametrize(
    "changes",
    [
        {"code": "diwali"},
        {"valid_to": date(2026, 10, 1)},
        {"discount": Discount(pct=Decimal(101))},
        {"used": 3},
        {"used": -1},
        {"per_customer": 0},
        {"min_loan": -1},
    ],
)
def test_a_coupon_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        attrs.evolve(COUPON, **changes)


discounts = st.builds(
    Discount, pct=st.integers(0, 100).map(Decimal), cap=st.none() | st.integers(0, 10**6)
) | st.builds(Discount, flat=st.integers(0, 10**7))


@given(discounts, st.integers(0, 10**8), st.integers(0, 10**7))
def test_a_coupon_never_takes_a_fee_or_interest_below_zero(
    discount: Discount, principal: int, interest: int
) -> None:
    coupon = attrs.evolve(COUPON, discount=discount)
    fee = processing_fee(
        principal, FeeRule(pct=Decimal("2.5")), tax=TAX, discount=fee_discount(coupon)
    )
    assert 0 <= fee.net <= fee.gross
    on_interest = attrs.evolve(coupon, applies_to=AppliesTo.INTEREST)
    assert 0 <= interest_rebate(on_interest, interest) <= interest


@given(st.lists(st.booleans(), max_size=20))
def test_the_count_stays_within_its_limits_whatever_is_taken_and_given_back(
    steps: list[bool],
) -> None:
    coupon, taken = COUPON, list[Redemption]()
    for take in steps:
        if take and coupon.left:
            coupon, redemption = redeem(coupon, USE, NOW)
            taken.append(redemption)
        elif taken:
            coupon, _ = release(coupon, taken.pop(), NOW)
        assert 0 <= coupon.used <= 2
        assert coupon.used == len(taken)
