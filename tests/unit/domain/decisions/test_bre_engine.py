# ruff: noqa: E501 - the table of the worked example reads in rows
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.applicant import KEYS, Applicant, Report, Value
from los_core.domain.bre import Decision, Outcome, RuleSet, Verdict, replay, run, trace
from los_core.domain.bre_rules import Policy, default_rules
from los_core.domain.canonical import encode
from los_core.domain.errors import Invalid
from los_core.domain.rule import OnMissing, Operator, Rule, Severity, passes
from los_core.domain.words import (
    INTERNAL_POLICY,
    REASON_CODES,
    customer_text,
    principal_reasons,
    reason_of_item,
    staff_text,
)
from los_core.testing.decisions import applicant, applicants, rule, rules, values_of

TODAY = date(2026, 1, 6)

# BRE-01 and BRE-02 of the worked examples: rupees there, paise here.
HIT: Mapping[str, Value] = {"bureau.isNtc": False}
EXAMPLE_RULES = [
    Rule.from_document(
        {
            "code": code,
            "priority": priority,
            "field": field,
            "operator": operator,
            "threshold": threshold,
            "severity": severity,
            "onMissing": missing,
            "reasonCode": reason,
            "appliesWhen": when,
        }
    )
    for code, priority, field, operator, threshold, severity, missing, reason, when in [
        ("PAN_VERIFIED", 10, "kyc.panVerified", "IS_TRUE", None, "HARD", "FAIL", "R001_KYC_PAN", {}),
        ("BLOCKLIST", 20, "internal.blocklistHit", "IS_FALSE", None, "HARD", "FAIL", "R010_BLOCKLISTED", {}),
        ("ACTIVE_LOAN_DEDUP", 30, "internal.activeLoansSameBrand", "LTE", "0", "HARD", "FAIL", "R011_ACTIVE_LOAN", {}),
        ("AGE_BAND", 40, "applicant.age", "BETWEEN", ["21", "58"], "HARD", "FAIL", "R020_AGE", {}),
        ("MIN_SALARY", 50, "income.netMonthlySalary", "GTE", 2500000, "HARD", "FAIL", "R021_LOW_SALARY", {}),
        ("SALARY_MODE", 60, "income.salaryMode", "IN", ["BANK_TRANSFER", "CHEQUE"], "HARD", "REFER", "R022_SALARY_MODE", {}),
        ("PINCODE", 70, "address.pincodeServiceable", "IS_TRUE", None, "HARD", "REFER", "R023_PINCODE", {}),
        ("BUREAU_SCORE", 80, "bureau.score", "GTE", "650", "HARD", "REFER", "R030_BUREAU_SCORE", HIT),
        ("NTC_POLICY", 81, "brand.allowNtc", "IS_TRUE", None, "HARD", "FAIL", "R031_NTC", {"bureau.isNtc": True}),
        ("MAX_DPD_12M", 90, "bureau.maxDpd12m", "LTE", "29", "HARD", "REFER", "R032_DPD_12M", HIT),
        ("WRITTEN_OFF_36M", 100, "bureau.writtenOffSettled36m", "LTE", "0", "HARD", "REFER", "R034_WRITEOFF_SETTLED", HIT),
        ("OVERDUE_AMOUNT", 110, "bureau.totalOverdueAmount", "LTE", 500000, "HARD", "REFER", "R036_OVERDUE", HIT),
        ("ENQUIRIES_30D", 120, "bureau.enquiries30d", "LTE", "4", "SOFT", "SKIP", "R037_ENQ_30D", {}),
        ("BOUNCES_3M", 130, "bank.inwardBounces3m", "LTE", "2", "SOFT", "REFER", "R041_BOUNCES", {}),
        ("FOIR_CAP", 140, "derived.postLoanFoirPct", "LTE", "60", "HARD", "FAIL", "R042_FOIR", {}),
    ]
]  # fmt: skip
EXAMPLE: Mapping[str, Value] = {
    "kyc.panVerified": True,
    "internal.blocklistHit": False,
    "internal.activeLoansSameBrand": 0,
    "applicant.age": 29,
    "income.netMonthlySalary": 42_000_00,
    "income.salaryMode": "BANK_TRANSFER",
    "address.pincodeServiceable": True,
    "bureau.isNtc": False,
    "brand.allowNtc": False,
    "bureau.score": 712,
    "bureau.maxDpd12m": 0,
    "bureau.writtenOffSettled36m": 0,
    "bureau.totalOverdueAmount": 0,
    "bureau.enquiries30d": 2,
    "bank.inwardBounces3m": 1,
    "derived.postLoanFoirPct": Decimal("48.5"),
}


