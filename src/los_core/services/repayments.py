"""Money coming in: orders with a gateway, receipts posted once, payments entered by hand.

A receipt is known by (gateway, account, payment id): however often and under whatever event it is
reported, it is posted once. What it pays is the fold's business. Source: design §6, operations §5.
"""

import hashlib
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import attrs

from los_core.domain.approval import Approval
from los_core.domain.arrears import dpd
from los_core.domain.closing import payable
from los_core.domain.errors import Conflict, GuardFailed, Invalid, NotFound
from los_core.domain.facts import Intent, Received
from los_core.domain.foreclosure import Quote, cooling_off_quote, quote
from los_core.domain.ids import ApprovalId, BrandId, LoanId, PaymentId
from los_core.domain.ledger import Posting
from los_core.domain.lifecycle import Status
from los_core.domain.loan import By, Loan
from los_core.domain.manual_payment import ManualPayment, faults, is_duplicate
from los_core.domain.money import Paise, positive
from los_core.domain.notification import NotificationKind
from los_core.domain.rupees import format_rupees
from los_core.domain.servicing import CollectionOrder, PaymentPurpose, Receipt, ReceiptStatus
from los_core.domain.state import State
from los_core.domain.timeline import Row, timeline
from los_core.domain.work import Job
from los_core.ports.clock import Clock
from los_core.ports.directory import PAYMENT, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Unavailable
from los_core.ports.payment import GatewayPayment, PaymentRequest, PaymentState
from los_core.ports.pdf import Letters
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services import papers
from los_core.services.applications import trail
from los_core.services.bookkeeping import Bookkeeping, fact_id
from los_core.services.callers import CustomerCaller, StaffCaller, webhook
from los_core.services.jobs import INQUIRE_ORDER, later
from los_core.services.messaging import Messaging
from los_core.services.notifying import notify, tell_of_move
from los_core.services.offering import reached

INDIA: Final = ZoneInfo("Asia/Kolkata")
ENTITY: Final = "receipt"
MANUAL: Final = "manual"
ASK_AFTER: Final = tuple(timedelta(minutes=m) for m in (2, 5, 15, 60, 360, 1440))
"""When a gateway is asked about an order whose payment it did not report."""


@attrs.frozen(kw_only=True)
class Standing:
    """Where a loan's money stands on a business date."""

    loan: Loan
    state: State
    rows: tuple[Row, ...]
    as_of: date
    dpd: int


