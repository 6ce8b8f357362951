"""Fees, penal charges, annual rates and priced loans against the published examples."""

from datetime import date
from decimal import Decimal

import pytest

from los_core.domain import apr
from los_core.domain.amortisation import annuity
from los_core.domain.apr import AprMethod
from los_core.domain.charges import Discount, FeeRule, gst_on, penal_charge, processing_fee
from los_core.domain.due_rules import AfterOneMonth, FixedDay, TenureDays
from los_core.domain.errors import InvalidTerms
from los_core.domain.keyfacts import (
    Contact,
    Lender,
    key_facts,
    key_facts_document,
    key_facts_hash,
    valid_until,
)
from los_core.domain.policies import (
    BrokenPeriod,
    DayCount,
    ForeclosurePolicy,
    Gst,
    Method,
    PenalPolicy,
    RateUnit,
    Supply,
    Tax,
)
from los_core.domain.pricing import Product, price
from los_core.domain.rounding import Rounding
from los_core.domain.terms import terms_hash

PAYDAY = Product(
    method=Method.BULLET,
    rate_pct=Decimal("0.5"),
    rate_unit=RateUnit.DAILY,
    due_rule=TenureDays(days=29),
    fee_rule=FeeRule(pct=Decimal("2.5"), minimum=75_000, maximum=500_000),
    day_count=DayCount.ACT_365,
    penal=PenalPolicy(rate_per_day_pct=Decimal("0.1"), grace_days=3),
    foreclosure=ForeclosurePolicy(fee_pct=Decimal(4), disclosed=True),
)
EMI = Product(
    method=Method.REDUCING,
    rate_pct=Decimal(15),
    due_rule=AfterOneMonth(),
    fee_rule=FeeRule(flat=40_000),
    day_count=DayCount.MONTHLY,
    tax=Tax(processing_pct=Decimal(0)),
)
LENDER = Lender(
    name="Udhaar Finance Private Limited",
    grievance_officer=Contact(name="R. Iyer", phone="18002000000", email="help@udhaar.example"),
    recovery_clause="Clause 14",
    grievance_clause="Clause 17",
    transfer_clause="The loan may be transferred.",
)


def test_fee_01_percent_fee_with_minimum_across_states() -> None:
    fee = processing_fee(2_000_000, PAYDAY.fee_rule, tax=Tax())
    assert (fee.gross, fee.discount, fee.net) == (75_000, 0, 75_000)
    assert fee.gst == Gst(igst=13_500)
    assert 2_000_000 - fee.total == 1_911_500


def test_fee_02_capped_percent_coupon_within_a_state() -> None:
    fee = processing_fee(
        4_750_000,
        FeeRule(pct=Decimal("3.25")),
        tax=Tax(supply=Supply.INTRA_STATE),
        discount=Discount(pct=Decimal(20), cap=25_000),
    )
    assert (fee.gross, fee.discount, fee.net) == (154_400, 25_000, 129_400)
    assert fee.gst == Gst(cgst=11_646, sgst=11_646)
    assert 4_750_000 - fee.total == 4_597_308


def test_a_flat_discount_never_takes_the_fee_below_zero() -> None:
    fee = processing_fee(2_000_000, FeeRule(flat=30_000), tax=Tax(), discount=Discount(flat=50_000))
    assert (fee.net, fee.total) == (0, 0)


def test_halves_of_gst_round_each_by_itself() -> None:
    assert gst_on(1, Decimal(18), Supply.INTRA_STATE) == Gst()
    assert gst_on(150, Decimal(18), Supply.INTRA_STATE).total == 28
    assert gst_on(150, Decimal(18), Supply.INTER_STATE).total == 27


def test_pen_01_two_segments_round_once() -> None:
    policy = PenalPolicy(rate_per_day_pct=Decimal("0.1"), grace_days=3)
    assert penal_charge(945_600 * 7 + 445_600 * 10, policy, instalment=945_600) == 11_075


def test_a_penal_charge_stops_at_the_lower_cap() -> None:
    policy = PenalPolicy(
        rate_per_day_pct=Decimal(1),
        max_per_instalment=20_000,
        max_pct_of_instalment=Decimal(10),
    )
    assert penal_charge(100_000 * 90, policy, instalment=100_000) == 10_000
    assert penal_charge(400_000 * 90, policy, instalment=400_000) == 20_000


def test_apr_01_rbi_illustration() -> None:
    numerator, denominator = annuity(2_000_000, (15, 1), 24)
    assert round(numerator / denominator) == 96_973
    assert apr.periodic_nominal_pct(1_960_000, [96_973] * 24) == Decimal("17.07")
    assert apr.effective_annual_pct(1_960_000, apr.monthly([96_973] * 24)) == Decimal("18.47")


def test_apr_02_rupee_instalment_with_an_absorbing_last_row() -> None:
    pricing = price(EMI, amount=2_000_000, instalments=24, credited_on=date(2026, 1, 5))
    assert pricing.emi == 97_000
    assert pricing.schedule.amount[-1] == 96_256
    assert pricing.net_disbursal == 1_960_000
    assert pricing.total_interest == 327_256
    assert pricing.total_payable == 2_327_256
    assert pricing.apr_method is AprMethod.PERIODIC_NOMINAL
    assert pricing.apr_pct == Decimal("17.07")
    assert pricing.effective_annual_pct == Decimal("18.47")