def decided(given_rules: list[Rule], values: Mapping[str, Value]) -> Decision:
    rule_set = RuleSet.compile(given_rules, version=1, on=TODAY)
    return run(rule_set, Applicant.of(values, source="example"))


def one(values: Mapping[str, Value], **changes: object) -> Outcome:
    return decided([rule(**changes)], values).outcomes[0].outcome


def test_bre_01_all_rules_pass() -> None:
    decision = decided(EXAMPLE_RULES, EXAMPLE)
    assert decision.verdict is Verdict.PASS
    assert (decision.reason_codes, decision.primary_reason) == ((), None)
    assert decision.outcome_of("NTC_POLICY") is Outcome.NOT_APPLICABLE
    others = {o.outcome for o in decision.outcomes if o.code != "NTC_POLICY"}
    assert others == {Outcome.PASS}


def test_bre_02_two_hard_fails_and_one_soft() -> None:
    worse = {"bureau.maxDpd12m": 30, "bureau.totalOverdueAmount": 5000_01, "bureau.enquiries30d": 7}
    decision = decided(EXAMPLE_RULES, {**EXAMPLE, **worse})
    assert decision.verdict is Verdict.REJECT
    assert decision.primary_reason == "R032_DPD_12M"
    assert decision.reason_codes == ("R032_DPD_12M", "R036_OVERDUE")
    assert decision.outcome_of("MAX_DPD_12M") is Outcome.FAIL
    assert decision.outcome_of("OVERDUE_AMOUNT") is Outcome.FAIL
    assert decision.outcome_of("ENQUIRIES_30D") is Outcome.REFER


@pytest.mark.parametrize(
    ("operator", "threshold", "passing", "failing"),
    [
        (Operator.GTE, 650, (650, 651), (649,)),
        (Operator.GT, 650, (651,), (650,)),
        (Operator.LTE, 650, (650, 649), (651,)),
        (Operator.LT, 650, (649,), (650,)),
        (Operator.EQ, 650, (650,), (651,)),
        (Operator.NEQ, 650, (651,), (650,)),
        (Operator.IN, (650, 651), (650, 651), (652,)),
        (Operator.NOT_IN, (650, 651), (652,), (650,)),
        (Operator.BETWEEN, (650, 700), (650, 675, 700), (649, 701)),
        (Operator.GTE, Decimal("650.5"), (651,), (650,)),
    ],
)
def test_each_operator_at_its_edges(
    operator: Operator, threshold: object, passing: tuple[int, ...], failing: tuple[int, ...]
) -> None:
    says = {
        score: one({"bureau.score": score}, operator=operator, threshold=threshold)
        for score in (*passing, *failing)
    }
    assert {score for score, outcome in says.items() if outcome is Outcome.PASS} == set(passing)


@pytest.mark.parametrize(
    ("missing", "outcome", "verdict"),
    [
        (OnMissing.FAIL, Outcome.FAIL, Verdict.REJECT),
        (OnMissing.REFER, Outcome.REFER, Verdict.REFER),
        (OnMissing.PASS, Outcome.PASS, Verdict.PASS),
        (OnMissing.SKIP, Outcome.SKIPPED, Verdict.PASS),
    ],
)
def test_a_missing_value_means_what_the_rule_says(
    missing: OnMissing, outcome: Outcome, verdict: Verdict
) -> None:
    decision = decided([rule(on_missing=missing)], {})
    assert (decision.outcomes[0].outcome, decision.verdict) == (outcome, verdict)


