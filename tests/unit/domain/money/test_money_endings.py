"""Settlements kept and missed, write-offs and recoveries, NPA books: told as stories."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from los_core.domain.facts import (
    ChargedBack,
    Classified,
    Disbursed,
    Fact,
    Levied,
    Received,
    Reversed,
    SettlementAgreed,
    Tag,
    Waived,
    WrittenOff,
)
from los_core.domain.fold import fold
from los_core.domain.holdings import ClosureKind
from los_core.domain.ledger import Account, balances, projection
from los_core.domain.policies import (
    AllocationPolicy,
    AssetClass,
    ChargeKind,
    Component,
    DayCount,
    Method,
    PenalPolicy,
    RateUnit,
    Tax,
)
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.domain.timeline import Status, timeline
from los_core.domain.waterfall import Slot, Waterfall
from los_core.domain.writeoff import Kind

DUE_ON = date(2026, 2, 4)
AGREED_ON = date(2026, 5, 10)
PAY_BY = date(2026, 6, 30)


class Payday:
    """₹20,000 at 0.5 % a day for 29 days: ₹22,900 due on 4 February 2026, and never paid."""

    def __init__(self, **chosen: Any) -> None:
        self.terms = Terms(
            method=Method.BULLET,
            principal=2_000_000,
            rate_pct=Decimal("0.5"),
            rate_unit=RateUnit.DAILY,
            instalments=1,
            planned_on=date(2026, 1, 6),
            first_due_on=DUE_ON,
            anchor_day=4,
            day_count=DayCount.ACT_365,
            **chosen,
        )
        self.facts: list[Fact] = []
        self.add(Disbursed, date(2026, 1, 6), "utr", amount=2_000_000)

    def add(self, kind: Any, on: date, name: str, **more: Any) -> "Payday":
        number = UUID(int=len(self.facts) + 1)
        self.facts.append(kind(fact_id=number, value_date=on, source="los", reference=name, **more))
        return self

    def pays(self, amount: int, on: date, name: str) -> "Payday":
        return self.add(Received, on, name, amount=amount)

    def undoes(self, name: str, on: date) -> "Payday":
        return self.add(Reversed, on, f"undo {name}", target_source="los", target_reference=name)

    def charges_back(self, name: str, amount: int, on: date) -> "Payday":
        target = {"target_source": "los", "target_reference": name}
        return self.add(ChargedBack, on, f"back {name}", amount=amount, **target)

    def on(self, day: date) -> State:
        return fold(self.terms, self.facts, on=day)

    def books(self, on: date) -> dict[Account, int]:
        found = balances(projection(self.terms, self.facts, until=on), on=on)
        return {account: amount for account, amount in found.items() if amount}


def set_01() -> Payday:
    """Dues of ₹24,900 on the day of agreement, penal charges stopped by their cap of ₹1,500."""
    penal = PenalPolicy(rate_per_day_pct=Decimal(1), max_per_instalment=150_000)
    story = Payday(penal=penal, tax=Tax(bounce_pct=Decimal(0)))
    story.add(Levied, DUE_ON, "bounce", charge=ChargeKind.BOUNCE, amount=50_000)
    return story.add(SettlementAgreed, AGREED_ON, "offer", offer=1_900_000, pay_by=PAY_BY)


def given_up(state: State) -> dict[Component, int]:
    found: dict[Component, int] = {}
    for share in state.waivers:
        found[share.component] = found.get(share.component, 0) + share.amount
    return found


# Settlement


def test_set_01_the_waiver_is_split_when_the_offer_is_paid() -> None:
    story = set_01()
    assert story.on(AGREED_ON).total_due == 2_490_000
    assert story.on(AGREED_ON).waived == 0
    state = story.pays(1_900_000, PAY_BY, "all").on(PAY_BY)
    assert given_up(state) == {
        Component.PENAL: 150_000,
        Component.BOUNCE: 50_000,
        Component.INTEREST: 290_000,
        Component.PRINCIPAL: 100_000,
    }
    assert state.closure is not None
    assert (state.closure.kind, state.closed_on) == (ClosureKind.SETTLED, PAY_BY)
    assert state.paid_by(("los", "all")) == {Component.PRINCIPAL: 1_900_000}
    assert state.waived == 590_000


def test_a_settlement_may_be_paid_in_parts_by_its_date() -> None:
    story = set_01().pays(900_000, date(2026, 5, 20), "one")
    assert story.on(date(2026, 5, 20)).closure is None
    state = story.pays(1_000_000, date(2026, 6, 20), "two").on(date(2026, 6, 20))
    assert state.closed_on == date(2026, 6, 20)
    assert state.waived == 590_000


def test_a_missed_settlement_is_void_and_dues_revive_less_what_was_paid() -> None:
    story = set_01().pays(1_899_999, PAY_BY, "short")
    state = story.on(PAY_BY + timedelta(days=1))
    assert (state.settlement, state.closure, state.waived) == (None, None, 0)
    assert state.total_due == 2_490_000 - 1_899_999
    late = story.pays(1, PAY_BY + timedelta(days=2), "late").on(PAY_BY + timedelta(days=2))
    assert late.closure is None


def test_a_settlement_payment_reversed_voids_the_waiver() -> None:
    story = set_01().pays(1_900_000, PAY_BY, "all").undoes("all", PAY_BY + timedelta(days=5))
    state = story.on(PAY_BY + timedelta(days=5))
    assert (state.closure, state.waived, state.total_due) == (None, 0, 2_490_000)


def test_a_settlement_payment_charged_back_in_time_leaves_the_offer_open() -> None:
    story = set_01().pays(1_900_000, date(2026, 6, 1), "all")
    story.charges_back("all", 1_900_000, date(2026, 6, 10))
    state = story.on(date(2026, 6, 10))
    assert (state.closure, state.total_due) == (None, 2_490_000)
    assert state.settlement is not None
    assert story.pays(1_900_000, PAY_BY, "again").on(PAY_BY).closed_on == PAY_BY


def test_the_books_of_a_settled_loan_show_the_waiver_as_an_expense() -> None:
    story = set_01().pays(1_900_000, PAY_BY, "all")
    assert story.books(PAY_BY) == {
        Account.BANK: -100_000,
        Account.INTEREST_INCOME: -290_000,
        Account.PENAL_INCOME: -150_000,
        Account.BOUNCE_INCOME: -50_000,
        Account.WAIVER: 590_000,
    }


def test_a_waived_charge_gives_its_gst_back() -> None:
    story = Payday(tax=Tax(bounce_pct=Decimal(18)))
    story.add(Levied, DUE_ON, "bounce", charge=ChargeKind.BOUNCE, amount=50_000)
    assert story.books(DUE_ON)[Account.GST_PAYABLE] == -9_000
    day = DUE_ON + timedelta(days=3)
    story.add(Waived, day, "kind", component=Component.BOUNCE, amount=59_000)
    books = story.books(day)
    assert Account.GST_PAYABLE not in books
    assert (books[Account.WAIVER], books[Account.BOUNCE_INCOME]) == (50_000, -50_000)


# Write-off and recovery


WRITTEN_OFF_ON = date(2026, 8, 10)


def written_off(how: Kind = Kind.TECHNICAL) -> Payday:
    penal = PenalPolicy(rate_per_day_pct=Decimal(1), max_per_instalment=150_000)
    story = Payday(penal=penal)
    story.pays(500_000, date(2026, 3, 1), "part")
    return story.add(WrittenOff, WRITTEN_OFF_ON, "gone", how=how)


def test_a_technical_write_off_keeps_the_claim() -> None:
    state = written_off().on(WRITTEN_OFF_ON)
    assert state.closure is not None
    assert state.closure.kind is ClosureKind.WRITTEN_OFF
    left = state.claim_left
    assert (left.principal, left.interest, left.charges) == (1_790_000, 0, 150_000)
    assert timeline(state)[0].status is Status.WRITTEN_OFF
    assert written_off(Kind.WAIVER).on(WRITTEN_OFF_ON).claim_left.total == 0


def test_recoveries_are_income_principal_first_and_the_rest_waits_for_a_refund() -> None:
    story = written_off().pays(1_800_000, date(2026, 9, 1), "some")
    left = story.on(date(2026, 9, 1)).claim_left
    assert (left.principal, left.charges) == (0, 140_000)
    state = story.pays(200_000, date(2026, 9, 5), "more").on(date(2026, 9, 5))
    assert (state.claim_left.total, state.suspense_held) == (0, 60_000)
    assert story.books(date(2026, 9, 5)) == {
        Account.BANK: 500_000,
        Account.INTEREST_INCOME: -290_000,
        Account.SUSPENSE: -60_000,
        Account.WRITE_OFF: 1_790_000,
        Account.RECOVERY_INCOME: -1_940_000,
    }


def test_a_write_off_takes_unpaid_income_to_memo() -> None:
    story = written_off()
    assert story.books(WRITTEN_OFF_ON) == {
        Account.BANK: -1_500_000,
        Account.INTEREST_INCOME: -290_000,
        Account.WRITE_OFF: 1_790_000,
        Account.MEMO_PRINCIPAL: 1_790_000,
        Account.MEMO_CHARGES: 150_000,
        Account.MEMO_CONTRA: -1_940_000,
    }


def test_money_after_a_waiver_is_the_borrowers() -> None:
    state = written_off(Kind.WAIVER).pays(1_000, date(2026, 9, 1), "kind").on(date(2026, 9, 1))
    assert (state.recovered, state.suspense_held) == ([], 1_000)


def test_a_recovery_charged_back_is_claimed_again() -> None:
    story = written_off().pays(1_000_000, date(2026, 9, 1), "some")
    story.charges_back("some", 400_000, date(2026, 9, 9))
    state = story.on(date(2026, 9, 9))
    assert (state.recovered_total, state.claim_left.principal) == (600_000, 1_190_000)
    assert state.closed_on == WRITTEN_OFF_ON


def test_an_earlier_payment_charged_back_is_written_off_too() -> None:
    story = written_off().pays(1_000_000, date(2026, 9, 1), "some")
    story.charges_back("part", 500_000, date(2026, 9, 9))
    state = story.on(date(2026, 9, 9))
    assert state.closure is not None
    assert state.closure.kind is ClosureKind.WRITTEN_OFF
    assert state.claim is not None
    assert (state.claim.principal, state.claim.interest) == (2_000_000, 290_000)
    assert state.recovered_total == 1_000_000


def test_a_payment_charged_back_in_two_parts_leaves_what_was_recovered_since() -> None:
    story = written_off().pays(1_000_000, date(2026, 9, 1), "some")
    story.charges_back("part", 200_000, date(2026, 9, 9))
    rest = {"target_source": "los", "target_reference": "part"}
    story.add(ChargedBack, date(2026, 9, 9), "back the rest", amount=500_000, **rest)
    state = story.on(date(2026, 9, 9))
    assert state.claim is not None
    assert (state.claim.principal, state.claim.interest) == (2_000_000, 290_000)
    assert state.recovered_total == 1_000_000
    assert sum(story.books(date(2026, 9, 9)).values()) == 0


def test_a_loan_written_off_may_still_be_settled() -> None:
    story = written_off()
    day = date(2026, 9, 1)
    story.add(SettlementAgreed, day, "offer", offer=900_000, pay_by=day + timedelta(days=30))
    story.pays(900_000, day + timedelta(days=9), "all")
    state = story.on(day + timedelta(days=9))
    assert state.closure is not None
    assert (state.closure.kind, state.claim_left.total) == (ClosureKind.SETTLED, 0)
    story.charges_back("all", 1, day + timedelta(days=40))
    state = story.on(day + timedelta(days=40))
    assert state.closure is not None
    assert (state.closure.kind, state.closed_on) == (ClosureKind.WRITTEN_OFF, WRITTEN_OFF_ON)
    assert state.claim_left.total == 1_940_000 - 899_999


# NPA


NPA_ON = date(2026, 5, 5)


def test_income_of_an_npa_is_what_comes_in_and_an_upgrade_brings_the_rest_back() -> None:
    penal = PenalPolicy(rate_per_day_pct=Decimal("0.1"))
    story = Payday(penal=penal)
    story.add(Classified, NPA_ON, "npa", npa_since=NPA_ON)
    before = story.books(NPA_ON - timedelta(days=5))
    assert before[Account.INTEREST_INCOME] == -290_000
    books = story.books(NPA_ON)
    assert Account.INTEREST_INCOME not in books
    assert Account.PENAL_INCOME not in books
    assert (books[Account.MEMO_INTEREST], books[Account.MEMO_CHARGES]) == (290_000, 206_100)
    assert books[Account.PRINCIPAL] == 2_000_000
    story.pays(290_000, date(2026, 5, 20), "interest")
    assert story.books(date(2026, 5, 20))[Account.INTEREST_INCOME] == -290_000
    story.add(Classified, date(2026, 5, 25), "up", npa_since=None)
    books = story.books(date(2026, 5, 25))
    assert books[Account.PENAL_INCOME] < -206_100
    assert Account.MEMO_CHARGES not in books


def test_a_loan_is_npa_while_either_lender_says_so() -> None:
    story = Payday()
    story.add(Classified, date(2026, 5, 5), "ours", npa_since=date(2026, 5, 5))
    story.add(Classified, date(2026, 5, 6), "theirs", tag=Tag.PARTNER, npa_since=date(2026, 5, 1))
    story.add(Classified, date(2026, 5, 20), "ours-up", npa_since=None)
    assert story.on(date(2026, 5, 5)).npa_since == date(2026, 5, 5)
    assert story.on(date(2026, 5, 6)).npa_since == date(2026, 5, 1)
    assert story.on(date(2026, 5, 20)).npa_since == date(2026, 5, 1)
    assert story.on(date(2026, 5, 20)).asset_class is AssetClass.SUB_STANDARD
    assert story.on(date(2027, 5, 2)).asset_class is AssetClass.DOUBTFUL


def test_an_npa_is_paid_in_its_own_order() -> None:
    principal_first = Waterfall(
        tuple(
            (Slot(f"{when}_{part}"),)
            for part in ("PRINCIPAL", "INTEREST", "FEE", "PENAL")
            for when in ("PAST_DUE", "DUE")
        )
    )
    policy = AllocationPolicy(by_class=((AssetClass.SUB_STANDARD, principal_first),))
    story = Payday(allocation=policy)
    story.pays(100_000, date(2026, 3, 1), "before")
    story.add(Classified, NPA_ON, "npa", npa_since=NPA_ON)
    story.pays(100_000, date(2026, 5, 20), "after")
    state = story.on(date(2026, 5, 20))
    assert state.paid_by(("los", "before")) == {Component.INTEREST: 100_000}
    assert state.paid_by(("los", "after")) == {Component.PRINCIPAL: 100_000}
