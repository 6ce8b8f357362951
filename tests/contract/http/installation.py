"""An installation to be asked: the API over an SQL store, two lenders, staff of every role.

Vendors are fakes; the payment gateway whose messages are to be proved is the real adapter. Loans
stand in every status that commands lead to, and rows are put for those that none leads to yet.
"""

import asyncio
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import attrs
import httpx
from litestar import Litestar
from stdnum import verhoeff

from los_adapters import registry
from los_adapters.bankaccount.memory import MemoryAccounts
from los_adapters.bureau.memory import MemoryBureau
from los_adapters.cipher.aes import AesCipher
from los_adapters.clock import FixedClock
from los_adapters.container import wired
from los_adapters.directory import FixedDirectory, ProviderRow
from los_adapters.employment.memory import MemoryEmployment
from los_adapters.entropy import SystemEntropy
from los_adapters.esign.memory import MemorySigner
from los_adapters.identity.memory import MemoryIdentity
from los_adapters.jobs import attempts
from los_adapters.keys import Key, Keys, new_key
from los_adapters.message.memory import MemoryMessages
from los_adapters.passwords.codes import KeyedHasher
from los_adapters.passwords.memory import MemoryFactor, MemoryPasswords
from los_adapters.payment.memory import MemoryPayments
from los_adapters.payout.memory import Behaviour, MemoryBank
from los_adapters.pdf.memory import MemoryLetters
from los_adapters.sandbox import vendors
from los_adapters.statement.memory import MemoryStatementReader, file_of
from los_adapters.storage.memory import MemoryStorage
from los_adapters.store.engine import connect
from los_adapters.store.schema import create
from los_adapters.store.work import SqlStore
from los_adapters.tokens.jwt import JwtTokens
from los_core.domain.access import Role
from los_core.domain.brand import Brand, Officer, Settings
from los_core.domain.bureau import CreditReport, Outcome, Score
from los_core.domain.charges import FeeRule
from los_core.domain.consent import Purpose
from los_core.domain.customer import BankAccount, Employment, PersonalDetails, Residence
from los_core.domain.due_rules import FixedDay
from los_core.domain.ids import AccountId, ApprovalId, BrandId, JobId, LoanId, OfferId, StaffId
from los_core.domain.kyc import Aadhaar, AccountNumber, Email, Ifsc, Pan, Phone
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.offers import LoanProduct
from los_core.domain.policies import DayCount, Method
from los_core.domain.pricing import Product
from los_core.domain.servicing import PaymentPurpose, Receipt
from los_core.domain.statement import Row, Statement
from los_core.domain.work import Job
from los_core.ports import directory as ports
from los_core.ports.directory import Chosen
from los_core.ports.errors import ProviderError, Unavailable
from los_core.ports.identity import AadhaarRecord, Address, PanRecord
from los_core.services import Services
from los_core.services.callers import CustomerCaller, StaffCaller
from los_core.testing import records
from los_http.app import create_app

PASSWORD: Final = "Sahyadri-monsoon-2026"
ISSUER: Final = "http://los.test"
AMOUNT: Final = 20_000_00
TENURE: Final = 3
SALARY: Final = 62_000_00
EMPLOYER: Final = "ACME INFOTECH PRIVATE LIMITED"
BORN_ON: Final = date(1994, 5, 17)
OFFICER: Final = Officer(name="Meera Iyer", phone="02067001234", email="care@lender.example")
GATEWAY: Final = vendors.settings("razorpay", "http://127.0.0.1/razorpay")

JOURNEY: Final = (
    Status.DRAFT,
    Status.SUBMITTED,
    Status.MANUAL_REVIEW,
    Status.RECOMMENDED,
    Status.APPROVED,
    Status.SANCTIONED,
    Status.AGREEMENT_SENT,
    Status.AGREEMENT_SIGNED,
    Status.DISBURSEMENT_PENDING,
    Status.DISBURSEMENT_INITIATED,
    Status.DISBURSED,
    Status.COMPLETED,
)
"""The straight way; from some of its stations a turn leads to the statuses below."""
TURNS: Final[Mapping[Status, Status]] = {
    Status.BRE_IN_PROGRESS: Status.SUBMITTED,
    Status.REJECTED: Status.MANUAL_REVIEW,
    Status.CANCELLED: Status.DRAFT,
    Status.AGREEMENT_EXPIRED: Status.AGREEMENT_SENT,
    Status.DISBURSEMENT_FAILED: Status.DISBURSEMENT_INITIATED,
}
RESTLESS: Final = (Status.BRE_IN_PROGRESS, Status.DISBURSEMENT_INITIATED, Status.SUBMITTED)
"""What the next run of jobs would move on: lent last, each without running jobs of the ones before."""


