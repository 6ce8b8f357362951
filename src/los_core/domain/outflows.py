"""Money that goes out again: chargebacks and refunds, and what the receipt they concern had paid.

Both change the state they are given, or return another one where a closed loan is reopened. Facts
that were never true are `Reversed` and not here.
"""

from collections.abc import Iterable, Sequence

from los_core.domain import reschedule
from los_core.domain.booking import lift, take
from los_core.domain.closing import (
    judge_claim,
    leave_with,
    recover_lot,
    reopen,
    settle,
    write_off,
)
from los_core.domain.facts import ChargedBack, Intent, Key, Refunded, WrittenOff
from los_core.domain.holdings import Lot, Receipt
from los_core.domain.money import Paise
from los_core.domain.state import State


def charge_back(state: State, fact: ChargedBack) -> State | None:
    """Take a receipt's money out again on this day; what it paid is owed again.

    Return the state to go on with where the loan is reopened, as `refund` does; None: it is
    `state`. A chargeback of more than the receipt's takes all of it, one of nothing known is inert.
    """
    receipt = _receipt(state, fact.target)
    if receipt is None:
        return None
    taken = min(fact.amount, receipt.kept)
    smaller = receipt._replace(charged_back=receipt.charged_back + taken)
    return _shrink(state, smaller, taken)


def refund(state: State, fact: Refunded) -> State | None:
    """Pay back a receipt's money, or what is held of a credit of the loan's own."""
    receipt = _receipt(state, fact.target)
    if receipt is None:
        if given := take(state.suspense, fact.target, fact.amount):
            state.returned.append(Lot(fact.target, given))
        return None
    taken = min(fact.amount, receipt.kept)
    smaller = receipt._replace(refunded=receipt.refunded + taken)
    return _shrink(state, smaller, taken)


def _receipt(state: State, key: Key) -> Receipt | None:
    return next((one for one in state.receipts if one.key == key), None)


def _shrink(state: State, receipt: Receipt, taken: Paise) -> State | None:
    """Let `receipt`, less by `taken`, replace what it was.

    Money still held goes first. Else the whole receipt is lifted off the loan, which opens again if
    it had closed, and what is left of it is allocated anew today; the rows take back what it had
    prepaid.
    """
    if not taken:
        return None
    state.receipts = [receipt if one.key == receipt.key else one for one in state.receipts]
    written_off = state.written_off
    later: list[Lot] = []
    if state.closure is not None:
        if taken <= _held((*state.suspense, *state.recovered), receipt.key):
            take(state.recovered, receipt.key, taken - take(state.suspense, receipt.key, taken))
            judge_claim(state)
            return None
        state, later = reopen(state)
    principal = interest = 0
    for one in state.receipts:
        if one.kept < one.amount:
            lifted = lift(state, one)
            principal, interest = principal + lifted[0], interest + lifted[1]
    if principal or interest:
        reschedule.take_back(state, principal=principal, interest=interest)
    if written_off is None:
        state.advance += later
        _allocate_anew(state)
        return state
    _write_off_again(state, written_off, later)
    return state


def _write_off_again(state: State, fact: WrittenOff, later: Sequence[Lot]) -> None:
    """Write off a loan anew, and recover what came later: what is kept of before lacks that."""
    receipts, after = state.receipts, {lot.key for lot in later}
    state.receipts = [one for one in receipts if one.key not in after]
    write_off(state, fact)
    state.receipts = receipts
    for lot in later:
        recover_lot(state, lot)


def _held(lots: Iterable[Lot], key: Key) -> Paise:
    return sum(lot.amount for lot in lots if lot.key == key)


def _allocate_anew(state: State) -> None:
    """Let money held pay, and that which came today to leave the loan come once more, last.

    Receipts that leave come before outflows in the order of a day, but what leaving costs on that
    day is only known after them: so a quote of the day holds to its end.
    """
    leaving = [
        (Lot(one.key, held), one.intent)
        for one in state.receipts
        if one.value_date == state.on and one.intent in _EXITS
        if (held := take(state.advance, one.key, one.kept))
    ]
    settle(state)
    for lot, intent in leaving:
        if state.closure is not None:
            state.suspense.append(lot)
        elif not leave_with(state, lot, intent):
            settle(state)


_EXITS = (Intent.FORECLOSURE, Intent.COOLING_OFF_EXIT)
