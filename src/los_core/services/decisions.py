"""The machine's part of a decision: bureau report, hard rules, weighted evaluation.

Runs as a job, in steps that each commit: a run that died is taken up where it stopped. What both
engines decide is kept whole, to be explained and replayed. Source: loan lifecycle T03–T07.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

import attrs

from los_core.domain.applicant import Report
from los_core.domain.assessment import DecisionKind, DecisionOnFile, ReportKind, ReportOnFile
from los_core.domain.bre import Decision, RuleSet, Verdict, run
from los_core.domain.customer import Customer
from los_core.domain.errors import NotFound
from los_core.domain.evaluation import Evaluation, Grading, evaluate
from los_core.domain.ids import LoanId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import Loan, Move
from los_core.domain.work import Job
from los_core.ports.bureau import Inquiry, Pulled
from los_core.ports.clock import Clock
from los_core.ports.directory import BUREAU, Directory
from los_core.ports.entropy import Entropy
from los_core.ports.errors import Rejected, Unavailable
from los_core.ports.work import Begin, UnitOfWork
from los_core.services.applications import trail
from los_core.services.appraisal import Appraisal
from los_core.services.callers import StaffCaller, system
from los_core.services.messaging import Messaging
from los_core.services.notifying import tell_of_move

PULLS: Final = 3
NO_REPORT: Final = "R060_REPORT_UNAVAILABLE"


@attrs.frozen(kw_only=True)
class Decisions:
    """Runs the engines over applications."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    directory: Directory
    appraisal: Appraisal
    messaging: Messaging

    def decide(self, job: Job) -> None:
        """Decide one submitted application; done before means nothing to do.

        Raises: Unavailable: no bureau answers; the runner tries again, and the third time the
            application goes to a person without the report.
        """
        loan_id = LoanId(UUID(job.payload["loan_id"]))
        with self.begin(job.brand_id) as uow:
            loan = _loan(uow, loan_id)
            if loan.status is Status.SUBMITTED:
                by = system(self.clock.now())
                uow.loans.save(loan, loan.move(Command.START_BRE, by))
            elif loan.status is not Status.BRE_IN_PROGRESS:
                return
            customer = _customer(uow, loan)
            latest = uow.assessments.report(customer.id, ReportKind.BUREAU)
            validity = timedelta(days=uow.lender.settings().report_validity_days)
        if latest is None or latest.expires_at <= self.clock.business_now():
            self._pull(job, loan, customer, validity)
        with self.begin(job.brand_id) as uow:
            loan = _loan(uow, loan_id)
            if loan.status is Status.BRE_IN_PROGRESS:
                uow.loans.save(loan, *self._run(uow, loan, _customer(uow, loan)))
                tell_of_move(uow, self.entropy, system(self.clock.now()), loan)

    def explained(
        self, caller: StaffCaller, loan_id: LoanId
    ) -> tuple[Decision | None, Evaluation | None]:
        """Return the latest decision of each engine, None if it has not run. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            loan = caller.reach("loans:read", uow.loans.get(loan_id))
            return latest_bre(uow, loan), latest_evaluation(uow, loan)

    def _pull(self, job: Job, loan: Loan, customer: Customer, validity: timedelta) -> None:
        """Fetch a bureau report and keep it; after the last try, go on without."""
        try:
            provider, pulled = self._ask(loan, customer)
        except (Unavailable, Rejected) as err:
            if isinstance(err, Unavailable) and job.attempts < PULLS:
                raise
            return
        at = self.clock.business_now()
        with self.begin(job.brand_id) as uow:
            uow.assessments.add_report(
                ReportOnFile(
                    id=self.entropy.uuid(),
                    brand_id=job.brand_id,
                    customer_id=customer.id,
                    kind=ReportKind.BUREAU,
                    provider=provider,
                    reference=pulled.report.report_id,
                    fetched_at=at,
                    expires_at=at + validity,
                    purpose="credit decision",
                    document=dict(pulled.report.document()),
                    figures={},
                    raw=pulled.raw,
                )
            )

    def _ask(self, loan: Loan, customer: Customer) -> tuple[str, Pulled]:
        inquiry = _inquiry(loan, customer)
        last = Unavailable("no bureau is set up", misconfigured=True)
        for vendor in self.directory.find(loan.brand_id, BUREAU):
            try:
                return vendor.name, vendor.adapter.pull(inquiry)
            except Unavailable as err:
                last = err
        raise last

    def run_rules(self, uow: UnitOfWork, loan: Loan) -> Decision:
        """Run the hard rules over a loan's file as it is today, and keep what they decide."""
        return self._rules(uow, loan, _customer(uow, loan))

    def _rules(self, uow: UnitOfWork, loan: Loan, customer: Customer) -> Decision:
        today = self.clock.business_date()
        version, rules = uow.lender.rules()
        applicant = self.appraisal.gather(
            uow, loan, customer, at=self.clock.business_now(), on=today
        )
        # Without a report its rules are passed over, which sends the loan to a person.
        absent = () if _has_report(uow, customer, self.clock.business_now()) else (Report.BUREAU,)
        rule_set = RuleSet.compile(rules, version=version, on=today)
        decision = run(rule_set, applicant, bypassed=absent)
        self._keep(
            uow,
            loan,
            DecisionKind.BRE,
            verdict=decision.verdict.value,
            reasons=decision.reason_codes,
            document=decision.document(),
        )
        return decision

    def _run(self, uow: UnitOfWork, loan: Loan, customer: Customer) -> Sequence[Move]:
        """Run rules and, if none objects, the evaluation; return the loan's moves."""
        decision = self._rules(uow, loan, customer)
        by = system(self.clock.now())
        if decision.verdict is Verdict.REJECT:
            move = loan.move(Command.BRE_REJECT, by, reasons=decision.reason_codes)
            self._turn_down(uow, loan, decision.reason_codes)
            return [move]
        if decision.verdict is Verdict.REFER:
            reasons = decision.reason_codes or (NO_REPORT,)
            move = loan.move(Command.BRE_REFER, by, reasons=reasons)
            # People see the score as well, though it decides nothing here.
            self._evaluate(uow, loan, customer)
            trail(uow, self.entropy, by, "loan.refer", loan, reasons=list(reasons))
            return [move]
        cleared = loan.move(Command.BRE_CLEAR, by)
        evaluation = self._evaluate(uow, loan, customer)
        if evaluation.grading is Grading.AUTO_REJECT:
            move = loan.move(Command.EVALUATION_REJECT, by, reasons=evaluation.reason_codes)
            self._turn_down(uow, loan, evaluation.reason_codes)
            return [cleared, move]
        trail(uow, self.entropy, by, "loan.review", loan, verdict=evaluation.grading.value)
        return [cleared, loan.move(Command.EVALUATION_REFER, by)]

    def _evaluate(self, uow: UnitOfWork, loan: Loan, customer: Customer) -> Evaluation:
        applicant = self.appraisal.gather(
            uow, loan, customer, at=self.clock.business_now(), on=self.clock.business_date()
        )
        evaluation = evaluate(uow.lender.evaluation(), applicant)
        self._keep(
            uow,
            loan,
            DecisionKind.EVALUATION,
            verdict=evaluation.grading.value,
            reasons=evaluation.reason_codes,
            document=evaluation.document(),
        )
        return evaluation

    def _turn_down(self, uow: UnitOfWork, loan: Loan, reasons: Sequence[str]) -> None:
        days = uow.lender.settings().rejection_duration_days
        turn_down(uow, loan, reasons, clock=self.clock, days=days, messaging=self.messaging)
        by = system(self.clock.now())
        trail(uow, self.entropy, by, "loan.reject", loan, reasons=list(reasons))

    def _keep(
        self,
        uow: UnitOfWork,
        loan: Loan,
        kind: DecisionKind,
        *,
        verdict: str,
        reasons: Sequence[str],
        document: dict[str, object],
    ) -> None:
        uow.assessments.add_decision(
            DecisionOnFile(
                id=self.entropy.uuid(),
                brand_id=loan.brand_id,
                loan_id=loan.id,
                kind=kind,
                verdict=verdict,
                reasons=tuple(reasons),
                document=document,
                actor_id=None,
                at=self.clock.business_now(),
            )
        )


