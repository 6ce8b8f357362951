"""Laws of the money domain, over legal terms and random stories of facts."""

import json
import random
from collections import Counter
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from los_core.domain.errors import Invalid, InvalidMoney, InvalidTerms
from los_core.domain.facts import (
    ChargedBack,
    Disbursed,
    Fact,
    Intent,
    Received,
    Reversed,
    effective,
    fact_document,
    fact_from_document,
    order,
)
from los_core.domain.fold import advance, apply, begin, fold, is_in_order
from los_core.domain.foreclosure import cooling_off_quote, quote
from los_core.domain.ledger import (
    Account,
    Entry,
    balances,
    posting,
    projection,
    totals,
    trial_balance,
)
from los_core.domain.money import round_half_up, split
from los_core.domain.policies import DayCount, Method, ShiftRule
from los_core.domain.pricing import price_terms
from los_core.domain.rounding import Rounding
from los_core.domain.rupees import format_rupees, parse_rupees, rupees_in_words
from los_core.domain.schedule import build
from los_core.domain.terms import Terms, terms_document, terms_from_document, terms_hash
from los_core.domain.timeline import timeline
from los_core.domain.workdays import (
    add_working_days,
    is_working_day,
    monthly_dates,
    working_days_between,
)
from los_core.testing import money

RUPEE, PAISE = Rounding.RUPEE, Rounding.PAISE
Tale = tuple[Terms, tuple[Fact, ...]]


# Rupees


@given(st.integers(-(10**13), 10**13))
def test_printed_rupees_parse_back(amount: int) -> None:
    assert parse_rupees(format_rupees(amount)) == amount


def test_rupees_are_grouped_the_indian_way() -> None:
    assert format_rupees(12_345_600) == "₹1,23,456.00"
    assert format_rupees(-5) == "-₹0.05"
    assert format_rupees(10**13) == "₹1,00,00,00,00,000.00"


@pytest.mark.parametrize(
    "text",
    ["", " 1", "1 ", "1.234", "1,234,567", "12,34", "1e3", "NaN", "Infinity", "\u0661", "+1",
     "1_000", "--1", "₹", ".5", "5.", "9" * 13, "1,23,456\n", "0x10"],
)  # fmt: skip
def test_anything_else_is_no_amount(text: str) -> None:
    with pytest.raises(InvalidMoney):
        parse_rupees(text)


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        (0, "Rupees Zero Only"),
        (5, "Rupees Zero and Five Paise Only"),
        (
            12_345_050,
            "Rupees One Lakh Twenty-Three Thousand Four Hundred Fifty and Fifty Paise Only",
        ),
        (6_000_000, "Rupees Sixty Thousand Only"),
        (1_000_000_000, "Rupees One Crore Only"),
        (10**13, "Rupees Ten Thousand Crore Only"),
    ],
)
def test_amounts_in_words(amount: int, words: str) -> None:
    assert rupees_in_words(amount) == words


# Splits and rounding


@given(
    st.integers(-(10**9), 10**9),
    st.lists(st.integers(0, 1000), min_size=1, max_size=8).filter(any),
)
def test_a_split_loses_nothing_and_is_fair_to_a_paisa(total: int, weights: list[int]) -> None:
    parts = split(total, weights)
    assert sum(parts) == total
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**6))
def test_rounding_is_half_away_from_zero(over: int, under: int) -> None:
    exact = Decimal(over) / Decimal(under)
    assert abs(Fraction(round_half_up(over, under)) - Fraction(over, under)) <= Fraction(1, 2)
    if Fraction(over, under).denominator == 2:
        assert round_half_up(over, under) == int(exact.to_integral_value(ROUND_HALF_UP))


# Dates


@given(money.dates(), st.integers(1, 31), st.integers(1, 40))
def test_monthly_dates_never_drift_from_their_anchor(first: date, anchor: int, count: int) -> None:
    found = monthly_dates(first, anchor, count)
    assert all(day.day == min(anchor, 31) or (day + timedelta(days=1)).day == 1 for day in found)
    assert len({(day.year, day.month) for day in found}) == count


@given(money.dates(), st.integers(1, 12), st.sets(money.dates(), max_size=10))
def test_working_days_add_and_count_alike(start: date, count: int, holidays: set[date]) -> None:
    day = add_working_days(start, count, holidays)
    assert is_working_day(day, holidays)
    assert working_days_between(start, day, holidays) == count


# Terms and facts as documents


@given(money.terms())
def test_terms_survive_json_exactly(loan: Terms) -> None:
    again = terms_from_document(json.loads(json.dumps(terms_document(loan))))
    assert again == loan
    assert terms_hash(again) == terms_hash(loan)


