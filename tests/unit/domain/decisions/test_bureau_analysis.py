import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.bda import (
    AccountStrip,
    AccountSummary,
    Analysis,
    BadAccount,
    Behaviour,
    Delinquency,
    EnquiryAnalysis,
    Exposure,
    IdentityVariation,
    LenderEnquiries,
    ProductCount,
    Recommendation,
    Trend,
    Trigger,
    may_pull,
)
from los_core.domain.bureau import Mark, MonthStatus
from los_core.domain.bureau_types import Product
from los_core.domain.errors import Invalid

PULLED = datetime(2026, 1, 6, 5, 30, tzinfo=UTC)
FULL = Analysis(
    report_id="SMBDA-1",
    vendor="scoreme",
    bureau="EQUIFAX",
    pulled_at=PULLED,
    trigger=Trigger.POST_EVALUATION,
    score=731,
    score_factors=("short history",),
    accounts=AccountSummary(
        total=5,
        active=3,
        closed=2,
        secured=1,
        unsecured=4,
        by_product=(ProductCount(product=Product.PERSONAL, total=3, active=2),),
        oldest_opened_on=date(2019, 4, 1),
        newest_opened_on=date(2025, 11, 20),
    ),
    exposure=Exposure(
        sanctioned=5_00_000_00,
        outstanding=2_10_000_00,
        utilisation_pct=Decimal("42.50"),
        monthly_obligation=9_800_00,
    ),
    delinquency=Delinquency(
        max_dpd_12m=12,
        count_30_plus=0,
        current_overdue=0,
        bad_accounts=(
            BadAccount(account_ref="2", mark=Mark.SETTLED, on=date(2022, 3, 31), amount=40_000_00),
        ),
    ),
    strips=(
        AccountStrip(
            account_ref="1",
            lender="ABC BANK",
            product=Product.PERSONAL,
            monthly_obligation=4_200_00,
            months=(MonthStatus("2025-12", 0, "STD"), MonthStatus("2025-11", None, "XXX")),
        ),
    ),
    enquiries=EnquiryAnalysis(
        last_30d=2,
        by_lender_type=(LenderEnquiries(lender_type="NBFC", count=2),),
        hit_to_open_pct=Decimal("33.33"),
    ),
    behaviour=Behaviour(
        credit_hungry_index=40,
        payment_trend=Trend.IMPROVING,
        balance_build_up_pct=Decimal("-5.5"),
    ),
    identity=IdentityVariation(addresses=2, phones=1, pans=1, employers=3),
    risk_flags=("THIN_SECURED",),
    recommendation=Recommendation.REVIEW,
    model_score=64,
)
BARE = Analysis(
    report_id="B-1", vendor="scoreme", bureau="CRIF", pulled_at=PULLED, trigger=Trigger.MANUAL
)


@pytest.mark.parametrize("analysis", [FULL, BARE])
def test_an_analysis_survives_its_document(analysis: Analysis) -> None:
    assert Analysis.from_document(json.loads(json.dumps(analysis.document()))) == analysis


def test_what_the_vendor_does_not_give_is_unknown_and_not_nothing() -> None:
    assert (BARE.accounts.total, BARE.exposure.outstanding, BARE.model_score) == (None, None, None)


def test_a_document_of_an_older_release_takes_the_defaults() -> None:
    older = {key: value for key, value in FULL.document().items() if key != "identity"}
    assert Analysis.from_document(older) == attrs.evolve(FULL, identity=IdentityVariation())
    with pytest.raises(Invalid):
        Analysis.from_document({**older, "colour": "red"})


@given(st.integers(-40, 40))
def test_it_is_fresh_for_thirty_days_from_the_pull(days: int) -> None:
    at = PULLED + timedelta(days=days)
    assert BARE.is_fresh(at) is (0 <= days < 30)
    assert may_pull(BARE, in_flight=False, at=at) is not BARE.is_fresh(at)


def test_one_request_at_a_time_is_in_flight() -> None:
    assert may_pull(None, in_flight=False, at=PULLED)
    assert not may_pull(None, in_flight=True, at=PULLED)


@pytest.mark.parametrize(
    "changes",
    [
        {"report_id": ""},
        {"pulled_at": datetime(2026, 1, 6, 5, 30)},  # noqa: DTZ001 - what is refused
        {"model_score": 101},
        {"model_score": -1},
        {"accounts": AccountSummary(total=-1)},
        {"exposure": Exposure(outstanding=10**13 + 1)},
        {"exposure": Exposure(utilisation_pct=Decimal("NaN"))},
        {"behaviour": Behaviour(credit_hungry_index=101)},
        {
            "enquiries": EnquiryAnalysis(
                by_lender_type=(LenderEnquiries(lender_type="x", count=-1),)
            )
        },
    ],
)
def test_figures_no_report_can_mean_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        attrs.evolve(FULL, **changes)


@pytest.mark.parametrize(
    "months",
    [["2025-11", "2025-12"], ["2025-12", "2025-12"], [f"20{n:02}-01" for n in range(99, 60, -1)]],
)
def test_a_strip_is_36_months_newest_first(months: list[str]) -> None:
    with pytest.raises(Invalid):
        AccountStrip(account_ref="1", months=tuple(MonthStatus(each, 0) for each in months))
