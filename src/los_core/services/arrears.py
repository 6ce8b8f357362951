"""The night's work: loans that crossed a due date, and nothing else.

No row is written because a day passed (decision D2). A loan is woken on its due dates; then what
fell due is posted, money held is applied, and where something stays unpaid the arrears are put on
record once per episode and the customer is reminded with the penal charge that applies.
"""

from datetime import date
from typing import Final

import attrs

from los_core.domain.fold import fold
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.lifecycle import Command, Stage, Status
from los_core.domain.loan import Loan, Move
from los_core.domain.state import State
from los_core.domain.work import Run
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Platform, UnitOfWork
from los_core.services.applications import trail
from los_core.services.bookkeeping import Bookkeeping, in_arrears, position_of
from los_core.services.callers import system
from los_core.services.messaging import Messaging
from los_core.services.settlements import Settlements

DAY_END: Final = "day-end"
CHUNK: Final = 200


@attrs.frozen(kw_only=True)
class Arrears:
    """Closes business days."""

    begin: Begin
    platform: Platform
    clock: Clock
    entropy: Entropy
    books: Bookkeeping
    settlements: Settlements
    messaging: Messaging

    def day_end(self, brand_id: BrandId, on: date, *, run: Run | None = None) -> int:
        """Close a business date for a brand; return how many loans it touched.

        Loan by loan, each in its own transaction: a run that died goes on where it stopped.
        Raises: LeaseLost: the scheduled `run` it belongs to was taken over.
        """
        touched, after = self.settlements.watch(brand_id, on, run=run), None
        while True:
            with self.begin(brand_id) as uow:
                waking = list(uow.loans.waking(on=on, after=after, limit=CHUNK))
            for loan_id in waking:
                touched += self._close(brand_id, loan_id, on, run)
            if len(waking) < CHUNK:
                return touched
            after = waking[-1]

    def _close(self, brand_id: BrandId, loan_id: LoanId, on: date, run: Run | None) -> bool:
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            loan = uow.loans.lock(loan_id)
            if loan is None or loan.stage is not Stage.SERVICING or not _awake(loan, on):
                return False
            by = system(self.clock.now())
            state, moves = self.books.record(uow, loan, [], by, event=f"{DAY_END} {on}")
            history = list(moves)
            assert loan.terms is not None, "a disbursed loan has terms"
            at_close = fold(loan.terms, uow.books.facts(loan.id), on=on)
            if loan.status is Status.DISBURSED and in_arrears(at_close):
                history += self._note(uow, loan, at_close, on)
            loan.position = position_of(state, noted=True)
            uow.loans.save(loan, *history)
        return True

    def _note(self, uow: UnitOfWork, loan: Loan, state: State, on: date) -> list[Move]:
        """Put arrears on record (T29), once per episode, and remind once per due date."""
        due_on = state.oldest_unpaid_due_on
        assert due_on is not None, "a loan in arrears has an oldest unpaid date"
        moves = []
        by = system(self.clock.now())
        if loan.arrears_since is None:
            moves.append(loan.move(Command.ENTER_ARREARS, by))
            loan.arrears_since = due_on
            trail(uow, self.entropy, by, "loan.arrears", loan, since=due_on.isoformat())
        penal = state.terms.penal
        words = (
            f"{penal.rate_per_day_pct}% per day after {penal.grace_days} days"
            if penal.rate_per_day_pct
            else "none"
        )
        self.messaging.notify(
            uow,
            loan,
            "INSTALMENT_OVERDUE",
            about=on.isoformat(),
            due_on=due_on.isoformat(),
            due_amount_paise=state.total_due,
            penal_terms=words,
        )
        return moves


def _awake(loan: Loan, on: date) -> bool:
    return (
        loan.position is not None
        and loan.position.wake_on is not None
        and loan.position.wake_on <= on
    )
