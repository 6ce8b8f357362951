"""Evaluation V1: a weighted score over items, and what the score decides.

Items and lines are a brand's data, in `evaluation_items`. The score is exact until it is rounded
once, half up to two decimals; so is each item's contribution, which is shown and never summed.
Hard rules are `bre`; wording is in `words`.
"""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any, Self

import attrs

from los_core.domain.applicant import (
    Applicant,
    Value,
    value_document,
    value_from_document,
)
from los_core.domain.canonical import digest
from los_core.domain.evaluation_items import Config, Item, WhenMissing
from los_core.domain.money import round_half_up, share
from los_core.domain.rule import passes
from los_core.domain.words import reason_of_item


class Grading(StrEnum):
    """What the evaluation decides."""

    AUTO_APPROVE = "AUTO_APPROVE"
    AUTO_REJECT = "AUTO_REJECT"
    MANUAL_REVIEW = "MANUAL_REVIEW"


@attrs.frozen(kw_only=True)
class ItemResult:
    """What one item scored (0 to 100, two decimals) and gave; both None: it was left out."""

    code: str
    score: Decimal | None
    contribution: Decimal | None


@attrs.frozen(kw_only=True)
class Evaluation:
    """The result, with the input and the config it came from.

    `score` is None when no item could be scored. `referred` are the items whose missing value asks
    for a person. `reason_codes` explain a rejection or a review, strongest first.
    """

    score: Decimal | None
    coverage_pct: Decimal
    grading: Grading
    hard_rejects: tuple[str, ...]
    soft_flags: tuple[str, ...]
    referred: tuple[str, ...]
    reason_codes: tuple[str, ...]
    items: tuple[ItemResult, ...]
    input: Mapping[str, Value]
    input_hash: str
    config: Config

    def document(self) -> dict[str, object]:
        """Return the JSON-ready form that is stored."""
        return {
            "engine": "V1",
            "score": _text(self.score),
            "coveragePct": _text(self.coverage_pct),
            "grading": self.grading.value,
            "hardRejects": list(self.hard_rejects),
            "softFlags": list(self.soft_flags),
            "referred": list(self.referred),
            "reasonCodes": list(self.reason_codes),
            "items": [
                {
                    "code": each.code,
                    "score": _text(each.score),
                    "contribution": _text(each.contribution),
                }
                for each in self.items
            ],
            "input": _input_document(self.input),
            "inputHash": self.input_hash,
            "config": self.config.document(),
        }

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the evaluation as it was stored; whether it is sound is for `replay` to say."""
        return cls(
            score=_decimal(document["score"]),
            coverage_pct=Decimal(document["coveragePct"]),
            grading=Grading(document["grading"]),
            hard_rejects=tuple(document["hardRejects"]),
            soft_flags=tuple(document["softFlags"]),
            referred=tuple(document["referred"]),
            reason_codes=tuple(document["reasonCodes"]),
            items=tuple(
                ItemResult(
                    code=each["code"],
                    score=_decimal(each["score"]),
                    contribution=_decimal(each["contribution"]),
                )
                for each in document["items"]
            ),
            input={k: value_from_document(k, v) for k, v in document["input"].items()},
            input_hash=document["inputHash"],
            config=Config.from_document(document["config"]),
        )


def evaluate(config: Config, applicant: Applicant) -> Evaluation:
    """Return the weighted score over the items that can be scored, and the decision.

    In this order: an item on the hard-reject list rejects; a score below the rejection line
    rejects; a score at the approval line with nothing referred, enough coverage and few enough soft
    flags approves; everything else, also when nothing could be scored, goes to a person. Score and
    coverage are half up to two decimals. Source: rules page §4, examples EV1-01 and EV1-02.
    """
    values = applicant.values()
    scored = [(item, _score(item, values.get(item.field))) for item in config.items]
    counted = [(item, score) for item, score in scored if score is not None]
    weight = sum((Fraction(item.weight) for item, _ in counted), Fraction())
    total = sum((Fraction(item.weight) * Fraction(score) for item, score in counted), Fraction())
    whole = sum((Fraction(item.weight) for item in config.items), Fraction())
    exact = total / weight if weight else None
    coverage = weight / whole * 100
    weak = [item for item, score in counted if score < item.pass_score]
    hard = tuple(item.code for item in weak if item.hard_reject)
    soft = tuple(item.code for item in weak if item.soft_flag)
    asked = tuple(
        item.code
        for item, score in scored
        if score is None and item.on_missing is WhenMissing.REFER
    )
    # Lines are compared with what is printed, so that 75.00 on paper is 75.00 in the decision.
    score = None if exact is None else _two_places(exact)
    covered = _two_places(coverage)
    grading = _grading(config, score, covered, hard=hard, soft=soft, asked=asked)
    snapshot = {i.field: values[i.field] for i in config.items if i.field in values}
    return Evaluation(
        score=score,
        coverage_pct=covered,
        grading=grading,
        hard_rejects=hard,
        soft_flags=soft,
        referred=asked,
        reason_codes=_reasons(grading, counted, hard=hard, soft=soft, asked=asked),
        items=tuple(
            ItemResult(
                code=item.code,
                score=None if points is None else _two_places(Fraction(points)),
                contribution=None
                if points is None
                else _two_places(Fraction(item.weight) * share(points)),
            )
            for item, points in scored
        ),
        input=snapshot,
        input_hash=digest(_input_document(snapshot)),
        config=config,
    )


def replay(evaluation: Evaluation) -> Evaluation:
    """Return what the stored config and input give now; its document must equal the stored one.

    Byte for byte in canonical JSON (property-tested); a difference means that either was altered.
    """
    return evaluate(evaluation.config, Applicant.of(evaluation.input, source="evaluation"))


def _score(item: Item, value: Value) -> Decimal | None:
    if value is None:
        return {WhenMissing.ZERO: Decimal(0), WhenMissing.NEUTRAL: Decimal(50)}.get(item.on_missing)
    if item.type == "BINARY":
        assert item.operator is not None
        return Decimal(100) if passes(item.operator, value, item.threshold) else Decimal(0)
    assert isinstance(value, (int, Decimal))
    for band in item.bands:
        if (band.low is None or band.low <= value) and (band.high is None or value < band.high):
            return band.score
    raise AssertionError(f"the bands of {item.code} do not cover every value")


def _grading(
    config: Config,
    score: Decimal | None,
    coverage: Decimal,
    *,
    hard: tuple[str, ...],
    soft: tuple[str, ...],
    asked: tuple[str, ...],
) -> Grading:
    if hard:
        return Grading.AUTO_REJECT
    if score is None:
        return Grading.MANUAL_REVIEW
    if score < config.reject_below:
        return Grading.AUTO_REJECT
    if (
        score >= config.approve_at
        and not asked
        and coverage >= config.min_coverage_pct
        and len(soft) <= config.max_soft_flags
    ):
        return Grading.AUTO_APPROVE
    return Grading.MANUAL_REVIEW


def _reasons(
    grading: Grading,
    counted: Iterable[tuple[Item, Decimal]],
    *,
    hard: tuple[str, ...],
    soft: tuple[str, ...],
    asked: tuple[str, ...],
) -> tuple[str, ...]:
    """Return why not: the listed items first, then those that lost most points."""
    if grading is Grading.AUTO_APPROVE:
        return ()
    losses = sorted(
        ((item.weight * (100 - score), item.code) for item, score in counted if score < 100),
        key=lambda loss: -loss[0],
    )
    codes = [*hard, *soft, *asked, *(code for _, code in losses)]
    return tuple(dict.fromkeys(reason_of_item(code) for code in codes))


def _two_places(exact: Fraction) -> Decimal:
    return Decimal(round_half_up(exact.numerator * 100, exact.denominator)).scaleb(-2)


def _input_document(values: Mapping[str, Value]) -> dict[str, object]:
    return {key: value_document(value) for key, value in sorted(values.items())}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)
