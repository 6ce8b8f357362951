"""A loan's status says what its money says, whatever is learnt in which order."""

import random
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.facts import Fact
from los_core.domain.fold import fold
from los_core.domain.following import FOLLOWING, moves_to_follow, status_of
from los_core.domain.holdings import Closure, ClosureKind
from los_core.domain.ids import BrandId, CustomerId, LoanId
from los_core.domain.lifecycle import BY_COMMAND, Actor, Status
from los_core.domain.loan import By, Loan
from los_core.domain.policies import DayCount, Method
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.testing import money_sagas
from los_core.testing.money_sagas import Tale

NOW = datetime(2026, 3, 5, 6, 30, tzinfo=UTC)
PLAIN = Terms(
    method=Method.REDUCING,
    principal=10_000_000,
    rate_pct=Decimal(24),
    instalments=12,
    planned_on=date(2026, 1, 5),
    first_due_on=date(2026, 2, 5),
    anchor_day=5,
    day_count=DayCount.MONTHLY,
)
MOVERS = (Actor.SYSTEM, Actor.WEBHOOK, Actor.STAFF)


@given(money_sagas.sagas(), st.randoms(use_true_random=False), st.sampled_from(MOVERS))
def test_the_status_follows_facts_in_any_order_of_arrival(
    tale: Tale, shuffler: random.Random, actor: Actor
) -> None:
    terms, [credit, *later] = tale
    shuffler.shuffle(later)
    loan = a_loan(Status.DISBURSED)
    known: list[Fact] = [credit]
    until = credit.value_date
    for fact in [*later, None]:
        if fact is not None:
            known.append(fact)
            until = max(until, fact.value_date)
        state = fold(terms, known, on=until)
        if state.schedule is None:
            return  # the credit itself was reversed: that is the payout's story
        for command in moves_to_follow(loan.status, state):
            loan.move(command, By(actor=actor, at=NOW), reasons=["R"])
        assert loan.status is status_of(state)


@pytest.mark.parametrize("source", sorted(FOLLOWING))
@pytest.mark.parametrize("target", [None, *ClosureKind])
@pytest.mark.parametrize("actor", MOVERS)
def test_there_is_a_way_between_any_two_ends(
    source: Status, target: ClosureKind | None, actor: Actor
) -> None:
    state = State(terms=PLAIN)
    if target is not None:
        state.closure = Closure(on=NOW.date(), kind=target, before=state)
    loan = a_loan(source)
    for command in moves_to_follow(source, state):
        assert actor in BY_COMMAND[command].actors
        loan.move(command, By(actor=actor, at=NOW), reasons=["R"])
    assert loan.status is status_of(state)


def a_loan(status: Status) -> Loan:
    return Loan(
        id=LoanId(UUID(int=1)),
        brand_id=BrandId(UUID(int=2)),
        customer_id=CustomerId(UUID(int=3)),
        loan_no="LN-000001",
        product="SALARY",
        applied_amount=50_000_00,
        applied_tenure=6,
        created_at=NOW,
        status=status,
    )
