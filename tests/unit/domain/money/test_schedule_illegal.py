"""Terms that no loan may have: each refused by name, with the rule and the values."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.apr import effective_annual_pct, level_nominal_pct, xirr_pct
from los_core.domain.due_rules import FixedWeekday
from los_core.domain.errors import InvalidMoney, InvalidTerms
from los_core.domain.money import LIMIT, checked
from los_core.domain.policies import BrokenPeriod, DayCount, InterestOnShift, Method
from los_core.domain.repayment import Frequency, Moratorium, MoratoriumInterest, Step
from los_core.domain.rounding import Rounding
from los_core.domain.schedule import Schedule, build
from los_core.domain.terms import Terms
from los_core.testing import money

LOAN = Terms(
    method=Method.REDUCING,
    principal=10_000_000,
    rate_pct=Decimal(24),
    instalments=12,
    planned_on=date(2026, 1, 5),
    first_due_on=date(2026, 2, 5),
    anchor_day=5,
    day_count=DayCount.MONTHLY,
)
COLLECTED, CAPITALISED = MoratoriumInterest.COLLECTED, MoratoriumInterest.CAPITALISED
MONEY = ("principal", "bounce_charge", "small_balance", "balloon")
CHOICES = (
    "method", "rate_unit", "day_count", "rounding", "broken_period", "shift_rule",
    "interest_on_shift", "post_due_interest", "frequency",
)  # fmt: skip


def refused(match: str, **wrong: Any) -> None:
    with pytest.raises(InvalidTerms, match=match):
        attrs.evolve(LOAN, **wrong)


def unbuildable(match: str, **wrong: Any) -> InvalidTerms:
    loan = attrs.evolve(LOAN, **wrong)
    with pytest.raises(InvalidTerms, match=match) as caught:
        build(loan, disbursed_on=loan.planned_on)
    return caught.value


# What Terms refuse by themselves


@given(money.terms(), st.sampled_from(MONEY), st.floats() | st.booleans() | st.decimals())
def test_money_is_no_float_no_bool_and_no_decimal(loan: Terms, what: str, amount: Any) -> None:
    with pytest.raises(InvalidTerms, match=what):
        attrs.evolve(loan, **{what: amount})


@given(money.terms(), st.sampled_from(MONEY), st.integers(LIMIT + 1) | st.integers(max_value=-1))
def test_money_beyond_the_limit_or_below_zero_is_refused(
    loan: Terms, what: str, amount: int
) -> None:
    wrong: dict[str, Any] = {what: amount}
    with pytest.raises(InvalidTerms, match=what):
        attrs.evolve(loan, **wrong)


@given(st.integers(LIMIT + 1) | st.integers(max_value=-LIMIT - 1) | st.floats() | st.booleans())
def test_no_amount_of_that_kind_is_money_at_all(amount: Any) -> None:
    with pytest.raises(InvalidMoney, match="paise"):
        checked(amount)


@given(
    st.floats()
    | st.booleans()
    | st.integers()
    | st.decimals(allow_nan=True, allow_infinity=True).filter(
        lambda rate: not rate.is_finite() or not 0 <= rate < 1000
    )
)
def test_a_rate_is_a_decimal_from_zero_up(rate: Any) -> None:
    refused("rate", rate_pct=rate)


@given(st.integers(max_value=0) | st.integers(1201))
def test_a_loan_has_from_1_to_1200_instalments(count: int) -> None:
    refused(f"from 1 to 1200, not {count}", instalments=count)


@pytest.mark.parametrize("count", [12.0, True, "12", None, Decimal(12)])
def test_a_number_of_instalments_is_an_int(count: Any) -> None:
    refused("instalments must be a int", instalments=count)


@given(st.integers(0, 4000))
def test_a_due_date_on_the_day_of_the_credit_or_before_is_refused(early: int) -> None:
    planned_on = LOAN.first_due_on + timedelta(days=early)
    refused(f"must follow the credit on {planned_on}", planned_on=planned_on)


@given(money.terms(), st.integers(0, 400))
def test_money_that_comes_on_the_due_date_or_later_has_no_schedule(loan: Terms, late: int) -> None:
    with pytest.raises(InvalidTerms, match="first instalment"):
        build(loan, disbursed_on=loan.first_due_on + timedelta(days=late))


@pytest.mark.parametrize("day", [datetime(2026, 2, 5, tzinfo=UTC), "2026-02-05", None, 20260205])
def test_a_due_date_is_a_date(day: Any) -> None:
    refused("first_due_on must be a date", first_due_on=day)
    refused("planned_on must be a date", planned_on=day)


@pytest.mark.parametrize("what", CHOICES)
def test_a_choice_is_no_text(what: str) -> None:
    refused(what, **{what: str(getattr(LOAN, what))})


def test_a_calendar_has_an_end() -> None:
    refused("before 9000", first_due_on=date(9999, 12, 5))


@pytest.mark.parametrize(
    ("match", "wrong"),
    [
        ("anchor day 6", {"anchor_day": 6}),
        ("bullet loan has one instalment, not 12", {"method": Method.BULLET}),
        ("shifted dates", {"interest_on_shift": InterestOnShift.ADJUSTED}),
        ("only a REDUCING", {"method": Method.FLAT, "step": Step(every=1, change_pct=Decimal(1))}),
        ("FLAT loan takes no balloon, not 5", {"method": Method.FLAT, "balloon": 5}),
        ("INTEREST_ONLY loan takes no balloon", {"method": Method.INTEREST_ONLY, "balloon": 5}),
        ("leaves no principal", {"balloon": 10_000_000}),
        (
            "FLAT loan takes no moratorium",
            {
                "method": Method.FLAT,
                "moratorium": Moratorium(periods=1, interest=CAPITALISED),
            },
        ),
        (
            "12 instalments of interest alone leave none of 12",
            {"moratorium": Moratorium(periods=12, interest=COLLECTED)},
        ),
        (
            "deducted upfront",
            {
                "moratorium": Moratorium(periods=1, interest=CAPITALISED),
                "broken_period": BrokenPeriod.DEDUCT_UPFRONT,
            },
        ),
    ],
)
def test_a_shape_that_the_method_lacks_is_refused(match: str, wrong: dict[str, Any]) -> None:
    refused(match, **wrong)


def test_a_bullet_has_no_frequency() -> None:
    with pytest.raises(InvalidTerms, match="no frequency, not WEEKLY"):
        attrs.evolve(
            LOAN,
            method=Method.BULLET,
            instalments=1,
            day_count=DayCount.ACT_365,
            frequency=Frequency.WEEKLY,
        )


@pytest.mark.parametrize("periods", [0, -1, 1200, 1.0, True])
def test_a_moratorium_lasts_a_whole_number_of_periods(periods: Any) -> None:
    with pytest.raises(InvalidTerms, match="moratorium lasts"):
        Moratorium(periods=periods, interest=CAPITALISED)


@pytest.mark.parametrize(
    "change", [0.1, Decimal(0), Decimal(-100), Decimal(1000), Decimal("NaN"), Decimal("1.1234567")]
)
def test_a_step_is_a_decimal_that_leaves_an_instalment(change: Any) -> None:
    with pytest.raises(InvalidTerms, match="step"):
        Step(every=1, change_pct=change)


@pytest.mark.parametrize("every", [0, True, 2.0])
def test_a_step_comes_after_whole_instalments(every: Any) -> None:
    with pytest.raises(InvalidTerms, match="step comes"):
        Step(every=every, change_pct=Decimal(1))


@pytest.mark.parametrize("wrong", [{"weekday": 7}, {"weekday": 0, "min_first_gap_days": 0}])
def test_a_weekday_is_one_of_seven(wrong: dict[str, int]) -> None:
    with pytest.raises(InvalidTerms, match="not"):
        FixedWeekday(**wrong)


# What only a schedule can tell


def test_an_instalment_below_its_interest_is_named_negative_amortisation() -> None:
    err = unbuildable(
        "does not exceed the interest",
        rate_pct=Decimal(999),
        first_due_on=date(2026, 3, 5),
        broken_period=BrokenPeriod.ACTUAL,
    )
    assert err.code == "NEGATIVE_AMORTISATION"


def test_steps_may_not_start_below_the_interest() -> None:
    step = Step(every=1, change_pct=Decimal(20))
    err = unbuildable("does not exceed the interest", step=step, instalments=60)
    assert err.code == "NEGATIVE_AMORTISATION"


@pytest.mark.parametrize("method", [Method.REDUCING, Method.FLAT, Method.EQUAL_PRINCIPAL])
def test_a_unit_too_coarse_for_the_loan_is_refused(method: Method) -> None:
    unbuildable(
        "rounded to|does not exceed", method=method, rounding=Rounding("5000000 UP"), instalments=24
    )


def test_interest_alone_of_nothing_is_no_instalment() -> None:
    unbuildable("asks for nothing at 0", method=Method.INTEREST_ONLY, rate_pct=Decimal(0))


def test_an_instalment_beyond_the_limit_is_refused() -> None:
    unbuildable(f"beyond the limit of {LIMIT}", principal=LIMIT, instalments=1)
    unbuildable(f"beyond the limit of {LIMIT}", principal=LIMIT, method=Method.INTEREST_ONLY)


def test_instalments_pushed_onto_one_another_are_refused() -> None:
    february = tuple(date(2026, 2, 5) + timedelta(days=ahead) for ahead in range(28))
    unbuildable("push one instalment onto the next", non_repayment_dates=february)


def test_a_first_period_of_no_days_is_refused() -> None:
    err = unbuildable(
        "moves to 2026-01-04, before",
        first_due_on=date(2026, 1, 6),
        anchor_day=6,
        shift_rule=LOAN.shift_rule.__class__.PRECEDING,
        non_repayment_dates=(date(2026, 1, 5), date(2026, 1, 6)),
    )
    assert err.code == "INVALID_TERMS"


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "principal": st.integers(1, 2 * LIMIT) | st.integers(1, 5000),
            "rate_pct": st.decimals(-1, 1001, places=2),
            "instalments": st.integers(-1, 1300) | st.integers(1, 40),
            "method": st.sampled_from(Method),
            "day_count": st.sampled_from(DayCount),
            "frequency": st.sampled_from(Frequency),
            "broken_period": st.sampled_from(BrokenPeriod),
            "rounding": money.roundings(),
            "balloon": st.integers(0, LIMIT),
            "step": st.builds(
                Step,
                every=st.integers(1, 12),
                change_pct=st.integers(-99, 300).filter(bool).map(Decimal),
            ),
            "moratorium": st.builds(
                Moratorium,
                periods=st.integers(1, 24),
                interest=st.sampled_from(MoratoriumInterest),
            ),
            "planned_on": money.dates(date(2025, 12, 1), days=80),
            "non_repayment_dates": st.lists(money.dates(date(2026, 1, 25), days=60), max_size=30),
        },
    )
)
def test_any_terms_give_a_right_schedule_or_a_named_refusal(wild: dict[str, Any]) -> None:
    found = tried(wild)
    if isinstance(found, InvalidTerms):
        assert found.code in {"INVALID_TERMS", "NEGATIVE_AMORTISATION"}
        assert found.message
    else:
        loan, schedule = found
        rows = list(schedule)
        assert sum(row.principal for row in rows) == loan.principal + schedule.capitalised
        assert rows[-1].closing == 0
        assert all(0 < row.amount <= LIMIT for row in rows)
        assert all(row.amount == row.interest + row.principal for row in rows)


def tried(wild: dict[str, Any]) -> tuple[Terms, Schedule] | InvalidTerms:
    try:
        loan = attrs.evolve(LOAN, **wild)
        return loan, build(loan, disbursed_on=loan.planned_on)
    except InvalidTerms as refusal:
        return refusal


# Annual rates


@pytest.mark.parametrize("net", [0, -5, 1201])
def test_a_level_loan_that_does_not_repay_has_no_rate(net: int) -> None:
    with pytest.raises(InvalidTerms):
        level_nominal_pct(net, 100, 12)


def test_money_repaid_on_the_day_has_no_rate() -> None:
    day = date(2026, 1, 5)
    with pytest.raises(InvalidTerms, match="has no rate for money of 2026-01-05"):
        xirr_pct(100, day, [day], [110])
    with pytest.raises(InvalidTerms, match="on the day"):
        effective_annual_pct(100, [(Fraction(0), 110)])