def test_a_soft_rule_that_fails_sends_the_case_to_a_person() -> None:
    decision = decided([rule(severity=Severity.SOFT)], {"bureau.score": 600})
    assert decision.verdict is Verdict.REFER
    assert decision.reason_codes == ("R030_BUREAU_SCORE",)


@pytest.mark.parametrize(
    ("missing", "outcome"),
    [
        (OnMissing.FAIL, Outcome.REFER),
        (OnMissing.REFER, Outcome.REFER),
        (OnMissing.PASS, Outcome.PASS),
        (OnMissing.SKIP, Outcome.SKIPPED),
    ],
)
def test_a_condition_that_cannot_be_told_neither_drops_nor_fails_the_rule(
    missing: OnMissing, outcome: Outcome
) -> None:
    values: Mapping[str, Value] = {"bureau.score": 900}
    assert one(values, applies_when=HIT, on_missing=missing) is outcome


def test_without_a_bureau_report_the_default_rules_refer_and_do_not_reject() -> None:
    rule_set = RuleSet.compile(default_rules(), version=1, on=TODAY)
    known = applicant()
    silent = known.without(*(key for key in known.data if key.startswith("bureau.")))
    decision = run(rule_set, silent)
    assert decision.verdict is Verdict.REFER
    assert decision.outcome_of("NTC_POLICY") is Outcome.REFER


def test_a_bypassed_report_refers_and_never_passes() -> None:
    rule_set = RuleSet.compile(
        [rule(on_missing=OnMissing.SKIP), rule(code="B", on_missing=OnMissing.FAIL)],
        version=1,
        on=TODAY,
    )
    decision = run(rule_set, Applicant(), bypassed=[Report.BUREAU])
    assert {o.outcome for o in decision.outcomes} == {Outcome.BYPASSED}
    assert decision.verdict is Verdict.REFER
    assert decision.primary_reason == "R030_BUREAU_SCORE"


def test_a_bypass_excuses_only_what_is_missing_and_only_its_own_report() -> None:
    identity = rule(
        code="PAN",
        field="kyc.panVerified",
        operator=Operator.IS_TRUE,
        threshold=None,
        on_missing=OnMissing.FAIL,
    )
    rule_set = RuleSet.compile([rule(), identity], version=1, on=TODAY)
    person = Applicant.of({"bureau.score": 500}, source="x")
    decision = run(rule_set, person, bypassed=list(Report))
    assert decision.outcome_of("BUREAU_SCORE") is Outcome.FAIL
    assert decision.outcome_of("PAN") is Outcome.FAIL


def test_reasons_come_in_priority_order_each_once() -> None:
    low = rule(code="LOW", priority=5, reason_code="R_B")
    high = rule(code="HIGH", priority=1, reason_code="R_A")
    again = rule(code="AGAIN", priority=9, reason_code="R_A")
    decision = decided([again, low, high], {"bureau.score": 1})
    assert decision.reason_codes == ("R_A", "R_B")


def test_only_rules_in_force_on_the_day_run() -> None:
    past = rule(code="PAST", effective_to=date(2026, 1, 5))
    last_day = rule(code="LAST_DAY", effective_to=TODAY)
    first_day = rule(code="FIRST_DAY", effective_from=TODAY)
    future = rule(code="FUTURE", effective_from=date(2026, 1, 7))
    off = rule(code="OFF", is_active=False)
    rule_set = RuleSet.compile([past, last_day, first_day, future, off], version=1, on=TODAY)
    assert [each.code for each in rule_set.rules] == ["FIRST_DAY", "LAST_DAY"]


def test_the_pre_check_reads_nothing_that_is_bought() -> None:
    early = RuleSet.compile(default_rules(), version=1, on=TODAY).pre_check()
    codes = {each.code for each in early.rules}
    assert {"PAN_VERIFIED", "BLOCKLIST", "AGE_BAND", "MIN_SALARY"} <= codes
    assert not codes & {"BUREAU_SCORE", "NTC_POLICY", "BOUNCES_3M", "FOIR_CAP", "FACE_MATCH"}
    assert run(early, applicant()).verdict is Verdict.PASS


