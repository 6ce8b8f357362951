"""Paying a loan out, as far as people do it: prepared by one, approved by another.

How the order travels is in `transfers`, what two people may say of one in `rulings`.
Source: loan lifecycle T19–T21 and T24.
"""

from collections.abc import Sequence
from typing import Final

import attrs

from los_core.domain import guards
from los_core.domain.approval import EXPIRED, Approval
from los_core.domain.assessment import DecisionKind
from los_core.domain.bre import Verdict
from los_core.domain.customer import BankAccount
from los_core.domain.errors import GuardFailed, StaleVersion
from los_core.domain.ids import ApprovalId, LoanId, PayoutId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import By, Loan
from los_core.domain.payout import UNDER_WAY, Payout, PayoutStage, Why, fits
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services.applications import trail
from los_core.services.appraisal import Appraisal
from los_core.services.callers import StaffCaller
from los_core.services.jobs import SEND_PAYOUT, later
from los_core.services.offering import reached
from los_core.services.payout_outcomes import locked

ENTITY: Final = "payout"
MOST_ATTEMPTS: Final = 31
"""As many as a reference can tell apart."""
LISTED: Final = 200
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@attrs.frozen(kw_only=True)
class Disbursals:
    """Pays loans out."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    appraisal: Appraisal

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

    def undecided(self, caller: StaffCaller) -> Sequence[Payout]:
        """Return approved payouts whose end is not known yet, the oldest first."""
        caller.need("disbursals:read")
        with self.begin(caller.brand_id) as uow:
            return uow.payouts.undecided(limit=LISTED)

    def approved(self, uow: UnitOfWork, approval: Approval, caller: StaffCaller) -> None:
        """Carry out an approval in its transaction (T21): check again, and have it sent.

        Raises: Forbidden; GuardFailed: a guard no longer holds.
        """
        caller.need("disbursals:approve")
        payout, loan = locked(uow, PayoutId(approval.entity_id))
        loan.ensure(Command.APPROVE_PAYOUT)
        account = self._guards(uow, loan)
        if account.id != payout.account_id:
            raise GuardFailed("the bank account was changed since", code="G-PENNY")
        by = caller.by(self.clock.now())
        payout.checker = caller.staff_id
        payout.approved_at = self.clock.business_now()
        payout.go(PayoutStage.INTENT)
        uow.payouts.save(payout)
        uow.loans.save(loan, loan.move(Command.APPROVE_PAYOUT, by))
        later(
            uow,
            SEND_PAYOUT,
            f"{payout.id}|{payout.version}",
            clock=self.clock,
            entropy=self.entropy,
            payload={"payout_id": payout.id, "round": 0},
        )
        trail(uow, self.entropy, by, "payout.approve", loan, amount=payout.amount)

    def refused(
        self, uow: UnitOfWork, approval: Approval, caller: StaffCaller, remark: str
    ) -> None:
        """Return a payout to its maker in the approval's transaction (T20)."""
        caller.need("disbursals:approve")
        payout, loan = locked(uow, PayoutId(approval.entity_id))
        payout.go(PayoutStage.FAILED, Why.CHECKER_REFUSED)
        uow.payouts.save(payout)
        by = caller.by(self.clock.now())
        move = loan.move(Command.RETURN_PAYOUT, by, reasons=["RETURNED"], remark=remark)
        uow.loans.save(loan, move)
        trail(uow, self.entropy, by, "payout.return", loan)

    def expired(self, uow: UnitOfWork, approval: Approval, by: By) -> None:
        """Return a payout that nobody checked to its maker, so that it can be prepared anew (T20).

        One that was withdrawn meanwhile has ended already.
        """
        payout, loan = locked(uow, PayoutId(approval.entity_id))
        if payout.stage is PayoutStage.PREPARED:
            payout.go(PayoutStage.FAILED, Why.NOBODY_CHECKED)
            uow.payouts.save(payout)
            uow.loans.save(loan, loan.move(Command.RETURN_PAYOUT, by, reasons=[EXPIRED]))
            trail(uow, self.entropy, by, "payout.expire", loan, attempt=payout.attempt)

    def _guards(self, uow: UnitOfWork, loan: Loan) -> BankAccount:
        """Return the account to pay into. Raises: GuardFailed: the first guard that is not met."""
        customer = uow.customers.get(loan.customer_id)
        assert customer is not None, "a loan's customer is on file"
        settings = uow.lender.settings()
        now = self.clock.business_now()
        account = customer.primary_account
        decision = uow.assessments.decision(loan.id, DecisionKind.BRE)
        passed = decision is not None and decision.verdict != Verdict.REJECT.value
        attempts = uow.payouts.of_loan(loan.id)
        guards.require(
            guards.one_attempt(sum(_stands_against_another(known) for known in attempts)),
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
        assert loan.terms is not None, "a loan with a signed agreement has terms"
        if not fits(loan.terms, self.clock.business_date() + UNDER_WAY):
            raise GuardFailed("too late for the agreed terms: make a new offer", code="G-KFS")
        return account

    def _payout(
        self, uow: UnitOfWork, loan: Loan, account: BankAccount, caller: StaffCaller
    ) -> Payout:
        assert loan.net_disbursal is not None, "a loan with a signed agreement is priced"
        attempts = uow.payouts.of_loan(loan.id)
        number = len(attempts) + 1
        if number > MOST_ATTEMPTS:
            raise GuardFailed("too many attempts: begin another application", code="G-IDEMP")
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


def _stands_against_another(payout: Payout) -> bool:
    """Whether an attempt bars another: money moves on it, or moved although it counts as failed."""
    prepared = payout.stage is PayoutStage.PREPARED
    return (payout.live and not prepared) or payout.why == Why.PAID_AFTER_FAILURE


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
