"""Booking: how dues count as paid in a state, out of which money, and how that is undone.

The mechanics under `fold`, which decides what is paid and when. Every function changes the state it
is given.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from functools import partial

import attrs

from los_core.domain.allocation import Due
from los_core.domain.facts import Key
from los_core.domain.holdings import Lot, Receipt, Share
from los_core.domain.money import Paise
from los_core.domain.policies import Component
from los_core.domain.state import State
from los_core.domain.waterfall import When

_INTEREST, _PRINCIPAL, _PENAL = Component.INTEREST, Component.PRINCIPAL, Component.PENAL
_DUE, _PAST_DUE = When.DUE, When.PAST_DUE
"""Members by name of their own: Python 3.11 looks one up in a slow 0.2 µs."""
_as_share: Callable[[tuple[object, ...]], Share] = partial(tuple.__new__, Share)
"""A share of a tuple: a third of the time of calling the class, where most receipts pass."""


def pay(state: State, paid: Sequence[Due]) -> None:
    """Book what is paid, and take it from the lots held, oldest first."""
    assert state.on is not None
    lots, shares, on = state.advance, state.shares, state.on
    for due in paid:
        left = due.amount
        while left:
            key, held = lots[0]
            part = min(left, held)
            shares.append(Share(key, on, due.component, part, *due[2:]))
            left -= part
            if part == held:
                del lots[0]
            else:
                lots[0] = Lot(key, held - part)
    book(state, paid)


def pay_the_one_due(state: State, key: Key, amount: Paise) -> bool:
    """Pay, with a receipt of just its amount, the one instalment that is all there is to pay.

    Return False, and change nothing, where anything else is due, held, or more or less is paid:
    then the order of payment matters. This is most receipts there are. No settlement is running.
    """
    schedule, row, on = state.schedule, state.settled_rows, state.on
    if schedule is None or on is None or state.closure or state.advance or state.charges:
        return False
    adjusted, principal = schedule.adjusted_due_on, schedule.principal
    if row + 1 >= len(adjusted) or not (due_on := adjusted[row]) <= on < adjusted[row + 1]:
        return False
    paid_interest, paid_principal = state.paid_interest, state.paid_principal
    interest = state.interest[row] - paid_interest[row]
    repaid = principal[row] - paid_principal[row]
    if interest + repaid != amount or state.penal_days[row] or state.late_days[row]:
        return False
    if principal[-1] - paid_principal[-1] <= state.terms.small_balance:
        return False
    when, no, shares = _DUE if due_on == on else _PAST_DUE, row + 1, state.shares
    if interest:
        shares.append(_as_share((key, on, _INTEREST, interest, no, None, when, None)))
        paid_interest[row] += interest
    if repaid:
        shares.append(_as_share((key, on, _PRINCIPAL, repaid, no, None, when, None)))
        paid_principal[row] += repaid
    state.cleared_on[row] = on
    state.settled_rows = no
    return True


def book(state: State, dues: Iterable[Due]) -> None:
    """Count dues as paid, and see which rows are now cleared."""
    touched: list[int] = []
    for component, amount, no, charge, _, _ in dues:
        if charge is not None:
            _book_charge(state, charge, amount)
            continue
        if no is None:
            _book_outside(state, component, amount)
            continue
        row = no - 1
        if row not in touched:
            touched.append(row)
        if component is _PRINCIPAL:
            state.paid_principal[row] += amount
        elif component is _PENAL:
            state.paid_penal[row] += amount
        else:
            scheduled = min(amount, state.interest[row] - state.paid_interest[row])
            state.paid_interest[row] += scheduled
            state.paid_late_interest[row] += amount - scheduled
    for row in touched:
        _note_cleared(state, row)
    _pass_settled(state)


def unbook(state: State, dues: Iterable[Due]) -> None:
    """Count dues in rows and of charges as unpaid again: late interest before scheduled."""
    for component, amount, no, charge, _, _ in dues:
        if charge is not None:
            _book_charge(state, charge, -amount)
            continue
        assert no is not None, "a prepayment is undone by making the rows anew"
        row = no - 1
        if component is _PRINCIPAL:
            state.paid_principal[row] -= amount
        elif component is _PENAL:
            state.paid_penal[row] -= amount
        else:
            late = min(amount, state.paid_late_interest[row])
            state.paid_late_interest[row] -= late
            state.paid_interest[row] -= amount - late
        state.settled_rows = min(state.settled_rows, row)
        _note_cleared(state, row)


def forgive(state: State, key: Key, dues: Sequence[Due], *, decided: bool) -> None:
    """Count dues as paid that nobody pays.

    `decided` by a person (a waiver, a settlement) they also count as waived of their charge, so
    that its GST is credited; a small balance forgiven at closure does not.
    """
    assert state.on is not None
    book(state, dues)
    for due in dues:
        state.waived += due.amount
        state.waivers.append(Share(key, state.on, *due))
        if decided and due.charge is not None:
            index = next(i for i, one in enumerate(state.charges) if one.key == due.charge)
            charge = state.charges[index]
            state.charges[index] = attrs.evolve(charge, waived=charge.waived + due.amount)


def lift(state: State, receipt: Receipt) -> tuple[Paise, Paise]:
    """Let a receipt use no more than is left of it.

    Money it holds goes first: what waits for a refund, then the advance. If that is not enough,
    undo all it paid, and hold what is left of it. Return the (principal, interest) that it had
    prepaid outside the rows: for the caller to put back into rows.
    """
    key = receipt.key
    mine = [share for share in state.shares if share.key == key]
    held = sum(lot.amount for lot in (*state.suspense, *state.advance) if lot.key == key)
    over = held + sum(share.amount for share in mine) - receipt.kept
    over -= take(state.suspense, key, over)
    over -= take(state.advance, key, over)
    if over <= 0:
        return 0, 0
    state.shares = [share for share in state.shares if share.key != key]
    if receipt.kept:
        state.advance.append(Lot(key, receipt.kept))
    outside = [share for share in mine if share.no is None and share.charge is None]
    unbook(state, [share.due for share in mine if share not in outside])
    principal = sum(share.amount for share in outside if share.component is _PRINCIPAL)
    return principal, sum(share.amount for share in outside) - principal


def lift_ahead(state: State, first: int, *, interest_only: bool) -> None:
    """Hold again what was paid ahead for rows from `first`, as far as it was not waived."""
    if not any(state.paid_interest[first:]) and not any(state.paid_principal[first:]):
        return
    kept: list[Share] = []
    lots: list[Lot] = []
    for share in state.shares:
        due = share.due
        ahead = due.no is not None and due.no > first
        if ahead and (due.component is _INTEREST or not interest_only):
            lots.append(Lot(share.key, due.amount))
            unbook(state, [due])
        else:
            kept.append(share)
    state.shares = kept
    state.advance = lots + state.advance


def take(lots: list[Lot], key: Key, amount: Paise) -> Paise:
    """Take up to `amount` paise of what receipt `key` brought; return how much there was."""
    taken = 0
    for index in range(len(lots) - 1, -1, -1):
        if lots[index].key == key and taken < amount:
            part = min(amount - taken, lots[index].amount)
            taken += part
            if part == lots[index].amount:
                del lots[index]
            else:
                lots[index] = Lot(key, lots[index].amount - part)
    return taken


def _book_charge(state: State, key: Key, amount: Paise) -> None:
    for index, charge in enumerate(state.charges):
        if charge.key == key:
            state.charges[index] = attrs.evolve(charge, paid=charge.paid + amount)
            return
    raise AssertionError(f"no charge {key}")


def _book_outside(state: State, component: Component, amount: Paise) -> None:
    if component is _PRINCIPAL:
        state.prepaid_principal += amount
    else:
        state.prepaid_interest += amount


def _note_cleared(state: State, row: int) -> None:
    """Note the day a row was cleared; cleared within its grace days it bears no penal charge."""
    schedule, on = state.schedule, state.on
    assert schedule is not None
    assert on is not None
    if schedule.principal[row] != state.paid_principal[row] or state.unpaid_interest(row):
        state.cleared_on[row] = None
    elif state.cleared_on[row] is None:
        state.cleared_on[row] = on
        if state.penal_days[row]:
            grace = timedelta(days=state.penal_policy(row).grace_days)
            if on <= schedule.adjusted_due_on[row] + grace:
                state.penal_days[row] = 0


def _pass_settled(state: State) -> None:
    row, count = state.settled_rows, len(state.interest)
    while row < count and state.cleared_on[row] is not None and not state.unpaid_penal(row):
        row += 1
    state.settled_rows = row
