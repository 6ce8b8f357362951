from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.assignment import (
    Case,
    Exclusion,
    Executive,
    Method,
    Pool,
    assign,
    assign_all,
    tilt,
    waited_too_long,
)
from los_core.domain.ids import LoanId, StaffId

U1, U2, U3, U4, U5 = (StaffId(UUID(int=n)) for n in range(1, 6))
TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 5, 0, tzinfo=UTC)


def executive(staff_id: StaffId, **changes: Any) -> Executive:
    fields: dict[str, Any] = {
        "id": staff_id,
        "active": True,
        "pools": frozenset({Pool.ORIGINATION}),
        "open": 0,
        "capacity": 40,
        "products": frozenset({"SALARY"}),
        "languages": frozenset({"en", "hi"}),
    }
    return Executive(**{**fields, **changes})


def case(**changes: Any) -> Case:
    fields: dict[str, Any] = {
        "loan_id": LoanId(UUID(int=99)),
        "pool": Pool.ORIGINATION,
        "on": TODAY,
        "product": "SALARY",
    }
    return Case(**{**fields, **changes})


def test_alo_01_least_loaded_weighted_by_rating() -> None:
    team = [
        executive(
            U1, open=12, rating=3, last_allocated_at=datetime(2026, 3, 10, 3, 30, tzinfo=UTC)
        ),
        executive(
            U2, open=14, rating=5, last_allocated_at=datetime(2026, 3, 10, 3, 35, tzinfo=UTC)
        ),
        executive(U3, open=5, languages=frozenset({"ta", "en"})),
        executive(U4, open=1, rating=4, unavailable=frozenset({TODAY})),
        executive(U5, active=False, rating=5),
    ]
    result = assign(case(language="hi"), team)
    assert (result.executive_id, result.how) == (U2, "LEAST_LOADED_WEIGHTED")
    assert {k: str(v) for k, v in result.loads.items()} == {U1: "0.3000", U2: "0.2800"}
    assert result.excluded == (
        (U3, Exclusion.LANGUAGE),
        (U4, Exclusion.UNAVAILABLE),
        (U5, Exclusion.INACTIVE),
    )


def test_alo_02_a_reloan_returns_to_the_previous_executive() -> None:
    team = [executive(U1, open=30, rating=3), executive(U2, open=2, rating=5)]
    result = assign(case(previous_executive_id=U1), team)
    assert (result.executive_id, result.how, result.excluded) == (U1, "STICKY", ())
    assert {k: str(v) for k, v in result.loads.items()} == {U1: "0.7500", U2: "0.0400"}


def test_a_previous_executive_who_is_no_candidate_does_not_get_the_case_back() -> None:
    team = [executive(U1, open=40), executive(U2, open=2)]
    assert assign(case(previous_executive_id=U1), team).executive_id == U2


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"active": False, "open": 40}, Exclusion.INACTIVE),
        ({"pools": frozenset({Pool.COLLECTION})}, Exclusion.INACTIVE),
        ({"unavailable": frozenset({TODAY}), "products": frozenset()}, Exclusion.UNAVAILABLE),
        ({"products": frozenset(), "languages": frozenset()}, Exclusion.PRODUCT),
        ({"languages": frozenset({"ta"}), "open": 40}, Exclusion.LANGUAGE),
        ({"locations": frozenset({"110001"}), "open": 40}, Exclusion.LOCATION),
        ({"open": 40}, Exclusion.AT_CAPACITY),
        ({"capacity": 0}, Exclusion.AT_CAPACITY),
    ],
)
def test_the_first_reason_against_an_executive_is_reported(
    changes: dict[str, Any], reason: Exclusion
) -> None:
    result = assign(case(language="hi", location="560001"), [executive(U1, **changes)])
    assert (result.executive_id, result.how) == (None, None)
    assert result.excluded == ((U1, reason),)


def test_ties_go_to_who_was_given_a_case_longest_ago_and_then_by_id() -> None:
    never = executive(U3)
    earlier = executive(U2, last_allocated_at=datetime(2026, 3, 1, tzinfo=UTC))
    later = executive(U1, last_allocated_at=NOW)
    assert assign(case(), [later, earlier, never]).executive_id == U3
    assert assign(case(), [later, earlier]).executive_id == U2
    assert assign(case(), [executive(U2), executive(U1)]).executive_id == U1