@pytest.mark.parametrize(
    "changes",
    [
        {"field": "bureau.nothing"},
        {"threshold": None},
        {"threshold": (650,)},
        {"threshold": "650"},
        {"threshold": True},
        {"threshold": Decimal("NaN")},
        {"operator": Operator.BETWEEN, "threshold": (700, 650)},
        {"operator": Operator.BETWEEN, "threshold": (650,)},
        {"operator": Operator.IN, "threshold": ()},
        {"operator": Operator.IN, "threshold": 650},
        {"operator": Operator.IS_TRUE, "threshold": None},
        {"field": "kyc.panVerified"},
        {"field": "kyc.panVerified", "operator": Operator.IS_TRUE, "threshold": 1},
        {"field": "income.netMonthlySalary", "threshold": Decimal("25000.00")},
        {"severity": Severity.SOFT, "on_missing": OnMissing.FAIL},
        {"applies_when": {"bureau.isNtc": "no"}},
        {"applies_when": {"bureau.nothing": False}},
        {"reason_code": ""},
    ],
)
def test_a_rule_that_does_not_fit_its_key_is_refused_when_compiled(
    changes: Mapping[str, object],
) -> None:
    with pytest.raises(Invalid) as caught:
        RuleSet.compile([rule(**changes)], version=1, on=TODAY)
    assert caught.value.fields[0][0] == "BUREAU_SCORE"


def test_a_code_may_not_be_there_twice() -> None:
    with pytest.raises(Invalid):
        RuleSet.compile([rule(), rule(priority=20)], version=1, on=TODAY)


@pytest.mark.parametrize(
    "document",
    [
        {},
        {
            "code": "A",
            "priority": "x",
            "field": "bureau.score",
            "operator": "GTE",
            "reasonCode": "R",
        },
        {"code": "A", "priority": 1, "field": "bureau.score", "operator": "~", "reasonCode": "R"},
        {
            "code": "A",
            "priority": 1,
            "field": "bureau.score",
            "operator": "GTE",
            "threshold": "many",
            "reasonCode": "R",
        },
        {
            "code": "A",
            "priority": 1,
            "field": "bureau.score",
            "operator": "GTE",
            "threshold": 1.5,
            "reasonCode": "R",
        },
    ],
)
def test_a_document_that_is_no_rule_is_refused(document: Mapping[str, object]) -> None:
    with pytest.raises(Invalid):
        Rule.from_document(document)


@given(rules(), applicants(), st.sets(st.sampled_from(Report)))
def test_a_replayed_decision_is_equal_byte_for_byte(
    some: tuple[Rule, ...], person: Applicant, bypassed: set[Report]
) -> None:
    decision = run(RuleSet.compile(some, version=3, on=TODAY), person, bypassed=bypassed)
    stored = Decision.from_document(decision.document())
    assert stored == decision
    assert encode(replay(stored).document()) == encode(decision.document())


@given(rules(), applicants(), st.sets(st.sampled_from(Report)))
def test_each_rule_says_in_a_set_what_it_says_alone(
    some: tuple[Rule, ...], person: Applicant, bypassed: set[Report]
) -> None:
    rule_set = RuleSet.compile(some, version=1, on=TODAY)
    found = trace(rule_set, person.values(), frozenset(bypassed))
    for each, outcome in zip(rule_set.rules, found.outcomes, strict=True):
        assert outcome is said_by(each, person, bypassed)
    pairs = zip(rule_set.rules, found.outcomes, strict=True)
    failed = [each.reason_code for each, outcome in pairs if outcome is Outcome.FAIL]
    assert (found.verdict is Verdict.REJECT) is bool(failed)
    assert not failed or list(found.reason_codes) == list(dict.fromkeys(failed))
    decision = run(rule_set, person, bypassed=bypassed)
    assert (decision.verdict, decision.reason_codes) == (found.verdict, found.reason_codes)
    assert tuple(each.outcome for each in decision.outcomes) == found.outcomes


