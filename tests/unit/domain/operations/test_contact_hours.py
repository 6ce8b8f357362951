"""Quiet hours and the bars on recovery calls."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.contact import (
    HOURS,
    INDIA,
    CallBar,
    Party,
    Recovery,
    Traffic,
    Window,
    business_day,
    call_bar,
    is_quiet,
    send_at,
    window_of,
)
from los_core.domain.customer import CustomerStatus
from los_core.domain.errors import Invalid

instants = st.integers(0, 2 * 366 * 86_400).map(
    lambda seconds: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
)
closed_days = st.frozensets(
    st.dates(min_value=date(2025, 1, 1), max_value=date(2027, 1, 1)), max_size=20
)


def india(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+05:30")


@pytest.mark.parametrize(
    ("kind", "requested", "expected"),
    [
        ("RECOVERY", "2026-03-10T07:59:59", "2026-03-10T08:00:00"),
        ("RECOVERY", "2026-03-10T18:59:59", "2026-03-10T18:59:59"),
        ("RECOVERY", "2026-03-10T19:00:00", "2026-03-11T08:00:00"),
        ("PROMOTIONAL", "2026-03-10T09:30:00", "2026-03-10T10:00:00"),
        ("TRANSACTIONAL", "2026-03-10T23:30:00", "2026-03-10T23:30:00"),
    ],
)
def test_qth_01_quiet_hours(kind: str, requested: str, expected: str) -> None:
    assert send_at(india(requested), Traffic(kind)) == india(expected)


def test_a_microfinance_borrower_is_asked_for_dues_from_nine_to_six() -> None:
    early, late = india("2026-03-10T08:30:00"), india("2026-03-10T18:00:00")
    assert send_at(early, Traffic.RECOVERY, microfinance=True) == india("2026-03-10T09:00:00")
    assert send_at(late, Traffic.RECOVERY, microfinance=True) == india("2026-03-11T09:00:00")
    assert send_at(early, Traffic.PRE_DUE_SERVICE, microfinance=True) == early


def test_a_closed_day_is_passed_over_except_by_transactions() -> None:
    closed = frozenset({date(2026, 3, 11), date(2026, 3, 12)})
    late = india("2026-03-10T20:00:00")
    assert send_at(late, Traffic.RECOVERY, closed=closed) == india("2026-03-13T08:00:00")
    on_closed = india("2026-03-11T12:00:00")
    assert send_at(on_closed, Traffic.RECOVERY, closed=closed) == india("2026-03-13T08:00:00")
    assert send_at(on_closed, Traffic.TRANSACTIONAL, closed=closed) == on_closed


def test_a_lender_may_narrow_the_hours_and_not_widen_them() -> None:
    assert window_of(Traffic.RECOVERY, own=Window(time(7), time(17))) == Window(time(8), time(17))
    with pytest.raises(Invalid, match="empty"):
        window_of(Traffic.RECOVERY, own=Window(time(20), time(21)))


def test_the_business_day_is_indias() -> None:
    assert business_day(datetime(2026, 3, 10, 18, 30, tzinfo=UTC)) == date(2026, 3, 11)
    with pytest.raises(Invalid, match="zone"):
        business_day(datetime(2026, 3, 10, 18, 30))  # noqa: DTZ001 - naive on purpose


@given(
    at=instants, traffic=st.sampled_from(Traffic), microfinance=st.booleans(), closed=closed_days
)
def test_nothing_ever_goes_in_quiet_hours(
    *, at: datetime, traffic: Traffic, microfinance: bool, closed: frozenset[date]
) -> None:
    moment = send_at(at, traffic, microfinance=microfinance, closed=closed)
    assert moment >= at
    assert moment.utcoffset() == timedelta(0)
    assert not is_quiet(moment, traffic, microfinance=microfinance)
    assert traffic is Traffic.TRANSACTIONAL or business_day(moment) not in closed
    assert send_at(moment, traffic, microfinance=microfinance, closed=closed) == moment


def test_a_message_that_may_go_goes_at_once() -> None:
    for traffic, window in HOURS.items():
        at = datetime.combine(date(2026, 3, 10), window.opens if window else time(0), INDIA)
        assert send_at(at, traffic) == at


CALL = Recovery(party=Party.BORROWER)
NOON = india("2026-03-10T12:00:00")


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, None),
        ({"party": Party.GUARANTOR}, None),
        ({"party": Party.REFERENCE}, CallBar.THIRD_PARTY),
        ({"status": CustomerStatus.DECEASED}, CallBar.DECEASED),
        ({"status": CustomerStatus.BLOCKED}, None),
        ({"in_dispute": True}, CallBar.DISPUTE),
        ({"bankrupt": True}, CallBar.BANKRUPTCY),
        ({"bereaved": frozenset({date(2026, 3, 10)})}, CallBar.BEREAVEMENT),
        ({"festivals": frozenset({date(2026, 3, 10)})}, CallBar.FESTIVAL),
        ({"calls_today": 2}, None),
        ({"calls_today": 3}, CallBar.TOO_MANY_CALLS),
        ({"by_agency": True}, CallBar.AGENT_NOT_ANNOUNCED),
        ({"by_agency": True, "agent_announced": True}, None),
    ],
)
def test_a_recovery_call_is_barred_for_the_first_reason_that_applies(
    changes: dict[str, Any], expected: CallBar | None
) -> None:
    assert call_bar(attrs.evolve(CALL, **changes), NOON) is expected


def test_a_recovery_call_keeps_the_hours() -> None:
    evening = india("2026-03-10T18:30:00")
    assert call_bar(CALL, evening) is None
    assert call_bar(attrs.evolve(CALL, microfinance=True), evening) is CallBar.QUIET_HOURS
