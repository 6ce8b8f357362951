"""Money as whole paise: checks, exact rounding, splits that lose nothing.

An amount is an `int` of paise everywhere: in the domain, in rows, in JSON. There is no class for
it; `Paise` says what an integer means. Rupees are parsed and printed in `rupees`, never computed.
"""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TypeAlias

from los_core.domain.errors import InvalidMoney

Paise: TypeAlias = int
"""Whole paise, a hundred to the rupee: all money, everywhere."""

LIMIT: Paise = 10**13
"""No single amount goes beyond ±this many paise (₹10,000 crore)."""


def checked(amount: object, what: str = "amount") -> Paise:
    """Return `amount` if it is a whole number of paise within ±LIMIT.

    Raises: InvalidMoney: a bool, a float, any other type, or an amount beyond the limit.
    """
    if type(amount) is not int:
        raise InvalidMoney(f"{what} must be whole paise, not {type(amount).__name__}")
    if not -LIMIT <= amount <= LIMIT:
        raise InvalidMoney(f"{what} is beyond ±{LIMIT} paise")
    return amount


def positive(amount: object, what: str = "amount") -> Paise:
    """Return `amount` if it is checked money above zero. Raises: InvalidMoney."""
    paise = checked(amount, what)
    if paise <= 0:
        raise InvalidMoney(f"{what} must be more than zero, not {paise} paise")
    return paise


def round_half_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded to a whole, halves away from zero.

    `denominator` must be positive. The only rounding of money unless a product says otherwise.
    """
    if numerator < 0:
        return -((-2 * numerator + denominator) // (2 * denominator))
    return (2 * numerator + denominator) // (2 * denominator)


def ratio(rate: Decimal) -> tuple[int, int]:
    """Return a finite decimal as an exact (numerator, positive denominator)."""
    return rate.as_integer_ratio()


def pct_of(amount: Paise, rate_pct: Decimal) -> Paise:
    """Return `rate_pct` per cent of `amount` paise, rounded half up to a paisa, once.

    Source: schedule maths §1 (round only where a rule says so).
    """
    over, under = rate_pct.as_integer_ratio()
    return round_half_up(amount * over, under * 100)


def share(rate_pct: Decimal) -> Fraction:
    """Return a rate in per cent as an exact fraction of one."""
    over, under = rate_pct.as_integer_ratio()
    return Fraction(over, under * 100)


def split(total: Paise, weights: Sequence[int]) -> tuple[Paise, ...]:
    """Split `total` by non-negative integer weights; the parts sum to `total` exactly.

    Each part is the floor of its share; the paise left over go to the largest remainders, earlier
    parts first. Raises: ValueError: no weight is above zero, or one is below.
    """
    whole = sum(weights)
    if whole <= 0 or any(weight < 0 for weight in weights):
        raise ValueError("weights must be non-negative and not all zero")
    sign = -1 if total < 0 else 1
    shares = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [share for share, _ in shares]
    left = abs(total) - sum(parts)
    for index in sorted(range(len(parts)), key=lambda i: (-shares[i][1], i))[:left]:
        parts[index] += 1
    return tuple(sign * part for part in parts)
