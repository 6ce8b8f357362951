"""How far along targets are, and what looks wrong in a set of them."""

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.errors import Invalid
from los_core.domain.target import (
    Doubt,
    Metric,
    Pace,
    PeriodKind,
    Scope,
    Target,
    doubts,
    progress,
    working_days,
)

BRAND, TEAM, USER = (UUID(int=n) for n in (1, 2, 3))
MONTH = Target(
    id=BRAND,
    period=PeriodKind.MONTH,
    starts_on=date(2026, 4, 1),
    scope=Scope.BRAND,
    metric=Metric.DISBURSAL_AMOUNT,
    value=30_000_000_00,
)


def test_met_01_target_achievement_and_expected_run_rate() -> None:
    closed = {date(2026, 4, 3)}
    on = date(2026, 4, 20)
    assert working_days(MONTH, on, closed) == (16, 25)
    found = progress(MONTH, 18_750_000_00, on, closed=closed)
    assert found.achievement_pct == Decimal("62.50")
    assert found.expected_run_rate_pct == Decimal("64.00")
    assert found.expected == 19_200_000_00
    assert found.gap == 450_000_00
    assert found.pace is Pace.BEHIND


@pytest.mark.parametrize(
    ("achieved", "on", "expected"),
    [
        (0, date(2026, 3, 31), Pace.NOT_STARTED),
        (30_000_000_00, date(2026, 4, 2), Pace.ACHIEVED),
        (20_000_000_00, date(2026, 4, 20), Pace.ON_TRACK),
        (29_999_999_99, date(2026, 4, 30), Pace.BEHIND),
        (29_999_999_99, date(2026, 5, 1), Pace.MISSED),
    ],
)
def test_the_pace_of_a_target(achieved: int, on: date, expected: Pace) -> None:
    assert progress(MONTH, achieved, on).pace is expected


def test_a_quarter_has_three_months() -> None:
    quarter = attrs.evolve(MONTH, period=PeriodKind.QUARTER)
    assert quarter.ends_on == date(2026, 6, 30)
    with pytest.raises(Invalid, match="quarter"):
        attrs.evolve(quarter, starts_on=date(2026, 5, 1))


def test_a_share_is_expected_in_full_from_the_first_day() -> None:
    share = attrs.evolve(MONTH, metric=Metric.RECOVERY_PCT, value=90_00)
    found = progress(share, 85_00, date(2026, 4, 2))
    assert (found.expected, found.pace) == (90_00, Pace.BEHIND)


@pytest.mark.parametrize(
    "changes",
    [
        {"starts_on": date(2026, 4, 2)},
        {"value": 0},
        {"metric": Metric.RECOVERY_PCT, "value": 10_001},
        {"owner_id": USER},
        {"scope": Scope.USER},
    ],
)
def test_a_target_that_makes_no_sense_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid):
        attrs.evolve(MONTH, **changes)


def part(number: int, value: int, **changes: Any) -> Target:
    fields = {
        "id": UUID(int=number),
        "scope": Scope.USER,
        "owner_id": UUID(int=number),
        "parent_id": BRAND,
        "value": value,
    }
    return attrs.evolve(MONTH, **{**fields, **changes})


def test_parts_may_exceed_the_whole_and_are_reported() -> None:
    parts = [part(11, 20_000_000_00), part(12, 20_000_000_00)]
    assert doubts([MONTH, *parts]) == ((BRAND, Doubt.PARTS_EXCEED_WHOLE),)
    assert doubts([MONTH, parts[0]]) == ((BRAND, Doubt.PARTS_FALL_SHORT),)
    exact = [part(11, 10_000_000_00), part(12, 20_000_000_00)]
    assert doubts([MONTH, *exact]) == ()


def test_parts_that_do_not_fit_are_reported() -> None:
    other = part(11, 10, metric=Metric.DISBURSAL_COUNT)
    orphan = part(12, 10, parent_id=UUID(int=99))
    twin = part(13, 30_000_000_00)
    again = attrs.evolve(twin, id=UUID(int=14), parent_id=None)
    assert doubts([MONTH, other, orphan, twin, again]) == (
        (other.id, Doubt.PART_DIFFERS_IN_KIND),
        (orphan.id, Doubt.PARENT_UNKNOWN),
        (again.id, Doubt.SAME_TARGET_TWICE),
    )


@given(st.integers(0, 45), st.frozensets(st.integers(1, 30), max_size=30))
def test_expectation_grows_day_by_day_up_to_the_target(ahead: int, shut: frozenset[int]) -> None:
    closed = frozenset(date(2026, 4, day) for day in shut)
    day = date.fromordinal(date(2026, 3, 25).toordinal() + ahead)
    found = progress(MONTH, 0, day, closed=closed)
    later = progress(MONTH, 0, date.fromordinal(day.toordinal() + 1), closed=closed)
    assert 0 <= found.expected <= later.expected <= MONTH.value
    if found.expected_run_rate_pct is not None:
        assert 0 <= found.expected_run_rate_pct <= 100
