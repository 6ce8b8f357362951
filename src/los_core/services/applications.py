"""An application from its first wish to the desk of whoever decides: apply, submit, withdraw.

The decision itself is `decisions` (the machine's part) and `underwriting` (people's).
Source: loan lifecycle T01, T02, T25.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

import attrs

from los_core.domain import guards
from los_core.domain.access import Role, Scope
from los_core.domain.agreement import AgreementStatus
from los_core.domain.assignment import Case, Executive, Method, Pool, assign
from los_core.domain.brand import AllocationType
from los_core.domain.customer import Customer
from los_core.domain.errors import Invalid, NotFound
from los_core.domain.ids import LoanId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import By, Loan, Move
from los_core.domain.money import Paise
from los_core.domain.notification import NotificationKind
from los_core.domain.payout import PayoutStage, Why
from los_core.domain.record_kinds import DAYS_OFF
from los_core.domain.staff import Staff
from los_core.domain.unavailability import closed_days, days_of
from los_core.domain.work import AuditEvent
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services import coupons
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.services.jobs import DECIDE, later
from los_core.services.lending_rules import product_of
from los_core.services.messaging import Messaging
from los_core.services.notifying import notify, tell_of_move


@attrs.frozen(kw_only=True)
class Applications:
    """Applications of customers."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    messaging: Messaging

    def apply(
        self,
        caller: CustomerCaller,
        *,
        product: str,
        amount: Paise,
        tenure: int,
        purpose: str = "",
        coupon: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Begin an application (T01).

        Raises: Invalid: no such product, or outside its limits; GuardFailed: G-DEDUP (an open
            application or loan), G-COOL (rejected too recently); Conflict: the coupon may not be
            used (`COUPON_…`).
        """
        with self.begin(caller.brand_id, once=once) as uow:
            customer = _customer(uow, caller, lock=True)
            known = product_of(uow, product)
            if known is None:
                raise Invalid("no such product", fields=[("product", "is not offered")])
            known.check(amount, tenure)
            self._may_apply(uow, customer)
            loan = Loan(
                id=LoanId(self.entropy.uuid()),
                brand_id=caller.brand_id,
                customer_id=customer.id,
                loan_no=f"LN-{uow.desk.next_number('loan'):06d}",
                product=product,
                applied_amount=amount,
                applied_tenure=tenure,
                purpose=purpose,
                coupon=coupon,
                created_at=self.clock.business_now(),
            )
            if coupon:
                coupons.check(uow, loan, self.clock.business_now())
            by = caller.by(self.clock.now())
            uow.loans.add(loan, loan.begin(by))
            trail(uow, self.entropy, by, "loan.apply", loan, amount=amount)
            uow.answer(loan)
        return loan

    def submit(self, caller: CustomerCaller, loan_id: LoanId, *, once: Once | None = None) -> Loan:
        """Hand the application in (T02), give it to an executive, and have it decided.

        Raises: NotFound; InvalidTransition; GuardFailed: G-STEPS (the step that is missing),
            G-CONSENT (the purposes that are missing).
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.own(uow.loans.lock(loan_id))
            loan.ensure(Command.SUBMIT)
            customer = _customer(uow, caller)
            self._complete(uow, customer)
            now = self.clock.now()
            move = loan.move(Command.SUBMIT, caller.by(now))
            loan.submitted_at = self.clock.business_now()
            self._allocate(uow, loan)
            uow.loans.save(loan, move)
            later(
                uow,
                DECIDE,
                f"{loan.id}|{loan.seq}",
                clock=self.clock,
                entropy=self.entropy,
                payload={"loan_id": loan.id},
            )
            self.messaging.notify(uow, loan, "APPLICATION_RECEIVED", about=str(loan.seq))
            trail(uow, self.entropy, caller.by(now), "loan.submit", loan)
            uow.answer(loan)
        return loan

    def cancel(
        self,
        caller: CustomerCaller,
        loan_id: LoanId,
        *,
        reasons: Sequence[str],
        once: Once | None = None,
    ) -> Loan:
        """Withdraw before the money is on its way (T25). Raises: NotFound; InvalidTransition."""
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.own(uow.loans.lock(loan_id))
            by = caller.by(self.clock.now())
            withdraw(uow, loan, by, self.entropy, reasons=reasons)
            uow.answer(loan)
        return loan

    def loans(self, caller: CustomerCaller) -> Sequence[Loan]:
        """Return the customer's loans, newest first."""
        with self.begin(caller.brand_id) as uow:
            return uow.loans.of_customer(caller.customer_id)

    def loan(self, caller: CustomerCaller, loan_id: LoanId) -> tuple[Loan, Sequence[Move]]:
        """Return one of the customer's loans with its history. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            loan = caller.own(uow.loans.get(loan_id))
            return loan, uow.loans.history(loan_id)

    def desk(
        self,
        caller: StaffCaller,
        *,
        statuses: Sequence[Status] = (),
        after: LoanId | None = None,
        limit: int = 50,
    ) -> Sequence[Loan]:
        """Return loans that the caller may see, newest first; own rows only where so granted."""
        caller.need("loans:read")
        own = caller.permissions["loans:read"] is Scope.OWN
        with self.begin(caller.brand_id) as uow:
            return uow.loans.page(
                statuses=statuses,
                assigned_to=caller.staff_id if own else None,
                after=after,
                limit=limit,
            )

    def file(self, caller: StaffCaller, loan_id: LoanId) -> tuple[Loan, Customer, Sequence[Move]]:
        """Return one loan as staff see it, with its customer and history. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            loan = caller.reach("loans:read", uow.loans.get(loan_id))
            customer = uow.customers.get(loan.customer_id)
            assert customer is not None, "a loan's customer is on file"
            return loan, customer, uow.loans.history(loan_id)

    def _may_apply(self, uow: UnitOfWork, customer: Customer) -> None:
        settings = uow.lender.settings()
        today = self.clock.business_date()
        same_person = {customer.id}
        if customer.person:
            same_person |= set(uow.customers.sharing(person=customer.person))
        loans = [loan for person in same_person for loan in uow.loans.of_customer(person)]
        guards.require(guards.dedup(loans, settings), guards.cool_off(loans, today))

    def _complete(self, uow: UnitOfWork, customer: Customer) -> None:
        guards.require(
            guards.steps(customer, uow.lender.settings()),
            guards.consents(uow.people.consents(customer.id), self.clock.now()),
        )

    def _allocate(self, uow: UnitOfWork, loan: Loan) -> None:
        """Give the loan to an executive with room; without one it stays unassigned."""
        settings = uow.lender.settings()
        if settings.allocation is AllocationType.OFF or loan.assigned_to is not None:
            return
        staff = uow.lender.executives()
        days_off = [record.value for record in uow.records.all(DAYS_OFF)]
        assignment = assign(
            Case(
                loan_id=loan.id,
                pool=Pool.ORIGINATION,
                on=self.clock.business_date(),
                product=loan.product,
            ),
            [_executive(uow, member, days_of(days_off, member.id)) for member in staff],
            method=Method[settings.allocation.name],
            closed=closed_days(days_off),
        )
        chosen = next((m for m in staff if m.id == assignment.executive_id), None)
        if chosen is not None:
            loan.assigned_to = chosen.id
            chosen.last_allocated_at = self.clock.now()
            uow.lender.save_staff(chosen)
            notify(
                uow,
                [chosen.id],
                NotificationKind.LOAN_ASSIGNED,
                at=self.clock.now(),
                entropy=self.entropy,
                loan=loan,
            )


def withdraw(
    uow: UnitOfWork,
    loan: Loan,
    by: By,
    entropy: Entropy,
    *,
    reasons: Sequence[str],
    remark: str = "",
) -> None:
    """Cancel a locked loan (T25): a payout not yet approved and an unsigned agreement end with it.

    Raises: InvalidTransition: money is on its way, or the loan has ended.
    """
    move = loan.move(Command.CANCEL, by, reasons=reasons, remark=remark)
    coupons.release(uow, loan, by.at)
    for payout in uow.payouts.of_loan(loan.id):
        if payout.stage is PayoutStage.PREPARED:
            payout.go(PayoutStage.FAILED, Why.WITHDRAWN)
            uow.payouts.save(payout)
    agreement = uow.agreements.of_loan(loan.id)
    if agreement is not None and agreement.status is not AgreementStatus.SIGNED:
        agreement.status = AgreementStatus.FAILED
        uow.agreements.save(agreement)
    uow.loans.save(loan, move)
    tell_of_move(uow, entropy, by, loan)
    trail(uow, entropy, by, "loan.cancel", loan, reasons=list(reasons))


def trail(
    uow: UnitOfWork, entropy: Entropy, by: By, action: str, loan: Loan, **facts: object
) -> None:
    """Record who did what to a loan; `facts` are ids, codes and amounts only."""
    uow.desk.audit([told(entropy, by, action, loan, **facts)])


def told(entropy: Entropy, by: By, action: str, loan: Loan, **facts: object) -> AuditEvent:
    """Return what `trail` records, for those who record many things at once."""
    return AuditEvent(
        id=entropy.uuid(),
        brand_id=loan.brand_id,
        at=by.at,
        actor=by.actor.value,
        actor_id=by.actor_id,
        action=action,
        entity="loan",
        entity_id=UUID(str(loan.id)),
        facts=dict(facts),
    )


def _executive(uow: UnitOfWork, staff: Staff, days_off: frozenset[date]) -> Executive:
    works_here = Role.CREDIT_EXECUTIVE in staff.roles
    return Executive(
        id=staff.id,
        active=staff.active,
        pools=frozenset({Pool.ORIGINATION}) if works_here else frozenset(),
        open=uow.loans.open_count(staff.id),
        capacity=staff.capacity,
        rating=staff.rating,
        last_allocated_at=staff.last_allocated_at,
        unavailable=days_off,
    )


def _customer(uow: UnitOfWork, caller: CustomerCaller, *, lock: bool = False) -> Customer:
    """Return the caller; locked, so that nobody forgets them meanwhile. Raises: NotFound."""
    find = uow.customers.lock if lock else uow.customers.get
    found = find(caller.customer_id)
    if found is None:
        raise NotFound("no such customer")
    return found