def test_apr_08_rbi_schedule_reproduces_to_the_rupee() -> None:
    # Rounded to a paisa the instalment is 969.73, and each figure of the published table follows.
    published = [
        (20000, 720, 250), (19280, 729, 241), (18552, 738, 232), (17814, 747, 223),
        (17067, 756, 213), (16310, 766, 204), (15544, 775, 194), (14769, 785, 185),
        (13984, 795, 175), (13189, 805, 165), (12384, 815, 155), (11569, 825, 145),
        (10744, 835, 134), (9909, 846, 124), (9063, 856, 113), (8206, 867, 103),
        (7339, 878, 92), (6461, 889, 81), (5572, 900, 70), (4672, 911, 58),
        (3761, 923, 47), (2838, 934, 35), (1904, 946, 24), (958, 958, 12),
    ]  # fmt: skip
    terms = price(EMI, amount=2_000_000, instalments=24, credited_on=date(2026, 1, 5)).terms
    over, under = annuity(terms.principal, (15, 1), 24)
    opening_over = terms.principal * under
    for opening, principal, interest in published:
        charged_over = opening_over * 15 // 1200
        repaid_over = over - charged_over
        shown = [
            (2 * part + 100 * under) // (200 * under)
            for part in (opening_over, repaid_over, charged_over)
        ]
        assert shown == [opening, principal, interest]
        opening_over -= repaid_over


def test_apr_04_bullet_is_simple_and_its_xirr_is_kept() -> None:
    pricing = price(PAYDAY, amount=2_000_000, credited_on=date(2026, 1, 6))
    assert pricing.net_disbursal == 1_911_500
    assert pricing.emi == 2_290_000
    assert pricing.apr_method is AprMethod.SINGLE_PAYMENT_SIMPLE
    assert pricing.apr_pct == Decimal("249.22")
    assert pricing.effective_annual_pct == Decimal("871.69")
    assert pricing.total_cost == 290_000 + 88_500


def test_apr_06_irregular_dates() -> None:
    due_on = [date(2026, 3, 5), date(2026, 4, 5), date(2026, 5, 5)]
    flows = apr.dated(date(2026, 1, 19), due_on, [2_150_000, 2_060_000, 2_060_000])
    assert apr.effective_annual_pct(5_764_000, flows) == Decimal("50.71")


def test_a_broken_first_period_is_disclosed_as_a_dated_rate() -> None:
    product = Product(
        method=Method.REDUCING,
        rate_pct=Decimal(21),
        due_rule=FixedDay(cycle_days=(5,), min_first_gap_days=30),
        fee_rule=FeeRule(flat=0),
        day_count=DayCount.MONTHLY,
        broken_period=BrokenPeriod.DEDUCT_UPFRONT,
    )
    pricing = price(product, amount=8_000_000, instalments=10, credited_on=date(2026, 1, 19))
    assert pricing.terms.first_due_on == date(2026, 3, 5)
    assert pricing.apr_method is AprMethod.XIRR_EFFECTIVE
    assert pricing.net_disbursal == 8_000_000 - 78_247


def test_a_loan_without_cost_has_no_rate() -> None:
    assert apr.periodic_nominal_pct(1200, [100] * 12) == Decimal("0.00")
    assert apr.single_payment_simple_pct(1200, 1200, days=5) == Decimal("0.00")


@pytest.mark.parametrize("net", [0, -1, 1_201])
def test_no_rate_is_shown_for_flows_that_do_not_repay(net: int) -> None:
    with pytest.raises(InvalidTerms):
        apr.periodic_nominal_pct(net, [100] * 12)


def test_the_terms_keep_the_holidays_that_can_matter() -> None:
    pricing = price(
        PAYDAY,
        amount=2_000_000,
        credited_on=date(2026, 1, 6),
        holidays={date(2025, 12, 25), date(2026, 2, 4), date(2030, 1, 1)},
    )
    assert pricing.terms.non_repayment_dates == (date(2026, 2, 4),)
    assert pricing.schedule.adjusted_due_on == (date(2026, 2, 5),)


def test_the_key_facts_statement_repeats_the_pricing() -> None:
    pricing = price(PAYDAY, amount=2_000_000, credited_on=date(2026, 1, 6))
    facts = key_facts(
        pricing,
        lender=LENDER,
        proposal_no="KFS-000042",
        loan_type="Salary loan",
        issued_on=date(2026, 1, 3),
        holidays={date(2026, 1, 6)},
    )
    assert facts.valid_until == date(2026, 1, 8)
    assert facts.rate_pct == Decimal("182.5")
    assert facts.rate_per_day_pct == Decimal("0.5")
    assert facts.apr_pct == pricing.apr_pct
    assert facts.instalment_amount == facts.rows[0].amount == 2_290_000
    assert facts.total_payable == 2_290_000
    assert [fee.amount + fee.gst.total for fee in facts.fees] == [88_500]
    assert facts.terms_hash == terms_hash(pricing.terms)
    assert [charge.name for charge in facts.contingent_charges] == [
        "Penal charge", "Bounce charge", "Foreclosure charge",
    ]  # fmt: skip
    assert "0.1% per day" in facts.contingent_charges[0].terms
    document = key_facts_document(facts)
    assert document["rows"][0]["due_on"] == "2026-02-04"
    assert key_facts_hash(facts) == key_facts_hash(facts)


def test_kf_4_validity_is_one_working_day_under_a_week() -> None:
    saturday = date(2026, 1, 3)
    assert valid_until(saturday, tenure_days=6, holidays=frozenset()) == date(2026, 1, 5)
    assert valid_until(saturday, tenure_days=7, holidays=frozenset()) == date(2026, 1, 7)


def test_rounding_to_a_paisa_needs_no_rupee() -> None:
    product = Product(
        method=Method.REDUCING,
        rate_pct=Decimal(15),
        due_rule=AfterOneMonth(),
        fee_rule=FeeRule(flat=0),
        day_count=DayCount.MONTHLY,
        rounding=Rounding.PAISE,
    )
    pricing = price(product, amount=2_000_000, instalments=24, credited_on=date(2026, 1, 5))
    assert pricing.emi == 96_973
