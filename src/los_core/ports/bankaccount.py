"""Checking that a bank account exists and whose it is (penny drop)."""

from enum import StrEnum
from typing import Protocol

import attrs


class AccountState(StrEnum):
    """What the check found. PENDING and UNCLEAR say nothing about the account."""

    VALID = "VALID"
    INVALID = "INVALID"
    PENDING = "PENDING"
    UNCLEAR = "UNCLEAR"


@attrs.frozen(kw_only=True)
class AccountCheck:
    """The result of a penny drop.

    Attributes:
        provider_ref: the vendor's id, by which a pending check is asked for again.
        name_at_bank: "" until known.
        name_match_pct: the vendor's own score, None where it gives none; ours is computed apart.
        utr: the bank's reference of the rupee sent, "" if none was.
        raw_code: the vendor's word, kept for people.
    """

    state: AccountState
    provider_ref: str
    name_at_bank: str = attrs.field(default="", repr=False)
    name_match_pct: int | None = None
    utr: str = ""
    raw_code: str = ""


class AccountVerifier(Protocol):
    """A vendor that can look behind an account number."""

    def start(self, *, account_number: str, ifsc: str, holder: str, reference: str) -> AccountCheck:
        """Begin a check; the same `reference` (≤ 40 characters) never sends a second rupee.

        Raises: Unavailable; Rejected; Unknown: ask by `find`.
        """
        ...

    def inquire(self, provider_ref: str) -> AccountCheck:
        """Return the check as it stands. Raises: Unavailable, Rejected."""
        ...

    def find(self, reference: str) -> AccountCheck | None:
        """Return the check begun under our reference; None if the vendor has none."""
        ...
