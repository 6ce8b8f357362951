"""The figures a person can change, and by how much: what advice on a refusal may speak of.

Income, obligations, the amount asked for, a longer statement: these a person can act on. Age,
identity, credit history, internal marks and anything about who the person is are not in the table
and can never be suggested. What change would flip a decision is sought in `counterfactual`.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from types import MappingProxyType
from typing import Final, TypeAlias, TypeGuard

from los_core.domain.applicant import KEYS, Kind, Value
from los_core.domain.money import Paise
from los_core.domain.rule import Operator, Rule

Number: TypeAlias = int | Decimal


class Way(StrEnum):
    """Which way a figure can be moved by the person."""

    UP = "UP"
    DOWN = "DOWN"


ACTIONABLE: Final[Mapping[str, Way]] = MappingProxyType(
    {
        "loan.requestedAmount": Way.DOWN,
        "bank.monthsCovered": Way.UP,
        "bureau.totalOverdueAmount": Way.DOWN,
        "bureau.monthlyObligations": Way.DOWN,
        "bank.emiDebits": Way.DOWN,
        "bureau.unsecuredOutstanding": Way.DOWN,
        "bureau.ccUtilPct": Way.DOWN,
        "bureau.activeLoans": Way.DOWN,
        "bureau.activeUnsecuredLoans": Way.DOWN,
        "bureau.activePersonalLoansUnder50k": Way.DOWN,
        "internal.activeLoansSameBrand": Way.DOWN,
        "internal.activeLoansAllBrands": Way.DOWN,
        "bank.abb": Way.UP,
        "income.netMonthlySalary": Way.UP,
        "income.householdAnnualIncome": Way.UP,
        "employment.monthsInCurrentJob": Way.UP,
        "derived.preLoanFoirPct": Way.DOWN,
        "derived.postLoanFoirPct": Way.DOWN,
        "derived.householdFoirPct": Way.DOWN,
        "derived.loanToSalaryPct": Way.DOWN,
        "derived.kycCapHeadroom": Way.UP,
        "bank.abbToEmi": Way.UP,
    }
)
"""Key and direction, the easier first. The ratios, last, stand for the figures they are made of."""

_MOST_POINTS: Final = 60
_LEAST_STEP: Final[Paise] = 100_00


def edges(key: str, now: Number, rules: tuple[Rule, ...]) -> Iterator[Number]:
    """Yield the values, in the key's direction from `now`, where a rule on it may begin to pass.

    Of each stretch of values that a rule treats alike it is the one nearest to `now`; a paisa, a
    whole or a hundredth of a ratio is the least that a key can move. Nothing falls below 0.
    """
    up = ACTIONABLE[key] is Way.UP
    for rule in rules:
        if rule.field == key:
            yield from _onward(_rule_edges(key, rule), now, up=up)
        wanted = rule.applies_when.get(key)
        if _is_number(wanted):
            yield from _onward([wanted, *_beside(key, wanted)], now, up=up)


def round_amounts(key: str, now: Paise) -> Iterator[Paise]:
    """Yield round amounts from `now` to twice as much, or down to nothing; at most 60.

    The step is 1, 2 or 5 times a power of ten rupees, at least ₹100.
    """
    step, sizes = _LEAST_STEP, (2, 5, 10)
    base, turn = _LEAST_STEP, 0
    while step * _MOST_POINTS < now:
        step = base * sizes[turn]
        turn += 1
        if turn == len(sizes):
            base, turn = base * 10, 0
    if ACTIONABLE[key] is Way.UP:
        yield from range((now // step + 1) * step, 2 * now + 1, step)
    else:
        yield from range((now - 1) // step * step, -1, -step)


def scale(key: str, now: Number, rules: tuple[Rule, ...]) -> Fraction:
    """Return what a change of the key is measured by: its first rule's threshold, if it has one.

    Of a range it is the end that the key moves towards. Without a threshold, or with one of 0, it
    is the present value; that 0 too, it is 1.
    """
    for rule in rules:
        if rule.field == key and (limit := _limit(key, rule)):
            return abs(Fraction(limit))
    return abs(Fraction(now)) or Fraction(1)


def _limit(key: str, rule: Rule) -> Number | None:
    parts = rule.threshold if isinstance(rule.threshold, tuple) else (rule.threshold,)
    numbers = [part for part in parts if _is_number(part)]
    if not numbers:
        return None
    return min(numbers) if ACTIONABLE[key] is Way.UP else max(numbers)


def _rule_edges(key: str, rule: Rule) -> list[Number]:
    """Return the ends of what passes; a whole-number key has whole ends."""
    parts = rule.threshold if isinstance(rule.threshold, tuple) else (rule.threshold,)
    limits: list[Number] = [part for part in parts if _is_number(part)]
    if not limits:
        return []
    low, high = limits[0], limits[-1]
    found: list[Number]
    match rule.operator:
        case Operator.GTE:
            found = [_at_least(key, low)]
        case Operator.LTE:
            found = [_at_most(key, high)]
        case Operator.GT:
            found = [_beside(key, low)[1]]
        case Operator.LT:
            found = [_beside(key, high)[0]]
        case Operator.BETWEEN:
            found = [_at_least(key, low), _at_most(key, high)]
        case Operator.NEQ | Operator.NOT_IN:
            found = [near for limit in limits for near in _beside(key, limit)]
        case _:  # EQ and IN; the flags' operators have no number
            found = [limit for limit in limits if _at_least(key, limit) == limit]
    # A whole number that a rule writes as a decimal is still a whole number in the document.
    return found if KEYS[key].kind is Kind.NUMBER else [int(value) for value in found]


def _onward(found: list[Number], now: Number, *, up: bool) -> Iterator[Number]:
    return (value for value in found if (value > now if up else 0 <= value < now))


def _beside(key: str, limit: Number) -> tuple[Number, Number]:
    """Return the last value of the key below a limit and the first one above it."""
    if KEYS[key].kind is Kind.NUMBER:
        hundredths = Fraction(limit) * 100
        return _hundredths(ceil(hundredths) - 1), _hundredths(floor(hundredths) + 1)
    return ceil(limit) - 1, floor(limit) + 1


def _hundredths(count: int) -> Decimal:
    return Decimal(count).scaleb(-2)


def _at_least(key: str, limit: Number) -> Number:
    return Decimal(limit) if KEYS[key].kind is Kind.NUMBER else ceil(limit)


def _at_most(key: str, limit: Number) -> Number:
    return Decimal(limit) if KEYS[key].kind is Kind.NUMBER else floor(limit)


def _is_number(value: Value) -> TypeGuard[Number]:
    return isinstance(value, (int, Decimal)) and not isinstance(value, bool)
