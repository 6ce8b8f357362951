"""What becomes of applications beside their decision: sent back, parked, reopened, run out.

Source: loan lifecycle T08, T13, T14, T26, T39 and the time-outs of §1.6.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

import attrs

from los_core.domain import guards
from los_core.domain.agreement import AgreementStatus
from los_core.domain.contact import business_day
from los_core.domain.errors import GuardFailed, Invalid, InvalidTransition
from los_core.domain.ids import BrandId, LoanId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import Loan
from los_core.domain.timeouts import Action, Start, Waiting, due, end_of, table
from los_core.domain.work import Run
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services import coupons
from los_core.services.applications import trail
from los_core.services.callers import StaffCaller, system
from los_core.services.decisions import Decisions
from los_core.services.messaging import Messaging
from los_core.services.notifying import tell_of_move
from los_core.services.settings_checks import check_reasons
from los_core.services.underwriting import fresh

RUN_OUT: Final = "applications.run-out"
BLOCKLISTED: Final = "R010_BLOCKLISTED"
_CHUNK: Final = 200
_RUN_OUT: Final = tuple(
    dict.fromkeys(row.status for row in table() if row.action in (Action.EXPIRE, Action.RELEASE))
)


@attrs.frozen(kw_only=True)
class Casework:
    """Moves applications that nobody decides today."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    decisions: Decisions
    messaging: Messaging

    def ask(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        reasons: Sequence[str],
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Send an application back to its customer for what is missing (T08), and say what."""
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:recommend", uow.loans.lock(loan_id)), version)
            by = caller.by(self.clock.now())
            loan.ensure(Command.ASK_INFORMATION)
            check_reasons(uow, Status.INFO_REQUIRED, reasons)
            move = loan.move(Command.ASK_INFORMATION, by, reasons=reasons, remark=remark)
            uow.loans.save(loan, move)
            codes = ",".join(reasons)
            self.messaging.notify(
                uow, loan, "INFORMATION_NEEDED", about=str(loan.seq), reason_codes=codes
            )
            tell_of_move(uow, self.entropy, by, loan)
            trail(uow, self.entropy, by, "loan.ask", loan, reasons=list(reasons))
            uow.answer(loan)
        return loan

    def hold(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        reasons: Sequence[str],
        until: date | None = None,
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Park an application (T13), for good or through a day that is not over.

        Raises: NotFound; StaleVersion; InvalidTransition; Invalid: no reason, or a day gone by.
        """
        if until is not None and until < self.clock.business_date():
            raise Invalid("a hold ends today or later", fields=[("heldUntil", "has gone by")])
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:approve", uow.loans.lock(loan_id)), version)
            by = caller.by(self.clock.now())
            loan.ensure(Command.HOLD)
            check_reasons(uow, Status.ON_HOLD, reasons)
            move = loan.move(Command.HOLD, by, reasons=reasons, remark=remark)
            loan.held_until = until
            uow.loans.save(loan, move)
            tell_of_move(uow, self.entropy, by, loan)
            trail(uow, self.entropy, by, "loan.hold", loan, reasons=list(reasons))
            uow.answer(loan)
        return loan

    def release(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        to: Status,
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Take a parked application up where it was left (T14), which is `to`.

        Raises: NotFound; StaleVersion; InvalidTransition: not parked, or left elsewhere.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:approve", uow.loans.lock(loan_id)), version)
            if loan.status is Status.ON_HOLD and loan.held_from is not to:
                raise InvalidTransition(
                    f"a loan held from {loan.held_from} returns there and not to {to}",
                    details=loan.next_steps(),
                )
            by = caller.by(self.clock.now())
            uow.loans.save(loan, loan.move(Command.RELEASE, by, remark=remark))
            tell_of_move(uow, self.entropy, by, loan)
            trail(uow, self.entropy, by, "loan.release", loan)
            uow.answer(loan)
        return loan

    def reopen(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        reasons: Sequence[str],
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Review a rejected application again (T39), after a new run of the hard rules.

        Raises: NotFound; StaleVersion; InvalidTransition; GuardFailed: too long ago
            (G-REOPEN), or the customer is on a block list (G-BLOCK).
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:reopen", uow.loans.lock(loan_id)), version)
            loan.ensure(Command.REOPEN_REJECTED)
            check_reasons(uow, Status.MANUAL_REVIEW, reasons)
            rejected_at = uow.loans.history(loan.id)[-1].at
            today = business_day(self.clock.now())
            guards.require(guards.recently_rejected(business_day(rejected_at), today))
            decision = self.decisions.run_rules(uow, loan)
            if BLOCKLISTED in decision.reason_codes:
                raise GuardFailed("the customer is on a block list", code="G-BLOCK")
            by = caller.by(self.clock.now())
            move = loan.move(Command.REOPEN_REJECTED, by, reasons=reasons, remark=remark)
            loan.reapply_after = None
            uow.loans.save(loan, move)
            verdict = decision.verdict.value
            tell_of_move(uow, self.entropy, by, loan)
            trail(uow, self.entropy, by, "loan.reopen", loan, verdict=verdict)
            uow.answer(loan)
        return loan

    def run_out(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """Expire applications whose time is over (T26) and release holds that end (T14).

        Return how many. A signing that runs out is the vendor's to tell, a payout the bank's.
        Raises: LeaseLost: the scheduled `run` it belongs to was taken over.
        """
        moved, after = 0, None
        while True:
            with self.begin(brand_id) as uow:
                page = uow.loans.page(statuses=_RUN_OUT, after=after, limit=_CHUNK)
            for loan in page:
                moved += self._run_out(brand_id, loan.id, run)
            if len(page) < _CHUNK:
                return moved
            after = page[-1].id

    def _run_out(self, brand_id: BrandId, loan_id: LoanId, run: Run | None) -> bool:
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            loan = uow.loans.lock(loan_id)
            if loan is None or loan.status not in _RUN_OUT:
                return False
            waiting = Waiting(status=loan.status, since=_since(uow, loan))
            over = due(waiting, self.clock.business_now())
            if over is None:
                return False
            if over.action is Action.RELEASE:
                self._release(uow, loan)
            else:
                self._expire(uow, loan)
        return True

    def _release(self, uow: UnitOfWork, loan: Loan) -> None:
        by = system(self.clock.now())
        uow.loans.save(loan, loan.move(Command.RELEASE, by))
        tell_of_move(uow, self.entropy, by, loan)
        trail(uow, self.entropy, by, "loan.release", loan)

    def _expire(self, uow: UnitOfWork, loan: Loan) -> None:
        by = system(self.clock.now())
        agreement = uow.agreements.of_loan(loan.id)
        if agreement is not None and agreement.status is not AgreementStatus.SIGNED:
            agreement.status = AgreementStatus.EXPIRED
            uow.agreements.save(agreement)
        uow.loans.save(loan, loan.move(Command.EXPIRE, by))
        coupons.release(uow, loan, by.at)
        self.messaging.notify(uow, loan, "APPLICATION_EXPIRED", about=str(loan.seq))
        tell_of_move(uow, self.entropy, by, loan)
        trail(uow, self.entropy, by, "loan.expire", loan)


def _since(uow: UnitOfWork, loan: Loan) -> dict[Start, datetime]:
    """Return the instants that a loan's time may be counted from."""
    entered_at = uow.loans.history(loan.id)[-1].at
    found = {Start.ENTRY: entered_at, Start.ACTIVITY: entered_at}
    if loan.held_until is not None:
        found[Start.HOLD_END] = end_of(loan.held_until)
    if loan.status is Status.APPROVED:
        ends = [offer.expires_at for offer in uow.offers.of_loan(loan.id)]
        if ends:
            found[Start.OFFER_END] = max(ends)
    if loan.status is Status.SANCTIONED and loan.offer_id is not None:
        key_facts = uow.offers.key_facts(loan.offer_id)
        if key_facts is not None:
            found[Start.KFS_END] = end_of(key_facts.valid_until)
    return found
