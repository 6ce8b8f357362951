"""The rows of each method: how principal and interest fall into instalments.

Loops over whole paise; a rate of interest is an exact ratio per period, each row's interest rounds
half up once, and the last row repays what is left. Dates, day counts and broken periods have become
ratios in `schedule` before they come here. Source: schedule maths §3.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache, partial
from itertools import accumulate, pairwise, repeat
from operator import add, sub
from typing import NamedTuple, TypeAlias

from los_core.domain.money import Paise, round_half_up
from los_core.domain.rounding import Residue, Rounding

Ratio: TypeAlias = tuple[int, int]
"""Interest of one period per paisa of opening balance: (numerator, positive denominator)."""

_PASSES = 3


class Rows(NamedTuple):
    """The columns of a method, in paise; `emi` is the regular instalment, not of any one row."""

    emi: Paise
    opening: tuple[Paise, ...]
    interest: tuple[Paise, ...]
    principal: tuple[Paise, ...]
    amount: tuple[Paise, ...]


_AS_ROWS: Callable[[tuple[object, ...]], Rows] = partial(tuple.__new__, Rows)
"""Rows of a tuple, in a third of the time of calling the class."""


def level_instalment(
    principal: Paise, rate: tuple[int, int], count: int, *, unit: Paise = 1
) -> Paise:
    """Return the annuity instalment, rounded half up once to `unit` paise.

    `rate` is the annual per cent as an exact ratio; a period is a month. Source: schedule maths §3.
    """
    numerator, denominator = annuity(principal, rate, count)
    return round_half_up(numerator, denominator * unit) * unit


def annuity(principal: Paise, rate: tuple[int, int], count: int) -> tuple[int, int]:
    """Return the unrounded monthly annuity as an exact (numerator, denominator) in paise.

    `rate` is the annual per cent as an exact ratio.
    """
    return even_annuity(principal, (rate[0], rate[1] * 1200), count)


def even_annuity(principal: Paise, ratio: Ratio, count: int) -> tuple[int, int]:
    """Return the unrounded instalment that repays `principal` in `count` periods of one ratio."""
    if ratio[0] == 0:
        return principal, count
    over, under = _annuity_factor(*ratio, count)
    return principal * over, under


def annuity_at(
    principal: Paise, ratios: Sequence[Ratio], weights: Sequence[int], *, balloon: Paise = 0
) -> tuple[int, int]:
    """Return the unrounded instalment per unit of weight that leaves `balloon` after the last row.

    Row k pays weight k times it, at its own ratio. Exact.
    """
    worth, asked, unit = principal, 0, 1
    for (over, under), weight in zip(ratios, weights, strict=True):
        unit *= under
        asked = asked * (under + over) + weight * unit
        worth *= under + over
    return worth - balloon * unit, asked


def spans(reached: Sequence[int]) -> list[int]:
    """Return the differences between running totals that start at zero."""
    return [after - before for before, after in pairwise((0, *reached))]


def running_ratio(ratios: Sequence[Ratio]) -> Ratio:
    """Return the sum of ratios as one, in no particular terms."""
    total, whole = 0, 1
    for over, under in ratios:
        total, whole = total * under + over * whole, whole * under
    return total, whole


def level_rows(principal: Paise, ratio: Ratio, count: int, *, emi: Paise) -> Rows:
    """Return rows of the same `emi` at the same ratio, the last of which repays what is left.

    A row's principal is not positive where the instalment does not exceed its interest, or where
    the balance runs out before the last row: for the caller to refuse. The first and the last row
    tell, as principal only grows while the balance falls.
    """
    over, under = ratio
    growth, shift, left = under + over, under // 2 - emi * under, principal
    # One division a row: ⌊(b × growth + half) / under⌋ − emi is the balance after it, exactly.
    closing = [left := (left * growth + shift) // under for _ in repeat(None, count - 1)]
    opening = (principal, *closing)
    closing.append(0)
    repaid = tuple(map(sub, opening, closing))
    interest = [emi - part for part in repaid]
    interest[-1] = last = (left * over + under // 2) // under
    amount = (emi,) * (count - 1) + (left + last,)
    return _AS_ROWS((emi, opening, tuple(interest), repaid, amount))


def reducing_rows(
    principal: Paise,
    ratios: Sequence[Ratio],
    *,
    nominal: Ratio,
    rounding: Rounding,
    weights: Sequence[int] | None = None,
    idle: int = 0,
    balloon: Paise = 0,
) -> Rows:
    """Return rows on a reducing balance.

    The instalment is the annuity at the `nominal` ratio of a regular period, or, where the residue
    is spread, at the rows' own ratios. `weights` size the instalments in proportion (None: level);
    the first `idle` rows ask for interest alone; `balloon` comes on top of the last row.
    """
    paying = ratios[idle:]
    sizes = weights or [1] * len(paying)
    if rounding.is_exact:
        return exact_rows(principal, ratios, sizes, idle=idle, balloon=balloon)
    if rounding.residue is Residue.SPREAD:
        over, under = annuity_at(principal, paying, sizes, balloon=balloon)
        amounts = list(rounding.steps(over, under, sizes, ending=None))
    else:
        over, under = _nominal_annuity(principal, nominal, sizes, balloon, level=weights is None)
        amounts = [rounding.rounded(over * size, under) for size in sizes]
    emi = rounding.rounded(over * sizes[0], under)
    if rounding.residue is Residue.FIRST:
        _settle_first(principal, paying, amounts, balloon)
    interest = [round_half_up(principal * over, under) for over, under in ratios[:idle]]
    closing = [principal] * idle + _closings(principal, paying, amounts)
    amounts[-1] += closing[-1]
    return _rows(principal, closing, (*interest, *amounts), emi)


def exact_rows(
    principal: Paise, ratios: Sequence[Ratio], sizes: Sequence[int], *, idle: int, balloon: Paise
) -> Rows:
    """Return rows of an unrounded instalment: differences of rounded exact running totals.

    Balances are kept as `scaled` / (`unit` × `under`), all whole numbers.
    """
    over, under = annuity_at(principal, ratios[idle:], sizes, balloon=balloon)
    waited, whole = running_ratio(ratios[:idle])
    interest_to = [
        round_half_up(principal * part, per)
        for part, per in (running_ratio(ratios[: no + 1]) for no in range(idle))
    ]
    repaid_to = [0] * idle
    unit, scaled = 1, principal * under
    for (part, per), size, reached in zip(ratios[idle:], sizes, accumulate(sizes), strict=True):
        unit *= per
        scaled = scaled * (per + part) - over * size * unit
        repaid = principal * unit * under - scaled
        earned = (over * reached * unit - repaid) * whole + principal * waited * unit * under
        repaid_to.append(round_half_up(repaid, unit * under))
        interest_to.append(round_half_up(earned, unit * under * whole))
    repaid_to[-1] = principal
    repaid_by, interest = spans(repaid_to), spans(interest_to)
    emi = round_half_up(over * sizes[0], under)
    return _from_parts(principal, repaid_by, interest, emi)


def equal_principal_rows(
    principal: Paise,
    ratios: Sequence[Ratio],
    *,
    rounding: Rounding,
    idle: int = 0,
    balloon: Paise = 0,
) -> Rows:
    """Return rows with equal principal, each rounded; `emi` is the first of them with interest."""
    count = len(ratios) - idle
    repaid = [0] * idle + list(rounding.parts(principal - balloon, [1] * count))
    repaid[-1] += balloon
    opening = accumulate(repaid, sub, initial=principal)
    interest = [
        round_half_up(balance * over, under)
        for balance, (over, under) in zip(opening, ratios, strict=False)
    ]
    return _from_parts(principal, repaid, interest, interest[idle] + repaid[idle])


def interest_only_rows(
    principal: Paise, total: Paise, weights: Sequence[int], *, rounding: Rounding
) -> Rows:
    """Return rows that share the interest `total` by weight and repay all with the last one."""
    interest = rounding.parts(total, weights)
    repaid = [0] * (len(weights) - 1) + [principal]
    return _from_parts(principal, repaid, interest, interest[0])


def flat_rows(
    principal: Paise,
    total: Paise,
    count: int,
    *,
    rounding: Rounding,
    short_first: Paise | None = None,
) -> Rows:
    """Return rows that share principal and the interest `total` equally.

    `short_first` is the most interest that a short first period may ask for; its instalment stays.
    """
    emi = rounding.rounded(principal + total, count)
    by_paisa = Rounding.to(1, residue=rounding.residue)
    interest = list(by_paisa.parts(total, [1] * count))
    asked = rounding.parts(principal + total, [1] * count)
    repaid = [a - i for a, i in zip(asked, interest, strict=True)]
    if short_first is not None and short_first < interest[0]:
        kept = interest[0] - short_first
        interest[0] = short_first
        if count > 1:
            repaid[0] += kept
            repaid[-1] -= kept
    return _from_parts(principal, repaid, interest, emi)


def _nominal_annuity(
    principal: Paise, ratio: Ratio, sizes: Sequence[int], balloon: Paise, *, level: bool
) -> tuple[int, int]:
    if level and not balloon:
        return even_annuity(principal, ratio, len(sizes))
    return annuity_at(principal, [ratio] * len(sizes), sizes, balloon=balloon)


@lru_cache(maxsize=1024)
def _annuity_factor(over: int, under: int, count: int) -> tuple[int, int]:
    grown, base = (over + under) ** count, under**count
    return over * grown, under * (grown - base)


def _rows(principal: Paise, closing: list[Paise], amount: tuple[Paise, ...], emi: Paise) -> Rows:
    """Return the columns for balances after each row but the last, which repays all."""
    closing[-1] = 0
    opening = (principal, *closing[:-1])
    repaid = tuple(map(sub, opening, closing))
    return Rows(emi, opening, tuple(map(sub, amount, repaid)), repaid, amount)


def _from_parts(
    principal: Paise, repaid: Sequence[Paise], interest: Sequence[Paise], emi: Paise
) -> Rows:
    opening = tuple(accumulate(repaid, sub, initial=principal))[:-1]
    return Rows(emi, opening, tuple(interest), tuple(repaid), tuple(map(add, interest, repaid)))


def _closings(balance: Paise, ratios: Iterable[Ratio], amounts: Iterable[Paise]) -> list[Paise]:
    """Return the balance after each row, the last one whatever is left of it."""
    return [
        balance := balance + (2 * balance * over + under) // (2 * under) - amount
        for (over, under), amount in zip(ratios, amounts, strict=True)
    ]


def _settle_first(
    principal: Paise, ratios: Sequence[Ratio], amounts: list[Paise], balloon: Paise
) -> None:
    """Change the first amount so that the last row leaves the balloon, as near as paise allow."""
    grown = base = 1
    for over, under in ratios[1:]:
        grown *= over + under
        base *= under
    for _ in range(_PASSES):
        left = _closings(principal, ratios, amounts)[-1] - balloon
        if left == 0:
            return
        amounts[0] += round_half_up(left * base, grown)
