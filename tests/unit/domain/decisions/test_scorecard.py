import json
from datetime import date
from decimal import Decimal

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.applicant import KEYS, Applicant, Value
from los_core.domain.errors import Invalid, NotFound
from los_core.domain.evaluation import Grading
from los_core.domain.experiment import Arm, Experiment, Release, Trial, bucket, in_force, try_both
from los_core.domain.scorecard import Scored, replay, score
from los_core.domain.scorecard_model import GRADES, Attribute, Bin, Calibration, Model
from los_core.testing.decisions import applicant, applicants, scorecard

MODEL = scorecard()
EV2_01: dict[str, Value] = {
    "bureau.score": 718,
    "bureau.maxDpd12m": 0,
    "bureau.enquiries90d": 3,
    "derived.postLoanFoirPct": Decimal(41),
    "bank.inwardBounces3m": 1,
    "employment.monthsInCurrentJob": 20,
}
EV2_02: dict[str, Value] = {
    "bureau.score": 640,
    "bureau.maxDpd12m": 20,
    "bureau.enquiries90d": 9,
    "derived.postLoanFoirPct": Decimal(58),
    "bank.inwardBounces3m": 3,
}


def scored(values: dict[str, Value], model: Model = MODEL) -> Scored:
    return score(model, Applicant.of(values, source="example"))


def modes(**changes: object) -> Attribute:
    fields: dict[str, object] = {
        "code": "SALARY_MODE",
        "field": "income.salaryMode",
        "beta": Decimal("-0.5"),
        "bins": (
            Bin(values=("BANK_TRANSFER",), woe=Decimal("0.4")),
            Bin(values=("CHEQUE", "CASH"), woe=Decimal("-0.6")),
        ),
        "missing_woe": Decimal("-0.7"),
    }
    return Attribute(**{**fields, **changes})  # type: ignore[arg-type]  # a builder's changes


def test_ev2_01_points_grade_and_reasons_with_full_data() -> None:
    result = scored(EV2_01)
    assert (f"{MODEL.factor:.6f}", f"{MODEL.offset:.6f}") == ("57.707802", "477.122876")
    assert [(p.code, str(p.woe), p.points, p.max_points) for p in result.points] == [
        ("BUREAU_SCORE", "0.46", 128, 163),
        ("MAX_DPD_12M", "0.35", 119, 119),
        ("ENQ_90D", "0.05", 106, 118),
        ("FOIR", "0.15", 111, 128),
        ("BOUNCES_3M", "-0.28", 92, 123),
        ("JOB_MONTHS", "0.12", 108, 118),
    ]
    assert (result.score, str(result.logit)) == (664, "-3.259000")
    assert (str(result.pd_raw_pct), str(result.pd_pct)) == ("3.7005", "3.7469")
    assert (result.grade, result.decision) == ("B", Grading.AUTO_APPROVE)
    assert result.reasons == ("BUREAU_SCORE", "BOUNCES_3M", "FOIR")
    assert result.reason_codes == ()


def test_ev2_02_a_weak_profile_with_missing_job_months_is_rejected() -> None:
    result = scored(EV2_02)
    assert [(p.code, str(p.woe), p.points, p.max_points) for p in result.points] == [
        ("BUREAU_SCORE", "-0.62", 72, 163),
        ("MAX_DPD_12M", "-0.85", 70, 119),
        ("ENQ_90D", "-0.95", 72, 118),
        ("FOIR", "-0.35", 88, 128),
        ("BOUNCES_3M", "-1.10", 57, 123),
        ("JOB_MONTHS", "-0.2", 99, 118),
    ]
    assert (result.score, str(result.logit)) == (458, "0.328000")
    assert (str(result.pd_raw_pct), str(result.pd_pct)) == ("58.1273", "54.0312")
    assert (result.grade, result.decision) == ("E", Grading.AUTO_REJECT)
    assert result.reasons == ("BUREAU_SCORE", "BOUNCES_3M", "MAX_DPD_12M")
    assert result.reason_codes == ("R030_BUREAU_SCORE", "R041_BOUNCES", "R032_DPD_12M")


