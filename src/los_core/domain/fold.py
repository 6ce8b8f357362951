"""A loan's money as a fold over its facts: advance a day, apply a fact, nothing else.

Laws: `advance(advance(s, a), b) == advance(s, b)`; any permutation or repetition of the facts folds
to the same state; a reversed fact was never there. Order within a day: what falls due, money held
applied to it, receipts, charges, then receipts that prepay or close the loan, then outflows.
Interest and penal charges are computed here, whole and rounded once, never posted by anyone.

A fact later in order than all others may extend a stored state by `apply`; any other means folding
again. The fold reads nothing but its arguments, and changes none of them.
"""

from collections.abc import Callable, Iterable
from datetime import date, timedelta
from functools import partial
from typing import Any

import attrs

from los_core.domain import closing, reschedule
from los_core.domain.booking import forgive, pay_the_one_due, take
from los_core.domain.charges import gst_on
from los_core.domain.closing import leave_with, recover_lot, settle, write_off
from los_core.domain.errors import Conflict
from los_core.domain.excess import Excess
from los_core.domain.facts import (
    Change,
    ChargedBack,
    Classified,
    Disbursed,
    Fact,
    Instructed,
    Intent,
    Levied,
    Received,
    Refunded,
    Reversed,
    SettlementAgreed,
    Tag,
    TermsChanged,
    Waived,
    WrittenOff,
    effective,
    order,
)
from los_core.domain.holdings import Charge, Lot, Receipt
from los_core.domain.money import Paise
from los_core.domain.outflows import charge_back, refund
from los_core.domain.policies import GraceMode, PostDueInterest
from los_core.domain.schedule import build
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.domain.workdays import days_between


def fold(terms: Terms, facts: Iterable[Fact], *, on: date) -> State:
    """Return the loan's money at the end of day `on`, as far as the facts known today tell.

    Facts with a later value date do not count, but a reversal does whatever its date. Raises:
    Conflict: two contents under one reference, or two live disbursals. InvalidTerms: the terms give
    no schedule from the credit date.
    """
    state = begin(terms)
    last = None
    for fact in effective(facts):
        day = fact.value_date
        if day > on:
            break
        if state.advance:
            _advance(state, day)
        elif state.on != day:
            _accrue(state, day)
        state = _APPLY[type(fact)](state, fact) or state
        last = fact
    state.last = order(last) if last else None
    _advance(state, on)
    return state


def begin(terms: Terms) -> State:
    """Return the state of a loan nothing has happened to."""
    return State(terms=terms)


def is_in_order(state: State, fact: Fact) -> bool:
    """Return whether `apply(state, fact)` gives what folding all facts again would give.

    True for a fact that comes after every applied one; a reversal always needs the fold.
    """
    if isinstance(fact, Reversed) or (state.on is not None and fact.value_date < state.on):
        return False
    return state.last is None or order(fact) > state.last


def advance(state: State, on: date) -> State:
    """Return the state at the end of day `on`: instalments fall due, money held pays them.

    Raises: ValueError: `on` lies before the state's day.
    """
    _check_day(state, on)
    state = state.copy()
    _advance(state, on)
    return state


def apply(state: State, fact: Fact) -> State:
    """Return the state after `fact`, whose value date is the state's day or later.

    Raises: ValueError: a fact before the state's day, or a reversal: fold again. Conflict: a second
    disbursal.
    """
    if isinstance(fact, Reversed):
        message = "a reversal voids its target from the start: fold all facts again"
        raise ValueError(message)  # noqa: TRY004 - its time is wrong, not its type
    _check_day(state, fact.value_date)
    state = state.copy()
    _advance(state, fact.value_date)
    state = _APPLY[type(fact)](state, fact) or state
    state.last = order(fact)
    return state


def _advance(state: State, on: date) -> None:
    schedule = state.schedule
    while state.advance and schedule is not None and state.closure is None:
        row = state.rows_asked
        if row == len(schedule) or (due_on := schedule.adjusted_due_on[row]) > on:
            break
        _accrue(state, due_on)
        settle(state)
        schedule = state.schedule
    _accrue(state, on)


def _check_day(state: State, on: date) -> None:
    if state.on is not None and on < state.on:
        raise ValueError(f"a state of {state.on} cannot go back to {on}")


def _accrue(state: State, on: date) -> None:
    """Move to day `on`, counting base × days of overdue rows; nothing is paid in between."""
    before, schedule, row = state.on, state.schedule, state.settled_rows
    state.on = on
    if state.settlement is not None and on > state.settlement.pay_by:
        state.settlement = None
    if schedule is None or before is None or state.closure is not None:
        return
    adjusted = schedule.adjusted_due_on
    count = len(adjusted)
    while row < count and (due_on := adjusted[row]) < on:
        if state.cleared_on[row] is None:
            policy = state.penal_policy(row)
            grace = policy.grace_days if policy.grace_mode is _AFTER_GRACE else 0
            penal_from = max(before, due_on + timedelta(days=grace))
            if penal_from < on:
                state.penal_days[row] += state.unpaid_scheduled(row) * days_between(penal_from, on)
            late_from = max(before, due_on, schedule.accrued_on[row])
            if late_from < on:
                state.late_days[row] += _late_base(state, row) * days_between(late_from, on)
        row += 1


def _late_base(state: State, row: int) -> Paise:
    bears = state.terms.post_due_interest
    if bears is _NO_LATE:
        return 0
    if bears is PostDueInterest.ON_PRINCIPAL:
        return state.unpaid_principal(row)
    return state.unpaid_scheduled(row)


