"""What a loan's `State` is made of: money held, receipts, their shares in dues, charges, closure.

Small values. What they sum to is `state`; how they change is `booking`.
"""

from datetime import date
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

import attrs

from los_core.domain.allocation import Due
from los_core.domain.facts import Intent, Key
from los_core.domain.money import Paise, round_half_up
from los_core.domain.policies import ChargeKind, Component
from los_core.domain.waterfall import When

_Before = TypeVar("_Before")


class ClosureKind(StrEnum):
    """How a loan came to owe nothing."""

    MATURITY = "MATURITY"
    PREPAID = "PREPAID"
    FORECLOSURE = "FORECLOSURE"
    COOLING_OFF = "COOLING_OFF"
    SETTLED = "SETTLED"
    WRITTEN_OFF = "WRITTEN_OFF"


class Lot(NamedTuple):
    """Money held, by the receipt it came in with."""

    key: Key
    amount: Paise


class Share(NamedTuple):
    """The part of one receipt that paid one due, on the day it did; or of a waiver that forgave it.

    After `key` and `on` come the fields of the due; `when` tells whether it was paid late, on its
    day or ahead.
    """

    key: Key
    on: date
    component: Component
    amount: Paise
    no: int | None = None
    charge: Key | None = None
    when: When = When.DUE
    of: int | None = None

    @property
    def due(self) -> Due:
        """The part paid, as a due."""
        return Due(*self[2:])


class Receipt(NamedTuple):
    """A receipt as counted: `charged_back` its bank has taken back since, `refunded` we gave.

    `intent` is what its payer asked for with it.
    """

    key: Key
    value_date: date
    amount: Paise
    charged_back: Paise = 0
    refunded: Paise = 0
    intent: Intent = Intent.INSTALMENT

    @property
    def kept(self) -> Paise:
        """What is still with the lender."""
        return self.amount - self.charged_back - self.refunded


@attrs.frozen(kw_only=True)
class Charge:
    """A levied charge (or a fee on leaving early) with its GST, and how much of both is paid.

    `waived` is the part of `paid` that was given up by decision; its GST is credited.
    """

    key: Key
    kind: ChargeKind
    levied_on: date
    instalment_no: int | None
    amount: Paise
    gst: Paise
    paid: Paise = 0
    waived: Paise = 0

    @property
    def unpaid(self) -> Paise:
        """Charge and GST still owed."""
        return self.amount + self.gst - self.paid

    def gst_in(self, part: Paise) -> Paise:
        """Return the GST in `part` of the charge with its GST, pro rata, half up to a paisa.

        Source: schedule maths §10.
        """
        return round_half_up(part * self.gst, self.amount + self.gst)


@attrs.frozen(kw_only=True)
class Closure(Generic[_Before]):
    """The day nothing was owed any more; `before` is the state the closing fact met."""

    on: date
    kind: ClosureKind
    before: _Before = attrs.field(repr=False)


@attrs.frozen(kw_only=True)
class Version:
    """Rows put in force by an instruction or a payment, from instalment `first_no` on.

    `rows_hash` is of the rows as they are now known to be, `notified_hash` of those the borrower
    was told, "" where nobody was.
    """

    key: Key
    on: date
    first_no: int
    rows_hash: str
    notified_hash: str = ""

    @property
    def differs(self) -> bool:
        """Whether the borrower knows other rows: a new notice is due."""
        return self.notified_hash not in ("", self.rows_hash)
