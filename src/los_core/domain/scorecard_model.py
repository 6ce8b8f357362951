"""A scorecard as data: attributes with their bins, the scale of its points, calibration, grades.

How an applicant is scored is `scorecard`; how bins come from past loans is `woe`; a calibration is
fitted in `calibration`. Statistics are computed in 34-digit decimals, whose logarithm and
exponential round alike on every machine, and only rounded results leave.

Source: scorecard practice (WOE, points to double the odds, Platt 1999); rules page §5.
"""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from functools import lru_cache
from typing import Any, Final, Self

import attrs

from los_core.domain.applicant import KEYS, Kind, Sensitivity, Value
from los_core.domain.bands import gap, place
from los_core.domain.documents import from_document, to_document
from los_core.domain.errors import Invalid
from los_core.domain.evaluation import Grading

PRECISE: Final = Context(prec=34, rounding=ROUND_HALF_UP)
"""The arithmetic of every statistic; only its rounded results leave."""

PROXIES: Final = frozenset(
    {
        "address.pincode",
        "address.pincodeNegative",
        "address.pincodeServiceable",
        "address.cityCategory",
        "applicant.residenceType",
    }
)
"""Where a person lives may stand for religion or caste: a model reads these only if reviewed.

Source: RBI Fair Practices Code (no discrimination).
"""

LARGEST: Final = 100
"""No coefficient, WOE, intercept or calibration lies beyond ± this, and no list is longer."""


@attrs.frozen(kw_only=True)
class Bin:
    """Numbers from `low` (included) to `high` (excluded, None open), or the texts in `values`."""

    low: Decimal | None = None
    high: Decimal | None = None
    values: tuple[str, ...] = ()
    woe: Decimal


@attrs.frozen(kw_only=True)
class Attribute:
    """One key with its coefficient and bins; edges of money keys are paise.

    `beta` is below 0, since the log odds are of going bad and a high WOE is good. A missing value
    has `missing_woe`, and so has a text that no bin names: an unknown category is not known to be
    good. `reason` is the code that explains lost points.
    """

    code: str
    field: str
    beta: Decimal
    bins: tuple[Bin, ...]
    missing_woe: Decimal

    @property
    def best_woe(self) -> Decimal:
        """The highest WOE of any bin, which gives the most points."""
        return max(*(each.woe for each in self.bins), self.missing_woe)

    def woe_of(self, value: Value) -> Decimal:
        """Return the weight of evidence of a value; None: it is missing."""
        if value is None:
            return self.missing_woe
        if isinstance(value, str):
            return next((each.woe for each in self.bins if value in each.values), self.missing_woe)
        return self.bins[place(self.bins, value)].woe


@attrs.frozen(kw_only=True)
class Calibration:
    """Platt's line: PD = 1 / (1 + e^−(a + b·z)); a = 0 and b = 1 leave the model as it is."""

    a: Decimal = Decimal(0)
    b: Decimal = Decimal(1)


@attrs.frozen(kw_only=True)
class Grade:
    """Probabilities from `low` (included) to `high` (excluded), in per cent; None is open."""

    low: Decimal | None
    high: Decimal | None
    grade: str
    decision: Grading


GRADES: Final = tuple(
    Grade(
        low=None if low is None else Decimal(low),
        high=None if high is None else Decimal(high),
        grade=name,
        decision=decision,
    )
    for low, high, name, decision in (
        (None, 2, "A", Grading.AUTO_APPROVE),
        (2, 4, "B", Grading.AUTO_APPROVE),
        (4, 7, "C", Grading.AUTO_APPROVE),
        (7, 12, "D", Grading.MANUAL_REVIEW),
        (12, None, "E", Grading.AUTO_REJECT),
    )
)
"""A lender's starting grades, by calibrated probability of default."""