def said_by(one_rule: Rule, person: Applicant, bypassed: set[Report]) -> Outcome:
    """Read one rule word by word, as its documentation has it."""
    conditions = {key: person.get(key) for key in one_rule.applies_when}
    if any(v is not None and v != one_rule.applies_when[k] for k, v in conditions.items()):
        return Outcome.NOT_APPLICABLE
    told = None not in conditions.values()
    value = person.get(one_rule.field)
    if told and value is not None:
        if passes(one_rule.operator, value, one_rule.threshold):
            return Outcome.PASS
        return Outcome.FAIL if one_rule.severity is Severity.HARD else Outcome.REFER
    if {KEYS[key].report for key in (one_rule.field, *conditions)} & bypassed:
        return Outcome.BYPASSED
    missing = {
        OnMissing.FAIL: Outcome.FAIL if told else Outcome.REFER,
        OnMissing.REFER: Outcome.REFER,
        OnMissing.PASS: Outcome.PASS,
        OnMissing.SKIP: Outcome.SKIPPED,
    }
    return missing[one_rule.on_missing]


def test_a_replay_shows_an_altered_input() -> None:
    decision = decided(EXAMPLE_RULES, EXAMPLE)
    forged = attrs.evolve(decision, input={**decision.input, "bureau.score": 300})
    assert encode(replay(forged).document()) != encode(forged.document())


def test_the_stored_input_holds_only_what_the_rules_read() -> None:
    person = {**EXAMPLE, "applicant.pan": "ABCPE1234F", "applicant.phone": "9876543210"}
    decision = decided(EXAMPLE_RULES, person)
    assert set(decision.input) == set(EXAMPLE)
    assert decision.input_hash == decided(EXAMPLE_RULES, EXAMPLE).input_hash


def test_the_hash_of_a_rule_set_does_not_depend_on_the_order_given() -> None:
    forwards = RuleSet.compile(EXAMPLE_RULES, version=1, on=TODAY)
    backwards = RuleSet.compile(EXAMPLE_RULES[::-1], version=1, on=TODAY)
    assert (forwards.hash, forwards.rules) == (backwards.hash, backwards.rules)


def test_the_explanation_masks_actual_values_unless_the_reader_may_see_them() -> None:
    decision = decided(EXAMPLE_RULES, EXAMPLE)
    plain = {line.code: line for line in decision.explain(may_view_pii=True)}
    hidden = {line.code: line for line in decision.explain()}
    assert (plain["MIN_SALARY"].actual, hidden["MIN_SALARY"].actual) == (42_000_00, "4xxxxxx")
    assert hidden["BUREAU_SCORE"].actual == "7xx"
    assert hidden["MIN_SALARY"].threshold == 2500000
    assert hidden["AGE_BAND"].threshold == ["21", "58"]


@given(
    field=st.sampled_from(
        [r.field for r in default_rules() if r.operator in {Operator.GTE, Operator.LTE}]
    ),
    values=st.tuples(st.integers(-1000, 10**9), st.integers(-1000, 10**9)),
)
def test_a_better_value_never_worsens_the_verdict(field: str, values: tuple[int, int]) -> None:
    rule_set = RuleSet.compile(default_rules(), version=1, on=TODAY)
    (about,) = (r for r in rule_set.rules if r.field == field)
    rising = about.operator is Operator.GTE
    bad, good = sorted(values, reverse=not rising)
    as_kind = Decimal if isinstance(applicant().get(field), Decimal) else int
    order = [Verdict.PASS, Verdict.REFER, Verdict.REJECT]
    verdicts = [
        order.index(run(rule_set, applicant(**{field: as_kind(v)})).verdict) for v in (good, bad)
    ]
    assert verdicts[0] <= verdicts[1]


def test_the_default_rules_accept_the_good_applicant() -> None:
    decision = run(RuleSet.compile(default_rules(), version=1, on=TODAY), applicant())
    assert (decision.verdict, decision.reason_codes) == (Verdict.PASS, ())


