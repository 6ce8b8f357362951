"""Writing a loan off, and money that comes after.

A technical write-off takes the loan off the books and keeps the claim; a waiver gives the claim up.
Guard G-WO, what is booked, and how a recovery is used. Two people sign (see `authority`).
Sources: write-off rules (schedule maths §15); RBI on technical write-offs, 8-Jun-2023.
"""

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.authority import CHAINS, Item, Signature, missing_signatures
from los_core.domain.errors import Conflict, InvalidMoney
from los_core.domain.ids import StaffId
from los_core.domain.money import Paise, checked, pct_of, positive
from los_core.domain.settlement import Dues

MIN_DPD: Final = 180


class Kind(StrEnum):
    """Whether the borrower still owes."""

    TECHNICAL = "TECHNICAL"
    WAIVER = "WAIVER"

    @property
    def claim_survives(self) -> bool:
        """Whether recoveries are still pursued."""
        return self is Kind.TECHNICAL


class Fault(StrEnum):
    """What stands against a write-off (guard G-WO)."""

    NOT_OVERDUE_ENOUGH = "NOT_OVERDUE_ENOUGH"
    NOTHING_OWED = "NOTHING_OWED"
    SIGNATURE_MISSING = "SIGNATURE_MISSING"


def faults(
    dues: Dues,
    *,
    dpd: int,
    maker: StaffId,
    signed: tuple[Signature, ...] | None,
    min_dpd: int = MIN_DPD,
) -> tuple[Fault, ...]:
    """Return all that stands against the write-off; empty: it may be booked.

    Guard G-WO: at least `min_dpd` days past due, and the signatures of an administrator and of
    accounts, neither of them the maker. With `signed` None it is only proposed, and no signature
    is missing yet. Source: schedule maths §15, approval rules (operations §5).
    """
    chain = CHAINS[Item.WRITE_OFF]
    unsigned = signed is not None and missing_signatures(chain, maker=maker, signed=signed)
    checks = (
        (Fault.NOT_OVERDUE_ENOUGH, dpd < min_dpd),
        (Fault.NOTHING_OWED, dues.total == 0),
        (Fault.SIGNATURE_MISSING, bool(unsigned)),
    )
    return tuple(fault for fault, applies in checks if applies)


@attrs.frozen(kw_only=True)
class Booking:
    """What a write-off moves, paise.

    Principal goes against the provision held for the loan as far as it reaches, the rest to
    expense; interest and charges leave income and go to memo accounts.
    """

    from_provision: Paise
    expense: Paise
    memo_interest: Paise
    memo_charges: Paise


def booking(dues: Dues, *, provision_held: Paise) -> Booking:
    """Return what writing off these dues books. Raises: InvalidMoney: a provision below zero."""
    if checked(provision_held, "provision") < 0:
        raise InvalidMoney(f"a provision of {provision_held} paise is below zero")
    used = min(dues.principal, provision_held)
    return Booking(
        from_provision=used,
        expense=dues.principal - used,
        memo_interest=dues.interest,
        memo_charges=dues.penal + dues.bounce + dues.other,
    )


@attrs.frozen(kw_only=True)
class Claim:
    """What is still claimed after a write-off, paise."""

    principal: Paise
    interest: Paise
    charges: Paise
    recovered: Paise = 0

    @property
    def total(self) -> Paise:
        """What is still open."""
        return self.principal + self.interest + self.charges


def claim_of(dues: Dues, kind: Kind) -> Claim:
    """Return what is claimed from the day of the write-off; nothing after a waiver.

    Paise; a technical write-off leaves the whole claim, memo interest not included.
    """
    if not kind.claim_survives:
        return Claim(principal=0, interest=0, charges=0)
    return Claim(
        principal=dues.principal,
        interest=dues.interest,
        charges=dues.penal + dues.bounce + dues.other,
    )


@attrs.frozen(kw_only=True)
class Recovery:
    """How money after a write-off was used, paise; all but `excess` is recovery income.

    `partner` is the co-lender's part of that income. `excess` goes to suspense and is refunded.
    """

    on: date
    principal: Paise
    interest: Paise
    charges: Paise
    excess: Paise
    partner: Paise

    @property
    def income(self) -> Paise:
        """What is booked as recovery income, the co-lender's part included."""
        return self.principal + self.interest + self.charges


def recover(
    claim: Claim, amount: Paise, on: date, *, partner_share_pct: Decimal = Decimal(0)
) -> tuple[Claim, Recovery]:
    """Return the claim after a recovery, and how it was used: principal, interest, then charges.

    Raises: InvalidMoney: not above zero; Conflict: NO_CLAIM, the claim was given up or is met.
    """
    left = positive(amount, "recovery")
    if claim.total == 0:
        raise Conflict("nothing is claimed any more: the money is refunded", code="NO_CLAIM")
    principal = min(left, claim.principal)
    interest = min(left - principal, claim.interest)
    charges = min(left - principal - interest, claim.charges)
    used = principal + interest + charges
    return (
        Claim(
            principal=claim.principal - principal,
            interest=claim.interest - interest,
            charges=claim.charges - charges,
            recovered=claim.recovered + used,
        ),
        Recovery(
            on=on,
            principal=principal,
            interest=interest,
            charges=charges,
            excess=left - used,
            partner=pct_of(used, partner_share_pct),
        ),
    )
