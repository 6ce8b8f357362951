"""The core as a library: a price, a schedule, a decision, a repayment. `pip install los` suffices.

Nothing here reads a clock, a network or a file: dates and figures go in, values come out. Amounts
are whole paise. Run it: `python examples/library_use.py`.
"""

from datetime import date
from decimal import Decimal
from uuid import UUID

from los_core import (
    Applicant,
    DayCount,
    Disbursed,
    Fact,
    FeeRule,
    FixedDay,
    ForeclosurePolicy,
    Method,
    Pricing,
    Product,
    Received,
    RulePolicy,
    RuleSet,
    Verdict,
    default_rule_library,
    fold,
    format_rupees,
    price,
    principal_reasons,
    quote,
    run_rules,
    timeline,
)

PRODUCT = Product(
    method=Method.REDUCING,
    rate_pct=Decimal(24),
    due_rule=FixedDay(cycle_days=(5,), min_first_gap_days=15),
    fee_rule=FeeRule(pct=Decimal("2.5"), minimum=750_00, maximum=5_000_00),
    day_count=DayCount.MONTHLY,
    foreclosure=ForeclosurePolicy(fee_pct=Decimal(4), disclosed=True),
)
CREDITED_ON = date(2026, 11, 25)


def a_price() -> Pricing:
    """Price ₹30,000 over three months: what the offer, the key facts and the agreement say."""
    pricing = price(PRODUCT, amount=30_000_00, credited_on=CREDITED_ON, instalments=3)
    print(f"instalment      {format_rupees(pricing.emi)}")
    print(f"to the account  {format_rupees(pricing.net_disbursal)} after the fee and its GST")
    print(f"in all          {format_rupees(pricing.total_payable)}, APR {pricing.apr_pct} %")
    assert sum(pricing.schedule.principal) == 30_000_00, "principal is repaid to the paisa"
    return pricing


def a_decision() -> None:
    """Run the default rules over an applicant; what is unknown is referred, never guessed."""
    policy = RulePolicy()
    rules = RuleSet.compile(default_rule_library(policy), version=1, on=CREDITED_ON)
    late = Applicant.of(
        {
            "kyc.panVerified": True,
            "kyc.aadhaarVerified": True,
            "kyc.panNameMatchPct": 96,
            "internal.blocklistHit": False,
            "internal.activeLoansSameBrand": 0,
            "internal.priorWriteOff": False,
            "applicant.age": 32,
            "derived.ageAtMaturity": 32,
            "derived.postLoanFoirPct": Decimal("16.8"),
            "income.netMonthlySalary": 62_000_00,
            "bureau.isNtc": False,
            "bureau.score": 610,
            "bureau.maxDpd3m": 45,
        },
        source="declared",
    ).with_data(policy.facts().data)
    decision = run_rules(rules, late)
    print(f"verdict         {decision.verdict}")
    for reason in principal_reasons(decision.reason_codes):
        print(f"                {reason}")
    assert decision.verdict is Verdict.REJECT
    assert "R033_DPD_RECENT" in decision.reason_codes


def a_repayment(pricing: Pricing) -> None:
    """Fold facts into a loan's money on a day; their order of arrival does not matter."""
    terms, [first, *_] = pricing.terms, pricing.schedule.adjusted_due_on
    paid_out = Disbursed(
        fact_id=UUID(int=1),
        value_date=CREDITED_ON,
        source="bank",
        reference="UTR1",
        amount=pricing.net_disbursal,
    )
    paid = Received(
        fact_id=UUID(int=2),
        value_date=first,
        source="gateway",
        reference="pay_1",
        amount=pricing.schedule.amount[0],
    )
    facts: list[Fact] = [paid_out, paid]
    state = fold(terms, facts, on=first)
    assert state == fold(terms, facts[::-1], on=first)
    for row in timeline(state):
        print(f"{row.adjusted_due_on}      {format_rupees(row.outstanding):>12} left  {row.status}")
    for component, amount in state.paid_by(paid.key).items():
        print(f"paid            {format_rupees(amount):>12} of {component.lower()}")

    closing = quote(state)
    print(f"closes for      {format_rupees(closing.amount)} on {closing.on}")
    assert state.total_due == 0


if __name__ == "__main__":
    a_repayment(a_price())
    a_decision()