@attrs.frozen(kw_only=True)
class Repayments:
    """Takes and posts money."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    directory: Directory
    letters: Letters
    books: Bookkeeping
    messaging: Messaging

    def order(
        self,
        caller: CustomerCaller,
        loan_id: LoanId,
        *,
        purpose: PaymentPurpose,
        amount: Paise | None = None,
        once: Once | None = None,
    ) -> CollectionOrder:
        """Create an order that the customer can pay with the brand's gateway.

        Without an amount it is what is due (INSTALMENT) or quoted for today (the other purposes).
        Raises: NotFound; GuardFailed: nothing to pay, or outside the cooling-off window; Invalid:
            another amount than quoted; Unavailable: no gateway took it.
        """
        reference = self._reference(caller, once)
        with self.begin(caller.brand_id) as uow:
            loan = caller.own(uow.loans.lock(loan_id))
            customer = uow.customers.get(loan.customer_id)
            assert customer is not None, "a loan's customer is on file"
            order = uow.receipts.order(reference)
            if order is None:
                order = self._intend(uow, loan, reference, purpose, amount)
                uow.receipts.add_order(order)
        vendor = self.directory.named(caller.brand_id, PAYMENT, order.provider)
        if vendor is None:
            raise Unavailable("the order's gateway is gone", provider=order.provider)
        made = vendor.adapter.create_order(
            PaymentRequest(
                reference=order.reference,
                amount=order.amount,
                description=f"Loan {loan.loan_no}",
                phone=customer.phone.reveal(),
                email=customer.details.email.reveal() if customer.details else "",
            )
        )
        if made.amount != order.amount:
            raise Conflict("the gateway's order is of another amount", code="ORDER_MISMATCH")
        with self.begin(caller.brand_id, once=once) as uow:
            order.order_id, order.checkout_url = made.order_id, made.checkout_url
            uow.receipts.save_order(order)
            self._ask_later(uow, order, 0)
            uow.answer(order)
        return order

    def inquire(self, job: Job) -> None:
        """Ask a gateway about an order nobody reported on, and plan the next question."""
        with self.begin(job.brand_id) as uow:
            order = uow.receipts.order(job.payload["reference"])
        if order is None or not order.order_id:
            return
        vendor = self.directory.named(job.brand_id, PAYMENT, order.provider)
        if vendor is None:
            raise Unavailable("the order's gateway is gone", provider=order.provider)
        seen = vendor.adapter.payments(order.order_id)
        for payment in seen:
            self.captured(
                job.brand_id, order.provider, account=order.provider_account, seen=payment
            )
        if not any(payment.state is PaymentState.CAPTURED for payment in seen):
            with self.begin(job.brand_id) as uow:
                self._ask_later(uow, order, int(job.payload["round"]) + 1)

    def captured(
        self,
        brand_id: BrandId,
        provider: str,
        *,
        account: str,
        seen: GatewayPayment,
        tell: Callable[[UnitOfWork, str], None] = lambda _uow, _reason: None,
    ) -> str:
        """Post a payment that a gateway reports; return why not, "" if it is (or was) posted.

        `tell` gets the same in the transaction that makes it true.
        """
        try:
            with self.begin(brand_id) as uow:
                reason = self._captured(uow, provider, account=account, seen=seen)
                tell(uow, reason)
        except Conflict as clash:
            if clash.code != "UTR_ON_FILE":
                raise
            # Undone with the receipt's number, which must not leave a gap.
            reason = "its bank reference is on file under another payment"
            with self.begin(brand_id) as uow:
                tell(uow, reason)
        return reason

    def _captured(
        self, uow: UnitOfWork, provider: str, *, account: str, seen: GatewayPayment
    ) -> str:
        if seen.state is not PaymentState.CAPTURED:
            return f"the payment is {seen.state}"
        order = uow.receipts.order_at(provider, account, seen.order_id)
        if order is None:
            return "no order of ours"
        if seen.currency != "INR" or seen.amount != order.amount:
            return "amount or currency differs from the order"
        loan = uow.loans.lock(order.loan_id)
        assert loan is not None, "an order is of a loan"
        receipt = self._receipt(
            uow,
            loan,
            amount=seen.amount,
            mode=seen.method.upper() or "ONLINE",
            source=provider,
            account=account,
            reference=seen.payment_id,
            utr=seen.utr,
            purpose=order.purpose,
            value_date=seen.at.astimezone(INDIA).date(),
            status=ReceiptStatus.POSTED,
        )
        if uow.receipts.add(receipt):
            self._post(uow, loan, receipt, webhook(self.clock.now()))
        return ""

    def record(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        amount: Paise,
        mode: str,
        reference: str,
        utr: str,
        value_date: date,
        note: str = "",
        once: Once | None = None,
    ) -> Receipt:
        """Enter a payment by hand; it counts once another person approves it.

        `reference` is the client's own id of the payment. Raises: NotFound; Invalid: amount, mode,
            date, cash of ₹20,000 and more, or no UTR where the mode has one; Conflict: on file.
        """
        entered = ManualPayment(amount=amount, mode=mode, utr=utr, value_date=value_date)
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.reach("payments:record", uow.loans.lock(loan_id))
            self._sound(uow, loan, entered)
            approval_id = ApprovalId(self.entropy.uuid())
            receipt = self._receipt(
                uow,
                loan,
                amount=amount,
                mode=mode,
                source=MANUAL,
                account="",
                reference=reference,
                utr=utr,
                purpose=PaymentPurpose.INSTALMENT,
                value_date=value_date,
                status=ReceiptStatus.PENDING_APPROVAL,
            )
            receipt.maker, receipt.approval_id, receipt.note = caller.staff_id, approval_id, note
            if not uow.receipts.add(receipt):
                raise Conflict("this payment is on file", code="PAYMENT_ON_FILE")
            uow.approvals.add(
                Approval.ask(
                    id=approval_id,
                    brand_id=caller.brand_id,
                    entity=ENTITY,
                    entity_id=receipt.id,
                    action="post",
                    payload={"loan_id": str(loan.id), "amount": amount, "mode": mode},
                    maker=caller.staff_id,
                    at=self.clock.now(),
                )
            )
            by = caller.by(self.clock.now())
            self._tell_checkers(uow, loan, receipt)
            trail(uow, self.entropy, by, "payment.record", loan, amount=amount, mode=mode)
            uow.answer(receipt)
        return receipt

    def approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Post a payment entered by hand, in the transaction of its approval."""
        caller.need("payments:approve")
        receipt, loan = self._of(uow, approval)
        if receipt.status is not ReceiptStatus.PENDING_APPROVAL:
            raise Conflict("this payment was decided", code="PAYMENT_DECIDED")
        self._post(uow, loan, receipt, caller.by(self.clock.now()))
        self._tell_maker(uow, loan, receipt, "approved")

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Drop a payment entered by hand, in the transaction of its approval."""
        caller.need("payments:approve")
        receipt, loan = self._of(uow, approval)
        receipt.status = ReceiptStatus.REJECTED
        receipt.note = remark
        uow.receipts.save(receipt)
        self._tell_maker(uow, loan, receipt, "rejected")
        trail(uow, self.entropy, caller.by(self.clock.now()), "payment.reject", loan)

    def expired(self, uow: UnitOfWork, approval: Approval, by: By) -> None:
        """Ask anew about a payment entered by hand: money that came in does not lapse unchecked."""
        receipt, loan = self._of(uow, approval)
        if receipt.status is not ReceiptStatus.PENDING_APPROVAL:
            return
        again = Approval.ask(
            id=ApprovalId(self.entropy.uuid()),
            brand_id=approval.brand_id,
            entity=approval.entity,
            entity_id=approval.entity_id,
            action=approval.action,
            payload=approval.payload,
            maker=approval.maker,
            at=by.at,
        )
        uow.approvals.add(again)
        receipt.approval_id = again.id
        uow.receipts.save(receipt)
        trail(uow, self.entropy, by, "payment.ask_again", loan, receipt=receipt.receipt_no)

    def awaiting(self, caller: StaffCaller) -> Sequence[Receipt]:
        """Return payments that await a second person, oldest first."""
        caller.need("payments:read")
        with self.begin(caller.brand_id) as uow:
            return uow.receipts.awaiting_approval()

    def receipts(self, caller: CustomerCaller | StaffCaller, loan_id: LoanId) -> Sequence[Receipt]:
        """Return a loan's receipts by value date. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            return uow.receipts.of_loan(reached(uow, caller, loan_id).id)

    def timeline(self, caller: CustomerCaller | StaffCaller, loan_id: LoanId) -> Standing:
        """Return the instalments and what is paid of them today. Raises: NotFound; Conflict."""
        today = self.clock.business_date()
        with self.begin(caller.brand_id) as uow:
            loan = _running(reached(uow, caller, loan_id))
            state = self.books.state(uow, loan, on=_day(loan, today))
        oldest = state.oldest_unpaid_due_on
        return Standing(
            loan=loan, state=state, rows=timeline(state), as_of=today, dpd=dpd(oldest, today)
        )

    def schedule_pdf(self, caller: CustomerCaller | StaffCaller, loan_id: LoanId) -> bytes:
        """Return the repayment schedule in force as a PDF. Raises: NotFound; Conflict."""
        with self.begin(caller.brand_id) as uow:
            loan = _running(reached(uow, caller, loan_id))
            customer = uow.customers.get(loan.customer_id)
            state = self.books.state(uow, loan, on=_day(loan, self.clock.business_date()))
            assert customer is not None, "a loan's customer is on file"
            assert loan.terms is not None, "a disbursed loan has terms"
            assert state.schedule is not None, "a disbursed loan has a schedule"
            letter = papers.schedule_letter(
                loan,
                loan.terms,
                state.schedule,
                brand=uow.lender.brand(),
                settings=uow.lender.settings(),
                customer=customer,
                issued_on=self.clock.business_date(),
                version=1,
            )
        return self.letters.schedule(letter)

    def ledger(self, caller: StaffCaller, loan_id: LoanId) -> Sequence[Posting]:
        """Return a loan's postings in the order they were made. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            return uow.books.postings(reached(uow, caller, loan_id).id)

    def quote(self, caller: CustomerCaller | StaffCaller, loan_id: LoanId) -> Quote:
        """Return what closes the loan today, itemised. Raises: NotFound; Conflict."""
        with self.begin(caller.brand_id) as uow:
            loan = _running(reached(uow, caller, loan_id))
            return quote(self.books.state(uow, loan, on=self.clock.business_date()))

    def _amount(
        self, uow: UnitOfWork, loan: Loan, purpose: PaymentPurpose, amount: Paise | None
    ) -> Paise:
        _running(loan)
        state = self.books.state(uow, loan, on=self.clock.business_date())
        if purpose is PaymentPurpose.INSTALMENT:
            due, most = payable(state)
            asked = due if amount is None else positive(amount)
            if asked <= 0 or not most:
                raise GuardFailed("nothing is due today", code="NOTHING_DUE")
            if asked > most:
                raise Invalid("more than is owed", fields=[("amountPaise", f"is more than {most}")])
            return asked
        if loan.status is not Status.DISBURSED:
            raise GuardFailed("there is nothing to leave early", code="NOTHING_DUE")
        leaving = (
            quote(state) if purpose is PaymentPurpose.FORECLOSURE else cooling_off_quote(state)
        )
        if amount is not None and amount != leaving.amount:
            raise Invalid(
                "not the quoted amount", fields=[("amountPaise", f"must be {leaving.amount}")]
            )
        return leaving.amount

    def _sound(self, uow: UnitOfWork, loan: Loan, entered: ManualPayment) -> None:
        _running(loan)
        wrong = faults(entered, disbursed_on=loan.disbursed_on, on=self.clock.business_date())
        if wrong:
            raise Invalid("this payment cannot be entered", fields=wrong)
        known = [
            ManualPayment(
                amount=each.amount, mode=each.mode, utr=each.utr, value_date=each.value_date
            )
            for each in uow.receipts.of_loan(loan.id)
            if each.status is not ReceiptStatus.REJECTED
        ]
        if is_duplicate(entered, known):
            raise Conflict("this payment is on file", code="PAYMENT_ON_FILE")

    def _receipt(
        self,
        uow: UnitOfWork,
        loan: Loan,
        *,
        amount: Paise,
        mode: str,
        source: str,
        account: str,
        reference: str,
        utr: str,
        purpose: PaymentPurpose,
        value_date: date,
        status: ReceiptStatus,
    ) -> Receipt:
        known = uow.receipts.find(source, account, reference)
        return known or Receipt(
            id=PaymentId(self.entropy.uuid()),
            brand_id=loan.brand_id,
            loan_id=loan.id,
            receipt_no=f"RC-{uow.desk.next_number('receipt'):06d}",
            amount=amount,
            mode=mode,
            source=source,
            account=account,
            reference=reference,
            utr=utr,
            purpose=purpose,
            value_date=value_date,
            status=status,
            recorded_at=self.clock.business_now(),
        )

    def _post(self, uow: UnitOfWork, loan: Loan, receipt: Receipt, by: By) -> None:
        """Turn a receipt on file into a fact, and let the loan follow."""
        fact = Received(
            fact_id=fact_id(loan, receipt.source, receipt.reference),
            value_date=receipt.value_date,
            source=receipt.source,
            reference=receipt.reference,
            amount=receipt.amount,
            intent=Intent(receipt.purpose.value),
        )
        state, moves = self.books.record(uow, loan, [fact], by)
        receipt.status = ReceiptStatus.POSTED
        paid = state.paid_by(fact.key)
        receipt.split = tuple((component.value, amount) for component, amount in paid.items())
        uow.receipts.save(receipt)
        uow.loans.save(loan, *moves)
        self.messaging.notify(
            uow,
            loan,
            "PAYMENT_RECEIVED",
            about=receipt.receipt_no,
            amount_paise=receipt.amount,
            receipt_no=receipt.receipt_no,
        )
        if moves:
            tell_of_move(uow, self.entropy, by, loan)
        notify(
            uow,
            [loan.assigned_to],
            NotificationKind.PAYMENT_RECEIVED,
            at=by.at,
            entropy=self.entropy,
            loan=loan,
            amount=format_rupees(receipt.amount),
        )
        trail(
            uow,
            self.entropy,
            by,
            "payment.post",
            loan,
            amount=receipt.amount,
            receipt=receipt.receipt_no,
        )

    def _tell_checkers(self, uow: UnitOfWork, loan: Loan, receipt: Receipt) -> None:
        """Tell those who may approve a payment entered by hand, but for who entered it."""
        able = [e.id for e in uow.lender.colleagues() if "payments:approve" in e.permissions]
        notify(
            uow,
            able,
            NotificationKind.PAYMENT_APPROVAL_PENDING,
            at=self.clock.now(),
            entropy=self.entropy,
            loan=loan,
            but=receipt.maker,
            amount=format_rupees(receipt.amount),
        )

    def _tell_maker(self, uow: UnitOfWork, loan: Loan, receipt: Receipt, result: str) -> None:
        notify(
            uow,
            [receipt.maker],
            NotificationKind.PAYMENT_APPROVAL_RESULT,
            at=self.clock.now(),
            entropy=self.entropy,
            loan=loan,
            amount=format_rupees(receipt.amount),
            result=result,
        )

    def _of(self, uow: UnitOfWork, approval: Approval) -> tuple[Receipt, Loan]:
        receipt = uow.receipts.get(PaymentId(approval.entity_id))
        loan = uow.loans.lock(receipt.loan_id) if receipt else None
        receipt = uow.receipts.get(PaymentId(approval.entity_id))
        if receipt is None or loan is None:
            raise NotFound("no such payment")
        return receipt, loan

    def _intend(
        self,
        uow: UnitOfWork,
        loan: Loan,
        reference: str,
        purpose: PaymentPurpose,
        amount: Paise | None,
    ) -> CollectionOrder:
        vendors = self.directory.find(loan.brand_id, PAYMENT)
        if not vendors:
            raise Unavailable("no payment gateway is set up", misconfigured=True)
        return CollectionOrder(
            reference=reference,
            brand_id=loan.brand_id,
            loan_id=loan.id,
            purpose=purpose,
            amount=self._amount(uow, loan, purpose, amount),
            provider=vendors[0].name,
            provider_account=vendors[0].account,
            created_at=self.clock.business_now(),
            expires_on=self.clock.business_date(),
        )

    def _ask_later(self, uow: UnitOfWork, order: CollectionOrder, asked: int) -> None:
        if asked < len(ASK_AFTER):
            later(
                uow,
                INQUIRE_ORDER,
                f"{order.reference}|{asked}",
                clock=self.clock,
                entropy=self.entropy,
                delay=ASK_AFTER[asked],
                payload={"reference": order.reference, "round": asked},
            )

    def _reference(self, caller: CustomerCaller, once: Once | None) -> str:
        """Return an order's reference; the same command (by its key) gives the same one.

        So a command that died between the gateway's yes and our commit finds its order again.
        """
        seed = f"{caller.brand_id}|{once.scope}|{once.key}" if once else self.entropy.token()
        return f"PAY{hashlib.sha256(seed.encode()).hexdigest()[:20].upper()}"


def _running(loan: Loan) -> Loan:
    """Return a loan whose money is out or came back. Raises: Conflict: it never was disbursed."""
    if loan.disbursed_on is None or loan.terms is None:
        raise Conflict(
            "this loan is not disbursed", code="NOT_DISBURSED", details=loan.next_steps()
        )
    return loan


def _day(loan: Loan, today: date) -> date:
    """Return the day to look at a loan: today, but never before its disbursal."""
    return max(today, loan.disbursed_on or today)
