"""Money coming in: orders with a gateway, receipts posted once, payments entered by hand.

A receipt is known by (gateway, account, payment id): however often and under whatever event it is
reported, it is posted once. What it pays is the fold's business. Source: design §6, operations §5.
"""

import hashlib
from collections.abc import Sequence
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
from los_core.domain.ids import ApprovalId, LoanId, PaymentId
from los_core.domain.ledger import Posting
from los_core.domain.lifecycle import Status
from los_core.domain.loan import By, Loan
from los_core.domain.manual_payment import ManualPayment, faults, is_duplicate
from los_core.domain.money import Paise, positive
from los_core.domain.notification import Notification, NotificationKind
from los_core.domain.rupees import format_rupees
from los_core.domain.servicing import CollectionOrder, PaymentPurpose, Receipt, ReceiptStatus
from los_core.domain.state import State
from los_core.domain.timeline import Row, timeline
from los_core.domain.work import AuditEvent, Job
from los_core.ports.clock import Clock
from los_core.ports.directory import PAYMENT, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Unavailable
from los_core.ports.payment import GatewayPayment, PaymentRequest, PaymentState
from los_core.ports.pdf import Letters
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services import papers
from los_core.services.applications import told, trail
from los_core.services.bookkeeping import Bookkeeping, fact_id
from los_core.services.callers import CustomerCaller, StaffCaller, webhook
from los_core.services.jobs import INQUIRE_ORDER, later
from los_core.services.messaging import Messaging
from los_core.services.notifying import notes, notes_of_move, notify
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
class Reported:
    """A payment as a gateway reports it; `account` is which of the brand's accounts there."""

    provider: str
    account: str
    seen: GatewayPayment

    @property
    def order(self) -> tuple[str, str, str]:
        """What the gateway calls its order."""
        return self.provider, self.account, self.seen.order_id

    @property
    def payment(self) -> tuple[str, str, str]:
        """What the payment is known by."""
        return self.provider, self.account, self.seen.payment_id


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
        reported = [
            Reported(provider=order.provider, account=order.provider_account, seen=payment)
            for payment in seen
        ]
        with self.begin(job.brand_id) as uow:
            self.post(uow, reported)
            if not any(payment.state is PaymentState.CAPTURED for payment in seen):
                self._ask_later(uow, order, int(job.payload["round"]) + 1)

    def post(self, uow: UnitOfWork, reported: Sequence[Reported]) -> list[str]:
        """Post payments that gateways report; return of each why not, "" if it is (or was) posted.

        All in the transaction, under the locks of their loans: one payment is a list of one.
        Raises: Conflict: another transaction was about to take the same bank reference.
        """
        orders = self._orders(uow, reported)
        reasons = [_refusal(each.seen, orders.get(each.order)) for each in reported]
        sound = [(n, each, orders[each.order]) for n, each in enumerate(reported) if not reasons[n]]
        if not sound:
            return reasons
        held = uow.loans.lock_all({order.loan_id for *_, order in sound})
        loans = {loan.id: loan for loan in held}
        known = self._known(uow, [each for _, each, _ in sound])
        taken = set(uow.receipts.utrs_on_file({each.seen.utr for _, each, _ in sound} - {""}))
        fresh: list[tuple[Reported, CollectionOrder]] = []
        for n, each, order in sound:
            if each.payment in known:
                continue
            if each.seen.utr in taken:
                reasons[n] = "its bank reference is on file under another payment"
                continue
            known.add(each.payment)
            taken |= {each.seen.utr} - {""}
            fresh.append((each, order))
        if not fresh:
            return reasons
        numbers = uow.desk.next_numbers("receipt", len(fresh))
        received = [
            (loans[order.loan_id], self._of_gateway(each, order, number))
            for (each, order), number in zip(fresh, numbers, strict=True)
        ]
        self._book(uow, received, webhook(self.clock.now()))
        uow.receipts.add_all([receipt for _, receipt in received])
        return reasons

    def _orders(
        self, uow: UnitOfWork, reported: Sequence[Reported]
    ) -> dict[tuple[str, str, str], CollectionOrder]:
        found = {}
        for (provider, account), wanted in _by_gateway(reported).items():
            at = uow.receipts.orders_at(provider, account, {each.seen.order_id for each in wanted})
            found.update({(provider, account, order_id): at[order_id] for order_id in at})
        return found

    def _known(self, uow: UnitOfWork, reported: Sequence[Reported]) -> set[tuple[str, str, str]]:
        """Return the payments that have a receipt; their loans are held."""
        found = set()
        for (provider, account), wanted in _by_gateway(reported).items():
            ids = {each.seen.payment_id for each in wanted}
            found |= {(provider, account, i) for i in uow.receipts.known(provider, account, ids)}
        return found

    def _of_gateway(self, reported: Reported, order: CollectionOrder, number: int) -> Receipt:
        seen = reported.seen
        return Receipt(
            id=PaymentId(self.entropy.uuid()),
            brand_id=order.brand_id,
            loan_id=order.loan_id,
            receipt_no=_receipt_no(number),
            amount=seen.amount,
            mode=seen.method.upper() or "ONLINE",
            source=reported.provider,
            account=reported.account,
            reference=seen.payment_id,
            utr=seen.utr,
            purpose=order.purpose,
            value_date=seen.at.astimezone(INDIA).date(),
            status=ReceiptStatus.POSTED,
            recorded_at=self.clock.business_now(),
        )

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
            if uow.receipts.find(MANUAL, "", reference) is not None:
                raise Conflict("this payment is on file", code="PAYMENT_ON_FILE")
            receipt = Receipt(
                id=PaymentId(self.entropy.uuid()),
                brand_id=loan.brand_id,
                loan_id=loan.id,
                receipt_no=_receipt_no(uow.desk.next_number("receipt")),
                amount=amount,
                mode=mode,
                source=MANUAL,
                account="",
                reference=reference,
                utr=utr,
                purpose=PaymentPurpose.INSTALMENT,
                value_date=value_date,
                status=ReceiptStatus.PENDING_APPROVAL,
                recorded_at=self.clock.business_now(),
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
        self._book(uow, [(loan, receipt)], caller.by(self.clock.now()))
        uow.receipts.save(receipt)
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

    def _book(self, uow: UnitOfWork, received: Sequence[tuple[Loan, Receipt]], by: By) -> None:
        """Turn receipts into facts, and let their loans follow; the caller writes the receipts."""
        loans = {loan.id: loan for loan, _ in received}
        facts: dict[LoanId, list[Received]] = {loan_id: [] for loan_id in loans}
        for loan, receipt in received:
            facts[loan.id].append(_fact(loan, receipt))
        arrived = [(loan, facts[loan.id]) for loan in loans.values()]
        recorded = self.books.record_all(uow, arrived, by)
        states = dict(zip(loans, (state for state, _ in recorded), strict=True))
        for loan, receipt in received:
            receipt.status = ReceiptStatus.POSTED
            paid = states[loan.id].paid_by((receipt.source, receipt.reference))
            receipt.split = tuple((component.value, amount) for component, amount in paid.items())
        moved = list(zip(loans.values(), (moves for _, moves in recorded), strict=True))
        uow.loans.save_all(moved)
        told_of = [notes_of_move(self.entropy, by, loan) for loan, moves in moved if moves]
        told_of += [self._notes(by, *each) for each in received]
        uow.notices.add([note for notes in told_of for note in notes])
        uow.desk.add_jobs([job for each in received for job in self._notices(*each)])
        uow.desk.audit([self._told(by, *each) for each in received])

    def _notices(self, loan: Loan, receipt: Receipt) -> list[Job]:
        return self.messaging.notices(
            loan,
            "PAYMENT_RECEIVED",
            about=receipt.receipt_no,
            amount_paise=receipt.amount,
            receipt_no=receipt.receipt_no,
        )

    def _notes(self, by: By, loan: Loan, receipt: Receipt) -> list[Notification]:
        return notes(
            loan.brand_id,
            [loan.assigned_to],
            NotificationKind.PAYMENT_RECEIVED,
            at=by.at,
            entropy=self.entropy,
            loan=loan,
            amount=format_rupees(receipt.amount),
        )

    def _told(self, by: By, loan: Loan, receipt: Receipt) -> AuditEvent:
        facts = {"amount": receipt.amount, "receipt": receipt.receipt_no}
        return told(self.entropy, by, "payment.post", loan, **facts)

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


def _refusal(seen: GatewayPayment, order: CollectionOrder | None) -> str:
    """Return why a payment is not posted by its order, "" if nothing forbids it."""
    if seen.state is not PaymentState.CAPTURED:
        return f"the payment is {seen.state}"
    if order is None:
        return "no order of ours"
    if seen.currency != "INR" or seen.amount != order.amount:
        return "amount or currency differs from the order"
    return ""


def _by_gateway(reported: Sequence[Reported]) -> dict[tuple[str, str], list[Reported]]:
    found: dict[tuple[str, str], list[Reported]] = {}
    for each in reported:
        found.setdefault((each.provider, each.account), []).append(each)
    return found


def _receipt_no(number: int) -> str:
    return f"RC-{number:06d}"


def _fact(loan: Loan, receipt: Receipt) -> Received:
    return Received(
        fact_id=fact_id(loan, receipt.source, receipt.reference),
        value_date=receipt.value_date,
        source=receipt.source,
        reference=receipt.reference,
        amount=receipt.amount,
        intent=Intent(receipt.purpose.value),
    )


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
