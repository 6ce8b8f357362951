"""Maker and checker: one mechanism for everything that needs a second person.

What an approval carries out is a table by entity; each carries it out in the approval's own
transaction, so that one decision has one effect. Source: operations §5.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, Protocol

import attrs

from los_core.domain.approval import Approval
from los_core.domain.errors import NotFound
from los_core.domain.ids import ApprovalId, BrandId, PaymentId
from los_core.domain.loan import By
from los_core.domain.servicing import Receipt
from los_core.domain.work import Run
from los_core.ports.clock import Clock
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services import disbursals as payouts
from los_core.services import erasures, records, rulings
from los_core.services import repayments as payments
from los_core.services.callers import StaffCaller, system
from los_core.services.disbursals import Disbursals
from los_core.services.erasures import Erasures
from los_core.services.record_approvals import RecordApprovals
from los_core.services.repayments import Repayments
from los_core.services.rulings import Rulings
from los_core.services.settlements import SETTLEMENT, WRITE_OFF, Settlements

RUN_OUT: Final = "approvals.run-out"
_CHUNK: Final = 200


class Asking(Protocol):
    """A service that asks for decisions, and what it does where the answer is not yes."""

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Undo what was prepared, in the transaction of the no."""
        ...

    def expired(self, uow: UnitOfWork, approval: Approval, by: By) -> None:
        """Undo it, or ask anew, in the transaction that closes what nobody decided in time."""
        ...


@attrs.frozen
class Effect:
    """What a yes does, and who asked for it."""

    approved: Callable[[UnitOfWork, Approval, StaffCaller], None]
    asked_by: Asking


@attrs.frozen(kw_only=True)
class Approvals:
    """Decides what others prepared."""

    begin: Begin
    clock: Clock
    disbursals: Disbursals
    rulings: Rulings
    repayments: Repayments
    settlements: Settlements
    settings: RecordApprovals
    erasures: Erasures

    def pending(self, caller: StaffCaller, *, limit: int = 100) -> Sequence[Approval]:
        """Return what awaits a second person, oldest first."""
        caller.need("approvals:read")
        with self.begin(caller.brand_id) as uow:
            return uow.approvals.pending(limit=limit)

    def approve(
        self,
        caller: StaffCaller,
        approval_id: ApprovalId,
        *,
        remark: str = "",
        once: Once | None = None,
    ) -> Approval:
        """Approve, and carry it out in the same transaction.

        Raises: NotFound; Forbidden: own work (G-4EYES) or no such permission; Conflict: decided or
            expired; whatever the effect refuses.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            approval = _found(uow, approval_id)
            approval.approve(caller.staff_id, self.clock.now(), remark)
            self._effects()[approval.entity].approved(uow, approval, caller)
            uow.approvals.save(approval)
            uow.answer(approval)
        return approval

    def reject(
        self,
        caller: StaffCaller,
        approval_id: ApprovalId,
        *,
        remark: str,
        once: Once | None = None,
    ) -> Approval:
        """Refuse, and undo what was prepared. Raises: as `approve`."""
        with self.begin(caller.brand_id, once=once) as uow:
            approval = _found(uow, approval_id)
            approval.reject(caller.staff_id, self.clock.now(), remark)
            asked_by = self._effects()[approval.entity].asked_by
            asked_by.refused(uow, approval, caller, remark)
            uow.approvals.save(approval)
            uow.answer(approval)
        return approval

    def approve_payment(
        self, caller: StaffCaller, payment_id: PaymentId, *, once: Once | None = None
    ) -> Approval:
        """Approve a payment entered by hand, found by its own id. Raises: as `approve`."""
        return self.approve(caller, self._of(caller, payment_id), once=once)

    def reject_payment(
        self,
        caller: StaffCaller,
        payment_id: PaymentId,
        *,
        remark: str,
        once: Once | None = None,
    ) -> Approval:
        """Refuse a payment entered by hand, found by its own id. Raises: as `approve`."""
        return self.reject(caller, self._of(caller, payment_id), remark=remark, once=once)

    def run_out(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """Close what nobody decided in time, undone or asked anew; return how many.

        Raises: LeaseLost: the scheduled `run` it belongs to was taken over.
        """
        closed = 0
        while True:
            with self.begin(brand_id) as uow:
                now = self.clock.now()
                # Oldest first, and every item lives as long: those whose time is over come first.
                page = uow.approvals.pending(limit=_CHUNK)
                over = [each.id for each in page if not each.is_open(now)]
            for approval_id in over:
                closed += self._close(brand_id, approval_id, run)
            if len(over) < _CHUNK:
                return closed

    def _close(self, brand_id: BrandId, approval_id: ApprovalId, run: Run | None) -> bool:
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            now = self.clock.now()
            approval = _found(uow, approval_id)
            if not approval.expire(now):
                return False
            self._effects()[approval.entity].asked_by.expired(uow, approval, system(now))
            uow.approvals.save(approval)
        return True

    def _of(self, caller: StaffCaller, payment_id: PaymentId) -> ApprovalId:
        with self.begin(caller.brand_id) as uow:
            receipt: Receipt | None = uow.receipts.get(payment_id)
        if receipt is None or receipt.approval_id is None:
            raise NotFound("no such payment")
        return receipt.approval_id

    def _effects(self) -> Mapping[str, Effect]:
        return {
            payouts.ENTITY: Effect(self.disbursals.approved, self.disbursals),
            rulings.ENTITY: Effect(self.rulings.approved, self.rulings),
            payments.ENTITY: Effect(self.repayments.approved, self.repayments),
            SETTLEMENT: Effect(self.settlements.settlement_approved, self.settlements),
            erasures.ENTITY: Effect(self.erasures.approved, self.erasures),
            WRITE_OFF: Effect(self.settlements.write_off_approved, self.settlements),
            records.ENTITY: Effect(self.settings.approved, self.settings),
        }


def _found(uow: UnitOfWork, approval_id: ApprovalId) -> Approval:
    approval = uow.approvals.get(approval_id)
    if approval is None:
        raise NotFound("no such item")
    return approval
