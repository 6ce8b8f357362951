"""What becomes of money that a receipt leaves over once all dues are paid.

A value of the terms. Holding and paying back are `fold`; using it as a part-prepayment is
`reschedule`. Source: schedule maths §10 and §11.
"""

from decimal import Decimal
from enum import StrEnum

import attrs

from los_core.domain.policies import ForeclosurePolicy, checked_rate, rate


class Excess(StrEnum):
    """The ways to use it; a part-prepayment lowers the instalments or their number."""

    HOLD_AS_ADVANCE = "HOLD_AS_ADVANCE"
    REDUCE_EMI = "REDUCE_EMI"
    REDUCE_TENURE = "REDUCE_TENURE"
    REFUND = "REFUND"


@attrs.frozen(kw_only=True)
class ExcessPolicy:
    """How money left over is used unless its payer asked otherwise.

    `part_fee_pct` is the fee on a part-prepayment, in per cent of the money used for it; it is
    taken only where a foreclosure fee may be. Raises: InvalidTerms.
    """

    use: Excess = Excess.HOLD_AS_ADVANCE
    part_fee_pct: Decimal = attrs.field(default=Decimal(0), converter=rate)

    def __attrs_post_init__(self) -> None:
        checked_rate(self.part_fee_pct, "part-prepayment fee")

    def applicable_pct(self, foreclosure: ForeclosurePolicy) -> Decimal:
        """Return the per cent that may be charged: zero where law or disclosure forbids it."""
        allowed = foreclosure.disclosed and not foreclosure.exempt
        return self.part_fee_pct if allowed else Decimal(0)
