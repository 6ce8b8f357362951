"""The applicant document of one application, gathered from everything on file.

Only gathers: what rules and scores make of it is `bre` and `evaluation`. A report past its validity
counts as missing. Source: rules page §1.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import attrs

from los_core.domain.applicant import Applicant, Value, age_on, value_from_document
from los_core.domain.assessment import ReportKind
from los_core.domain.blocklist import BlockType
from los_core.domain.brand import Settings
from los_core.domain.bre_rules import Policy
from los_core.domain.bureau import CreditReport
from los_core.domain.bureau_figures import derive as bureau_figures
from los_core.domain.charges import Discount
from los_core.domain.customer import Customer, StepState
from los_core.domain.derived import derive
from los_core.domain.due_rules import TenureDays
from los_core.domain.eligibility import KycCap, KycLoan, kyc_cap
from los_core.domain.kyc import KycMode
from los_core.domain.lifecycle import OPEN, Status
from los_core.domain.loan import Loan
from los_core.domain.money import Paise
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import Supply
from los_core.domain.pricing import Pricing, price
from los_core.ports.blindindex import BlindIndex
from los_core.ports.work import UnitOfWork
from los_core.services.blocklist import Blocklist
from los_core.services.lending_rules import holidays, product_of

VERIFIED = StepState.VERIFIED
EMPLOYER_PASS_PCT = 75
"""Least match, in per cent, of a declared employer with the provident fund's."""


def policy_of(settings: Settings) -> Policy:
    """Return the part of a brand's settings that shapes its rules."""
    return Policy(
        aadhaar_required=settings.is_aadhaar_required,
        selfie_required=settings.is_selfie_required,
        bank_statement_required=settings.is_bank_statement_required,
        employment_required=settings.is_employment_required,
        central_dedup=settings.central_dedup,
        allow_ntc=settings.allow_ntc,
        allow_microfinance=settings.allow_microfinance,
        salary_threshold=settings.salary_threshold,
        bank_statement_months=settings.bank_statement_months,
        age_min=settings.age_min,
        age_max=settings.age_max,
        max_active_loans=settings.max_active_loans,
        reapply_wait_days=settings.rejection_duration_days,
    )


def priced(
    uow: UnitOfWork,
    product: LoanProduct,
    *,
    amount: Paise,
    tenure: int,
    on: date,
    customer: Customer,
    discount: Discount | None = None,
) -> Pricing:
    """Price a product for a customer, with the brand's holidays and the place of supply.

    Raises: InvalidTerms.
    """
    home = customer.details.residence.state if customer.details else ""
    supply = Supply.INTRA_STATE if home == uow.lender.brand().gst_state else Supply.INTER_STATE
    return price(
        product.price,
        amount=amount,
        credited_on=on,
        instalments=1 if product.is_bullet else tenure,
        due_rule=TenureDays(days=tenure) if product.is_bullet else None,
        supply=supply,
        holidays=holidays(uow),
        discount=discount,
    )


def remaining_kyc_cap(uow: UnitOfWork, customer: Customer, loan: Loan, on: date) -> KycCap:
    """Return what the yearly cap of OTP e-KYC leaves. Source: RBI KYC Directions, OTP e-KYC."""
    counted = [
        KycLoan(
            sanctioned_on=known.planned_disbursal_on,
            amount=known.terms.principal,
            kyc_mode=KycMode.AADHAAR_OTP_NON_F2F,
        )
        for known in uow.loans.of_customer(customer.id)
        if known.id != loan.id
        and known.terms is not None
        and known.planned_disbursal_on is not None
        and known.status not in (Status.CANCELLED, Status.REJECTED, Status.EXPIRED)
    ]
    return kyc_cap(counted, on)


