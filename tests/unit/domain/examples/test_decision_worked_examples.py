"""The worked examples of rules, evaluations, scorecards, limits, memos and ratings, all figures.

Inputs and expected figures stand in the file beside this one, money in rupees; keys that hold money
become paise on the way in.
"""

import json
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from los_core.domain.applicant import KEYS, Applicant, Kind, Value
from los_core.domain.bre import RuleSet, run
from los_core.domain.cam import CamInputs, Priced, SalaryCredit, compute
from los_core.domain.charges import FeeRule
from los_core.domain.due_rules import TenureDays
from los_core.domain.eligibility import (
    Basis,
    BulletCase,
    Debt,
    EmiCase,
    FoirMode,
    Limit,
    bullet_limit,
    emi_limit,
)
from los_core.domain.evaluation import Grading, evaluate
from los_core.domain.evaluation_items import Config
from los_core.domain.experiment import Experiment, bucket
from los_core.domain.policies import DayCount, Method, RateUnit
from los_core.domain.pricing import Product, price
from los_core.domain.rating import (
    Band,
    Banded,
    Closure,
    Criterion,
    HigherBetter,
    Line,
    LowerBetter,
    Matrix,
    rate_customer,
    rate_staff,
)
from los_core.domain.rule import Rule
from los_core.domain.rupees import parse_rupees
from los_core.domain.scorecard import score
from los_core.domain.scorecard_model import Attribute, Bin, Calibration, Grade, Model
from los_core.domain.woe import Tally, evidence
from los_core.domain.workdays import days_between
from los_core.testing.decisions import scorecard

Inputs = Mapping[str, Any]
EXAMPLES = json.loads(Path(__file__).with_name("worked_examples.json").read_text("utf-8"))


def paise(given: Inputs, name: str) -> int:
    return parse_rupees(given[name])


def maybe_paise(given: Inputs, name: str) -> int | None:
    return parse_rupees(given[name]) if given.get(name) is not None else None


def rupees(amount: int) -> str:
    return str(Decimal(amount).scaleb(-2))


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def value(key: str, written: Any) -> Value:
    kind = KEYS[key].kind
    if kind is Kind.MONEY:
        return parse_rupees(written)
    if kind is Kind.COUNT:
        return int(written)
    if kind is Kind.NUMBER:
        return Decimal(written)
    assert isinstance(written, (bool, str))
    return written


def applicant(given: Inputs) -> Applicant:
    values = {key: value(key, written) for key, written in given["application"].items()}
    return Applicant.of(values, source="example")


def bre_example(given: Inputs) -> dict[str, Any]:
    rules = []
    for each in given["rules"]:
        threshold = each.get("threshold")
        if KEYS[each["field"]].kind is Kind.MONEY:
            threshold = parse_rupees(threshold)
        rules.append(Rule.from_document({**each, "threshold": threshold}))
    decision = run(RuleSet.compile(rules, version=1, on=date(2026, 1, 6)), applicant(given))
    return {
        "decision": decision.verdict.value,
        "primaryReason": decision.primary_reason,
        "reasonCodes": list(decision.reason_codes),
        "outcomes": {each.code: each.outcome.value for each in decision.outcomes},
    }


def evaluation_example(given: Inputs) -> dict[str, Any]:
    config = {"version": 1, **given["config"]}
    config["items"] = [in_paise(item) for item in config["items"]]
    result = evaluate(Config.from_document(config), applicant(given))
    items = []
    for item in result.items:
        left_out = {"excluded": True} if item.score is None else {}
        gave = {} if item.contribution is None else {"contribution": str(item.contribution)}
        scored = None if item.score is None else str(item.score)
        items.append({"code": item.code, "score": scored, **gave, **left_out})
    return {
        "score": str(result.score),
        "coveragePct": str(result.coverage_pct),
        "decision": result.grading.value,
        "hardRejects": list(result.hard_rejects),
        "softFlags": list(result.soft_flags),
        "items": items,
    }


def in_paise(item: Inputs) -> Inputs:
    if KEYS[item["field"]].kind is not Kind.MONEY:
        return item
    bands = [
        {**band, "min": maybe_paise(band, "min"), "max": maybe_paise(band, "max")}
        for band in item["bands"]
    ]
    return {**item, "bands": bands}


def scorecard_example(given: Inputs) -> Any:
    """The four kinds of example of a scorecard: a score, weights of evidence, an assignment."""
    if "bins" in given:
        return evidence_example(given)
    if "experimentId" in given:
        return assignment_example(given)
    model = model_of(given["model"])
    result = score(model, applicant(given))
    return {
        "factor": f"{model.factor:.6f}",
        "offset": f"{model.offset:.6f}",
        "logit": str(result.logit),
        "points": [
            {
                "code": each.code,
                "woe": f"{each.woe:.2f}",
                "points": each.points,
                "maxPoints": each.max_points,
            }
            for each in result.points
        ],
        "score": result.score,
        "pdRawPct": str(result.pd_raw_pct),
        "pdCalibratedPct": str(result.pd_pct),
        "grade": result.grade,
        "decision": result.decision.value,
        "reasonCodes": list(result.reasons),
    }


