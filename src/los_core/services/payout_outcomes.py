"""What a word about a payout does to the loan: paid, failed, returned, or left to people.

Each method works in its caller's transaction, under the loan's lock, and whoever brought the word –
a bank's answer, an inquiry, two people – it does the same. Source: loan lifecycle T22, T23, T40;
reliability design §6.
"""

from datetime import timedelta
from typing import Final

import attrs

from los_core.domain.agreement import DocumentType
from los_core.domain.errors import Conflict, NotFound
from los_core.domain.facts import Disbursed, Reversed
from los_core.domain.ids import DocumentId, PayoutId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import By, Loan
from los_core.domain.payout import Patience, Payout, PayoutStage, Why, fits, never_arrived
from los_core.domain.state import State
from los_core.domain.terms import Terms
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.payout import PayoutReport, PayoutState
from los_core.ports.pdf import Letters
from los_core.ports.storage import Storage
from los_core.ports.work import UnitOfWork
from los_core.services import papers
from los_core.services.agreements import keep
from los_core.services.applications import trail
from los_core.services.bookkeeping import Bookkeeping, fact_id
from los_core.services.callers import system
from los_core.services.jobs import INQUIRE_PAYOUT, later
from los_core.services.messaging import Messaging
from los_core.services.notifying import tell_of_move

RETURNED: Final = "returned"
"""Begins the reference of the fact that voids a disbursal."""


def locked(uow: UnitOfWork, payout_id: PayoutId) -> tuple[Payout, Loan]:
    """Return a payout and its loan, under the loan's lock. Raises: NotFound."""
    payout = uow.payouts.get(payout_id)
    loan = uow.loans.lock(payout.loan_id) if payout else None
    payout = uow.payouts.get(payout_id)
    if payout is None or loan is None:
        raise NotFound("no such payout")
    return payout, loan


