"""The strategies that others test with: they make values of their type, all of them legal."""

import json
from datetime import date
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import los_core
from los_core import (
    Arrangement,
    BulletCase,
    Coupon,
    EmiCase,
    EvaluationConfig,
    InvalidTerms,
    LoanProduct,
    Period,
    PresentedInstalment,
    Product,
    RuleSet,
    Scorecard,
    SettlementProposal,
    Target,
    Terms,
    amount_to_present,
    blended_rate_pct,
    build_schedule,
    bullet_limit,
    emi_limit,
    evaluate,
    metrics,
    price,
    score_applicant,
    target_progress,
)
from los_core.domain.rule import Rule
from los_core.testing import decisions
from los_core.testing.values import VALUES

KINDS = sorted(VALUES, key=lambda kind: (kind.__module__, kind.__name__))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
@given(data=st.data())
def test_a_value_is_of_its_type_and_made_again_of_its_parts(
    kind: type, data: st.DataObject
) -> None:
    value = data.draw(VALUES[kind])
    assert value == (attrs.evolve(value) if attrs.has(kind) else kind(*value))
    assert type(value) is kind


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_value_type_with_a_strategy_is_public(kind: type) -> None:
    assert any(getattr(los_core, name) is kind for name in los_core.__all__)


@given(VALUES[Terms])
def test_terms_have_a_schedule_that_repays_them(terms: Terms) -> None:
    schedule = build_schedule(terms, disbursed_on=terms.planned_on)
    assert sum(schedule.principal) == terms.principal + schedule.capitalised


@given(VALUES[Product], st.integers(5_000_00, 5_00_000_00), st.integers(1, 36))
def test_a_product_prices_a_loan_or_says_why_not(product: Product, amount: int, n: int) -> None:
    bullet = product.method.value == "BULLET"
    try:
        pricing = price(
            product, amount=amount, credited_on=date(2026, 1, 5), instalments=1 if bullet else n
        )
    except InvalidTerms:
        return
    assert pricing.total_payable >= amount


@given(VALUES[LoanProduct])
def test_a_loan_product_lends_its_least_amount_where_the_step_allows(product: LoanProduct) -> None:
    least = -(-product.min_amount // product.step) * product.step
    if least <= product.max_amount:
        product.check(least, product.tenures[0])


@given(VALUES[Rule], decisions.applicants())
def test_a_rule_compiles_and_runs(rule: Rule, person: Any) -> None:
    compiled = RuleSet.compile([rule], version=1, on=date(2026, 1, 5))
    assert los_core.run_rules(compiled, person).outcomes[0].code == rule.code


@given(VALUES[EvaluationConfig], decisions.applicants())
def test_an_evaluation_runs_and_survives_its_document(config: EvaluationConfig, who: Any) -> None:
    again = EvaluationConfig.from_document(json.loads(json.dumps(config.document())))
    assert again == config
    assert evaluate(config, who) == evaluate(again, who)


@given(VALUES[Scorecard], decisions.applicants())
def test_a_scorecard_scores_and_survives_its_document(model: Scorecard, who: Any) -> None:
    again = Scorecard.from_document(json.loads(json.dumps(model.document())))
    assert again == model
    assert 0 <= score_applicant(model, who).pd_pct <= 100


@given(VALUES[EmiCase], VALUES[BulletCase])
def test_limits_lie_within_what_was_asked(emi: EmiCase, bullet: BulletCase) -> None:
    assert 0 <= emi_limit(emi).amount <= emi.requested
    assert 0 <= bullet_limit(bullet).amount <= bullet.requested


@given(VALUES[Coupon])
def test_a_coupon_has_uses_left_or_none(coupon: Coupon) -> None:
    assert coupon.left is None or coupon.left >= 0


@given(VALUES[Period])
def test_no_share_of_a_period_exceeds_the_whole(period: Period) -> None:
    found = metrics(period)
    shares = (found.par_30_pct, found.gnpa_pct, found.cure_rate_pct, found.roll_forward_pct)
    assert all(share is None or 0 <= share <= 100 for share in shares)


@given(VALUES[Target], st.integers(0, 10**12))
def test_a_target_has_progress(target: Target, achieved: int) -> None:
    assert target_progress(target, achieved, target.ends_on).achieved == achieved


@given(VALUES[SettlementProposal])
def test_a_settlement_waives_what_it_does_not_ask(proposal: SettlementProposal) -> None:
    assert proposal.amount + proposal.waiver.total == proposal.dues.total


@given(VALUES[Arrangement])
def test_an_arrangement_with_rates_has_a_blended_one(arrangement: Arrangement) -> None:
    if arrangement.own_rate_pct is not None and arrangement.partner_rate_pct is not None:
        rates = sorted([arrangement.own_rate_pct, arrangement.partner_rate_pct])
        assert rates[0] <= blended_rate_pct(arrangement) <= rates[1]


@given(VALUES[PresentedInstalment], VALUES[los_core.Mandate])
def test_a_debit_stays_within_its_mandate(asked: Any, mandate: los_core.Mandate) -> None:
    assert 0 <= amount_to_present(asked, mandate) <= mandate.max_amount
