"""Presenting a mandate for a debit: when, how much, and what a return means for the next try.

Days past due run from the due date whatever becomes of a presentation; the notice before a debit is
`reminder`'s. Source: autopay rules (operations §15); RBI e-mandate framework (notice 24 hours
before, second factor above ₹15,000); NPCI NACH return reasons by meaning, not by code.
"""

from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.money import Paise, checked

DEBIT_NOTICE: Final = timedelta(hours=24)
"""How long before a debit the customer is told of it."""
MAX_PRESENTATIONS: Final = 2
"""Presentations of one instalment that ended for want of funds, the first included."""
RETRY_DAYS: Final = 3


class Return(StrEnum):
    """What a failed presentation means, whatever the bank calls it."""

    RETRIABLE = "RETRIABLE"
    MANDATE_DEAD = "MANDATE_DEAD"
    DISPUTE = "DISPUTE"
    TECHNICAL = "TECHNICAL"

    @property
    def is_bounce(self) -> bool:
        """Whether a bounce charge may be levied: the borrower's account had not the money."""
        return self is Return.RETRIABLE


@attrs.frozen(kw_only=True)
class Mandate:
    """What a borrower authorised: at most `max_amount` per debit, paise, while it lives.

    `covers_charges`: its text allows penal and bounce charges beside the instalment.
    """

    active: bool
    max_amount: Paise
    expires_on: date | None = None
    covers_charges: bool = False


class NoDebit(StrEnum):
    """Why nothing is presented; the first that applies is reported."""

    NOTHING_DUE = "NOTHING_DUE"
    NO_MANDATE = "NO_MANDATE"
    NOT_DUE_TODAY = "NOT_DUE_TODAY"
    NOT_ANNOUNCED = "NOT_ANNOUNCED"
    TRIES_USED_UP = "TRIES_USED_UP"


@attrs.frozen(kw_only=True)
class Instalment:
    """What is asked for: paise of the instalment and of charges, from `due_on` (adjusted).

    `bounces` counts presentations that came back for want of funds. `present_on` is the day of the
    next try, the due date itself at first. `notified_at` is when the debit was announced.
    """

    due_on: date
    outstanding: Paise
    charges: Paise = 0
    bounces: int = 0
    present_on: date
    notified_at: datetime | None = None


def earliest_debit(notified_at: datetime) -> datetime:
    """Return the first instant at which a debit announced at `notified_at` may be presented."""
    return notified_at + DEBIT_NOTICE


def amount_to_present(instalment: Instalment, mandate: Mandate) -> Paise:
    """Return the debit in paise: what is outstanding, never more than the mandate allows."""
    asked = checked(instalment.outstanding, "outstanding")
    if mandate.covers_charges:
        asked += checked(instalment.charges, "charges")
    return max(0, min(asked, mandate.max_amount))


def no_debit(instalment: Instalment, mandate: Mandate, on: date, at: datetime) -> NoDebit | None:
    """Return why an instalment is not presented on a business date at an instant; None: it is.

    A day missed is made up for on the next.
    """
    lapsed = mandate.expires_on is not None and mandate.expires_on < on
    notified_at = instalment.notified_at
    early = notified_at is None or at < earliest_debit(notified_at)
    checks = (
        (NoDebit.NOTHING_DUE, amount_to_present(instalment, mandate) == 0),
        (NoDebit.NO_MANDATE, not mandate.active or lapsed),
        (NoDebit.NOT_DUE_TODAY, on < max(instalment.due_on, instalment.present_on)),
        (NoDebit.TRIES_USED_UP, instalment.bounces >= MAX_PRESENTATIONS),
        (NoDebit.NOT_ANNOUNCED, early),
    )
    return next((why for why, applies in checks if applies), None)


class Task(StrEnum):
    """What staff do after a return that no retry mends."""

    REGISTER_MANDATE = "REGISTER_MANDATE"
    CALL_CUSTOMER = "CALL_CUSTOMER"


@attrs.frozen(kw_only=True)
class AfterReturn:
    """What follows a return. `present_on` None: this instalment is not presented again."""

    present_on: date | None
    bounces: int
    bounce_charge: bool
    mandate_dead: bool
    task: Task | None


def after_return(instalment: Instalment, kind: Return, on: date) -> AfterReturn:
    """Return what to do about a presentation of `on` that came back.

    For want of funds: once more after three days, and a bounce charge. A technical return costs the
    borrower nothing and is presented the next day. A dead mandate is registered anew; payment
    stopped by the borrower is talked about first.
    """
    bounces = instalment.bounces + (1 if kind is Return.RETRIABLE else 0)
    again: date | None = None
    if kind is Return.TECHNICAL:
        again = on + timedelta(days=1)
    elif kind is Return.RETRIABLE and bounces < MAX_PRESENTATIONS:
        again = on + timedelta(days=RETRY_DAYS)
    tasks = {Return.MANDATE_DEAD: Task.REGISTER_MANDATE, Return.DISPUTE: Task.CALL_CUSTOMER}
    return AfterReturn(
        present_on=again,
        bounces=bounces,
        bounce_charge=kind.is_bounce,
        mandate_dead=kind is Return.MANDATE_DEAD,
        task=tasks.get(kind),
    )
