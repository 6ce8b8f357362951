"""Paying money out of the lender's bank account."""

from datetime import date
from enum import StrEnum
from typing import Protocol

import attrs

from los_core.domain.money import Paise
from los_core.domain.payout import Patience


class PayoutState(StrEnum):
    """Where a transfer stands: SUCCESS and FAILED are last words, anything unclear is PENDING.

    A credit that its receiver's bank sent back is FAILED after it was SUCCESS.
    """

    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    NOT_FOUND = "NOT_FOUND"


@attrs.frozen(kw_only=True)
class PayoutOrder:
    """One transfer.

    Attributes:
        reference: ours, 12 characters A–Z 0–9, stored before the order is sent; the bank's only
            protection against sending twice.
    """

    reference: str
    amount: Paise
    account_number: str = attrs.field(repr=False)
    ifsc: str
    beneficiary: str = attrs.field(repr=False)
    phone: str = attrs.field(default="", repr=False)
    email: str = attrs.field(default="", repr=False)
    narration: str


@attrs.frozen(kw_only=True)
class PayoutReport:
    """What the bank says of a transfer.

    Attributes:
        bank_reference: UTR or RRN; "" until there is one.
        beneficiary: the name credited, "" if not told.
        amount: as the bank reports it, None if not told.
        credited_on: the date of credit, None if not told.
        raw_code: the bank's word.
    """

    state: PayoutState
    bank_reference: str = ""
    beneficiary: str = attrs.field(default="", repr=False)
    amount: Paise | None = None
    credited_on: date | None = None
    raw_code: str = ""


class PayoutBank(Protocol):
    """A bank that transfers on our order."""

    @property
    def patience(self) -> Patience:
        """How long and how often this bank is asked about an order."""
        ...

    def send(self, order: PayoutOrder) -> PayoutReport:
        """Order a transfer, once per reference.

        An accepted order that has not settled is PENDING. A bank that already knows the reference
        reports on the first order.

        Raises: Unavailable: the order did not reach the bank; Rejected: the bank refuses it and no
            money moves; Unknown: it may have been carried out – `inquire`, never send again.
        """
        ...

    def inquire(self, reference: str, *, sent_on: date, bank_reference: str = "") -> PayoutReport:
        """Return the transfer's state by our reference; NOT_FOUND if the bank has none (yet).

        Raises: Unavailable.
        """
        ...
