"""People's part of a decision: appraisal memo, recommendation, approval by another person.

The figures of a memo come from what is on file; the executive argues, and no one approves what
they recommended. Source: loan lifecycle T09–T12, operations §13.3.
"""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Final

import attrs

from los_core.domain import guards
from los_core.domain.access import may_sanction
from los_core.domain.applicant import age_on
from los_core.domain.assessment import CamOnFile, ReportKind
from los_core.domain.bureau import CreditReport
from los_core.domain.bureau_figures import liable, monthly_due
from los_core.domain.bureau_types import Product as Group
from los_core.domain.cam import CamInputs, Priced, SalaryCredit, compute
from los_core.domain.customer import Customer
from los_core.domain.documents import from_document
from los_core.domain.eligibility import Debt, foir_cap_pct
from los_core.domain.errors import Conflict, Invalid, NotFound, StaleVersion
from los_core.domain.ids import LoanId, StaffId
from los_core.domain.lifecycle import Command, Status
from los_core.domain.loan import Loan
from los_core.domain.money import Paise
from los_core.domain.names import match_firm_pct
from los_core.domain.notification import NotificationKind
from los_core.domain.offers import LoanProduct, Offer
from los_core.domain.pricing import Pricing
from los_core.domain.statement import Obligation, Statement, StatementSummary, analyse
from los_core.ports.clock import Clock
from los_core.ports.entropy import Entropy
from los_core.ports.work import Begin, Once, UnitOfWork
from los_core.services.applications import trail, withdraw
from los_core.services.appraisal import city_category, priced
from los_core.services.callers import StaffCaller
from los_core.services.decisions import latest_evaluation, turn_down
from los_core.services.lending_rules import product_of
from los_core.services.messaging import Messaging
from los_core.services.notifying import notify, tell_of_move
from los_core.services.offering import Offering
from los_core.services.settings_checks import check_reasons

SAME_LENDER_PCT: Final = 75