def _disburse(state: State, fact: Disbursed) -> None:
    if state.schedule is not None:
        raise Conflict("a loan is disbursed once", code="ALREADY_DISBURSED")
    terms = state.terms
    schedule = build(terms, disbursed_on=fact.value_date)
    withheld = terms.principal - terms.fee.total - fact.amount
    over = withheld - schedule.upfront_interest
    if over < 0:
        raise Conflict(
            f"a credit of {fact.amount} paise is {-over} more than the terms allow",
            code="DISBURSED_TOO_MUCH",
        )
    state.disbursed_on, state.disbursed = fact.value_date, fact.amount
    state.upfront_interest = schedule.unearned
    reschedule.start_rows(state, schedule)
    # Withheld for more days than it took to credit the money: it is the borrower's, and held.
    state.advance = ([Lot(fact.key, over)] if over else []) + state.suspense
    state.suspense = []
    settle(state)


def _receive(state: State, fact: Received) -> None:
    key, amount = (fact.source, fact.reference), fact.amount
    state.receipts.append(_as_receipt((key, fact.value_date, amount, 0, 0, fact.intent)))
    plain = fact.intent is _INSTALMENT and state.settlement is None
    if plain and pay_the_one_due(state, key, amount):
        return
    lot = Lot(key, amount)
    if state.schedule is None or state.closure is not None:
        if state.written_off is not None:
            recover_lot(state, lot)
        else:
            state.suspense.append(lot)
        return
    if leave_with(state, lot, fact.intent):
        return
    if state.settlement is not None:
        _toward_settlement(state)
    else:
        settle(state)
        if state.advance and state.closure is None:
            _use_excess(state, fact)


_INSTALMENT, _AFTER_GRACE = Intent.INSTALMENT, GraceMode.AFTER_GRACE
_NO_LATE = PostDueInterest.NONE
"""Members by name of their own: Python 3.11 looks one up in a slow 0.2 µs."""
_as_receipt: Callable[[tuple[object, ...]], Receipt] = partial(tuple.__new__, Receipt)
"""A receipt of a tuple: a third of the time of calling the class."""


def _toward_settlement(state: State) -> None:
    assert state.settlement is not None
    if closing.received_since(state) >= state.settlement.offer:
        closing.settle_offer(state)
    else:
        settle(state)


def _use_excess(state: State, fact: Received) -> None:
    """Use what a receipt left over as its payer asked, or as the terms say: else it is held."""
    wish = _WISHES.get(fact.intent, state.terms.excess.use)
    if wish is Excess.REFUND:
        left = take(state.advance, fact.key, fact.amount)
        if left:
            state.suspense.append(Lot(fact.key, left))
    elif wish is not Excess.HOLD_AS_ADVANCE:
        reschedule.prepay(state, fact.key, Change(wish.value))


_WISHES = {Intent.REDUCE_EMI: Excess.REDUCE_EMI, Intent.REDUCE_TENURE: Excess.REDUCE_TENURE}


def _levy(state: State, fact: Levied) -> None:
    """Add a charge to a running loan; one dated before the credit or after closure is inert."""
    if not state.is_running:
        return
    tax = state.terms.tax
    charge = Charge(
        key=fact.key,
        kind=fact.charge,
        levied_on=fact.value_date,
        instalment_no=fact.instalment_no,
        amount=fact.amount,
        gst=gst_on(fact.amount, tax.pct(fact.charge), tax.supply).total,
    )
    state.charges.append(charge)
    settle(state)


def _waive(state: State, fact: Waived) -> None:
    """Give up what is due of a component, oldest first, up to the amount."""
    left, given = fact.amount, []
    for due in state.dues():
        if due.component is fact.component and left > 0:
            given.append(due._replace(amount=min(left, due.amount)))
            left -= given[-1].amount
    if given:
        forgive(state, fact.key, given, decided=True)
        settle(state)


def _change_terms(state: State, fact: TermsChanged) -> None:
    changes: dict[str, Any] = {
        name: value
        for name in ("tax", "allocation", "foreclosure")
        if (value := getattr(fact, name)) is not None
    }
    state.terms = attrs.evolve(state.terms, **changes)
    if fact.penal is not None:
        state.penal_since.append((fact.value_date, fact.penal))
    if fact.non_repayment_dates:
        reschedule.move_due_dates(state, fact.non_repayment_dates)


def _instruct(state: State, fact: Instructed) -> None:
    if not state.is_running or not reschedule.carry_out(state, fact):
        state.inert.append(fact.key)
    else:
        settle(state)


def _agree(state: State, fact: SettlementAgreed) -> None:
    if state.is_running or state.claim_left.total:
        state.settlement = fact


def _write_off(state: State, fact: WrittenOff) -> None:
    if state.is_running:
        write_off(state, fact)


def _classify(state: State, fact: Classified) -> None:
    if fact.tag is Tag.BORROWER:
        state.borrower_npa = fact.npa_since
    else:
        state.partner_npa = fact.npa_since
    state.loss = fact.loss


_APPLY: dict[type[Any], Callable[[State, Any], State | None]] = {
    Disbursed: _disburse,
    Received: _receive,
    Levied: _levy,
    Waived: _waive,
    ChargedBack: charge_back,
    Refunded: refund,
    TermsChanged: _change_terms,
    Instructed: _instruct,
    SettlementAgreed: _agree,
    WrittenOff: _write_off,
    Classified: _classify,
}
"""What each kind of fact does: it changes the state, or returns another one to go on with."""
