"""Shares of two lenders, blended rates, and the loss guarantee of a pool."""

from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.colending import (
    Arrangement,
    ArrangementType,
    Balances,
    Match,
    ReconLine,
    Shares,
    Standing,
    blended_rate_pct,
    disbursal_shares,
    interest_for,
    reconcile,
    settle_on,
    shared_npa_since,
    split,
    standing,
    totals,
    transfer_by,
)
from los_core.domain.dlg import DlgPool
from los_core.domain.errors import Conflict, Invalid, InvalidMoney
from los_core.domain.policies import Component

AGREED = date(2026, 1, 1)
PLAIN = Arrangement(agreed_on=AGREED)
RATED = Arrangement(agreed_on=AGREED, own_rate_pct=Decimal(26), partner_rate_pct=Decimal(14))
CRORE = 10**7 * 100


def test_col_01_80_20_split_with_charges_kept_by_the_originator() -> None:
    found = split(
        {
            Component.PRINCIPAL: 745_511,
            Component.INTEREST: 200_089,
            Component.PENAL: 13_238,
            Component.BOUNCE: 50_000,
        },
        PLAIN,
    )
    assert found == {
        Component.PRINCIPAL: Shares(partner=596_409, own=149_102),
        Component.INTEREST: Shares(partner=160_071, own=40_018),
        Component.PENAL: Shares(partner=0, own=13_238),
        Component.BOUNCE: Shares(partner=0, own=50_000),
    }
    assert totals(found) == Shares(partner=756_480, own=252_358)


def test_col_03_blended_rate_and_interest_waterfall() -> None:
    shares = disbursal_shares(10_000_000, RATED)
    assert shares == Shares(partner=8_000_000, own=2_000_000)
    rate = blended_rate_pct(RATED)
    assert str(rate) == "16.4000"
    month = (1, 12)
    borrower = interest_for(10_000_000, rate, month)
    assert borrower == 136_667
    earned = interest_for(shares.partner, Decimal(14), month)
    found = split({Component.INTEREST: borrower}, RATED, partner_interest_due=earned)
    assert found[Component.INTEREST] == Shares(partner=93_333, own=43_334)


def test_a_short_payment_of_interest_serves_the_partner_first() -> None:
    found = split({Component.INTEREST: 90_000}, RATED, partner_interest_due=93_333)
    assert found[Component.INTEREST] == Shares(partner=90_000, own=0)


def test_with_different_rates_the_earned_interest_must_be_known() -> None:
    with pytest.raises(Invalid, match="earned"):
        split({Component.INTEREST: 1}, RATED)


def test_charges_may_be_shared() -> None:
    sharing = attrs.evolve(PLAIN, partner_charge_share_pct=Decimal(50))
    assert split({Component.OTHER: 101}, sharing)[Component.OTHER] == Shares(partner=51, own=50)


@pytest.mark.parametrize(
    "changes",
    [
        {"partner_share_pct": Decimal("9.99")},
        {"partner_share_pct": Decimal("90.01")},
        {"partner_share_pct": Decimal("NaN")},
        {"partner_charge_share_pct": Decimal(-1)},
        {"own_rate_pct": Decimal(20)},
        {"own_rate_pct": Decimal(-1), "partner_rate_pct": Decimal(10)},
        {"kind": ArrangementType.P2P, "partner_share_pct": Decimal(0)},
    ],
)
def test_an_arrangement_outside_the_rules_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        attrs.evolve(PLAIN, **changes)


def test_the_least_share_binds_co_lenders_alone() -> None:
    funded = attrs.evolve(PLAIN, kind=ArrangementType.P2P, partner_share_pct=Decimal(100))
    assert disbursal_shares(100, funded) == Shares(partner=100, own=0)
    assert not funded.kind.is_co_lending


def test_the_agreement_comes_before_the_loan() -> None:
    assert PLAIN.covers(AGREED)
    assert not PLAIN.covers(date(2025, 12, 31))


def test_what_is_not_transferred_in_fifteen_days_stays_with_the_originator() -> None:
    lent = date(2026, 2, 10)
    assert transfer_by(lent) == date(2026, 2, 25)
    assert standing(lent, None, date(2026, 2, 25)) is Standing.AWAITING_TRANSFER
    assert standing(lent, date(2026, 2, 25), date(2026, 2, 25)) is Standing.CO_LENT
    assert standing(lent, None, date(2026, 2, 26)) is Standing.ORIGINATORS
    assert standing(lent, date(2026, 2, 26), date(2026, 3, 1)) is Standing.ORIGINATORS
    assert standing(lent, date(2026, 2, 20), date(2026, 2, 19)) is Standing.AWAITING_TRANSFER


def test_once_either_lender_tags_both_do() -> None:
    early, late = date(2026, 4, 5), date(2026, 4, 9)
    assert shared_npa_since(late, early) == early
    assert shared_npa_since(None, late) == late
    assert shared_npa_since(None, None) is None