@attrs.frozen(kw_only=True)
class PayoutOutcomes:
    """Carries out what became of a payout."""

    clock: Clock
    entropy: Entropy
    storage: Storage
    letters: Letters
    books: Bookkeeping
    messaging: Messaging

    def heard(
        self,
        uow: UnitOfWork,
        loan: Loan,
        payout: Payout,
        report: PayoutReport | None,
        patience: Patience,
    ) -> None:
        """Act on what a bank says of an order that awaits its last word; None: it says nothing."""
        by = system(self.clock.now())
        if report is None:
            self._wait(uow, loan, payout, Why.NO_INQUIRY, patience)
            return
        payout.raw_code = report.raw_code or payout.raw_code
        if report.state is PayoutState.FAILED:
            self.fail(uow, loan, payout, by, why=Why.REFUSED)
        elif report.state is PayoutState.SUCCESS:
            self._paid(uow, loan, payout, report, by)
        elif report.state is PayoutState.PENDING:
            self._accepted(uow, loan, payout, report, patience)
        elif never_arrived(payout, patience, self.clock.business_now()):
            self.fail(uow, loan, payout, by, why=Why.NEVER_ARRIVED)
        else:
            self._wait(uow, loan, payout, Why.NOT_KNOWN_YET, patience)

    def doubt(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, patience: Patience, *, why: Why
    ) -> None:
        """Note that an order perhaps went out: from now on it is asked about."""
        by = system(self.clock.now())
        trail(uow, self.entropy, by, "payout.unknown", loan, attempt=payout.attempt, why=why.value)
        self._wait(uow, loan, payout, why, patience)

    def confirm(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, report: PayoutReport, by: By, *, why: Why
    ) -> None:
        """Book the disbursal (T22). Raises: Conflict: the bank reference is on file elsewhere."""
        self._take_reference(uow, payout, report.bank_reference)
        credited_on = report.credited_on or self.clock.business_date()
        self._end(uow, payout, PayoutStage.SUCCESS, why)
        move = loan.move(Command.CONFIRM_PAYOUT, by)
        loan.disbursed_on = credited_on
        fact = Disbursed(
            fact_id=fact_id(loan, payout.provider, payout.reference),
            value_date=credited_on,
            source=payout.provider,
            reference=payout.reference,
            amount=payout.amount,
        )
        state, moves = self.books.record(uow, loan, [fact], by)
        loan.cooling_off_until = state.cooling_off_until
        uow.loans.save(loan, move, *moves)
        self._tell(uow, loan, payout, state)
        utr = payout.bank_reference
        tell_of_move(uow, self.entropy, by, loan)
        trail(uow, self.entropy, by, "loan.disburse", loan, amount=payout.amount, utr=utr)

    def fail(self, uow: UnitOfWork, loan: Loan, payout: Payout, by: By, *, why: Why) -> None:
        """Note a definite failure (T23): no money moved on this attempt. The maker is told."""
        self._end(uow, payout, PayoutStage.FAILED, why)
        reason = payout.raw_code or why.value
        uow.loans.save(loan, loan.move(Command.FAIL_PAYOUT, by, reasons=[reason]))
        tell_of_move(uow, self.entropy, by, loan)
        trail(uow, self.entropy, by, "payout.fail", loan, why=why.value, code=payout.raw_code)
        self._tell_staff(uow, loan, payout, "PAYOUT_FAILED")

    def give_back(self, uow: UnitOfWork, loan: Loan, payout: Payout, by: By, *, why: Why) -> None:
        """Undo a disbursal whose credit came back (T40): its fact is void from the start.

        What the customer has paid meanwhile is theirs, and waits in suspense. Raises: Conflict: the
            loan has moved on to where no return leads from; people are told by the caller.
        """
        if loan.status not in (Status.DISBURSED, Status.COMPLETED):
            raise Conflict(
                "the loan has moved on since the credit",
                code="RETURN_TOO_LATE",
                details=loan.next_steps(),
            )
        self._end(uow, payout, PayoutStage.RETURNED, why)
        fact = Reversed(
            fact_id=fact_id(loan, payout.provider, f"{RETURNED}:{payout.reference}"),
            value_date=self.clock.business_date(),
            source=payout.provider,
            reference=f"{RETURNED}:{payout.reference}",
            target_source=payout.provider,
            target_reference=payout.reference,
        )
        state, moves = self.books.record(uow, loan, [fact], by)
        reason = payout.raw_code or why.value
        move = loan.move(Command.RETURN_CREDIT, by, reasons=[reason])
        loan.disbursed_on = loan.cooling_off_until = loan.arrears_since = None
        uow.loans.save(loan, *moves, move)
        held = state.suspense_held
        tell_of_move(uow, self.entropy, by, loan)
        trail(uow, self.entropy, by, "payout.return_credit", loan, amount=payout.amount, held=held)
        about = payout.reference
        amount, utr = payout.amount, payout.bank_reference
        self.messaging.notify(
            uow, loan, "CREDIT_RETURNED", about=about, amount_paise=amount, utr=utr
        )
        self._tell_staff(uow, loan, payout, "PAYOUT_RETURNED", held_paise=held)

    def returned_too_late(self, uow: UnitOfWork, loan: Loan, payout: Payout) -> None:
        """Tell people of a credit that came back where the loan has moved on: nothing is undone."""
        by = system(self.clock.now())
        status = loan.status.value
        trail(uow, self.entropy, by, "payout.return_unapplied", loan, status=status)
        self._tell_staff(uow, loan, payout, "PAYOUT_RETURNED_LATE")

    def put_off(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, *, wait: timedelta, patience: Patience
    ) -> None:
        """Note that no bank takes the order now; nothing was sent."""
        assert payout.approved_at is not None, "what is sent was approved"
        if payout.stage is PayoutStage.SENDING:
            payout.go(PayoutStage.INTENT)
        now = self.clock.business_now()
        payout.why, payout.next_at = Why.BANK_CLOSED, now + wait
        uow.payouts.save(payout)
        self._alarm(uow, loan, payout, patience, waits=now - payout.approved_at)

    def paid_after_failure(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, report: PayoutReport
    ) -> None:
        """Note that a failed attempt was carried out after all: no other attempt goes out."""
        payout.why, payout.raw_code = Why.PAID_AFTER_FAILURE, report.raw_code
        uow.payouts.save(payout)
        by = system(self.clock.now())
        trail(uow, self.entropy, by, "payout.paid_after_failure", loan, attempt=payout.attempt)
        self._tell_staff(uow, loan, payout, "PAYOUT_PAID_AFTER_FAILURE")

    def _paid(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, report: PayoutReport, by: By
    ) -> None:
        """Book a success, or leave it to people where it does not fit the order (G-UTR)."""
        if not (report.bank_reference or payout.bank_reference):
            self._to_people(uow, loan, payout, Why.NO_REFERENCE)
        elif report.amount is not None and report.amount != payout.amount:
            self._to_people(uow, loan, payout, Why.AMOUNT_DIFFERS)
        elif not fits(_terms(loan), report.credited_on or self.clock.business_date()):
            self._to_people(uow, loan, payout, Why.TERMS_PASSED)
        else:
            try:
                self.confirm(uow, loan, payout, report, by, why=Why.PAID)
            except Conflict as clash:
                if clash.code != "UTR_ON_FILE":
                    raise
                self._to_people(uow, loan, payout, Why.REFERENCE_ON_FILE)

    def _accepted(
        self,
        uow: UnitOfWork,
        loan: Loan,
        payout: Payout,
        report: PayoutReport,
        patience: Patience,
    ) -> None:
        try:
            self._take_reference(uow, payout, report.bank_reference)
        except Conflict as clash:
            if clash.code != "UTR_ON_FILE":
                raise
            self._to_people(uow, loan, payout, Why.REFERENCE_ON_FILE)
            return
        if payout.stage in (PayoutStage.SENDING, PayoutStage.UNKNOWN):
            payout.go(PayoutStage.PENDING)
        self._wait(uow, loan, payout, Why.ACCEPTED, patience)

    def _take_reference(self, uow: UnitOfWork, payout: Payout, reference: str) -> None:
        """Keep the bank's reference. Raises: Conflict: another payout has it; nothing changed."""
        before = payout.bank_reference
        if not reference or reference == before:
            return
        payout.bank_reference = reference
        try:
            uow.payouts.save(payout)
        except Conflict:
            payout.bank_reference = before
            raise

    def _wait(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, why: Why, patience: Patience
    ) -> None:
        """Plan the next inquiry; past the bank's time the order is for people to decide."""
        assert payout.sent_at is not None, "an order that was sent has its instant"
        if payout.stage is PayoutStage.MANUAL:
            uow.payouts.save(payout)
            return
        if payout.stage is PayoutStage.SENDING:
            payout.go(PayoutStage.UNKNOWN)
        now = self.clock.business_now()
        if now - payout.sent_at > patience.ask_for:
            self._to_people(uow, loan, payout, why)
            return
        payout.why = why
        wait = patience.wait(payout.inquiries)
        payout.next_at = now + wait
        uow.payouts.save(payout)
        self._alarm(uow, loan, payout, patience, waits=now - payout.sent_at)
        later(
            uow,
            INQUIRE_PAYOUT,
            f"{payout.id}|{payout.inquiries}",
            clock=self.clock,
            entropy=self.entropy,
            delay=wait,
            payload={"payout_id": payout.id, "round": payout.inquiries},
        )

    def _alarm(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, patience: Patience, *, waits: timedelta
    ) -> None:
        """Tell people, once, of a payout that has been under way for too long."""
        if waits > patience.alarm_after:
            self._tell_staff(uow, loan, payout, "PAYOUT_LATE")

    def _to_people(self, uow: UnitOfWork, loan: Loan, payout: Payout, why: Why) -> None:
        if payout.stage is not PayoutStage.MANUAL:
            payout.go(PayoutStage.MANUAL)
        payout.why = why
        uow.payouts.save(payout)
        by = system(self.clock.now())
        trail(uow, self.entropy, by, "payout.manual", loan, attempt=payout.attempt, why=why.value)
        self._tell_staff(uow, loan, payout, "PAYOUT_MANUAL")

    def _tell_staff(
        self, uow: UnitOfWork, loan: Loan, payout: Payout, code: str, **facts: object
    ) -> None:
        """Write to whoever prepared and approved the payout."""
        self.messaging.notify_staff(
            uow,
            loan,
            code,
            about=payout.reference,
            to=[who for who in (payout.maker, payout.checker) if who is not None],
            reference=payout.reference,
            attempt=payout.attempt,
            amount_paise=payout.amount,
            bank=payout.provider or "none",
            why=payout.why or "none",
            bank_code=payout.raw_code or "none",
            **facts,
        )

    def _end(self, uow: UnitOfWork, payout: Payout, stage: PayoutStage, why: Why) -> None:
        payout.go(stage, why)
        payout.settled_at = self.clock.business_now()
        uow.payouts.save(payout)

    def _tell(self, uow: UnitOfWork, loan: Loan, payout: Payout, state: State) -> None:
        """Write the schedule as it is from the credit, and send it to the customer."""
        attempts = uow.payouts.of_loan(loan.id)
        version = 1 + sum(known.stage is PayoutStage.RETURNED for known in attempts)
        schedule = state.schedule
        customer = uow.customers.get(loan.customer_id)
        assert schedule is not None, "a disbursed loan has a schedule"
        assert customer is not None, "a loan's customer is on file"
        letter = papers.schedule_letter(
            loan,
            _terms(loan),
            schedule,
            brand=uow.lender.brand(),
            settings=uow.lender.settings(),
            customer=customer,
            issued_on=self.clock.business_date(),
            version=version,
        )
        document = keep(
            self.storage,
            loan,
            DocumentType.REPAYMENT_SCHEDULE,
            name=f"Repayment schedule {loan.loan_no}.pdf",
            content=self.letters.schedule(letter),
            document_id=DocumentId(self.entropy.uuid()),
            at_version=version,
            clock=self.clock,
        )
        uow.agreements.add_document(document)
        until = loan.cooling_off_until or self.clock.business_date()
        self.messaging.notify(
            uow,
            loan,
            "DISBURSED",
            about=payout.reference,
            amount_paise=payout.amount,
            utr=payout.bank_reference,
            first_due_on=schedule.adjusted_due_on[0].isoformat(),
            cooling_off_until=until.isoformat(),
        )


def _terms(loan: Loan) -> Terms:
    assert loan.terms is not None, "a loan that is paid out has terms"
    return loan.terms
