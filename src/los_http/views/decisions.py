"""Why an application was decided as it was: rules, scores and the appraisal memo, for staff."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from los_core.domain.assessment import CamOnFile
from los_core.domain.bre import Decision
from los_core.domain.evaluation import Evaluation
from los_core.domain.words import customer_text, staff_text
from los_http.fields import View


class ReasonView(View):
    """A reason code, in the words of staff and of the customer."""

    code: str
    staff: str
    customer: str


class RuleLine(View):
    """What one hard rule said; `actual` is masked where it is personal."""

    code: str
    field: str
    operator: str
    threshold: Any
    actual: Any
    outcome: str
    severity: str
    reason_code: str


class BreView(View):
    """The hard rules' decision, rule by rule."""

    verdict: str
    reasons: list[ReasonView]
    rule_set_version: int
    rule_set_hash: str
    rules: list[RuleLine]


class ItemLine(View):
    """What one item of the evaluation scored; null: it was left out."""

    code: str
    score: str | None
    contribution: str | None


class ScoreView(View):
    """The weighted evaluation."""

    score: str | None
    coverage_pct: str
    grading: str
    reasons: list[ReasonView]
    hard_rejects: list[str]
    soft_flags: list[str]
    referred: list[str]
    items: list[ItemLine]


class EvaluationView(View):
    """Both engines' latest decisions; null where one has not run."""

    bre: BreView | None
    evaluation: ScoreView | None


class CamView(View):
    """A version of the credit appraisal memo; `content` has its inputs and what follows of them."""

    id: UUID
    loan_id: UUID
    version_no: int
    prepared_by: UUID
    recommended_amount_paise: int
    tenure: int
    foir_deviation_pct: str
    remarks: str
    at: datetime
    content: dict[str, Any]


def evaluation_view(bre: Decision | None, evaluation: Evaluation | None) -> EvaluationView:
    """Return both decisions, explained."""
    return EvaluationView(
        bre=BreView(
            verdict=bre.verdict.value,
            reasons=_reasons(bre.reason_codes),
            rule_set_version=bre.rule_set_version,
            rule_set_hash=bre.rule_set_hash,
            rules=[
                RuleLine(
                    code=line.code,
                    field=line.field,
                    operator=line.operator.value,
                    threshold=line.threshold,
                    actual=line.actual,
                    outcome=line.outcome.value,
                    severity=line.severity.value,
                    reason_code=line.reason_code,
                )
                for line in bre.explain()
            ],
        )
        if bre
        else None,
        evaluation=ScoreView(
            score=_text(evaluation.score),
            coverage_pct=f"{evaluation.coverage_pct:f}",
            grading=evaluation.grading.value,
            reasons=_reasons(evaluation.reason_codes),
            hard_rejects=list(evaluation.hard_rejects),
            soft_flags=list(evaluation.soft_flags),
            referred=list(evaluation.referred),
            items=[
                ItemLine(
                    code=item.code,
                    score=_text(item.score),
                    contribution=_text(item.contribution),
                )
                for item in evaluation.items
            ],
        )
        if evaluation
        else None,
    )


def cam_view(cam: CamOnFile) -> CamView:
    """Return a memo."""
    return CamView(
        id=cam.id,
        loan_id=cam.loan_id,
        version_no=cam.version_no,
        prepared_by=cam.prepared_by,
        recommended_amount_paise=cam.recommended,
        tenure=cam.tenure,
        foir_deviation_pct=cam.foir_deviation,
        remarks=cam.remarks,
        at=cam.at,
        content=cam.document,
    )


def _reasons(codes: Sequence[str]) -> list[ReasonView]:
    return [
        ReasonView(code=code, staff=staff_text(code), customer=customer_text(code))
        for code in codes
    ]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
