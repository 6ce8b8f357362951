from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from los_core.domain.actionable import ACTIONABLE, Way, round_amounts
from los_core.domain.applicant import KEYS, Applicant, Kind, Value
from los_core.domain.bre import Decision, Outcome, RuleSet, Verdict, run
from los_core.domain.bre_rules import default_rules
from los_core.domain.counterfactual import Basis, Counterfactual, counterfactual
from los_core.domain.derived import derive
from los_core.domain.errors import Invalid
from los_core.domain.rule import OnMissing, Operator, Rule, Severity
from los_core.testing.decisions import applicant, rule

TODAY = date(2026, 1, 6)
DEFAULT = RuleSet.compile(default_rules(), version=1, on=TODAY)
ORDER = [Verdict.REJECT, Verdict.REFER, Verdict.PASS]


def decided(rules: list[Rule], values: Mapping[str, Value]) -> Decision:
    return run(RuleSet.compile(rules, version=1, on=TODAY), Applicant.of(values, source="example"))


def changes(found: Counterfactual | None) -> dict[str, Any]:
    assert found is not None
    return {each.key: each.after for each in found.changes}


@pytest.mark.parametrize(
    ("change", "advice"),
    [
        ({"income__netMonthlySalary": 24_000_00}, {"income.netMonthlySalary": 25_000_00}),
        ({"bank__monthsCovered": 3}, {"bank.monthsCovered": 6}),
        ({"bureau__totalOverdueAmount": 9_000_00}, {"bureau.totalOverdueAmount": 5_000_00}),
        ({"bureau__activeUnsecuredLoans": 8}, {"bureau.activeUnsecuredLoans": 6}),
        ({"internal__activeLoansSameBrand": 1}, {"internal.activeLoansSameBrand": 0}),
        (
            {"derived__postLoanFoirPct": Decimal("71.25")},
            {"derived.postLoanFoirPct": Decimal(60)},
        ),
        (
            {"employment__monthsInCurrentJob": 1, "bank__monthsCovered": 5},
            {"bank.monthsCovered": 6, "employment.monthsInCurrentJob": 3},
        ),
    ],
)
def test_the_advice_is_the_least_change_that_the_rules_accept(
    change: dict[str, Value], advice: dict[str, Value]
) -> None:
    found = counterfactual(run(DEFAULT, applicant(**change)))
    assert changes(found) == advice
    assert found is not None
    assert found.decision.verdict is Verdict.PASS


@pytest.mark.parametrize(
    "change",
    [
        {"applicant__age": 20},
        {"kyc__panVerified": False},
        {"bureau__maxDpd12m": 60},
        {"internal__blocklistHit": True},
        {"bank__monthsCovered": None},
        {"bureau__score": 500, "bank__monthsCovered": 3},
    ],
)
def test_nothing_is_advised_where_nothing_actionable_helps(change: dict[str, Value]) -> None:
    decision = run(DEFAULT, applicant(**change))
    assert decision.verdict is not Verdict.PASS
    assert counterfactual(decision) is None


def test_age_identity_and_history_can_never_be_suggested() -> None:
    banned = ("kyc.", "applicant.", "address.", "brand.", "bureau.maxDpd", "bureau.enquiries")
    assert not [key for key in ACTIONABLE if key.startswith(banned)]
    history = {"bureau.score", "bureau.vintageMonths", "bureau.writtenOffSettled36m"}
    history |= {"internal.priorWriteOff", "internal.priorMaxDpd", "internal.lastRejectDays"}
    assert not history & set(ACTIONABLE)
    assert all(KEYS[key].kind not in {Kind.FLAG, Kind.TEXT} for key in ACTIONABLE)


def test_a_rejection_may_be_flipped_to_a_review_or_only_to_a_pass() -> None:
    person = applicant(bank__monthsCovered=3, bureau__enquiries7d=9)
    decision = run(DEFAULT, person)
    found = counterfactual(decision)
    assert found is not None
    assert (decision.verdict, found.decision.verdict) == (Verdict.REJECT, Verdict.REFER)
    assert found.resolved == ("STATEMENT_MONTHS",)
    assert counterfactual(decision, goal=Verdict.PASS) is None


def test_a_pass_needs_no_advice_and_a_goal_is_better_than_the_decision() -> None:
    assert counterfactual(run(DEFAULT, applicant())) is None
    referred = run(DEFAULT, applicant(bureau__enquiries7d=9))
    for goal in (Verdict.REJECT, Verdict.REFER):
        with pytest.raises(Invalid):
            counterfactual(referred, goal=goal)