@attrs.frozen(kw_only=True)
class Person:
    """A customer with papers of their own, made from a number."""

    number: int

    @property
    def name(self) -> str:
        return f"Asha {chr(65 + self.number // 26)}{chr(97 + self.number % 26)}kulkarni"

    @property
    def phone(self) -> str:
        return f"98220{self.number:05d}"

    @property
    def pan(self) -> str:
        return f"ABCPE{1000 + self.number:04d}F"

    @property
    def aadhaar(self) -> str:
        digits = f"2341234{self.number:04d}"
        return digits + str(verhoeff.calc_check_digit(digits))

    @property
    def account(self) -> str:
        return f"501001234{self.number:05d}"

    @property
    def email(self) -> str:
        return f"asha.{self.number}@mail.example"

    @property
    def secrets(self) -> tuple[str, ...]:
        return self.name, self.phone, self.pan, self.aadhaar, self.account, self.email


@attrs.define(kw_only=True)
class Borrower:
    """A customer of a brand, with a token and perhaps a loan."""

    person: Person
    caller: CustomerCaller
    token: str
    refresh: str
    loan_id: LoanId | None = None
    offer_id: OfferId | None = None
    account_id: AccountId | None = None
    approval_id: ApprovalId | None = None


@attrs.define(kw_only=True)
class Lender:
    """A brand, its staff by role, and its borrowers by the status of their loan."""

    brand: Brand
    staff: dict[Role, StaffCaller] = attrs.field(factory=dict)
    totp: dict[Role, str] = attrs.field(factory=dict)
    tokens: dict[Role, str] = attrs.field(factory=dict)
    borrowers: dict[Status, Borrower] = attrs.field(factory=dict)
    receipt: Receipt | None = None

    @property
    def id(self) -> BrandId:
        return self.brand.id


@attrs.define(kw_only=True)
class Fakes:
    """The vendors that are played."""

    identity: MemoryIdentity = attrs.field(factory=MemoryIdentity)
    employment: MemoryEmployment = attrs.field(factory=MemoryEmployment)
    accounts: MemoryAccounts = attrs.field(factory=MemoryAccounts)
    bureau: MemoryBureau = attrs.field(factory=MemoryBureau)
    signer: MemorySigner = attrs.field(factory=MemorySigner)
    payments: MemoryPayments = attrs.field(factory=MemoryPayments)
    bank: MemoryBank = attrs.field(factory=MemoryBank)
    messages: MemoryMessages = attrs.field(factory=MemoryMessages)


@attrs.define(kw_only=True)
class Installation:
    """What is asked, and what is behind it."""

    store: SqlStore
    engine: Any
    services: Services
    clock: FixedClock
    factor: MemoryFactor
    keys: Keys
    fakes: Fakes
    app: Litestar
    ours: Lender
    theirs: Lender
    people: int = 0
    dead_letter: JobId | None = None

    def run_jobs(self, minutes: int = 0) -> None:
        """Run what is due now, and what falls due within some minutes."""
        handlers = self.services.handlers()
        for _ in range(minutes * 6 + 1):
            while due := self.store.platform.claim_jobs(
                limit=1, now=self.clock.now(), lease_s=attempts.LEASE_S, worker="test"
            ):
                done = attempts.run(
                    due[0],
                    handlers,
                    platform=self.store.platform,
                    clock=self.clock,
                    jitter=lambda: 1.0,
                )
                if done.error is not None and not isinstance(done.error, ProviderError):
                    raise done.error
            if minutes:
                self.clock.advance(timedelta(seconds=10))

    def loan(self, lender: Lender, loan_id: LoanId) -> Loan:
        with self.services.begin(lender.id) as uow:
            found = uow.loans.get(loan_id)
        assert found is not None
        return found

    def secrets(self) -> tuple[str, ...]:
        """What no refusal may ever show."""
        people = [
            b.person for lender in (self.ours, self.theirs) for b in lender.borrowers.values()
        ]
        staff = [secret for lender in (self.ours, self.theirs) for secret in lender.totp.values()]
        gateway = [str(GATEWAY[name]) for name in ("key_secret", "webhook_secret")]
        return (PASSWORD, *staff, *gateway, *(text for who in people for text in who.secrets))