@pytest.mark.parametrize(
    ("change", "verdict", "reason"),
    [
        ({"kyc__panVerified": None}, Verdict.REJECT, "R001_KYC_PAN"),
        ({"kyc__panNameMatchPct": 74}, Verdict.REJECT, "R003_NAME_MISMATCH"),
        ({"internal__blocklistHit": True}, Verdict.REJECT, "R010_BLOCKLISTED"),
        ({"internal__lastRejectDays": 29}, Verdict.REJECT, "R013_REAPPLY_WAIT"),
        ({"internal__priorSettledMonths": 11}, Verdict.REJECT, "R015_SETTLED_COOL_OFF"),
        ({"internal__sharedAccountUsers": 1}, Verdict.REJECT, "R016_SHARED_IDENTITY"),
        ({"applicant__age": 20}, Verdict.REJECT, "R020_AGE"),
        ({"derived__ageAtMaturity": 61}, Verdict.REJECT, "R020_AGE"),
        ({"income__netMonthlySalary": 24_999_99}, Verdict.REJECT, "R021_LOW_SALARY"),
        ({"address__pincodeNegative": True}, Verdict.REJECT, "R023_PINCODE"),
        ({"income__companyType": "PROPRIETOR"}, Verdict.REJECT, "R025_COMPANY_TYPE"),
        ({"bureau__score": 649}, Verdict.REJECT, "R030_BUREAU_SCORE"),
        ({"bureau__score": None}, Verdict.REFER, "R030_BUREAU_SCORE"),
        ({"bureau__isNtc": True}, Verdict.REJECT, "R031_NTC"),
        ({"bureau__maxDpd6m": 16}, Verdict.REJECT, "R033_DPD_RECENT"),
        ({"bureau__enquiries7d": 3}, Verdict.REFER, "R037_ENQ_7D"),
        ({"bureau__enquiries7d": None}, Verdict.PASS, None),
        ({"bank__inwardBounces3m": None}, Verdict.REFER, "R041_BOUNCES"),
        ({"bank__monthsCovered": 5}, Verdict.REJECT, "R045_STATEMENT_MONTHS"),
        ({"derived__postLoanFoirPct": Decimal("60.01")}, Verdict.REJECT, "R042_FOIR"),
        ({"derived__kycCapHeadroom": -1}, Verdict.REJECT, "R050_KYC_CAP"),
        ({"derived__kycCapHeadroom": -1, "kyc__kycMode": "V_CIP"}, Verdict.PASS, None),
        ({"derived__isMicrofinance": True}, Verdict.REJECT, "R051_MICROFINANCE"),
        ({"derived__isMicrofinance": None}, Verdict.REFER, "R051_MICROFINANCE"),
        (
            {
                "derived__isMicrofinance": True,
                "brand__allowMicrofinance": True,
                "derived__householdFoirPct": Decimal("50.01"),
            },
            Verdict.REJECT,
            "R052_HOUSEHOLD_FOIR",
        ),
    ],
)
def test_each_default_rule_at_its_edge(
    change: dict[str, Value], verdict: Verdict, reason: str | None
) -> None:
    decision = run(RuleSet.compile(default_rules(), version=1, on=TODAY), applicant(**change))
    assert (decision.verdict, decision.primary_reason) == (verdict, reason)


def test_a_brands_flags_shape_its_rules() -> None:
    full = {r.code for r in default_rules(Policy(central_dedup=True))}
    bare = {
        r.code
        for r in default_rules(
            Policy(
                aadhaar_required=False,
                selfie_required=False,
                bank_statement_required=False,
                employment_required=False,
            )
        )
    }
    assert {"AADHAAR_VERIFIED", "FACE_MATCH", "BOUNCES_3M", "JOB_VINTAGE", "CENTRAL_DEDUP"} <= full
    assert not bare & {"AADHAAR_VERIFIED", "FACE_MATCH", "BOUNCES_3M", "JOB_VINTAGE"}
    assert "CENTRAL_DEDUP" not in bare
    assert Policy(allow_ntc=True).facts().values()["brand.allowNtc"] is True


def test_every_reason_of_the_default_rules_has_words() -> None:
    codes = {r.reason_code for r in default_rules(Policy(central_dedup=True))}
    assert codes <= REASON_CODES