def test_no_more_figures_are_named_than_asked_for() -> None:
    decision = run(DEFAULT, applicant(bank__monthsCovered=3, bureau__totalOverdueAmount=9_000_00))
    assert counterfactual(decision, most_fields=1) is None
    assert len(changes(counterfactual(decision, most_fields=2))) == 2


def test_a_stored_decision_has_the_same_counterfactual() -> None:
    decision = run(DEFAULT, applicant(bank__monthsCovered=3))
    assert counterfactual(Decision.from_document(decision.document())) == counterfactual(decision)


# -- against brute force, over every value ------------------------------------------------------

FIELDS = {
    "bank.monthsCovered": range(9),
    "employment.monthsInCurrentJob": range(9),
    "bureau.activeUnsecuredLoans": range(9),
}
COMPARED = [o for o in Operator if o not in {Operator.IS_TRUE, Operator.IS_FALSE}]


@st.composite
def small_rules(draw: st.DrawFn) -> list[Rule]:
    """Rules on three actionable counts and on one figure that cannot be changed."""
    drawn = []
    for n in range(draw(st.integers(1, 5))):
        operator = draw(st.sampled_from(COMPARED))
        limit = st.integers(0, 8) | st.sampled_from([Decimal("2.5"), Decimal("4.0")])
        threshold: Any = draw(limit)
        if operator is Operator.BETWEEN:
            threshold = tuple(sorted(draw(st.tuples(limit, limit))))
        elif operator in {Operator.IN, Operator.NOT_IN}:
            threshold = tuple(draw(st.lists(limit, min_size=1, max_size=3)))
        condition = draw(
            st.sampled_from([{}, {}, {"bank.monthsCovered": 3}, {"bureau.isNtc": False}])
        )
        drawn.append(
            rule(
                code=f"R{n}",
                priority=n,
                field=draw(st.sampled_from([*FIELDS, *FIELDS, "bureau.score"])),
                operator=operator,
                threshold=threshold,
                severity=draw(st.sampled_from(Severity)),
                on_missing=draw(st.sampled_from([OnMissing.REFER, OnMissing.PASS])),
                applies_when=condition,
            )
        )
    return drawn


def measure(key: str, now: int, rules: tuple[Rule, ...]) -> Fraction:
    about = [each.threshold for each in rules if each.field == key]
    for threshold in about:
        parts = threshold if isinstance(threshold, tuple) else (threshold,)
        pick = min if ACTIONABLE[key] is Way.UP else max
        if limit := pick(Fraction(part) for part in parts):  # type: ignore[arg-type]  # numbers here
            return abs(limit)
    return Fraction(now) or Fraction(1)


def brute_force(decision: Decision) -> tuple[int, Fraction] | None:
    """Return the fewest fields and the least change, by trying every value of every field."""
    rules = RuleSet.compile(decision.rules, version=1, on=TODAY)
    start = {key: now for key in FIELDS if isinstance(now := decision.input.get(key), int)}
    ranges = [
        range(now, 11) if ACTIONABLE[key] is Way.UP else range(now + 1)
        for key, now in start.items()
    ]
    better = ORDER[ORDER.index(decision.verdict) + 1 :]
    found = []
    for values in product(*ranges):
        moved = dict(zip(start, values, strict=True))
        after = run(rules, Applicant.of({**decision.input, **moved}, source="x"))
        if after.verdict in better:
            sizes = [
                Fraction(abs(value - start[key])) / measure(key, start[key], rules.rules)
                for key, value in moved.items()
                if value != start[key]
            ]
            found.append((len(sizes), sum(sizes, Fraction())))
    return min(found, default=None)


@given(
    small_rules(),
    st.fixed_dictionaries(
        {},
        optional={key: st.integers(0, 8) for key in FIELDS}
        | {"bureau.score": st.integers(0, 8), "bureau.isNtc": st.booleans()},
    ),
)
def test_it_equals_brute_force_over_up_to_three_fields_and_flips_the_decision(
    some: list[Rule], values: dict[str, Value]
) -> None:
    decision = decided(some, values)
    found = counterfactual(decision)
    if decision.verdict is Verdict.PASS:
        assert found is None
        return
    expected = brute_force(decision)
    assert (None if found is None else (len(found.changes), found.size)) == expected
    if found is None:
        return
    applied = {**decision.input, **{each.key: each.after for each in found.changes}}
    again = run(decision.rule_set, Applicant.of(applied, source="applied"))
    assert again == found.decision
    assert ORDER.index(again.verdict) > ORDER.index(decision.verdict)
    for each in found.changes:
        assert (each.after > each.before) is (ACTIONABLE[each.key] is Way.UP)
    assert all(again.outcome_of(c) is not Outcome.FAIL for c in found.resolved)


