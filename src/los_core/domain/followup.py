"""What collectors do between two payments: dispositions, promises to pay, and notes to oneself.

Also the queues dues are worked in. A promise is judged by money alone; whether a borrower may be
called is `contact`'s, what the customer is sent `reminder`'s. Paise throughout.
Source: collections (operations §4), staff reminders (operations §2).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.contact import business_day
from los_core.domain.errors import Conflict, Invalid
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.lifecycle import Status as LoanStatus
from los_core.domain.metrics import Period
from los_core.domain.money import Paise, positive
from los_core.domain.workdays import days_between

PROMISE_DAYS: Final = 7
KEPT_PCT: Final = 95
PRE_DUE_DAYS: Final = 7
MISSED_AFTER: Final = timedelta(days=1)


class Queue(StrEnum):
    """Where a loan's dues are worked, from not yet due to written off."""

    PRE = "PRE"
    X = "X"
    B1 = "B1"
    B2 = "B2"
    B3 = "B3"
    NPA = "NPA"
    NPA_PLUS = "NPA_PLUS"
    WO = "WO"


_LAST_DAY: Final = ((30, Queue.B1), (60, Queue.B2), (90, Queue.B3), (180, Queue.NPA))


def queue_of(status: LoanStatus, oldest_unpaid_due_on: date | None, on: date) -> Queue | None:
    """Return the queue of a loan as the working day `on` begins; None: no dues are chased.

    The days of a queue are days past due at the last day-end: an instalment due today is still PRE,
    as is one due within seven days; a later one is X.
    """
    if status is LoanStatus.WRITTEN_OFF:
        return Queue.WO
    running = status in {LoanStatus.DISBURSED, LoanStatus.SETTLEMENT_IN_PROGRESS}
    if not running or oldest_unpaid_due_on is None:
        return None
    late = days_between(oldest_unpaid_due_on, on)
    if late <= 0:
        return Queue.PRE if late >= -PRE_DUE_DAYS else Queue.X
    return next((queue for last, queue in _LAST_DAY if late <= last), Queue.NPA_PLUS)


class Measure(StrEnum):
    """What is done about dues."""

    DIGITAL = "DIGITAL"
    TELE = "TELE"
    TELE_DAILY = "TELE_DAILY"
    SENIOR_TELE = "SENIOR_TELE"
    FIELD = "FIELD"
    LEGAL_NOTICE_DRAFT = "LEGAL_NOTICE_DRAFT"
    AGENCY = "AGENCY"
    LEGAL = "LEGAL"
    SETTLEMENT = "SETTLEMENT"


_M = Measure
MEASURES: Final[Mapping[Queue, tuple[Measure, ...]]] = MappingProxyType(
    {
        Queue.PRE: (_M.DIGITAL,),
        Queue.X: (),
        Queue.B1: (_M.DIGITAL, _M.TELE),
        Queue.B2: (_M.TELE_DAILY, _M.FIELD),
        Queue.B3: (_M.SENIOR_TELE, _M.FIELD, _M.LEGAL_NOTICE_DRAFT),
        Queue.NPA: (_M.AGENCY, _M.LEGAL, _M.SETTLEMENT),
        Queue.NPA_PLUS: (_M.AGENCY, _M.LEGAL, _M.SETTLEMENT),
        Queue.WO: (_M.AGENCY, _M.LEGAL, _M.SETTLEMENT),
    }
)
"""What each queue's dues call for, mildest first. A visit is an option, never a must."""


class Disposition(StrEnum):
    """How a call or visit ended."""

    PTP = "PTP"
    PAID = "PAID"
    CALLBACK = "CALLBACK"
    RNR = "RNR"
    SWITCHED_OFF = "SWITCHED_OFF"
    WRONG_NUMBER = "WRONG_NUMBER"
    DISPUTE = "DISPUTE"
    REFUSED = "REFUSED"
    HARDSHIP = "HARDSHIP"
    DECEASED = "DECEASED"
    THIRD_PARTY = "THIRD_PARTY"

    @property
    def reached(self) -> bool:
        """Whether the borrower was spoken to."""
        return self in {
            Disposition.PTP,
            Disposition.PAID,
            Disposition.CALLBACK,
            Disposition.DISPUTE,
            Disposition.REFUSED,
            Disposition.HARDSHIP,
        }

    @property
    def stops_recovery(self) -> bool:
        """Whether calls and reminders stop at once, until somebody has looked into it."""
        return self in {Disposition.DISPUTE, Disposition.DECEASED}


class PromiseState(StrEnum):
    """Whether a promise was kept."""

    OPEN = "OPEN"
    KEPT = "KEPT"
    BROKEN = "BROKEN"