def test_customers_hear_three_different_reasons_at_most() -> None:
    heard = principal_reasons(
        ["R033_DPD_RECENT", "R032_DPD_12M", "R021_LOW_SALARY", "R020_AGE", "R042_FOIR"]
    )
    assert len(heard) == 3
    assert heard[0] == "Your credit history shows late, overdue or unpaid dues."


@pytest.mark.parametrize("code", ["R010_BLOCKLISTED", "R016_SHARED_IDENTITY", "R044_TAMPER", "?"])
def test_customers_never_hear_of_block_lists_and_fraud(code: str) -> None:
    assert customer_text(code) == INTERNAL_POLICY


def test_a_brands_wording_is_used_but_not_for_block_lists() -> None:
    own = {"R020_AGE": "We lend from 21 to 58.", "R010_BLOCKLISTED": "Blocked!", "B1": "Ours."}
    assert customer_text("R020_AGE", own) == "We lend from 21 to 58."
    assert customer_text("B1", own) == "Ours."
    assert customer_text("R010_BLOCKLISTED", own) == INTERNAL_POLICY


def test_no_customer_text_names_a_number_a_bureau_or_fraud() -> None:
    texts = " ".join(customer_text(code) for code in REASON_CODES).lower()
    assert not any(char.isdigit() for char in texts)
    assert not any(word in texts for word in ("bureau", "block", "fraud", "cibil", "suit", "dpd"))


def test_staff_read_the_reason_and_items_have_one() -> None:
    assert staff_text("R032_DPD_12M").startswith("Days past due in 12 months")
    assert staff_text("OWN_CODE") == "OWN_CODE"
    assert reason_of_item("FOIR") == "R042_FOIR"
    assert reason_of_item("OWN_ITEM") == "R060_LOW_SCORE"


ORDER = [Verdict.PASS, Verdict.REFER, Verdict.REJECT]
WEIGHT = {Outcome.PASS: 0, Outcome.SKIPPED: 0, Outcome.NOT_APPLICABLE: 0} | {
    Outcome.REFER: 1,
    Outcome.BYPASSED: 1,
    Outcome.FAIL: 2,
}


@st.composite
def loosened(draw: st.DrawFn) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """Rules as drawn, and with one threshold that lets more values pass."""
    some = draw(rules())
    place = draw(st.integers(0, len(some) - 1))
    limit, more = some[place].threshold, draw(st.integers(0, 10**6))
    match some[place].operator, limit:
        case ((Operator.GTE | Operator.GT), int() | Decimal()):
            wider: Any = limit - more
        case ((Operator.LTE | Operator.LT), int() | Decimal()):
            wider = limit + more
        case Operator.BETWEEN, (int() | Decimal() as low, int() | Decimal() as high):
            wider = (low - more, high + draw(st.integers(0, 10**6)))
        case Operator.IN, tuple():
            wider = (*limit, *draw(st.lists(values_of(KEYS[some[place].field]), max_size=2)))
        case Operator.NOT_IN, tuple():
            wider = limit[: draw(st.integers(1, len(limit)))]
        case _:
            wider = limit
    other = attrs.evolve(some[place], threshold=wider)
    return some, (*some[:place], other, *some[place + 1 :])


@given(loosened(), applicants(), st.sets(st.sampled_from(Report)))
def test_loosening_any_threshold_never_worsens_a_verdict(
    pair: tuple[tuple[Rule, ...], tuple[Rule, ...]], person: Applicant, bypassed: set[Report]
) -> None:
    strict, loose = (RuleSet.compile(each, version=1, on=TODAY) for each in pair)
    before, after = (run(each, person, bypassed=bypassed) for each in (strict, loose))
    assert ORDER.index(after.verdict) <= ORDER.index(before.verdict)
    for earlier, later in zip(before.outcomes, after.outcomes, strict=True):
        assert earlier.code == later.code
        assert WEIGHT[later.outcome] <= WEIGHT[earlier.outcome]
    if after.verdict is before.verdict:  # of another one other rules are the reasons
        assert set(after.reason_codes) <= set(before.reason_codes)