@contextmanager
def opened(url: str) -> Iterator[Installation]:
    """Yield an installation on an empty database, with everything on file."""
    engine = connect(url)
    create(engine)
    clock, entropy, fakes = FixedClock(), SystemEntropy(), Fakes()
    keys = Keys.parse({field.name: new_key("test") for field in attrs.fields(Keys)})
    cipher = AesCipher(kek=keys.kek, blind_index=keys.blind_index)
    store = SqlStore(engine, cipher=cipher, clock=clock, entropy=entropy)
    factor, storage = MemoryFactor(entropy), MemoryStorage(clock=clock)
    gateway = registry.opened(
        "payment",
        ProviderRow(name="razorpay", settings=GATEWAY),
        transport=httpx.MockTransport(lambda _: httpx.Response(503)),
    )
    services = wired(
        begin=store.begin,
        platform=store.platform,
        clock=clock,
        entropy=entropy,
        cipher=cipher,
        tokens=JwtTokens(keys.jwt, issuer=ISSUER, clock=clock, entropy=entropy),
        hasher=KeyedHasher(keys.code.secret),
        passwords=MemoryPasswords(entropy),
        second_factor=factor,
        directory=_directory(fakes, gateway.adapter, gateway.account),
        storage=storage,
        letters=MemoryLetters(),
        reader=MemoryStatementReader(),
        public_url=ISSUER,
    )
    app = create_app(services, threads=4, files=storage)
    made = Installation(
        store=store,
        engine=engine,
        services=services,
        clock=clock,
        factor=factor,
        keys=keys,
        fakes=fakes,
        app=app,
        ours=Lender(brand=_brand(services, "bharat")),
        theirs=Lender(brand=_brand(services, "other")),
    )
    fakes.bureau.today = clock.business_date
    _fill(made)
    yield made
    gateway.close()
    store.close()


def _directory(fakes: Fakes, gateway: Any, account: str) -> FixedDirectory:
    played: dict[str, Any] = {
        ports.IDENTITY.name: fakes.identity,
        ports.EMPLOYMENT.name: fakes.employment,
        ports.BANK_ACCOUNT.name: fakes.accounts,
        ports.BUREAU.name: fakes.bureau,
        ports.ESIGN.name: fakes.signer,
        ports.PAYMENT.name: fakes.payments,
        ports.PAYOUT.name: fakes.bank,
        ports.MESSAGE.name: fakes.messages,
    }
    chosen = {port: [Chosen("memory", "memory-account", fake)] for port, fake in played.items()}
    chosen[ports.PAYMENT.name].append(Chosen("razorpay", account, gateway))
    return FixedDirectory(chosen)


def _fill(made: Installation) -> None:
    for lender in (made.ours, made.theirs):
        for role in Role:
            _hire(made, lender, role)
    for status in (*JOURNEY, *TURNS):
        if status not in RESTLESS:
            lend(made, made.ours, status)
    for status in (Status.DRAFT, Status.DISBURSEMENT_PENDING, Status.DISBURSED):
        lend(made, made.theirs, status)
    for status in Status:
        if status not in {*JOURNEY, *TURNS}:
            _put(made, status)
    made.run_jobs()
    made.dead_letter = _dead_letter(made)
    for status in RESTLESS:
        lend(made, made.ours, status)
    made.clock.advance(timedelta(seconds=31))  # a second code for the same phone may be sent
    for lender in (made.ours, made.theirs):
        _await_payment(made, lender)
        for role in Role:
            lender.tokens[role] = _log_in(made, lender, role)
        for borrower in lender.borrowers.values():
            borrower.token, borrower.refresh = log_in(made, lender, borrower.person)


