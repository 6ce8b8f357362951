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
from los_core.domain.ledger import Posting, Projection, posting, projection
from los_core.domain.lifecycle import BY_COMMAND, ClosureType, Command, Status
from los_core.domain.loan import By, Loan, Move, Position
from los_core.domain.state import State
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

        A fact on file already adds nothing. `event` names an accounting event that posts what time
        alone has brought (a due date, a month-end). The caller saves the loan with the moves.
        """
        assert loan.terms is not None, "a loan with money has terms"
        today = self.clock.business_date()
        known = list(uow.books.facts(loan.id))
        reached = loan.position.as_of if loan.position else None
        recovered = False
        for fact in facts:
            if not uow.books.add_fact(loan.id, fact, self.clock.now()):
                continue
            until = max(filter(None, (today, reached, fact.value_date)))
            before = projection(loan.terms, known, until=reached) if reached else {}
            known.append(fact)
            recovered |= loan.status is Status.WRITTEN_OFF and isinstance(fact, Received)
            self._post(uow, loan, str(fact.fact_id), before, known, until)
            reached = until
        if event:
            until = max(filter(None, (today, reached)))
            before = projection(loan.terms, known, until=reached) if reached else {}
            self._post(uow, loan, event, before, known, until)
            reached = until
        state = fold(loan.terms, known, on=reached or today)
        loan.position = position_of(state, noted=loan.arrears_since is not None)
        recovery = (loan.move(Command.RECOVER, by),) if recovered else ()
        return state, recovery + self._follow(uow, loan, state, by)

    def state(self, uow: UnitOfWork, loan: Loan, *, on: date) -> State:
        """Return a loan's state at the end of a day, from its facts; nothing is written."""
        assert loan.terms is not None, "a loan with money has terms"
        return fold(loan.terms, uow.books.facts(loan.id), on=on)

    def _post(  # noqa: PLR0917 - one posting's parts, each of another type
        self,
        uow: UnitOfWork,
        loan: Loan,
        reference: str,
        before: Projection,
        known: Sequence[Fact],
        until: date,
    ) -> None:
        assert loan.terms is not None, "a loan with money has terms"
        entries = posting(before, projection(loan.terms, known, until=until))
        if entries:
            uow.books.post(
                loan.id,
                Posting(id=self.entropy.uuid(), reference=reference, entries=entries),
                posted_on=self.clock.business_date(),
            )

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
