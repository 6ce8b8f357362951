"""Talking to banks about payouts: an order is sent once, and asked about until it has an end.

The intent is committed before a bank is called; an answer that cannot be trusted makes the payout
UNKNOWN, and it is asked about, never sent again and never through another bank. After the end the
bank is asked for some days whether a credit came back, or a failure was none. What a word means for
the loan is in `payout_outcomes`. Source: reliability design §6.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.errors import Conflict, NotFound
from los_core.domain.ids import BrandId, PayoutId
from los_core.domain.loan import Loan
from los_core.domain.payout import (
    ASKED_ABOUT,
    LONGEST_WATCH,
    SEND_FOR,
    Patience,
    Payout,
    PayoutStage,
    Why,
    is_forgotten,
)
from los_core.domain.work import Job, Run
from los_core.ports.clock import Clock
from los_core.ports.directory import PAYOUT, Chosen, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable, Unknown
from los_core.ports.payout import PayoutBank, PayoutOrder, PayoutReport, PayoutState
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.callers import system
from los_core.services.jobs import LOOK_AT_PAYOUT, SEND_PAYOUT, later
from los_core.services.payout_outcomes import PayoutOutcomes, locked

PAYOUT_WATCH: Final = "payout_watch"
PAYOUT_RESCUE: Final = "payout_rescue"
"""Names of the nightly and of the hourly task."""
CHUNK: Final = 500


@attrs.frozen(kw_only=True)
class Transfers:
    """Sends orders to banks and asks about them."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    directory: Directory
    outcomes: PayoutOutcomes

    def send(self, job: Job) -> None:
        """Order an approved transfer, once; while no bank takes it, it is tried again later.

        An attempt that follows a failed one goes out only if the bank still knows of no payment.
        """
        seen = self._read(job)
        patience = self._patience(seen.brand_id, seen.provider)
        with self.begin(job.brand_id) as uow:
            payout, loan = locked(uow, seen.id)
            if not self._is_to_send(uow, loan, payout, patience):
                return
            earlier = [known for known in uow.payouts.of_loan(loan.id) if _may_be_paid(known)]
        try:
            paid = self._paid_before(earlier)
            if paid is None:
                self._send(payout)
            else:
                self._drop(payout, *paid)
        except Unavailable as err:
            self._put_off(payout, err, patience, tried=int(job.payload["round"]))

    def inquire(self, job: Job) -> None:
        """Ask the bank about an open order by our reference, and act on what it says.

        A bank that cannot be asked has said nothing: in its time the order comes before people.
        """
        payout = self._read(job)
        if payout.stage in ASKED_ABOUT and payout.inquiries <= int(job.payload["round"]):
            self._ask(payout)

    def look(self, job: Job) -> None:
        """Ask about an attempt that has ended, or that people have to decide.

        Raises: Unavailable: the bank cannot be asked; the next morning it is asked again too.
        """
        payout = self._read(job)
        if payout.awaits_word:
            self._ask(payout)
        elif payout.stage in (PayoutStage.SUCCESS, PayoutStage.FAILED):
            self._look_back(payout)

    def watch(self, brand_id: BrandId, on: date, *, run: Run | None = None) -> int:
        """Have banks asked, the morning after a business date, about what has ended.

        Returns how many attempts that were. Raises: LeaseLost: the scheduled `run` was taken over.
        """
        morning, now = on + timedelta(days=1), self.clock.business_now()
        with self.begin(brand_id) as uow:
            ended = uow.payouts.watched(since=now - LONGEST_WATCH)
        patience = {name: self._patience(brand_id, name) for name in {p.provider for p in ended}}
        due = [p for p in ended if p.is_watched_on(morning, patience[p.provider])]
        for start in range(0, len(due), CHUNK):
            with self.begin(brand_id) as uow:
                if run is not None:
                    uow.desk.hold(run)
                for payout in due[start : start + CHUNK]:
                    self._later(uow, LOOK_AT_PAYOUT, payout, str(morning))
        return len(due)

    def rescue(self, brand_id: BrandId, *, run: Run | None = None) -> int:
        """Give undecided attempts whose next step was lost another one; return how many.

        Raises: LeaseLost: the scheduled `run` was taken over.
        """
        now = self.clock.business_now()
        with self.begin(brand_id) as uow:
            if run is not None:
                uow.desk.hold(run)
            lost = [p for p in uow.payouts.undecided(limit=CHUNK) if is_forgotten(p, now)]
            for payout in lost:
                unsent = payout.stage in (PayoutStage.INTENT, PayoutStage.SENDING)
                kind = SEND_PAYOUT if unsent else LOOK_AT_PAYOUT
                self._later(uow, kind, payout, f"{now:%Y-%m-%dT%H}")
        return len(lost)

    def _is_to_send(self, uow: UnitOfWork, loan: Loan, payout: Payout, patience: Patience) -> bool:
        """Whether an attempt may go out now; one that cannot is ended, or asked about."""
        if payout.stage is PayoutStage.SENDING:
            # An earlier run died between the order and its answer.
            self.outcomes.doubt(uow, loan, payout, patience, why=Why.INTERRUPTED)
            return False
        if payout.stage is not PayoutStage.INTENT:
            return False
        assert payout.approved_at is not None, "what is to be sent was approved"
        if self.clock.business_now() - payout.approved_at > SEND_FOR:
            by = system(self.clock.now())
            self.outcomes.fail(uow, loan, payout, by, why=Why.NEVER_SENT)
            return False
        return True

    def _paid_before(self, earlier: Sequence[Payout]) -> tuple[Payout, PayoutReport] | None:
        """Return a failed attempt that the bank has carried out after all, None if there is none.

        Raises: Unavailable: a bank cannot be asked, or is at work on one.
        """
        for known in earlier:
            report = self._inquire(known)
            if report.state is PayoutState.PENDING:
                raise Unavailable("an earlier attempt is at work", provider=known.provider)
            if report.state is PayoutState.SUCCESS:
                return known, report
        return None

    def _send(self, intended: Payout) -> None:
        """Commit that the order goes out, send it, and act on the answer. Raises: Unavailable."""
        found = self.directory.find(intended.brand_id, PAYOUT)
        if not found:
            raise Unavailable("no bank for payouts is set up", misconfigured=True)
        vendor = found[0]
        with self.begin(intended.brand_id) as uow:
            payout, loan = locked(uow, intended.id)
            if payout.stage is not PayoutStage.INTENT:
                return
            payout.go(PayoutStage.SENDING)
            payout.provider, payout.provider_account = vendor.name, vendor.account
            payout.sent_at = self.clock.business_now()
            uow.payouts.save(payout)
            order = _order(uow, loan, payout)
        try:
            report = vendor.adapter.send(order)
        except Unknown as doubt:
            self._doubt(payout, vendor, doubt.code)
            return
        except Rejected as refusal:
            report = PayoutReport(state=PayoutState.FAILED, raw_code=refusal.code)
        self._settle(payout, report, vendor.adapter.patience)

    def _doubt(self, sent: Payout, vendor: Chosen[PayoutBank], code: str) -> None:
        with self.begin(sent.brand_id) as uow:
            payout, loan = locked(uow, sent.id)
            if payout.stage is PayoutStage.SENDING:
                payout.raw_code = code
                patience = vendor.adapter.patience
                self.outcomes.doubt(uow, loan, payout, patience, why=Why.NO_ANSWER)

    def _put_off(
        self, intended: Payout, err: Unavailable, patience: Patience, *, tried: int
    ) -> None:
        """Plan another try of an order that reached no bank, or may not go out yet."""
        with self.begin(intended.brand_id) as uow:
            payout, loan = locked(uow, intended.id)
            if payout.stage not in (PayoutStage.INTENT, PayoutStage.SENDING):
                return
            wait = max(patience.wait(tried), timedelta(seconds=err.retry_after_s or 0))
            payout.raw_code = err.code
            self.outcomes.put_off(uow, loan, payout, wait=wait, patience=patience)
            self._later(uow, SEND_PAYOUT, payout, str(payout.version), wait=wait, tried=tried + 1)

    def _drop(self, intended: Payout, earlier: Payout, report: PayoutReport) -> None:
        """End an attempt unsent, because an earlier one was paid after all."""
        with self.begin(intended.brand_id) as uow:
            payout, loan = locked(uow, intended.id)
            paid = uow.payouts.get(earlier.id)
            if payout.stage is not PayoutStage.INTENT or paid is None:
                return
            self.outcomes.paid_after_failure(uow, loan, paid, report)
            by = system(self.clock.now())
            self.outcomes.fail(uow, loan, payout, by, why=Why.EARLIER_ATTEMPT_PAID)

    def _ask(self, payout: Payout) -> None:
        patience = self._patience(payout.brand_id, payout.provider)
        try:
            report = self._inquire(payout)
        except Unavailable:
            report = None
        self._settle(payout, report, patience, asked=payout.inquiries)

    def _settle(
        self,
        seen: Payout,
        report: PayoutReport | None,
        patience: Patience,
        *,
        asked: int | None = None,
    ) -> None:
        """Commit what a bank says of an order; `asked`: how often it had been asked before."""
        with self.begin(seen.brand_id) as uow:
            payout, loan = locked(uow, seen.id)
            if not payout.awaits_word or asked not in (None, payout.inquiries):
                return
            if asked is not None:
                payout.inquiries = asked + 1
            self.outcomes.heard(uow, loan, payout, report, patience)

    def _look_back(self, ended: Payout) -> None:
        """Act on what the bank says of an ended attempt, if it is another word than its last."""
        report = self._inquire(ended)
        with self.begin(ended.brand_id) as uow:
            payout, loan = locked(uow, ended.id)
            if payout.stage is not ended.stage:
                return
            failed = report.state is PayoutState.FAILED
            if payout.stage is PayoutStage.SUCCESS and failed:
                self._returned(uow, loan, payout, report)
            elif payout.why == Why.PAID_AFTER_FAILURE and failed:
                payout.why, payout.raw_code = Why.SENT_BACK, report.raw_code
                uow.payouts.save(payout)
            elif (
                payout.stage is PayoutStage.FAILED
                and report.state is PayoutState.SUCCESS
                and payout.why not in (Why.PAID_AFTER_FAILURE, Why.RULED_RETURNED)
            ):
                self.outcomes.paid_after_failure(uow, loan, payout, report)

    def _returned(self, uow: UnitOfWork, loan: Loan, payout: Payout, report: PayoutReport) -> None:
        payout.raw_code = report.raw_code or payout.raw_code
        by = system(self.clock.now())
        try:
            self.outcomes.give_back(uow, loan, payout, by, why=Why.SENT_BACK)
        except Conflict as clash:
            if clash.code != "RETURN_TOO_LATE":
                raise
            self.outcomes.returned_too_late(uow, loan, payout)

    def _inquire(self, payout: Payout) -> PayoutReport:
        """Ask a payout's bank. Raises: Unavailable: it cannot be asked, or is no more."""
        vendor = self.directory.named(payout.brand_id, PAYOUT, payout.provider)
        if vendor is None:
            raise Unavailable("the payout's bank is gone", provider=payout.provider)
        return vendor.adapter.inquire(
            payout.reference, sent_on=payout.sent_on, bank_reference=payout.bank_reference
        )

    def _patience(self, brand_id: BrandId, provider: str) -> Patience:
        """Return a bank's patience, the usual one where the bank cannot be reached for it."""
        try:
            vendor = self.directory.named(brand_id, PAYOUT, provider)
        except Unavailable:
            vendor = None
        return Patience() if vendor is None else vendor.adapter.patience

    def _read(self, job: Job) -> Payout:
        with self.begin(job.brand_id) as uow:
            payout = uow.payouts.get(PayoutId(UUID(job.payload["payout_id"])))
        if payout is None:
            raise NotFound("no such payout")
        return payout

    def _later(
        self,
        uow: UnitOfWork,
        kind: str,
        payout: Payout,
        name: str,
        *,
        wait: timedelta = timedelta(0),
        tried: int = 0,
    ) -> None:
        later(
            uow,
            kind,
            f"{payout.id}|{name}",
            clock=self.clock,
            entropy=self.entropy,
            delay=wait,
            payload={"payout_id": payout.id, "round": tried},
        )


def _may_be_paid(payout: Payout) -> bool:
    """Whether a bank may yet say of an ended attempt that it was carried out."""
    return payout.stage is PayoutStage.FAILED and payout.sent_at is not None


def _order(uow: UnitOfWork, loan: Loan, payout: Payout) -> PayoutOrder:
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
