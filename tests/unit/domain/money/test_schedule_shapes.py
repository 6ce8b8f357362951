"""Rounding, frequencies, day counts and methods of schedules, against an oracle of fractions."""

from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from los_core.domain.charges import FeeRule
from los_core.domain.daycount import year_fraction
from los_core.domain.due_rules import AfterOnePeriod, FixedWeekday, first_due
from los_core.domain.errors import InvalidTerms
from los_core.domain.facts import Disbursed, Intent, Received
from los_core.domain.fold import fold
from los_core.domain.foreclosure import quote
from los_core.domain.policies import BrokenPeriod, DayCount, Method, ShiftRule
from los_core.domain.pricing import Product, price
from los_core.domain.repayment import Frequency, Moratorium, MoratoriumInterest, Step
from los_core.domain.rounding import Residue, Rounding, RoundingMode
from los_core.domain.schedule import Schedule, build
from los_core.domain.terms import Terms, terms_document, terms_from_document, terms_hash
from los_core.domain.workdays import add_periods
from los_core.testing import money

RBI = Terms(
    method=Method.REDUCING,
    principal=2_000_000,
    rate_pct=Decimal(15),
    instalments=24,
    planned_on=date(2026, 1, 5),
    first_due_on=date(2026, 2, 5),
    anchor_day=5,
    day_count=DayCount.MONTHLY,
)
"""The loan of the RBI's illustration."""


def built(terms: Terms, **changes: Any) -> Schedule:
    loan = attrs.evolve(terms, **changes)
    return build(loan, disbursed_on=loan.planned_on)


def half_up(exact: Fraction) -> int:
    return (2 * exact.numerator + exact.denominator) // (2 * exact.denominator)


# Rounding


MODES = {
    RoundingMode.HALF_UP: ROUND_HALF_UP,
    RoundingMode.HALF_EVEN: ROUND_HALF_EVEN,
    RoundingMode.UP: ROUND_CEILING,
    RoundingMode.DOWN: ROUND_FLOOR,
}


