import json
from datetime import date

import attrs
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.applicant import Applicant, Report
from los_core.domain.bre import Outcome, RuleSet, Verdict, run
from los_core.domain.bre_rules import Policy, default_rules
from los_core.domain.compare import Comparison, compare
from los_core.domain.rule import Operator, Rule, Severity
from los_core.testing.decisions import applicant, applicants, rule, rules

TODAY = date(2026, 1, 6)


def rule_set(*some: Rule, version: int = 1) -> RuleSet:
    return RuleSet.compile(some, version=version, on=TODAY)


LIVE = rule_set(*default_rules())
STRICTER = rule_set(*default_rules(Policy(bureau_score_min=700, overdue_max=0)), version=2)


def test_a_higher_limit_names_whom_it_turns_away_and_by_which_rule() -> None:
    people = [
        applicant(),
        applicant(bureau__score=690),
        applicant(bureau__score=690, bureau__totalOverdueAmount=100_00),
        applicant(bureau__score=640),
    ]
    found = compare(LIVE, STRICTER, [run(LIVE, person) for person in people])
    assert (found.total, found.version_a, found.version_b) == (4, 1, 2)
    assert found.count(Verdict.PASS, Verdict.PASS) == 1
    assert found.count(Verdict.PASS, Verdict.REJECT) == 2
    assert found.count(Verdict.REJECT, Verdict.REJECT) == 1
    assert [(each.code, each.count) for each in found.by_rule] == [
        ("BUREAU_SCORE", 2),
        ("OVERDUE_AMOUNT", 1),
    ]
    assert [each.place for each in found.moved] == [1, 2]
    assert found.moved[1].reason_codes_b == ("R030_BUREAU_SCORE", "R036_OVERDUE")
    assert (found.unknown, found.reasons_only) == ((), 0)


def test_a_line_shows_both_limits_and_a_masked_value() -> None:
    found = compare(LIVE, STRICTER, [run(LIVE, applicant(bureau__score=690))])
    (line,) = found.moved[0].rules
    assert (line.outcome_a, line.outcome_b) == (Outcome.PASS, Outcome.FAIL)
    assert (line.threshold_a, line.threshold_b) == (650, 700)
    assert line.actual == "6xx"


def test_a_key_the_stored_inputs_were_never_asked_for_is_reported() -> None:
    card = rule(
        code="CARD",
        field="bureau.ccUtilPct",
        operator=Operator.LTE,
        threshold=80,
        severity=Severity.SOFT,
        reason_code="R_CARD",
    )
    found = compare(LIVE, rule_set(*LIVE.rules, card), [run(LIVE, applicant())] * 2)
    assert [(each.key, each.count) for each in found.unknown] == [("bureau.ccUtilPct", 2)]
    assert found.count(Verdict.PASS, Verdict.REFER) == 2
    assert found.moved[0].unknown_keys == ("bureau.ccUtilPct",)
    (line,) = found.moved[0].rules
    assert (line.outcome_a, line.outcome_b, line.actual) == (None, Outcome.REFER, None)


def test_a_value_that_was_asked_for_and_missing_is_not_unknown() -> None:
    found = compare(LIVE, STRICTER, [run(LIVE, applicant(bureau__score=None))])
    assert found.unknown == ()


def test_a_rule_that_is_dropped_shows_as_silent() -> None:
    kept = [each for each in LIVE.rules if each.code != "STATEMENT_MONTHS"]
    found = compare(LIVE, rule_set(*kept), [run(LIVE, applicant(bank__monthsCovered=2))])
    (line,) = found.moved[0].rules
    assert (line.code, line.outcome_a, line.outcome_b) == ("STATEMENT_MONTHS", Outcome.FAIL, None)
    assert found.moved[0].verdict_b is Verdict.PASS


def test_other_reasons_for_the_same_verdict_are_only_counted() -> None:
    renamed = rule_set(rule(reason_code="R_OTHER"))
    found = compare(rule_set(rule()), renamed, [run(renamed, applicant(bureau__score=1))])
    assert (found.reasons_only, found.moved) == (1, ())


@given(rules(), rules(), st.lists(applicants(), max_size=4), st.sets(st.sampled_from(Report)))
def test_a_comparison_says_what_two_runs_say(
    some: tuple[Rule, ...],
    others: tuple[Rule, ...],
    people: list[Applicant],
    bypassed: set[Report],
) -> None:
    one, two = rule_set(*some), rule_set(*others, version=2)
    decisions = [run(one, person, bypassed=bypassed) for person in people]
    found = compare(one, two, decisions)
    again = [
        run(two, Applicant.of(each.input, source="stored"), bypassed=bypassed) for each in decisions
    ]
    pairs = [(a.verdict, b.verdict) for a, b in zip(decisions, again, strict=True)]
    assert found.total == len(people)
    assert all(found.count(*pair) == pairs.count(pair) for pair in pairs)
    assert [each.place for each in found.moved] == [
        place for place, (a, b) in enumerate(pairs) if a is not b
    ]
    assert all(each.rules for each in found.moved)
    assert Comparison.from_document(json.loads(json.dumps(found.document()))) == found


@given(rules(), st.lists(applicants(), max_size=4))
def test_a_set_compared_with_itself_moves_nobody(
    some: tuple[Rule, ...], people: list[Applicant]
) -> None:
    one = rule_set(*some)
    found = compare(one, one, [run(one, person) for person in people])
    assert (found.moved, found.by_rule, found.unknown, found.reasons_only) == ((), (), (), 0)


LIMITED = [each for each in LIVE.rules if each.operator in {Operator.GTE, Operator.LTE}]


@given(
    about=st.sampled_from(LIMITED),
    limits=st.tuples(st.integers(0, 10**7), st.integers(0, 10**7)) | st.just((600, 700)),
    people=st.lists(applicants() | st.just(applicant()), min_size=1, max_size=4),
)
def test_a_looser_threshold_never_worsens_anybodys_verdict(
    about: Rule, limits: tuple[int, int], people: list[Applicant]
) -> None:
    loose, strict = sorted(limits, reverse=about.operator is Operator.LTE)
    one, two = (
        rule_set(
            *(
                attrs.evolve(each, threshold=limit) if each.code == about.code else each
                for each in LIVE.rules
            )
        )
        for limit in (strict, loose)
    )
    found = compare(one, two, [run(LIVE, person) for person in people])
    order = [Verdict.REJECT, Verdict.REFER, Verdict.PASS]
    assert all(order.index(m.verdict_a) < order.index(m.verdict_b) for m in found.moved)
