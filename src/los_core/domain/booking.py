"""Booking: how dues count as paid in a state, out of which money, and how that is undone.

The mechanics under `fold`, which decides what is paid and when.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta

import attrs

from los_core.domain.allocation import Due
from los_core.domain.facts import Key
from los_core.domain.money import Paise
from los_core.domain.policies import Component
from los_core.domain.state import Lot, Receipt, Share, State


def pay(state: State, paid: Sequence[Due]) -> State:
    """Book what is paid, and take it from the lots held, oldest first."""
    assert state.on is not None
    lots = list(state.advance)
    shares: list[Share] = []
    for due in paid:
        left = due.amount
        while left:
            lot = lots[0]
            part = min(left, lot.amount)
            shares.append(Share(key=lot.key, on=state.on, due=due._replace(amount=part)))
            left -= part
            if part == lot.amount:
                lots.pop(0)
            else:
                lots[0] = Lot(lot.key, lot.amount - part)
    booked = book(state, paid)
    return attrs.evolve(booked, shares=(*state.shares, *shares), advance=tuple(lots))


def book(state: State, dues: Iterable[Due], *, sign: int = 1) -> State:
    """Count dues as paid, or with sign −1 as unpaid again, and see which rows are now cleared."""
    interest, late = list(state.paid_interest), list(state.paid_late_interest)
    principal, penal = list(state.paid_principal), list(state.paid_penal)
    charges = {charge.key: charge for charge in state.charges}
    touched: set[int] = set()
    for due in dues:
        amount = sign * due.amount
        if due.charge is not None:
            charge = charges[due.charge]
            charges[due.charge] = attrs.evolve(charge, paid=charge.paid + amount)
            continue
        assert due.no is not None
        row = due.no - 1
        touched.add(row)
        if due.component is Component.PRINCIPAL:
            principal[row] += amount
        elif due.component is Component.PENAL:
            penal[row] += amount
        elif sign > 0:
            scheduled = min(amount, state.interest[row] - interest[row])
            interest[row] += scheduled
            late[row] += amount - scheduled
        else:
            undone = min(due.amount, late[row])
            late[row] -= undone
            interest[row] -= due.amount - undone
    booked = attrs.evolve(
        state,
        paid_interest=tuple(interest),
        paid_late_interest=tuple(late),
        paid_principal=tuple(principal),
        paid_penal=tuple(penal),
        charges=tuple(charges.values()),
    )
    return _with_cleared(booked, touched)


def resize(state: State, receipt: Receipt) -> State:
    """Return the state with all a receipt paid undone and what is left of it held."""
    mine = [share for share in state.shares if share.key == receipt.key]
    held = sum(lot.amount for lot in state.advance if lot.key == receipt.key)
    if held + sum(share.due.amount for share in mine) == receipt.kept:
        return state
    others = tuple(share for share in state.shares if share.key != receipt.key)
    lots = tuple(lot for lot in state.advance if lot.key != receipt.key)
    left = (Lot(receipt.key, receipt.kept),) if receipt.kept else ()
    undone = book(state, [share.due for share in mine], sign=-1)
    return attrs.evolve(undone, shares=others, advance=lots + left)


def take_from(lots: tuple[Lot, ...], key: Key, amount: Paise) -> tuple[Lot, ...]:
    """Return the lots with `amount` paise less of what receipt `key` brought."""
    kept: list[Lot] = []
    for lot in lots:
        taken = min(amount, lot.amount) if lot.key == key else 0
        amount -= taken
        if lot.amount > taken:
            kept.append(Lot(lot.key, lot.amount - taken))
    return tuple(kept)


def _with_cleared(state: State, rows: set[int]) -> State:
    """Note the day a row was cleared; cleared within its grace days it bears no penal charge."""
    assert state.schedule is not None
    assert state.on is not None
    cleared, penal_days = list(state.cleared_on), list(state.penal_days)
    for row in rows:
        owed = state.unpaid_principal(row) + state.unpaid_interest(row)
        if owed:
            cleared[row] = None
        elif cleared[row] is None:
            cleared[row] = state.on
            grace = timedelta(days=state.terms.penal.grace_days)
            if state.on <= state.schedule.adjusted_due_on[row] + grace:
                penal_days[row] = 0
    return attrs.evolve(state, cleared_on=tuple(cleared), penal_days=tuple(penal_days))
