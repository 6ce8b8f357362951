"""A loan's instalments as a person reads them on a day: what was asked, paid, and is still owed.

Rows for display, made from a `State`; nothing is computed that the fold has not.
"""

from datetime import date
from enum import StrEnum

import attrs

from los_core.domain.arrears import days_late
from los_core.domain.money import Paise
from los_core.domain.state import State


class Status(StrEnum):
    """An instalment's standing at the end of the day.

    PARTIAL: some paid, and not yet late. MOVED: what was not paid of it is in later instalments.
    WRITTEN_OFF: it was unpaid when the loan left the books.
    """

    UPCOMING = "UPCOMING"
    DUE = "DUE"
    PARTIAL = "PARTIAL"
    PAID = "PAID"
    OVERDUE = "OVERDUE"
    MOVED = "MOVED"
    WRITTEN_OFF = "WRITTEN_OFF"


@attrs.frozen(kw_only=True)
class Row:
    """One instalment, paise throughout, `no` from 1.

    `interest` includes interest since the due date; `charges` are its penal and bounce charges with
    GST, paid or not; `paid` and `outstanding` cover all four, what was waived counts as paid and
    what was moved to later instalments is in neither. `paid_on` is the day principal and
    interest were cleared, None before. `days_late` counts from the adjusted due date.
    """

    no: int
    due_on: date
    adjusted_due_on: date
    principal: Paise
    interest: Paise
    charges: Paise
    paid: Paise
    outstanding: Paise
    status: Status
    days_late: int
    paid_on: date | None


def timeline(state: State) -> tuple[Row, ...]:
    """Return the instalments on the day of `state`; empty before the credit.

    In order, paise; a row's charges are its penal charge and what was levied on it. Days late run
    from the adjusted due date.
    """
    return tuple(_row(state, row) for row in range(len(state.interest)))


def _row(state: State, row: int) -> Row:
    schedule, on = state.schedule, state.on
    assert schedule is not None
    assert on is not None
    levied = [charge for charge in state.charges if charge.instalment_no == row + 1]
    principal, moved = schedule.principal[row], state.moved[row]
    interest = state.interest[row] + state.late_interest(row)
    charges = state.penal(row) + sum(charge.amount + charge.gst for charge in levied)
    paid = state.paid_principal[row] + state.paid_interest[row] + state.paid_late_interest[row]
    paid += state.paid_penal[row] + sum(charge.paid for charge in levied)
    paid -= moved
    adjusted = schedule.adjusted_due_on[row]
    cleared_on = state.cleared_on[row]
    status = _status(adjusted, on, cleared_on, paid=paid)
    if state.claim is not None and cleared_on is None:
        status = Status.WRITTEN_OFF
    return Row(
        no=row + 1,
        due_on=schedule.due_on[row],
        adjusted_due_on=adjusted,
        principal=principal,
        interest=interest,
        charges=charges,
        paid=paid,
        outstanding=principal + interest + charges - paid - moved,
        status=Status.MOVED if moved and cleared_on else status,
        days_late=0 if cleared_on else days_late(adjusted, on),
        paid_on=cleared_on,
    )


def _status(due_on: date, on: date, cleared_on: date | None, *, paid: Paise) -> Status:
    if cleared_on is not None:
        return Status.PAID
    if due_on < on:
        return Status.OVERDUE
    if paid:
        return Status.PARTIAL
    return Status.DUE if due_on == on else Status.UPCOMING
