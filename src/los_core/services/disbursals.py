"""Paying a loan out: prepared by one, approved by another, sent once, settled by inquiry.

The intent is committed before the bank is called; an answer that cannot be trusted makes the payout
UNKNOWN, and it is asked about, never sent again and never through another bank.
Source: loan lifecycle T19–T24, reliability design §6.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final
from uuid import UUID
from zoneinfo import ZoneInfo

import attrs

from los_core.domain import guards
from los_core.domain.agreement import DocumentType
from los_core.domain.approval import Approval
from los_core.domain.assessment import DecisionKind
from los_core.domain.bre import Verdict
from los_core.domain.customer import BankAccount
from los_core.domain.errors import Conflict, GuardFailed, NotFound, StaleVersion
from los_core.domain.facts import Disbursed
from los_core.domain.ids import ApprovalId, DocumentId, LoanId, PayoutId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import By, Loan
from los_core.domain.servicing import Payout, PayoutStage
from los_core.domain.state import State
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.directory import PAYOUT, Chosen, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable, Unknown
from los_core.ports.payout import PayoutBank, PayoutOrder, PayoutReport, PayoutState
from los_core.ports.pdf import Letters
from los_core.ports.storage import Storage
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services import papers
from los_core.services.agreements import keep
from los_core.services.applications import trail
from los_core.services.appraisal import Appraisal
from los_core.services.bookkeeping import Bookkeeping, fact_id
from los_core.services.callers import StaffCaller, system
from los_core.services.jobs import INQUIRE_PAYOUT, SEND_PAYOUT, later
from los_core.services.messaging import Messaging
from los_core.services.offering import reached

ENTITY: Final = "payout"
INDIA: Final = ZoneInfo("Asia/Kolkata")
ASK_AFTER_S: Final = (2, 10, 30, 120, 600, 1800)
"""Seconds until each inquiry; hourly from then on."""
NEVER_ARRIVED_AFTER: Final = timedelta(hours=24)
"""How long a bank may still come to know an order it was silent about."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@attrs.frozen(kw_only=True)
class Disbursals:
    """Pays loans out."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    directory: Directory
    storage: Storage
    letters: Letters
    appraisal: Appraisal
    books: Bookkeeping
    messaging: Messaging

    def prepare(
        self, caller: StaffCaller, loan_id: LoanId, *, version: int, once: Once | None = None
    ) -> Approval:
        """Prepare a payout (T19, T24) and ask a second person to approve it.

        Raises: NotFound; StaleVersion; InvalidTransition; GuardFailed: with the guard's name.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.reach("disbursals:prepare", uow.loans.lock(loan_id))
            if loan.version != version:
                raise StaleVersion(
                    "the loan was changed since you read it", details={"version": loan.version}
                )
            again = loan.status is Status.DISBURSEMENT_FAILED
            command = Command.RETRY_PAYOUT if again else Command.PREPARE_PAYOUT
            loan.ensure(command)
            account = self._guards(uow, loan)
            by = caller.by(self.clock.now())
            move = loan.move(command, by)
            payout = self._payout(uow, loan, account, caller)
            approval = Approval.ask(
                id=ApprovalId(self.entropy.uuid()),
                brand_id=caller.brand_id,
                entity=ENTITY,
                entity_id=payout.id,
                action="disburse",
                payload={"loan_id": str(loan.id), "amount": payout.amount},
                maker=caller.staff_id,
                at=self.clock.now(),
            )
            uow.payouts.add(payout)
            uow.approvals.add(approval)
            uow.loans.save(loan, move)
            trail(uow, self.entropy, by, "payout.prepare", loan, amount=payout.amount)
            uow.answer(approval)
        return approval

    def payouts(self, caller: StaffCaller, loan_id: LoanId) -> Sequence[Payout]:
        """Return a loan's payout attempts. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            return uow.payouts.of_loan(reached(uow, caller, loan_id).id)

    def approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Carry out an approval in its transaction (T21): check again, and have it sent.

        Raises: Forbidden; GuardFailed: a guard no longer holds.
        """
        caller.need("disbursals:approve")
        payout, loan = self._of(uow, approval)
        loan.ensure(Command.APPROVE_PAYOUT)
        account = self._guards(uow, loan)
        if account.id != payout.account_id:
            raise GuardFailed("the bank account was changed since", code="G-PENNY")
        by = caller.by(self.clock.now())
        payout.checker = caller.staff_id
        payout.go(PayoutStage.INTENT)
        uow.payouts.save(payout)
        uow.loans.save(loan, loan.move(Command.APPROVE_PAYOUT, by))
        later(
            uow,
            SEND_PAYOUT,
            str(payout.id),
            clock=self.clock,
            entropy=self.entropy,
            payload={"payout_id": payout.id},
        )
        trail(uow, self.entropy, by, "payout.approve", loan, amount=payout.amount)

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Return a payout to its maker in the approval's transaction (T20)."""
        caller.need("disbursals:approve")
        payout, loan = self._of(uow, approval)
        payout.go(PayoutStage.FAILED)
        payout.raw_code = "RETURNED_BY_CHECKER"
        uow.payouts.save(payout)
        by = caller.by(self.clock.now())
        move = loan.move(Command.RETURN_PAYOUT, by, reasons=["RETURNED"], remark=remark)
        uow.loans.save(loan, move)
        trail(uow, self.entropy, by, "payout.return", loan)

    def send(self, job: Job) -> None:
        """Order an approved transfer, once.

        Raises: Unavailable: it did not reach the bank; the runner tries again.
        """
        payout_id = PayoutId(UUID(job.payload["payout_id"]))
        with self.begin(job.brand_id) as uow:
            payout, loan = self._locked(uow, payout_id)
            if payout.stage is PayoutStage.SENDING:
                # An earlier run died between the order and its answer.
                payout.go(PayoutStage.UNKNOWN)
                uow.payouts.save(payout)
                self._ask_later(uow, payout)
                return
            if payout.stage is not PayoutStage.INTENT:
                return
            vendor = self._bank(payout)
            payout.go(PayoutStage.SENDING)
            payout.provider, payout.provider_account = vendor.name, vendor.account
            payout.sent_at = self.clock.business_now()
            uow.payouts.save(payout)
            order = self._order(uow, loan, payout)
        try:
            report = vendor.adapter.send(order)
        except Unavailable:
            self._take_back(payout)
            raise
        except Unknown as doubt:
            self._doubt(payout, doubt.code)
            return
        except Rejected as refusal:
            report = PayoutReport(state=PayoutState.FAILED, raw_code=refusal.code)
        self._settle(payout, report)

    def inquire(self, job: Job) -> None:
        """Ask the bank about an order by our reference, and act on what it says.

        A bank that cannot be asked is asked again later, for as long as it takes. Raises:
            Unavailable: the bank is no longer the brand's at all.
        """
        payout_id, asked = PayoutId(UUID(job.payload["payout_id"])), int(job.payload["round"])
        with self.begin(job.brand_id) as uow:
            payout, _ = self._locked(uow, payout_id)
        if not _open(payout) or payout.inquiries > asked:
            return
        assert payout.sent_at is not None, "an order that was sent has its instant"
        vendor = self.directory.named(job.brand_id, PAYOUT, payout.provider)
        if vendor is None:
            raise Unavailable("the payout's bank is gone", provider=payout.provider)
        try:
            report = vendor.adapter.inquire(
                payout.reference,
                sent_on=payout.sent_at.astimezone(INDIA).date(),
                bank_reference=payout.bank_reference,
            )
        except Unavailable as err:
            report = PayoutReport(state=PayoutState.PENDING, raw_code=err.code)
        self._settle(payout, report, asked=asked)

    def _guards(self, uow: UnitOfWork, loan: Loan) -> BankAccount:
        """Return the account to pay into. Raises: GuardFailed: the first guard that is not met."""
        customer = uow.customers.get(loan.customer_id)
        assert customer is not None, "a loan's customer is on file"
        settings = uow.lender.settings()
        now = self.clock.business_now()
        account = customer.primary_account
        decision = uow.assessments.decision(loan.id, DecisionKind.BRE)
        passed = decision is not None and decision.verdict != Verdict.REJECT.value
        guards.require(
            guards.penny_drop(account, now, max_age_days=settings.penny_drop_max_age_days),
            guards.signed(uow.agreements.of_loan(loan.id), loan.terms_hash),
            guards.blocklist(hit=self.appraisal.is_blocked(uow, customer)),
            guards.fresh_decision(
                decision.at if decision and passed else None,
                now,
                validity_days=settings.bre_validity_days,
            ),
            guards.nothing_running(
                [known for known in uow.loans.of_customer(loan.customer_id) if known.id != loan.id],
                settings,
            ),
        )
        assert account is not None, "an account that was proved is on file"
        return account

    def _payout(
        self, uow: UnitOfWork, loan: Loan, account: BankAccount, caller: StaffCaller
    ) -> Payout:
        assert loan.net_disbursal is not None, "a loan with a signed agreement is priced"
        attempts = uow.payouts.of_loan(loan.id)
        number = len(attempts) + 1
        return Payout(
            id=PayoutId(self.entropy.uuid()),
            brand_id=loan.brand_id,
            loan_id=loan.id,
            attempt=number,
            reference=reference_of(loan.id, number),
            amount=loan.net_disbursal,
            account_id=account.id,
            maker=caller.staff_id,
            prepared_at=self.clock.business_now(),
        )

    def _of(self, uow: UnitOfWork, approval: Approval) -> tuple[Payout, Loan]:
        return self._locked(uow, PayoutId(approval.entity_id))

    def _locked(self, uow: UnitOfWork, payout_id: PayoutId) -> tuple[Payout, Loan]:
        """Return a payout under its loan's lock. Raises: NotFound."""
        payout = uow.payouts.get(payout_id)
        loan = uow.loans.lock(payout.loan_id) if payout else None
        payout = uow.payouts.get(payout_id)
        if payout is None or loan is None:
            raise NotFound("no such payout")
        return payout, loan

    def _bank(self, payout: Payout) -> Chosen[PayoutBank]:
        """Return the bank to use: the first one, as nothing was sent on this attempt."""
        found = self.directory.find(payout.brand_id, PAYOUT)
        if not found:
            raise Unavailable("no bank for payouts is set up", misconfigured=True)
        return found[0]

    def _order(self, uow: UnitOfWork, loan: Loan, payout: Payout) -> PayoutOrder:
        customer = uow.customers.get(loan.customer_id)
        assert customer is not None, "a loan's customer is on file"
        account = customer.account(payout.account_id)
        return PayoutOrder(
            reference=payout.reference,
            amount=payout.amount,
            account_number=account.number.reveal(),
            ifsc=account.ifsc.reveal(),
            beneficiary=account.holder,
            phone=customer.phone.reveal(),
            email=customer.details.email.reveal() if customer.details else "",
            narration=f"Loan {loan.loan_no}",
        )

    def _take_back(self, sent: Payout) -> None:
        with self.begin(sent.brand_id) as uow:
            payout, _ = self._locked(uow, sent.id)
            if payout.stage is PayoutStage.SENDING:
                payout.go(PayoutStage.INTENT)
                uow.payouts.save(payout)

    def _doubt(self, sent: Payout, code: str) -> None:
        with self.begin(sent.brand_id) as uow:
            payout, loan = self._locked(uow, sent.id)
            if payout.stage is PayoutStage.SENDING:
                payout.go(PayoutStage.UNKNOWN)
                payout.raw_code = code
                uow.payouts.save(payout)
                self._ask_later(uow, payout)
                by = system(self.clock.now())
                trail(uow, self.entropy, by, "payout.unknown", loan, attempt=payout.attempt)

    def _settle(self, seen: Payout, report: PayoutReport, *, asked: int | None = None) -> None:
        """Commit what a bank says of an order; `asked` numbers the inquiry that heard it."""
        with self.begin(seen.brand_id) as uow:
            payout, loan = self._locked(uow, seen.id)
            if not _open(payout) or (asked is not None and payout.inquiries > asked):
                return
            if asked is not None:
                payout.inquiries = asked + 1
            payout.raw_code = report.raw_code or payout.raw_code
            payout.bank_reference = report.bank_reference or payout.bank_reference
            if report.state is PayoutState.SUCCESS:
                self._confirm(uow, loan, payout, report)
            elif self._failed(payout, report):
                self._fail(uow, loan, payout)
            else:
                if payout.stage is PayoutStage.SENDING and report.state is PayoutState.PENDING:
                    payout.go(PayoutStage.PENDING)
                elif payout.stage is PayoutStage.SENDING:
                    payout.go(PayoutStage.UNKNOWN)
                uow.payouts.save(payout)
                self._ask_later(uow, payout)

    def _failed(self, payout: Payout, report: PayoutReport) -> bool:
        """Whether no money moved: the bank says so, or never came to know the order."""
        assert payout.sent_at is not None, "an order that was sent has its instant"
        waited = self.clock.business_now() - payout.sent_at > NEVER_ARRIVED_AFTER
        return report.state is PayoutState.FAILED or (
            report.state is PayoutState.NOT_FOUND and waited
        )

    def _confirm(self, uow: UnitOfWork, loan: Loan, payout: Payout, report: PayoutReport) -> None:
        """Book the disbursal (T22). Raises: Conflict: the bank reports another amount."""
        if not payout.bank_reference:
            raise Conflict("a success without a bank reference", code="G-UTR")
        if report.amount is not None and report.amount != payout.amount:
            raise Conflict("the bank reports another amount", code="G-UTR")
        credited_on = report.credited_on or self.clock.business_date()
        payout.go(PayoutStage.SUCCESS)
        payout.settled_at = self.clock.business_now()
        uow.payouts.save(payout)
        by = system(self.clock.now())
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
        self._tell(uow, loan, payout, state, by)

    def _tell(self, uow: UnitOfWork, loan: Loan, payout: Payout, state: State, by: By) -> None:
        schedule = state.schedule
        customer = uow.customers.get(loan.customer_id)
        assert schedule is not None, "a disbursed loan has a schedule"
        assert customer is not None, "a loan's customer is on file"
        assert loan.terms is not None, "a disbursed loan has terms"
        letter = papers.schedule_letter(
            loan,
            loan.terms,
            schedule,
            brand=uow.lender.brand(),
            settings=uow.lender.settings(),
            customer=customer,
            issued_on=self.clock.business_date(),
            version=1,
        )
        document = keep(
            self.storage,
            loan,
            DocumentType.REPAYMENT_SCHEDULE,
            name=f"Repayment schedule {loan.loan_no}.pdf",
            content=self.letters.schedule(letter),
            document_id=DocumentId(self.entropy.uuid()),
            at_version=1,
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
        trail(
            uow,
            self.entropy,
            by,
            "loan.disburse",
            loan,
            amount=payout.amount,
            utr=payout.bank_reference,
        )

    def _fail(self, uow: UnitOfWork, loan: Loan, payout: Payout) -> None:
        """Note a definite failure (T23): no money moved on this attempt."""
        payout.go(PayoutStage.FAILED)
        uow.payouts.save(payout)
        by = system(self.clock.now())
        reason = payout.raw_code or "PAYOUT_FAILED"
        uow.loans.save(loan, loan.move(Command.FAIL_PAYOUT, by, reasons=[reason]))
        trail(uow, self.entropy, by, "payout.fail", loan, code=reason)

    def _ask_later(self, uow: UnitOfWork, payout: Payout) -> None:
        asked = payout.inquiries
        delay = ASK_AFTER_S[asked] if asked < len(ASK_AFTER_S) else 3600
        later(
            uow,
            INQUIRE_PAYOUT,
            f"{payout.id}|{asked}",
            clock=self.clock,
            entropy=self.entropy,
            delay=timedelta(seconds=delay),
            payload={"payout_id": payout.id, "round": asked},
        )


def _open(payout: Payout) -> bool:
    """Whether the bank's last word on a payout is still to come."""
    return payout.stage in (PayoutStage.SENDING, PayoutStage.UNKNOWN, PayoutStage.PENDING)


def reference_of(loan_id: LoanId, attempt: int) -> str:
    """Return a payout's reference: twelve characters that follow from loan and attempt alone.

    Eleven base-32 digits of the loan's random bits and one for the attempt.
    """
    number = loan_id.int & ((1 << 55) - 1)
    digits = ""
    for _ in range(11):
        number, digit = divmod(number, 32)
        digits = _ALPHABET[digit] + digits
    return digits + _ALPHABET[attempt % 32]