@given(money.terms())
def test_the_same_rate_written_otherwise_hashes_alike(loan: Terms) -> None:
    spelled = attrs.evolve(loan, rate_pct=loan.rate_pct + Decimal("0.000000"))
    assert terms_hash(spelled) == terms_hash(loan)


@given(money.terms(), st.data())
def test_a_document_with_a_field_lost_or_added_is_refused(loan: Terms, data: st.DataObject) -> None:
    document = terms_document(loan)
    del document[data.draw(st.sampled_from(sorted(document)))]
    with pytest.raises(InvalidTerms):
        terms_from_document(document)
    with pytest.raises(InvalidTerms):
        terms_from_document({**terms_document(loan), "extra": 1})


@given(money.stories())
def test_facts_survive_json_exactly(tale: Tale) -> None:
    for fact in tale[1]:
        assert fact_from_document(json.loads(json.dumps(fact_document(fact)))) == fact


@pytest.mark.parametrize("document", [None, {}, {"kind": "gift"}, {"kind": "received"}])
def test_a_document_of_no_known_fact_is_refused(document: object) -> None:
    with pytest.raises(Invalid):
        fact_from_document(document)


LOAN: dict[str, Any] = terms_document(
    Terms(
        method=Method.REDUCING,
        principal=10_000_000,
        rate_pct=Decimal(24),
        instalments=12,
        planned_on=date(2026, 1, 5),
        first_due_on=date(2026, 2, 5),
        anchor_day=5,
        day_count=DayCount.MONTHLY,
    )
)


@pytest.mark.parametrize(
    "wrong",
    [
        {"rate_pct": "-1"},
        {"rate_pct": "NaN"},
        {"rate_pct": "1000"},
        {"rate_pct": "1.1234567"},
        {"principal": 0},
        {"principal": 100},
        {"principal": True},
        {"principal": 10**13 + 1},
        {"instalments": 0},
        {"instalments": 1201},
        {"anchor_day": 6},
        {"anchor_day": 32},
        {"first_due_on": "2026-01-05"},
        {"planned_on": "2026-02-05"},
        {"method": "BULLET"},
        {"interest_on_shift": "ADJUSTED"},
        {"bounce_charge": -1},
        {"day_count": "ACT_363"},
        {"planned_on": "yesterday"},
    ],
)
def test_illegal_terms_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(InvalidTerms):
        terms_from_document({**LOAN, **wrong})


@pytest.mark.parametrize(
    "wrong",
    [
        {"principal": 200, "instalments": 60},  # a rupee a month repays it in two
        {"rate_pct": "999", "first_due_on": "2026-03-05", "broken_period": "ACTUAL"},
        {"principal": 10**13, "instalments": 1},
    ],
)
def test_terms_no_schedule_fits_are_refused(wrong: dict[str, Any]) -> None:
    loan = terms_from_document({**LOAN, **wrong})
    with pytest.raises(InvalidTerms):
        build(loan, disbursed_on=loan.planned_on)


def test_money_credited_on_the_first_due_date_has_no_schedule() -> None:
    with pytest.raises(InvalidTerms, match="first instalment is due"):
        build(terms_from_document(LOAN), disbursed_on=date(2026, 2, 5))


# Schedules


@given(money.terms())
def test_a_schedule_repays_exactly_what_was_lent(loan: Terms) -> None:
    schedule = build(loan, disbursed_on=loan.planned_on)
    rows = list(schedule)
    assert sum(row.principal for row in rows) == loan.principal + schedule.capitalised
    assert rows[-1].closing == 0
    assert all(row.amount > 0 and row.principal >= 0 and row.interest >= 0 for row in rows)
    assert all(row.amount == row.principal + row.interest for row in rows)
    assert all(a.closing == b.opening for a, b in pairwise(rows))
    assert schedule.total_payable + schedule.upfront_interest == (
        loan.principal + schedule.total_interest
    )
    if loan.method in (Method.REDUCING, Method.FLAT) and loan.rounding in (RUPEE, PAISE):
        level = rows[1 + (loan.moratorium.rows if loan.moratorium else 0) : -1]
        assert loan.step or all(row.amount == schedule.emi for row in level)


@given(money.terms())
def test_no_instalment_is_asked_for_on_a_holiday(loan: Terms) -> None:
    schedule = build(loan, disbursed_on=loan.planned_on)
    assert list(schedule.due_on) == sorted(set(schedule.due_on))
    if loan.shift_rule is not ShiftRule.NONE:
        assert not set(schedule.adjusted_due_on) & set(loan.non_repayment_dates)
    if loan.shift_rule is ShiftRule.FOLLOWING:
        pairs = zip(schedule.due_on, schedule.adjusted_due_on, strict=True)
        assert all(due <= adjusted for due, adjusted in pairs)


