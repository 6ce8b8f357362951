from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given

from los_core.domain.applicant import Applicant, Value
from los_core.domain.canonical import encode
from los_core.domain.errors import Invalid
from los_core.domain.evaluation import Evaluation, Grading, evaluate, replay
from los_core.domain.evaluation_items import (
    DEFAULT_CONFIG,
    Band,
    Config,
    Item,
    WhenMissing,
    require_full_weight,
)
from los_core.domain.rule import Operator
from los_core.testing.decisions import applicant, applicants

# The default items are those of the worked examples EV1-01 and EV1-02 (salary bands in paise).
EV1_01: dict[str, Value] = {
    "bureau.score": 748,
    "bureau.maxDpd12m": 0,
    "derived.postLoanFoirPct": Decimal("34.99"),
    "income.netMonthlySalary": 42_000_00,
    "employment.monthsInCurrentJob": 20,
    "bank.abbToEmi": Decimal("1.4"),
    "bank.inwardBounces3m": 0,
    "employment.epfoEmployerMatch": True,
}
EV1_02: dict[str, Value] = {
    "bureau.score": 760,
    "bureau.maxDpd12m": 0,
    "derived.postLoanFoirPct": Decimal(30),
    "income.netMonthlySalary": 80_000_00,
    "employment.monthsInCurrentJob": 40,
    "bank.abbToEmi": Decimal(2),
    "employment.epfoEmployerMatch": False,
}


def evaluated(values: dict[str, Value], config: Config = DEFAULT_CONFIG) -> Evaluation:
    return evaluate(config, Applicant.of(values, source="example"))


def score_item(**changes: Any) -> Item:
    fields: dict[str, Any] = {
        "code": "SCORE",
        "weight": Decimal(100),
        "field": "bureau.score",
        "bands": (Band(None, 600, Decimal(0)), Band(600, None, Decimal(100))),
    }
    return Item(**{**fields, **changes})


def test_ev1_01_full_data_is_approved() -> None:
    result = evaluated(EV1_01)
    assert (str(result.score), str(result.coverage_pct)) == ("88.50", "100.00")
    assert result.grading is Grading.AUTO_APPROVE
    assert (result.hard_rejects, result.soft_flags, result.reason_codes) == ((), (), ())
    assert [(i.code, str(i.score), str(i.contribution)) for i in result.items] == [
        ("BUREAU_SCORE", "80.00", "20.00"),
        ("MAX_DPD_12M", "100.00", "15.00"),
        ("FOIR", "100.00", "15.00"),
        ("NET_SALARY", "80.00", "8.00"),
        ("EMPLOYMENT_MONTHS", "80.00", "8.00"),
        ("ABB_TO_EMI", "75.00", "7.50"),
        ("BOUNCES_3M", "100.00", "10.00"),
        ("UAN_MATCH", "100.00", "5.00"),
    ]


def test_ev1_02_missing_bounces_ask_for_a_person() -> None:
    result = evaluated(EV1_02)
    assert (str(result.score), str(result.coverage_pct)) == ("94.44", "90.00")
    assert result.grading is Grading.MANUAL_REVIEW
    assert (result.hard_rejects, result.soft_flags) == ((), ("UAN_MATCH",))
    assert result.referred == ("BOUNCES_3M",)
    by_code = {item.code: item for item in result.items}
    assert by_code["BOUNCES_3M"].score is None
    assert by_code["BOUNCES_3M"].contribution is None
    assert str(by_code["UAN_MATCH"].contribution) == "0.00"


def test_a_hard_reject_item_rejects_whatever_the_score() -> None:
    result = evaluated({**EV1_01, "bureau.maxDpd12m": 30})
    assert result.grading is Grading.AUTO_REJECT
    assert result.hard_rejects == ("MAX_DPD_12M",)
    assert result.reason_codes[0] == "R032_DPD_12M"


def test_a_low_score_rejects_and_names_what_lost_most() -> None:
    weak: dict[str, Value] = {
        **EV1_01,
        "bureau.score": 610,
        "derived.postLoanFoirPct": Decimal(70),
        "income.netMonthlySalary": 20_000_00,
        "employment.monthsInCurrentJob": 1,
        "bank.abbToEmi": Decimal("0.1"),
    }
    result = evaluated(weak)
    assert result.grading is Grading.AUTO_REJECT
    assert result.hard_rejects == ()
    assert result.reason_codes[:2] == ("R042_FOIR", "R030_BUREAU_SCORE")


def test_too_many_soft_flags_ask_for_a_person() -> None:
    flagged: dict[str, Value] = {
        **EV1_02,
        "bank.inwardBounces3m": 3,
        "employment.epfoEmployerMatch": False,
    }
    result = evaluated(flagged)
    assert result.score is not None
    assert result.score >= 75
    assert (result.grading, len(result.soft_flags)) == (Grading.MANUAL_REVIEW, 2)


