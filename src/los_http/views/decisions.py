"""Why an application was decided as it was: rules, scores and the appraisal memo, for staff."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from los_core.domain.assessment import CamOnFile
from los_core.domain.bre import Decision
from los_core.domain.cam import Cam
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


class SalaryLine(View):
    """One salary as the statement shows it."""

    on: date
    amount_paise: int


class DebtLine(View):
    """What one lender is paid each month; null: that source does not show it."""

    lender: str
    bureau_emi_paise: int | None
    bank_emi_paise: int | None
    closing: bool


class CamFigures(View):
    """What the memo saw and what follows from it; percentages are of the median salary."""

    employer: str
    age: int
    city_category: str | None
    months_in_job: int | None
    salary_credits: list[SalaryLine]
    debts: list[DebtLine]
    loan_applied_paise: int
    median_salary_paise: int
    average_salary_paise: int
    salary_variance_pct: str
    salary_on_time: bool
    obligations_paise: int
    existing_foir_pct: str
    final_foir_pct: str
    eligible_foir_pct: str
    average_balance_paise: int | None
    abb_to_emi: str | None
    instalment_paise: int | None
    repayment_paise: int
    net_disbursal_paise: int
    apr_pct: str
    end_use: str
    deviations: list[str]


class CamView(View):
    """A version of the credit appraisal memo."""

    id: UUID
    loan_id: UUID
    version_no: int
    prepared_by: UUID
    recommended_amount_paise: int
    tenure: int
    foir_deviation_pct: str
    remarks: str
    at: datetime
    content: CamFigures


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
        content=_figures(Cam.from_document(cam.document)),
    )


def _figures(memo: Cam) -> CamFigures:
    inputs, priced = memo.inputs, memo.inputs.priced
    return CamFigures(
        employer=inputs.employer,
        age=inputs.age,
        city_category=inputs.city_category,
        months_in_job=inputs.months_in_job,
        salary_credits=[
            SalaryLine(on=credit.on, amount_paise=credit.amount) for credit in inputs.salary_credits
        ],
        debts=[
            DebtLine(
                lender=debt.lender,
                bureau_emi_paise=debt.bureau_emi,
                bank_emi_paise=debt.bank_emi,
                closing=debt.closing,
            )
            for debt in inputs.debts
        ],
        loan_applied_paise=inputs.loan_applied,
        median_salary_paise=memo.median_salary,
        average_salary_paise=memo.average_salary,
        salary_variance_pct=f"{memo.salary_variance_pct:f}",
        salary_on_time=memo.salary_on_time,
        obligations_paise=memo.obligations,
        existing_foir_pct=f"{memo.existing_foir_pct:f}",
        final_foir_pct=f"{memo.final_foir_pct:f}",
        eligible_foir_pct=f"{inputs.eligible_foir_pct:f}",
        average_balance_paise=memo.average_balance,
        abb_to_emi=_text(memo.abb_to_emi),
        instalment_paise=priced.instalment,
        repayment_paise=priced.repayment,
        net_disbursal_paise=priced.net_disbursal,
        apr_pct=f"{priced.apr_pct:f}",
        end_use=inputs.end_use,
        deviations=list(inputs.deviations),
    )


def _reasons(codes: Sequence[str]) -> list[ReasonView]:
    return [
        ReasonView(code=code, staff=staff_text(code), customer=customer_text(code))
        for code in codes
    ]


def _text(value: Decimal | None) -> str | None:
    return None if value is None else f"{value:f}"