def turn_down(
    uow: UnitOfWork,
    loan: Loan,
    reasons: Sequence[str],
    *,
    clock: Clock,
    days: int,
    messaging: Messaging,
) -> None:
    """Set when a rejected customer may apply again, and tell them why in writing."""
    loan.reject_until(clock.business_date(), days)
    assert loan.reapply_after is not None, "just set"
    messaging.notify(
        uow,
        loan,
        "APPLICATION_REJECTED",
        about=str(loan.seq),
        reason_codes=",".join(reasons),
        reapply_after=loan.reapply_after.isoformat(),
    )


def latest_bre(uow: UnitOfWork, loan: Loan) -> Decision | None:
    """Return the loan's latest run of the hard rules."""
    found = uow.assessments.decision(loan.id, DecisionKind.BRE)
    return Decision.from_document(found.document) if found else None


def latest_evaluation(uow: UnitOfWork, loan: Loan) -> Evaluation | None:
    """Return the loan's latest evaluation."""
    found = uow.assessments.decision(loan.id, DecisionKind.EVALUATION)
    return Evaluation.from_document(found.document) if found else None


def _has_report(uow: UnitOfWork, customer: Customer, at: datetime) -> bool:
    report = uow.assessments.report(customer.id, ReportKind.BUREAU)
    return report is not None and report.expires_at > at


def _loan(uow: UnitOfWork, loan_id: LoanId) -> Loan:
    loan = uow.loans.lock(loan_id)
    if loan is None:
        raise NotFound("no such loan")
    return loan


def _customer(uow: UnitOfWork, loan: Loan) -> Customer:
    customer = uow.customers.get(loan.customer_id)
    if customer is None:
        raise NotFound("no such customer")
    return customer


def _inquiry(loan: Loan, customer: Customer) -> Inquiry:
    pan, details = customer.pan, customer.details
    assert pan is not None, "an application is submitted with a PAN"
    assert pan.born_on is not None, "a PAN is checked with a birth date"
    assert details is not None, "an application is submitted with personal details"
    first, *rest = pan.name.split() or [""]
    home = details.residence
    return Inquiry(
        reference=loan.id.hex,
        first_name=first,
        middle_name=" ".join(rest[:-1]),
        last_name=rest[-1] if rest else "",
        born_on=pan.born_on,
        gender=pan.gender,
        pan=pan.pan.reveal(),
        phone=customer.phone.reveal(),
        email=details.email.reveal(),
        address=" ".join(part for part in (home.line1, home.line2) if part),
        city=home.city,
        state=home.state,
        pincode=home.pincode,
        amount=loan.applied_amount,
    )
