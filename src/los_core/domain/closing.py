"""How a loan comes to owe nothing: paid up, left by a quote, settled, or written off; and reopened.

Every function changes the state it is given. What it costs to leave is `foreclosure`; when a loan
closes is `fold`.
"""

from collections.abc import Iterable

import attrs

from los_core.domain import foreclosure
from los_core.domain.allocation import Due, allocate
from los_core.domain.booking import forgive, lift_ahead, pay
from los_core.domain.facts import Intent, Key, WrittenOff
from los_core.domain.foreclosure import Quote
from los_core.domain.holdings import Charge, Closure, ClosureKind, Lot
from los_core.domain.money import Paise
from los_core.domain.policies import ChargeKind, Component
from los_core.domain.settlement import WAIVER_ORDER, Dues
from los_core.domain.state import State
from los_core.domain.writeoff import claim_of

FEE_RETURNED: Key = ("los", "fee-returned")
INTEREST_RETURNED: Key = ("los", "upfront-interest-returned")
FORECLOSURE_FEE: Key = ("los", "foreclosure-fee")
SMALL_BALANCE: Key = ("los", "small-balance")
OWN_CREDITS = (FEE_RETURNED, INTEREST_RETURNED)


def settle(state: State) -> None:
    """Let money held pay what can be paid, and close the loan if that covers everything."""
    if _is_covered(state):
        before = snapshot(state)
        pay_dues(state)
        assert state.schedule is not None
        assert state.on is not None
        coming = state.rows_asked < len(state.schedule)
        if coming and state.on < state.schedule.due_on[-1]:
            leave(state, foreclosure.prepaid_quote(state), before=before)
        else:
            _pay_up(state)
            end(state, ClosureKind.MATURITY, before=before)
    elif state.advance:
        pay_dues(state)


def pay_dues(state: State) -> None:
    """Let money held pay what is due, and rows to come where the policy says so."""
    policy = state.terms.allocation
    held_class = state.asset_class
    if dues := state.dues(everything=policy.pays_ahead(held_class)):
        paid, _ = allocate(state.advance_held, dues, policy, held_class)
        pay(state, paid)


def leave(state: State, asked: Quote, *, before: State) -> None:
    """Close by a quote: put its interest, fee and credits in place of the schedule, and pay all."""
    _reprice(state, asked)
    _pay_up(state)
    end(state, asked.kind, before=before)


def leave_with(state: State, lot: Lot, intent: Intent) -> bool:
    """Hold money that came in, and close by the exit asked for if it pays that quote.

    False: no exit was asked for, or this is not enough for it, and the money is held.
    """
    asked = None if intent is _INSTALMENT else _quoted(state, intent)
    state.advance.append(lot)
    if asked is None or lot.amount + state.terms.small_balance < asked.amount:
        return False
    leave(state, asked, before=snapshot(state))
    return True


_INSTALMENT = Intent.INSTALMENT
"""By a name of its own: Python 3.11 looks a member up in a slow 0.2 µs."""


def _quoted(state: State, intent: Intent) -> Quote | None:
    if intent is Intent.FORECLOSURE:
        return foreclosure.quote(state)
    if intent is Intent.COOLING_OFF_EXIT and foreclosure.may_exit(state):
        return foreclosure.cooling_off_quote(state)
    return None


def settle_offer(state: State) -> None:
    """Close by the settlement agreed on: the rest is waived, money held pays what is not.

    Where nothing is left to waive, all was paid, and the loan is no settled one.
    """
    assert state.settlement is not None
    before = snapshot(state)
    key = state.settlement.key
    _reprice(state, foreclosure.settlement_quote(state))
    missing = sum(due.amount for due in state.dues(everything=True)) - state.advance_held
    kind = ClosureKind.SETTLED if missing > state.terms.small_balance else ClosureKind.PREPAID
    for component in WAIVER_ORDER:
        given: list[Due] = []
        for due in state.dues(everything=True):
            named = Component.OTHER if due.component is Component.FORECLOSURE else due.component
            if missing > 0 and named is component:
                part = min(missing, due.amount)
                given.append(due._replace(amount=part))
                missing -= part
        forgive(state, key, given, decided=True)
    _pay_up(state)
    end(state, kind, before=before)


def dues_to_settle(state: State) -> Dues:
    """Return what is owed on the day beyond money held, without any fee; nothing is changed.

    Of a loan written off it is the claim that is left. Source: schedule maths §15.
    """
    if state.written_off is not None and state.closure is not None:
        left = state.claim_left
        return Dues(principal=left.principal, interest=left.interest, other=left.charges)
    if not state.is_running:
        return Dues()
    trial = state.copy()
    _reprice(trial, foreclosure.settlement_quote(trial))
    _pay_from_held(trial)
    return unpaid(trial.dues(everything=True))


def payable(state: State) -> tuple[Paise, Paise]:
    """Return (what to pay now, the most that can be owed) of a loan; (0, 0) where nothing is.

    Under a settlement the former is what is left of the offer, of a loan written off the claim.
    """
    running = state.is_running
    most = state.total_owed if running else state.claim_left.total
    if state.settlement is not None and most:
        return max(0, state.settlement.offer - received_since(state)), most
    return (state.total_due if running else most), most


def write_off(state: State, fact: WrittenOff) -> None:
    """Take the loan off the books: money held pays what it can, the rest is the claim."""
    before = snapshot(state)
    _reprice(state, foreclosure.settlement_quote(state))
    _pay_from_held(state)
    state.written_off = fact
    state.claim = claim_of(unpaid(state.dues(everything=True)), fact.how)
    end(state, ClosureKind.WRITTEN_OFF, before=before)


