"""Discount coupons: when one may be used, what it takes off, and how often it was used.

A coupon on the fee becomes a `charges.Discount`, which is taken before GST and shown in the Key
Facts Statement. One on interest is a rebate of the loan's total interest, given as a waiver. The
store makes the count atomic; here is what it counts.
Source: coupon rules (operations §13).
"""

import re
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import attrs

from los_core.domain.charges import Discount
from los_core.domain.contact import business_day
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.ids import CustomerId, LoanId
from los_core.domain.lifecycle import Status
from los_core.domain.money import Paise, checked, pct_of

TAKEN_BY: Final = Status.SANCTIONED
"""The move that uses a coupon up."""
RELEASED_BY: Final = frozenset({Status.CANCELLED, Status.EXPIRED})
"""The moves that give the use back."""

_CODE: Final = re.compile(r"[A-Z0-9][A-Z0-9_-]{2,31}", re.ASCII)


class AppliesTo(StrEnum):
    """What a coupon lowers."""

    PROCESSING_FEE = "PROCESSING_FEE"
    INTEREST = "INTEREST"


class Refusal(StrEnum):
    """Why a coupon may not be used; the first that applies is reported."""

    INACTIVE = "INACTIVE"
    NOT_YET_VALID = "NOT_YET_VALID"
    EXPIRED = "EXPIRED"
    PRODUCT = "PRODUCT"
    BELOW_MINIMUM = "BELOW_MINIMUM"
    NOT_FIRST_LOAN = "NOT_FIRST_LOAN"
    USED_BY_CUSTOMER = "USED_BY_CUSTOMER"
    USED_UP = "USED_UP"


@attrs.frozen(kw_only=True)
class Coupon:
    """A brand's coupon.

    Attributes:
        code: upper case, unique in the brand.
        discount: per cent with an optional cap, or a flat amount in paise.
        min_loan: the least loan it is good for, paise.
        products: those it is good for; None: all.
        per_customer, max_uses: uses allowed to one customer, and in all (None: no limit).
        used: uses taken and not given back.
        valid_from, valid_to: first and last day in India; it is good until 23:59:59 of the last.

    Raises: Invalid: a code in another form, dates reversed, a count below zero or beyond the limit,
        a per cent above 100.
    """

    code: str
    discount: Discount
    applies_to: AppliesTo = AppliesTo.PROCESSING_FEE
    min_loan: Paise = 0
    products: frozenset[str] | None = None
    first_loan_only: bool = False
    per_customer: int = 1
    max_uses: int | None = None
    used: int = 0
    valid_from: date
    valid_to: date
    active: bool = True

    def __attrs_post_init__(self) -> None:
        if not _CODE.fullmatch(self.code):
            raise Invalid("a coupon's code is 3 to 32 capital letters, digits, - and _")
        if self.valid_from > self.valid_to:
            raise Invalid(f"the coupon would end {self.valid_to} before it begins")
        if self.discount.pct is not None and self.discount.pct > 100:
            raise Invalid(f"a coupon takes off at most 100 per cent, not {self.discount.pct}")
        if checked(self.min_loan, "least loan") < 0 or self.per_customer < 1:
            raise Invalid("the least loan is at least 0 and a customer's uses at least 1")
        if self.used < 0 or (self.max_uses is not None and self.used > self.max_uses):
            raise Invalid(f"{self.used} uses do not lie within 0 and {self.max_uses}")

    @property
    def left(self) -> int | None:
        """Uses still to be had; None: no limit."""
        return None if self.max_uses is None else self.max_uses - self.used


@attrs.frozen(kw_only=True)
class Use:
    """The loan a coupon is tried on; `by_customer` counts the customer's uses not given back."""

    loan_id: LoanId
    customer_id: CustomerId
    product: str
    amount: Paise
    is_first_loan: bool
    by_customer: int = 0


@attrs.frozen(kw_only=True)
class Redemption:
    """A coupon taken by a loan; `released_at` None: still taken. One per coupon and loan."""

    code: str
    loan_id: LoanId
    customer_id: CustomerId
    redeemed_at: datetime
    released_at: datetime | None = None


def canonical_code(text: str) -> str:
    """Return a code as it is kept: without blanks around, upper case. Raises: Invalid."""
    code = text.strip().upper()
    if not _CODE.fullmatch(code):
        raise Invalid(
            "not a coupon code", fields=(("couponCode", "is 3 to 32 letters, digits, - and _"),)
        )
    return code


def refusal(coupon: Coupon, use: Use, at: datetime) -> Refusal | None:
    """Return why the coupon may not be used at an instant; None: it may.

    The first reason in the order of `Refusal`. Source: coupon rules (operations §13).
    """
    day = business_day(at)
    checks = (
        (Refusal.INACTIVE, not coupon.active),
        (Refusal.NOT_YET_VALID, day < coupon.valid_from),
        (Refusal.EXPIRED, day > coupon.valid_to),
        (Refusal.PRODUCT, coupon.products is not None and use.product not in coupon.products),
        (Refusal.BELOW_MINIMUM, use.amount < coupon.min_loan),
        (Refusal.NOT_FIRST_LOAN, coupon.first_loan_only and not use.is_first_loan),
        (Refusal.USED_BY_CUSTOMER, use.by_customer >= coupon.per_customer),
        (Refusal.USED_UP, coupon.left == 0),
    )
    return next((why for why, applies in checks if applies), None)


def redeem(coupon: Coupon, use: Use, at: datetime) -> tuple[Coupon, Redemption]:
    """Return the coupon with one use less, and the use, when the loan is sanctioned.

    Raises: Conflict: the coupon may not be used; `code` is `COUPON_` and the refusal.
    """
    why = refusal(coupon, use, at)
    if why is not None:
        raise Conflict(
            f"the coupon {coupon.code} may not be used: {why.replace('_', ' ').lower()}",
            code=f"COUPON_{why}",
            details={"coupon": coupon.code},
        )
    redemption = Redemption(
        code=coupon.code, loan_id=use.loan_id, customer_id=use.customer_id, redeemed_at=at
    )
    return attrs.evolve(coupon, used=coupon.used + 1), redemption


def release(coupon: Coupon, redemption: Redemption, at: datetime) -> tuple[Coupon, Redemption]:
    """Return the coupon with the use given back; one given back before changes nothing.

    Raises: Conflict: the use is of another coupon.
    """
    if redemption.code != coupon.code:
        raise Conflict(f"the use is of {redemption.code}, not of {coupon.code}")
    if redemption.released_at is not None:
        return coupon, redemption
    return (
        attrs.evolve(coupon, used=max(0, coupon.used - 1)),
        attrs.evolve(redemption, released_at=at),
    )


def fee_discount(coupon: Coupon) -> Discount | None:
    """Return what `charges.processing_fee` takes off; None for a coupon on interest."""
    return coupon.discount if coupon.applies_to is AppliesTo.PROCESSING_FEE else None


def interest_rebate(coupon: Coupon, total_interest: Paise) -> Paise:
    """Return the part of a loan's interest that is given back, paise; 0 for a coupon on the fee.

    A per cent rounds half up to a paisa; never above the cap nor above the interest itself.
    Raises: InvalidMoney.
    """
    if coupon.applies_to is not AppliesTo.INTEREST:
        return 0
    discount = coupon.discount
    off = discount.flat if discount.pct is None else pct_of(checked(total_interest), discount.pct)
    assert off is not None, "a discount without a per cent has a flat amount"
    if discount.cap is not None:
        off = min(off, discount.cap)
    return min(off, max(0, total_interest))