@given(money.terms(), st.integers(0, 5))
def test_a_later_credit_never_costs_more(loan: Terms, late: int) -> None:
    planned = build(loan, disbursed_on=loan.planned_on)
    try:
        actual = build(loan, disbursed_on=loan.planned_on + timedelta(days=late))
    except InvalidTerms:
        assume(False)
        raise
    assert actual.due_on == planned.due_on
    assert actual.total_interest <= planned.total_interest
    assert build(loan, disbursed_on=loan.planned_on - timedelta(days=late)) == planned


@given(money.terms())
def test_a_priced_loan_hangs_together(loan: Terms) -> None:
    pricing = price_terms(loan)
    withheld = loan.fee.total + pricing.schedule.upfront_interest
    assert pricing.net_disbursal + withheld == loan.principal
    assert pricing.total_payable == loan.principal + pricing.total_interest
    assert pricing.effective_annual_pct >= 0
    assert pricing.apr_pct <= pricing.effective_annual_pct or loan.tenure_days >= 365
    if pricing.total_cost > 0:
        assert pricing.apr_pct >= 0


# The fold


@given(money.stories(), st.randoms(use_true_random=False), st.data())
def test_the_order_and_repetition_of_facts_do_not_matter(
    tale: Tale, shuffler: random.Random, data: st.DataObject
) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    jumbled = [*facts, *shuffler.choices(facts, k=3)]
    shuffler.shuffle(jumbled)
    renamed = [attrs.evolve(fact, fact_id=UUID(int=index)) for index, fact in enumerate(jumbled)]
    assert fold(loan, renamed, on=on) == fold(loan, facts, on=on)


