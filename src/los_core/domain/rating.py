"""Rate people from 1 to 5: customers by how they repaid, staff by how they worked.

A matrix is a brand's data: criteria with weights, each turned into 0 to 100, and the lines between
the ratings. What is measured comes from the caller; a figure that is not known is left out and
never counts as 0. A customer's rating feeds reloan eligibility and the order of allocation; a staff
member's is for them and their manager, and sets no pay by itself.

Source: rating matrices of the product; rules page §8.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
from typing import Any, Final, Self, TypeAlias, assert_never

import attrs

from los_core.domain.bands import gap, place
from los_core.domain.documents import from_document, to_document
from los_core.domain.errors import Invalid
from los_core.domain.money import round_half_up

LEAST_CASES: Final = 20
"""A staff member with fewer cases in the month is not rated: chance would speak, not work."""


class Closure(StrEnum):
    """How a customer's earlier loan ended."""

    PAID = "PAID"
    FORECLOSED = "FORECLOSED"
    SETTLED = "SETTLED"
    WRITTEN_OFF = "WRITTEN_OFF"


@attrs.frozen
class Band:
    """Values from `low` (included) to `high` (excluded, None open) score `score`."""

    low: Decimal | None
    high: Decimal | None
    score: Decimal


@attrs.frozen(kw_only=True)
class Banded:
    """BAND: the score of the band that a value falls into."""

    bands: tuple[Band, ...]

    def score(self, value: Decimal) -> Fraction:
        """Return 0 to 100."""
        return Fraction(self.bands[place(self.bands, value)].score)


@attrs.frozen(kw_only=True)
class HigherBetter:
    """HIGHER_BETTER: 0 at `floor` and below, 100 at `target` and above, even between."""

    floor: Decimal
    target: Decimal

    def score(self, value: Decimal) -> Fraction:
        """Return 0 to 100."""
        floor, target = Fraction(self.floor), Fraction(self.target)
        return _clamped((Fraction(value) - floor) / (target - floor))


@attrs.frozen(kw_only=True)
class LowerBetter:
    """LOWER_BETTER: 100 at `target` and below, 0 at `ceiling` and above, even between."""

    ceiling: Decimal
    target: Decimal

    def score(self, value: Decimal) -> Fraction:
        """Return 0 to 100."""
        ceiling, target = Fraction(self.ceiling), Fraction(self.target)
        return _clamped((ceiling - Fraction(value)) / (ceiling - target))


Method: TypeAlias = Banded | HigherBetter | LowerBetter


@attrs.frozen(kw_only=True)
class Criterion:
    """What is measured, how much it weighs, and how a value becomes a score."""

    code: str
    weight: Decimal
    method: Method


@attrs.frozen
class Line:
    """Scores from `low` (included) to `high` (excluded, None open) are rated `rating`."""

    low: Decimal | None
    high: Decimal | None
    rating: int


def _lines(*edges: int) -> tuple[Line, ...]:
    ends = [None, *(Decimal(edge) for edge in edges), None]
    return tuple(
        Line(low, high, rating) for rating, (low, high) in enumerate(pairwise(ends), start=1)
    )


LINES: Final = _lines(35, 50, 65, 80)


