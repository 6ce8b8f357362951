"""Who is asked back for another loan, and with how much."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.customer import CustomerStatus
from los_core.domain.errors import Invalid
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.kyc import KycMode
from los_core.domain.lifecycle import Status
from los_core.domain.reloan import (
    Bar,
    Record,
    ReloanConfig,
    bar,
    ceiling,
    draft,
    kyc_is_fresh,
    stale_documents,
)

TODAY = date(2026, 11, 25)
CONFIG = ReloanConfig()
GOOD = Record(
    last_status=Status.COMPLETED,
    closed_on=date(2026, 11, 1),
    rating=4,
    active_loans=0,
    max_dpd_last_loan=2,
    on_time_pct=Decimal("91.67"),
    kyc_mode=KycMode.AADHAAR_OTP_NON_F2F,
    kyc_verified_on=date(2026, 1, 10),
    marketing_consent=True,
)


def test_a_good_payer_is_asked_back() -> None:
    assert bar(GOOD, CONFIG, TODAY) is None


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"customer_status": CustomerStatus.DECEASED}, Bar.CUSTOMER_INACTIVE),
        ({"closed_on": None}, Bar.LAST_LOAN_RUNNING),
        ({"last_status": Status.SETTLED}, Bar.CLOSURE_TYPE),
        ({"last_status": Status.WRITTEN_OFF}, Bar.CLOSURE_TYPE),
        ({"blocked_until": TODAY}, Bar.SETTLEMENT_COOL_OFF),
        ({"blocked_until": TODAY - timedelta(days=1)}, None),
        ({"blocklisted": True}, Bar.BLOCKLISTED),
        ({"open_application": True}, Bar.OPEN_APPLICATION),
        ({"active_loans": 1}, Bar.ACTIVE_LOANS),
        ({"closed_on": TODAY}, Bar.TOO_SOON),
        ({"closed_on": TODAY - timedelta(days=1)}, None),
        ({"declined_on": TODAY - timedelta(days=29)}, Bar.DECLINED_RECENTLY),
        ({"declined_on": TODAY - timedelta(days=30)}, None),
        ({"rating": 2}, Bar.RATING),
        ({"rating": None}, Bar.RATING),
        ({"rating": 3}, None),
        ({"max_dpd_last_loan": 8}, Bar.DPD),
        ({"max_dpd_last_loan": 7}, None),
        ({"on_time_pct": Decimal("79.99")}, Bar.ON_TIME),
        ({"on_time_pct": Decimal(80)}, None),
        ({"on_time_pct": None}, None),
        ({"kyc_verified_on": date(2025, 11, 25)}, None),
        ({"kyc_verified_on": date(2025, 11, 24)}, Bar.KYC_STALE),
        ({"kyc_verified_on": date(2020, 1, 1), "kyc_mode": KycMode.V_CIP}, None),
        ({"marketing_consent": False}, Bar.NO_CONSENT),
    ],
)
def test_the_first_reason_against_is_told(changes: dict[str, Any], expected: Bar | None) -> None:
    assert bar(attrs.evolve(GOOD, **changes), CONFIG, TODAY) is expected


def test_the_order_of_reasons_is_fixed() -> None:
    bad = attrs.evolve(GOOD, blocklisted=True, rating=1, marketing_consent=False)
    assert bar(bad, CONFIG, TODAY) is Bar.BLOCKLISTED


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_stricter_rating_never_lets_more_people_in(lower: int, higher: int) -> None:
    lower, higher = sorted((lower, higher))
    record = attrs.evolve(GOOD, rating=3)
    if bar(record, ReloanConfig(min_rating=lower), TODAY) is not None:
        assert bar(record, ReloanConfig(min_rating=higher), TODAY) is not None


def test_the_amount_is_never_raised_without_the_customers_request() -> None:
    assert ceiling(2_000_000, 5, CONFIG) == 2_000_000
    assert ceiling(2_000_000, 5, CONFIG, requested=1_000_000) == 2_000_000
    assert ceiling(2_000_000, 5, CONFIG, requested=9_000_000) == 2_500_000
    assert ceiling(2_000_000, 3, CONFIG, requested=9_000_000) == 2_000_000
    assert ceiling(2_000_000, 5, CONFIG, requested=9_000_000, maximum=2_200_000) == 2_200_000


def test_an_increase_is_floored_to_a_thousand_rupees_and_takes_nothing_away() -> None:
    assert ceiling(1_555_500, 4, CONFIG, requested=2_000_000) == 1_700_000
    assert ceiling(1_550, 4, CONFIG, requested=2_000) == 1_550


def test_a_draft_carries_the_last_loan_over_and_asks_for_old_papers_again() -> None:
    executive = StaffId(UUID(int=3))
    made = draft(
        previous_loan_id=LoanId(UUID(int=1)),
        last_sanctioned=2_000_000,
        executive_id=executive,
        documents={
            "SALARY_SLIP": TODAY - timedelta(days=91),
            "PAN_CARD": TODAY - timedelta(days=90),
        },
        on=TODAY,
    )
    assert made.amount == 2_000_000
    assert made.executive_id == executive
    assert made.refresh == ("SALARY_SLIP",)
    assert made.expires_on == date(2026, 12, 25)


def test_documents_that_do_not_age_are_kept() -> None:
    old = {"PAN_CARD": date(2020, 1, 1), "SALARY_SLIP": date(2020, 1, 1)}
    assert stale_documents(old, TODAY, keep={"PAN_CARD"}) == ("SALARY_SLIP",)


def test_otp_kyc_of_a_leap_day_is_good_for_its_year() -> None:
    otp, verified_on = KycMode.AADHAAR_OTP_NON_F2F, date(2028, 2, 29)
    assert kyc_is_fresh(otp, verified_on, date(2029, 2, 28))
    assert not kyc_is_fresh(otp, verified_on, date(2029, 3, 1))


@pytest.mark.parametrize(
    "changes",
    [
        {"min_days_since_closure": -1},
        {"min_rating": 0},
        {"min_on_time_pct": Decimal(101)},
        {"increase_pct_by_rating": {6: Decimal(10)}},
        {"increase_pct_by_rating": {5: Decimal(-1)}},
    ],
)
def test_settings_that_make_no_sense_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        ReloanConfig(**changes)
