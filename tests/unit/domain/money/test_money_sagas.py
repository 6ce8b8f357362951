"""Laws of a loan's money over facts of every kind, in every order."""

import json
import random
from datetime import date, timedelta
from uuid import UUID

from hypothesis import assume, given
from hypothesis import strategies as st

from los_core.domain.facts import (
    Reversed,
    effective,
    fact_document,
    fact_from_document,
)
from los_core.domain.fold import advance, apply, begin, fold, is_in_order
from los_core.domain.foreclosure import quote
from los_core.domain.holdings import ClosureKind
from los_core.domain.ledger import Account, Entry, balances, posting, projection, totals
from los_core.domain.timeline import timeline
from los_core.testing import money, money_sagas
from los_core.testing.money_sagas import Tale


@given(money_sagas.sagas(), st.data(), st.randoms(use_true_random=False))
def test_any_order_and_any_repetition_fold_to_the_same(
    tale: Tale, data: st.DataObject, shuffler: random.Random
) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    again = [*facts, *data.draw(st.lists(st.sampled_from(facts), max_size=4))]
    shuffler.shuffle(again)
    assert fold(loan, again, on=on) == fold(loan, facts, on=on)


@given(money_sagas.sagas(), st.data())
def test_advancing_composes_after_any_facts(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    first, second, third = sorted(data.draw(st.tuples(*[money.days_of(loan)] * 3)))
    state = fold(loan, facts, on=first)
    untouched = state.copy()
    assert advance(advance(state, second), third) == advance(state, third)
    assert state == untouched


@given(money_sagas.sagas(), st.data())
def test_applying_one_by_one_is_folding(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    state = begin(loan)
    for fact in effective(facts):
        if fact.value_date <= on:
            assert is_in_order(state, fact)
            before = state.copy()
            later = apply(state, fact)
            assert state == before
            state = later
    assert advance(state, on) == fold(loan, facts, on=on)


@given(money_sagas.sagas(), st.data())
def test_a_fact_reversed_was_never_there(tale: Tale, data: st.DataObject) -> None:
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


@given(money_sagas.sagas(), st.data())
def test_every_paisa_is_somewhere(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    state = fold(loan, facts, on=data.draw(money.days_of(loan)))
    lots = (*state.advance, *state.suspense, *state.recovered)
    for receipt in state.receipts:
        held = sum(lot.amount for lot in lots if lot.key == receipt.key)
        assert sum(state.paid_by(receipt.key).values()) + held == receipt.kept
    rows = (state.paid_principal, state.paid_interest, state.paid_late_interest, state.paid_penal)
    outside = state.prepaid_interest + state.prepaid_principal
    paid = sum(map(sum, rows)) + sum(charge.paid for charge in state.charges) + outside
    shared = sum(share.amount for share in state.shares)
    assert sum(share.amount for share in state.waivers) == state.waived
    assert paid - sum(state.moved) == shared + state.waived
    assert all(due.amount > 0 for due in state.dues(everything=True))


@given(money_sagas.sagas(), st.data())
def test_a_closed_loan_owes_nothing_and_a_running_one_something(
    tale: Tale, data: st.DataObject
) -> None:
    loan, facts = tale
    state = fold(loan, facts, on=data.draw(money.days_of(loan)))
    if state.closure is None:
        if state.schedule is not None:
            assert state.total_owed - state.advance_held > loan.small_balance
            assert not state.advance_held or state.total_due == 0
        return
    assert (state.advance_held, state.total_owed, state.oldest_unpaid_due_on) == (0, 0, None)
    if state.written_off is None:
        assert state.schedule is not None
        assert sum(state.paid_principal) == sum(state.schedule.principal)
        assert state.paid_interest == state.interest
        assert all(row.outstanding == 0 for row in timeline(state))
    else:
        assert state.closure.kind in (ClosureKind.WRITTEN_OFF, ClosureKind.SETTLED)
        assert state.claim_left.total >= 0


@given(money_sagas.sagas(), st.data())
def test_the_schedule_in_force_repays_what_is_owed(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    state = fold(loan, facts, on=data.draw(money.days_of(loan)))
    if state.schedule is None:
        return
    rows = list(state.schedule)
    assert rows[-1].closing == 0
    assert list(state.schedule.due_on) == sorted(set(state.schedule.due_on))
    assert list(state.schedule.adjusted_due_on) == sorted(set(state.schedule.adjusted_due_on))
    if state.closure is None:
        coming = slice(state.rows_accrued, None)
        assert list(state.schedule.interest[coming]) == state.interest[coming]
        left = sum(state.schedule.principal) - sum(state.paid_principal)
        assert state.outstanding_principal == left >= 0


@given(money_sagas.sagas(), st.data())
def test_paying_the_quote_of_any_loan_leaves_nothing(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    on = data.draw(money.days_of(loan))
    on = max([on, *(fact.value_date for fact in facts)])
    state = fold(loan, facts, on=on)
    assume(state.is_running and state.settlement is None)
    asked = quote(state)
    assume(asked.amount > 0)
    closing = money_sagas.closing_receipt(on, asked.amount)
    assume(is_in_order(state, closing))
    closed = apply(state, closing)
    assert closed.closed_on == on
    assert (closed.total_owed, closed.advance_held, closed.suspense_held) == (
        0,
        0,
        state.suspense_held,
    )
    assert closed.waived == state.waived
    assert sum(closed.paid_by(closing.key).values()) == asked.amount


@given(money_sagas.sagas())
def test_facts_of_every_kind_survive_json(tale: Tale) -> None:
    for fact in tale[1]:
        assert fact_from_document(json.loads(json.dumps(fact_document(fact)))) == fact


# The ledger


@given(money_sagas.sagas(), st.randoms(use_true_random=False))
def test_the_ledger_of_any_loan_is_the_same_whatever_arrives_first(
    tale: Tale, shuffler: random.Random
) -> None:
    loan, facts = tale
    arriving = list(facts)
    shuffler.shuffle(arriving)
    until = max(fact.value_date for fact in facts) + timedelta(days=40)
    stored: list[Entry] = []
    known = []
    for fact in arriving:
        known.append(fact)
        entries = posting(totals(stored), projection(loan, known, until=until))
        for day in {entry.value_date for entry in entries}:
            assert sum(entry.amount for entry in entries if entry.value_date == day) == 0
        stored += entries
    assert totals(stored) == projection(loan, facts, until=until)


@given(money_sagas.sagas(), st.data())
def test_a_longer_horizon_only_adds_to_the_ledger(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    near, far = sorted(data.draw(st.tuples(*[money.days_of(loan)] * 2)))
    whole = projection(loan, facts, until=far)
    cut = {key: amount for key, amount in whole.items() if key[1] <= near}
    assert projection(loan, facts, until=near) == cut


@given(money_sagas.sagas(), st.data())
def test_the_books_say_what_the_fold_says(tale: Tale, data: st.DataObject) -> None:
    loan, facts = tale
    on: date = data.draw(money.days_of(loan))
    state = fold(loan, facts, on=on)
    found = balances(projection(loan, facts, until=on), on=on)
    assert sum(found.values()) == 0
    memo = [found[account] for account in Account if account.startswith("MEMO")]
    assert sum(memo) == 0
    assert found[Account.PRINCIPAL] == state.outstanding_principal
    assert found[Account.ADVANCE] == -state.advance_held
    assert found[Account.SUSPENSE] == -state.suspense_held
    assert found[Account.BANK] == state.received - state.disbursed - state.returned_total
    assert found[Account.RECOVERY_INCOME] == -state.recovered_total
    if state.closure is not None:
        assets = (Account.INTEREST, Account.PENAL, Account.BOUNCE, Account.FEE)
        assert [found[account] for account in assets] == [0] * 4
        assert found[Account.MEMO_PRINCIPAL] == state.claim_left.principal
