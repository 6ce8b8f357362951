"""How a run of instalments goes: how often, in steps up or down, after a moratorium.

Values with their own checks. Which methods take them is checked in `terms`, what they do to the
rows is in `schedule` and `amortisation`.
"""

from decimal import Decimal
from enum import StrEnum

import attrs

from los_core.domain.errors import InvalidTerms
from los_core.domain.money import share
from los_core.domain.policies import MAX_RATE_PCT, RATE_DECIMALS, rate

MAX_MORATORIUM = 1199
"""Periods: one fewer than the most instalments a loan may have."""


class Frequency(StrEnum):
    """How often an instalment falls due. Source: schedule maths §3."""

    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    FORTNIGHTLY = "FORTNIGHTLY"
    MONTHLY = "MONTHLY"
    QUARTERLY = "QUARTERLY"

    @property
    def months(self) -> int:
        """Calendar months of a period; 0 where it is counted in days."""
        return _MONTHS.get(self, 0)

    @property
    def days(self) -> int:
        """Days of a period; 0 where it is counted in months."""
        return _DAYS.get(self, 0)

    @property
    def year_share(self) -> tuple[int, int]:
        """A regular period as (numerator, denominator) of a year: a week is 7/365."""
        return (self.months, 12) if self.months else (self.days, 365)


_MONTHS = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3}
_DAYS = {Frequency.DAILY: 1, Frequency.WEEKLY: 7, Frequency.FORTNIGHTLY: 14}


@attrs.frozen(kw_only=True)
class Step:
    """The instalment changes by `change_pct` per cent after every `every` instalments, compounding.

    Negative steps down. Raises: InvalidTerms.
    """

    every: int
    change_pct: Decimal = attrs.field(converter=rate)

    def __attrs_post_init__(self) -> None:
        if type(self.every) is not int or self.every < 1:
            raise InvalidTerms(f"a step comes after at least one instalment, not {self.every!r}")
        pct = self.change_pct
        if not isinstance(pct, Decimal) or not pct.is_finite():
            raise InvalidTerms(f"a step must be a finite decimal, not {pct!r}")
        if not -100 < pct < MAX_RATE_PCT or pct == 0:
            raise InvalidTerms(
                f"a step lies between -100 and {MAX_RATE_PCT} per cent and is not 0, not {pct}"
            )
        if -int(pct.as_tuple().exponent) > RATE_DECIMALS:
            raise InvalidTerms(f"a step has more than {RATE_DECIMALS} decimals: {pct}")

    def weights(self, count: int) -> list[int]:
        """Return the sizes of `count` instalments in proportion, as whole numbers."""
        over, under = (1 + share(self.change_pct)).as_integer_ratio()
        steps = [index // self.every for index in range(count)]
        last = steps[-1]
        return [over**step * under ** (last - step) for step in steps]


class MoratoriumInterest(StrEnum):
    """What becomes of the interest of periods in which no principal is repaid.

    CAPITALISED: it joins the principal when they are over. ADDED_TO_FIRST: the first instalment
    asks for it. COLLECTED: each of them has an instalment of interest alone.
    """

    CAPITALISED = "CAPITALISED"
    ADDED_TO_FIRST = "ADDED_TO_FIRST"
    COLLECTED = "COLLECTED"


@attrs.frozen(kw_only=True)
class Moratorium:
    """The first `periods` periods repay no principal.

    Where their interest is COLLECTED they are the first of the loan's instalments. Else they lie
    before the first one: the loan's first due date comes one period after them. Raises:
    InvalidTerms.
    """

    periods: int
    interest: MoratoriumInterest

    def __attrs_post_init__(self) -> None:
        if type(self.periods) is not int or not 1 <= self.periods <= MAX_MORATORIUM:
            raise InvalidTerms(
                f"a moratorium lasts from 1 to {MAX_MORATORIUM} periods, not {self.periods!r}"
            )
        if not isinstance(self.interest, MoratoriumInterest):
            raise InvalidTerms(f"no way to treat moratorium interest: {self.interest!r}")

    @property
    def rows(self) -> int:
        """How many instalments ask for interest alone."""
        return self.periods if self.interest is MoratoriumInterest.COLLECTED else 0

    @property
    def waits(self) -> int:
        """How many periods pass before the first instalment's own."""
        return self.periods - self.rows
