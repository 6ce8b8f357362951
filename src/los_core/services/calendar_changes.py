"""A holiday that is added moves due dates of running loans off it, later only.

A brand's settings steer new loans; what a running loan goes by is changed by a fact (decision D3).
So a new holiday becomes, by a job that goes through the book in chunks, a fact of each loan that
has an unpaid instalment to come on that day. The fact names every holiday to come, so that a date
never moves from one onto another. One that is removed moves nothing: what a borrower was told is
not drawn forward. Source: schedule maths §5.
"""

from datetime import date
from typing import Any, Final
from uuid import UUID

import attrs

from los_core.domain.brand import NonRepaymentDate
from los_core.domain.facts import TermsChanged
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.state import State
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.bookkeeping import Bookkeeping, fact_id
from los_core.services.callers import system
from los_core.services.jobs import MOVE_DUE_DATES, later
from los_core.services.lending_rules import holidays

SOURCE: Final = "brand"
_CHUNK: Final = 100


@attrs.frozen(kw_only=True)
class CalendarChanges:
    """Takes a brand's new holidays into its running loans."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    books: Bookkeeping

    def changed(
        self,
        uow: UnitOfWork,
        before: Any | None,  # noqa: ARG002 - an effect's signature
        after: Any | None,
    ) -> None:
        """Ask for the move of due dates, in the transaction that adds a day to come."""
        if isinstance(after, NonRepaymentDate) and after.on > self.clock.business_date():
            self._ask(uow, after.on, str(self.entropy.uuid()), after=None)

    def move(self, job: Job) -> None:
        """Move the due dates of a chunk of loans, and ask for the next chunk."""
        on, reference = date.fromisoformat(job.payload["on"]), job.payload["change"]
        last = job.payload.get("after", "")
        with self.begin(job.brand_id) as uow:
            after = LoanId(UUID(last)) if last else None
            found = uow.loans.servicing(after=after, limit=_CHUNK)
        for loan_id in found:
            self._move(job.brand_id, loan_id, on, reference)
        if len(found) == _CHUNK:
            with self.begin(job.brand_id) as uow:
                self._ask(uow, on, reference, after=found[-1])

    def _move(self, brand_id: BrandId, loan_id: LoanId, on: date, reference: str) -> None:
        with self.begin(brand_id) as uow:
            loan, today = uow.loans.lock(loan_id), self.clock.business_date()
            free = tuple(sorted(day for day in holidays(uow) if day > today))
            if loan is None or loan.terms is None or on not in free:
                return
            if not _falls_due(self.books.state(uow, loan, on=today), on):
                return
            name = f"holidays:{reference}"
            fact = TermsChanged(
                fact_id=fact_id(loan, SOURCE, name),
                value_date=today,
                source=SOURCE,
                reference=name,
                non_repayment_dates=free,
            )
            _, moves = self.books.record(uow, loan, [fact], system(self.clock.now()))
            uow.loans.save(loan, *moves)

    def _ask(self, uow: UnitOfWork, on: date, reference: str, *, after: LoanId | None) -> None:
        later(
            uow,
            MOVE_DUE_DATES,
            f"{reference}|{after or ''}",
            clock=self.clock,
            entropy=self.entropy,
            payload={"on": on.isoformat(), "change": reference, "after": after or ""},
        )


def _falls_due(state: State, on: date) -> bool:
    """Whether an instalment to come and not paid is due on a day."""
    if not state.is_running or state.schedule is None:
        return False
    return any(
        due == on and state.cleared_on[row] is None
        for row, due in enumerate(state.schedule.adjusted_due_on)
    )
