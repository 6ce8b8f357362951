"""The annual percentage rate of a loan, printed to two decimals, and its effective twin.

The one module where a float may appear. It finds the root, with a bound on its error; where that
leaves no doubt about the last decimal it is the figure. Else the figure is proved, by showing that
the exact present value crosses the amount lent within half a unit of the last decimal (in integers
for equal periods, in 50-digit decimals for dated flows). Source: schedule maths §7.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from math import exp, expm1, floor, log, log1p, sqrt
from operator import mul
from typing import TypeAlias

from los_core.domain.errors import InvalidTerms
from los_core.domain.money import Paise
from los_core.domain.workdays import days_between

_CENT = Decimal("0.01")
_HALF = Decimal("0.005")
_DIGITS = 50
_EPSILON = 2.3e-16
_MAX_STEPS = 200
_CLOSE = 1e-9
_MAX_FORCE = 60.0  # e^60 is 10^28 per cent
_LOG_2 = log(2)


class AprMethod(StrEnum):
    """Which formula a product discloses."""

    PERIODIC_NOMINAL = "PERIODIC_NOMINAL"
    SINGLE_PAYMENT_SIMPLE = "SINGLE_PAYMENT_SIMPLE"
    XIRR_EFFECTIVE = "XIRR_EFFECTIVE"


Flow: TypeAlias = tuple[Fraction, Paise]
"""(years after the credit, paise repaid)."""


def periodic_nominal_pct(
    net: Paise, amounts: Sequence[Paise], *, per_year: int | Fraction = 12
) -> Decimal:
    """Return `per_year` × the internal rate of return of equal periods, in per cent.

    `net` is what the borrower received, `amounts` the rounded instalments, one per period; of weeks
    there are 365/7 a year. Source: illustration in the RBI KFS circular of 15-Apr-2024 (17.07 per
    cent). Raises: InvalidTerms.
    """
    _check(net, amounts)
    periods, years = per_year.as_integer_ratio()
    force, error = _force_of_interest(net, range(1, len(amounts) + 1), amounts)
    yearly = 100 * periods / years
    nominal = expm1(force) * yearly
    hundredths = _certain_hundredths(nominal, error * exp(force) * yearly * 2)
    if hundredths is not None:
        return Decimal(hundredths).scaleb(-2)

    def repays_at_least(pct: Decimal) -> bool:
        over, under = pct.as_integer_ratio()
        unit = under * 100 * periods
        growth = over * years + unit
        value, weight = 0, 1  # Σ amount × unit^k × growth^(n−k), by Horner
        for amount in amounts:
            weight *= unit
            value = value * growth + amount * weight
        owed: int = net * growth ** len(amounts)
        return value >= owed

    return _proved(nominal, repays_at_least)


def level_nominal_pct(
    net: Paise, amount: Paise, count: int, *, per_year: int | Fraction = 12
) -> Decimal:
    """Return `periodic_nominal_pct` of `count` equal instalments, in closed form.

    Raises: InvalidTerms: as there, or no instalment.
    """
    if net <= 0 or amount * count < net:
        _check(net, [amount] * count)
    if count < 1:
        raise InvalidTerms(f"a loan of {count} instalments has no annual rate")
    rate, error = _level_rate(net, amount, count)
    periods, years = per_year.as_integer_ratio()
    yearly = 100 * periods / years
    hundredths = _certain_hundredths(rate * yearly, error * yearly)
    if hundredths is not None:
        return Decimal(hundredths).scaleb(-2)
    return periodic_nominal_pct(net, [amount] * count, per_year=per_year)


def single_payment_simple_pct(net: Paise, amount_due: Paise, *, days: int) -> Decimal:
    """Return (amount due / net − 1) × 365 / days in per cent, half up to two decimals.

    For a loan repaid at once; both amounts in paise. Raises: InvalidTerms. Source: schedule maths
    §7, example APR-04.
    """
    _check(net, [amount_due])
    if days < 1:
        raise InvalidTerms(f"a loan of {days} days has no annual rate")
    with localcontext() as context:
        context.prec = _DIGITS
        exact = Decimal((amount_due - net) * 36500) / Decimal(net * days)
        return exact.quantize(_CENT, ROUND_HALF_UP)


def effective_annual_pct(net: Paise, flows: Sequence[Flow]) -> Decimal:
    """Return the compounded annual rate at which `flows` are worth `net`, in per cent.

    Raises: InvalidTerms: nothing lent, or less repaid than lent.
    """
    amounts = [amount for _, amount in flows]
    _check(net, amounts)
    if min(years for years, _ in flows) <= 0:
        raise InvalidTerms("a repayment on the day of the credit, or before it, has no rate")
    return _effective(net, [float(years) for years, _ in flows], amounts, lambda: flows)


def xirr_pct(net: Paise, start: date, due_on: Sequence[date], amounts: Sequence[Paise]) -> Decimal:
    """Return `effective_annual_pct` of `dated` flows, without making them.

    `net` is received on `start`; a year is 365 days. Raises: InvalidTerms: as there.
    """
    _check(net, amounts)
    origin = start.toordinal()
    times = [(day - origin) / 365 for day in map(date.toordinal, due_on)]
    if min(times) <= 0:
        raise InvalidTerms(f"a repayment on {min(due_on)} has no rate for money of {start}")
    return _effective(net, times, amounts, lambda: dated(start, due_on, amounts))


def dated(start: date, due_on: Sequence[date], amounts: Sequence[Paise]) -> list[Flow]:
    """Return dated repayments as flows, a year being 365 days."""
    pairs = zip(due_on, amounts, strict=True)
    return [(Fraction(days_between(start, day), 365), amount) for day, amount in pairs]


def monthly(amounts: Sequence[Paise]) -> list[Flow]:
    """Return monthly repayments as flows, a month being a twelfth of a year."""
    return regular(amounts, per_year=12)


def regular(amounts: Sequence[Paise], *, per_year: int | Fraction) -> list[Flow]:
    """Return repayments at equal periods, of which there are `per_year`, as flows."""
    periods, years = per_year.as_integer_ratio()
    return [(Fraction(no * years, periods), paid) for no, paid in enumerate(amounts, start=1)]


def _check(net: Paise, amounts: Sequence[Paise]) -> None:
    if net <= 0:
        raise InvalidTerms(f"nothing is left to disburse: {net} paise")
    if sum(amounts) < net:
        raise InvalidTerms(f"repayments of {sum(amounts)} paise are less than the {net} received")


def _effective(
    net: Paise,
    times: Sequence[float],
    amounts: Sequence[Paise],
    exact: Callable[[], Sequence[Flow]],
) -> Decimal:
    force, error = _force_of_interest(net, times, amounts)
    found = expm1(force) * 100
    hundredths = _certain_hundredths(found, error * exp(force) * 200)
    if hundredths is not None:
        return Decimal(hundredths).scaleb(-2)
    grouped = [(Decimal(years.numerator), years.denominator, paid) for years, paid in exact()]

    def repays_at_least(pct: Decimal) -> bool:
        with localcontext() as context:
            context.prec = _DIGITS
            log = (1 + pct / 100).ln()
            worth = sum(amount * (-log * over / under).exp() for over, under, amount in grouped)
            return worth >= net

    return _proved(found, repays_at_least)


def _force_of_interest(
    net: Paise, times: Sequence[float], amounts: Sequence[Paise]
) -> tuple[float, float]:
    """Return (δ, error) with Σ amount × e^(−δ × time) = `net`, δ within `error` of the root.

    `times` are positive, in any unit; δ is per that unit. ln Σ falls and is convex in δ: its slope
    is the mean time, its curvature their variance, weighted by present worth. Each step solves that
    parabola; what it misses is bounded by the third moment, at most span³ / (6 √3). Raises:
    InvalidTerms: no rate a float can hold.
    """
    worth, last, count = log(net), max(times), len(times)
    start = _level_rate(net, sum(amounts) / count, count)[0]
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
            if delta > _MAX_FORCE:
                break
            return delta, missed + noise
    raise InvalidTerms(f"no rate in reach makes {sum(amounts)} paise worth {net}")


def _level_rate(net: Paise, amount: float, count: int) -> tuple[float, float]:
    """Return (i, error) at which `count` payments of `amount` are worth `net`; i is per period.

    Newton's steps on net × i − amount × (1 − (1 + i)^−count), which is convex, from Cantrell's
    approximation. The error is infinite where the steps did not settle.
    """
    rate = amount / net  # the root lies just below where that is much
    if rate < 1.0:
        power = log1p(1 / count) / _LOG_2
        rate = ((1 + rate) ** (1 / power) - 1) ** power - 1
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


def _certain_hundredths(value: float, error: float) -> int | None:
    """Return `value` in whole hundredths, half up, or None if `error` reaches a boundary."""
    scaled = value * 100 + 0.5
    whole = floor(scaled)
    reach = error * 100 + (abs(scaled) + 1) * 8 * _EPSILON
    return whole if reach < scaled - whole < 1 - reach else None


def _parabola_root(value: float, fall: float, curvature: float) -> float:
    """Return the first root of value − fall × s + curvature × s² / 2, or else its tangent's."""
    square = fall * fall - 2 * curvature * value
    return 2 * value / (fall + sqrt(square)) if square > 0 else value / fall


def _proved(guess: float, repays_at_least: Callable[[Decimal], bool]) -> Decimal:
    """Return the hundredths of a per cent, half up, whose lower half unit still repays.

    Gallops away from the guess until a boundary lies between, then halves the gap.
    """
    with localcontext() as context:
        context.prec = _DIGITS

        def at_least(hundredths: int) -> bool:
            return hundredths <= 0 or repays_at_least(Decimal(hundredths).scaleb(-2) - _HALF)

        low = high = max(0, round(guess * 100))
        stride = 1
        while not at_least(low):
            low, high, stride = max(0, low - stride), low, stride * 2
        while low == high or at_least(high):
            low, high, stride = high, high + stride, stride * 2
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if at_least(middle) else (low, middle)
        return Decimal(low).scaleb(-2)