@given(
    st.integers(0, 10**13), st.integers(1, 64), st.integers(1, 1000), st.sampled_from(sorted(MODES))
)
def test_a_mode_is_what_decimal_calls_it(
    over: int, power: int, unit: int, mode: RoundingMode
) -> None:
    rounding = Rounding.to(unit, mode=mode)
    exact = Decimal(over) / Decimal(2 ** (power % 8) * 5 ** (power // 8))
    under = 2 ** (power % 8) * 5 ** (power // 8)
    in_units = exact / unit
    if in_units * unit == exact:  # Decimal holds it exactly
        expected = int(in_units.to_integral_value(MODES[mode])) * unit
        assert rounding.rounded(over, under) == expected
    assert rounding.rounded(over, under) % unit == 0


@given(
    money.roundings(),
    st.integers(0, 10**9),
    st.lists(st.integers(0, 50), min_size=1, max_size=40).filter(any),
)
def test_parts_sum_to_the_total_and_only_the_residue_is_no_multiple(
    rounding: Rounding, total: int, weights: list[int]
) -> None:
    parts = rounding.parts(total, weights)
    assert sum(parts) == total
    odd = [no for no, part in enumerate(parts) if part % rounding.unit]
    taker = {Residue.FIRST: 0}.get(rounding.residue, len(parts) - 1)
    assert odd in ([], [taker])
    if rounding.residue is Residue.SPREAD:
        for part, weight in zip(parts, weights, strict=True):
            assert abs(part - Fraction(total * weight, sum(weights))) <= 2 * rounding.unit


@given(money.roundings())
def test_a_rounding_survives_its_text(rounding: Rounding) -> None:
    assert Rounding(str(rounding)) == rounding
    assert Rounding(str(rounding)).residue is rounding.residue


@pytest.mark.parametrize(
    ("text", "spelled"),
    [
        ("100", "RUPEE"), ("1", "PAISE"), ("RUPEE HALF_UP LAST", "RUPEE"), ("500 UP", "500 UP"),
        ("1 HALF_EVEN SPREAD", "PAISE HALF_EVEN SPREAD"), ("UNROUNDED", "UNROUNDED"),
    ],
)  # fmt: skip
def test_a_rounding_has_one_spelling(text: str, spelled: str) -> None:
    assert str(Rounding(text)) == spelled


@pytest.mark.parametrize(
    "text", ["", "0", "-1", "1.5", "RUPEES", "RUPEE LAST UP", "RUPEE UP UP", " 100", "9" * 15, "٣"]
)
def test_other_roundings_are_refused(text: str) -> None:
    with pytest.raises(InvalidTerms, match="round"):
        Rounding(text)


@pytest.mark.parametrize("unit", [0, -5, True, 1.0, Decimal(1)])
def test_a_unit_is_a_whole_number_of_paise(unit: Any) -> None:
    with pytest.raises(InvalidTerms, match="unit"):
        Rounding.to(unit)


def test_apr_01_an_unrounded_instalment() -> None:
    schedule = built(RBI, rounding=Rounding.UNROUNDED)
    assert schedule.emi == 96_973
    assert schedule.total_interest == 327_359
    assert schedule.total_payable == 2_327_359
    assert all(abs(amount - 96_973) <= 1 for amount in schedule.amount)


@pytest.mark.parametrize(
    ("rounding", "first", "middle", "last"),
    [
        ("RUPEE", 97_000, 97_000, 96_256),
        ("RUPEE FIRST", 96_442, 97_000, 97_000),
        ("RUPEE DOWN", 96_900, 96_900, 98_937),
        ("1000 UP", 97_000, 97_000, 96_256),
        ("10000 UP", 100_000, 100_000, 15_892),
    ],
)
def test_the_residue_goes_where_the_product_says(
    rounding: str, first: int, middle: int, last: int
) -> None:
    schedule = built(RBI, rounding=Rounding(rounding))
    assert (schedule.amount[0], schedule.amount[12], schedule.amount[-1]) == (first, middle, last)
    assert set(schedule.amount[1:-1]) == {middle}


def test_a_spread_residue_leaves_instalments_within_one_unit() -> None:
    schedule = built(RBI, rounding=Rounding("RUPEE SPREAD"))
    assert set(schedule.amount[:-1]) == {96_900, 97_000}
    assert abs(schedule.amount[-1] - 96_973) < 100


@given(money.terms(methods=[Method.REDUCING], shaped=False))
def test_the_residue_of_a_level_loan_is_in_its_place(loan: Terms) -> None:
    assume(loan.instalments > 2)
    amounts = build(loan, disbursed_on=loan.planned_on).amount
    if loan.rounding.residue is Residue.FIRST:
        assert len(set(amounts[1:-1])) == 1
        assert abs(amounts[-1] - amounts[1]) <= loan.instalments
    if loan.rounding.residue is Residue.SPREAD:
        assert max(amounts[1:-1]) - min(amounts[1:-1]) <= loan.rounding.unit


# Every row, exactly


def _share(loan: Terms, start: date, end: date, *, regular: bool) -> Fraction:
    if regular:
        return Fraction(*loan.frequency.year_share)
    by_month = loan.day_count is DayCount.MONTHLY
    return Fraction(*year_fraction(DayCount.ACT_365 if by_month else loan.day_count, start, end))


@given(money.terms(methods=[Method.REDUCING, Method.EQUAL_PRINCIPAL]))
def test_each_row_earns_the_interest_of_its_opening_balance(loan: Terms) -> None:
    schedule = build(loan, disbursed_on=loan.planned_on)
    by_days = loan.day_count is not DayCount.MONTHLY or loan.broken_period is BrokenPeriod.ACTUAL
    waits = loan.moratorium.waits if loan.moratorium else 0
    apart = schedule.broken_days > 0 and (waits or loan.broken_period is not BrokenPeriod.ACTUAL)
    start = schedule.interest_from + timedelta(days=schedule.broken_days if apart else 0)
    added = schedule.broken_interest - schedule.upfront_interest - schedule.capitalised
    for row, (begun, end) in zip(schedule, pairwise((start, *schedule.accrued_on)), strict=True):
        short = row.no == 1 and schedule.broken_days < 0
        share = _share(loan, begun, end, regular=not by_days and not short)
        earned = half_up(row.opening * Fraction(loan.annual_rate_pct) / 100 * share)
        assert row.interest == earned + (added if row.no == 1 else 0)


@given(money.terms(methods=[Method.INTEREST_ONLY], shaped=False))
def test_interest_alone_sums_to_that_of_the_whole_term(loan: Terms) -> None:
    by_days = loan.day_count is not DayCount.MONTHLY or loan.broken_period is BrokenPeriod.ACTUAL
    if not by_days:  # a first period of just the regular length
        first, frequency = loan.first_due_on, loan.frequency
        before = add_periods(first, -1, frequency, anchor_day=loan.anchor_day)
        loan = attrs.evolve(loan, planned_on=before, count_disbursal_day=False)
    schedule = build(loan, disbursed_on=loan.planned_on)
    assume(schedule.broken_days <= 0 or loan.broken_period is BrokenPeriod.ACTUAL)
    share = Fraction(*loan.frequency.year_share) * loan.instalments
    if by_days:
        share = _share(loan, schedule.interest_from, schedule.accrued_on[-1], regular=False)
    assert schedule.total_interest == half_up(
        loan.principal * Fraction(loan.annual_rate_pct) / 100 * share
    )
    assert set(schedule.principal[:-1]) <= {0}


@given(money.terms(methods=[Method.REDUCING], shaped=False), st.integers(0, 100_000))
def test_unrounded_rows_are_within_a_paisa_of_theory(loan: Terms, balloon: int) -> None:
    exact = attrs.evolve(
        loan, rounding=Rounding.UNROUNDED, day_count=DayCount.MONTHLY, balloon=balloon // 2,
        broken_period=BrokenPeriod.DEDUCT_UPFRONT, interest_on_shift=RBI.interest_on_shift,
    )  # fmt: skip
    schedule = build(exact, disbursed_on=exact.planned_on)
    assume(schedule.broken_days >= 0)
    rate = Fraction(exact.annual_rate_pct) / 100 * Fraction(*exact.frequency.year_share)
    count = exact.instalments
    grown = (1 + rate) ** count
    emi = (
        (exact.principal * grown - exact.balloon) * rate / (grown - 1)
        if rate
        else Fraction(exact.principal - exact.balloon, count)
    )
    balance = Fraction(exact.principal)
    for row in schedule:
        interest = balance * rate
        repaid = emi - interest + (exact.balloon if row.no == count else 0)
        assert abs(row.interest - interest) < 1
        assert abs(row.principal - repaid) < 1
        balance -= repaid
    assert balance == 0


# Frequencies and day counts


@pytest.mark.parametrize(
    ("frequency", "second", "last"),
    [
        (Frequency.DAILY, date(2026, 2, 1), date(2026, 2, 4)),
        (Frequency.WEEKLY, date(2026, 2, 7), date(2026, 2, 28)),
        (Frequency.FORTNIGHTLY, date(2026, 2, 14), date(2026, 3, 28)),
        (Frequency.MONTHLY, date(2026, 2, 28), date(2026, 5, 31)),
        (Frequency.QUARTERLY, date(2026, 4, 30), date(2027, 1, 31)),
    ],
)
def test_instalments_come_as_often_as_agreed(
    frequency: Frequency, second: date, last: date
) -> None:
    loan = attrs.evolve(
        RBI, frequency=frequency, instalments=5, first_due_on=date(2026, 1, 31), anchor_day=31
    )
    due_on = build(loan, disbursed_on=loan.planned_on).due_on
    assert (due_on[1], due_on[-1]) == (second, last)
    assert loan.last_due_on == last


@pytest.mark.parametrize(
    ("frequency", "interest"),
    [
        (Frequency.DAILY, 822),  # 20,000 × 15 % / 365
        (Frequency.WEEKLY, 5753),  # × 7 / 365
        (Frequency.FORTNIGHTLY, 11_507),  # × 14 / 365
        (Frequency.QUARTERLY, 75_000),  # / 4
    ],
)
def test_a_period_earns_its_share_of_the_year(frequency: Frequency, interest: int) -> None:
    first = add_periods(RBI.planned_on, 1, frequency, anchor_day=5)
    schedule = built(RBI, frequency=frequency, first_due_on=first, anchor_day=first.day)
    assert schedule.broken_days == 0
    assert schedule.interest[0] == interest


@pytest.mark.parametrize("frequency", list(Frequency))
def test_a_loan_without_fees_discloses_its_rate_as_apr(frequency: Frequency) -> None:
    product = Product(
        method=Method.REDUCING,
        rate_pct=Decimal(15),
        due_rule=AfterOnePeriod(frequency=frequency),
        fee_rule=FeeRule(flat=0),
        day_count=DayCount.MONTHLY,
        rounding=Rounding.UNROUNDED,
        frequency=frequency,
    )
    pricing = price(product, amount=200_000_000, instalments=12, credited_on=date(2026, 1, 31))
    assert pricing.apr_pct == Decimal("15.00")


@pytest.mark.parametrize(
    ("count", "start", "end", "fraction"),
    [
        (DayCount.ACT_364, date(2026, 1, 1), date(2026, 12, 31), (364, 364)),
        (DayCount.THIRTY_E_360, date(2026, 1, 31), date(2026, 3, 31), (60, 360)),
        (DayCount.THIRTY_E_360, date(2026, 1, 15), date(2026, 3, 31), (75, 360)),
        (DayCount.THIRTY_360, date(2026, 1, 15), date(2026, 3, 31), (76, 360)),
        (DayCount.THIRTY_365, date(2026, 1, 15), date(2026, 3, 31), (76, 365)),
        (DayCount.THIRTY_E_360, date(2028, 2, 29), date(2028, 3, 31), (31, 360)),
    ],
)
def test_the_further_day_counts(
    count: DayCount, start: date, end: date, fraction: tuple[int, int]
) -> None:
    assert year_fraction(count, start, end) == fraction


@pytest.mark.parametrize(
    ("credited_on", "due_on"),
    [(date(2026, 1, 5), date(2026, 1, 12)), (date(2026, 1, 6), date(2026, 1, 19))],
)
def test_a_weekly_meeting_is_at_least_a_week_away(credited_on: date, due_on: date) -> None:
    found = first_due(FixedWeekday(weekday=0), credited_on=credited_on)
    assert found == (due_on, due_on.day)


def test_daily_instalments_follow_one_another_around_holidays() -> None:
    schedule = built(
        RBI,
        frequency=Frequency.DAILY,
        first_due_on=date(2026, 1, 9),
        anchor_day=9,
        instalments=4,
        shift_rule=ShiftRule.FOLLOWING,
        non_repayment_dates=(date(2026, 1, 10), date(2026, 1, 11), date(2026, 1, 14)),
    )
    assert [day.day for day in schedule.due_on] == [9, 10, 11, 12]
    assert [day.day for day in schedule.adjusted_due_on] == [9, 12, 13, 15]


# Methods


def test_equal_principal_falls_by_the_interest_on_it() -> None:
    schedule = built(RBI, method=Method.EQUAL_PRINCIPAL, principal=2_400_000)
    assert set(schedule.principal) == {100_000}
    assert schedule.amount[:3] == (130_000, 128_750, 127_500)
    assert schedule.emi == 130_000
    assert schedule.total_interest == 375_000  # 15 % / 12 of 24,000 + 23,000 + … + 1,000


def test_interest_only_repays_all_at_the_end() -> None:
    schedule = built(RBI, method=Method.INTEREST_ONLY)
    assert set(schedule.interest) == {25_000}
    assert schedule.amount[-1] == 2_025_000
    assert schedule.total_interest == 600_000


def test_a_balloon_stays_until_the_end() -> None:
    schedule = built(RBI, balloon=500_000, rounding=Rounding.PAISE)
    # (20,000 − 5,000 / 1.0125²⁴) × 0.0125 / (1 − 1.0125⁻²⁴)
    assert schedule.emi == 78_980
    assert abs(schedule.amount[-1] - 578_980) <= 1  # what rounding each interest left
    equal = built(RBI, method=Method.EQUAL_PRINCIPAL, balloon=800_000, rounding=Rounding.RUPEE)
    assert equal.principal[0] == 50_000
    assert equal.principal[-1] == 850_000


@pytest.mark.parametrize("pct", [10, -10])
def test_steps_change_the_instalment_and_repay_exactly(pct: int) -> None:
    schedule = built(RBI, step=Step(every=6, change_pct=Decimal(pct)), rounding=Rounding.PAISE)
    sizes = [schedule.amount[no] for no in (0, 6, 12, 18)]
    assert all(len(set(schedule.amount[no : no + 5])) == 1 for no in (0, 6, 12, 18))
    for before, after in pairwise(sizes):
        assert abs(after - Fraction(before * (100 + pct), 100)) <= 1
    assert sum(schedule.principal) == RBI.principal


def test_a_moratorium_s_interest_joins_the_principal() -> None:
    wait = Moratorium(periods=3, interest=MoratoriumInterest.CAPITALISED)
    schedule = built(RBI, moratorium=wait, first_due_on=date(2026, 5, 5))
    assert schedule.capitalised == 75_000  # three months at 1.25 %
    assert schedule.opening[0] == 2_075_000
    assert schedule.interest[0] == 25_938
    assert schedule.total_payable == 2_000_000 + schedule.total_interest


def test_a_moratorium_s_interest_is_asked_with_the_first_instalment() -> None:
    wait = Moratorium(periods=3, interest=MoratoriumInterest.ADDED_TO_FIRST)
    schedule = built(RBI, moratorium=wait, first_due_on=date(2026, 5, 5))
    assert schedule.amount[0] == 97_000 + 75_000
    assert schedule.amount[1] == schedule.emi == 97_000


def test_a_moratorium_s_interest_is_collected_as_it_comes() -> None:
    wait = Moratorium(periods=3, interest=MoratoriumInterest.COLLECTED)
    schedule = built(RBI, moratorium=wait)
    assert schedule.amount[:3] == (25_000, 25_000, 25_000)
    assert schedule.opening[3] == 2_000_000
    assert len(schedule) == 24


def test_broken_days_before_a_moratorium_are_part_of_it() -> None:
    wait = Moratorium(periods=3, interest=MoratoriumInterest.CAPITALISED)
    schedule = built(
        RBI, moratorium=wait, first_due_on=date(2026, 5, 5), planned_on=date(2025, 12, 26)
    )
    # 2,000,000 × 15 % × (3 / 12 + 10 / 365)
    assert schedule.capitalised == 83_219


def _money_story(terms: Terms, *received: tuple[date, int, Intent]) -> list[Disbursed | Received]:
    known: dict[str, Any] = {"fact_id": UUID(int=1), "source": "bank"}
    facts: list[Disbursed | Received] = [
        Disbursed(**known, value_date=terms.planned_on, reference="out", amount=terms.principal)
    ]
    for day, amount, intent in received:
        facts.append(
            Received(**known, value_date=day, reference=f"{day}", amount=amount, intent=intent)
        )
    return facts


def test_leaving_in_the_moratorium_costs_the_interest_so_far() -> None:
    wait = Moratorium(periods=3, interest=MoratoriumInterest.CAPITALISED)
    terms = attrs.evolve(RBI, moratorium=wait, first_due_on=date(2026, 5, 5))
    day = date(2026, 2, 19)
    asked = quote(fold(terms, _money_story(terms), on=day))
    assert asked.amount == 2_000_000 + half_up(Fraction(75_000 * 45, 90))
    paid = _money_story(terms, (day, asked.amount, Intent.FORECLOSURE))
    state = fold(terms, paid, on=day)
    assert state.closed_on == day
    assert state.total_owed == 0
    assert state.suspense_held == 0


@given(money.terms())
def test_a_loan_paid_on_its_dates_ends_with_nothing_owed(loan: Terms) -> None:
    schedule = build(loan, disbursed_on=loan.planned_on)
    net = loan.principal - loan.fee.total - schedule.upfront_interest
    facts = _money_story(
        loan,
        *(
            (day, amount, Intent.INSTALMENT)
            for day, amount in zip(schedule.adjusted_due_on, schedule.amount, strict=True)
        ),
    )
    facts[0] = attrs.evolve(facts[0], amount=net)
    state = fold(loan, facts, on=max(schedule.adjusted_due_on[-1], loan.last_due_on))
    assert state.total_owed == 0
    assert state.closed_on is not None
    paid = list(accumulate(schedule.amount))
    assert state.received == paid[-1]


# Documents


def test_plain_terms_have_the_document_they_always_had() -> None:
    document = terms_document(RBI)
    assert document["rounding"] == "RUPEE"
    assert not {"frequency", "step", "balloon", "moratorium"} & set(document)
    assert terms_hash(terms_from_document(document)) == terms_hash(RBI)


def test_shaped_terms_name_every_field() -> None:
    weekly = attrs.evolve(RBI, frequency=Frequency.WEEKLY)
    document = terms_document(weekly)
    assert document["frequency"] == "WEEKLY"
    assert document["moratorium"] is None
    assert terms_from_document(document) == weekly
    assert terms_hash(weekly) != terms_hash(RBI)