@attrs.frozen(kw_only=True)
class Promise:
    """A promise to pay `amount` up to and including `by`, made on `made_on`.

    Raises: Invalid: a date before the promise or more than seven days after it; InvalidMoney.
    """

    loan_id: LoanId
    made_on: date
    by: date
    amount: Paise
    taken_by: StaffId

    def __attrs_post_init__(self) -> None:
        positive(self.amount, "promised amount")
        if not 0 <= days_between(self.made_on, self.by) <= PROMISE_DAYS:
            raise Invalid(
                f"a promise is for at most {PROMISE_DAYS} days ahead",
                fields=(("promisedOn", f"lies within {PROMISE_DAYS} days"),),
            )


def promise_state(
    promise: Promise, receipts: Iterable[tuple[date, Paise]], on: date
) -> PromiseState:
    """Return how a promise stands at the end of `on`.

    Kept once 95 per cent came in, by value date, from the day it was made to the day it was for;
    broken at the end of that day otherwise.
    """
    last = min(promise.by, on)
    came = sum(amount for day, amount in receipts if promise.made_on <= day <= last)
    if came * 100 >= promise.amount * KEPT_PCT:
        return PromiseState.KEPT
    return PromiseState.BROKEN if on >= promise.by else PromiseState.OPEN


class NoteKind(StrEnum):
    """What a member of staff wants to be reminded of."""

    CALL = "CALL"
    PTP = "PTP"
    VISIT = "VISIT"
    DOC = "DOC"


class NoteState(StrEnum):
    """How it ended."""

    OPEN = "OPEN"
    DONE = "DONE"
    MISSED = "MISSED"
    CANCELLED = "CANCELLED"


@attrs.define(kw_only=True)
class Note:
    """A note of a member of staff to come back to a loan at an instant (aware).

    `amount` is what was promised, for a PTP. Every change is written to its own audit log by the
    service that makes it. Raises: Invalid: a naive instant, or a PTP without an amount.
    """

    id: UUID = attrs.field(on_setattr=attrs.setters.frozen)
    loan_id: LoanId = attrs.field(on_setattr=attrs.setters.frozen)
    staff_id: StaffId
    kind: NoteKind
    remind_at: datetime
    amount: Paise | None = None
    note: str = attrs.field(default="", repr=False)
    state: NoteState = NoteState.OPEN
    version: int = 0

    def __attrs_post_init__(self) -> None:
        if self.remind_at.tzinfo is None:
            raise Invalid("a note's instant needs a zone")
        if self.kind is NoteKind.PTP and self.amount is None:
            raise Invalid("a promise needs an amount", fields=(("amountPaise", "is required"),))

    def close(self, state: NoteState) -> None:
        """End the note as DONE or CANCELLED; a missed one may still be done.

        Raises: Conflict: NOTE_CLOSED, it has ended; Invalid: any other state.
        """
        if state not in {NoteState.DONE, NoteState.CANCELLED}:
            raise Invalid("a note is closed as done or cancelled")
        if self.state in {NoteState.DONE, NoteState.CANCELLED}:
            raise Conflict(f"the note is already {self.state.lower()}", code="NOTE_CLOSED")
        self.state = state

    def move_to(self, remind_at: datetime) -> None:
        """Put an open or missed note off.

        Raises: Conflict: NOTE_CLOSED, it has ended; Invalid: a naive instant.
        """
        if self.state not in {NoteState.OPEN, NoteState.MISSED}:
            raise Conflict(f"the note is already {self.state.lower()}", code="NOTE_CLOSED")
        if remind_at.tzinfo is None:
            raise Invalid("a note's instant needs a zone")
        self.remind_at = remind_at
        self.state = NoteState.OPEN

    def miss(self, at: datetime) -> bool:
        """Mark an open note missed a day after its instant; return whether it became so now."""
        if self.state is not NoteState.OPEN or at < self.remind_at + MISSED_AFTER:
            return False
        self.state = NoteState.MISSED
        return True


@attrs.frozen(kw_only=True)
class NoteFigures:
    """Notes counted: open ones, of them those for a day, and missed ones."""

    open: int
    due_today: int
    missed: int


def note_figures(notes: Iterable[Note], on: date) -> NoteFigures:
    """Return the figures of notes on a business date; a note's day is that of its instant in India.

    How many promises were kept is `promises_in`'s. Source: staff reminders (operations §2).
    """
    kept = tuple(notes)
    waiting = [note for note in kept if note.state is NoteState.OPEN]
    return NoteFigures(
        open=len(waiting),
        due_today=sum(business_day(note.remind_at) == on for note in waiting),
        missed=sum(note.state is NoteState.MISSED for note in kept),
    )


def promises_in(states: Iterable[PromiseState], period: Period | None = None) -> Period:
    """Return the period's figures with its promises counted; open ones do not count yet."""
    ended = [state for state in states if state is not PromiseState.OPEN]
    return attrs.evolve(
        period or Period(), promises=len(ended), promises_kept=ended.count(PromiseState.KEPT)
    )
