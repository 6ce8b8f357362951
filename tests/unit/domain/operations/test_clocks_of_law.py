"""Deadlines, time-outs of applications, and how long records are kept."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.contact import INDIA
from los_core.domain.deadlines import (
    Compensation,
    Duty,
    Escalation,
    Risk,
    bureau_compensation,
    due_at,
    escalation,
    rekyc_due_on,
)
from los_core.domain.errors import Invalid
from los_core.domain.lifecycle import TABLE, Status
from los_core.domain.retention import (
    RULES,
    Record,
    earliest_erasure,
    keep_until,
    may_erase,
    may_purge,
)
from los_core.domain.timeouts import (
    COMMANDS,
    OFFICE,
    Action,
    Due,
    Limits,
    Start,
    Waiting,
    add_working_hours,
    due,
    end_of,
    next_poll,
    table,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=INDIA)  # a Monday
DAY = timedelta(days=1)


def test_cmp_01_bureau_correction_compensation() -> None:
    found = bureau_compensation(date(2026, 2, 1), date(2026, 3, 10))
    assert found == Compensation(delay_days=7, amount=70_000)


def test_a_correction_within_thirty_days_costs_nothing() -> None:
    filed = date(2026, 2, 1)
    assert bureau_compensation(filed, filed + 30 * DAY).amount == 0
    assert bureau_compensation(filed, filed + 31 * DAY).amount == 10_000
    with pytest.raises(Invalid):
        bureau_compensation(filed, filed - DAY)


def test_a_complaint_goes_to_the_regulator_after_thirty_days() -> None:
    received = date(2026, 2, 1)
    assert escalation(received, None, received + 30 * DAY) is Escalation.OPEN
    assert escalation(received, None, received + 31 * DAY) is Escalation.TO_REGULATOR
    assert escalation(received, received + DAY, received + 40 * DAY) is Escalation.RESOLVED


def test_each_duty_has_its_span() -> None:
    assert due_at(Duty.INCIDENT_REPORT, NOON) == NOON + timedelta(hours=6)
    assert due_at(Duty.BREACH_DETAILS, NOON) == NOON + timedelta(hours=72)
    assert due_at(Duty.BUREAU_DISPUTE_OURS, NOON) == NOON + 21 * DAY
    assert all(due_at(duty, NOON) > NOON for duty in Duty)
    with pytest.raises(Invalid):
        due_at(Duty.GRIEVANCE, NOON.replace(tzinfo=None))


@pytest.mark.parametrize(
    ("risk", "expected"),
    [
        (Risk.HIGH, date(2030, 2, 28)),
        (Risk.MEDIUM, date(2036, 2, 29)),
        (Risk.LOW, date(2038, 2, 28)),
    ],
)
def test_identity_is_checked_again_by_risk(risk: Risk, expected: date) -> None:
    assert rekyc_due_on(date(2028, 2, 29), risk) == expected


def waits(status: Status, start: Start, since: datetime = NOON) -> Waiting:
    return Waiting(status=status, since={start: since})


@pytest.mark.parametrize(
    ("status", "start", "age", "action"),
    [
        (Status.DRAFT, Start.ACTIVITY, 30 * DAY, Action.EXPIRE),
        (Status.INFO_REQUIRED, Start.ACTIVITY, 30 * DAY, Action.EXPIRE),
        (Status.APPROVED, Start.OFFER_END, 0 * DAY, Action.EXPIRE),
        (Status.SANCTIONED, Start.KFS_END, 2 * DAY, Action.EXPIRE),
        (Status.AGREEMENT_SENT, Start.ENTRY, 7 * DAY, Action.EXPIRE_AGREEMENT),
        (Status.AGREEMENT_EXPIRED, Start.ENTRY, 7 * DAY, Action.EXPIRE),
        (Status.DISBURSEMENT_INITIATED, Start.ENTRY, timedelta(hours=4), Action.ALERT),
        (Status.ON_HOLD, Start.HOLD_END, 0 * DAY, Action.RELEASE),
        (Status.ON_HOLD, Start.ENTRY, 30 * DAY, Action.RELEASE),
    ],
)
def test_each_status_has_its_time_out(
    status: Status, start: Start, age: timedelta, action: Action
) -> None:
    waiting = waits(status, start)
    assert due(waiting, NOON + age - timedelta(seconds=1)) is None
    assert due(waiting, NOON + age) == Due(action=action, since=NOON + age)


def test_a_review_is_escalated_after_twenty_four_office_hours() -> None:
    waiting = waits(Status.MANUAL_REVIEW, Start.ENTRY)
    expected = datetime(2026, 3, 5, 12, tzinfo=INDIA)
    assert due(waiting, expected - timedelta(seconds=1)) is None
    assert due(waiting, expected) == Due(action=Action.ESCALATE, since=expected)
    holiday = frozenset({date(2026, 3, 3)})
    assert due(waiting, expected, holidays=holiday) is None
    assert due(waiting, expected + DAY, holidays=holiday) is not None


def test_of_two_ends_of_a_hold_the_earlier_counts() -> None:
    waiting = Waiting(
        status=Status.ON_HOLD,
        since={Start.ENTRY: NOON, Start.HOLD_END: end_of(date(2026, 3, 5))},
    )
    found = due(waiting, NOON + 40 * DAY)
    assert found == Due(action=Action.RELEASE, since=datetime(2026, 3, 5, 18, 30, tzinfo=UTC))


def test_a_loan_in_no_hurry_is_left_alone() -> None:
    assert due(waits(Status.DISBURSED, Start.ENTRY), NOON + 999 * DAY) is None
    assert due(waits(Status.APPROVED, Start.ENTRY), NOON + 999 * DAY) is None


def test_every_automatic_move_is_in_the_table_of_moves() -> None:
    sources = {row.command: row.sources for row in TABLE}
    for row in table(Limits(esign_days=3)):
        command = COMMANDS[row.action]
        assert command is None or row.status in sources[command]
    assert COMMANDS[Action.ALERT] is None


def test_a_payout_of_unknown_outcome_is_asked_about_less_and_less_often() -> None:
    asked, moments = NOON, []
    for _ in range(7):
        asked = next_poll(NOON, asked)
        moments.append((asked - NOON) // timedelta(minutes=1))
    assert moments == [2, 5, 15, 60, 120, 180, 240]


@given(st.integers(0, 10 * 86_400), st.integers(0, 60), st.integers(0, 60))
def test_office_hours_add_up(ahead: int, first: int, second: int) -> None:
    at = NOON + timedelta(seconds=ahead)
    spans = timedelta(hours=first), timedelta(hours=second)
    half = add_working_hours(at, spans[0], office=OFFICE, holidays=frozenset())
    whole = add_working_hours(at, sum(spans, timedelta()), office=OFFICE, holidays=frozenset())
    through = add_working_hours(half, spans[1], office=OFFICE, holidays=frozenset())
    assert whole == through or second == 0
    local = whole.astimezone(INDIA)
    assert local.weekday() != 6
    assert OFFICE.opens <= local.time() <= OFFICE.closes


def test_a_closed_loan_is_kept_eight_years() -> None:
    closed = date(2026, 3, 31)
    assert keep_until(Record.CLOSED_LOAN, closed) == date(2034, 3, 31)
    assert not may_purge(Record.CLOSED_LOAN, closed, date(2034, 3, 31))
    assert may_purge(Record.CLOSED_LOAN, closed, date(2034, 4, 1))
    assert not may_purge(Record.CLOSED_LOAN, closed, date(2040, 1, 1), hold=True)
    assert not may_purge(Record.CLOSED_LOAN, None, date(2040, 1, 1))


@pytest.mark.parametrize(
    ("record", "expected"),
    [
        (Record.REJECTED_APPLICATION, date(2027, 3, 31)),
        (Record.LEAD, date(2026, 9, 30)),
        (Record.RAW_BUREAU_REPORT, date(2027, 3, 31)),
        (Record.OTP, date(2026, 4, 1)),
        (Record.APPLICATION_LOG, date(2027, 3, 31)),
        (Record.AUDIT_LOG, date(2034, 3, 31)),
        (Record.ACCOUNT_AGGREGATOR_DATA, date(2026, 3, 31)),
    ],
)
def test_each_record_has_its_period(record: Record, expected: date) -> None:
    assert keep_until(record, date(2026, 3, 31)) == expected


def test_a_recording_in_dispute_outlives_it_by_a_year() -> None:
    called, ended = date(2026, 1, 1), date(2027, 6, 1)
    assert keep_until(Record.CALL_RECORDING, called) == date(2027, 1, 1)
    assert keep_until(Record.CALL_RECORDING, called, disputed_until=ended) == date(2028, 6, 1)


def test_a_brand_shortens_periods_down_to_the_law() -> None:
    short = {Record.KYC: 12, Record.LEAD: 1}
    assert keep_until(Record.KYC, date(2026, 1, 1), months=short) == date(2031, 1, 1)
    assert keep_until(Record.LEAD, date(2026, 1, 1), months=short) == date(2026, 2, 1)


def test_erasure_on_request_waits_for_the_law_alone() -> None:
    on = date(2026, 3, 31)
    assert may_erase(Record.LEAD, date(2026, 3, 1), on)
    assert may_erase(Record.LEAD, None, on)
    assert not may_erase(Record.KYC, None, on)
    assert not may_erase(Record.KYC, date(2021, 3, 31), on)
    assert may_erase(Record.KYC, date(2021, 3, 30), on)
    assert not may_erase(Record.LEAD, date(2020, 1, 1), on, hold=True)
    assert earliest_erasure(NOON) == NOON + timedelta(hours=48)


@given(st.sampled_from(Record), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_nothing_is_purged_before_the_law_allows(record: Record, since: date) -> None:
    last = keep_until(record, since)
    assert last >= since
    assert may_purge(record, since, last + DAY)
    assert may_erase(record, since, last + DAY)
    assert RULES[record].least_months <= max(RULES[record].months, 0)