@attrs.frozen(kw_only=True)
class Model:
    """A scorecard: `base_score` points mean `base_odds` good to bad, `pdo` points double the odds.

    `reviewed` names the attributes' keys from `PROXIES` that a fairness review let through. Raises:
    Invalid: a code twice, a key that does not fit its bins, bins or grades with a gap, a number out
    of bounds, or a key that was not reviewed; `fields` names each.
    """

    version: str
    base_score: Decimal
    base_odds: Decimal
    pdo: Decimal
    intercept: Decimal
    attributes: tuple[Attribute, ...]
    calibration: Calibration = Calibration()
    grades: tuple[Grade, ...] = GRADES
    max_reasons: int = 3
    reviewed: frozenset[str] = frozenset()

    def __attrs_post_init__(self) -> None:
        if wrong := list(_complaints(self)):
            raise Invalid(f"scorecard {self.version or '?'} is not well formed", fields=wrong)

    @property
    def factor(self) -> Decimal:
        """Points per unit of log odds, to 34 digits."""
        return _scale(self.base_score, self.base_odds, self.pdo)[0]

    @property
    def offset(self) -> Decimal:
        """Points at even odds, to 34 digits."""
        return _scale(self.base_score, self.base_odds, self.pdo)[1]

    def points_of(self, attribute: Attribute, woe: Decimal) -> int:
        """Return what a WOE of one of its attributes is worth, half up to a whole point.

        −(beta·WOE + intercept/n)·factor + offset/n, for n attributes.
        """
        with localcontext(PRECISE):
            share = attribute.beta * woe + self.intercept / len(self.attributes)
            exact = self.offset / len(self.attributes) - share * self.factor
            return int(exact.quantize(Decimal(1), ROUND_HALF_UP))

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form, as a registry of models keeps it."""
        written: dict[str, Any] = to_document(self)
        return written

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the model of a document. Raises: Invalid."""
        return from_document(cls, document)


@lru_cache(maxsize=256)
def _scale(base_score: Decimal, base_odds: Decimal, pdo: Decimal) -> tuple[Decimal, Decimal]:
    """Return factor and offset; remembered, since two logarithms cost more than a whole score."""
    with localcontext(PRECISE):
        factor = pdo / Decimal(2).ln()
        return factor, base_score - factor * base_odds.ln()


def _complaints(model: Model) -> Iterable[tuple[str, str]]:
    if not model.version:
        yield "version", "must not be empty"
    if not 0 < len(model.attributes) <= LARGEST:
        yield "attributes", f"are 1 to {LARGEST}"
    if (says := gap(model.grades)) is not None:
        yield "grades", says
    if model.max_reasons < 1:
        yield "max_reasons", "must be at least 1"
    yield from _number_complaints(model)
    codes = [each.code for each in model.attributes]
    for each in model.attributes:
        if not each.code or codes.count(each.code) > 1:
            yield each.code or "code", "must be there, and only once"
        yield from ((each.code, says) for says in _key_complaints(model, each))
        yield from ((each.code, says) for says in _weight_complaints(each))
        yield from ((each.code, says) for says in _bin_complaints(each))


def _number_complaints(model: Model) -> Iterable[tuple[str, str]]:
    for name in ("base_odds", "pdo"):
        given: Decimal = getattr(model, name)
        if not (given.is_finite() and 0 < given <= 10_000):
            yield name, "must lie above 0 and be at most 10000"
    if not (model.base_score.is_finite() and abs(model.base_score) <= 10_000):
        yield "base_score", "must lie within ±10000"
    if not _is_bounded(model.intercept):
        yield "intercept", f"must lie within ±{LARGEST}"
    line = model.calibration
    if not (_is_bounded(line.a) and _is_bounded(line.b) and line.b > 0):
        yield "calibration", f"must lie within ±{LARGEST} and rise with the log odds: b is above 0"


def _key_complaints(model: Model, each: Attribute) -> Iterable[str]:
    key = KEYS.get(each.field)
    if key is None:
        yield f"reads {each.field}, which is no key of the applicant document"
    elif key.sensitivity is Sensitivity.SECRET:
        yield f"reads {each.field}, which tells a person and not a risk"
    elif key.name in PROXIES - model.reviewed:
        yield f"reads {each.field}, which needs a fairness review"
    elif key.kind is Kind.FLAG:
        yield f"reads {each.field}, which is no number and no text"


def _weight_complaints(each: Attribute) -> Iterable[str]:
    if not (_is_bounded(each.beta) and each.beta < 0):
        yield f"needs a coefficient below 0 and not below −{LARGEST}"
    if not all(_is_bounded(woe) for woe in (*(part.woe for part in each.bins), each.missing_woe)):
        yield f"has a WOE beyond ±{LARGEST}"


def _bin_complaints(each: Attribute) -> Iterable[str]:
    key = KEYS.get(each.field)
    if key is not None and key.kind is Kind.TEXT:
        named = [value for part in each.bins for value in part.values]
        ends = [end for part in each.bins for end in (part.low, part.high) if end is not None]
        if ends or not all(part.values for part in each.bins) or len(set(named)) < len(named):
            yield "needs bins of texts, each text in one of them"
    elif any(part.values for part in each.bins):
        yield f"has bins of texts, and {each.field} is a number"
    elif (says := gap(each.bins)) is not None:
        yield f"bins: {says}"


def _is_bounded(value: Decimal) -> bool:
    return value.is_finite() and abs(value) <= LARGEST
