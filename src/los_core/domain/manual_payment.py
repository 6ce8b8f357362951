"""A payment that a person enters: what makes it acceptable before a second person approves it.

Pure; who may enter and who must approve is `authority`, what becomes of the money is the fold's.
Paise. Sources: approval rules (operations §5); Income-tax Act, sections 269SS and 269T (cash).
"""

from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.money import Paise, positive
from los_core.domain.workdays import days_between

CASH_LIMIT: Final = 20_000_00
"""Cash of this much and more is refused."""

DUPLICATE_DAYS: Final = 3


class Mode(StrEnum):
    """How the money came."""

    CASH = "CASH"
    UPI = "UPI"
    NEFT = "NEFT"
    IMPS = "IMPS"
    RTGS = "RTGS"
    CHEQUE = "CHEQUE"


@attrs.frozen(kw_only=True)
class ManualPayment:
    """A payment as entered. `mode` is kept as typed; `utr` is the bank's reference, "" for cash.

    Raises: InvalidMoney: an amount that is not above zero.
    """

    amount: Paise
    mode: str
    utr: str
    value_date: date

    def __attrs_post_init__(self) -> None:
        positive(self.amount)


def faults(
    payment: ManualPayment, *, disbursed_on: date | None, on: date
) -> tuple[tuple[str, str], ...]:
    """Return (field, message) for all that is wrong with it on a business date; empty: nothing.

    Fields are those of the API. `disbursed_on` None: the loan's money is not out yet.
    """
    checks = (
        ("mode", payment.mode not in set(Mode), f"must be one of {', '.join(Mode)}"),
        (
            "amountPaise",
            payment.mode == Mode.CASH and payment.amount >= CASH_LIMIT,
            "cash of ₹20,000 and more is not accepted",
        ),
        ("utr", payment.mode != Mode.CASH and not payment.utr, "is needed for this mode"),
        ("valueDate", payment.value_date > on, "lies in the future"),
        (
            "valueDate",
            disbursed_on is not None and payment.value_date < disbursed_on,
            "lies before the disbursal",
        ),
    )
    return tuple((field, says) for field, wrong, says in checks if wrong)


def is_duplicate(payment: ManualPayment, known: Iterable[ManualPayment]) -> bool:
    """Return whether the same reference and amount is on file within three days of its date.

    Cash has no reference and is told apart by people.
    """
    return bool(payment.utr) and any(
        each.utr == payment.utr
        and each.amount == payment.amount
        and abs(days_between(each.value_date, payment.value_date)) <= DUPLICATE_DAYS
        for each in known
    )
