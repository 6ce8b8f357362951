"""How far along targets are, counted from what was lent, paid and who came."""

from datetime import timedelta
from typing import Any

from tests.unit.journeys_in_memory.conftest import Lender

from los_core.domain.record_kinds import TARGETS
from los_core.domain.target import Goal, Metric, Pace, PeriodKind, Scope


def _goal(lender: Lender, metric: Metric, value: int, **more: Any) -> Any:
    first = lender.memory.clock.business_date().replace(day=1)
    told: dict[str, Any] = {"scope": Scope.BRAND, **more}
    goal = Goal(period=PeriodKind.MONTH, starts_on=first, metric=metric, value=value, **told)
    return lender.services.records.add(lender.staff["admin"], TARGETS, goal)


def _stand(lender: Lender) -> dict[Any, Any]:
    found = lender.services.targets.progress(lender.staff["admin"])
    return {each.target.id: each.progress for each in found}


def test_a_brand_is_measured_by_all_it_lent_and_got(lender: Lender) -> None:
    caller, loan = lender.lend()
    lender.pay(caller, loan, amount=1_000_00)
    assert loan.net_disbursal is not None
    goals = {
        Metric.DISBURSAL_AMOUNT: loan.net_disbursal,
        Metric.DISBURSAL_COUNT: 1,
        Metric.COLLECTION_AMOUNT: 1_000_00,
        Metric.NEW_CUSTOMERS: 1,
    }
    made = {_goal(lender, metric, 2 * value).id: value for metric, value in goals.items()}
    stands = _stand(lender)
    assert {goal: stands[goal].achieved for goal in made} == made
    assert {str(stands[goal].achievement_pct) for goal in made} == {"50.00"}


def test_a_person_is_measured_by_their_own_loans_and_a_team_by_its_people(lender: Lender) -> None:
    lender.lend()
    mine, other = lender.staff["executive"].staff_id, lender.staff["manager"].staff_id
    team = _goal(lender, Metric.DISBURSAL_COUNT, 2, scope=Scope.TEAM, owner_id=other)
    empty = _goal(lender, Metric.COLLECTION_AMOUNT, 2, scope=Scope.TEAM, owner_id=other)
    part = {"scope": Scope.USER, "parent_id": team.id}
    first = _goal(lender, Metric.DISBURSAL_COUNT, 1, owner_id=mine, **part)
    second = _goal(lender, Metric.DISBURSAL_COUNT, 1, owner_id=other, **part)
    stands = _stand(lender)
    achieved = [stands[goal.id].achieved for goal in (team, empty, first, second)]
    assert achieved == [1, 0, 1, 0]
    assert stands[first.id].pace is Pace.ACHIEVED


def test_what_nothing_counts_is_not_measured(lender: Lender) -> None:
    share = _goal(lender, Metric.RECOVERY_PCT, 90_00)
    assert _stand(lender) == {share.id: None}


def test_targets_of_another_period_are_left_out(lender: Lender) -> None:
    _goal(lender, Metric.DISBURSAL_COUNT, 1)
    later = lender.memory.clock.business_date() + timedelta(days=40)
    assert list(lender.services.targets.progress(lender.staff["admin"], later)) == []