@given(money.stories(), st.data())
def test_advancing_in_steps_is_advancing_at_once(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    first, second, third = sorted(data.draw(st.tuples(*[money.days_of(loan)] * 3)))
    state = fold(loan, facts, on=first)
    assert advance(advance(state, second), third) == advance(state, third)


@given(money.stories(), st.data())
def test_facts_may_be_applied_one_by_one(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    state = begin(loan)
    for fact in effective(facts):
        if fact.value_date <= on:
            assert is_in_order(state, fact)
            state = apply(state, fact)
    assert advance(state, on) == fold(loan, facts, on=on)


@given(money.stories(), st.data())
def test_a_reversed_fact_was_never_there(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    victim = data.draw(st.sampled_from(facts))
    assume(not isinstance(victim, Reversed))
    undo = Reversed(
        fact_id=UUID(int=999),
        value_date=on + timedelta(days=400),
        source="staff",
        reference="undo",
        target_source=victim.source,
        target_reference=victim.reference,
    )
    without = [fact for fact in facts if fact is not victim]
    assert fold(loan, [*facts, undo], on=on) == fold(loan, without, on=on)


@given(money.stories(), st.data())
def test_every_paisa_received_is_somewhere(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    state = fold(loan, facts, on=data.draw(money.days_of(loan)))
    for receipt in state.receipts:
        lots = (*state.advance, *state.suspense)
        held = sum(lot.amount for lot in lots if lot.key == receipt.key)
        assert sum(state.paid_by(receipt.key).values()) + held == receipt.kept
    paid = [state.paid_principal, state.paid_interest, state.paid_late_interest, state.paid_penal]
    charged = sum(charge.paid for charge in state.charges)
    shared = sum(share.amount for share in state.shares)
    outside = state.prepaid_interest + state.prepaid_principal
    moved = sum(state.moved)
    assert sum(map(sum, paid)) + charged + outside - moved == shared + state.waived
    assert all(unpaid.amount > 0 for unpaid in state.dues(everything=True))


@given(money.stories(), st.data())
def test_a_loan_is_closed_exactly_when_it_owes_nothing(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    state = fold(loan, facts, on=data.draw(money.days_of(loan)))
    if state.closure is not None:
        assert state.advance_held == 0
        assert state.schedule is not None
        assert sum(state.paid_principal) == sum(state.schedule.principal)
        assert state.paid_interest == state.interest
        assert all(row.outstanding == 0 for row in timeline(state))
        assert state.oldest_unpaid_due_on is None
    elif state.schedule is not None:
        assert state.total_owed - state.advance_held > loan.small_balance
        assert not state.advance_held or state.total_due == 0


@given(money.stories(), st.data())
def test_paying_the_quote_leaves_nothing(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    _paid_it_leaves_nothing(loan, facts, on=data.draw(money.days_of(loan)))


@given(money.stories(), st.data())
def test_a_quote_holds_though_money_is_taken_back_on_its_day(
    tale: Tale, data: st.DataObject
) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    known = [fact for fact in facts if isinstance(fact, Received) and fact.value_date <= on]
    assume(known)
    target = data.draw(st.sampled_from(known))
    taken_back = ChargedBack(
        fact_id=UUID(int=2**64),
        value_date=on,
        source=target.source,
        reference="taken-back",
        target_source=target.source,
        target_reference=target.reference,
        amount=data.draw(st.integers(1, target.amount)),
    )
    _paid_it_leaves_nothing(loan, [*facts, taken_back], on=on)


def _paid_it_leaves_nothing(loan: Terms, facts: Sequence[Fact], *, on: date) -> None:
    state = fold(loan, facts, on=on)
    assume(state.is_running)
    asked = quote(state)
    assume(asked.amount > 0)
    closing = exit_receipt(on, asked.amount, Intent.FORECLOSURE)
    closed = fold(loan, [*facts, closing], on=on)
    assert closed.closure is not None
    assert closed.closed_on == on
    assert (closed.total_owed, closed.advance_held, closed.waived) == (0, 0, 0)
    assert closed.suspense_held == 0
    assert sum(closed.paid_by(closing.key).values()) == asked.amount


@given(money.stories(), st.data())
def test_paying_the_cooling_off_quote_leaves_nothing(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    credit = facts[0]
    assert isinstance(credit, Disbursed)
    on = credit.value_date + timedelta(days=data.draw(st.integers(0, loan.cooling_off.days)))
    state = fold(loan, facts, on=on)
    assume(state.is_running and not state.rows_accrued)
    asked = cooling_off_quote(state)
    assume(asked.amount > 0)
    closing = exit_receipt(on, asked.amount, Intent.COOLING_OFF_EXIT)
    closed = fold(loan, [*facts, closing], on=on)
    assert closed.closed_on == on
    assert (closed.total_owed, closed.waived, closed.suspense_held) == (0, 0, 0)


def exit_receipt(on: date, amount: int, intent: Intent) -> Received:
    return Received(
        fact_id=UUID(int=500),
        value_date=on,
        source="zz-last",
        reference="exit",
        amount=amount,
        intent=intent,
    )


# The ledger


@given(money.stories(), st.randoms(use_true_random=False))
def test_the_ledger_is_the_same_whatever_arrives_first(tale: Tale, shuffler: random.Random) -> None:
    loan, facts = tale
    arriving = list(facts)
    shuffler.shuffle(arriving)
    until = max(fact.value_date for fact in facts) + timedelta(days=40)
    stored: list[Entry] = []
    known: list[Fact] = []
    for fact in arriving:
        known.append(fact)
        entries = posting(totals(stored), projection(loan, known, until=until))
        by_day: Counter[date] = Counter()
        for entry in entries:
            by_day[entry.value_date] += entry.amount
        assert set(by_day.values()) <= {0}
        stored += entries
    assert totals(stored) == projection(loan, facts, until=until)


@given(money.stories(), st.data())
def test_a_projection_only_grows_with_its_horizon(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    near, far = sorted(data.draw(st.tuples(*[money.days_of(loan)] * 2)))
    whole = projection(loan, facts, until=far)
    cut = {key: amount for key, amount in whole.items() if key[1] <= near}
    assert projection(loan, facts, until=near) == cut


@given(money.stories(), st.data())
def test_the_ledger_balances_are_those_of_the_fold(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    state = fold(loan, facts, on=on)
    found = balances(projection(loan, facts, until=on), on=on)
    assert sum(found.values()) == 0
    assert sum(trial_balance(state).values()) == 0
    assert found[Account.PRINCIPAL] == state.outstanding_principal
    assert found[Account.ADVANCE] == -state.advance_held
    assert found[Account.SUSPENSE] == -state.suspense_held
    assert found[Account.BANK] == state.received - state.disbursed
    levied = found[Account.BOUNCE] + found[Account.FEE]
    assert levied == state.unpaid_levied
    if state.closure is not None:
        assert (found[Account.INTEREST], found[Account.PENAL]) == (0, 0)


def test_facts_sort_by_value_date_then_kind() -> None:
    credit = Disbursed(
        fact_id=UUID(int=1), value_date=date(2026, 1, 6), source="z", reference="z", amount=1
    )
    receipt = exit_receipt(date(2026, 1, 6), 1, Intent.INSTALMENT)
    closing = exit_receipt(date(2026, 1, 6), 1, Intent.FORECLOSURE)
    assert order(credit) < order(receipt) < order(closing)
