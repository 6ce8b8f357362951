from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.eligibility import (
    Basis,
    BulletCase,
    Cap,
    Debt,
    EmiCase,
    FoirMode,
    KycLoan,
    bullet_limit,
    emi_limit,
    foir_cap_pct,
    kyc_cap,
    monthly_obligations,
)
from los_core.domain.errors import Invalid
from los_core.domain.kyc import KycMode

ELG_01 = EmiCase(
    income=52_000_00,
    foir_cap_pct=Decimal(50),
    obligations=14_500_00,
    rate_pct=Decimal(24),
    months=18,
    income_multiple=Decimal(4),
    product_min=20_000_00,
    product_max=3_00_000_00,
    grade_cap=2_00_000_00,
    exposure_multiple=Decimal(12),
    unsecured_outstanding=2_10_000_00,
    requested=1_80_000_00,
    step=1_000_00,
)
ELG_05 = BulletCase(
    salary=41_500_00,
    obligations=9_800_00,
    foir_cap_pct=Decimal(45),
    rate_per_day_pct=Decimal("0.5"),
    days=29,
    product_min=5_000_00,
    product_max=60_000_00,
    grade_cap=25_000_00,
    requested=20_000_00,
    step=500_00,
)


def test_elg_01_foir_binds() -> None:
    limit = emi_limit(ELG_01)
    assert limit.capacity == 11_500_00
    assert limit.caps == {
        Cap.FOIR: 1_72_408_35,
        Cap.INCOME_MULTIPLE: 2_08_000_00,
        Cap.PRODUCT_MAX: 3_00_000_00,
        Cap.GRADE_CAP: 2_00_000_00,
        Cap.EXPOSURE: 4_14_000_00,
        Cap.REQUESTED: 1_80_000_00,
    }
    assert (limit.binding, limit.amount, limit.eligible) == (Cap.FOIR, 1_72_000_00, True)
    assert limit.instalment == 11_473_00


def test_elg_02_the_kyc_cap_binds() -> None:
    limit = emi_limit(
        EmiCase(
            income=85_000_00,
            foir_cap_pct=Decimal(55),
            obligations=9_000_00,
            rate_pct=Decimal(28),
            months=12,
            income_multiple=Decimal(3),
            product_min=10_000_00,
            product_max=3_00_000_00,
            grade_cap=1_50_000_00,
            requested=1_20_000_00,
            kyc_cap_remaining=60_000_00,
            step=500_00,
        )
    )
    assert limit.capacity == 37_750_00
    assert limit.caps == {
        Cap.FOIR: 3_91_167_43,
        Cap.INCOME_MULTIPLE: 2_55_000_00,
        Cap.PRODUCT_MAX: 3_00_000_00,
        Cap.GRADE_CAP: 1_50_000_00,
        Cap.REQUESTED: 1_20_000_00,
        Cap.KYC_CAP: 60_000_00,
    }
    assert (limit.binding, limit.amount, limit.instalment) == (Cap.KYC_CAP, 60_000_00, 5_790_00)


def test_elg_05_the_repayment_of_a_bullet_loan_must_fit() -> None:
    limit = bullet_limit(ELG_05)
    assert limit.capacity == 14_265_00
    assert limit.caps == {
        Cap.CAPACITY: 12_458_51,
        Cap.PRODUCT_MAX: 60_000_00,
        Cap.GRADE_CAP: 25_000_00,
        Cap.REQUESTED: 20_000_00,
    }
    assert (limit.binding, limit.amount, limit.eligible) == (Cap.CAPACITY, 12_000_00, True)
    assert limit.instalment is None


def test_other_modes_of_a_bullet_loan() -> None:
    principal = bullet_limit(attrs.evolve(ELG_05, basis=Basis.PRINCIPAL))
    standard = bullet_limit(attrs.evolve(ELG_05, mode=FoirMode.STANDARD))
    assert principal.caps[Cap.CAPACITY] == 14_265_00
    assert standard.capacity == 8_875_00


def test_below_the_products_minimum_there_is_no_offer() -> None:
    limit = emi_limit(attrs.evolve(ELG_01, obligations=25_000_00))
    assert (limit.eligible, limit.amount, limit.instalment) == (False, 0, None)
    assert limit.binding is Cap.FOIR


def test_obligations_above_the_share_leave_nothing_and_not_less() -> None:
    assert emi_limit(attrs.evolve(ELG_01, obligations=90_000_00)).caps[Cap.FOIR] == 0
    assert bullet_limit(attrs.evolve(ELG_05, obligations=90_000_00)).capacity == 0


