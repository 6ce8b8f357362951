"""A customer and their onboarding, as they and staff see it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from los_core.domain.consent import Consent
from los_core.domain.customer import BankAccount, Customer, Employment
from los_core.services.onboarding import Progress
from los_http.fields import View


class StepLine(View):
    """One step of onboarding."""

    step: str
    state: str
    mandatory: bool


class PanView(View):
    """The PAN and the name it is registered in."""

    pan_masked: str
    state: str
    name: str
    name_match_pct: int


class AadhaarView(View):
    """e-KYC: the last four digits are all there is of the number."""

    last4: str
    state: str
    name: str
    name_match_pct: int


class EmploymentView(View):
    """What was declared, and what the provident fund confirms."""

    employer: str
    designation: str
    joined_on: date
    net_salary_paise: int
    salary_day: int
    salary_mode: str
    employer_category: str
    company_type: str
    uan_masked: str | None
    state: str
    epfo_employer: str
    epfo_match_pct: int | None
    epfo_employed: bool | None
    confirmed_joined_on: date | None


class AccountView(View):
    """A bank account, its number masked."""

    id: UUID
    holder: str
    account_masked: str
    ifsc: str
    is_primary: bool
    state: str
    name_match_pct: int
    verified_at: datetime | None


class StatementView(View):
    """A bank statement that was read."""

    document_id: UUID
    bank: str
    account_last4: str
    period_from: date
    period_to: date
    account_matches: bool
    state: str
    reason: str
    read_at: datetime


class ProgressView(View):
    """Where onboarding stands: what is proved, what comes next, what is mandatory."""

    current_step: str
    steps: list[StepLine]
    pan: PanView | None
    aadhaar: AadhaarView | None
    employment: EmploymentView | None
    accounts: list[AccountView]
    statement: StatementView | None


class ResidenceView(View):
    """An address."""

    line1: str
    line2: str
    city: str
    state: str
    pincode: str
    residence_type: str
    since: date | None


class DetailsView(View):
    """What the customer told of themselves; null until told. Only they see their e-mail whole."""

    customer_id: UUID
    phone_masked: str
    name: str
    email: str | None
    residence: ResidenceView | None
    marital_status: str | None
    language: str | None
    household_income_paise: int | None


class ConsentView(View):
    """One consent as given."""

    id: UUID
    purpose: str
    text_version: str
    language: str
    granted_at: datetime
    withdrawn_at: datetime | None
    expires_at: datetime | None
    in_force: bool


class ConsentsView(View):
    """All consents ever given, oldest first."""

    consents: list[ConsentView]


class CustomerView(View):
    """A customer as staff see them."""

    id: UUID
    name: str
    phone_masked: str
    pan_masked: str | None
    aadhaar_last4: str | None
    email_masked: str | None
    status: str
    accounts: list[AccountView]
    employment: EmploymentView | None


def progress_view(progress: Progress) -> ProgressView:
    """Return where a customer's onboarding stands."""
    customer = progress.customer
    pan, aadhaar, statement = customer.pan, customer.aadhaar, customer.statement
    return ProgressView(
        current_step=progress.current.value,
        steps=[
            StepLine(step=line.step.value, state=line.state.value, mandatory=line.mandatory)
            for line in progress.steps
        ],
        pan=PanView(
            pan_masked=pan.pan.masked,
            state=pan.state.value,
            name=pan.name,
            name_match_pct=pan.name_match_pct,
        )
        if pan
        else None,
        aadhaar=AadhaarView(
            last4=aadhaar.last4,
            state=aadhaar.state.value,
            name=aadhaar.name,
            name_match_pct=aadhaar.name_match_pct,
        )
        if aadhaar
        else None,
        employment=employment_view(customer.employment),
        accounts=[account_view(account) for account in customer.accounts],
        statement=StatementView(
            document_id=statement.document_id,
            bank=statement.bank,
            account_last4=statement.account_last4,
            period_from=statement.period_from,
            period_to=statement.period_to,
            account_matches=statement.account_matches,
            state=statement.state.value,
            reason=statement.reason,
            read_at=statement.read_at,
        )
        if statement
        else None,
    )


def employment_view(job: Employment | None) -> EmploymentView | None:
    """Return an employment; None where none was declared."""
    if job is None:
        return None
    return EmploymentView(
        employer=job.employer,
        designation=job.designation,
        joined_on=job.joined_on,
        net_salary_paise=job.net_salary,
        salary_day=job.salary_day,
        salary_mode=job.salary_mode,
        employer_category=job.employer_category,
        company_type=job.company_type,
        uan_masked=job.uan.masked if job.uan else None,
        state=job.state.value,
        epfo_employer=job.epfo_employer,
        epfo_match_pct=job.epfo_match_pct,
        epfo_employed=job.epfo_employed,
        confirmed_joined_on=job.confirmed_joined_on,
    )


def account_view(account: BankAccount) -> AccountView:
    """Return a bank account, masked."""
    return AccountView(
        id=account.id,
        holder=account.holder,
        account_masked=account.number.masked,
        ifsc=account.ifsc.reveal(),
        is_primary=account.is_primary,
        state=account.state.value,
        name_match_pct=account.name_match_pct,
        verified_at=account.verified_at,
    )


def details_view(customer: Customer) -> DetailsView:
    """Return what a customer told, to themselves."""
    details = customer.details
    home = details.residence if details else None
    return DetailsView(
        customer_id=customer.id,
        phone_masked=customer.phone.masked,
        name=customer.name,
        email=details.email.reveal() if details else None,
        residence=ResidenceView(
            line1=home.line1,
            line2=home.line2,
            city=home.city,
            state=home.state,
            pincode=home.pincode,
            residence_type=home.residence_type,
            since=home.since,
        )
        if home
        else None,
        marital_status=details.marital_status if details else None,
        language=details.language if details else None,
        household_income_paise=details.household_income if details else None,
    )


def consents_view(consents: Sequence[Consent], at: datetime) -> ConsentsView:
    """Return consents as they stand at an instant."""
    return ConsentsView(
        consents=[
            ConsentView(
                id=consent.id,
                purpose=consent.purpose.value,
                text_version=consent.text_version,
                language=consent.language,
                granted_at=consent.granted_at,
                withdrawn_at=consent.withdrawn_at,
                expires_at=consent.expires_at,
                in_force=consent.in_force(at),
            )
            for consent in consents
        ]
    )


def customer_view(customer: Customer) -> CustomerView:
    """Return a customer to staff, masked."""
    return CustomerView(
        id=customer.id,
        name=customer.name,
        phone_masked=customer.phone.masked,
        pan_masked=customer.pan.pan.masked if customer.pan else None,
        aadhaar_last4=customer.aadhaar.last4 if customer.aadhaar else None,
        email_masked=customer.details.email.masked if customer.details else None,
        status=customer.status.value,
        accounts=[account_view(account) for account in customer.accounts],
        employment=employment_view(customer.employment),
    )