# -- with the figures that ratios are made of ---------------------------------------------------


def due_of(amount: int) -> int:
    return amount // 8


def with_ratios(
    *, salary: int, owed: int, asked: int, remaining: int | None
) -> tuple[Decision, Basis]:
    person = Applicant.of({"income.netMonthlySalary": salary}, source="declared")
    told = derive(
        person,
        requested=asked,
        new_due=due_of(asked),
        obligations=owed,
        kyc_cap_remaining=remaining,
    )
    rules = [
        rule(code="SALARY", field="income.netMonthlySalary", threshold=1_000_00),
        rule(code="CAP", field="derived.kycCapHeadroom", threshold=0, on_missing=OnMissing.SKIP),
        rule(
            code="FOIR",
            field="derived.postLoanFoirPct",
            operator=Operator.LTE,
            threshold=Decimal(50),
        ),
    ]
    basis = Basis(
        applicant=person,
        requested=asked,
        due_of=due_of,
        obligations=owed,
        kyc_cap_remaining=remaining,
    )
    return run(RuleSet.compile(rules, version=1, on=TODAY), told), basis


def test_ratios_follow_the_figures_they_are_made_of() -> None:
    decision, basis = with_ratios(salary=40_000_00, owed=12_000_00, asked=80_000_00, remaining=None)
    assert decision.input["derived.postLoanFoirPct"] == Decimal("55.00")
    found = counterfactual(decision, basis=basis)
    assert changes(found) == {"bureau.monthlyObligations": 10_000_00}
    assert found is not None
    assert found.decision.input["derived.postLoanFoirPct"] == Decimal("50.00")


def test_an_amount_above_the_yearly_cap_is_asked_for_lower() -> None:
    decision, basis = with_ratios(salary=40_000_00, owed=0, asked=80_000_00, remaining=60_000_00)
    assert changes(counterfactual(decision, basis=basis)) == {"loan.requestedAmount": 60_000_00}


def test_a_basis_that_gives_other_ratios_is_refused() -> None:
    decision, basis = with_ratios(salary=900_00, owed=500_00, asked=800_00, remaining=None)
    other = Basis(
        applicant=basis.applicant, requested=801_00, due_of=lambda _: 1, obligations=500_00
    )
    with pytest.raises(Invalid):
        counterfactual(decision, basis=other)


def grid(now: int, key: str, *more: int) -> Iterator[int]:
    up = ACTIONABLE[key] is Way.UP
    yield now
    yield from round_amounts(key, now)
    yield from (value for value in more if (value > now if up else value < now))


@settings(max_examples=12)
@given(
    salary=st.integers(400_00, 1_500_00),
    owed=st.integers(0, 900_00),
    asked=st.integers(500_00, 1_500_00),
    remaining=st.none() | st.integers(0, 1_500_00),
)
def test_it_equals_brute_force_over_the_figures_of_a_ratio(
    salary: int, owed: int, asked: int, remaining: int | None
) -> None:
    decision, basis = with_ratios(salary=salary, owed=owed, asked=asked, remaining=remaining)
    if decision.verdict is Verdict.PASS:
        return
    found = counterfactual(decision, basis=basis, goal=Verdict.PASS)
    expected = []
    for s, o, a in product(
        grid(salary, "income.netMonthlySalary", 1_000_00),
        grid(owed, "bureau.monthlyObligations"),
        grid(asked, "loan.requestedAmount"),
    ):
        after, _ = with_ratios(salary=s, owed=o, asked=a, remaining=remaining)
        if after.verdict is Verdict.PASS:
            sizes = [
                Fraction(abs(s - salary), 1_000_00),
                Fraction(abs(o - owed), owed or 1),
                Fraction(abs(a - asked), asked),
            ]
            expected.append((sum(size > 0 for size in sizes), sum(sizes)))
    assert (None if found is None else (len(found.changes), found.size)) == min(
        expected, default=None
    )


@given(st.sampled_from(sorted(ACTIONABLE)), st.integers(0, 10**12))
def test_round_amounts_are_few_and_lie_the_right_way(key: str, now: int) -> None:
    amounts = list(round_amounts(key, now))
    assert len(amounts) <= 61
    assert all((a > now) is (ACTIONABLE[key] is Way.UP) and a % 100_00 == 0 for a in amounts)
