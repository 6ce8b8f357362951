"""Facts into books: the one place where a loan's money changes.

Each new fact is added once and posts the difference of two projections as one balanced transaction;
then the loan's position and, where the fold says so, its status follow – all in the caller's
transaction, under the loan's lock. Source: design decision D3.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID, uuid5

import attrs

from los_core.domain.facts import Fact, Received
from los_core.domain.fold import fold
from los_core.domain.following import FOLLOWING, moves_to_follow
from los_core.domain.ids import LoanId
from los_core.domain.ledger import Entry, Posting, Projection, posting, projection
from los_core.domain.lifecycle import BY_COMMAND, ClosureType, Command, Status
from los_core.domain.loan import By, Loan, Move, Position
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import UnitOfWork
from los_core.services.jobs import ISSUE_NO_DUES, later
from los_core.services.messaging import Messaging

FACTS: Final = UUID("6f1c9f0e-6d0b-5b43-9a39-0d6a3c1f7e01")
FOLLOWS: Final = "PAYMENTS_CHANGED"
"""The reason code of moves that money alone makes."""


@attrs.frozen(kw_only=True)
class Bookkeeping:
    """Posts facts."""

    clock: Clock
    entropy: Entropy
    messaging: Messaging

    def record(
        self, uow: UnitOfWork, loan: Loan, facts: Sequence[Fact], by: By, *, event: str = ""
    ) -> tuple[State, tuple[Move, ...]]:
        """Add facts to a locked loan, post them, and return its state and the moves it made.

        As `record_all` does for many loans.
        """
        [recorded] = self.record_all(uow, [(loan, facts)], by, event=event)
        return recorded

    def record_all(
        self,
        uow: UnitOfWork,
        arrived: Sequence[tuple[Loan, Sequence[Fact]]],
        by: By,
        *,
        event: str = "",
    ) -> list[tuple[State, tuple[Move, ...]]]:
        """Add facts to locked loans and post each; return every loan's state and moves, in turn.

        A fact on file already adds nothing. `event` names an accounting event that posts what time
        alone has brought (a due date, a month-end). The caller saves the loans with the moves.
        """
        known = uow.books.facts_of([loan.id for loan, _ in arrived])
        named = [(loan.id, fact) for loan, facts in arrived for fact in facts]
        is_new = iter(uow.books.add_facts(named, self.clock.now()))
        found, postings = [], []
        for loan, facts in arrived:
            books = _Books(loan=loan, known=list(known[loan.id]), today=self.clock.business_date())
            new = [fact for fact in facts if next(is_new)]
            for fact in new:
                postings += self._posting(books, str(fact.fact_id), fact)
            if event:
                postings += self._posting(books, event, None)
            found.append((books, new))
        uow.books.post(postings, posted_on=self.clock.business_date())
        return [self._stand(uow, books, new, by) for books, new in found]

    def state(self, uow: UnitOfWork, loan: Loan, *, on: date) -> State:
        """Return a loan's state at the end of a day, from its facts; nothing is written."""
        assert loan.terms is not None, "a loan with money has terms"
        return fold(loan.terms, uow.books.facts(loan.id), on=on)

    def _posting(
        self, books: "_Books", reference: str, fact: Fact | None
    ) -> list[tuple[LoanId, Posting]]:
        entries = books.enter(fact)
        if not entries:
            return []
        posted = Posting(id=self.entropy.uuid(), reference=reference, entries=entries)
        return [(books.loan.id, posted)]

    def _stand(
        self, uow: UnitOfWork, books: "_Books", new: Sequence[Fact], by: By
    ) -> tuple[State, tuple[Move, ...]]:
        """Bring a loan to where its facts put it."""
        loan = books.loan
        state = fold(books.terms, books.known, on=books.reached or books.today)
        loan.position = position_of(state, noted=loan.arrears_since is not None)
        recovered = loan.status is Status.WRITTEN_OFF and any(
            isinstance(fact, Received) for fact in new
        )
        recovery = (loan.move(Command.RECOVER, by),) if recovered else ()
        return state, recovery + self._follow(uow, loan, state, by)

    def _follow(self, uow: UnitOfWork, loan: Loan, state: State, by: By) -> tuple[Move, ...]:
        """Let the status follow the money: closed in one way or another, or opened again."""
        if loan.arrears_since is not None and not in_arrears(state):
            loan.arrears_since = None
        if loan.status not in FOLLOWING:
            return ()
        was = loan.status
        moves = tuple(
            loan.move(command, by, reasons=[FOLLOWS] if BY_COMMAND[command].reason else ())
            for command in moves_to_follow(was, state)
        )
        if moves:
            self._note_end(uow, loan, state, was=was)
        return moves

    def _note_end(self, uow: UnitOfWork, loan: Loan, state: State, *, was: Status) -> None:
        """Keep on the loan how and when it ended; certify it, or withdraw what certified it."""
        end, completed = state.closure, loan.status is Status.COMPLETED
        loan.closed_on = end.on if end else None
        loan.closure_type = ClosureType(end.kind.value) if end and completed else None
        if completed:
            later(
                uow,
                ISSUE_NO_DUES,
                f"{loan.id}|{loan.seq}",
                clock=self.clock,
                entropy=self.entropy,
                payload={"loan_id": loan.id},
            )
        if loan.status is Status.SETTLED:
            self.messaging.notify(
                uow,
                loan,
                "SETTLED",
                about=str(loan.seq),
                settled_on=self.clock.business_date().isoformat(),
            )
        certificate = uow.agreements.no_dues(loan.id) if was is Status.COMPLETED else None
        if certificate is not None and certificate.withdrawn_at is None:
            certificate.withdrawn_at = self.clock.business_now()
            uow.agreements.save_no_dues(certificate)