@attrs.frozen(kw_only=True)
class Underwriting:
    """What credit executives and managers do."""

    begin: Begin
    clock: Clock
    entropy: Entropy
    messaging: Messaging
    offering: Offering

    def save_cam(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        amount: Paise,
        tenure: int,
        end_use: str = "",
        remarks: str = "",
        once: Once | None = None,
    ) -> CamOnFile:
        """Write the next version of the memo, for an amount and tenure of the product.

        Raises: NotFound; Conflict: the loan is not under review; Invalid: outside the product, or
            a figure the memo needs is not on file.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = caller.reach("cam:write", uow.loans.lock(loan_id))
            loan.ensure(Command.RECOMMEND)
            customer = _customer(uow, loan)
            product = _product(uow, loan)
            product.check(amount, tenure)
            pricing = priced(
                uow,
                product,
                amount=amount,
                tenure=tenure,
                on=self.clock.business_date(),
                customer=customer,
            )
            cam = compute(self._inputs(uow, loan, customer, product, pricing, end_use, remarks))
            earlier = uow.assessments.cam(loan.id)
            on_file = CamOnFile(
                id=self.entropy.uuid(),
                brand_id=caller.brand_id,
                loan_id=loan.id,
                version_no=earlier.version_no + 1 if earlier else 1,
                prepared_by=caller.staff_id,
                recommended=amount,
                tenure=tenure,
                foir_deviation=str(cam.foir_deviation_pct),
                document=cam.document(),
                remarks=remarks,
                at=self.clock.business_now(),
            )
            uow.assessments.add_cam(on_file)
            by = caller.by(self.clock.now())
            trail(uow, self.entropy, by, "cam.save", loan, version=on_file.version_no)
            uow.answer(on_file)
        return on_file

    def cam(self, caller: StaffCaller, loan_id: LoanId) -> CamOnFile:
        """Return the latest version of a loan's memo. Raises: NotFound."""
        with self.begin(caller.brand_id) as uow:
            loan = caller.reach("cam:read", uow.loans.get(loan_id))
            found = uow.assessments.cam(loan.id)
        if found is None:
            raise NotFound("no appraisal memo yet")
        return found

    def recommend(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Recommend what the memo argues for (T09).

        Raises: NotFound; StaleVersion; InvalidTransition; GuardFailed: G-CAM.
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:recommend", uow.loans.lock(loan_id)), version)
            loan.ensure(Command.RECOMMEND)
            cam = uow.assessments.cam(loan.id)
            if cam is None:
                raise guards.NO_MEMO.error()
            by = caller.by(self.clock.now())
            move = loan.move(Command.RECOMMEND, by, remark=remark)
            loan.recommended_by = caller.staff_id
            loan.recommended_amount = cam.recommended
            uow.loans.save(loan, move)
            notify(
                uow,
                _able(uow, cam),
                NotificationKind.LOAN_STATUS_CHANGED,
                at=by.at,
                entropy=self.entropy,
                loan=loan,
                but=by.actor_id,
                status=loan.status.value,
            )
            trail(uow, self.entropy, by, "loan.recommend", loan, amount=cam.recommended)
            uow.answer(loan)
        return loan

    def send_back(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        reasons: Sequence[str],
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Return a recommendation to review (T11), with a reason."""
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:approve", uow.loans.lock(loan_id)), version)
            by = caller.by(self.clock.now())
            loan.ensure(Command.RETURN_RECOMMENDATION)
            check_reasons(uow, Status.MANUAL_REVIEW, reasons)
            move = loan.move(Command.RETURN_RECOMMENDATION, by, reasons=reasons, remark=remark)
            loan.recommended_by = loan.recommended_amount = None
            uow.loans.save(loan, move)
            tell_of_move(uow, self.entropy, by, loan)
            trail(uow, self.entropy, by, "loan.return", loan, reasons=list(reasons))
            uow.answer(loan)
        return loan

    def reject(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        reasons: Sequence[str],
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Turn an application down (T12), with reasons that the customer is told in plain words."""
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:recommend", uow.loans.lock(loan_id)), version)
            by = caller.by(self.clock.now())
            loan.ensure(Command.REJECT)
            check_reasons(uow, Status.REJECTED, reasons)
            move = loan.move(Command.REJECT, by, reasons=reasons, remark=remark)
            days = uow.lender.settings().rejection_duration_days
            turn_down(uow, loan, reasons, clock=self.clock, days=days, messaging=self.messaging)
            uow.loans.save(loan, move)
            tell_of_move(uow, self.entropy, by, loan)
            trail(uow, self.entropy, by, "loan.reject", loan, reasons=list(reasons))
            uow.answer(loan)
        return loan

    def cancel(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        reasons: Sequence[str],
        remark: str = "",
        once: Once | None = None,
    ) -> Loan:
        """Withdraw an application for its customer, before the money is on its way (T25)."""
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:recommend", uow.loans.lock(loan_id)), version)
            by = caller.by(self.clock.now())
            loan.ensure(Command.CANCEL)
            check_reasons(uow, Status.CANCELLED, reasons)
            withdraw(uow, loan, by, self.entropy, reasons=reasons, remark=remark)
            uow.answer(loan)
        return loan

    def approve(
        self,
        caller: StaffCaller,
        loan_id: LoanId,
        *,
        version: int,
        amount: Paise,
        tenure: int,
        remark: str = "",
        once: Once | None = None,
    ) -> tuple[Offer, ...]:
        """Approve a recommendation and make its offers (T10).

        Raises: NotFound; StaleVersion; InvalidTransition; Forbidden: G-4EYES (own work), G-LIMIT
            (beyond the caller's authority); GuardFailed: G-CAM (not the amount and tenure argued).
        """
        with self.begin(caller.brand_id, once=once) as uow:
            loan = fresh(caller.reach("loans:approve", uow.loans.lock(loan_id)), version)
            loan.ensure(Command.APPROVE)
            cam = uow.assessments.cam(loan.id)
            argued = (cam.recommended, cam.tenure) if cam else None
            guards.require(guards.memo(argued, amount=amount, tenure=tenure))
            assert cam is not None, "a memo that argues for the amount is on file"
            guards.require(
                guards.four_eyes(caller.staff_id, loan.recommended_by, cam.prepared_by),
                guards.limit(caller.roles, amount, Decimal(cam.foir_deviation)),
            )
            by = caller.by(self.clock.now())
            move = loan.move(Command.APPROVE, by, remark=remark)
            loan.sanctioned_by = caller.staff_id
            offers = self.offering.make(
                uow,
                loan,
                _customer(uow, loan),
                _product(uow, loan),
                amount=amount,
                tenure=tenure,
            )
            uow.loans.save(loan, move)
            tell_of_move(uow, self.entropy, by, loan)
            trail(uow, self.entropy, by, "loan.approve", loan, amount=amount, tenure=tenure)
            uow.answer(offers)
        return offers

    def _inputs(  # noqa: PLR0917 - the parts of one memo, each of another type
        self,
        uow: UnitOfWork,
        loan: Loan,
        customer: Customer,
        product: LoanProduct,
        pricing: Pricing,
        end_use: str,
        remarks: str,
    ) -> CamInputs:
        settings = uow.lender.settings()
        job, details, pan = customer.employment, customer.details, customer.pan
        if job is None or details is None or pan is None or pan.born_on is None:
            raise Conflict("the customer's file is not complete", code="FILE_INCOMPLETE")
        today = self.clock.business_date()
        summary = self._summary(uow, customer)
        if summary is None or not summary.salary_credits:
            raise Invalid(
                "the statement on file shows no salary", fields=[("statement", "shows no salary")]
            )
        salary = summary.median_salary or job.net_salary
        city = city_category(details.residence.city, settings)
        report = uow.assessments.report(customer.id, ReportKind.BUREAU)
        bureau = CreditReport.from_document(report.document) if report else None
        evaluation = latest_evaluation(uow, loan)
        return CamInputs(
            employer=job.employer,
            age=age_on(pan.born_on, today),
            city_category=city,
            salary_credits=tuple(
                SalaryCredit(credit.on, credit.amount) for credit in summary.salary_credits[-3:]
            ),
            debts=_debts(bureau, summary.obligations, as_of=today),
            balances=(summary.average_balance,) if summary.average_balance is not None else (),
            months_in_job=_months(job.confirmed_joined_on or job.joined_on, today),
            loan_applied=loan.applied_amount,
            loan_recommended=pricing.terms.principal,
            eligible_foir_pct=foir_cap_pct(salary, city),
            priced=Priced(
                tenure_days=pricing.terms.tenure_days,
                interest=pricing.total_interest,
                repayment=pricing.total_payable,
                processing_fee=pricing.terms.fee.net,
                gst=pricing.terms.fee.gst.total,
                net_disbursal=pricing.net_disbursal,
                apr_pct=pricing.apr_pct,
                instalment=None if product.is_bullet else pricing.emi,
            ),
            card_outstanding=_cards(bureau),
            is_ntc=bureau is None or not bureau.tradelines,
            end_use=end_use,
            grade=evaluation.grading.value if evaluation else None,
            remarks=remarks,
        )

    def _summary(self, uow: UnitOfWork, customer: Customer) -> StatementSummary | None:
        report = uow.assessments.report(customer.id, ReportKind.STATEMENT)
        if report is None:
            return None
        statement = from_document(Statement, report.document)
        return analyse(statement, months=uow.lender.settings().bank_statement_months)


def fresh(loan: Loan, version: int) -> Loan:
    """Return the loan if the caller saw its present version. Raises: StaleVersion."""
    if loan.version != version:
        raise StaleVersion(
            "the loan was changed since you read it", details={"version": loan.version}
        )
    return loan


def _debts(
    bureau: CreditReport | None, obligations: Sequence[Obligation], *, as_of: date
) -> tuple[Debt, ...]:
    """Return each lender's dues by both sources; a lender's spellings count as one."""
    debts = [
        Debt(lender=line.lender or line.ref, bureau_emi=monthly_due(line, as_of=as_of))
        for line in (liable(bureau) if bureau else ())
        if line.kind.product is not Group.CARD
    ]
    for obligation in obligations:
        known = [debt for debt in debts if _same(debt.lender, obligation.lender)]
        lender = known[0].lender if known else obligation.lender
        debts.append(Debt(lender=lender, bank_emi=obligation.monthly))
    return tuple(debts)


def _same(lender: str, other: str) -> bool:
    return match_firm_pct(lender, other) >= SAME_LENDER_PCT


def _cards(bureau: CreditReport | None) -> Paise:
    return sum(
        max(0, line.balance or 0)
        for line in (liable(bureau) if bureau else ())
        if line.kind.product is Group.CARD
    )


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)


def _able(uow: UnitOfWork, cam: CamOnFile) -> list[StaffId]:
    """Return the staff who may sanction what a memo argues for."""
    points = Decimal(cam.foir_deviation)
    return [
        each.id
        for each in uow.lender.colleagues()
        if "loans:approve" in each.permissions and may_sanction(each.roles, cam.recommended, points)
    ]


def _customer(uow: UnitOfWork, loan: Loan) -> Customer:
    customer = uow.customers.get(loan.customer_id)
    assert customer is not None, "a loan's customer is on file"
    return customer


def _product(uow: UnitOfWork, loan: Loan) -> LoanProduct:
    product = product_of(uow, loan.product)
    if product is None:
        raise Conflict("the product is no longer lent", code="PRODUCT_RETIRED")
    return product