def test_round_robin_looks_only_at_who_waits_longest() -> None:
    busy = executive(U1, open=39, last_allocated_at=datetime(2026, 3, 1, tzinfo=UTC))
    idle = executive(U2, open=0, last_allocated_at=NOW)
    assert assign(case(), [busy, idle], method=Method.ROUND_ROBIN).executive_id == U1
    assert assign(case(), [busy, idle], method=Method.LEAST_LOADED).executive_id == U2


def test_nothing_is_given_out_on_a_closed_day_or_when_off() -> None:
    closed = assign(case(), [executive(U1)], closed=frozenset({TODAY}))
    off = assign(case(), [executive(U1)], method=Method.OFF)
    assert (closed.executive_id, closed.skipped) == (None, True)
    assert (off.executive_id, off.skipped) == (None, True)


def test_the_queue_is_served_by_rating_then_amount_then_age() -> None:
    old, new = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
    queue = [
        case(loan_id=LoanId(UUID(int=1)), customer_rating=3, requested=100, waiting_since=new),
        case(loan_id=LoanId(UUID(int=2)), customer_rating=3, requested=100, waiting_since=old),
        case(loan_id=LoanId(UUID(int=3)), customer_rating=3, requested=200),
        case(loan_id=LoanId(UUID(int=4)), customer_rating=5, requested=1),
    ]
    served = assign_all(queue, [executive(U1)], at=NOW)
    assert [each.loan_id.int for each in served] == [4, 3, 2, 1]


@given(
    capacities=st.lists(st.integers(0, 4), min_size=1, max_size=5),
    cases=st.integers(0, 20),
    method=st.sampled_from([Method.ROUND_ROBIN, Method.LEAST_LOADED, Method.WEIGHTED]),
    sticky=st.booleans(),
)
def test_nobody_is_given_more_than_their_capacity(
    capacities: list[int], cases: int, method: Method, *, sticky: bool
) -> None:
    team = [executive(StaffId(UUID(int=n)), capacity=c) for n, c in enumerate(capacities, start=1)]
    previous = team[0].id if sticky else None
    queue = [
        case(loan_id=LoanId(UUID(int=100 + n)), previous_executive_id=previous)
        for n in range(cases)
    ]
    given_out = assign_all(queue, team, at=NOW, method=method)
    held = {each.id: sum(a.executive_id == each.id for a in given_out) for each in team}
    assert all(held[each.id] <= each.capacity for each in team)
    assert sum(held.values()) == min(cases, sum(capacities))


@pytest.mark.parametrize(
    ("expected", "achieved", "factor"),
    [
        (10, 10, "1.00"),
        (10, 5, "1.2"),
        (10, 100, "0.8"),
        (10, 0, "1.2"),
        (0, 0, "1"),
        (11, 10, "1.10"),
    ],
)
def test_who_is_behind_the_target_is_given_more(expected: int, achieved: int, factor: str) -> None:
    assert str(tilt(expected, achieved)) == factor


def test_the_tilt_stretches_capacity() -> None:
    team = [executive(U1, open=10), executive(U2, open=11, tilt=tilt(10, 5))]
    assert assign(case(), team).executive_id == U2
    level = [team[0], attrs.evolve(team[1], tilt=tilt(10, 10))]
    assert assign(case(), level).executive_id == U1


def test_the_manager_hears_of_cases_nobody_took_for_half_an_hour() -> None:
    waits = [
        case(loan_id=LoanId(UUID(int=1)), waiting_since=NOW - timedelta(minutes=30)),
        case(loan_id=LoanId(UUID(int=2)), waiting_since=NOW - timedelta(minutes=29, seconds=59)),
        case(loan_id=LoanId(UUID(int=3))),
        case(loan_id=LoanId(UUID(int=4)), waiting_since=NOW - timedelta(hours=2)),
    ]
    assert waited_too_long(waits, NOW) == (LoanId(UUID(int=4)), LoanId(UUID(int=1)))