def test_chc_01_the_arm_follows_from_experiment_and_loan() -> None:
    loans = ["LN-1001", "LN-1002", "LN-1003", "LN-1004", "LN-1005", "LN-1006"]
    trial = Experiment(
        id="exp-2026-01", champion=MODEL, challenger=MODEL, challenger_pct=Decimal(10)
    )
    assert [bucket("exp-2026-01", loan) for loan in loans] == [4825, 7572, 7346, 1677, 729, 3094]
    assert [loan for loan in loans if trial.arm(loan) is Arm.CHALLENGER] == ["LN-1005"]


def test_a_value_on_an_edge_falls_into_the_bin_above() -> None:
    weights = [scored({**EV2_01, "bureau.score": s}).points[0].woe for s in (699, 700)]
    assert [str(woe) for woe in weights] == ["-0.08", "0.46"]


def test_a_text_no_bin_names_is_not_known_to_be_good() -> None:
    model = scorecard(attributes=(modes(),))
    weights = [
        str(scored({"income.salaryMode": mode} if mode else {}, model).points[0].woe)
        for mode in ("BANK_TRANSFER", "CASH", "BARTER", None)
    ]
    assert weights == ["0.4", "-0.6", "-0.7", "-0.7"]


def test_the_grade_goes_by_the_printed_probability() -> None:
    even = scorecard(
        intercept=Decimal(0), calibration=Calibration(), attributes=(modes(),), max_reasons=1
    )
    result = scored({"income.salaryMode": "BANK_TRANSFER"}, even)
    assert (str(result.pd_pct), result.grade) == ("45.0166", "E")
    assert result.reasons == ()


@given(applicants())
def test_a_stored_result_is_read_back_and_run_again_byte_for_byte(person: Applicant) -> None:
    result = score(MODEL, person)
    stored = json.loads(json.dumps(result.document()))
    again = Scored.from_document(stored)
    assert again == result
    assert replay(again).document() == stored


@given(st.integers(300, 900), st.integers(300, 900))
def test_a_better_bureau_score_never_costs_points_or_raises_the_risk(one: int, two: int) -> None:
    low, high = sorted((one, two))
    worse, better = (scored({**EV2_01, "bureau.score": s}) for s in (low, high))
    assert worse.score <= better.score
    assert worse.pd_pct >= better.pd_pct


@given(applicants())
def test_points_follow_the_odds_to_within_their_rounding(person: Applicant) -> None:
    result = score(MODEL, person)
    exact = MODEL.offset - result.logit * MODEL.factor
    assert abs(result.score - exact) <= Decimal(len(MODEL.attributes)) / 2 + 1
    assert 0 <= result.pd_pct <= 100


def test_an_altered_result_does_not_replay() -> None:
    forged = attrs.evolve(scored(EV2_02), score=700)
    assert replay(forged).document() != forged.document()


def test_a_result_without_its_input_is_refused() -> None:
    document = scored(EV2_01).document()
    with pytest.raises(Invalid):
        Scored.from_document({**document, "input": None})
    with pytest.raises(Invalid):
        Scored.from_document({**document, "more": 1})


def test_a_model_survives_its_document() -> None:
    model = scorecard(attributes=(*MODEL.attributes, modes()), reviewed=frozenset({"a"}))
    assert Model.from_document(json.loads(json.dumps(model.document()))) == model


FIRST = MODEL.attributes[0]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": ""}, "version"),
        ({"attributes": ()}, "attributes"),
        ({"attributes": (FIRST, FIRST)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, code=""),)}, "code"),
        ({"base_odds": Decimal(0)}, "base_odds"),
        ({"pdo": Decimal("NaN")}, "pdo"),
        ({"base_score": Decimal("Infinity")}, "base_score"),
        ({"intercept": Decimal(101)}, "intercept"),
        ({"calibration": Calibration(b=Decimal(0))}, "calibration"),
        ({"calibration": Calibration(a=Decimal("NaN"))}, "calibration"),
        ({"grades": GRADES[1:]}, "grades"),
        ({"grades": (*GRADES[:2], *GRADES[3:])}, "grades"),
        ({"max_reasons": 0}, "max_reasons"),
        ({"attributes": (attrs.evolve(FIRST, beta=Decimal(0)),)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, missing_woe=Decimal("NaN")),)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, bins=FIRST.bins[:-1]),)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, bins=FIRST.bins[::-1]),)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, field="bureau.nothing"),)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, field="bureau.isNtc"),)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, field="applicant.pan"),)}, "BUREAU_SCORE"),
        ({"attributes": (attrs.evolve(FIRST, field="income.salaryMode"),)}, "BUREAU_SCORE"),
        ({"attributes": (modes(field="bureau.score"),)}, "SALARY_MODE"),
        ({"attributes": (modes(bins=modes().bins * 2),)}, "SALARY_MODE"),
    ],
)
def test_a_model_that_is_not_well_formed_is_refused(changes: dict[str, object], field: str) -> None:
    with pytest.raises(Invalid) as caught:
        scorecard(**changes)
    assert field in [name for name, _ in caught.value.fields]


