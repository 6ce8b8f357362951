"""An example of every kind of setting, for laws that hold for each."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final, TypeVar
from uuid import UUID

import attrs

from los_core.domain.appearance import Appearance, Shades
from los_core.domain.blocklist import Block, BlockType
from los_core.domain.blog import Blog, Markup, Seo
from los_core.domain.brand import NonRepaymentDate
from los_core.domain.card import Card, CardEligibility, CardType
from los_core.domain.charges import Discount
from los_core.domain.coupon import Coupon, Redemption
from los_core.domain.ids import StaffId
from los_core.domain.kyc import AccountNumber, Ifsc
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.message_template import MessageTemplate
from los_core.domain.notices import Channel
from los_core.domain.own_account import OwnAccount, Purpose
from los_core.domain.policies import ProcessingFee
from los_core.domain.rating import Criterion, HigherBetter
from los_core.domain.record import Kind, Record
from los_core.domain.record_kinds import (
    APPEARANCE,
    BLOCKLIST,
    BLOGS,
    CARDS,
    COUPONS,
    CUSTOMER_CRITERIA,
    DAYS_OFF,
    HOLIDAYS,
    OWN_ACCOUNTS,
    PRODUCTS,
    RELOAN_RULES,
    REMINDER_RULES,
    STAFF_CRITERIA,
    STATUS_REASONS,
    TARGETS,
    TEMPLATES,
)
from los_core.domain.reloan import ReloanConfig, ReloanRule
from los_core.domain.reminder_rules import Kind as Reminder
from los_core.domain.reminder_rules import Rule as ReminderRule
from los_core.domain.status_reason import StatusReason
from los_core.domain.target import Goal, Metric, PeriodKind, Scope
from los_core.domain.terms import Terms
from los_core.domain.unavailability import Unavailability
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
    BLOGS.name: Blog(
        slug="what-an-apr-says",
        title="What an APR says",
        body="Everything a loan costs, as **one** figure.",
        markup=Markup.MARKDOWN,
        seo=Seo(title="APR", description="One figure for all costs", keywords=("apr", "loan")),
        published=True,
    ),
    RELOAN_RULES.name: ReloanRule(
        config=ReloanConfig(min_days_since_closure=5, increase_pct_by_rating={5: Decimal("12.5")})
    ),
    STATUS_REASONS.name: StatusReason(
        code="R001_AGE",
        label="Outside our ages",
        applies_to=(Status.REJECTED,),
        customer_text="Your age is outside our range.",
    ),
    CUSTOMER_CRITERIA.name: Criterion(
        code="ON_TIME_PCT",
        weight=Decimal(60),
        method=HigherBetter(floor=Decimal(40), target=Decimal(95)),
    ),
    STAFF_CRITERIA.name: Criterion(
        code="CONVERSION_PCT",
        weight=Decimal("37.5"),
        method=HigherBetter(floor=Decimal(5), target=Decimal(25)),
    ),
    DAYS_OFF.name: Unavailability(on=date(2031, 1, 1), reason="The system is maintained"),
    TARGETS.name: Goal(
        period=PeriodKind.MONTH,
        starts_on=date(2031, 1, 1),
        scope=Scope.BRAND,
        metric=Metric.DISBURSAL_AMOUNT,
        value=1_00_00_000_00,
    ),
    REMINDER_RULES.name: ReminderRule(
        kind=Reminder.PRE_DUE,
        offset_days=-5,
        channels=(Channel.SMS,),
        template="PRE_DUE",
    ),
    TEMPLATES.name: MessageTemplate(
        code="PAYMENT_RECEIVED",
        channel=Channel.SMS,
        language="hi",
        dlt_template_id="1107161234567890123",
        body="{amount} मिल गया, ऋण {loan_no}. {brand_name}",
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