def lend(made: Installation, lender: Lender, goal: Status) -> Borrower:
    """Take a new customer's loan to a status by the services' own commands."""
    made.people += 1
    borrower = _registered(made, lender, Person(number=made.people))
    lender.borrowers[goal] = borrower
    steps = JOURNEY[1 : JOURNEY.index(TURNS.get(goal, goal)) + 1]
    if steps or goal in TURNS:
        _onboard(made, lender, borrower)
    applied = made.services.applications.apply(
        borrower.caller, product="SALARY_EMI", amount=AMOUNT, tenure=TENURE
    )
    borrower.loan_id = applied.id
    if goal is Status.DISBURSEMENT_FAILED:
        made.fakes.bank.behave(borrower.person.account, Behaviour.FAILS)
    if goal is Status.BRE_IN_PROGRESS:
        made.fakes.bureau.script.fail(Unavailable("busy", provider="memory"), operation="pull")
    for step in steps:
        _step(made, lender, borrower, step)
    if goal in TURNS:
        _turn(made, lender, borrower, goal)
    reached = made.loan(lender, applied.id).status
    assert reached is goal, f"{goal} was wanted, and {reached} reached"
    return borrower


def _step(made: Installation, lender: Lender, who: Borrower, to: Status) -> None:
    services, staff = made.services, lender.staff
    assert who.loan_id is not None
    loan = made.loan(lender, who.loan_id)
    match to:
        case Status.SUBMITTED:
            services.applications.submit(who.caller, loan.id)
        case Status.MANUAL_REVIEW:
            made.run_jobs()
        case Status.RECOMMENDED:
            executive = staff[Role.CREDIT_EXECUTIVE]
            services.underwriting.save_cam(executive, loan.id, amount=AMOUNT, tenure=TENURE)
            loan = made.loan(lender, loan.id)
            services.underwriting.recommend(executive, loan.id, version=loan.version)
        case Status.APPROVED:
            offers = services.underwriting.approve(
                staff[Role.CREDIT_MANAGER],
                loan.id,
                version=loan.version,
                amount=AMOUNT,
                tenure=TENURE,
            )
            who.offer_id = offers[0].id
        case Status.SANCTIONED:
            assert who.offer_id is not None
            services.offering.acknowledge(who.caller, loan.id, who.offer_id)
            services.offering.accept(who.caller, loan.id, who.offer_id)
        case Status.AGREEMENT_SENT:
            made.run_jobs()
            services.agreements.sign(who.caller, loan.id)
        case Status.AGREEMENT_SIGNED:
            _called_back(made, who, loan, signed=True)
        case Status.DISBURSEMENT_PENDING:
            maker = staff[Role.DISBURSEMENT]
            approval = services.disbursals.prepare(maker, loan.id, version=loan.version)
            who.approval_id = approval.id
        case Status.DISBURSEMENT_INITIATED:
            assert who.approval_id is not None
            services.approvals.approve(staff[Role.ACCOUNTS], who.approval_id)
        case Status.DISBURSED:
            made.run_jobs(minutes=1)
        case Status.COMPLETED:
            order = services.repayments.order(
                who.caller, loan.id, purpose=PaymentPurpose.FORECLOSURE
            )
            seen = made.fakes.payments
            headers, body = seen.pay(order.order_id, at=made.clock.now())
            token = services.webhooks.address(lender.id, "memory").rpartition("/")[2]
            services.webhooks.receive("memory", token, headers, body)
            made.run_jobs()
        case _:
            raise AssertionError(to)


def _turn(made: Installation, lender: Lender, who: Borrower, goal: Status) -> None:
    services, staff = made.services, lender.staff
    assert who.loan_id is not None
    loan = made.loan(lender, who.loan_id)
    match goal:
        case Status.BRE_IN_PROGRESS:
            made.run_jobs()
        case Status.REJECTED:
            services.underwriting.reject(
                staff[Role.ADMIN], loan.id, version=loan.version, reasons=["R001_AGE"]
            )
        case Status.CANCELLED:
            services.applications.cancel(who.caller, loan.id, reasons=["NOT_NEEDED"])
        case Status.AGREEMENT_EXPIRED:
            _called_back(made, who, loan, signed=False)
        case Status.DISBURSEMENT_FAILED:
            made.run_jobs(minutes=1)
        case _:
            raise AssertionError(goal)