def test_the_partner_is_paid_on_the_next_working_day() -> None:
    saturday = date(2026, 3, 7)
    assert settle_on(saturday, frozenset()) == date(2026, 3, 9)
    assert settle_on(saturday, {date(2026, 3, 9)}) == date(2026, 3, 10)


def test_a_settlement_file_is_compared_line_by_line() -> None:
    found = reconcile({"A": 100, "B": 100, "C": 100}, {"A": 100, "B": 99, "D": 5})
    assert found == (
        ReconLine(reference="A", expected=100, received=100, match=Match.MATCHED),
        ReconLine(reference="B", expected=100, received=99, match=Match.SHORT),
        ReconLine(reference="C", expected=100, received=0, match=Match.SHORT),
        ReconLine(reference="D", expected=0, received=5, match=Match.EXCESS),
    )


amounts = st.integers(0, 10**10)
shares = st.integers(1_000, 9_000).map(lambda hundredths: Decimal(hundredths).scaleb(-2))
collections = st.dictionaries(st.sampled_from(Component), amounts)


@given(collections, shares, st.integers(0, 100).map(Decimal), amounts)
def test_a_split_loses_nothing_and_gives_nobody_less_than_nothing(
    collected: dict[Component, int], share: Decimal, charges: Decimal, earned: int
) -> None:
    for arrangement in (
        Arrangement(agreed_on=AGREED, partner_share_pct=share, partner_charge_share_pct=charges),
        attrs.evolve(RATED, partner_share_pct=share, partner_charge_share_pct=charges),
    ):
        parts = split(collected, arrangement, partner_interest_due=earned)
        assert {component: part.total for component, part in parts.items()} == collected
        assert all(part.partner >= 0 and part.own >= 0 for part in parts.values())


@given(st.integers(1, 10**9), shares, st.lists(st.integers(0, 10**8), max_size=30))
def test_principal_comes_back_to_each_lender_exactly(
    lent: int, share: Decimal, payments: list[int]
) -> None:
    arrangement = Arrangement(agreed_on=AGREED, partner_share_pct=share)
    funded = disbursal_shares(lent, arrangement)
    left = Balances(total=lent, partner=funded.partner)
    for payment in [*payments, lent]:
        paid = min(payment, left.total)
        part = split({Component.PRINCIPAL: paid}, arrangement, principal=left)[Component.PRINCIPAL]
        assert part.total == paid
        left = Balances(total=left.total - paid, partner=left.partner - part.partner)
    assert left == Balances(total=0, partner=0)


@given(shares, st.integers(0, 4_000), st.integers(0, 4_000))
def test_the_blended_rate_lies_between_the_two(share: Decimal, own: int, partner: int) -> None:
    rates = (Decimal(own).scaleb(-2), Decimal(partner).scaleb(-2))
    arrangement = Arrangement(
        agreed_on=AGREED, partner_share_pct=share, own_rate_pct=rates[0], partner_rate_pct=rates[1]
    )
    assert min(rates) <= blended_rate_pct(arrangement) <= max(rates)


def test_more_principal_than_is_outstanding_is_refused() -> None:
    with pytest.raises(InvalidMoney):
        split({Component.PRINCIPAL: 11}, PLAIN, principal=Balances(total=10, partner=8))
    with pytest.raises(InvalidMoney):
        split({Component.PENAL: -1}, PLAIN)


def test_dlg_01_rbi_faq_illustration() -> None:
    pool = DlgPool(sanctioned=40 * CRORE, disbursed=20 * CRORE)
    assert pool.max_cover == 2 * CRORE
    assert pool.available == 1 * CRORE


def test_called_cover_does_not_come_back() -> None:
    pool = DlgPool(sanctioned=40 * CRORE, disbursed=20 * CRORE)
    called = pool.invoke(CRORE // 4, days_overdue=95)
    assert called.available == CRORE * 3 // 4
    assert called.disburse(20 * CRORE).available == CRORE * 7 // 4


@pytest.mark.parametrize(
    ("amount", "days", "kind", "code"),
    [
        (1, 95, ArrangementType.P2P, "DLG_NOT_ALLOWED"),
        (1, 0, ArrangementType.CLA, "DLG_NOT_OVERDUE"),
        (1, 121, ArrangementType.CLA, "DLG_TOO_LATE"),
        (CRORE + 1, 120, ArrangementType.CLA, "DLG_EXHAUSTED"),
    ],
)
def test_a_call_outside_the_rules_is_refused(
    amount: int, days: int, kind: ArrangementType, code: str
) -> None:
    pool = DlgPool(sanctioned=40 * CRORE, disbursed=20 * CRORE)
    with pytest.raises(Conflict) as refused:
        pool.invoke(amount, days_overdue=days, arrangement=kind)
    assert refused.value.code == code


@pytest.mark.parametrize(
    "changes",
    [
        {"cap_pct": Decimal("5.01")},
        {"disbursed": 40 * CRORE + 1},
        {"invoked": 2 * CRORE + 1},
        {"sanctioned": 0},
    ],
)
def test_a_pool_outside_the_rules_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        attrs.evolve(DlgPool(sanctioned=40 * CRORE), **changes)