def test_a_model_reads_where_people_live_only_after_a_review() -> None:
    pincode = modes(field="address.pincode", code="PINCODE")
    assert "address.pincode" in KEYS
    with pytest.raises(Invalid):
        scorecard(attributes=(pincode,))
    scorecard(attributes=(pincode,), reviewed=frozenset({"address.pincode"}))


def test_both_models_score_and_only_the_arm_decides() -> None:
    strict = scorecard(version="strict", grades=(attrs.evolve(GRADES[-1], low=None),))
    experiment = Experiment(
        id="exp-2026-01", champion=MODEL, challenger=strict, challenger_pct=Decimal(10)
    )
    used = [try_both(experiment, loan, applicant()) for loan in ("LN-1001", "LN-1005")]
    assert [each.used.decision for each in used] == [Grading.AUTO_APPROVE, Grading.AUTO_REJECT]
    assert [each.agree for each in used] == [False, False]
    watched = try_both(attrs.evolve(experiment, shadow=True), "LN-1005", applicant())
    assert (watched.arm, watched.used.model.version) == (Arm.CHAMPION, "demo-1")
    assert watched.challenger.decision is Grading.AUTO_REJECT
    assert Trial.from_document(json.loads(json.dumps(watched.document()))) == watched


@given(st.text(min_size=1, max_size=20), st.decimals(0, 100, places=2))
def test_none_and_all_go_to_the_challenger_at_0_and_100(loan: str, share: Decimal) -> None:
    def arm(pct: Decimal) -> Arm:
        return Experiment(id="x", champion=MODEL, challenger=MODEL, challenger_pct=pct).arm(loan)

    assert (arm(Decimal(0)), arm(Decimal(100))) == (Arm.CHAMPION, Arm.CHALLENGER)
    assert (arm(share) is Arm.CHALLENGER) is (bucket("x", loan) < share * 100)


@pytest.mark.parametrize("pct", ["-1", "100.01", "0.001", "NaN"])
def test_a_share_that_the_buckets_cannot_keep_to_is_refused(pct: str) -> None:
    with pytest.raises(Invalid):
        Experiment(id="x", champion=MODEL, challenger=MODEL, challenger_pct=Decimal(pct))
    with pytest.raises(Invalid):
        Experiment(id="", champion=MODEL, challenger=MODEL, challenger_pct=Decimal(1))


def test_a_trial_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid):
        Trial.from_document({})


def test_the_model_released_last_is_in_force() -> None:
    second = scorecard(version="demo-2")
    releases = (
        Release(model=MODEL, approved_by="Head of Credit", since=date(2026, 1, 1)),
        Release(
            model=second, approved_by="Head of Credit", since=date(2026, 4, 1), to=date(2026, 6, 30)
        ),
    )
    on = [date(2026, 3, 31), date(2026, 4, 1), date(2026, 6, 30), date(2026, 7, 1)]
    assert [in_force(releases, day).version for day in on] == [
        "demo-1", "demo-2", "demo-2", "demo-1",
    ]  # fmt: skip
    with pytest.raises(NotFound):
        in_force(releases, date(2025, 12, 31))


def test_a_release_has_an_approver_and_does_not_end_before_it_begins() -> None:
    with pytest.raises(Invalid):
        Release(model=MODEL, approved_by=" ", since=date(2026, 1, 1))
    with pytest.raises(Invalid):
        Release(model=MODEL, approved_by="x", since=date(2026, 1, 2), to=date(2026, 1, 1))