def model_of(given: Inputs) -> Model:
    return Model(
        version=given["version"],
        base_score=Decimal(given["baseScore"]),
        base_odds=Decimal(given["baseOdds"]),
        pdo=Decimal(given["pdo"]),
        intercept=Decimal(given["intercept"]),
        max_reasons=given["maxReasons"],
        calibration=Calibration(**{k: Decimal(v) for k, v in given["calibration"].items()}),
        attributes=tuple(attribute_of(each) for each in given["attributes"]),
        grades=tuple(
            Grade(
                low=number(each["min"]),
                high=number(each["max"]),
                grade=each["grade"],
                decision=Grading(each["decision"]),
            )
            for each in given["grades"]
        ),
    )


def attribute_of(given: Inputs) -> Attribute:
    known = [each for each in given["bins"] if not each.get("missing")]
    (missing,) = [each for each in given["bins"] if each.get("missing")]
    return Attribute(
        code=given["code"],
        field=given["field"],
        beta=Decimal(given["beta"]),
        bins=tuple(
            Bin(low=number(b["min"]), high=number(b["max"]), woe=Decimal(b["woe"])) for b in known
        ),
        missing_woe=Decimal(missing["woe"]),
    )


def evidence_example(given: Inputs) -> dict[str, Any]:
    bins = given["bins"]
    found = evidence([Tally(goods=each["goods"], bads=each["bads"]) for each in bins])
    return {
        "bins": [
            {"bin": each["bin"], "woe": str(woe)}
            for each, woe in zip(bins, found.woes, strict=True)
        ],
        "informationValue": str(found.information_value),
    }


def assignment_example(given: Inputs) -> list[dict[str, Any]]:
    trial = Experiment(
        id=given["experimentId"],
        champion=scorecard(version="champion"),
        challenger=scorecard(version="challenger"),
        challenger_pct=Decimal(given["challengerPct"]),
    )
    return [
        {"loanId": loan, "bucket": bucket(trial.id, loan), "arm": trial.arm(loan).value}
        for loan in given["loanIds"]
    ]


def eligibility_example(given: Inputs) -> dict[str, Any]:
    if "medianSalary" in given:
        limit = bullet_limit(
            BulletCase(
                salary=paise(given, "medianSalary"),
                obligations=paise(given, "obligations"),
                foir_cap_pct=Decimal(given["foirPct"]),
                mode=FoirMode(given["foirMode"]),
                basis=Basis(given["basis"]),
                rate_per_day_pct=Decimal(given["ratePerDayPct"]),
                days=given["tenureDays"],
                product_min=paise(given, "productMin"),
                product_max=paise(given, "productMax"),
                grade_cap=paise(given, "GRADE_CAP"),
                requested=paise(given, "REQUESTED"),
                step=paise(given, "step"),
            )
        )
        return {"capacityBase": rupees(limit.capacity), **limit_figures(limit)}
    multiple = given.get("unsecuredExposureMultiple")
    limit = emi_limit(
        EmiCase(
            income=paise(given, "netMonthlyIncome"),
            foir_cap_pct=Decimal(given["foirCapPct"]),
            obligations=paise(given, "obligations"),
            rate_pct=Decimal(given["annualRate"]),
            months=given["tenureMonths"],
            income_multiple=Decimal(given["incomeMultiple"]),
            product_min=paise(given, "productMin"),
            product_max=paise(given, "productMax"),
            grade_cap=paise(given, "gradeCap"),
            exposure_multiple=number(multiple),
            unsecured_outstanding=maybe_paise(given, "existingUnsecuredOutstanding") or 0,
            requested=paise(given, "requestedAmount"),
            kyc_cap_remaining=maybe_paise(given, "kycCapRemaining"),
            step=paise(given, "step"),
        )
    )
    assert limit.instalment is not None
    return {
        "availableEmi": rupees(limit.capacity),
        **limit_figures(limit),
        "emiAtOffer": rupees(limit.instalment),
    }


def limit_figures(limit: Limit) -> dict[str, Any]:
    return {
        "caps": {cap.value: rupees(amount) for cap, amount in limit.caps.items()},
        "bindingConstraint": limit.binding.value,
        "eligibleAmount": rupees(limit.amount),
        "eligible": limit.eligible,
    }


