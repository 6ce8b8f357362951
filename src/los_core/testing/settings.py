"""An example of every kind of setting, for laws that hold for each."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from los_core.domain.appearance import Appearance, Shades
from los_core.domain.blocklist import Block, BlockType
from los_core.domain.brand import NonRepaymentDate
from los_core.domain.card import Card, CardEligibility, CardType
from los_core.domain.charges import Discount
from los_core.domain.coupon import Coupon, Redemption
from los_core.domain.ids import StaffId
from los_core.domain.kyc import AccountNumber, Ifsc
from los_core.domain.loan import Loan
from los_core.domain.own_account import OwnAccount, Purpose
from los_core.domain.policies import ProcessingFee
from los_core.domain.record import Kind, Record
from los_core.domain.record_kinds import (
    APPEARANCE,
    BLOCKLIST,
    CARDS,
    COUPONS,
    HOLIDAYS,
    OWN_ACCOUNTS,
    PRODUCTS,
)
from los_core.domain.terms import Terms
from los_core.testing import records

T = TypeVar("T")

EXAMPLES: Final[Mapping[str, Any]] = {
    APPEARANCE.name: Appearance(primary="#112233", tokens=Shades(hover="#102030")),
    BLOCKLIST.name: Block(
        type=BlockType.PAN, value_index="7d1f", last4="234F", reason="forged payslips"
    ),
    HOLIDAYS.name: NonRepaymentDate(on=date(2027, 1, 26), name="Republic Day"),
    PRODUCTS.name: records.product("FESTIVAL"),
    OWN_ACCOUNTS.name: OwnAccount(
        purpose=Purpose.DISBURSAL,
        number=AccountNumber.parse(records.ACCOUNT),
        number_index="a11c",
        ifsc=Ifsc.parse("HDFC0000123"),
        beneficiary_name=records.NAME,
        is_primary=True,
    ),
    COUPONS.name: Coupon(
        code="DIWALI26",
        discount=Discount(pct=Decimal(50), cap=500_00),
        max_uses=3,
        valid_from=date(2026, 1, 1),
        valid_to=date(2027, 3, 31),
    ),
    CARDS.name: Card(
        name="Konkan Silver",
        type=CardType.CREDIT,
        limit=50_000_00,
        rate_pct=Decimal("34.5"),
        eligibility=CardEligibility(min_salary=25_000_00, min_score=700),
    ),
}


def record(kind: Kind[T], record_id: UUID, value: T | None = None) -> Record[T]:
    """Return a record on the point of being added, of the kind's example unless told."""
    return Record(
        id=record_id,
        value=EXAMPLES[kind.name] if value is None else value,
        created_at=records.AT,
        created_by=StaffId(record_id),
        updated_at=records.AT,
        updated_by=StaffId(record_id),
    )


def redemption(code: str, loan: Loan) -> Redemption:
    """Return a use of a coupon by a loan."""
    return Redemption(
        code=code, loan_id=loan.id, customer_id=loan.customer_id, redeemed_at=records.AT
    )


def discounted() -> Terms:
    """Return terms with a coupon's discount in their fee."""
    fee = ProcessingFee(gross=1_000_00, discount=500_00)
    return attrs.evolve(records.terms(), fee=fee)