@attrs.define(kw_only=True)
class _Books:
    """A loan's facts while more are entered.

    Attributes:
        reached: the day up to which its ledger is posted; None: nothing is.
        posted: what is posted up to that day; None: not worked out yet.
    """

    loan: Loan
    known: list[Fact]
    today: date
    reached: date | None = attrs.field(
        default=attrs.Factory(
            lambda self: self.loan.position.as_of if self.loan.position else None, takes_self=True
        )
    )
    posted: Projection | None = None

    @property
    def terms(self) -> Terms:
        """The loan's terms: one with money has them."""
        assert self.loan.terms is not None, "a loan with money has terms"
        return self.loan.terms

    def enter(self, fact: Fact | None) -> tuple[Entry, ...]:
        """Add a fact, or nothing but time; return what that adds to the ledger."""
        before = self.posted
        if before is None:
            before = projection(self.terms, self.known, until=self.reached) if self.reached else {}
        days = (self.today, self.reached, fact.value_date if fact else None)
        self.reached = max(filter(None, days))
        if fact is not None:
            self.known.append(fact)
        self.posted = projection(self.terms, self.known, until=self.reached)
        return posting(before, self.posted)


def position_of(state: State, *, noted: bool) -> Position:
    """Return what a loan row keeps of a state, with the next date on which something happens.

    `noted` says that the present arrears are on record: else the day-end of the unpaid due date
    has still to record them.
    """
    assert state.on is not None, "a state that was advanced has a day"
    wake_on = None
    if in_arrears(state) and not noted:
        wake_on = state.oldest_unpaid_due_on
    elif state.is_running and state.schedule is not None:
        coming = state.schedule.adjusted_due_on[state.rows_asked :]
        wake_on = coming[0] if coming else None
    return Position(
        as_of=state.on,
        principal=state.outstanding_principal,
        interest=state.outstanding_interest,
        charges=state.outstanding_charges,
        advance=state.advance_held,
        oldest_unpaid_due_on=state.oldest_unpaid_due_on,
        wake_on=wake_on,
    )


def fact_id(loan: Loan, source: str, reference: str) -> UUID:
    """Return the id of a fact: the same source and reference of a loan give the same id."""
    return uuid5(FACTS, f"{loan.id}|{source}|{reference}")


def in_arrears(state: State) -> bool:
    """Whether something due by the state's day is unpaid."""
    oldest = state.oldest_unpaid_due_on
    return oldest is not None and state.on is not None and oldest <= state.on
