"""Fit the line that turns a scorecard's log odds into probabilities seen among matured loans.

Platt's method: maximum likelihood of a and b in 1 / (1 + e^−(a + b·z)), where each class aims a
little short of certainty so that few bad loans do not make the line too sure of itself. Newton's
steps with halving always go downhill, until both slopes vanish. Refit quarterly.

Source: Platt 1999; Lin, Lin and Weng 2007 (the steps); rules page §5.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Final, TypeAlias

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.scorecard_model import Calibration

MATURE_DAYS: Final = 90
"""A loan this long on the book has shown itself; younger ones are left out of a fit."""

_MOST_STEPS: Final = 100
_SMALL: Final = Decimal("1e-12")
_DIGITS: Final = Context(prec=28)


@attrs.frozen(kw_only=True)
class Performed:
    """A scored loan: its log odds, its days on the book, and whether it went bad."""

    logit: Decimal
    days_on_book: int
    bad: bool


def fit(loans: Iterable[Performed]) -> Calibration:
    """Return the calibration that matured loans ask for, to 6 decimals.

    Raises: Invalid: no good or no bad matured loan, all with the same log odds, or a line that does
    not rise (the model ranks people the wrong way round, and no calibration mends that).
    """
    counts = Counter((each.logit, each.bad) for each in loans if each.days_on_book >= MATURE_DAYS)
    bads = sum(count for (_, bad), count in counts.items() if bad)
    goods = sum(counts.values()) - bads
    if not goods or not bads or len({logit for logit, _ in counts}) < 2:
        raise Invalid("a calibration needs matured loans, good and bad, of different log odds")
    with localcontext(_DIGITS):
        aims = {True: Decimal(bads + 1) / (bads + 2), False: Decimal(1) / (goods + 2)}
        points = [(logit, Decimal(count), aims[bad]) for (logit, bad), count in counts.items()]
        a, b = _descend(points, start=(Decimal(bads + 1) / (goods + 1)).ln())
    line = Calibration(a=_six(a), b=_six(b))
    if line.b <= 0:
        raise Invalid(f"the log odds do not rank the matured loans: b is {line.b}")
    return line


_Points: TypeAlias = list[tuple[Decimal, Decimal, Decimal]]  # (log odds, loans, aim)


def _descend(points: _Points, *, start: Decimal) -> tuple[Decimal, Decimal]:
    a, b = start, Decimal(0)
    for _ in range(_MOST_STEPS):
        slope = _slopes(points, a, b)
        if abs(slope["a"]) < _SMALL and abs(slope["b"]) < _SMALL:
            return a, b
        curve = slope["aa"] * slope["bb"] - slope["ab"] ** 2
        step_a = (slope["ab"] * slope["b"] - slope["bb"] * slope["a"]) / curve
        step_b = (slope["ab"] * slope["a"] - slope["aa"] * slope["b"]) / curve
        now, size = _loss(points, a, b), Decimal(1)
        while size > _SMALL and _loss(points, a + size * step_a, b + size * step_b) > now:
            size /= 2
        a, b = a + size * step_a, b + size * step_b
        if max(abs(size * step_a), abs(size * step_b)) < _SMALL:
            return a, b
    raise AssertionError("a convex loss has a lowest point")


def _slopes(points: _Points, a: Decimal, b: Decimal) -> Mapping[str, Decimal]:
    """Return the loss's first and second derivatives, per loan."""
    sums = dict.fromkeys(("a", "b", "aa", "ab", "bb"), Decimal(0))
    for logit, count, aim in points:
        likely = 1 / (1 + (-(a + b * logit)).exp())
        over, bend = count * (likely - aim), count * likely * (1 - likely)
        sums["a"] += over
        sums["b"] += over * logit
        sums["aa"] += bend
        sums["ab"] += bend * logit
        sums["bb"] += bend * logit * logit
    loans = sum(count for _, count, _ in points)
    return {name: value / loans for name, value in sums.items()}


def _loss(points: _Points, a: Decimal, b: Decimal) -> Decimal:
    total = Decimal(0)
    for logit, count, aim in points:
        line = a + b * logit
        # ln(1 + e^x) without a power that overflows: max(x, 0) + ln(1 + e^−|x|).
        total += count * (max(line, Decimal(0)) + (1 + (-abs(line)).exp()).ln() - aim * line)
    return total


def _six(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"), ROUND_HALF_UP) + 0
