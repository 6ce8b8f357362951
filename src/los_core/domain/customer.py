"""A customer of one brand, and what is on file of who they are.

How far onboarding has come follows from it and the brand's settings (`onboarding`); only the facts
are stored. The same person at two brands is two customers. No Aadhaar number is ever here: the
last four digits and the authority's reference are. Source: loan lifecycle §1.5, data model §4.
"""

from datetime import date, datetime
from enum import StrEnum

import attrs

from los_core.domain.errors import Conflict, NotFound
from los_core.domain.ids import AccountId, BrandId, CustomerId, DocumentId
from los_core.domain.kyc import AccountNumber, Email, Ifsc, Pan, Phone, Uan
from los_core.domain.money import Paise


class CustomerStatus(StrEnum):
    """Whether the customer may act."""

    ACTIVE = "ACTIVE"
    BLOCKED = "BLOCKED"
    DECEASED = "DECEASED"
    DORMANT = "DORMANT"


class Step(StrEnum):
    """The steps of onboarding, in their order."""

    PAN = "PAN"
    AADHAAR = "AADHAAR"
    MOBILE = "MOBILE"
    SELFIE = "SELFIE"
    BANK_ACCOUNT = "BANK_ACCOUNT"
    EMPLOYMENT = "EMPLOYMENT"
    BANK_STATEMENT = "BANK_STATEMENT"
    EVALUATION = "EVALUATION"
    DONE = "DONE"


class StepState(StrEnum):
    """How a step stands. MANUAL waits for a member of staff."""

    NOT_STARTED = "NOT_STARTED"
    IN_PROGRESS = "IN_PROGRESS"
    VERIFIED = "VERIFIED"
    FAILED = "FAILED"
    SKIPPED = "SKIPPED"
    MANUAL = "MANUAL"


@attrs.frozen(kw_only=True)
class Residence:
    """Where the customer lives; `state` is two letters, `pincode` six digits."""

    line1: str = attrs.field(repr=False)
    line2: str = attrs.field(default="", repr=False)
    city: str
    state: str
    pincode: str
    residence_type: str = ""
    since: date | None = None


@attrs.frozen(kw_only=True)
class PersonalDetails:
    """What the customer tells of themselves.

    Attributes:
        language: the language they read, as a two-letter code ("en", "hi").
        household_income: a year's income of the household in paise; None until told. At or below
            ₹3,00,000 a loan is a microfinance loan whatever it is called (RBI, 2022).
    """

    email: Email
    residence: Residence
    marital_status: str = ""
    language: str = "en"
    household_income: Paise | None = None


@attrs.frozen(kw_only=True)
class PanIdentity:
    """The PAN and what the authority says of it. `state` is VERIFIED, MANUAL or FAILED."""

    pan: Pan
    state: StepState
    name: str = attrs.field(default="", repr=False)
    declared_name: str = attrs.field(default="", repr=False)
    born_on: date | None = attrs.field(default=None, repr=False)
    gender: str = ""
    name_match_pct: int = 0
    aadhaar_linked: bool | None = None
    aadhaar_last4: str = ""
    provider: str = ""
    provider_ref: str = ""
    checked_at: datetime


@attrs.frozen(kw_only=True)
class AadhaarIdentity:
    """e-KYC by OTP: VERIFIED, MANUAL (name or birth date differs from PAN) or FAILED."""

    last4: str
    reference: str
    state: StepState
    name: str = attrs.field(repr=False)
    born_on: date | None = attrs.field(repr=False)
    gender: str = ""
    address: str = attrs.field(default="", repr=False)
    city: str = ""
    aadhaar_state: str = ""
    pincode: str = ""
    name_match_pct: int = 0
    provider: str = ""
    checked_at: datetime


@attrs.frozen(kw_only=True)
class AadhaarSession:
    """An OTP that is on its way; `session` is the vendor's and opens nothing without the OTP."""

    last4: str
    session: str = attrs.field(repr=False)
    provider: str
    started_at: datetime
    tries: int = 0


