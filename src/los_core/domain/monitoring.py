"""Watch a scorecard: whether people have changed, whether it still ranks them, who overrules it.

Shares are exact fractions until they are rounded, half up, at the edge. A low score means a high
risk throughout. Fitting again is `calibration` and `woe`; the model itself is `scorecard_model`.

Source: scorecard practice (population stability, Kolmogorov–Smirnov, Gini); rules page §5.8–9.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction
from typing import Final, TypeAlias

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.evaluation import Grading
from los_core.domain.money import round_half_up
from los_core.domain.scorecard_model import PRECISE

PSI_ALERT: Final = Decimal("0.25")
"""Above this the people applying are no longer those the model was built on."""

Outcome: TypeAlias = tuple[int, bool]
"""A matured loan: its score, and whether it went bad."""


@attrs.frozen(kw_only=True)
class Override:
    """A person's decision in place of the scorecard's, with the reason that it needs.

    Raises: Invalid: no reason, or nothing is overruled.
    """

    loan_id: str
    scored: Grading
    decided: Grading
    reason: str
    by: str

    def __attrs_post_init__(self) -> None:
        if not self.reason.strip() or not self.by.strip():
            raise Invalid("who overrules a scorecard says so and why")
        if self.decided is self.scored:
            raise Invalid(f"{self.decided} is what the scorecard decided")


@attrs.frozen(kw_only=True)
class GradeRecord:
    """How the loans of a grade fared; the rate is in per cent, 2 decimals."""

    grade: str
    loans: int
    bads: int
    bad_rate_pct: Decimal


def psi(expected: Sequence[int], actual: Sequence[int]) -> Decimal:
    """Return the population stability index of counts by bin, 6 decimals; above 0.25 is an alert.

    A bin that is empty on one side counts half a person there, or its logarithm would not exist;
    one that is empty on both sides tells nothing.
    Raises: Invalid: different bins, a negative count, or nobody on a side.
    """
    if len(expected) != len(actual) or any(count < 0 for count in (*expected, *actual)):
        raise Invalid("stability compares the same bins, of counts that are not negative")
    if not sum(expected) or not sum(actual):
        raise Invalid("stability needs people on both sides")
    total = Decimal(0)
    with localcontext(PRECISE):
        for before, now in zip(expected, actual, strict=True):
            if before or now:
                was = (Decimal(before) or Decimal("0.5")) / sum(expected)
                is_ = (Decimal(now) or Decimal("0.5")) / sum(actual)
                total += (is_ - was) * (is_ / was).ln()
        return total.quantize(Decimal("0.000001"), ROUND_HALF_UP) + 0


def ks_pct(outcomes: Iterable[Outcome]) -> Decimal:
    """Return the widest gap between bad and good loans found up to a score, per cent, 2 decimals.

    Raises: Invalid: no good, or no bad loan.
    """
    steps, goods, bads = _by_score(outcomes)
    widest, good, bad = Fraction(), 0, 0
    for at_good, at_bad in steps:
        good, bad = good + at_good, bad + at_bad
        widest = max(widest, abs(Fraction(bad, bads) - Fraction(good, goods)))
    return _pct(widest)


def gini_pct(outcomes: Iterable[Outcome]) -> Decimal:
    """Return how much better than chance scores part bad from good loans, per cent, 2 decimals.

    Of all pairs of a bad and a good loan: those where the bad one scored lower, less those where it
    scored higher; 100 ranks perfectly, 0 by chance, below 0 the wrong way round.
    Raises: Invalid: no good, or no bad loan.
    """
    steps, goods, bads = _by_score(outcomes)
    ahead, seen_bads = 0, 0
    for at_good, at_bad in steps:
        later_bads = bads - seen_bads - at_bad
        ahead += at_good * (seen_bads - later_bads)
        seen_bads += at_bad
    return _pct(Fraction(ahead, goods * bads))


def bad_rates(loans: Iterable[tuple[str, bool]]) -> tuple[GradeRecord, ...]:
    """Return the record of each grade, sorted by its name.

    `loans` are (grade, went bad) pairs of loans old enough to tell; rates have two decimals.
    """
    tally: Counter[tuple[str, bool]] = Counter(loans)
    return tuple(
        GradeRecord(
            grade=grade,
            loans=count,
            bads=tally[grade, True],
            bad_rate_pct=_pct(Fraction(tally[grade, True], count)),
        )
        for grade in sorted({grade for grade, _ in tally})
        for count in [tally[grade, True] + tally[grade, False]]
    )


def override_rate_pct(overrides: Sequence[Override], *, decisions: int) -> Decimal:
    """Return the share of decisions a person overruled, per cent, 2 decimals; 0 of none is 0.

    Raises: Invalid: a loan is overruled twice, or more are overruled than were decided.
    """
    if len({each.loan_id for each in overrides}) < len(overrides) or len(overrides) > decisions:
        raise Invalid("each decision is overruled once at most")
    return _pct(Fraction(len(overrides), decisions)) if decisions else Decimal("0.00")


def _by_score(outcomes: Iterable[Outcome]) -> tuple[list[tuple[int, int]], int, int]:
    """Return (goods, bads) at each score, lowest first, and the two totals."""
    steps: dict[int, list[int]] = {}
    for score, bad in outcomes:
        steps.setdefault(score, [0, 0])[bad] += 1
    totals: Mapping[bool, int] = {
        bad: sum(counts[bad] for counts in steps.values()) for bad in (False, True)
    }
    if not totals[False] or not totals[True]:
        raise Invalid("how well scores rank shows only on good and bad loans")
    return [(good, bad) for _, (good, bad) in sorted(steps.items())], totals[False], totals[True]


def _pct(share: Fraction) -> Decimal:
    return Decimal(round_half_up(share.numerator * 10_000, share.denominator)).scaleb(-2)