@attrs.frozen(kw_only=True)
class Matrix:
    """Criteria and lines; weights are normalised. `least_cases` 0: rated however few there were.

    Raises: Invalid: no criterion, a code twice, a weight not above 0, a scale that runs the wrong
    way, bands or lines with a gap, or ratings that do not rise from 1 to 5; `fields` names each.
    """

    criteria: tuple[Criterion, ...]
    lines: tuple[Line, ...] = LINES
    least_cases: int = 0
    version: int = 1

    def __attrs_post_init__(self) -> None:
        if wrong := list(_complaints(self)):
            raise Invalid("the rating matrix is not well formed", fields=wrong)

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        written: dict[str, Any] = to_document(self)
        return written

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the matrix of a document. Raises: Invalid."""
        return from_document(cls, document)


@attrs.frozen(kw_only=True)
class CriterionScore:
    """What one criterion scored, two decimals; None: its value is not known and it was left out."""

    code: str
    value: Decimal | None
    score: Decimal | None


@attrs.frozen(kw_only=True)
class Rating:
    """A rating with its score, two decimals, and what it came from.

    `rating` and `score` are None where the data do not suffice. `forced_by` is the way an earlier
    loan ended that makes it 1 whatever the score.
    """

    rating: int | None
    score: Decimal | None
    criteria: tuple[CriterionScore, ...]
    forced_by: Closure | None = None
    version: int

    @property
    def insufficient_data(self) -> bool:
        """Whether there was too little to rate."""
        return self.rating is None

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form."""
        written: dict[str, Any] = to_document(self)
        return written

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the rating of a document. Raises: Invalid."""
        return from_document(cls, document)


def rate_customer(
    matrix: Matrix, values: Mapping[str, Decimal | None], *, closures: Iterable[Closure] = ()
) -> Rating:
    """Return a customer's rating.

    A loan that was ever settled or written off makes it 1, also where nothing else is known.
    Raises: Invalid: a value the matrix does not ask for, or one that is no finite number.
    """
    rated = _rated(matrix, values)
    ended = set(closures)
    worst = next((each for each in (Closure.WRITTEN_OFF, Closure.SETTLED) if each in ended), None)
    return rated if worst is None else attrs.evolve(rated, rating=1, forced_by=worst)


def rate_staff(matrix: Matrix, values: Mapping[str, Decimal | None], *, cases: int) -> Rating:
    """Return a staff member's rating for one calendar month in which they had `cases` cases.

    Fewer than the matrix asks for: no rating and no score, only the criteria.
    Raises: Invalid: a value the matrix does not ask for, or one that is no finite number.
    """
    rated = _rated(matrix, values)
    if cases < matrix.least_cases:
        return attrs.evolve(rated, rating=None, score=None)
    return rated


def _rated(matrix: Matrix, values: Mapping[str, Decimal | None]) -> Rating:
    codes = {each.code for each in matrix.criteria}
    wrong = [(code, "is no criterion of the matrix") for code in sorted(set(values) - codes)]
    wrong += [
        (code, "must be a finite number")
        for code, value in sorted(values.items())
        if value is not None and not value.is_finite()
    ]
    if wrong:
        raise Invalid("the rating's values do not fit its matrix", fields=wrong)
    found = [
        (each, value, None if value is None else each.method.score(value))
        for each in matrix.criteria
        for value in [values.get(each.code)]
    ]
    counted = [(Fraction(each.weight), score) for each, _, score in found if score is not None]
    weight = sum((weight for weight, _ in counted), Fraction())
    total = sum((weight * score for weight, score in counted), Fraction())
    # The line goes by the printed score, so that 80.00 on paper is rated as 80.00.
    score = _two_places(total / weight) if weight else None
    return Rating(
        rating=None if score is None else matrix.lines[place(matrix.lines, score)].rating,
        score=score,
        criteria=tuple(
            CriterionScore(
                code=each.code,
                value=value,
                score=None if points is None else _two_places(points),
            )
            for each, value, points in found
        ),
        version=matrix.version,
    )


def _complaints(matrix: Matrix) -> Iterable[tuple[str, str]]:
    if not matrix.criteria:
        yield "criteria", "there must be at least one"
    codes = [each.code for each in matrix.criteria]
    for each in matrix.criteria:
        if not each.code or codes.count(each.code) > 1:
            yield each.code or "code", "must be there, and only once"
        if not (each.weight.is_finite() and each.weight > 0):
            yield each.code, "needs a weight above 0"
        if (says := _method_complaint(each.method)) is not None:
            yield each.code, says
    if (says := gap(matrix.lines)) is not None:
        yield "lines", says
    if [each.rating for each in matrix.lines] != [1, 2, 3, 4, 5]:
        yield "lines", "rate from 1 to 5"
    if matrix.least_cases < 0:
        yield "least_cases", "must not be below 0"


def _method_complaint(method: Method) -> str | None:
    match method:
        case Banded():
            if any(not (b.score.is_finite() and 0 <= b.score <= 100) for b in method.bands):
                return "has a score outside 0 to 100"
            return gap(method.bands)
        case HigherBetter():
            low, high = method.floor, method.target
        case LowerBetter():
            low, high = method.target, method.ceiling
        case _:
            assert_never(method)
    if not (low.is_finite() and high.is_finite() and low < high):
        return "has a scale that does not run from worse to better"
    return None


def _clamped(part: Fraction) -> Fraction:
    return min(max(part, Fraction(0)), Fraction(1)) * 100


def _two_places(exact: Fraction) -> Decimal:
    return Decimal(round_half_up(exact.numerator * 100, exact.denominator)).scaleb(-2)


def _bands(*parts: int) -> Banded:
    """Return bands from scores with the edges between them."""
    numbers = [Decimal(part) for part in parts]
    ends = [None, *numbers[1::2], None]
    return Banded(
        bands=tuple(
            Band(low, high, score)
            for (low, high), score in zip(pairwise(ends), numbers[::2], strict=True)
        )
    )


def _criterion(code: str, weight: int, method: Method) -> Criterion:
    return Criterion(code=code, weight=Decimal(weight), method=method)


def _higher(floor: int, target: int) -> HigherBetter:
    return HigherBetter(floor=Decimal(floor), target=Decimal(target))


def _lower(ceiling: int, target: int) -> LowerBetter:
    return LowerBetter(ceiling=Decimal(ceiling), target=Decimal(target))


CUSTOMER_MATRIX: Final = Matrix(
    criteria=(
        _criterion("ON_TIME_PCT", 35, _higher(50, 100)),
        _criterion("MAX_DPD_LAST_LOAN", 25, _bands(100, 1, 80, 4, 50, 8, 20, 31, 0)),
        _criterion("CLOSED_LOANS", 15, _bands(0, 1, 50, 2, 80, 4, 100)),
        _criterion("BUREAU_SCORE", 15, _bands(0, 600, 30, 650, 60, 700, 80, 750, 100)),
        _criterion("BOUNCE_PCT", 10, _lower(50, 0)),
    )
)
"""A brand's starting matrix for customers."""

_WORK: Final = (
    _criterion("CONVERSION_PCT", 25, _higher(5, 25)),
    _criterion("TAT_HOURS", 20, _lower(48, 4)),
    _criterion("QA_SCORE_PCT", 15, _higher(60, 95)),
)

COLLECTION_MATRIX: Final = Matrix(
    criteria=(_criterion("RECOVERY_RATE_PCT", 40, _higher(40, 90)), *_WORK),
    least_cases=LEAST_CASES,
)
"""A starting matrix for staff who collect; by calendar month."""

SALES_MATRIX: Final = Matrix(
    criteria=(_criterion("DISBURSED_TARGET_PCT", 40, _higher(40, 100)), *_WORK),
    least_cases=LEAST_CASES,
)
"""The same for staff who sell: value disbursed, in per cent of their target, for recovery.

The scale of the target is a product default; the other criteria are those of collection.
"""
