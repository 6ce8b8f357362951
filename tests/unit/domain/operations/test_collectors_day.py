"""Queues of dues, promises, notes to oneself, debits by mandate, and presence at work."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from los_core.domain.activity import Activity, EndReason, Presence, summary
from los_core.domain.errors import Conflict, Invalid, InvalidMoney
from los_core.domain.followup import (
    MEASURES,
    Disposition,
    Measure,
    Note,
    NoteFigures,
    NoteKind,
    NoteState,
    Promise,
    PromiseState,
    Queue,
    note_figures,
    promise_state,
    promises_in,
    queue_of,
)
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.lifecycle import Status
from los_core.domain.metrics import metrics
from los_core.domain.presentation import (
    AfterReturn,
    Instalment,
    Mandate,
    NoDebit,
    Return,
    Task,
    after_return,
    amount_to_present,
    earliest_debit,
    no_debit,
)

LOAN, STAFF = LoanId(UUID(int=1)), StaffId(UUID(int=2))
TODAY = date(2026, 3, 10)
NOW = datetime(2026, 3, 10, 6, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (-8, Queue.X),
        (-7, Queue.PRE),
        (0, Queue.PRE),
        (1, Queue.B1),
        (30, Queue.B1),
        (31, Queue.B2),
        (60, Queue.B2),
        (61, Queue.B3),
        (90, Queue.B3),
        (91, Queue.NPA),
        (180, Queue.NPA),
        (181, Queue.NPA_PLUS),
    ],
)
def test_dues_are_worked_in_queues(late: int, expected: Queue) -> None:
    assert queue_of(Status.DISBURSED, TODAY - late * DAY, TODAY) is expected


def test_what_is_not_chased_has_no_queue() -> None:
    assert queue_of(Status.DISBURSED, None, TODAY) is None
    assert queue_of(Status.COMPLETED, TODAY - DAY, TODAY) is None
    assert queue_of(Status.WRITTEN_OFF, None, TODAY) is Queue.WO


PROMISE = Promise(loan_id=LOAN, made_on=TODAY, by=TODAY + 3 * DAY, amount=1_000_000, taken_by=STAFF)


@pytest.mark.parametrize(
    ("receipts", "after", "expected"),
    [
        ([], 0, PromiseState.OPEN),
        ([], 2, PromiseState.OPEN),
        ([], 3, PromiseState.BROKEN),
        ([(TODAY, 950_000)], 0, PromiseState.KEPT),
        ([(TODAY, 949_999)], 3, PromiseState.BROKEN),
        ([(TODAY, 500_000), (TODAY + 3 * DAY, 450_000)], 3, PromiseState.KEPT),
        ([(TODAY - DAY, 1_000_000)], 3, PromiseState.BROKEN),
        ([(TODAY + 4 * DAY, 1_000_000)], 9, PromiseState.BROKEN),
    ],
)
def test_a_promise_is_kept_by_ninety_five_per_cent_in_time(
    receipts: list[tuple[date, int]], after: int, expected: PromiseState
) -> None:
    assert promise_state(PROMISE, receipts, TODAY + after * DAY) is expected


def test_a_promise_is_for_seven_days_at_most() -> None:
    assert attrs.evolve(PROMISE, by=TODAY + 7 * DAY).by == date(2026, 3, 17)
    for by in (TODAY + 8 * DAY, TODAY - DAY):
        with pytest.raises(Invalid):
            attrs.evolve(PROMISE, by=by)
    with pytest.raises(InvalidMoney):
        attrs.evolve(PROMISE, amount=0)


def test_open_promises_do_not_count_as_broken() -> None:
    states = [PromiseState.KEPT, PromiseState.KEPT, PromiseState.BROKEN, PromiseState.OPEN]
    assert str(metrics(promises_in(states)).promises_kept_pct) == "66.67"


def test_dispositions_say_who_was_reached_and_what_stops() -> None:
    assert Disposition.PTP.reached
    assert not Disposition.RNR.reached
    assert {each for each in Disposition if each.stops_recovery} == {
        Disposition.DISPUTE,
        Disposition.DECEASED,
    }


def note(**changes: Any) -> Note:
    fields: dict[str, Any] = {
        "id": UUID(int=9),
        "loan_id": LOAN,
        "staff_id": STAFF,
        "kind": NoteKind.CALL,
        "remind_at": NOW,
    }
    return Note(**{**fields, **changes})


def test_a_note_is_missed_a_day_later_and_may_still_be_done() -> None:
    one = note()
    assert not one.miss(NOW + timedelta(hours=23))
    assert one.miss(NOW + DAY)
    assert not one.miss(NOW + 2 * DAY)
    one.close(NoteState.DONE)
    assert one.state is NoteState.DONE
    with pytest.raises(Conflict):
        one.close(NoteState.CANCELLED)
    with pytest.raises(Conflict):
        one.move_to(NOW)


def test_a_missed_note_is_put_off() -> None:
    one = note(state=NoteState.MISSED)
    one.move_to(NOW + DAY)
    assert (one.state, one.remind_at) == (NoteState.OPEN, NOW + DAY)


def test_notes_are_counted_by_the_day_in_india() -> None:
    late = datetime(2026, 3, 4, 19, 0, tzinfo=UTC)  # half past midnight of the 5th in India
    notes = [
        Note(
            id=UUID(int=number),
            loan_id=LoanId(UUID(int=1)),
            staff_id=StaffId(UUID(int=2)),
            kind=NoteKind.CALL,
            remind_at=late + timedelta(days=ahead),
            state=state,
        )
        for number, (ahead, state) in enumerate(
            [
                (0, NoteState.OPEN),
                (1, NoteState.OPEN),
                (0, NoteState.DONE),
                (-3, NoteState.MISSED),
                (0, NoteState.CANCELLED),
            ]
        )
    ]
    assert note_figures(notes, date(2026, 3, 5)) == NoteFigures(open=2, due_today=1, missed=1)


def test_every_queue_says_what_is_done_and_only_distant_dues_are_left_alone() -> None:
    assert set(MEASURES) == set(Queue)
    assert [queue for queue, measures in MEASURES.items() if not measures] == [Queue.X]
    assert Measure.SETTLEMENT in MEASURES[Queue.NPA]
    assert Measure.AGENCY not in MEASURES[Queue.B3]


def test_a_note_needs_a_zone_and_a_promise_an_amount() -> None:
    with pytest.raises(Invalid):
        note(remind_at=NOW.replace(tzinfo=None))
    with pytest.raises(Invalid):
        note(kind=NoteKind.PTP)
    with pytest.raises(Invalid):
        note().close(NoteState.MISSED)


MANDATE = Mandate(active=True, max_amount=1_500_000)
DEBIT = Instalment(
    due_on=TODAY, outstanding=945_600, charges=50_000, present_on=TODAY, notified_at=NOW - DAY
)


def test_a_debit_is_the_instalment_and_never_more_than_the_mandate() -> None:
    assert amount_to_present(DEBIT, MANDATE) == 945_600
    assert amount_to_present(DEBIT, attrs.evolve(MANDATE, covers_charges=True)) == 995_600
    assert amount_to_present(DEBIT, attrs.evolve(MANDATE, max_amount=900_000)) == 900_000
    assert amount_to_present(attrs.evolve(DEBIT, outstanding=0), MANDATE) == 0


@pytest.mark.parametrize(
    ("debit", "mandate", "expected"),
    [
        ({}, {}, None),
        ({"outstanding": 0}, {}, NoDebit.NOTHING_DUE),
        ({}, {"active": False}, NoDebit.NO_MANDATE),
        ({}, {"expires_on": TODAY - DAY}, NoDebit.NO_MANDATE),
        ({}, {"expires_on": TODAY}, None),
        ({"due_on": TODAY + DAY}, {}, NoDebit.NOT_DUE_TODAY),
        ({"present_on": TODAY + DAY}, {}, NoDebit.NOT_DUE_TODAY),
        ({"present_on": TODAY - DAY, "due_on": TODAY - DAY}, {}, None),
        ({"bounces": 2}, {}, NoDebit.TRIES_USED_UP),
        ({"notified_at": None}, {}, NoDebit.NOT_ANNOUNCED),
        ({"notified_at": NOW - DAY + timedelta(seconds=1)}, {}, NoDebit.NOT_ANNOUNCED),
    ],
)
def test_a_debit_waits_for_its_day_its_notice_and_its_mandate(
    debit: dict[str, Any], mandate: dict[str, Any], expected: NoDebit | None
) -> None:
    found = no_debit(attrs.evolve(DEBIT, **debit), attrs.evolve(MANDATE, **mandate), TODAY, NOW)
    assert found is expected


def test_a_debit_may_be_presented_a_day_after_its_notice() -> None:
    assert earliest_debit(NOW) == NOW + DAY


def test_what_follows_a_return() -> None:
    first = after_return(DEBIT, Return.RETRIABLE, TODAY)
    assert first == AfterReturn(
        present_on=TODAY + 3 * DAY, bounces=1, bounce_charge=True, mandate_dead=False, task=None
    )
    second = after_return(attrs.evolve(DEBIT, bounces=1), Return.RETRIABLE, TODAY)
    assert (second.present_on, second.bounces) == (None, 2)
    technical = after_return(DEBIT, Return.TECHNICAL, TODAY)
    assert (technical.present_on, technical.bounce_charge) == (TODAY + DAY, False)
    dead = after_return(DEBIT, Return.MANDATE_DEAD, TODAY)
    assert (dead.mandate_dead, dead.task, dead.present_on) == (True, Task.REGISTER_MANDATE, None)
    assert after_return(DEBIT, Return.DISPUTE, TODAY).task is Task.CALL_CUSTOMER


def minutes(count: int) -> timedelta:
    return timedelta(minutes=count)


def test_a_gap_of_more_than_five_minutes_is_idle_time() -> None:
    one = Activity.start(NOW).ping(NOW + minutes(5)).ping(NOW + minutes(12))
    assert one.idle_s == 7 * 60
    assert one.last_active_at == NOW + minutes(12)


def test_a_ping_too_soon_or_out_of_order_changes_nothing() -> None:
    one = Activity.start(NOW)
    assert one.ping(NOW + timedelta(seconds=29)) is one
    assert one.ping(NOW - minutes(1)) is one


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (5, Presence.ACTIVE),
        (6, Presence.IDLE),
        (20, Presence.ALERT),
        (30, Presence.ENDED),
    ],
)
def test_presence_fades(after: int, expected: Presence) -> None:
    assert Activity.start(NOW).presence(NOW + minutes(after)) is expected


def test_a_session_ends_thirty_minutes_after_its_last_ping() -> None:
    one = Activity.start(NOW)
    assert one.close_idle(NOW + minutes(29)) is one
    ended = one.ping(NOW + minutes(45))
    assert (ended.ended_at, ended.end_reason) == (NOW + minutes(30), EndReason.IDLE)
    assert ended.close(NOW + minutes(50), EndReason.LOGOUT) == ended
    left = one.close(NOW + minutes(10), EndReason.LOGOUT)
    assert (left.ended_at, left.end_reason, left.idle_s) == (
        NOW + minutes(10),
        EndReason.LOGOUT,
        600,
    )


def test_a_day_is_summed_up() -> None:
    first = Activity.start(NOW).ping(NOW + minutes(5)).close(NOW + minutes(8), EndReason.LOGOUT)
    second = Activity.start(NOW + minutes(60)).ping(NOW + minutes(72))
    found = summary([first, second], NOW + minutes(73))
    assert (found.sessions, found.first_login_at) == (2, NOW)
    assert (found.online_s, found.idle_s) == (20 * 60, 12 * 60)
    assert str(found.active_pct) == "40.00"
    assert summary([], NOW).active_pct is None


@given(st.lists(st.integers(0, 4_000), max_size=20))
def test_nobody_is_idle_longer_than_online(gaps: list[int]) -> None:
    at, one = NOW, Activity.start(NOW)
    for gap in gaps:
        at += timedelta(seconds=gap)
        one = one.ping(at)
    found = summary([one], at)
    assert 0 <= found.idle_s <= found.online_s <= (at - NOW) // timedelta(seconds=1)
