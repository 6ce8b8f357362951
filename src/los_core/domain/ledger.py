"""The double entry behind a loan: the chart of accounts, entries, and balanced postings.

Debits are positive paise, credits negative; the entries of a posting sum to zero. The ledger is
append-only: a correction is another posting. Source: design decision D3, data model §4.
"""

from datetime import date
from enum import StrEnum
from uuid import UUID

import attrs

from los_core.domain.money import Paise


class Account(StrEnum):
    """The one chart of accounts, kept per loan."""

    PRINCIPAL = "PRINCIPAL"
    INTEREST = "INTEREST"
    PENAL = "PENAL"
    BOUNCE = "BOUNCE"
    FEE = "FEE"
    GST_PAYABLE = "GST_PAYABLE"
    ADVANCE = "ADVANCE"
    SUSPENSE = "SUSPENSE"
    BANK = "BANK"
    WAIVER = "WAIVER"
    INTEREST_INCOME = "INTEREST_INCOME"
    PENAL_INCOME = "PENAL_INCOME"
    BOUNCE_INCOME = "BOUNCE_INCOME"
    FEE_INCOME = "FEE_INCOME"


@attrs.frozen
class Entry:
    """One side of a posting: debit positive, credit negative, on a value date."""

    account: Account
    value_date: date
    amount: Paise


@attrs.frozen(kw_only=True)
class Posting:
    """A balanced transaction.

    Attributes:
        reference: unique within the loan: the id of the fact that caused it, or the name of the
            accounting event ("month-end 2026-03-31").

    Raises: AssertionError: the entries do not sum to zero (only a bug can do that).
    """

    id: UUID
    reference: str
    entries: tuple[Entry, ...]

    def __attrs_post_init__(self) -> None:
        assert sum(entry.amount for entry in self.entries) == 0, "a posting sums to zero"
