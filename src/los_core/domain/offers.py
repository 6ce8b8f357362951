"""What a brand lends, and what it offers to one applicant.

A product's price list is `pricing.Product`; an offer is one pricing put before a customer, open for
a while. Eligibility says how much may be offered, `pricing` what it costs.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import attrs

from los_core.domain.errors import GuardFailed, Invalid
from los_core.domain.ids import BrandId, LoanId, OfferId
from los_core.domain.money import Paise
from los_core.domain.policies import Method
from los_core.domain.pricing import Product
from los_core.domain.terms import Terms


@attrs.frozen(kw_only=True)
class LoanProduct:
    """A product of a brand: for whom it is meant and what it costs.

    Attributes:
        tenures: what may be chosen: instalments, or days for a bullet product.
        step: amounts are multiples of this, paise.
        price: the price list; its policies are frozen into the terms of each loan.

    Raises: Invalid: amounts reversed, no step, no tenure.
    """

    code: str
    name: str
    min_amount: Paise
    max_amount: Paise
    step: Paise
    tenures: tuple[int, ...]
    price: Product
    active: bool = True

    def __attrs_post_init__(self) -> None:
        faults = []
        if not 0 < self.min_amount <= self.max_amount:
            faults.append(("maxAmountPaise", "must not lie below the least amount"))
        if self.step <= 0:
            faults.append(("stepPaise", "must be more than nothing"))
        if not self.tenures or min(self.tenures) < 1:
            faults.append(("tenures", "must name at least one, from 1 on"))
        if faults:
            raise Invalid("no such product", fields=faults)

    def check(self, amount: Paise, tenure: int) -> None:
        """Raises: Invalid: the amount or the tenure is not one this product lends."""
        fields: list[tuple[str, str]] = []
        if not self.min_amount <= amount <= self.max_amount:
            fields.append(
                ("amountPaise", f"must lie from {self.min_amount} to {self.max_amount} paise")
            )
        elif amount % self.step:
            fields.append(("amountPaise", f"must be a multiple of {self.step} paise"))
        if tenure not in self.tenures:
            allowed = ", ".join(str(known) for known in self.tenures)
            fields.append(("tenure", f"must be one of {allowed}"))
        if fields:
            raise Invalid(f"not within the product {self.code}", fields=fields)

    @property
    def is_bullet(self) -> bool:
        """Whether tenures are days until one repayment."""
        return self.price.method is Method.BULLET


class OfferStatus(StrEnum):
    """Where an offer stands; an open one past its time is EXPIRED whatever is stored."""

    OPEN = "OPEN"
    ACCEPTED = "ACCEPTED"
    SUPERSEDED = "SUPERSEDED"


@attrs.define(kw_only=True)
class Offer:
    """One pricing put before a customer.

    Attributes:
        terms: complete, for money credited on `terms.planned_on`.
        emi: the level instalment, or the one repayment of a bullet loan; paise.
        total_payable: all instalments together; `total_cost` adds fees and tax to interest.
    """

    id: OfferId
    brand_id: BrandId
    loan_id: LoanId
    product: str
    tenure: int
    terms: Terms
    emi: Paise
    total_interest: Paise
    total_payable: Paise
    total_cost: Paise
    net_disbursal: Paise
    apr_pct: Decimal
    status: OfferStatus = OfferStatus.OPEN
    made_at: datetime
    expires_at: datetime

    @property
    def amount(self) -> Paise:
        """The principal offered."""
        return self.terms.principal

    def closed_as(self, at: datetime) -> str | None:
        """Return how the offer was closed: taken, replaced or out of time; None: it is open."""
        if self.status is not OfferStatus.OPEN:
            return self.status.lower()
        return "expired" if at >= self.expires_at else None

    def accept(self, at: datetime) -> None:
        """Take the offer. Raises: GuardFailed (G-OFFER): it is taken, replaced or out of time."""
        if state := self.closed_as(at):
            raise GuardFailed(f"this offer is {state}", code="G-OFFER")
        self.status = OfferStatus.ACCEPTED
