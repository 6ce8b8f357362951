"""Forgetting a customer: asked for by one member of staff, approved by another, done in one commit.

What the law wants kept, and a loan that is not over, stand against it (`domain.erasure`). With the
customer's key goes everything it sealed; files follow by a job. Source: reliability promise D9,
compliance DP-3 and DP-4.
"""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.approval import Approval
from los_core.domain.contact import business_day
from los_core.domain.customer import Customer
from los_core.domain.erasure import Standing, obstacles, require_none
from los_core.domain.errors import Conflict, Erased, NotFound
from los_core.domain.ids import ApprovalId, CustomerId
from los_core.domain.loan import By, Loan
from los_core.domain.payout import UNDECIDED, Why
from los_core.domain.redaction import covered
from los_core.domain.servicing import ReceiptStatus
from los_core.domain.work import AuditEvent, Job
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.storage import Storage
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services.belongings import Belongings
from los_core.services.bookkeeping import Bookkeeping
from los_core.services.callers import StaffCaller
from los_core.services.jobs import ERASE_FILES, later

ENTITY: Final = "erasure"
PASSES: Final = (timedelta(0), timedelta(hours=1))
"""When files are deleted: at once, and again once every request that was under way has ended."""


@attrs.frozen(kw_only=True)
class Erasures:
    """Forgets customers."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    storage: Storage
    books: Bookkeeping
    belongings: Belongings

    def ask(
        self, caller: StaffCaller, customer_id: CustomerId, *, remark: str, once: Once | None = None
    ) -> Approval:
        """Ask a second person to approve that a customer is forgotten, who asked for it.

        Raises: Forbidden; NotFound; Erased: done before; MustBeKept: with every reason and, where
            it is known, the last day of it; Conflict: one awaits a decision (APPROVAL_PENDING).
        """
        caller.need("erasures:write")
        with self.begin(caller.brand_id, once=once) as uow:
            loans = self._held(uow, customer_id)
            require_none(obstacles(self._standings(uow, loans), self.clock.business_date()))
            now = self.clock.now()
            known = uow.approvals.about(ENTITY, UUID(str(customer_id)))
            if any(each.is_open(now) for each in known):
                raise Conflict("one awaits a decision already", code="APPROVAL_PENDING")
            approval = Approval.ask(
                id=ApprovalId(self.entropy.uuid()),
                brand_id=caller.brand_id,
                entity=ENTITY,
                entity_id=customer_id,
                action="forget",
                payload={"customer_id": str(customer_id), "remark": covered(remark)},
                maker=caller.staff_id,
                at=now,
            )
            uow.approvals.add(approval)
            self._tell(uow, "customer.ask_to_forget", customer_id, caller.by(now))
            uow.answer(approval)
        return approval

    def approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Forget the customer, in the transaction of the approval. Raises: as `ask`."""
        caller.need("erasures:approve")
        customer_id = CustomerId(approval.entity_id)
        loans = self._held(uow, customer_id)
        require_none(obstacles(self._standings(uow, loans), self.clock.business_date()))
        now = self.clock.now()
        uow.customers.forget(customer_id, now)
        for number, wait in enumerate(PASSES):
            later(
                uow,
                ERASE_FILES,
                f"{customer_id}|{number}",
                clock=self.clock,
                entropy=self.entropy,
                payload={"customer_id": customer_id},
                delay=wait,
            )
        self._tell(uow, "customer.forget", customer_id, caller.by(now), loans=len(loans))

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Note, in the transaction of the refusal, that the customer's data stay."""
        caller.need("erasures:approve")
        by, of = caller.by(self.clock.now()), CustomerId(approval.entity_id)
        self._tell(uow, "customer.refuse_to_forget", of, by, remarked=bool(remark))

    def expired(self, uow: UnitOfWork, approval: Approval, by: By) -> None:
        """Note that nobody decided in time: it has to be asked for again."""
        self._tell(uow, "customer.forget_expired", CustomerId(approval.entity_id), by)

    def delete_files(self, job: Job) -> None:
        """Delete a forgotten customer's files, and empty what vendors said that nobody had sorted.

        Begun anew after a death, it deletes what is left.
        """
        customer_id = CustomerId(UUID(job.payload["customer_id"]))
        with self.begin(job.brand_id) as uow:
            try:
                uow.customers.get(customer_id)
            except Erased:
                loans = uow.loans.of_customer(customer_id)
            else:
                raise AssertionError("nobody's files are deleted who was not forgotten")
        for folder in (customer_id, *(loan.id for loan in loans)):
            self.storage.remove(f"{job.brand_id}/{folder}")
        self.belongings.sort(job.brand_id)

    def _held(self, uow: UnitOfWork, customer_id: CustomerId) -> Sequence[Loan]:
        """Return a customer's loans, which stand still with the customer until the commit.

        Loans first, as everybody locks them; one that was begun meanwhile shows in the second look.
        Raises: NotFound; Erased.
        """
        for loan in sorted(uow.loans.of_customer(customer_id), key=lambda each: each.id):
            uow.loans.lock(loan.id)
        customer: Customer | None = uow.customers.lock(customer_id)
        if customer is None:
            raise NotFound("no such customer")
        return uow.loans.of_customer(customer_id)

    def _standings(self, uow: UnitOfWork, loans: Sequence[Loan]) -> Iterator[Standing]:
        parked = {self.belongings.loan_of(uow, event) for event in uow.desk.parked()}
        for loan in loans:
            waits = any(
                receipt.status is ReceiptStatus.PENDING_APPROVAL
                for receipt in uow.receipts.of_loan(loan.id)
            )
            open_payout = any(
                payout.stage in UNDECIDED or payout.why == Why.PAID_AFTER_FAILURE
                for payout in uow.payouts.of_loan(loan.id)
            )
            yield Standing(
                loan=loan,
                ended_on=self._ended_on(uow, loan),
                held=self._held_money(uow, loan),
                undecided=waits or open_payout or loan.id in parked,
            )

    def _ended_on(self, uow: UnitOfWork, loan: Loan) -> date | None:
        """Return when a loan ended whose money went out, also one whose credit came back."""
        if loan.terms is None or not uow.books.facts(loan.id):
            return None
        return loan.closed_on or business_day(uow.loans.history(loan.id)[-1].at)

    def _held_money(self, uow: UnitOfWork, loan: Loan) -> int:
        if loan.terms is None or not uow.books.facts(loan.id):
            return 0
        return self.books.state(uow, loan, on=self.clock.business_date()).suspense_held

    def _tell(
        self, uow: UnitOfWork, action: str, customer_id: CustomerId, by: By, **facts: object
    ) -> None:
        uow.desk.audit(
            [
                AuditEvent(
                    id=self.entropy.uuid(),
                    brand_id=uow.brand_id,
                    at=by.at,
                    actor=by.actor.value,
                    actor_id=by.actor_id,
                    action=action,
                    entity="customer",
                    entity_id=customer_id,
                    facts=dict(facts),
                )
            ]
        )