@attrs.frozen(kw_only=True)
class Employment:
    """What the customer declares, and what the provident fund confirms.

    Attributes:
        net_salary: monthly, paise.
        salary_day: day of the month on which salary is credited.
        employer_category: A, B, C, D, UNLISTED or GOVT.
        epfo_match_pct: how well the fund's employer name matches; None until asked.
        confirmed_joined_on: the fund's date of joining the present employer.
    """

    employer: str
    designation: str = ""
    joined_on: date
    net_salary: Paise
    salary_day: int
    salary_mode: str = "BANK_TRANSFER"
    employer_category: str = "UNLISTED"
    company_type: str = "PVT_LTD"
    uan: Uan | None = None
    state: StepState = StepState.NOT_STARTED
    epfo_employer: str = ""
    epfo_match_pct: int | None = None
    epfo_employed: bool | None = None
    confirmed_joined_on: date | None = None
    total_months: int | None = None
    provider: str = ""
    checked_at: datetime | None = None


@attrs.frozen(kw_only=True)
class BankAccount:
    """An account of the customer's, and whether a penny drop proved it theirs.

    Attributes:
        state: VERIFIED, MANUAL (the name needs a second look), FAILED, IN_PROGRESS, NOT_STARTED.
        reference: ours for the latest check.
    """

    id: AccountId
    holder: str = attrs.field(repr=False)
    number: AccountNumber
    ifsc: Ifsc
    is_primary: bool = True
    state: StepState = StepState.NOT_STARTED
    reference: str = ""
    provider: str = ""
    provider_ref: str = ""
    name_at_bank: str = attrs.field(default="", repr=False)
    name_match_pct: int = 0
    tries: int = 0
    verified_at: datetime | None = None


@attrs.frozen(kw_only=True)
class StatementOnFile:
    """A bank statement that was read.

    Attributes:
        summary: the figures rules read, by their keys (`bank.*`, `income.*`).
        account_matches: the statement is of the customer's primary account.
    """

    document_id: DocumentId
    bank: str
    account_last4: str
    period_from: date
    period_to: date
    months: int
    account_matches: bool
    state: StepState
    reason: str = ""
    read_at: datetime


@attrs.define(kw_only=True)
class Customer:
    """One person at one brand.

    Attributes:
        security_version: raised to end every session at once.
        person: keyed hash of the PAN over the lender's brands; "" until the PAN is verified.
    """

    id: CustomerId
    brand_id: BrandId
    phone: Phone
    status: CustomerStatus = CustomerStatus.ACTIVE
    created_at: datetime
    security_version: int = 1
    phone_verified_at: datetime | None = None
    person: str = ""
    details: PersonalDetails | None = None
    pan: PanIdentity | None = None
    aadhaar: AadhaarIdentity | None = None
    aadhaar_session: AadhaarSession | None = None
    employment: Employment | None = None
    accounts: tuple[BankAccount, ...] = ()
    statement: StatementOnFile | None = None
    version: int = 0

    @property
    def name(self) -> str:
        """The name by the PAN record; "" until it is verified."""
        return self.pan.name if self.pan else ""

    @property
    def primary_account(self) -> BankAccount | None:
        """The account a loan is paid into."""
        return next((account for account in self.accounts if account.is_primary), None)

    def account(self, account_id: AccountId) -> BankAccount:
        """Return one of the customer's accounts. Raises: NotFound."""
        for account in self.accounts:
            if account.id == account_id:
                return account
        raise NotFound("no such bank account")

    def put_account(self, account: BankAccount) -> None:
        """Add an account, or replace the one of the same id; a primary one demotes the others.

        Raises: Conflict: another of the customer's accounts has the same number and IFSC.
        """
        others = [known for known in self.accounts if known.id != account.id]
        if any((k.number, k.ifsc) == (account.number, account.ifsc) for k in others):
            raise Conflict("this account is already on file", code="ACCOUNT_ON_FILE")
        if account.is_primary:
            others = [attrs.evolve(known, is_primary=False) for known in others]
        self.accounts = (*others, account)

    def invalidate_statement(self) -> None:
        """Take back what a statement proved, as its account is no longer the primary one."""
        if self.statement is not None:
            self.statement = attrs.evolve(
                self.statement, account_matches=False, state=StepState.NOT_STARTED
            )
