"""Coupons at work: looked at when somebody applies, taken when they accept, given back if it ends.

A coupon's settings are a record; how often it was used is counted from the loans that hold a use.
Whoever takes one holds its record until the transaction ends, so that of many who ask for the last
use one gets it. Source: coupon rules (operations §13).
"""

from datetime import datetime
from typing import Any, Final

import attrs

from los_core.domain import coupon as rules
from los_core.domain.charges import Discount
from los_core.domain.coupon import Coupon, Redemption, Use
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.record_kinds import COUPONS
from los_core.ports.work import UnitOfWork

_LENT: Final = frozenset((Status.DISBURSED, Status.COMPLETED, Status.SETTLED, Status.WRITTEN_OFF))


def check(uow: UnitOfWork, loan: Loan, at: datetime) -> None:
    """Refuse a code that does not exist or may not be used for a loan about to be applied for.

    Raises: Invalid: the brand has no such coupon; Conflict: `COUPON_` and why.
    """
    coupon = _of(uow, loan.coupon)
    if coupon is None:
        raise Invalid("no such coupon", fields=[("couponCode", "is not known")])
    rules.redeem(coupon, _use(uow, loan), at)


def discount(uow: UnitOfWork, loan: Loan, at: datetime) -> Discount | None:
    """Return what a loan's coupon takes off the fee today; None: it has none that may be used."""
    coupon = _of(uow, loan.coupon)
    if coupon is None or rules.refusal(coupon, _use(uow, loan), at) is not None:
        return None
    return rules.fee_discount(coupon)


def take(uow: UnitOfWork, loan: Loan, at: datetime) -> None:
    """Use a coupon up for a loan whose agreed terms have its discount.

    Raises: Conflict: it may not be used any more; another offer has to be made.
    """
    assert loan.terms is not None, "an accepted offer has terms"
    if not loan.coupon or not loan.terms.fee.discount:
        return
    coupon = _of(uow, loan.coupon, held=True)
    if coupon is None:
        raise Conflict("the coupon was withdrawn", code="COUPON_INACTIVE")
    _, redemption = rules.redeem(coupon, _use(uow, loan), at)
    uow.coupons.put(redemption)


def release(uow: UnitOfWork, loan: Loan, at: datetime) -> None:
    """Give back the use that a cancelled or expired loan held, if it held one."""
    held: Redemption | None = uow.coupons.of_loan(loan.id)
    if held is not None:
        uow.coupons.put(attrs.evolve(held, released_at=at))


def changed(uow: UnitOfWork, before: Any | None, after: Any | None) -> None:
    """Refuse fewer uses than were taken, and another code for a coupon in use: an effect."""
    if not isinstance(before, Coupon):
        return
    used = uow.coupons.used(before.code)
    if isinstance(after, Coupon):
        if after.max_uses is not None and after.max_uses < used:
            says = f"{used} uses are taken"
            raise Invalid("fewer uses than were taken", fields=[("maxUses", says)])
        if after.code != before.code and used:
            raise Invalid("the coupon is in use", fields=[("code", "cannot be changed now")])


def _of(uow: UnitOfWork, code: str, *, held: bool = False) -> Coupon | None:
    found = uow.records.by_key(COUPONS, code) if code else None
    if found is not None and held:
        found = uow.records.lock(COUPONS, found.id)
    if found is None:
        return None
    return attrs.evolve(found.value, used=uow.coupons.used(code))


def _use(uow: UnitOfWork, loan: Loan) -> Use:
    others = [known for known in uow.loans.of_customer(loan.customer_id) if known.id != loan.id]
    return Use(
        loan_id=loan.id,
        customer_id=loan.customer_id,
        product=loan.product,
        amount=loan.terms.principal if loan.terms else loan.applied_amount,
        is_first_loan=not any(known.status in _LENT for known in others),
        by_customer=uow.coupons.by_customer(loan.coupon, loan.customer_id),
    )
