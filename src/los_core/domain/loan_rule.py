"""A brand's bounds for a product and a risk grade, and what departs from them.

What staff recommend stays within the bounds or is a deviation, which somebody one level above them
answers for (guard G-RULES). Which grade an applicant has is the scorecard's or the rating's word;
what a product lends at all is `offers.LoanProduct`. Source: loan lifecycle §1.3.
"""

from collections.abc import Iterable
from decimal import Decimal
from enum import StrEnum

import attrs

from los_core.domain.authority import Level
from los_core.domain.errors import Invalid
from los_core.domain.money import Paise


@attrs.frozen(kw_only=True)
class LoanRule:
    """Bounds for one product and grade, both ends included.

    Amounts are paise, tenures instalments (days for a bullet), rates per cent per year or per day
    as the product counts them, fees per cent of the amount. Raises: Invalid: bounds reversed.
    """

    product: str
    grade: str
    min_amount: Paise
    max_amount: Paise
    min_tenure: int
    max_tenure: int
    min_rate_pct: Decimal
    max_rate_pct: Decimal
    min_fee_pct: Decimal = Decimal(0)
    max_fee_pct: Decimal

    def __attrs_post_init__(self) -> None:
        bounds = (
            (self.min_amount, self.max_amount),
            (self.min_tenure, self.max_tenure),
            (self.min_rate_pct, self.max_rate_pct),
            (self.min_fee_pct, self.max_fee_pct),
        )
        if any(low > high for low, high in bounds):
            raise Invalid(f"the bounds for {self.product} at grade {self.grade} are reversed")


@attrs.frozen(kw_only=True)
class Recommended:
    """What is recommended for an applicant: product, grade and the figures a rule bounds."""

    product: str
    grade: str
    amount: Paise
    tenure: int
    rate_pct: Decimal
    fee_pct: Decimal


class Deviation(StrEnum):
    """What departs from the rule. NO_RULE: the brand has none for this product and grade."""

    NO_RULE = "NO_RULE"
    AMOUNT = "AMOUNT"
    TENURE = "TENURE"
    RATE = "RATE"
    FEE = "FEE"


def deviations(rules: Iterable[LoanRule], asked: Recommended) -> tuple[Deviation, ...]:
    """Return what departs from the rule of the product and grade; empty: all is within bounds."""
    rule = next(
        (r for r in rules if (r.product, r.grade) == (asked.product, asked.grade)),
        None,
    )
    if rule is None:
        return (Deviation.NO_RULE,)
    within = {
        Deviation.AMOUNT: rule.min_amount <= asked.amount <= rule.max_amount,
        Deviation.TENURE: rule.min_tenure <= asked.tenure <= rule.max_tenure,
        Deviation.RATE: rule.min_rate_pct <= asked.rate_pct <= rule.max_rate_pct,
        Deviation.FEE: rule.min_fee_pct <= asked.fee_pct <= rule.max_fee_pct,
    }
    return tuple(what for what, met in within.items() if not met)


def answers_for(approver: Level, recommended_by: Level) -> bool:
    """Return whether an approver's level stands above that of who recommended the deviation."""
    return approver > recommended_by