@attrs.frozen(kw_only=True)
class Appraisal:
    """Gathers the applicant document."""

    indexes: BlindIndex
    blocklist: Blocklist

    def gather(
        self, uow: UnitOfWork, loan: Loan, customer: Customer, *, at: datetime, on: date
    ) -> Applicant:
        """Return everything known about an applicant, with the derived ratios.

        `at` is the business instant by which reports must still be valid.
        """
        settings = uow.lender.settings()
        applicant = policy_of(settings).facts()
        for source, values in (
            ("kyc", _kyc(customer, on)),
            ("declared", _declared(customer, settings, on)),
            ("internal", self._internal(uow, customer, loan, on)),
            ("bureau", self._bureau(uow, customer, at=at, on=on)),
            ("statement", _statement(uow, customer, at)),
        ):
            known = {key: value for key, value in values.items() if value is not None}
            applicant = applicant.with_data(Applicant.of(known, source=source))
        return self._derived(uow, loan, customer, applicant, on)

    def _derived(
        self, uow: UnitOfWork, loan: Loan, customer: Customer, applicant: Applicant, on: date
    ) -> Applicant:
        product = product_of(uow, loan.product)
        pricing = (
            priced(
                uow,
                product,
                amount=loan.applied_amount,
                tenure=loan.applied_tenure,
                on=on,
                customer=customer,
            )
            if product
            else None
        )
        born_on = customer.pan.born_on if customer.pan else None
        last_due = pricing.schedule.due_on[-1] if pricing else None
        return derive(
            applicant,
            requested=loan.applied_amount,
            new_due=pricing.emi if pricing else None,
            age_at_maturity=age_on(born_on, last_due) if born_on and last_due else None,
            kyc_cap_remaining=remaining_kyc_cap(uow, customer, loan, on).remaining,
        )

    def _internal(
        self, uow: UnitOfWork, customer: Customer, loan: Loan, on: date
    ) -> Mapping[str, Value]:
        others = [known for known in uow.loans.of_customer(customer.id) if known.id != loan.id]
        rejected = [
            (on - known.created_at.date()).days
            for known in others
            if known.status is Status.REJECTED
        ]
        hits = self._hits(uow, customer)
        open_here = sum(known.status in OPEN for known in others)
        return {
            "internal.blocklistHit": any(hits.values()),
            **{f"internal.blocklistHit{kind}": hit for kind, hit in hits.items()},
            "internal.activeLoansSameBrand": open_here,
            "internal.lastRejectDays": min(rejected) if rejected else None,
            "internal.priorWriteOff": any(k.status is Status.WRITTEN_OFF for k in others),
            "internal.sharedPhoneUsers": 0,
            "internal.sharedAccountUsers": self._sharing(uow, customer),
        }

    def is_blocked(self, uow: UnitOfWork, customer: Customer) -> bool:
        """Whether the customer's PAN, phone or account is on the brand's blocklist."""
        return any(self._hits(uow, customer).values())

    def _hits(self, uow: UnitOfWork, customer: Customer) -> Mapping[str, bool]:
        account = customer.primary_account
        return {
            name: self.blocklist.blocks(uow, kind, value)
            for name, kind, value in (
                ("Pan", BlockType.PAN, customer.pan.pan.reveal() if customer.pan else ""),
                ("Phone", BlockType.PHONE, customer.phone.reveal()),
                ("Account", BlockType.ACCOUNT, account.number.reveal() if account else ""),
            )
        }

    def _sharing(self, uow: UnitOfWork, customer: Customer) -> int:
        account = customer.primary_account
        if account is None:
            return 0
        text = f"{account.number.reveal()}|{account.ifsc.reveal()}"
        index = self.indexes.blind_index(str(uow.brand_id), "account", text)
        return len(set(uow.customers.sharing(account_index=index)) - {customer.id})

    def _bureau(
        self, uow: UnitOfWork, customer: Customer, *, at: datetime, on: date
    ) -> Mapping[str, Value]:
        report = uow.assessments.report(customer.id, ReportKind.BUREAU)
        if report is None or report.expires_at <= at:
            return {}
        home = customer.details.residence.pincode if customer.details else ""
        return bureau_figures(CreditReport.from_document(report.document), as_of=on, pincode=home)


def _kyc(customer: Customer, on: date) -> Mapping[str, Value]:
    pan, aadhaar = customer.pan, customer.aadhaar
    return {
        "kyc.panVerified": pan is not None and pan.state is VERIFIED,
        "kyc.panNameMatchPct": pan.name_match_pct if pan else None,
        "kyc.aadhaarVerified": aadhaar is not None and aadhaar.state is VERIFIED,
        "kyc.panAadhaarSeeded": pan.aadhaar_linked if pan else None,
        "kyc.kycMode": KycMode.AADHAAR_OTP_NON_F2F.value if aadhaar else None,
        "applicant.age": age_on(pan.born_on, on) if pan and pan.born_on else None,
    }


def _declared(customer: Customer, settings: Settings, on: date) -> Mapping[str, Value]:
    values: dict[str, Value] = {}
    if customer.employment is not None:
        job = customer.employment
        joined = job.confirmed_joined_on or job.joined_on
        months = (on.year - joined.year) * 12 + on.month - joined.month - (on.day < joined.day)
        match = None if job.epfo_match_pct is None else job.epfo_match_pct >= EMPLOYER_PASS_PCT
        values |= {
            "income.netMonthlySalary": job.net_salary,
            "income.salaryMode": job.salary_mode,
            "income.salaryDay": job.salary_day,
            "income.employerCategory": job.employer_category,
            "income.companyType": job.company_type,
            "employment.monthsInCurrentJob": months,
            "employment.totalMonths": job.total_months,
            "employment.epfoEmployerMatch": match,
        }
    if customer.details is not None:
        home = customer.details.residence
        values |= {
            "income.householdAnnualIncome": customer.details.household_income,
            "applicant.residenceType": home.residence_type or None,
            "address.pincode": home.pincode,
            "address.pincodeServiceable": _serviceable(home.pincode, settings.pincode_prefixes),
            "address.pincodeNegative": home.pincode in settings.negative_pincodes,
            "address.cityCategory": city_category(home.city, settings),
        }
    return values


def city_category(city: str, settings: Settings) -> str:
    """Return A, B or C. Source: rules page §6, FOIR by salary and city."""
    name = city.strip().upper()
    if name in settings.cities_a:
        return "A"
    return "B" if name in settings.cities_b else "C"


def _serviceable(pincode: str, prefixes: Sequence[str]) -> bool:
    return not prefixes or pincode.startswith(tuple(prefixes))


def _statement(uow: UnitOfWork, customer: Customer, at: datetime) -> Mapping[str, Value]:
    report = uow.assessments.report(customer.id, ReportKind.STATEMENT)
    on_file = customer.statement
    if (
        report is None
        or report.expires_at <= at
        or on_file is None
        or on_file.state is not VERIFIED
        or report.reference != str(on_file.document_id)
    ):
        return {}
    return {key: value_from_document(key, value) for key, value in report.figures.items()}
