"""What two people say of a payout where the bank does not: paid, failed, or returned.

One asks with what proves it, another approves; the effect is the same as of the bank's own word. A
failure is ruled only once the bank was asked to the end, so that no order of ours is still under
way. Source: loan lifecycle T22, T23 and T40 by hand, guards G-4EYES and G-UTR.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import attrs

from los_core.domain.approval import Approval
from los_core.domain.errors import Conflict, Invalid, NotFound
from los_core.domain.ids import ApprovalId, LoanId, PayoutId
from los_core.domain.loan import By
from los_core.domain.payout import RULED_FROM, Payout, PayoutStage, Ruling, Why
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.payout import PayoutReport, PayoutState
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services.applications import trail
from los_core.services.callers import StaffCaller
from los_core.services.jobs import LOOK_AT_PAYOUT, later
from los_core.services.payout_outcomes import PayoutOutcomes, locked

ENTITY: Final = "payout_ruling"


@attrs.frozen(kw_only=True)
class Rulings:
    """Takes and carries out what people say of payouts."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    outcomes: PayoutOutcomes

    def ask(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        payout_id: PayoutId,
        *,
        ruling: Ruling,
        remark: str,
        utr: str = "",
        credited_on: date | None = None,
        once: Once | None = None,
    ) -> Approval:
        """Ask a second person to agree what became of a payout; the bank is asked once more too.

        Raises: NotFound; Conflict: the payout does not await such a word (PAYOUT_STAGE); Invalid:
            no remark, or PAID without the bank's reference and a possible date of credit.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.reach("disbursals:prepare", uow.loans.lock(loan_id))
            payout = uow.payouts.get(payout_id)
            if payout is None or payout.loan_id != loan.id:
                raise NotFound("no such payout")
            _stands(payout, ruling)
            self._sound(payout, ruling, remark=remark, utr=utr, credited_on=credited_on)
            approval = Approval.ask(
                id=ApprovalId(self.entropy.uuid()),
                brand_id=caller.brand_id,
                entity=ENTITY,
                entity_id=payout.id,
                action=ruling.value.lower(),
                payload={
                    "loan_id": str(loan.id),
                    "amount": payout.amount,
                    "attempt": payout.attempt,
                    "utr": utr,
                    "credited_on": credited_on.isoformat() if credited_on else "",
                    "remark": remark,
                },
                maker=caller.staff_id,
                at=self.clock.now(),
            )
            uow.approvals.add(approval)
            later(
                uow,
                LOOK_AT_PAYOUT,
                f"{payout.id}|{approval.id}",
                clock=self.clock,
                entropy=self.entropy,
                payload={"payout_id": payout.id, "round": 0},
            )
            by = caller.by(self.clock.now())
            trail(uow, self.entropy, by, "payout.ruling", loan, ruling=ruling.value)
            uow.answer(approval)
        return approval

    def approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Carry a ruling out in the transaction of its approval.

        Raises: Forbidden; Conflict: the bank, or others, were quicker (PAYOUT_STAGE), the UTR is
            on file (UTR_ON_FILE), or the loan has moved on (RETURN_TOO_LATE).
        """
        caller.need("disbursals:approve")
        payout, loan = locked(uow, PayoutId(approval.entity_id))
        ruling = Ruling(approval.action.upper())
        _stands(payout, ruling)
        by = caller.by(self.clock.now())
        if ruling is Ruling.PAID:
            report = _as_report(payout, approval.payload)
            self.outcomes.confirm(uow, loan, payout, report, by, why=Why.RULED_PAID)
        elif ruling is Ruling.FAILED:
            self.outcomes.fail(uow, loan, payout, by, why=Why.RULED_FAILED)
        elif payout.stage is PayoutStage.FAILED:
            payout.why = Why.RULED_RETURNED
            uow.payouts.save(payout)
        else:
            self.outcomes.give_back(uow, loan, payout, by, why=Why.RULED_RETURNED)

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Drop a ruling in the transaction of its approval; the payout stands as it stood."""
        caller.need("disbursals:approve")
        _, loan = locked(uow, PayoutId(approval.entity_id))
        by = caller.by(self.clock.now())
        trail(uow, self.entropy, by, "payout.ruling_refused", loan, remark=bool(remark))

    def expired(self, uow: UnitOfWork, approval: Approval, by: By) -> None:
        """Note that nobody agreed to a ruling in time; the payout stands as it stood."""
        _, loan = locked(uow, PayoutId(approval.entity_id))
        trail(uow, self.entropy, by, "payout.ruling_expired", loan)

    def _sound(
        self, payout: Payout, ruling: Ruling, *, remark: str, utr: str, credited_on: date | None
    ) -> None:
        fields: list[tuple[str, str]] = []
        if not remark.strip():
            fields.append(("remark", "say what proves it"))
        if ruling is Ruling.PAID:
            if not utr:
                fields.append(("utr", "is needed for a payment"))
            today = self.clock.business_date()
            if credited_on is None or not payout.sent_on <= credited_on <= today:
                fields.append(("creditedOn", f"must lie in {payout.sent_on} to {today}"))
        elif utr or credited_on:
            fields.append(("utr", "belongs to a payment only"))
        if fields:
            raise Invalid("this ruling cannot be asked for", fields=fields)


def _stands(payout: Payout, ruling: Ruling) -> None:
    """Raises: Conflict: nobody has to say this of the payout as it stands."""
    recovered = ruling is Ruling.RETURNED and payout.why == Why.PAID_AFTER_FAILURE
    if payout.stage not in RULED_FROM[ruling] and not recovered:
        raise Conflict(
            f"a payout in {payout.stage} is not ruled {ruling.lower()}",
            code="PAYOUT_STAGE",
            details={"stage": payout.stage.value},
        )


def _as_report(payout: Payout, payload: Mapping[str, Any]) -> PayoutReport:
    """Return a ruling as the bank would have told it."""
    return PayoutReport(
        state=PayoutState.SUCCESS,
        bank_reference=payload["utr"],
        amount=payout.amount,
        credited_on=date.fromisoformat(payload["credited_on"]),
    )
