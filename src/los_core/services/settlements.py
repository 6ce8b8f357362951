"""Loans that end with less than was owed: compromise settlements and write-offs.

A collection manager proposes, others approve; what was agreed is the approval itself, whose
payload is complete. The money follows by facts, and the status follows the money (`bookkeeping`).
Source: loan lifecycle T32–T37, schedule maths §15, operations §5.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final
from uuid import UUID

import attrs

from los_core.domain.access import Role
from los_core.domain.approval import Approval, ApprovalStatus
from los_core.domain.arrears import dpd
from los_core.domain.authority import CHAINS, Item, Signature, missing_signatures
from los_core.domain.closing import dues_to_settle
from los_core.domain.documents import from_document, to_document
from los_core.domain.errors import Conflict, GuardFailed, NotFound
from los_core.domain.facts import Reversed, SettlementAgreed, WrittenOff
from los_core.domain.ids import ApprovalId, BrandId, LoanId, StaffId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import By, Loan
from los_core.domain.money import Paise
from los_core.domain.rupees import format_rupees
from los_core.domain.settlement import (
    Decider,
    Dues,
    Limits,
    Payment,
    Proposal,
    Standing,
    faults,
    standing,
)
from los_core.domain.state import State
from los_core.domain.work import Run
from los_core.domain.writeoff import Kind as WriteOffKind
from los_core.domain.writeoff import faults as write_off_faults
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, Platform, UnitOfWork
from los_core.services.applications import trail
from los_core.services.bookkeeping import Bookkeeping, fact_id
from los_core.services.callers import StaffCaller, system
from los_core.services.messaging import Messaging
from los_core.services.settings_checks import check_reasons
from los_core.services.underwriting import fresh

SETTLEMENT: Final = "settlement"
WRITE_OFF: Final = "writeoff"
SOURCE: Final = "los"


@attrs.frozen(kw_only=True)
class Settlements:
    """Proposes, agrees on and watches over settlements; writes loans off."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    platform: Platform
    books: Bookkeeping
    messaging: Messaging
    limits: Limits = attrs.field(factory=Limits)

    def propose(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        payments: Sequence[Payment],
        reasons: Sequence[str],
        remark: str = "",
        once: Once | None = None,
    ) -> Approval:
        """Propose that all dues be settled by `payments`, the first today or later.

        Raises: NotFound; StaleVersion; InvalidTransition: neither running nor written off;
            Conflict: another item of the kind awaits a decision; GuardFailed: G-SETTLE, with what
            stands against it; Invalid: dates that do not rise, more than is owed.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("settlements:write", uow.loans.lock(loan_id)), version)
            if loan.status is not Status.WRITTEN_OFF:
                loan.ensure(Command.APPROVE_SETTLEMENT)
            check_reasons(uow, Status.SETTLED, reasons)
            today = self.clock.business_date()
            proposal = Proposal(
                dues=self._dues(uow, loan, today), payments=tuple(payments), agreed_on=today
            )
            # Who may approve it is for the approver's turn; the rest stands against it now.
            self._ensure_sound(uow, loan, proposal, approver=None)
            payload = {
                "loan_id": str(loan.id),
                "proposal": to_document(proposal),
                "waiver_pct": str(proposal.waiver_pct),
                "restructuring": proposal.is_restructuring,
                "reasons": list(reasons),
                "remark": remark,
            }
            approval = self._ask(uow, caller, SETTLEMENT, loan, payload)
            trail(
                uow,
                self.entropy,
                caller.by(self.clock.now()),
                "settlement.propose",
                loan,
                amount=proposal.amount,
                waiver=proposal.waiver.total,
                reasons=list(reasons),
            )
            uow.answer(approval)
        return approval

    def settlement_approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Agree on a settlement (T32), in the transaction of its approval.

        Raises: Forbidden; GuardFailed: G-SETTLE, as of today: what is owed and how long overdue may
            have changed since it was proposed, the money agreed on has not.
        """
        caller.need("settlements:approve")
        loan, today = self._loan(uow, approval), self.clock.business_date()
        asked = _proposal(approval)
        proposal = attrs.evolve(asked, dues=self._dues(uow, loan, today), agreed_on=today)
        approver = Decider(staff_id=caller.staff_id, roles=caller.roles)
        self._ensure_sound(uow, loan, proposal, approver=approver)
        by, moves = caller.by(self.clock.now()), []
        if loan.status is Status.DISBURSED:
            reasons = approval.payload["reasons"]
            moves.append(loan.move(Command.APPROVE_SETTLEMENT, by, reasons=reasons))
        agreed = SettlementAgreed(
            fact_id=fact_id(loan, SOURCE, _name(approval)),
            value_date=today,
            source=SOURCE,
            reference=_name(approval),
            offer=proposal.amount + _received(self.books.state(uow, loan, on=today), today),
            pay_by=proposal.last_on,
        )
        _, following = self.books.record(uow, loan, [agreed], by)
        uow.loans.save(loan, *moves, *following)
        self.messaging.notify(
            uow,
            loan,
            "SETTLEMENT_AGREED",
            about=str(approval.id),
            settlement_paise=proposal.amount,
            pay_by_on=proposal.last_on.isoformat(),
            payments="; ".join(
                f"{format_rupees(each.amount)} by {each.on:%d %b %Y}" for each in proposal.payments
            ),
        )
        trail(uow, self.entropy, by, "settlement.agree", loan, amount=proposal.amount)

    def write_off(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        kind: WriteOffKind,
        reasons: Sequence[str],
        remark: str = "",
        once: Once | None = None,
    ) -> Approval:
        """Propose that a loan leave the books; an administrator and accounts both have to sign.

        Raises: NotFound; StaleVersion; InvalidTransition; Conflict: another item of the kind
            awaits a decision; GuardFailed: G-WO, with what stands against it.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("writeoffs:write", uow.loans.lock(loan_id)), version)
            loan.ensure(Command.WRITE_OFF)
            check_reasons(uow, Status.WRITTEN_OFF, reasons)
            self._ensure_hopeless(uow, loan, maker=caller.staff_id, signed=None)
            payload = {
                "loan_id": str(loan.id),
                "kind": kind.value,
                "reasons": list(reasons),
                "remark": remark,
                "signed": [],
            }
            approval = self._ask(uow, caller, WRITE_OFF, loan, payload)
            by = caller.by(self.clock.now())
            trail(uow, self.entropy, by, "writeoff.propose", loan, kind=kind.value)
            uow.answer(approval)
        return approval

    def write_off_approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Sign a write-off, in the transaction of the approval; the last signature books it (T35).

        Raises: Forbidden; GuardFailed: G-WO, as of today, or a signature that is not needed.
        """
        caller.need("writeoffs:approve")
        loan, by = self._loan(uow, approval), caller.by(self.clock.now())
        mine = Signature(staff_id=caller.staff_id, roles=caller.roles)
        signed = (*_signatures(approval), mine)
        chain = CHAINS[Item.WRITE_OFF]
        left = missing_signatures(chain, maker=approval.maker, signed=signed)
        if len(left) + len(signed) > len(chain.checkers):
            raise GuardFailed(
                "another role has to sign this write-off",
                code="G-WO",
                details={"missing": [sorted(roles) for roles in left]},
            )
        if left:
            written = [[str(one.staff_id), sorted(one.roles)] for one in signed]
            self._pass_on(uow, approval, {**approval.payload, "signed": written}, signed)
            trail(uow, self.entropy, by, "writeoff.sign", loan)
            return
        self._ensure_hopeless(uow, loan, maker=approval.maker, signed=signed)
        move = loan.move(Command.WRITE_OFF, by, reasons=approval.payload["reasons"])
        fact = WrittenOff(
            fact_id=fact_id(loan, SOURCE, _name(approval)),
            value_date=self.clock.business_date(),
            source=SOURCE,
            reference=_name(approval),
            how=WriteOffKind(approval.payload["kind"]),
        )
        state, following = self.books.record(uow, loan, [fact], by)
        loan.closed_on = state.closed_on
        uow.loans.save(loan, move, *following)
        trail(uow, self.entropy, by, "writeoff.book", loan, kind=fact.how.value)

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Drop a proposal, in the transaction of the refusal."""
        caller.need(f"{_AREA[approval.entity]}:approve")
        loan, by = self._loan(uow, approval), caller.by(self.clock.now())
        trail(uow, self.entropy, by, f"{approval.entity}.refuse", loan, remarked=bool(remark))

    def expired(self, uow: UnitOfWork, approval: Approval, by: By) -> None:
        """Note that nobody decided on a proposal in time."""
        trail(uow, self.entropy, by, f"{approval.entity}.expire", self._loan(uow, approval))

    def watch(self, brand_id: BrandId, on: date, *, run: Run | None = None) -> int:
        """Void settlements of which a payment was missed by the end of a day (T34).

        Return how many. What was paid stays paid; the dues revive less that. Raises: LeaseLost: the
        scheduled `run` it belongs to was taken over.
        """
        voided, after = 0, None
        while True:
            with self.begin(brand_id) as uow:
                page = uow.loans.page(
                    statuses=(Status.SETTLEMENT_IN_PROGRESS,), after=after, limit=_CHUNK
                )
            for loan in page:
                voided += self._void_if_missed(brand_id, loan.id, on, run)
            if len(page) < _CHUNK:
                return voided
            after = page[-1].id

    def _void_if_missed(
        self, brand_id: BrandId, loan_id: LoanId, on: date, run: Run | None
    ) -> bool:
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            loan = uow.loans.lock(loan_id)
            if loan is None or loan.status is not Status.SETTLEMENT_IN_PROGRESS:
                return False
            approval = _agreed(uow, loan)
            assert approval is not None, "a settlement in progress was approved"
            state = self.books.state(uow, loan, on=on)
            if not _is_missed(_proposal(approval), state, on):
                return False
            by, name = system(self.clock.now()), _name(approval)
            void = Reversed(
                fact_id=fact_id(loan, SOURCE, f"{name} void"),
                value_date=on,
                source=SOURCE,
                reference=f"{name} void",
                target_source=SOURCE,
                target_reference=name,
            )
            _, moves = self.books.record(uow, loan, [void], by)
            uow.loans.save(loan, *moves)
            self.messaging.notify(uow, loan, "SETTLEMENT_VOID", about=f"{loan.seq}")
            trail(uow, self.entropy, by, "settlement.void", loan, on=on.isoformat())
        return True

    def _dues(self, uow: UnitOfWork, loan: Loan, today: date) -> Dues:
        return dues_to_settle(self.books.state(uow, loan, on=today))

    def _ensure_sound(
        self, uow: UnitOfWork, loan: Loan, proposal: Proposal, *, approver: Decider | None
    ) -> None:
        sanctioner = self.platform.staff(loan.sanctioned_by) if loan.sanctioned_by else None
        found = faults(
            proposal,
            approver,
            dpd=self._dpd(uow, loan),
            sanctioned_by=loan.sanctioned_by,
            sanctioner_roles=sanctioner.roles if sanctioner else None,
            limits=self.limits,
        )
        if found:
            raise GuardFailed(
                "the settlement is not within the rules",
                code="G-SETTLE",
                details={"faults": [fault.value for fault in found]},
            )

    def _ensure_hopeless(
        self,
        uow: UnitOfWork,
        loan: Loan,
        *,
        maker: StaffId,
        signed: tuple[Signature, ...] | None,
    ) -> None:
        """Raise for what stands against a write-off; nobody has signed yet with `signed` None."""
        found = write_off_faults(
            self._dues(uow, loan, self.clock.business_date()),
            dpd=self._dpd(uow, loan),
            maker=maker,
            signed=signed,
        )
        if found:
            raise GuardFailed(
                "the write-off is not within the rules",
                code="G-WO",
                details={"faults": [fault.value for fault in found]},
            )

    def _dpd(self, uow: UnitOfWork, loan: Loan) -> int:
        """Return days past due; of a loan written off those at the write-off and since."""
        today = self.clock.business_date()
        state = self.books.state(uow, loan, on=today)
        if state.written_off is not None and state.closure is not None:
            state = state.closure.before
        return dpd(state.oldest_unpaid_due_on, today)

    def _ask(
        self,
        uow: UnitOfWork,
        caller: StaffCaller,
        entity: str,
        loan: Loan,
        payload: dict[str, Any],
    ) -> Approval:
        now = self.clock.now()
        if any(each.is_open(now) for each in uow.approvals.about(entity, UUID(str(loan.id)))):
            raise Conflict("one awaits a decision already", code="APPROVAL_PENDING")
        barred = [staff for staff in (loan.sanctioned_by,) if staff and entity == SETTLEMENT]
        approval = Approval.ask(
            id=ApprovalId(self.entropy.uuid()),
            brand_id=loan.brand_id,
            entity=entity,
            entity_id=UUID(str(loan.id)),
            action="approve",
            payload=payload,
            maker=caller.staff_id,
            at=now,
            barred=barred,
        )
        uow.approvals.add(approval)
        return approval

    def _pass_on(
        self,
        uow: UnitOfWork,
        approval: Approval,
        payload: dict[str, Any],
        signed: Sequence[Signature],
    ) -> None:
        """Ask for the next signature; who signed before cannot give it."""
        uow.approvals.add(
            Approval.ask(
                id=ApprovalId(self.entropy.uuid()),
                brand_id=approval.brand_id,
                entity=approval.entity,
                entity_id=approval.entity_id,
                action=approval.action,
                payload=payload,
                maker=approval.maker,
                at=self.clock.now(),
                barred=[one.staff_id for one in signed],
            )
        )

    def _loan(self, uow: UnitOfWork, approval: Approval) -> Loan:
        loan = uow.loans.lock(LoanId(approval.entity_id))
        if loan is None:
            raise NotFound("no such loan")
        return loan


_CHUNK: Final = 200
_AREA: Final = {SETTLEMENT: "settlements", WRITE_OFF: "writeoffs"}


def _name(approval: Approval) -> str:
    return f"{approval.entity} {approval.id}"


def _proposal(approval: Approval) -> Proposal:
    found: Proposal = from_document(Proposal, approval.payload["proposal"])
    return found


def _signatures(approval: Approval) -> tuple[Signature, ...]:
    return tuple(
        Signature(staff_id=StaffId(UUID(staff_id)), roles=frozenset(map(Role, roles)))
        for staff_id, roles in approval.payload["signed"]
    )


def _agreed(uow: UnitOfWork, loan: Loan) -> Approval | None:
    """Return the settlement of a loan last agreed on."""
    found = uow.approvals.about(SETTLEMENT, UUID(str(loan.id)))
    return next((each for each in reversed(found) if each.status is ApprovalStatus.APPROVED), None)


def _received(state: State, on: date) -> Paise:
    """Return what came in on a day. Of the day of the agreement it is no payment of it."""
    return sum(one.kept for one in state.receipts if one.value_date == on)


def _is_missed(proposal: Proposal, state: State, on: date) -> bool:
    agreed = state.settlement
    if agreed is None:
        return True
    money = [
        (one.value_date, one.kept) for one in state.receipts if one.value_date >= agreed.value_date
    ]
    money.append((agreed.value_date, proposal.amount - agreed.offer))
    return standing(proposal, money, on) is Standing.MISSED
