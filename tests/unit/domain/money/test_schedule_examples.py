"""Worked examples of schedule maths §2 to §5, recomputed with the figures they publish."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from los_core.domain.due_rules import AfterOneMonth, FixedDay, SalaryDate, TenureDays, first_due
from los_core.domain.policies import (
    BrokenPeriod,
    DayCount,
    InterestOnShift,
    Method,
    RateUnit,
    ShiftRule,
)
from los_core.domain.rounding import Rounding
from los_core.domain.rupees import parse_rupees
from los_core.domain.schedule import Schedule, build, interest_for
from los_core.domain.terms import Terms
from los_core.domain.workdays import shifted


def paise(*amounts: str) -> list[int]:
    return [parse_rupees(amount) for amount in amounts]


def monthly(**chosen: Any) -> Terms:
    first: date = chosen["first_due_on"]
    usual: dict[str, Any] = {
        "method": Method.REDUCING,
        "anchor_day": first.day,
        "day_count": DayCount.MONTHLY,
        "shift_rule": ShiftRule.NONE,
    }
    return Terms(**{**usual, **chosen})


def built(terms: Terms) -> Schedule:
    return build(terms, disbursed_on=terms.planned_on)


def test_sch_red_01_reducing_rupee_emi() -> None:
    schedule = built(
        monthly(
            principal=10_000_000,
            rate_pct=Decimal(24),
            instalments=12,
            planned_on=date(2026, 1, 5),
            first_due_on=date(2026, 2, 5),
        )
    )
    assert schedule.emi == 945_600
    assert schedule.total_interest == 1_347_146
    assert schedule.total_payable == 11_347_146
    assert list(schedule.principal) == paise(
        "7456.00", "7605.12", "7757.22", "7912.37", "8070.61", "8232.03",
        "8396.67", "8564.60", "8735.89", "8910.61", "9088.82", "9270.06",
    )  # fmt: skip
    assert list(schedule.interest) == paise(
        "2000.00", "1850.88", "1698.78", "1543.63", "1385.39", "1223.97",
        "1059.33", "891.40", "720.11", "545.39", "367.18", "185.40",
    )  # fmt: skip
    assert list(schedule.opening) == paise(
        "100000.00", "92544.00", "84938.88", "77181.66", "69269.29", "61198.68",
        "52966.65", "44569.98", "36005.38", "27269.49", "18358.88", "9270.06",
    )  # fmt: skip
    assert schedule[11].amount == 945_546
    assert schedule[11].closing == 0
    assert schedule.due_on[11] == date(2027, 1, 5)


def test_sch_red_03_month_end_anchor_and_following_holidays() -> None:
    schedule = built(
        monthly(
            principal=7_500_000,
            rate_pct=Decimal(27),
            instalments=6,
            planned_on=date(2025, 12, 31),
            first_due_on=date(2026, 1, 31),
            shift_rule=ShiftRule.FOLLOWING,
            non_repayment_dates=(
                date(2026, 1, 31), date(2026, 2, 1), date(2026, 3, 31), date(2026, 5, 31)
            ),
        )
    )  # fmt: skip
    assert schedule.emi == 1_350_300
    assert schedule.total_interest == 601_559
    assert [str(day) for day in schedule.due_on] == [
        "2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30",
    ]  # fmt: skip
    assert [str(day) for day in schedule.adjusted_due_on] == [
        "2026-02-02", "2026-02-28", "2026-04-01", "2026-04-30", "2026-06-01", "2026-06-30",
    ]  # fmt: skip
    assert list(schedule.interest) == paise(
        "1687.50", "1421.65", "1149.82", "871.87", "587.67", "297.08"
    )
    assert list(schedule.principal) == paise(
        "11815.50", "12081.35", "12353.18", "12631.13", "12915.33", "13203.51"
    )
    assert schedule.amount[5] == 1_350_059


def test_sch_flat_01_flat_rate() -> None:
    schedule = built(
        monthly(
            method=Method.FLAT,
            principal=6_000_000,
            rate_pct=Decimal(18),
            instalments=12,
            planned_on=date(2026, 1, 5),
            first_due_on=date(2026, 2, 5),
        )
    )
    assert schedule.emi == 590_000
    assert schedule.total_interest == 1_080_000
    assert set(schedule.principal) == {500_000}
    assert set(schedule.interest) == {90_000}
    assert set(schedule.amount) == {590_000}
    assert [row.closing for row in schedule] == list(range(5_500_000, -1, -500_000))


def bullet(**chosen: Any) -> Terms:
    usual: dict[str, Any] = {
        "method": Method.BULLET,
        "instalments": 1,
        "anchor_day": chosen["first_due_on"].day,
        "day_count": DayCount.ACT_365,
    }
    return Terms(**{**usual, **chosen})


def test_sch_bul_01_salary_loan_by_daily_rate() -> None:
    terms = bullet(
        principal=2_000_000,
        rate_pct=Decimal("0.5"),
        rate_unit=RateUnit.DAILY,
        planned_on=date(2026, 1, 6),
        first_due_on=date(2026, 2, 4),
    )
    schedule = built(terms)
    assert terms.tenure_days == 29
    assert terms.annual_rate_pct == Decimal("182.5")
    assert schedule.interest == (290_000,)
    assert schedule.amount == (2_290_000,)


def test_sch_brk_01_broken_period_added_to_the_first_instalment() -> None:
    terms = monthly(
        principal=8_000_000,
        rate_pct=Decimal(21),
        instalments=10,
        planned_on=date(2026, 1, 19),
        first_due_on=date(2026, 3, 5),
    )
    schedule = built(terms)
    assert schedule.broken_days == 17
    assert schedule.broken_interest == 78_247
    assert schedule.emi == 879_000
    assert schedule.amount[0] == 957_247
    assert schedule.interest[0] == 218_247
    assert schedule.amount[-1] == 879_030
    assert schedule.upfront_interest == 0


def test_a_broken_period_deducted_upfront_leaves_a_regular_first_instalment() -> None:
    terms = monthly(
        principal=8_000_000,
        rate_pct=Decimal(21),
        instalments=10,
        planned_on=date(2026, 1, 19),
        first_due_on=date(2026, 3, 5),
        broken_period=BrokenPeriod.DEDUCT_UPFRONT,
    )
    schedule = built(terms)
    assert schedule.upfront_interest == 78_247
    assert schedule.amount[0] == 879_000


def test_a_broken_period_by_actual_days_accrues_the_whole_schedule_by_days() -> None:
    terms = monthly(
        principal=8_000_000,
        rate_pct=Decimal(21),
        instalments=10,
        planned_on=date(2026, 1, 19),
        first_due_on=date(2026, 3, 5),
        broken_period=BrokenPeriod.ACTUAL,
    )
    schedule = built(terms)
    # 45 days from 19 January to 5 March: 8,000,000 × 21 % × 45 / 365.
    assert schedule.interest[0] == 207_123
    assert schedule.amount[0] == schedule.emi == 879_000


def test_sch_brk_03_short_first_period_takes_actual_days() -> None:
    terms = monthly(
        principal=6_000_000,
        rate_pct=Decimal(24),
        instalments=6,
        planned_on=date(2026, 1, 20),
        first_due_on=date(2026, 2, 5),
    )
    schedule = built(terms)
    assert schedule.emi == 1_071_200
    assert schedule.interest[0] == 63_123
    assert schedule.amount[0] == 1_071_200
    assert schedule.amount[-1] == 1_008_117
    assert schedule.total_interest == 364_117


@pytest.mark.parametrize(
    ("day_count", "interest"),
    [
        (DayCount.ACT_365, "3747.95"),
        (DayCount.ACT_360, "3800.00"),
        (DayCount.THIRTY_360, "3750.00"),
        (DayCount.ACT_ACT, "3739.32"),
    ],
)
def test_dc_01_day_counts_across_a_leap_year(day_count: DayCount, interest: str) -> None:
    start, end = date(2027, 12, 20), date(2028, 3, 5)
    terms = bullet(
        principal=10_000_000,
        rate_pct=Decimal(18),
        planned_on=start,
        first_due_on=end,
        day_count=day_count,
        rounding=Rounding.PAISE,
    )
    assert (end - start).days == 76
    assert interest_for(terms, terms.principal, start, end) == parse_rupees(interest)
    assert built(terms).interest == (parse_rupees(interest),)


@pytest.mark.parametrize(
    ("rule", "adjusted"),
    [
        (ShiftRule.NONE, date(2026, 10, 30)),
        (ShiftRule.FOLLOWING, date(2026, 11, 1)),
        (ShiftRule.MODIFIED_FOLLOWING, date(2026, 10, 29)),
        (ShiftRule.PRECEDING, date(2026, 10, 29)),
        (ShiftRule.MODIFIED_PRECEDING, date(2026, 10, 29)),
    ],
)
def test_hol_01_month_end_holiday_run(rule: ShiftRule, adjusted: date) -> None:
    holidays = {date(2026, 10, 30), date(2026, 10, 31)}
    assert shifted(date(2026, 10, 30), rule, holidays) == adjusted


def test_modified_preceding_rolls_forward_at_a_month_start() -> None:
    holidays = {date(2026, 10, 1), date(2026, 10, 2)}
    assert shifted(date(2026, 10, 2), ShiftRule.MODIFIED_PRECEDING, holidays) == date(2026, 10, 3)


@pytest.mark.parametrize(
    ("on_shift", "interest"),
    [(InterestOnShift.UNADJUSTED, "739.73"), (InterestOnShift.ADJUSTED, "789.04")],
)
def test_hol_03_interest_effect_of_a_following_shift(
    on_shift: InterestOnShift, interest: str
) -> None:
    schedule = built(
        bullet(
            principal=3_000_000,
            rate_pct=Decimal(30),
            planned_on=date(2026, 9, 25),
            first_due_on=date(2026, 10, 25),
            non_repayment_dates=(date(2026, 10, 25), date(2026, 10, 26)),
            interest_on_shift=on_shift,
            rounding=Rounding.PAISE,
        )
    )
    assert schedule.adjusted_due_on == (date(2026, 10, 27),)
    assert schedule.interest == (parse_rupees(interest),)
    assert schedule.amount == (3_000_000 + parse_rupees(interest),)


@pytest.mark.parametrize(
    ("rule", "credited_on", "first"),
    [
        (AfterOneMonth(), date(2026, 1, 31), (date(2026, 2, 28), 31)),
        (FixedDay(cycle_days=(5,)), date(2026, 1, 20), (date(2026, 2, 5), 5)),
        (FixedDay(cycle_days=(5,)), date(2026, 1, 22), (date(2026, 3, 5), 5)),
        (FixedDay(cycle_days=(20, 5)), date(2026, 1, 2), (date(2026, 1, 20), 20)),
        (TenureDays(days=29), date(2026, 1, 6), (date(2026, 2, 4), 4)),
        (SalaryDate(salary_day=31), date(2026, 2, 10), (date(2026, 2, 28), 28)),
        (SalaryDate(salary_day=1, offset_days=2), date(2026, 2, 26), (date(2026, 4, 3), 3)),
    ],
)
def test_a_product_chooses_the_first_due_date(
    rule: AfterOneMonth | FixedDay | TenureDays | SalaryDate,
    credited_on: date,
    first: tuple[date, int],
) -> None:
    assert first_due(rule, credited_on=credited_on) == first
