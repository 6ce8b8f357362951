"""What a loan costs beside interest: the processing fee, GST, penal and bounce charges.

Amounts only. When a charge falls due and who pays it first is `fold` and `allocation`; fees on
leaving early are `foreclosure`.
"""

from decimal import Decimal

import attrs

from los_core.domain.errors import InvalidTerms
from los_core.domain.money import Paise, pct_of, round_half_up
from los_core.domain.policies import (
    Gst,
    PenalPolicy,
    ProcessingFee,
    Supply,
    Tax,
    checked_paise,
    checked_rate,
    rate,
)

_RUPEE = 100


@attrs.frozen(kw_only=True)
class FeeRule:
    """A product's processing fee: a per cent of principal or a flat amount, within limits.

    Exactly one of `pct` and `flat` is given; None for a limit means there is none. Paise.
    """

    pct: Decimal | None = attrs.field(default=None, converter=attrs.converters.optional(rate))
    flat: Paise | None = None
    minimum: Paise | None = None
    maximum: Paise | None = None

    def __attrs_post_init__(self) -> None:
        if (self.pct is None) == (self.flat is None):
            raise InvalidTerms("a fee is either a per cent or a flat amount")
        if self.pct is not None:
            checked_rate(self.pct, "fee")
        for amount in (self.flat, self.minimum, self.maximum):
            checked_paise(amount or 0, "fee")
        if None not in (self.minimum, self.maximum) and (self.minimum or 0) > (self.maximum or 0):
            raise InvalidTerms(f"the least fee {self.minimum} exceeds the most {self.maximum}")


@attrs.frozen(kw_only=True)
class Discount:
    """A coupon's effect on the fee: a per cent, with an optional cap in paise, or a flat amount."""

    pct: Decimal | None = attrs.field(default=None, converter=attrs.converters.optional(rate))
    flat: Paise | None = None
    cap: Paise | None = None

    def __attrs_post_init__(self) -> None:
        if (self.pct is None) == (self.flat is None):
            raise InvalidTerms("a discount is either a per cent or a flat amount")
        if self.pct is not None:
            checked_rate(self.pct, "discount")
        for amount in (self.flat, self.cap):
            checked_paise(amount or 0, "discount")


def processing_fee(
    principal: Paise, rule: FeeRule, *, tax: Tax, discount: Discount | None = None
) -> ProcessingFee:
    """Return the fee on `principal`: a per cent rounds to a rupee, GST is on the discounted fee.

    Source: schedule maths §6.
    """
    gross = rule.flat if rule.pct is None else _pct_to_rupee(principal, rule.pct)
    assert gross is not None, "a fee rule without a per cent has a flat amount"
    gross = max(gross, rule.minimum or 0)
    if rule.maximum is not None:
        gross = min(gross, rule.maximum)
    off = 0 if discount is None else _off(gross, discount)
    return ProcessingFee(
        gross=gross, discount=off, gst=gst_on(gross - off, tax.processing_pct, tax.supply)
    )


def gst_on(amount: Paise, pct: Decimal, supply: Supply) -> Gst:
    """Return GST of `pct` on `amount`: IGST across states, equal halves within one.

    Each tax rounds half up to a paisa by itself. Source: schedule maths §6.
    """
    if supply is Supply.INTER_STATE:
        return Gst(igst=pct_of(amount, pct))
    half = pct_of(amount, pct / 2)
    return Gst(cgst=half, sgst=half)


def penal_charge(base_days: int, policy: PenalPolicy, *, instalment: Paise) -> Paise:
    """Return the whole penal charge of one instalment, rounded once.

    `base_days` is Σ (unpaid principal and interest in paise × days); `instalment` the full amount
    due, which a cap in per cent refers to. Source: schedule maths §9.
    """
    over, under = policy.rate_per_day_pct.as_integer_ratio()
    charge = round_half_up(base_days * over, under * 100)
    if policy.max_per_instalment is not None:
        charge = min(charge, policy.max_per_instalment)
    if policy.max_pct_of_instalment is not None:
        charge = min(charge, pct_of(instalment, policy.max_pct_of_instalment))
    return charge


def _pct_to_rupee(amount: Paise, pct: Decimal) -> Paise:
    over, under = pct.as_integer_ratio()
    return round_half_up(amount * over, under * 100 * _RUPEE) * _RUPEE


def _off(gross: Paise, discount: Discount) -> Paise:
    off = discount.flat if discount.pct is None else _pct_to_rupee(gross, discount.pct)
    assert off is not None, "a discount without a per cent has a flat amount"
    if discount.cap is not None:
        off = min(off, discount.cap)
    return min(off, gross)
