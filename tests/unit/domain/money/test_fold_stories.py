"""Loans lived day by day: what payments, delays, charges and exits leave behind."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest

from los_core.domain.arrears import (
    SmaClass,
    asset_class,
    bucket,
    classification_dates,
    days_late,
    dpd,
    loan_class,
    npa_since,
    sma_class,
)
from los_core.domain.charges import FeeRule, processing_fee
from los_core.domain.errors import Conflict, GuardFailed
from los_core.domain.facts import ChargedBack, Disbursed, Fact, Intent, Levied, Received, Reversed
from los_core.domain.fold import advance, apply, begin, fold, is_in_order
from los_core.domain.foreclosure import Quote, cooling_off_quote, quote
from los_core.domain.holdings import ClosureKind
from los_core.domain.policies import (
    AssetClass,
    BrokenPeriod,
    ChargeKind,
    Component,
    CoolingOff,
    DayCount,
    ForeclosurePolicy,
    GraceMode,
    Method,
    PenalPolicy,
    PostDueInterest,
    RateUnit,
    Tax,
)
from los_core.domain.schedule import build, interest_for
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.domain.timeline import Status, timeline

PENAL = PenalPolicy(rate_per_day_pct=Decimal("0.1"), grace_days=3)
FEE_RULE = FeeRule(pct=Decimal("2.5"), minimum=75_000)


def emi_terms(**chosen: Any) -> Terms:
    """₹1,00,000 at 24 % in 12 instalments of ₹9,456, credited on 5 February 2026."""
    usual: dict[str, Any] = {
        "method": Method.REDUCING,
        "principal": 10_000_000,
        "rate_pct": Decimal(24),
        "instalments": 12,
        "planned_on": date(2026, 2, 5),
        "first_due_on": date(2026, 3, 5),
        "anchor_day": 5,
        "day_count": DayCount.MONTHLY,
        "penal": PENAL,
    }
    return Terms(**{**usual, **chosen})


def payday_terms(**chosen: Any) -> Terms:
    """₹20,000 at 0.5 % a day for 29 days, ₹22,900 due on 4 February 2026."""
    usual: dict[str, Any] = {
        "method": Method.BULLET,
        "principal": 2_000_000,
        "rate_pct": Decimal("0.5"),
        "rate_unit": RateUnit.DAILY,
        "instalments": 1,
        "planned_on": date(2026, 1, 6),
        "first_due_on": date(2026, 2, 4),
        "anchor_day": 4,
        "day_count": DayCount.ACT_365,
        "post_due_interest": PostDueInterest.ON_PRINCIPAL,
    }
    return Terms(**{**usual, **chosen})


class Story:
    """Builds facts with short names; each has its own id and reference."""

    def __init__(self, terms: Terms) -> None:
        self.terms = terms
        schedule = build(terms, disbursed_on=terms.planned_on)
        net = terms.principal - terms.fee.total - schedule.upfront_interest
        self.facts: list[Fact] = []
        self.add(Disbursed, terms.planned_on, "utr", source="bank", amount=net)

    def add(self, kind: Any, on: date, name: str, *, source: str = "razorpay", **more: Any) -> Fact:
        fact_id = UUID(int=len(self.facts) + 1)
        fact: Fact = kind(fact_id=fact_id, value_date=on, source=source, reference=name, **more)
        self.facts.append(fact)
        return fact

    def pays(self, amount: int, on: date, name: str = "", **more: Any) -> "Story":
        self.add(Received, on, name or f"pay{len(self.facts)}", amount=amount, **more)
        return self

    def on(self, day: date) -> State:
        return fold(self.terms, self.facts, on=day)


def test_nothing_is_owed_before_the_credit() -> None:
    state = fold(emi_terms(), [], on=date(2026, 3, 1))
    assert state.schedule is None
    assert (state.outstanding_principal, state.total_due, state.oldest_unpaid_due_on) == (
        0,
        0,
        None,
    )


def test_an_instalment_paid_on_its_day_is_interest_then_principal() -> None:
    story = Story(emi_terms()).pays(945_600, date(2026, 3, 5), "one")
    state = story.on(date(2026, 3, 5))
    assert state.paid_by(("razorpay", "one")) == {
        Component.INTEREST: 200_000,
        Component.PRINCIPAL: 745_600,
    }
    assert state.outstanding_principal == 9_254_400
    assert state.oldest_unpaid_due_on == date(2026, 4, 5)
    assert timeline(state)[0].status is Status.PAID


def test_pen_01_part_payment_after_grace() -> None:
    story = Story(emi_terms()).pays(500_000, date(2026, 3, 15)).pays(445_600, date(2026, 3, 25))
    state = story.on(date(2026, 4, 4))
    assert state.penal(0) == 11_075
    assert state.outstanding_charges == 11_075
    assert state.cleared_on[0] == date(2026, 3, 25)
    # The charge is overdue since the instalment was cleared, not since the instalment was due.
    assert state.oldest_unpaid_due_on == date(2026, 3, 25)


def test_penal_charges_do_not_count_as_days_past_due_where_the_terms_say_so() -> None:
    story = Story(emi_terms(count_charges_in_dpd=False)).pays(945_600, date(2026, 3, 25))
    assert story.on(date(2026, 4, 4)).oldest_unpaid_due_on == date(2026, 4, 5)


@pytest.mark.parametrize("mode", list(GraceMode))
def test_nothing_is_charged_for_paying_within_the_grace_days(mode: GraceMode) -> None:
    terms = emi_terms(penal=attrs.evolve(PENAL, grace_mode=mode))
    state = Story(terms).pays(945_600, date(2026, 3, 8)).on(date(2026, 4, 4))
    assert state.penal(0) == 0


def test_from_due_counts_the_grace_days_once_they_are_missed() -> None:
    terms = emi_terms(penal=attrs.evolve(PENAL, grace_mode=GraceMode.FROM_DUE))
    story = Story(terms)
    assert story.on(date(2026, 3, 8)).penal(0) == 0
    assert story.on(date(2026, 3, 9)).penal(0) == 3_782
    assert story.pays(945_600, date(2026, 3, 9)).on(date(2026, 3, 30)).penal(0) == 3_782


def test_money_paid_ahead_is_held_until_the_next_due_date() -> None:
    story = Story(emi_terms()).pays(1_000_000, date(2026, 2, 20), "early")
    state = story.on(date(2026, 3, 4))
    assert state.advance_held == 1_000_000
    assert state.paid_by(("razorpay", "early")) == {}
    assert state.oldest_unpaid_due_on == date(2026, 4, 5)
    state = story.on(date(2026, 3, 5))
    assert state.advance_held == 54_400
    assert state.cleared_on[0] == date(2026, 3, 5)


def test_a_loan_paid_on_time_matures() -> None:
    story = Story(emi_terms())
    for row in build(story.terms, disbursed_on=story.terms.planned_on):
        story.pays(row.amount, row.due_on)
    state = story.on(date(2027, 2, 5))
    assert state.closure is not None
    assert (state.closed_on, state.closure.kind) == (date(2027, 2, 5), ClosureKind.MATURITY)
    assert (state.total_owed, state.suspense_held, state.oldest_unpaid_due_on) == (0, 0, None)


def test_a_last_rupee_is_forgiven() -> None:
    story = Story(payday_terms()).pays(2_290_000 - 100, date(2026, 2, 4))
    state = story.on(date(2026, 2, 4))
    assert state.closed_on == date(2026, 2, 4)
    assert state.waived == 100


def test_more_than_a_rupee_short_stays_open() -> None:
    state = Story(payday_terms()).pays(2_290_000 - 101, date(2026, 2, 4)).on(date(2026, 2, 4))
    assert state.closure is None
    assert state.total_due == 101


def test_everything_paid_ahead_closes_with_interest_to_the_day() -> None:
    state = Story(payday_terms()).pays(2_290_000, date(2026, 1, 26)).on(date(2026, 1, 26))
    assert state.closure is not None
    assert state.closure.kind is ClosureKind.PREPAID
    assert state.paid_interest == [200_000]
    assert state.suspense_held == 90_000


def test_money_for_a_closed_loan_waits_in_suspense() -> None:
    story = Story(payday_terms()).pays(2_290_000, date(2026, 2, 4)).pays(5_000, date(2026, 2, 9))
    assert story.on(date(2026, 2, 9)).suspense_held == 5_000


def test_money_before_the_credit_waits_and_then_counts() -> None:
    story = Story(payday_terms()).pays(1_000, date(2026, 1, 1), "deposit")
    assert story.on(date(2026, 1, 5)).suspense_held == 1_000
    state = story.on(date(2026, 1, 6))
    assert (state.suspense_held, state.advance_held) == (0, 1_000)


def test_without_its_disbursal_a_loan_holds_the_money_received() -> None:
    story = Story(payday_terms()).pays(2_290_000, date(2026, 2, 4))
    story.add(Reversed, date(2026, 2, 10), "returned", target_source="bank", target_reference="utr")
    state = story.on(date(2026, 2, 10))
    assert state.schedule is None
    assert state.suspense_held == 2_290_000


def test_a_bullet_earns_contract_interest_after_its_due_date() -> None:
    story = Story(payday_terms())
    state = story.on(date(2026, 2, 14))
    assert state.late_interest(0) == 100_000
    assert state.total_due == 2_390_000
    assert story.pays(2_390_000, date(2026, 2, 14)).on(date(2026, 2, 14)).closed_on is not None


def test_a_bounce_charge_carries_the_gst_of_the_terms() -> None:
    story = Story(emi_terms(tax=Tax(bounce_pct=Decimal(18))))
    story.add(
        Levied, date(2026, 3, 5), "bounce", charge=ChargeKind.BOUNCE, amount=50_000, instalment_no=1
    )
    state = story.on(date(2026, 3, 5))
    assert state.outstanding_charges == 59_000
    assert timeline(state)[0].charges == 59_000


def test_a_charge_after_closure_is_inert() -> None:
    story = Story(payday_terms()).pays(2_290_000, date(2026, 2, 4))
    story.add(Levied, date(2026, 2, 4), "bounce", charge=ChargeKind.BOUNCE, amount=50_000)
    assert story.on(date(2026, 2, 5)).charges == []


def test_a_reversed_payment_was_never_there() -> None:
    paid = Story(emi_terms()).pays(945_600, date(2026, 3, 5), "bad")
    paid.add(Reversed, date(2026, 3, 20), "undo", target_source="razorpay", target_reference="bad")
    never = Story(emi_terms())
    assert paid.on(date(2026, 3, 25)) == never.on(date(2026, 3, 25))


def test_a_reversal_without_its_target_is_inert() -> None:
    story = Story(emi_terms())
    story.add(Reversed, date(2026, 3, 1), "undo", target_source="razorpay", target_reference="none")
    assert story.on(date(2026, 3, 9)) == Story(emi_terms()).on(date(2026, 3, 9))


def charge_back(story: Story, on: date, name: str, amount: int) -> None:
    story.add(
        ChargedBack,
        on,
        f"chargeback of {name}",
        target_source="razorpay",
        target_reference=name,
        amount=amount,
    )


def test_a_chargeback_makes_the_instalment_owed_again_from_its_own_day() -> None:
    story = Story(emi_terms()).pays(945_600, date(2026, 3, 5), "card")
    charge_back(story, date(2026, 3, 25), "card", 945_600)
    assert story.on(date(2026, 3, 24)).oldest_unpaid_due_on == date(2026, 4, 5)
    state = story.on(date(2026, 3, 25))
    assert state.oldest_unpaid_due_on == date(2026, 3, 5)
    assert (state.total_due, state.received, state.penal(0)) == (945_600, 0, 0)
    assert story.on(date(2026, 3, 26)).penal(0) == 946


def test_a_partial_chargeback_keeps_what_the_bank_left() -> None:
    story = Story(emi_terms()).pays(945_600, date(2026, 3, 5), "card")
    charge_back(story, date(2026, 3, 25), "card", 700_000)
    state = story.on(date(2026, 3, 25))
    assert state.paid_by(("razorpay", "card")) == {
        Component.INTEREST: 200_000,
        Component.PRINCIPAL: 45_600,
    }


def test_a_chargeback_reopens_a_closed_loan() -> None:
    story = Story(payday_terms()).pays(2_290_000, date(2026, 2, 4), "card")
    charge_back(story, date(2026, 2, 20), "card", 2_290_000)
    state = story.on(date(2026, 2, 20))
    assert state.closure is None
    assert state.total_due == 2_290_000
    assert state.oldest_unpaid_due_on == date(2026, 2, 4)


def test_a_chargeback_of_a_foreclosure_brings_the_schedule_back() -> None:
    story = Story(emi_terms(foreclosure=ForeclosurePolicy(fee_pct=Decimal(4), disclosed=True)))
    asked = quote(story.on(date(2026, 2, 20))).amount
    story.pays(asked, date(2026, 2, 20), "card", intent=Intent.FORECLOSURE)
    assert story.on(date(2026, 3, 6)).closed_on == date(2026, 2, 20)
    charge_back(story, date(2026, 3, 10), "card", asked)
    state = story.on(date(2026, 3, 10))
    assert state.interest == Story(emi_terms()).on(date(2026, 3, 10)).interest
    assert (state.charges, state.total_due) == ([], 945_600)


def test_a_second_disbursal_is_refused() -> None:
    story = Story(payday_terms())
    story.add(Disbursed, date(2026, 1, 7), "utr2", source="bank", amount=2_000_000)
    with pytest.raises(Conflict, match="once"):
        story.on(date(2026, 1, 8))


def test_two_contents_under_one_reference_are_refused() -> None:
    story = (
        Story(payday_terms()).pays(1_000, date(2026, 1, 8), "p").pays(2_000, date(2026, 1, 8), "p")
    )
    with pytest.raises(Conflict, match="p of razorpay"):
        story.on(date(2026, 1, 8))


def test_a_later_credit_keeps_due_dates_and_lowers_interest() -> None:
    terms = payday_terms()
    late = Disbursed(
        fact_id=UUID(int=9),
        value_date=date(2026, 1, 8),
        source="bank",
        reference="utr",
        amount=2_000_000,
    )
    state = fold(terms, [late], on=date(2026, 1, 8))
    assert state.schedule is not None
    assert state.schedule.due_on == (date(2026, 2, 4),)
    assert state.interest == [270_000]


def test_an_earlier_credit_costs_no_more_than_the_key_facts_said() -> None:
    early = Disbursed(
        fact_id=UUID(int=9),
        value_date=date(2026, 1, 5),
        source="bank",
        reference="utr",
        amount=2_000_000,
    )
    assert fold(payday_terms(), [early], on=date(2026, 1, 8)).interest == [290_000]


def test_upfront_interest_withheld_for_days_without_the_money_is_held_for_the_borrower() -> None:
    terms = emi_terms(
        planned_on=date(2026, 1, 19), first_due_on=date(2026, 3, 5),
        broken_period=BrokenPeriod.DEDUCT_UPFRONT,
    )  # fmt: skip
    planned = build(terms, disbursed_on=date(2026, 1, 19)).upfront_interest
    actual = build(terms, disbursed_on=date(2026, 1, 21)).upfront_interest
    credit = Disbursed(
        fact_id=UUID(int=9),
        value_date=date(2026, 1, 21),
        source="bank",
        reference="utr",
        amount=10_000_000 - planned,
    )
    assert fold(terms, [credit], on=date(2026, 1, 21)).advance_held == planned - actual > 0


# Leaving early


def fcl_terms(**chosen: Any) -> Terms:
    usual: dict[str, Any] = {
        "principal": 7_748_347,
        "instalments": 9,
        "planned_on": date(2026, 4, 5),
        "first_due_on": date(2026, 5, 5),
        "foreclosure": ForeclosurePolicy(fee_pct=Decimal(4), disclosed=True),
    }
    return emi_terms(**{**usual, **chosen})


def test_fcl_01_fixed_rate_with_a_disclosed_fee() -> None:
    asked = quote(Story(fcl_terms()).on(date(2026, 4, 22)))
    assert asked.accrued_interest == 86_612
    assert asked.fee == 309_934
    assert asked.gst.total == 55_788
    assert asked.amount == 8_200_681


def test_fcl_02_no_fee_overdue_interest_charges_and_advance() -> None:
    terms = fcl_terms(rate_pct=Decimal(22))
    accrued = interest_for(terms, 5_123_456, date(2026, 6, 5), date(2026, 6, 30))
    asked = Quote(
        on=date(2026, 6, 30),
        kind=ClosureKind.FORECLOSURE,
        principal=5_123_456,
        due_interest=93_930,
        accrued_interest=accrued,
        charges=63_238,
        advance=25_000,
    )
    assert accrued == 77_203
    assert asked.amount == 5_332_827


@pytest.mark.parametrize(
    "policy",
    [
        ForeclosurePolicy(fee_pct=Decimal(4), disclosed=False),
        ForeclosurePolicy(fee_pct=Decimal(4), disclosed=True, exempt=True),
    ],
)
def test_no_fee_is_taken_undisclosed_or_against_the_law(policy: ForeclosurePolicy) -> None:
    assert quote(Story(fcl_terms(foreclosure=policy)).on(date(2026, 4, 22))).fee == 0


def test_paying_the_quote_leaves_nothing() -> None:
    story = Story(fcl_terms()).pays(100_000, date(2026, 5, 9))
    story.add(Levied, date(2026, 5, 20), "bounce", charge=ChargeKind.BOUNCE, amount=50_000)
    asked = quote(story.on(date(2026, 5, 20)))
    story.pays(asked.amount, date(2026, 5, 20), "exit", intent=Intent.FORECLOSURE)
    state = story.on(date(2026, 5, 20))
    assert state.closure is not None
    assert state.closure.kind is ClosureKind.FORECLOSURE
    assert (state.total_owed, state.advance_held, state.suspense_held, state.waived) == (0, 0, 0, 0)
    assert sum(state.paid_by(("razorpay", "exit")).values()) == asked.amount


def test_too_little_for_a_foreclosure_pays_what_is_due_and_is_held() -> None:
    story = Story(fcl_terms())
    asked = quote(story.on(date(2026, 5, 20)))
    story.pays(asked.amount - 101, date(2026, 5, 20), "short", intent=Intent.FORECLOSURE)
    state = story.on(date(2026, 5, 20))
    assert state.closure is None
    assert state.total_due == 0
    assert state.advance_held > 0


def test_a_flat_loan_waives_unearned_interest() -> None:
    terms = emi_terms(method=Method.FLAT, principal=6_000_000, rate_pct=Decimal(18))
    state = Story(terms).on(date(2026, 2, 20))
    asked = quote(state)
    # 15 of 365 days of ₹10,800.
    assert asked.accrued_interest == 44_384
    assert asked.amount == 6_044_384


def test_cof_01_exit_on_day_two_with_the_fee_kept() -> None:
    terms = payday_terms()
    terms = attrs.evolve(terms, fee=processing_fee(2_000_000, FEE_RULE, tax=terms.tax))
    story = Story(terms)
    state = story.on(date(2026, 1, 8))
    assert state.cooling_off_until == date(2026, 1, 9)
    asked = cooling_off_quote(state)
    assert asked.accrued_interest == 20_000
    assert asked.amount == 2_020_000
    story.pays(asked.amount, date(2026, 1, 8), intent=Intent.COOLING_OFF_EXIT)
    closed = story.on(date(2026, 1, 8))
    assert closed.closure is not None
    assert closed.closure.kind is ClosureKind.COOLING_OFF
    assert (closed.total_owed, closed.suspense_held) == (0, 0)


def test_an_exit_that_returns_the_fee_asks_apr_on_what_was_received() -> None:
    terms = payday_terms(cooling_off=CoolingOff(days=3, keeps_fee=False))
    terms = attrs.evolve(terms, fee=processing_fee(2_000_000, FEE_RULE, tax=terms.tax))
    story = Story(terms)
    asked = cooling_off_quote(story.on(date(2026, 1, 8)))
    # 19,115 and 249.22 % of it for two days.
    assert asked.amount == 1_911_500 + 26_103
    story.pays(asked.amount, date(2026, 1, 8), intent=Intent.COOLING_OFF_EXIT)
    closed = story.on(date(2026, 1, 8))
    assert closed.fee_returned
    assert (closed.total_owed, closed.suspense_held, closed.waived) == (0, 0, 0)


def test_an_exit_on_the_day_of_the_credit_costs_nothing() -> None:
    assert cooling_off_quote(Story(payday_terms()).on(date(2026, 1, 6))).amount == 2_000_000


def test_after_the_window_there_is_no_exit() -> None:
    with pytest.raises(GuardFailed):
        cooling_off_quote(Story(payday_terms()).on(date(2026, 1, 10)))


def test_a_closed_loan_has_no_quote() -> None:
    story = Story(payday_terms()).pays(2_290_000, date(2026, 2, 4))
    with pytest.raises(Conflict):
        quote(story.on(date(2026, 2, 4)))


# Extending a stored state


def test_a_fact_in_order_extends_the_stored_state() -> None:
    story = Story(emi_terms()).pays(945_600, date(2026, 3, 5))
    stored = story.on(date(2026, 3, 20))
    fact = story.add(Received, date(2026, 3, 25), "next", amount=10_000)
    assert is_in_order(stored, fact)
    assert apply(stored, fact) == story.on(date(2026, 3, 25))


def test_a_back_dated_fact_is_out_of_order() -> None:
    story = Story(emi_terms()).pays(945_600, date(2026, 3, 5))
    stored = story.on(date(2026, 3, 20))
    fact = story.add(Received, date(2026, 3, 10), "late", amount=10_000)
    assert not is_in_order(stored, fact)
    with pytest.raises(ValueError, match="cannot go back"):
        apply(stored, fact)
    with pytest.raises(ValueError, match="cannot go back"):
        advance(stored, date(2026, 3, 19))
    assert is_in_order(begin(story.terms), fact)


# Days past due


def test_dpd_01_rbi_dates_for_a_31_march_due_date() -> None:
    due_on = date(2021, 3, 31)
    assert [
        (str(on), dpd(due_on, on), sma_class(dpd(due_on, on)).value)
        for on in (
            date(2021, 3, 30), date(2021, 3, 31), date(2021, 4, 29), date(2021, 4, 30),
            date(2021, 5, 29), date(2021, 5, 30), date(2021, 6, 28), date(2021, 6, 29),
        )
    ] == [
        ("2021-03-30", 0, "STANDARD"), ("2021-03-31", 1, "SMA_0"), ("2021-04-29", 30, "SMA_0"),
        ("2021-04-30", 31, "SMA_1"), ("2021-05-29", 60, "SMA_1"), ("2021-05-30", 61, "SMA_2"),
        ("2021-06-28", 90, "SMA_2"), ("2021-06-29", 91, "NPA"),
    ]  # fmt: skip
    assert [str(day) for _, day in classification_dates(due_on)] == [
        "2021-03-31", "2021-04-30", "2021-05-30", "2021-06-29",
    ]  # fmt: skip


def test_npa_01_a_part_payment_leaves_npa_and_full_arrears_lift_it() -> None:
    terms = emi_terms(
        planned_on=date(2025, 12, 5), first_due_on=date(2026, 1, 5), penal=PenalPolicy()
    )
    story = Story(terms).pays(945_600, date(2026, 4, 10)).pays(2_836_800, date(2026, 4, 20))
    expected = [
        (date(2026, 4, 4), date(2026, 1, 5), 90, SmaClass.SMA_2),
        (date(2026, 4, 5), date(2026, 1, 5), 91, SmaClass.NPA),
        (date(2026, 4, 10), date(2026, 2, 5), 65, SmaClass.NPA),
        (date(2026, 4, 19), date(2026, 2, 5), 74, SmaClass.NPA),
        (date(2026, 4, 20), date(2026, 5, 5), 0, SmaClass.STANDARD),
    ]
    since: date | None = None
    for on, oldest, days, reported in expected:
        found = story.on(on).oldest_unpaid_due_on
        since = npa_since(since, found, on)
        assert (found, dpd(found, on), loan_class(since, dpd(found, on))) == (
            oldest,
            days,
            reported,
        )


def test_buckets_and_asset_classes_have_their_edges() -> None:
    assert [bucket(days) for days in (0, 1, 30, 31, 60, 61, 90, 91)] == [
        "0", "1-30", "1-30", "31-60", "31-60", "61-90", "61-90", "90+",
    ]  # fmt: skip
    assert days_late(date(2026, 3, 5), date(2026, 3, 5)) == 0
    npa = date(2025, 3, 30)
    assert asset_class(None, npa) is AssetClass.STANDARD
    assert asset_class(npa, date(2026, 3, 30)) is AssetClass.SUB_STANDARD
    assert asset_class(npa, date(2026, 3, 31)) is AssetClass.DOUBTFUL


def test_the_timeline_says_how_each_instalment_stands() -> None:
    story = Story(emi_terms()).pays(945_600, date(2026, 3, 5)).pays(100_000, date(2026, 4, 5))
    rows = timeline(story.on(date(2026, 4, 5)))
    assert [row.status for row in rows[:3]] == [Status.PAID, Status.PARTIAL, Status.UPCOMING]
    rows = timeline(story.on(date(2026, 4, 7)))
    assert rows[1].status is Status.OVERDUE
    assert (rows[1].days_late, rows[1].outstanding) == (2, 845_600)
    assert timeline(story.on(date(2026, 4, 4) + timedelta(days=1)))[2].days_late == 0
