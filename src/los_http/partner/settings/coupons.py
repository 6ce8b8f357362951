"""Coupons on the processing fee."""

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from los_core.domain.charges import Discount
from los_core.domain.coupon import AppliesTo, Coupon, canonical_code
from los_core.domain.errors import Invalid
from los_core.domain.record_kinds import COUPONS
from los_http.fields import Amount, Body, Code, Count, CouponText, Day, Percent
from los_http.records import Module, RecordView

Uses = Annotated[int, Meta(ge=1, le=10_000_000)]


class CouponBody(Body, kw_only=True):
    """A coupon: per cent of the fee, with a cap if one is named, or a flat sum.

    Null is no limit; no products named are all of them.
    """

    code: CouponText
    pct: Percent | None = None
    flat_paise: Amount | None = None
    cap_paise: Amount | None = None
    applies_to: Literal["PROCESSING_FEE"] = "PROCESSING_FEE"
    min_loan_paise: Amount | None = None
    products: Annotated[list[Code], Meta(max_length=100)] = msgspec.field(default_factory=list)
    first_loan_only: bool = False
    per_customer: Count = 1
    max_uses: Uses | None = None
    valid_from: Day
    valid_to: Day
    active: bool = True


class CouponView(RecordView):
    """A coupon."""

    code: str
    pct: str | None
    flat_paise: int | None
    cap_paise: int | None
    applies_to: AppliesTo
    min_loan_paise: int | None
    products: list[str]
    first_loan_only: bool
    per_customer: int
    max_uses: int | None
    valid_from: date
    valid_to: date
    active: bool


def _coupon(body: CouponBody, _: Coupon | None) -> Coupon:
    if (body.pct is None) == (body.flat_paise is None):
        raise Invalid(
            "a coupon has one discount", fields=[("pct", "give either a per cent or a flat sum")]
        )
    return Coupon(
        code=canonical_code(body.code),
        discount=Discount(
            pct=None if body.pct is None else Decimal(body.pct),
            flat=body.flat_paise,
            cap=body.cap_paise,
        ),
        applies_to=AppliesTo(body.applies_to),
        min_loan=body.min_loan_paise or 0,
        products=frozenset(body.products) or None,
        first_loan_only=body.first_loan_only,
        per_customer=body.per_customer,
        max_uses=body.max_uses,
        valid_from=body.valid_from,
        valid_to=body.valid_to,
        active=body.active,
    )


def coupon_fields(value: Coupon) -> dict[str, Any]:
    """Return a coupon's fields."""
    discount = value.discount
    return {
        "code": value.code,
        "pct": None if discount.pct is None else format(discount.pct, "f"),
        "flat_paise": discount.flat,
        "cap_paise": discount.cap,
        "applies_to": value.applies_to,
        "min_loan_paise": value.min_loan or None,
        "products": sorted(value.products or ()),
        "first_loan_only": value.first_loan_only,
        "per_customer": value.per_customer,
        "max_uses": value.max_uses,
        "valid_from": value.valid_from,
        "valid_to": value.valid_to,
        "active": value.active,
    }


MODULES: Final = (
    Module(kind=COUPONS, body=CouponBody, view=CouponView, read=_coupon, show=coupon_fields),
)