def _called_back(made: Installation, who: Borrower, loan: Loan, *, signed: bool) -> None:
    agreement = made.services.agreements.sign(who.caller, loan.id)
    if signed:
        made.fakes.signer.sign(agreement.docket_id, at=made.clock.now())
    else:
        made.fakes.signer.expire(agreement.docket_id)
    made.services.agreements.callback(
        agreement.callback_token, {"authorization": agreement.callback_secret}, b"{}"
    )
    made.run_jobs()


def _put(made: Installation, status: Status) -> None:
    """Put a row for a status that no command of this release leads to."""
    made.people += 1
    lender = made.ours
    borrower = _registered(made, lender, Person(number=made.people))
    loan = records.loan(
        lender.id,
        borrower.caller.customer_id,
        SystemEntropy().uuid(),
        product="SALARY_EMI",
        loan_no=f"ROW-{status.value}",
        assigned_to=lender.staff[Role.CREDIT_EXECUTIVE].staff_id,
    )
    move = loan.begin(records.by())
    loan.status = status
    with made.services.begin(lender.id) as uow:
        uow.loans.add(loan, move)
    borrower.loan_id = loan.id
    lender.borrowers[status] = borrower


def _registered(made: Installation, lender: Lender, person: Person) -> Borrower:
    token, refresh = log_in(made, lender, person)
    caller = made.services.identity.customer(token)
    onboarding = made.services.onboarding
    onboarding.consent(caller, list(Purpose), text_version="2026-01", language="en")
    return Borrower(person=person, caller=caller, token=token, refresh=refresh)


def log_in(made: Installation, lender: Lender, person: Person) -> tuple[str, str]:
    """Return an access and a refresh token of a session of its own."""
    identity, phone = made.services.identity, Phone.parse(person.phone)
    identity.send_code(lender.brand.code, phone, register=True)
    code = made.fakes.messages.sent[-1].variables["otp"]
    pair = identity.redeem_code(lender.brand.code, phone, code)
    return pair.access, pair.refresh


def _onboard(made: Installation, lender: Lender, who: Borrower) -> None:
    person, caller, services = who.person, who.caller, made.services
    identity, onboarding = made.fakes.identity, services.onboarding
    last4 = person.aadhaar[-4:]
    identity.knows_pan(
        person.pan,
        PanRecord(
            valid=True,
            status="ACTIVE",
            full_name=person.name.upper(),
            born_on=BORN_ON,
            gender="F",
            holder_type="INDIVIDUAL",
            aadhaar_linked=True,
            aadhaar_last4=last4,
        ),
    )
    identity.knows_aadhaar(
        person.aadhaar,
        AadhaarRecord(
            last4=last4,
            reference=f"uidai-{person.number}",
            full_name=person.name,
            born_on=BORN_ON,
            gender="F",
            address=Address(city="Pune", state="Maharashtra", pincode="411038"),
        ),
    )
    onboarding.verify_pan(caller, Pan.parse(person.pan), name=person.name, born_on=BORN_ON)
    onboarding.start_aadhaar(caller, Aadhaar.parse(person.aadhaar))
    with services.begin(lender.id) as uow:
        customer = uow.customers.get(caller.customer_id)
    assert customer is not None
    assert customer.aadhaar_session is not None
    onboarding.finish_aadhaar(caller, identity.otp(customer.aadhaar_session.session))
    home = Residence(line1="12 Karve Road", city="Pune", state="MH", pincode="411038")
    told = PersonalDetails(
        email=Email.parse(person.email), residence=home, household_income=SALARY * 12
    )
    onboarding.update_details(caller, told)
    account = BankAccount(
        id=AccountId(UUID(int=0)),
        holder=person.name,
        number=AccountNumber.parse(person.account),
        ifsc=Ifsc.parse("HDFC0000123"),
    )
    who.account_id = services.banking.add_account(caller, account).customer.accounts[0].id
    for _ in range(2):
        services.banking.verify_account(caller, who.account_id)
    job = Employment(employer=EMPLOYER, joined_on=date(2021, 6, 1), net_salary=SALARY, salary_day=1)
    onboarding.add_employment(caller, job)
    today = made.clock.business_date()
    statement = file_of(_statement(person, until=today))
    services.banking.read_statement(caller, statement, password=None, name="statement.pdf")
    made.fakes.bureau.reports[person.pan] = CreditReport(
        bureau="MEMORY",
        report_id=f"report-{person.number}",
        bureau_date=today,
        outcome=Outcome.HIT,
        scores=(Score(name="ERS", value=780),),
        names=(person.name.upper(),),
    )


