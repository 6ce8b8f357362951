"""A loan's money as a fold over its facts: advance a day, apply a fact, nothing else.

Laws: `advance(advance(s, a), b) == advance(s, b)`; any permutation or repetition of the facts folds
to the same state; a reversed fact was never there. Order within a day: what falls due, money held
applied to it, receipts, charges, then receipts that close the loan, then chargebacks. Interest and
penal charges are computed here, whole and rounded once, never posted by anyone.

A fact later in order than all others may extend a stored state by `apply`; any other means folding
again. The fold reads nothing but its arguments.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from typing import assert_never

import attrs

from los_core.domain import foreclosure
from los_core.domain.allocation import allocate
from los_core.domain.booking import book, pay, resize, take_from
from los_core.domain.charges import gst_on
from los_core.domain.errors import Conflict
from los_core.domain.facts import (
    ChargedBack,
    Disbursed,
    Fact,
    Intent,
    Key,
    Levied,
    Received,
    Reversed,
    effective,
    order,
)
from los_core.domain.foreclosure import Quote
from los_core.domain.money import Paise
from los_core.domain.policies import ChargeKind, GraceMode, PostDueInterest
from los_core.domain.schedule import build
from los_core.domain.state import (
    Charge,
    Closure,
    ClosureKind,
    Lot,
    Receipt,
    State,
)
from los_core.domain.terms import Terms
from los_core.domain.workdays import days_between

FEE_RETURNED: Key = ("los", "fee-returned")
INTEREST_RETURNED: Key = ("los", "upfront-interest-returned")
FORECLOSURE_FEE: Key = ("los", "foreclosure-fee")


def fold(terms: Terms, facts: Iterable[Fact], *, on: date) -> State:
    """Return the loan's money at the end of day `on`, as far as the facts known today tell.

    Facts with a later value date do not count, but a reversal does whatever its date. Raises:
    Conflict: two contents under one reference, or two live disbursals. InvalidTerms: the terms give
    no schedule from the credit date.
    """
    state = begin(terms)
    for fact in effective(facts):
        if fact.value_date > on:
            break
        state = apply(state, fact)
    return advance(state, on)


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
    if state.on is not None and on < state.on:
        raise ValueError(f"a state of {state.on} cannot go back to {on}")
    while state.is_running and state.advance and state.schedule and state.on:
        row = state.rows_asked
        if row == len(state.schedule) or state.schedule.adjusted_due_on[row] > on:
            break
        state = _settle(_accrue(state, state.schedule.adjusted_due_on[row]))
    return _accrue(state, on)


def apply(state: State, fact: Fact) -> State:
    """Return the state after `fact`, whose value date is the state's day or later.

    Raises: ValueError: a fact before the state's day, or a reversal: fold again. Conflict: a second
    disbursal.
    """
    state = attrs.evolve(advance(state, fact.value_date), last=order(fact))
    match fact:
        case Disbursed():
            return _disburse(state, fact)
        case Received():
            return _receive(state, fact)
        case Levied():
            return _levy(state, fact)
        case ChargedBack():
            return _charge_back(state, fact)
        case Reversed():
            raise ValueError("a reversal voids its target from the start: fold all facts again")
    assert_never(fact)


def _accrue(state: State, on: date) -> State:
    """Move to day `on`, counting base × days of overdue rows; nothing is paid in between."""
    before, schedule = state.on, state.schedule
    if before is None or schedule is None or not state.is_running:
        return attrs.evolve(state, on=on)
    if before == on:
        return state
    penal_days, late_days = list(state.penal_days), list(state.late_days)
    policy = state.terms.penal
    grace = policy.grace_days if policy.grace_mode is GraceMode.AFTER_GRACE else 0
    for row in range(bisect_right(schedule.adjusted_due_on, on)):
        if state.cleared_on[row]:
            continue
        base = state.unpaid_scheduled(row)
        due_on = schedule.adjusted_due_on[row]
        penal_from = max(before, due_on + timedelta(days=grace))
        penal_days[row] += base * max(0, days_between(penal_from, on))
        late_from = max(before, due_on, schedule.accrued_on[row])
        late_days[row] += _late_base(state, row) * max(0, days_between(late_from, on))
    return attrs.evolve(state, on=on, penal_days=tuple(penal_days), late_days=tuple(late_days))


def _late_base(state: State, row: int) -> Paise:
    match state.terms.post_due_interest:
        case PostDueInterest.NONE:
            return 0
        case PostDueInterest.ON_PRINCIPAL:
            return state.unpaid_principal(row)
        case PostDueInterest.ON_OVERDUE_EMI:
            return state.unpaid_scheduled(row)


def _disburse(state: State, fact: Disbursed) -> State:
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
    zeros = (0,) * len(schedule)
    # Withheld for more days than it took to credit the money: it is the borrower's, and held.
    held = (Lot(fact.key, over),) if over else ()
    state = attrs.evolve(
        state,
        disbursed_on=fact.value_date,
        disbursed=fact.amount,
        schedule=schedule,
        interest=schedule.interest,
        upfront_interest=schedule.unearned,
        paid_interest=zeros,
        paid_late_interest=zeros,
        paid_principal=zeros,
        paid_penal=zeros,
        penal_days=zeros,
        late_days=zeros,
        cleared_on=(None,) * len(schedule),
        advance=held + state.suspense,
        suspense=(),
    )
    return _settle(state)


def _receive(state: State, fact: Received) -> State:
    lot = Lot(fact.key, fact.amount)
    receipt = Receipt(key=fact.key, value_date=fact.value_date, amount=fact.amount)
    state = attrs.evolve(state, receipts=(*state.receipts, receipt))
    if not state.is_running:
        return attrs.evolve(state, suspense=(*state.suspense, lot))
    asked = _asked_quote(state, fact)
    state = attrs.evolve(state, advance=(*state.advance, lot))
    if asked is not None and fact.amount + state.terms.small_balance >= asked.amount:
        return _close(state, asked)
    return _settle(state)


def _asked_quote(state: State, fact: Received) -> Quote | None:
    match fact.intent:
        case Intent.INSTALMENT:
            return None
        case Intent.FORECLOSURE:
            return foreclosure.quote(state)
        case Intent.COOLING_OFF_EXIT:
            if state.cooling_off_until is None or fact.value_date > state.cooling_off_until:
                return None
            return None if state.rows_accrued else foreclosure.cooling_off_quote(state)


def _levy(state: State, fact: Levied) -> State:
    """Add a charge to a running loan; one dated before the credit or after closure is inert."""
    if not state.is_running:
        return state
    tax = state.terms.tax
    charge = Charge(
        key=fact.key,
        kind=fact.charge,
        levied_on=fact.value_date,
        instalment_no=fact.instalment_no,
        amount=fact.amount,
        gst=gst_on(fact.amount, tax.pct(fact.charge), tax.supply).total,
    )
    return _settle(attrs.evolve(state, charges=(*state.charges, charge)))


def _charge_back(state: State, fact: ChargedBack) -> State:
    """Take a receipt's money out again on this day; what it paid is owed again.

    Money still held for a refund goes first. Else the whole receipt is lifted off the loan, and
    what its bank left of it is allocated anew today.
    """
    receipt = next((one for one in state.receipts if one.key == fact.target), None)
    taken = min(fact.amount, receipt.kept) if receipt else 0
    if receipt is None or taken == 0:
        return state
    spare = sum(lot.amount for lot in state.suspense if lot.key == receipt.key)
    smaller = attrs.evolve(receipt, charged_back=receipt.charged_back + taken)
    receipts = tuple(smaller if one.key == receipt.key else one for one in state.receipts)
    state = attrs.evolve(state, receipts=receipts)
    if taken <= spare:
        return attrs.evolve(state, suspense=take_from(state.suspense, receipt.key, taken))
    if state.closure is not None:
        state = _reopened(state, state.closure.before)
    for one in receipts:
        if one.charged_back:
            state = resize(state, one)
    return _settle(state)


def _reopened(closed: State, before: State) -> State:
    """Return the state the closing receipt met, moved to today with later receipts held."""
    later_keys = {one.key for one in closed.receipts} - {one.key for one in before.receipts}
    later = tuple(lot for lot in closed.suspense if lot.key in later_keys)
    return attrs.evolve(
        before,
        on=closed.on,
        last=closed.last,
        receipts=closed.receipts,
        advance=before.advance + later,
    )


def _settle(state: State) -> State:
    """Let money held pay what is due, and close the loan if that or the rest covers everything."""
    if not state.advance:
        return _closed_if_covered(state)
    paid, _ = allocate(state.advance_held, state.dues(), state.terms.allocation)
    return _closed_if_covered(pay(state, paid), before=state)


def _closed_if_covered(state: State, *, before: State | None = None) -> State:
    """Close a loan whose debts are within the small balance of the money held.

    With nothing left to fall due that is maturity; earlier, the whole schedule was paid ahead.
    """
    before = before or state
    uncovered = state.total_owed - state.advance_held
    if state.schedule is None or state.on is None or uncovered > state.terms.small_balance:
        return state
    if state.rows_asked < len(state.schedule) and state.on < state.schedule.due_on[-1]:
        closed = _close(state, foreclosure.prepaid_quote(state))
    else:
        closed = _ended(_paid_up(state), ClosureKind.MATURITY, before)
    assert closed.closure is not None
    return attrs.evolve(closed, closure=attrs.evolve(closed.closure, before=before))


def _close(state: State, asked: Quote) -> State:
    """Close by a quote: put its interest, fee and credits in place of the schedule, and pay all."""
    accrued = state.rows_accrued
    interest = list(state.interest[:accrued]) + [0] * (len(state.interest) - accrued)
    if accrued < len(interest):
        interest[accrued] = asked.accrued_interest
    charges = state.charges
    if asked.fee:
        fee = Charge(
            key=FORECLOSURE_FEE,
            kind=ChargeKind.FORECLOSURE,
            levied_on=asked.on,
            instalment_no=None,
            amount=asked.fee,
            gst=asked.gst.total,
        )
        charges = (*charges, fee)
    returned = ((INTEREST_RETURNED, asked.interest_credit), (FEE_RETURNED, asked.fee_credit))
    repriced = attrs.evolve(
        state,
        interest=tuple(interest),
        upfront_interest=state.upfront_interest - asked.interest_credit,
        fee_returned=asked.fee_credit > 0,
        charges=charges,
        advance=(*(Lot(key, credit) for key, credit in returned if credit), *state.advance),
    )
    return _ended(_paid_up(repriced), asked.kind, state)


def _paid_up(state: State) -> State:
    """Pay everything owed from money held and forgive what is missing of it."""
    dues = state.dues(everything=True)
    paid, _ = allocate(state.advance_held, dues, state.terms.allocation)
    state = pay(state, paid)
    missing = state.dues(everything=True)
    forgiven = sum(due.amount for due in missing)
    assert forgiven <= state.terms.small_balance, "a loan closes with more than a small balance"
    return attrs.evolve(book(state, missing), waived=state.waived + forgiven)


def _ended(state: State, kind: ClosureKind, before: State) -> State:
    assert state.on is not None
    return attrs.evolve(
        state,
        closure=Closure(on=state.on, kind=kind, before=before),
        suspense=state.suspense + state.advance,
        advance=(),
    )