def test_thin_coverage_asks_for_a_person() -> None:
    thin = Config(
        items=(
            score_item(weight=Decimal(69)),
            score_item(
                code="ABB", field="bank.abb", weight=Decimal(31), on_missing=WhenMissing.EXCLUDE
            ),
        )
    )
    result = evaluated({"bureau.score": 800}, thin)
    assert (str(result.score), str(result.coverage_pct)) == ("100.00", "69.00")
    assert result.grading is Grading.MANUAL_REVIEW


def test_nothing_known_asks_for_a_person_and_does_not_reject() -> None:
    result = evaluated({}, Config(items=(score_item(on_missing=WhenMissing.EXCLUDE),)))
    assert (result.score, str(result.coverage_pct)) == (None, "0.00")
    assert result.grading is Grading.MANUAL_REVIEW


@pytest.mark.parametrize(
    ("missing", "score"),
    [
        (WhenMissing.ZERO, "0.00"),
        (WhenMissing.NEUTRAL, "50.00"),
        (WhenMissing.EXCLUDE, None),
        (WhenMissing.REFER, None),
    ],
)
def test_a_missing_value_scores_what_the_item_says(missing: WhenMissing, score: str | None) -> None:
    (item,) = evaluated({}, Config(items=(score_item(on_missing=missing),))).items
    assert (None if item.score is None else str(item.score)) == score


@pytest.mark.parametrize(("value", "score"), [(599, 0), (600, 100), (10**6, 100), (-1, 0)])
def test_a_band_holds_its_lower_edge_and_not_its_upper(value: int, score: int) -> None:
    (item,) = evaluated({"bureau.score": value}, Config(items=(score_item(),))).items
    assert item.score == score


@pytest.mark.parametrize(
    "changes",
    [
        {"bands": ()},
        {"bands": (Band(0, None, Decimal(1)),)},
        {"bands": (Band(None, 5, Decimal(1)), Band(6, None, Decimal(1)))},
        {"bands": (Band(None, 5, Decimal(1)), Band(4, None, Decimal(1)))},
        {"bands": (Band(None, 5, Decimal(1)), Band(5, 5, Decimal(1)), Band(5, None, Decimal(1)))},
        {"bands": (Band(None, None, Decimal(101)),)},
        {"field": "bureau.nothing"},
        {"field": "kyc.panVerified"},
        {"weight": Decimal(0)},
        {"type": "BINARY"},
        {"type": "BINARY", "operator": Operator.IS_TRUE},
        {"type": "BINARY", "operator": Operator.GTE, "threshold": "600"},
    ],
)
def test_an_item_that_cannot_be_scored_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        Config(items=(score_item(**changes),))


def test_lines_that_cross_and_codes_twice_and_no_items_are_refused() -> None:
    with pytest.raises(Invalid):
        attrs.evolve(DEFAULT_CONFIG, reject_below=Decimal(76))
    with pytest.raises(Invalid):
        Config(items=(score_item(weight=Decimal(50)), score_item(weight=Decimal(50))))
    with pytest.raises(Invalid):
        Config(items=())


def test_weights_must_total_100_to_be_saved_but_run_normalised() -> None:
    require_full_weight(DEFAULT_CONFIG)
    half = Config(items=(score_item(weight=Decimal(50)),))
    with pytest.raises(Invalid):
        require_full_weight(half)
    assert str(evaluated({"bureau.score": 700}, half).score) == "100.00"


@given(applicants())
def test_a_replayed_evaluation_is_equal_byte_for_byte(person: Applicant) -> None:
    result = evaluate(DEFAULT_CONFIG, person)
    stored = Evaluation.from_document(result.document())
    assert stored == result
    assert encode(replay(stored).document()) == encode(result.document())


@given(applicants())
def test_the_score_lies_between_0_and_100_and_an_approval_is_never_blind(person: Applicant) -> None:
    result = evaluate(DEFAULT_CONFIG, person)
    assert result.score is None or 0 <= result.score <= 100
    if result.grading is Grading.AUTO_APPROVE:
        assert not result.referred
        assert result.coverage_pct >= 70


def test_the_default_config_accepts_the_good_applicant() -> None:
    assert evaluate(DEFAULT_CONFIG, applicant()).grading is Grading.AUTO_APPROVE


@pytest.mark.parametrize(
    "document",
    [
        {},
        {**DEFAULT_CONFIG.document(), "approveAt": "much"},
        {**DEFAULT_CONFIG.document(), "items": [{}]},
    ],
)
def test_a_document_that_is_no_config_is_refused(document: dict[str, object]) -> None:
    with pytest.raises(Invalid):
        Config.from_document(document)
