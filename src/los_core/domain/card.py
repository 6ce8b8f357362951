"""Card products that a brand shows its customers. Source: settings modules, Brand Cards."""

from decimal import Decimal
from enum import StrEnum

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.money import Paise, checked


class CardType(StrEnum):
    """What kind of card it is."""

    CREDIT = "CREDIT"
    PREPAID = "PREPAID"
    VIRTUAL = "VIRTUAL"
    CO_BRANDED = "CO_BRANDED"


@attrs.frozen(kw_only=True)
class CardEligibility:
    """Whom a card is for; None: it does not matter.

    Attributes:
        min_salary: least net monthly salary, paise.
        min_score: least bureau score, 300 to 900.
    """

    min_salary: Paise | None = None
    min_age: int | None = None
    max_age: int | None = None
    min_score: int | None = None


@attrs.frozen(kw_only=True)
class Card:
    """A card product.

    Attributes:
        limit: the credit limit, paise.
        rate_pct: interest per cent per year.
        order: where it stands among the brand's cards, the least first.

    Raises: Invalid: a limit of nothing, a rate outside 0 to 100, ages or a score that nobody has.
    """

    name: str
    type: CardType
    limit: Paise
    rate_pct: Decimal
    eligibility: CardEligibility = attrs.field(factory=CardEligibility)
    order: int = 0
    active: bool = True

    def __attrs_post_init__(self) -> None:
        faults = []
        if checked(self.limit, "limit") <= 0:
            faults.append(("limitPaise", "must be more than nothing"))
        if not 0 <= self.rate_pct <= 100:
            faults.append(("ratePct", "must lie in 0 to 100"))
        asked = self.eligibility
        ages = (asked.min_age or 18, asked.max_age or 100)
        if not 18 <= ages[0] <= ages[1] <= 100:
            faults.append(("eligibility", "ages must lie in 18 to 100, the lower first"))
        if asked.min_score is not None and not 300 <= asked.min_score <= 900:
            faults.append(("eligibility.minScore", "must lie in 300 to 900"))
        if faults:
            raise Invalid("no such card", fields=faults)
