"""The annual percentage rate of a loan, printed to two decimals, and its effective twin.

The one module where a float may appear: it only guesses. The printed figure is then proved, by
showing that the exact present value crosses the amount lent within half a unit of the last decimal
(in integers for equal periods, in 50-digit decimals for dated flows). Source: schedule maths §7.
"""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum
from fractions import Fraction
from typing import TypeAlias

from los_core.domain.errors import InvalidTerms
from los_core.domain.money import Paise
from los_core.domain.workdays import days_between

_CENT = Decimal("0.01")
_HALF = Decimal("0.005")
_DIGITS = 50
_MAX_STEPS = 500


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
    annual = _guess(net, regular(amounts, per_year=per_year))
    nominal = ((1 + annual) ** (years / periods) - 1) * periods / years

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


def single_payment_simple_pct(net: Paise, amount_due: Paise, *, days: int) -> Decimal:
    """Return (amount due / net − 1) × 365 / days in per cent, half up. Raises: InvalidTerms."""
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
    _check(net, [amount for _, amount in flows])
    grouped = [(Decimal(years.numerator), years.denominator, amount) for years, amount in flows]

    def repays_at_least(pct: Decimal) -> bool:
        with localcontext() as context:
            context.prec = _DIGITS
            log = (1 + pct / 100).ln()
            worth = sum(amount * (-log * over / under).exp() for over, under, amount in grouped)
            return worth >= net

    return _proved(_guess(net, flows), repays_at_least)


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


def _guess(net: Paise, flows: Sequence[Flow]) -> float:
    """Return the annual effective root, as a fraction of one, to float precision.

    Present value falls and is convex in the rate, so Newton's steps from zero never overshoot.
    """
    points = [(float(years), float(amount)) for years, amount in flows]
    rate = 0.0
    for _ in range(_MAX_STEPS):
        grown = 1.0 + rate
        value = slope = 0.0
        for years, amount in points:
            worth = amount * grown**-years
            value += worth
            slope += years * worth
        step = (value - net) * grown / slope
        rate += step
        if abs(step) <= 1e-13 * grown:
            break
    return rate


def _proved(guess: float, repays_at_least: Callable[[Decimal], bool]) -> Decimal:
    """Return the guess (a fraction of one) in per cent, moved until it is the half-up rounding."""
    pct = Decimal(guess * 100).quantize(_CENT, ROUND_HALF_UP)
    while repays_at_least(pct + _HALF):
        pct += _CENT
    while pct > 0 and not repays_at_least(pct - _HALF):
        pct -= _CENT
    return pct + 0
