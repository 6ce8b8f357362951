from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.cam import Band3, Cam, CamInputs, Priced, SalaryCredit, compute
from los_core.domain.canonical import encode
from los_core.domain.eligibility import Debt
from los_core.domain.errors import Invalid

CAM_01 = CamInputs(
    employer="Vistara Components Pvt Ltd",
    age=29,
    city_category="A",
    salary_credits=(
        SalaryCredit(date(2025, 10, 31), 41_000_00),
        SalaryCredit(date(2025, 11, 29), 41_500_00),
        SalaryCredit(date(2025, 12, 31), 43_200_00),
    ),
    debts=(Debt(lender="A", bureau_emi=5_200_00), Debt(lender="B", bureau_emi=3_100_00)),
    card_outstanding=30_000_00,
    balances=(8_200_50, 6_120_00, 4_410_25, 3_020_00, 1_990_00, 2_875_00),
    months_in_job=20,
    loan_applied=20_000_00,
    loan_recommended=14_000_00,
    eligible_foir_pct=Decimal(45),
    priced=Priced(
        tenure_days=29,
        interest=2_030_00,
        repayment=16_030_00,
        processing_fee=420_00,
        gst=75_60,
        net_disbursal=13_504_40,
        apr_pct=Decimal("235.39"),
    ),
    next_pay_on=date(2026, 1, 31),
    deviations=("FOIR above 45, approved by the credit head",),
)


def changed(**changes: Any) -> Cam:
    return compute(attrs.evolve(CAM_01, **changes))


def test_cam_01_a_bullet_salary_loan() -> None:
    cam = compute(CAM_01)
    assert (cam.median_salary, cam.average_salary) == (41_500_00, 41_900_00)
    assert (str(cam.salary_variance_pct), cam.salary_variance_band) == ("5.25", Band3.LOW)
    assert cam.obligations == 9_800_00
    assert str(cam.existing_foir_pct) == "23.61"
    assert str(cam.final_foir_pct) == "57.35"
    assert str(cam.foir_deviation_pct) == "12.35"
    assert cam.average_balance == 4_435_96
    assert cam.needs_deviation_approval
    assert cam.salary_on_time
    assert cam.job_stability is Band3.HIGH


def test_an_instalment_loan_weighs_with_its_emi() -> None:
    cam = changed(priced=attrs.evolve(CAM_01.priced, instalment=3_000_00))
    assert str(cam.final_foir_pct) == "30.84"
    assert str(cam.foir_deviation_pct) == "-14.16"
    assert not cam.needs_deviation_approval
    assert str(cam.abb_to_emi) == "1.48"


def test_an_even_number_of_salaries_has_its_median_between_two() -> None:
    pair = (SalaryCredit(date(2025, 11, 1), 100_00), SalaryCredit(date(2025, 12, 1), 100_01))
    assert changed(salary_credits=pair).median_salary == 100_01


@pytest.mark.parametrize(
    ("days", "on_time"),
    [
        ([date(2025, 10, 1), date(2025, 10, 31), date(2025, 12, 1)], True),
        ([date(2025, 9, 30), date(2025, 10, 31), date(2026, 2, 28)], True),
        ([date(2025, 10, 7), date(2025, 11, 7), date(2025, 12, 12)], True),
        ([date(2025, 10, 7), date(2025, 11, 7), date(2025, 12, 13)], False),
    ],
)
def test_a_salary_is_on_time_within_five_days_of_the_usual_one(
    days: list[date], *, on_time: bool
) -> None:
    credits_ = tuple(SalaryCredit(day, 40_000_00) for day in days)
    assert changed(salary_credits=credits_).salary_on_time is on_time


@pytest.mark.parametrize(
    ("months", "band"),
    [(0, "LOW"), (6, "LOW"), (7, "MEDIUM"), (12, "MEDIUM"), (13, "HIGH"), (None, None)],
)
def test_job_stability_by_months(months: int | None, band: str | None) -> None:
    assert changed(months_in_job=months).job_stability == band


@pytest.mark.parametrize(("high", "band"), [(110, "LOW"), (120, "MEDIUM"), (140, "HIGH")])
def test_salary_variance_by_band(high: int, band: str) -> None:
    pair = (SalaryCredit(date(2025, 11, 1), 100_00), SalaryCredit(date(2025, 12, 1), high * 100))
    assert changed(salary_credits=pair).salary_variance_band == band


def test_without_a_statement_there_is_no_average_balance() -> None:
    cam = changed(balances=())
    assert (cam.average_balance, cam.abb_to_emi) == (None, None)


@pytest.mark.parametrize(
    "changes",
    [
        {"salary_credits": ()},
        {"salary_credits": (SalaryCredit(date(2025, 1, 1), 0),)},
        {"loan_recommended": 0},
        {"priced": attrs.evolve(CAM_01.priced, instalment=0)},
        {"balances": (1,) * 201},
        {"eligible_foir_pct": Decimal("NaN")},
    ],
)
def test_figures_no_memo_can_be_made_of_are_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        changed(**changes)


@given(
    amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=6),
    balances=st.lists(st.integers(-(10**8), 10**9), max_size=6),
    job=st.none() | st.integers(0, 500),
    ntc=st.booleans(),
)
def test_a_memo_comes_back_as_it_went(
    amounts: list[int], balances: list[int], job: int | None, *, ntc: bool
) -> None:
    cam = changed(
        salary_credits=tuple(SalaryCredit(date(2025, 1, 1), amount) for amount in amounts),
        balances=tuple(balances),
        months_in_job=job,
        is_ntc=ntc,
    )
    back = Cam.from_document(cam.document())
    assert back == cam
    assert encode(back.document()) == encode(cam.document())


def test_an_altered_memo_does_not_load() -> None:
    document = {**compute(CAM_01).document(), "final_foir_pct": "40.00"}
    with pytest.raises(Invalid):
        Cam.from_document(document)
    with pytest.raises(Invalid):
        CamInputs.from_document({"employer": "x"})
