"""How an exact instalment becomes money: unit, mode, and where the difference goes.

A product field, spelled in one text so that equal choices hash alike and read well in a brand's
settings. It governs what an instalment asks for; interest of a row, penal charges and accruals
always round half up to a paisa (`money.round_half_up`). Source: schedule maths §1 and §3.
"""

from collections.abc import Callable, Sequence
from enum import StrEnum
from itertools import accumulate, pairwise
from typing import ClassVar

import attrs

from los_core.domain.errors import InvalidTerms
from los_core.domain.money import LIMIT, Paise, round_half_up

_NAMED_UNITS = {"PAISE": 1, "RUPEE": 100}
_UNIT_NAMES = {unit: name for name, unit in _NAMED_UNITS.items()}
_UNIT_DIGITS = 14
_EXACT = "UNROUNDED"


class RoundingMode(StrEnum):
    """Which multiple of the unit an amount goes to; UP and DOWN are away from and towards zero."""

    HALF_UP = "HALF_UP"
    HALF_EVEN = "HALF_EVEN"
    UP = "UP"
    DOWN = "DOWN"


class Residue(StrEnum):
    """Which instalment takes what rounding left.

    LAST: the last one. FIRST: the first that repays principal; the paise that rounding each row's
    interest leaves after that stay in the last. SPREAD: none; running totals are rounded instead of
    instalments, so that each is within one unit of the exact one and their sum is too.
    """

    LAST = "LAST"
    FIRST = "FIRST"
    SPREAD = "SPREAD"


_HALF_UP = RoundingMode.HALF_UP


@attrs.frozen
class Rounding:
    """A product's rounding, made from its text or by `Rounding.to`.

    The text is a unit (`RUPEE`, `PAISE` or a number of paise), then the mode and the residue where
    they are not HALF_UP and LAST: `RUPEE`, `500 UP`, `PAISE HALF_EVEN SPREAD`. Or it is
    `UNROUNDED`: the instalment stays exact, and running totals of exact principal and exact
    interest round half up to a paisa, so that a row is within a paisa of what it is in theory.

    Attributes:
        unit: in paise.
        is_exact: whether it is UNROUNDED; the unit is then a paisa, the residue spread.

    Raises: InvalidTerms: no such spelling.
    """

    _text: str
    unit: Paise = attrs.field(init=False, eq=False, repr=False)
    mode: RoundingMode = attrs.field(init=False, eq=False, repr=False)
    residue: Residue = attrs.field(init=False, eq=False, repr=False)
    is_exact: bool = attrs.field(init=False, eq=False, repr=False)

    RUPEE: ClassVar["Rounding"]
    PAISE: ClassVar["Rounding"]
    UNROUNDED: ClassVar["Rounding"]

    def __attrs_post_init__(self) -> None:
        is_exact = self._text == _EXACT
        unit, mode, residue = _parsed("PAISE SPREAD" if is_exact else self._text)
        parsed = {"unit": unit, "mode": mode, "residue": residue, "is_exact": is_exact}
        parsed["_text"] = _EXACT if is_exact else _spelled(unit, mode, residue)
        for name, value in parsed.items():
            object.__setattr__(self, name, value)

    @classmethod
    def to(
        cls,
        unit: Paise,
        *,
        mode: RoundingMode = RoundingMode.HALF_UP,
        residue: Residue = Residue.LAST,
    ) -> "Rounding":
        """Return the rounding to multiples of `unit` paise. Raises: InvalidTerms."""
        return cls(_spelled(unit, mode, residue))

    def __str__(self) -> str:
        return self._text

    def rounded(self, numerator: int, denominator: int) -> Paise:
        """Return numerator / denominator paise as a multiple of the unit, rounded once."""
        unit = self.unit
        if self.mode is _HALF_UP:  # nearly always; a look-up by mode costs as much again
            return round_half_up(numerator, denominator * unit) * unit
        return ROUNDED[self.mode](numerator, denominator * unit) * unit

    def parts(self, total: Paise, weights: Sequence[int]) -> tuple[Paise, ...]:
        """Return `total` in parts by weight, each rounded, the difference in its place.

        The parts sum to `total` exactly; only the part (or parts) that take the difference may be
        no multiple of the unit. A unit too coarse for the total leaves that part below zero.
        """
        whole = sum(weights)
        if self.residue is Residue.SPREAD:
            return self.steps(total, whole, weights, ending=total)
        parts = [self.rounded(total * weight, whole) for weight in weights]
        taker = 0 if self.residue is Residue.FIRST else -1
        parts[taker] += total - sum(parts)
        return tuple(parts)

    def steps(
        self, numerator: int, denominator: int, weights: Sequence[int], *, ending: Paise | None
    ) -> tuple[Paise, ...]:
        """Return the differences of rounded running totals of numerator / denominator × weight.

        The last running total is `ending` where that is given.
        """
        totals = [self.rounded(numerator * reached, denominator) for reached in accumulate(weights)]
        if ending is not None:
            totals[-1] = ending
        return tuple(after - before for before, after in pairwise((0, *totals)))


def round_half_even(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded to a whole, halves to the even neighbour."""
    whole, left = divmod(numerator, denominator)
    return whole + (2 * left > denominator or (2 * left == denominator and whole % 2 == 1))


def round_up(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded away from zero."""
    return -(-numerator // denominator) if numerator >= 0 else numerator // denominator


def round_down(numerator: int, denominator: int) -> int:
    """Return numerator / denominator rounded towards zero."""
    return numerator // denominator if numerator >= 0 else -(-numerator // denominator)


ROUNDED: dict[RoundingMode, Callable[[int, int], int]] = {
    RoundingMode.HALF_UP: round_half_up,
    RoundingMode.HALF_EVEN: round_half_even,
    RoundingMode.UP: round_up,
    RoundingMode.DOWN: round_down,
}
"""Each mode's function of (numerator, positive denominator)."""


def _parsed(text: object) -> tuple[Paise, RoundingMode, Residue]:
    words = text.split(" ") if isinstance(text, str) else [""]
    unit, mode, residue = _unit(words.pop(0)), RoundingMode.HALF_UP, Residue.LAST
    if words and words[0] in set(RoundingMode):
        mode = RoundingMode(words.pop(0))
    if words and words[0] in set(Residue):
        residue = Residue(words.pop(0))
    if unit is None or words:
        raise InvalidTerms(
            f"rounding is a unit, a mode and a residue, such as '500 UP FIRST', not {text!r}"
        )
    return unit, mode, residue


def _unit(word: str) -> Paise | None:
    if word in _NAMED_UNITS:
        return _NAMED_UNITS[word]
    is_number = word.isascii() and word.isdecimal() and len(word) <= _UNIT_DIGITS
    return int(word) if is_number else None


def _spelled(unit: Paise, mode: RoundingMode, residue: Residue) -> str:
    if type(unit) is not int or not 1 <= unit <= LIMIT:
        raise InvalidTerms(f"a rounding unit is from 1 to {LIMIT} paise, not {unit!r}")
    words = [_UNIT_NAMES.get(unit, str(unit))]
    words += [mode] if mode is not RoundingMode.HALF_UP else []
    words += [residue] if residue is not Residue.LAST else []
    return " ".join(words)


Rounding.RUPEE = Rounding("RUPEE")
Rounding.PAISE = Rounding("PAISE")
Rounding.UNROUNDED = Rounding("UNROUNDED")