def recover_lot(state: State, lot: Lot) -> None:
    """Use money that comes after a write-off for the claim; the rest waits for a refund."""
    used = min(lot.amount, state.claim_left.total)
    if used:
        state.recovered.append(Lot(lot.key, used))
    if lot.amount > used:
        state.suspense.append(Lot(lot.key, lot.amount - used))
    judge_claim(state)


def judge_claim(state: State) -> None:
    """Close a written-off loan as settled while its settlement is met, and only then."""
    closure, offer = state.closure, state.settlement
    if state.written_off is None or closure is None or state.on is None:
        return
    met = offer is not None and received_since(state) >= offer.offer
    if met and closure.kind is ClosureKind.WRITTEN_OFF:
        state.closure = attrs.evolve(closure, kind=ClosureKind.SETTLED, on=state.on)
    elif not met and closure.kind is ClosureKind.SETTLED:
        since = state.written_off.value_date
        state.closure = attrs.evolve(closure, kind=ClosureKind.WRITTEN_OFF, on=since)


def snapshot(state: State) -> State:
    """Return the state that a closure keeps of the loan: whole, but for the last fact's place."""
    before = state.copy()
    before.last = None
    return before


def received_since(state: State) -> Paise:
    """Return what came in since the settlement was agreed on, that day included."""
    assert state.settlement is not None
    agreed_on = state.settlement.value_date
    return sum(receipt.kept for receipt in state.receipts if receipt.value_date >= agreed_on)


def reopen(state: State) -> tuple[State, list[Lot]]:
    """Return the state the closing fact met, moved to today, and later money that it lacks.

    What people and other loans decided since stays: classes, terms, a settlement, refunds made. A
    credit that was refunded since is the borrower's to keep, until the loan gives it again.
    """
    assert state.closure is not None
    before = state.closure.before.copy()
    later = {one.key for one in state.receipts} - {one.key for one in before.receipts}
    held: dict[Key, Paise] = {}
    for key, amount in (*state.suspense, *state.recovered):
        if key in later:
            held[key] = held.get(key, 0) + amount
    for name in _SINCE:
        setattr(before, name, getattr(state, name))
    before.receipts = list(state.receipts)
    before.conceded = before.returned_total
    return before, [Lot(key, amount) for key, amount in held.items()]


_SINCE = (
    "on",
    "last",
    "terms",
    "penal_since",
    "returned",
    "borrower_npa",
    "partner_npa",
    "loss",
    "settlement",
)
"""What a reopened loan has of the closed one."""


def unpaid(dues: Iterable[Due]) -> Dues:
    """Return dues by component; a fee on leaving counts among the other charges."""
    found: dict[str, Paise] = {}
    for due in dues:
        named = Component.OTHER if due.component is Component.FORECLOSURE else due.component
        found[named.lower()] = found.get(named.lower(), 0) + due.amount
    return Dues(**found)


def end(state: State, kind: ClosureKind, *, before: State) -> None:
    """Close the loan today; what is still held waits for a refund."""
    assert state.on is not None
    state.closure = Closure(on=state.on, kind=kind, before=before)
    state.suspense += state.advance
    state.advance = []


def _is_covered(state: State) -> bool:
    """Whether the debts are within the small balance of the money held."""
    schedule = state.schedule
    if schedule is None or state.closure is not None or state.on is None:
        return False
    small = state.terms.small_balance + state.advance_held
    # The last rows alone are mostly more than what is held: no need to sum up the rest.
    if sum(schedule.principal[-4:]) - sum(state.paid_principal[-4:]) > small:
        return False
    return state.total_owed <= small


def _reprice(state: State, asked: Quote) -> None:
    first = state.rows_accrued
    lift_ahead(state, first, interest_only=True)
    count = len(state.interest)
    if first < count:
        carried = sum(state.carried[first:])
        state.interest[first:] = [asked.accrued_interest + carried] + [0] * (count - first - 1)
        state.carried[first:] = [carried] + [0] * (count - first - 1)
    state.upfront_interest -= asked.interest_credit
    state.fee_returned = asked.fee_credit > 0
    if asked.fee:
        fee = Charge(
            key=FORECLOSURE_FEE,
            kind=ChargeKind.FORECLOSURE,
            levied_on=asked.on,
            instalment_no=None,
            amount=asked.fee,
            gst=asked.gst.total,
        )
        state.charges.append(fee)
    state.conceded = 0
    for key, credit in (
        (FEE_RETURNED, asked.fee_credit),
        (INTEREST_RETURNED, asked.interest_credit),
    ):
        given = sum(lot.amount for lot in state.returned if lot.key == key)
        state.conceded += max(0, given - credit)
        if credit > given:
            state.advance.insert(0, Lot(key, credit - given))
    state.settled_rows = 0


def _pay_from_held(state: State) -> None:
    """Pay of everything owed what money held reaches."""
    if dues := state.dues(everything=True):
        paid, _ = allocate(state.advance_held, dues, state.terms.allocation, state.asset_class)
        pay(state, paid)


def _pay_up(state: State) -> None:
    """Pay everything owed from money held and forgive what is missing of it."""
    _pay_from_held(state)
    missing = state.dues(everything=True)
    forgiven = sum(due.amount for due in missing)
    assert forgiven <= state.terms.small_balance, "a loan closes with more than a small balance"
    forgive(state, SMALL_BALANCE, missing, decided=False)
