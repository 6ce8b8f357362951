"""What makes a payment entered by hand acceptable."""

from datetime import date, timedelta
from typing import Any

import attrs
import pytest

from los_core.domain.errors import InvalidMoney
from los_core.domain.manual_payment import ManualPayment, faults, is_duplicate

ON = date(2026, 3, 5)
DISBURSED = date(2026, 1, 5)
UPI = ManualPayment(amount=9_456_00, mode="UPI", utr="UTR1", value_date=ON)


@pytest.mark.parametrize(
    ("changes", "fields"),
    [
        ({}, []),
        ({"value_date": DISBURSED}, []),
        ({"mode": "CASH", "utr": "", "amount": 19_999_99}, []),
        ({"mode": "CASH", "utr": "", "amount": 20_000_00}, ["amountPaise"]),
        ({"amount": 20_000_00}, []),
        ({"mode": "BARTER"}, ["mode"]),
        ({"utr": ""}, ["utr"]),
        ({"value_date": ON + timedelta(days=1)}, ["valueDate"]),
        ({"value_date": DISBURSED - timedelta(days=1)}, ["valueDate"]),
        ({"mode": "", "utr": "", "value_date": date(2025, 1, 1)}, ["mode", "utr", "valueDate"]),
    ],
)
def test_each_fault_names_its_field(changes: dict[str, Any], fields: list[str]) -> None:
    found = faults(attrs.evolve(UPI, **changes), disbursed_on=DISBURSED, on=ON)
    assert [field for field, _ in found] == fields


@pytest.mark.parametrize("amount", [0, -1, True])
def test_nothing_is_no_payment(amount: int) -> None:
    with pytest.raises(InvalidMoney):
        attrs.evolve(UPI, amount=amount)


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({}, True),
        ({"value_date": ON - timedelta(days=3)}, True),
        ({"value_date": ON + timedelta(days=3)}, True),
        ({"value_date": ON - timedelta(days=4)}, False),
        ({"amount": 9_456_01}, False),
        ({"utr": "UTR2"}, False),
    ],
)
def test_the_same_reference_and_amount_within_three_days_is_a_duplicate(
    changes: dict[str, Any], *, same: bool
) -> None:
    assert is_duplicate(UPI, [attrs.evolve(UPI, **changes)]) is same


def test_two_cash_payments_of_one_day_are_two() -> None:
    cash = attrs.evolve(UPI, mode="CASH", utr="")
    assert not is_duplicate(cash, [cash])