def test_of_equal_caps_the_first_in_order_binds() -> None:
    tied = attrs.evolve(ELG_01, product_max=50_000_00, grade_cap=50_000_00, requested=50_000_00)
    assert emi_limit(tied).binding is Cap.PRODUCT_MAX


def test_without_interest_the_cap_is_the_sum_of_instalments() -> None:
    assert emi_limit(attrs.evolve(ELG_01, rate_pct=Decimal(0))).caps[Cap.FOIR] == 18 * 11_500_00


def test_impossible_terms_are_refused() -> None:
    with pytest.raises(Invalid):
        emi_limit(attrs.evolve(ELG_01, months=0))
    with pytest.raises(Invalid):
        bullet_limit(attrs.evolve(ELG_05, days=0))
    with pytest.raises(Invalid):
        emi_limit(attrs.evolve(ELG_01, step=0))


@given(
    income=st.integers(1, 10**8),
    obligations=st.integers(0, 10**8),
    rate=st.decimals(0, 48, places=2),
    months=st.integers(1, 60),
    requested=st.integers(0, 10**8),
)
def test_the_amount_never_exceeds_a_cap_and_its_instalment_fits(
    income: int, obligations: int, rate: Decimal, months: int, requested: int
) -> None:
    case = attrs.evolve(
        ELG_01,
        income=income,
        obligations=obligations,
        rate_pct=rate,
        months=months,
        requested=requested,
        product_min=0,
        step=1_00,
    )
    limit = emi_limit(case)
    assert all(limit.amount <= cap for cap in limit.caps.values())
    assert limit.caps[limit.binding] == min(limit.caps.values())
    assert limit.amount % case.step == 0
    # The printed instalment is rounded to a rupee, so it may pass the room by half of one.
    assert limit.instalment is None or limit.instalment <= limit.capacity + 50


@pytest.mark.parametrize(
    ("salary", "city", "pct"),
    [
        (24_999_99, "A", 40),
        (25_000_00, "A", 45),
        (40_000_00, "B", 45),
        (59_999_99, "C", 40),
        (60_000_00, "A", 55),
        (60_000_00, "Z", 45),
        (60_000_00, None, 45),
    ],
)
def test_the_foir_cap_follows_salary_and_city(salary: int, city: str | None, pct: int) -> None:
    assert foir_cap_pct(salary, city) == pct


def test_obligations_take_the_larger_source_per_lender() -> None:
    debts = [
        Debt(lender="A", bureau_emi=5_200_00, bank_emi=5_000_00),
        Debt(lender="B", bureau_emi=None, bank_emi=3_100_00),
        Debt(lender="A", bureau_emi=100_00, bank_emi=None),
        Debt(lender="C", bureau_emi=9_000_00, closing=True),
    ]
    assert monthly_obligations(debts, card_outstanding=30_000_00, own_dues=250_00) == 10_150_00


def test_kyc_01_the_yearly_cap_of_otp_ekyc() -> None:
    loans = [
        KycLoan(
            sanctioned_on=date(2025, 6, 1),
            amount=25_000_00,
            kyc_mode=KycMode.AADHAAR_OTP_NON_F2F,
        ),
        KycLoan(
            sanctioned_on=date(2025, 11, 15),
            amount=22_000_00,
            kyc_mode=KycMode.AADHAAR_OTP_NON_F2F,
        ),
        KycLoan(sanctioned_on=date(2026, 1, 20), amount=15_000_00, kyc_mode=KycMode.V_CIP),
    ]
    cap = kyc_cap(loans, date(2026, 3, 1))
    assert (cap.used, cap.remaining) == (47_000_00, 13_000_00)
    assert (cap.allows(14_000_00), cap.allows(13_000_00)) == (False, True)


@pytest.mark.parametrize(
    ("sanctioned", "as_of", "used"),
    [
        (date(2025, 3, 1), date(2026, 3, 1), 0),
        (date(2025, 3, 2), date(2026, 3, 1), 70_000_00),
        (date(2023, 2, 28), date(2024, 2, 29), 0),
        (date(2023, 3, 1), date(2024, 2, 29), 70_000_00),
    ],
)
def test_a_loan_leaves_the_window_after_a_year(sanctioned: date, as_of: date, used: int) -> None:
    loan = KycLoan(sanctioned_on=sanctioned, amount=70_000_00, kyc_mode=KycMode.AADHAAR_OTP_NON_F2F)
    cap = kyc_cap([loan], as_of)
    assert cap.used == used
    assert cap.remaining == (0 if used else 60_000_00)