def _statement(person: Person, *, until: date) -> Statement:
    rows: list[Row] = []
    balance = 40_000_00
    for month in range(5, 12):
        for day, narration, change in (
            (1, f"NEFT CR-CITI0000004-{EMPLOYER}-SALARY", SALARY),
            (3, "UPI-RENT-LANDLORD@OKAXIS-PAYMENT", -25_000_00),
        ):
            balance += change
            rows.append(
                Row(
                    on=date(2026, month, day),
                    narration=narration,
                    debit=max(0, -change),
                    credit=max(0, change),
                    balance=balance,
                )
            )
    return Statement(
        account_holder=person.name.upper(),
        account_last4=person.account[-4:],
        bank="HDFC",
        ifsc="HDFC0000123",
        period_from=date(2026, 5, 1),
        period_to=until - timedelta(days=1),
        opening=40_000_00,
        closing=balance,
        rows=tuple(rows),
    )


def _hire(made: Installation, lender: Lender, role: Role) -> None:
    hired = made.services.brands.hire(
        email=Email.parse(f"{role.lower()}@{lender.brand.code}.example"),
        name=role.title(),
        password=PASSWORD,
        roles=frozenset({role}),
        brands=frozenset({lender.id}),
        second_factor=True,
    )
    lender.staff[role] = StaffCaller.of(hired.staff, lender.id)
    lender.totp[role] = hired.totp_secret


def _log_in(made: Installation, lender: Lender, role: Role) -> str:
    email = f"{role.lower()}@{lender.brand.code}.example"
    code = made.factor.code(lender.totp[role], made.clock.now())
    return made.services.identity.log_in_staff(email, PASSWORD, code).access


def _await_payment(made: Installation, lender: Lender) -> None:
    loan_id = lender.borrowers[Status.DISBURSED].loan_id
    assert loan_id is not None
    lender.receipt = made.services.repayments.record(
        lender.staff[Role.COLLECTION_MANAGER],
        loan_id,
        amount=1_000_00,
        mode="UPI",
        reference="counter-1",
        utr=f"UTR{lender.brand.code}1",
        value_date=made.clock.business_date(),
    )


def _dead_letter(made: Installation) -> JobId:
    platform, now = made.store.platform, made.clock.now()
    new = JobId(SystemEntropy().uuid())
    job = Job(
        id=new,
        brand_id=made.ours.id,
        kind="webhook.apply",
        key="dead",
        payload={},
        due_at=now,
        created_at=now,
    )
    with made.services.begin(made.ours.id) as uow:
        uow.desk.add_job(job)
    for claimed in platform.claim_jobs(limit=100, now=now, lease_s=60, worker="test"):
        platform.fail_job(claimed, error="KeyError", again_at=None, dead=True)
    return new


def _brand(services: Services, code: str) -> Brand:
    brand = Brand(
        id=services.brands.new_brand_id(),
        code=code,
        name=f"{code.title()} Credit",
        lender=f"{code}-finance",
        legal_name=f"{code.title()} Finance Private Limited",
        rbi_reg_no="N-13.02345",
        address="4th Floor, Sahyadri House, Pune 411016",
        gst_state="MH",
        grievance_officer=OFFICER,
        nodal_officer=OFFICER,
    )
    product = LoanProduct(
        code="SALARY_EMI",
        name="Salaried personal loan",
        min_amount=10_000_00,
        max_amount=60_000_00,
        step=1_000_00,
        tenures=(3, 6, 9, 12),
        price=Product(
            method=Method.REDUCING,
            rate_pct=Decimal(24),
            due_rule=FixedDay(cycle_days=(5,), min_first_gap_days=15),
            fee_rule=FeeRule(pct=Decimal("2.5"), minimum=500_00, maximum=5_000_00),
            day_count=DayCount.MONTHLY,
        ),
    )
    services.brands.create(brand, Settings(), products=[product])
    return brand