def cam_example(given: Inputs) -> dict[str, Any]:
    """The loan is priced by the library too, and the memo is made of its figures."""
    credited, repaid = (date.fromisoformat(given[n]) for n in ("disbursalDate", "repaymentDate"))
    days = days_between(credited, repaid)
    priced = price(
        Product(
            method=Method.BULLET,
            rate_pct=Decimal(given["ratePerDayPct"]),
            rate_unit=RateUnit.DAILY,
            due_rule=TenureDays(days=days),
            fee_rule=FeeRule(pct=Decimal(given["processingFeePct"])),
            day_count=DayCount.ACT_365,
        ),
        amount=paise(given, "loanRecommended"),
        credited_on=credited,
    )
    cam = compute(
        CamInputs(
            employer="Vistara Components Pvt Ltd",
            age=29,
            city_category="A",
            salary_credits=tuple(
                SalaryCredit(date.fromisoformat(each["date"]), paise(each, "amount"))
                for each in given["salaryCredits"]
            ),
            debts=tuple(
                Debt(lender=str(n), bureau_emi=parse_rupees(each))
                for n, each in enumerate(given["emiObligations"])
            ),
            card_outstanding=paise(given, "creditCardOutstanding"),
            balances=tuple(parse_rupees(each) for each in given["balances"]),
            months_in_job=20,
            loan_applied=paise(given, "loanRecommended"),
            loan_recommended=paise(given, "loanRecommended"),
            eligible_foir_pct=Decimal(given["eligibleFoirPct"]),
            priced=Priced(
                tenure_days=days,
                interest=priced.total_interest,
                repayment=priced.emi,
                processing_fee=priced.terms.fee.net,
                gst=priced.terms.fee.gst.total,
                net_disbursal=priced.net_disbursal,
                apr_pct=priced.apr_pct,
            ),
        )
    )
    assert cam.average_balance is not None
    loan = cam.inputs.priced
    return {
        "medianSalary": rupees(cam.median_salary),
        "averageSalary": rupees(cam.average_salary),
        "salaryVariancePct": str(cam.salary_variance_pct),
        "salaryVarianceBand": cam.salary_variance_band.value,
        "obligations": rupees(cam.obligations),
        "existingFoirPct": str(cam.existing_foir_pct),
        "finalFoirPct": str(cam.final_foir_pct),
        "foirDeviationPct": str(cam.foir_deviation_pct),
        "averageBankBalance": rupees(cam.average_balance),
        "tenureDays": loan.tenure_days,
        "interest": rupees(loan.interest),
        "repaymentAmount": rupees(loan.repayment),
        "processingFee": rupees(loan.processing_fee),
        "gst": rupees(loan.gst),
        "netDisbursal": rupees(loan.net_disbursal),
        "aprPct": str(loan.apr_pct),
    }


def criterion_of(given: Inputs) -> Criterion:
    methods: Mapping[str, Callable[[], Banded | HigherBetter | LowerBetter]] = {
        "BAND": lambda: Banded(
            bands=tuple(
                Band(number(b["min"]), number(b["max"]), Decimal(b["score"]))
                for b in given["bands"]
            )
        ),
        "HIGHER_BETTER": lambda: HigherBetter(
            floor=Decimal(given["floor"]), target=Decimal(given["target"])
        ),
        "LOWER_BETTER": lambda: LowerBetter(
            ceiling=Decimal(given["ceiling"]), target=Decimal(given["target"])
        ),
    }
    method = methods[given["method"]]()
    return Criterion(code=given["code"], weight=Decimal(given["weight"]), method=method)


def rating_example(given: Inputs, *, of_staff: bool) -> dict[str, Any]:
    matrix = Matrix(
        criteria=tuple(criterion_of(each) for each in given["config"]["criteria"]),
        lines=tuple(
            Line(number(each["min"]), number(each["max"]), each["rating"])
            for each in given["config"]["ratings"]
        ),
    )
    values = {code: number(text) for code, text in given["values"].items()}
    rating = rate_customer(matrix, values, closures=[Closure.PAID])
    if of_staff:
        rating = rate_staff(matrix, values, cases=20)
    return {
        "score": str(rating.score),
        "rating": rating.rating,
        "criteria": [{"code": each.code, "score": str(each.score)} for each in rating.criteria],
    }


ANSWERS: Mapping[str, Callable[[Inputs], Any]] = {
    "bre": bre_example,
    "evaluation-v1": evaluation_example,
    "evaluation-v2": scorecard_example,
    "eligibility": eligibility_example,
    "cam": cam_example,
    "brand-rating": lambda given: rating_example(given, of_staff=False),
    "partner-rating": lambda given: rating_example(given, of_staff=True),
}
MINE = [each for each in EXAMPLES if each["category"] in ANSWERS]


@pytest.mark.parametrize("example", MINE, ids=[each["id"] for each in MINE])
def test_the_worked_example_comes_out_to_the_last_figure(example: Inputs) -> None:
    answer = ANSWERS[example["category"]](example["inputs"])
    assert answer == example["expected"]
