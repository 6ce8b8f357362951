"""Roots of annual rates in floating point, each with a bound on its error.

Only `apr` uses them: a figure whose bound keeps it clear of a rounding boundary needs no further
proof, any other is proved exactly there. Money enters as whole paise and never leaves.
"""

from collections.abc import Sequence
from math import exp, floor, log, log1p, sqrt
from operator import mul

from los_core.domain.errors import InvalidTerms
from los_core.domain.money import Paise

_EPSILON = 2.3e-16
_MAX_STEPS = 200
_CLOSE = 1e-9
_LOG_2 = log(2)


def force_of_interest(
    net: Paise, times: Sequence[float], amounts: Sequence[Paise]
) -> tuple[float, float]:
    """Return (δ, error) with Σ amount × e^(−δ × time) = `net`, δ within `error` of the root.

    `times` are positive, in any unit; δ is per that unit. ln Σ falls and is convex in δ: its slope
    is the mean time, its curvature their variance, weighted by present worth. Each step solves that
    parabola; what it misses is bounded by the third moment, at most span³ / (6 √3). Raises:
    InvalidTerms: no rate a float can hold.
    """
    worth, last, count = log(net), max(times), len(times)
    start = level_rate(net, sum(amounts) / count, count)[0]
    delta = log1p(start) * count / last
    for _ in range(_MAX_STEPS):
        present = [amount * exp(-delta * time) for amount, time in zip(amounts, times, strict=True)]
        total = sum(present)
        if not total:  # beyond what a float can hold: come back
            delta /= 2
            continue
        weighted = list(map(mul, present, times))
        mean = sum(weighted) / total
        variance = sum(map(mul, weighted, times)) / total - mean * mean
        step = _parabola_root(log(total) - worth, mean, variance)
        delta += step
        if delta < 0.0:
            delta = 0.0
            continue
        moved = abs(step) * last
        missed = moved * moved * moved / (25 * mean)
        if moved * last <= 2 * mean and missed <= _CLOSE * (1.0 + delta) / last:
            noise = (count + 16 + delta * last) * 2 * _EPSILON / mean
            return delta, missed + noise
    raise InvalidTerms(f"no rate in reach makes {sum(amounts)} paise worth {net}")


def level_rate(net: Paise, amount: float, count: int) -> tuple[float, float]:
    """Return (i, error) at which `count` payments of `amount` are worth `net`; i is per period.

    Newton's steps on net × i − amount × (1 − (1 + i)^−count), which is convex, from Cantrell's
    approximation. The error is infinite where the steps did not settle.
    """
    power = log1p(1 / count) / _LOG_2
    rate = ((1 + amount / net) ** (1 / power) - 1) ** power - 1
    before = 1.0
    for _ in range(20):
        kept = (1 + rate) ** -count
        slope = net - amount * count * kept / (1 + rate)
        if slope <= 0 or rate <= 0:
            return max(rate, 0.0), float("inf")
        step = (amount * (1 - kept) - net * rate) / slope
        rate += step
        if abs(step) <= _CLOSE and abs(step) <= before / 2:
            return rate, abs(step) + (count + 8) * 2 * _EPSILON * amount / slope
        before = abs(step)
    return rate, float("inf")


def certain_hundredths(value: float, error: float) -> int | None:
    """Return `value` in whole hundredths, half up, or None if `error` reaches a boundary."""
    scaled = value * 100 + 0.5
    whole = floor(scaled)
    reach = error * 100 + (abs(scaled) + 1) * 8 * _EPSILON
    return whole if reach < scaled - whole < 1 - reach else None


def _parabola_root(value: float, fall: float, curvature: float) -> float:
    """Return the first root of value − fall × s + curvature × s² / 2, or else its tangent's."""
    square = fall * fall - 2 * curvature * value
    return 2 * value / (fall + sqrt(square)) if square > 0 else value / fall
