"""The entries a loan's facts call for, day by day."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from los_core.domain.charges import FeeRule
from los_core.domain.due_rules import TenureDays
from los_core.domain.facts import ChargedBack, Disbursed, Fact, Intent, Levied, Received, Reversed
from los_core.domain.fold import fold
from los_core.domain.foreclosure import cooling_off_quote
from los_core.domain.ledger import Account, balances, posting, projection, totals
from los_core.domain.policies import (
    ChargeKind,
    CoolingOff,
    DayCount,
    Method,
    PenalPolicy,
    RateUnit,
)
from los_core.domain.pricing import Product, price

PAYDAY = Product(
    method=Method.BULLET,
    rate_pct=Decimal("0.5"),
    rate_unit=RateUnit.DAILY,
    due_rule=TenureDays(days=29),
    fee_rule=FeeRule(pct=Decimal("2.5"), minimum=75_000),
    day_count=DayCount.ACT_365,
    penal=PenalPolicy(rate_per_day_pct=Decimal("0.1")),
    cooling_off=CoolingOff(days=3, keeps_fee=False),
)
TERMS = price(PAYDAY, amount=2_000_000, credited_on=date(2026, 1, 6)).terms
CREDIT = Disbursed(
    fact_id=UUID(int=1),
    value_date=date(2026, 1, 6),
    source="idfc",
    reference="UTR1",
    amount=1_911_500,
)
PAID = Received(
    fact_id=UUID(int=2),
    value_date=date(2026, 2, 4),
    source="razorpay",
    reference="pay_1",
    amount=2_290_000,
)


def changes(facts: list[Fact], day: date) -> dict[Account, int]:
    found = projection(TERMS, facts, until=date(2026, 6, 30))
    return {account: amount for (account, on), amount in found.items() if on == day}


def test_the_credit_books_principal_fee_and_gst() -> None:
    assert changes([CREDIT], date(2026, 1, 6)) == {
        Account.BANK: -1_911_500,
        Account.PRINCIPAL: 2_000_000,
        Account.FEE_INCOME: -75_000,
        Account.GST_PAYABLE: -13_500,
    }


def test_month_end_books_the_interest_earned_so_far() -> None:
    assert changes([CREDIT, PAID], date(2026, 1, 31)) == {
        Account.INTEREST: 250_000,
        Account.INTEREST_INCOME: -250_000,
    }


def test_repayment_on_the_due_date_clears_every_receivable() -> None:
    assert changes([CREDIT, PAID], date(2026, 2, 4)) == {
        Account.BANK: 2_290_000,
        Account.PRINCIPAL: -2_000_000,
        Account.INTEREST: -250_000,
        Account.INTEREST_INCOME: -40_000,
    }
    found = projection(TERMS, [CREDIT, PAID], until=date(2026, 12, 31))
    closing = {
        account: amount
        for account, amount in balances(found, on=date(2026, 12, 31)).items()
        if amount
    }
    assert closing == {
        Account.BANK: 378_500,
        Account.INTEREST_INCOME: -290_000,
        Account.FEE_INCOME: -75_000,
        Account.GST_PAYABLE: -13_500,
    }


def test_penal_and_bounce_charges_are_income_of_their_own() -> None:
    bounce = Levied(
        fact_id=UUID(int=3),
        value_date=date(2026, 2, 4),
        source="nach",
        reference="ret_1",
        charge=ChargeKind.BOUNCE,
        amount=50_000,
    )
    late = Received(
        fact_id=UUID(int=4),
        value_date=date(2026, 2, 14),
        source="razorpay",
        reference="pay_2",
        amount=2_290_000 + 22_900 + 50_000,
    )
    found = balances(
        projection(TERMS, [CREDIT, bounce, late], until=late.value_date), on=late.value_date
    )
    assert found[Account.PENAL_INCOME] == -22_900
    assert found[Account.BOUNCE_INCOME] == -50_000
    assert (found[Account.PENAL], found[Account.BOUNCE], found[Account.PRINCIPAL]) == (0, 0, 0)


def test_a_reversal_posts_the_exact_opposite_of_what_it_voids() -> None:
    until = date(2026, 2, 20)
    undo = Reversed(
        fact_id=UUID(int=5),
        value_date=date(2026, 2, 10),
        source="staff",
        reference="undo_1",
        target_source="razorpay",
        target_reference="pay_1",
    )
    without = projection(TERMS, [CREDIT], until=until)
    paid = projection(TERMS, [CREDIT, PAID], until=until)
    reversed_ = projection(TERMS, [CREDIT, PAID, undo], until=until)
    assert reversed_ == without
    entries = posting(without, paid) + posting(paid, reversed_)
    assert totals(entries) == {}


def test_a_chargeback_leaves_earlier_days_alone() -> None:
    back = ChargedBack(
        fact_id=UUID(int=6),
        value_date=date(2026, 2, 20),
        source="razorpay",
        reference="disp_1",
        target_source="razorpay",
        target_reference="pay_1",
        amount=2_290_000,
    )
    before = projection(TERMS, [CREDIT, PAID], until=date(2026, 2, 19))
    after = projection(TERMS, [CREDIT, PAID, back], until=date(2026, 2, 20))
    assert {key: amount for key, amount in after.items() if key[1] < date(2026, 2, 20)} == before
    assert changes([CREDIT, PAID, back], date(2026, 2, 20)) == {
        Account.BANK: -2_290_000,
        Account.PRINCIPAL: 2_000_000,
        Account.INTEREST: 290_000,
    }


def test_a_cooling_off_exit_gives_fee_and_gst_back() -> None:
    day = date(2026, 1, 8)
    asked = cooling_off_quote(fold(TERMS, [CREDIT], on=day))
    leaving = Received(
        fact_id=UUID(int=7),
        value_date=day,
        source="razorpay",
        reference="pay_3",
        amount=asked.amount,
        intent=Intent.COOLING_OFF_EXIT,
    )
    found = balances(projection(TERMS, [CREDIT, leaving], until=day), on=day)
    assert {account: amount for account, amount in found.items() if amount} == {
        Account.BANK: 26_103,
        Account.INTEREST_INCOME: -26_103,
    }


def test_without_a_live_disbursal_receipts_stand_in_suspense() -> None:
    assert changes([PAID], date(2026, 2, 4)) == {
        Account.BANK: 2_290_000,
        Account.SUSPENSE: -2_290_000,
    }
