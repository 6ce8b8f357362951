"""Evaluation V2: what a scorecard makes of an applicant, kept so that it can be run again.

The weighted sum of the evidence is the log odds of going bad; it is printed as points, a
probability and a grade. Models are data, in `scorecard_model`; two of them are tried against each
other in `experiment`, and watched in `monitoring`. Hard rules are `bre`, the weighted score of V1
is `evaluation`.

Source: rules page §5.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Self

import attrs

from los_core.domain.applicant import (
    Applicant,
    Value,
    value_document,
    value_from_document,
)
from los_core.domain.bands import place
from los_core.domain.documents import document_hash, from_document, to_document
from los_core.domain.errors import Invalid
from los_core.domain.evaluation import Grading
from los_core.domain.scorecard_model import PRECISE, Model
from los_core.domain.words import reason_of_item


@attrs.frozen(kw_only=True)
class Points:
    """What one attribute gave: its WOE, its points, and the most points any of its bins gives."""

    code: str
    woe: Decimal
    points: int
    max_points: int


@attrs.frozen(kw_only=True)
class Scored:
    """A scorecard's result, with the input and the model it came from.

    `logit` is the log odds of going bad (6 decimals), the probabilities are per cent (4 decimals);
    the grade goes by `pd_pct`, the calibrated one, as printed. `reasons` are the codes of the
    attributes that lost most points, worst first; `reason_codes` say it in the codes of `words`.
    """

    score: int
    logit: Decimal
    pd_raw_pct: Decimal
    pd_pct: Decimal
    grade: str
    decision: Grading
    points: tuple[Points, ...]
    reasons: tuple[str, ...]
    input: Mapping[str, Value]
    input_hash: str
    model: Model

    @property
    def reason_codes(self) -> tuple[str, ...]:
        """The reasons as reason codes, each once; none for an approval."""
        if self.decision is Grading.AUTO_APPROVE:
            return ()
        return tuple(dict.fromkeys(reason_of_item(code) for code in self.reasons))

    def document(self) -> dict[str, Any]:
        """Return the JSON-ready form that is stored."""
        written: dict[str, Any] = to_document(self)
        return written

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the result as it was stored; whether it is sound is for `replay` to say.

        Raises: Invalid: a field is missing, unknown or of another type.
        """
        given = document.get("input")
        if not isinstance(given, Mapping):
            raise Invalid("a scorecard's result has its input")
        values = {key: value_from_document(key, raw) for key, raw in given.items()}
        return attrs.evolve(from_document(cls, {**document, "input": {}}), input=values)


def score(model: Model, applicant: Applicant) -> Scored:
    """Return the points, the probability of default, the grade and its decision for an applicant.

    The score is the sum of the attributes' points. A missing value has its own bin and never stops
    the run.
    """
    values = applicant.values()
    found = [(each, each.woe_of(values.get(each.field))) for each in model.attributes]
    with localcontext(PRECISE):
        logit = model.intercept + sum(each.beta * woe for each, woe in found)
        line = model.calibration
        calibrated = _probability_pct(line.a + line.b * logit)
    points = tuple(
        Points(
            code=each.code,
            woe=woe,
            points=model.points_of(each, woe),
            # Every coefficient is below 0, so the highest WOE has the most points.
            max_points=model.points_of(each, each.best_woe),
        )
        for each, woe in found
    )
    graded = model.grades[place(model.grades, calibrated)]
    snapshot = {each.field: values[each.field] for each in model.attributes if each.field in values}
    return Scored(
        score=sum(each.points for each in points),
        logit=_rounded(logit, 6),
        pd_raw_pct=_probability_pct(logit),
        pd_pct=calibrated,
        grade=graded.grade,
        decision=graded.decision,
        points=points,
        reasons=_reasons(points, most=model.max_reasons),
        input=snapshot,
        input_hash=document_hash({key: value_document(v) for key, v in snapshot.items()}),
        model=model,
    )


def replay(scored: Scored) -> Scored:
    """Return what the stored model and input give now; its document must equal the stored one.

    Byte for byte in canonical JSON (property-tested); a difference means that either was altered.
    """
    return score(scored.model, Applicant.of(scored.input, source="scorecard"))


def _reasons(points: tuple[Points, ...], *, most: int) -> tuple[str, ...]:
    lost = [(each.max_points - each.points, each.code) for each in points]
    worst = sorted((loss for loss in lost if loss[0] > 0), key=lambda loss: -loss[0])
    return tuple(code for _, code in worst[:most])


def _probability_pct(logit: Decimal) -> Decimal:
    """Return 1 / (1 + e^−z) in per cent, half up to 4 decimals."""
    with localcontext(PRECISE):
        return _rounded(Decimal(100) / (1 + (-logit).exp()), 4)


def _rounded(value: Decimal, places: int) -> Decimal:
    # Adding 0 turns −0.0000 into 0.0000: a result has one spelling.
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP, PRECISE) + 0
