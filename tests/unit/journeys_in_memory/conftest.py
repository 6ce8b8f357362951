"""A lender in memory with its people, and a customer who can be taken any part of the way."""

import hashlib
import hmac
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol
from zoneinfo import ZoneInfo

import attrs
import pytest

from los_adapters.container import InMemory, in_memory
from los_adapters.statement.memory import file_of
from los_core.domain.access import Role
from los_core.domain.agreement import Agreement
from los_core.domain.approval import Approval
from los_core.domain.brand import Brand, Officer, Settings
from los_core.domain.bureau import CreditReport, MonthStatus, Outcome, Ownership, Score, Tradeline
from los_core.domain.charges import FeeRule
from los_core.domain.consent import Purpose
from los_core.domain.customer import BankAccount, Employment, PersonalDetails, Residence
from los_core.domain.due_rules import FixedDay
from los_core.domain.ids import AccountId, BrandId, LoanId
from los_core.domain.kyc import Aadhaar, AccountNumber, Email, Ifsc, Pan, Phone
from los_core.domain.loan import Loan
from los_core.domain.money import Paise
from los_core.domain.offers import LoanProduct
from los_core.domain.payout import Payout
from los_core.domain.policies import DayCount, ForeclosurePolicy, Method, PenalPolicy
from los_core.domain.pricing import Product
from los_core.domain.servicing import CollectionOrder, PaymentPurpose
from los_core.domain.statement import Row, Statement
from los_core.ports.identity import AadhaarRecord, Address, PanRecord
from los_core.ports.message import Message
from los_core.services import Services
from los_core.services.callers import CustomerCaller, StaffCaller

INDIA = ZoneInfo("Asia/Kolkata")
AMOUNT: Paise = 30_000_00
TENURE = 3
SALARY: Paise = 62_000_00
EMPLOYER = "ACME INFOTECH PRIVATE LIMITED"


@attrs.frozen(kw_only=True)
class Person:
    """A customer to be."""

    phone: str = "9822010101"
    pan: str = "ABCPE1234F"
    aadhaar: str = "234123412346"
    account: str = "50100123456789"
    name: str = "Asha Kulkarni"
    score: int = 780
    dpd: int = 0


ASHA = Person()


@attrs.define(kw_only=True)
class Lender:
    """A brand over fakes; every step says what came of it."""

    memory: InMemory
    brand_id: BrandId
    staff: dict[str, StaffCaller]

    @property
    def services(self) -> Services:
        return self.memory.services

    def register(self, person: Person = ASHA) -> CustomerCaller:
        phone = Phone.parse(person.phone)
        identity = self.services.identity
        identity.send_code(self.brand_id, phone)
        code = self.memory.message.sent[-1].variables["otp"]
        tokens = identity.redeem_code(self.brand_id, phone, code)
        caller = identity.customer(tokens.access)
        self.services.onboarding.consent(
            caller, list(Purpose), text_version="2026-01", language="en"
        )
        return caller

    def onboard(self, caller: CustomerCaller, person: Person = ASHA) -> None:
        services, born_on = self.services, date(1994, 5, 17)
        onboarding = services.onboarding
        self.memory.identity.knows_pan(
            person.pan,
            PanRecord(
                valid=True,
                status="ACTIVE",
                full_name=person.name.upper(),
                born_on=born_on,
                gender="F",
                holder_type="INDIVIDUAL",
                aadhaar_linked=True,
                aadhaar_last4=person.aadhaar[-4:],
            ),
        )
        self.memory.identity.knows_aadhaar(
            person.aadhaar,
            AadhaarRecord(
                last4=person.aadhaar[-4:],
                reference=f"uidai-{person.aadhaar[-4:]}",
                full_name=person.name,
                born_on=born_on,
                gender="F",
                address=Address(city="Pune", state="Maharashtra", pincode="411038"),
            ),
        )
        onboarding.verify_pan(caller, Pan.parse(person.pan), name=person.name, born_on=born_on)
        onboarding.start_aadhaar(caller, Aadhaar.parse(person.aadhaar))
        with services.begin(self.brand_id) as uow:
            customer = uow.customers.get(caller.customer_id)
        assert customer is not None
        assert customer.aadhaar_session is not None
        onboarding.finish_aadhaar(
            caller, self.memory.identity.otp(customer.aadhaar_session.session)
        )
        onboarding.update_details(caller, _details(person))
        progress = services.banking.add_account(
            caller,
            BankAccount(
                id=AccountId(caller.customer_id),
                holder=person.name,
                number=AccountNumber.parse(person.account),
                ifsc=Ifsc.parse("HDFC0000123"),
            ),
        )
        account = progress.customer.accounts[0]
        services.banking.verify_account(caller, account.id)
        services.banking.verify_account(caller, account.id)
        onboarding.add_employment(caller, _employment())
        self.upload_statement(caller, person)
        self.memory.bureau.reports[person.pan] = _report(
            person, on=self.memory.clock.business_date()
        )

    def upload_statement(self, caller: CustomerCaller, person: Person = ASHA) -> None:
        self.services.banking.read_statement(
            caller,
            file_of(_statement(person, until=self.memory.clock.business_date())),
            password=None,
            name="statement.pdf",
        )

    def apply(self, caller: CustomerCaller, *, amount: Paise = AMOUNT) -> Loan:
        """Apply and submit, and let the machine decide."""
        applications = self.services.applications
        loan = applications.apply(caller, product="SALARY_EMI", amount=amount, tenure=TENURE)
        applications.submit(caller, loan.id)
        self.memory.run_jobs()
        return self.loan(loan.id)

    def sanction(self, loan: Loan) -> None:
        """Appraise by the executive, approve by the manager."""
        underwriting = self.services.underwriting
        executive, manager = self.staff["executive"], self.staff["manager"]
        underwriting.save_cam(executive, loan.id, amount=AMOUNT, tenure=TENURE, end_use="Medical")
        loan = self.loan(loan.id)
        loan = underwriting.recommend(executive, loan.id, version=loan.version)
        underwriting.approve(manager, loan.id, version=loan.version, amount=AMOUNT, tenure=TENURE)

    def accept(self, caller: CustomerCaller, loan: Loan) -> Agreement:
        """Acknowledge, accept and sign, by the vendor's callback."""
        offering = self.services.offering
        [offer, *_] = [offer for offer, _ in offering.offers(caller, loan.id)]
        offering.acknowledge(caller, loan.id, offer.id)
        offering.accept(caller, loan.id, offer.id)
        self.memory.run_jobs()
        agreement = self.services.agreements.sign(caller, loan.id)
        self.memory.esign.sign(agreement.docket_id, at=self.memory.clock.now())
        self.services.agreements.callback(
            agreement.callback_token,
            {"authorization": agreement.callback_secret},
            b'{"state": "signed"}',
        )
        self.memory.run_jobs()
        return agreement

    def prepare(self, loan: Loan) -> Approval:
        version = self.loan(loan.id).version
        return self.services.disbursals.prepare(self.staff["maker"], loan.id, version=version)

    def disburse(self, loan: Loan) -> Loan:
        """Prepare by one, approve by another, settle by inquiry."""
        self.services.approvals.approve(self.staff["checker"], self.prepare(loan).id)
        self.run_for(timedelta(minutes=1))
        return self.loan(loan.id)

    def sign_up(self, person: Person = ASHA) -> tuple[CustomerCaller, Loan]:
        """Take a customer from the first code to a signed agreement."""
        caller = self.register(person)
        self.onboard(caller, person)
        loan = self.apply(caller)
        self.sanction(loan)
        self.accept(caller, loan)
        return caller, loan

    def lend(self, person: Person = ASHA) -> tuple[CustomerCaller, Loan]:
        """Take a customer from the first code to money in the account."""
        caller, loan = self.sign_up(person)
        return caller, self.disburse(loan)

    def order(
        self,
        caller: CustomerCaller,
        loan: Loan,
        amount: Paise | None = None,
        purpose: PaymentPurpose = PaymentPurpose.INSTALMENT,
    ) -> CollectionOrder:
        return self.services.repayments.order(caller, loan.id, purpose=purpose, amount=amount)

    def pay(
        self,
        caller: CustomerCaller,
        loan: Loan,
        amount: Paise | None = None,
        purpose: PaymentPurpose = PaymentPurpose.INSTALMENT,
    ) -> CollectionOrder:
        """Pay an order at the gateway, whose webhook arrives and is applied."""
        order = self.order(caller, loan, amount, purpose)
        self.notify(*self.memory.payment.pay(order.order_id, at=self.memory.clock.now()))
        return order

    def notify(self, headers: dict[str, str], body: bytes) -> None:
        """Deliver a gateway's message and act on it."""
        token = self.services.webhooks.address(self.brand_id, "memory").rpartition("/")[2]
        self.services.webhooks.receive("memory", token, headers, body)
        self.memory.run_jobs()

    def go_to(self, day: date) -> None:
        """Step to noon of a day, closing every business date on the way."""
        last = self.memory.clock.business_date()
        while last < day:
            self.services.arrears.day_end(self.brand_id, last)
            last += timedelta(days=1)
            self.memory.clock.move_to(datetime(last.year, last.month, last.day, 12, tzinfo=INDIA))
        self.memory.run_jobs()

    def run_for(self, length: timedelta) -> None:
        """Let time pass second by second where jobs wait for it."""
        end = self.memory.clock.now() + length
        while self.memory.clock.now() < end:
            self.memory.run_jobs()
            self.memory.clock.advance(timedelta(seconds=5))
        self.memory.run_jobs()

    def mornings(self, count: int) -> None:
        """Live so many mornings at the hour when banks are asked about what has ended."""
        for _ in range(count):
            over = self.memory.clock.business_date()
            morning = over + timedelta(days=1)
            at = datetime(morning.year, morning.month, morning.day, 4, 30, tzinfo=INDIA)
            self.memory.clock.move_to(at)
            self.services.transfers.watch(self.brand_id, over)
            self.memory.run_jobs()

    def payouts(self, loan: Loan) -> list[Payout]:
        with self.services.begin(self.brand_id) as uow:
            return list(uow.payouts.of_loan(loan.id))

    def mail(self, template: str) -> list[Message]:
        return [message for message in self.memory.message.sent if message.template == template]

    def hire(self, name: str, role: Role) -> StaffCaller:
        """Take on one more person."""
        hired = self.services.brands.hire(
            email=Email.parse(f"{name}@bharat.example"),
            name=name.title(),
            password="Sahyadri-monsoon-2026",
            roles=frozenset({role}),
            brands=frozenset({self.brand_id}),
        )
        return StaffCaller.of(hired.staff, self.brand_id)

    def person(self, *, score: int = 780, dpd: int = 0) -> Person:
        """Return a customer to be, with a history at other lenders."""
        return attrs.evolve(ASHA, score=score, dpd=dpd)

    def sign(self, body: bytes) -> dict[str, str]:
        """Return the headers the gateway would send with a body."""
        secret = self.memory.payment.secret.encode()
        return {"x-memory-signature": hmac.new(secret, body, hashlib.sha256).hexdigest()}

    def loan(self, loan_id: LoanId) -> Loan:
        with self.services.begin(self.brand_id) as uow:
            found = uow.loans.get(loan_id)
        assert found is not None
        return found

    def due_dates(self, caller: CustomerCaller, loan: Loan) -> list[date]:
        rows = self.services.repayments.timeline(caller, loan.id).rows
        return [row.adjusted_due_on for row in rows]

    def no_paisa_differs(self) -> None:
        """The books agree with the facts, and no job was given up."""
        assert self.services.selfcheck.run().differences == ()
        assert self.services.platform.dead_letters() == []


class NewLender(Protocol):
    """Makes a lender; settings differ from test to test."""

    def __call__(self, settings: Settings = ...) -> Lender: ...


@pytest.fixture
def new_lender() -> NewLender:
    def make(settings: Settings | None = None) -> Lender:
        memory = in_memory()
        brands = memory.services.brands
        brand = _brand(brands.new_brand_id())
        brands.create(brand, settings or Settings(), products=[_product()])
        people = {
            "executive": Role.CREDIT_EXECUTIVE,
            "manager": Role.CREDIT_MANAGER,
            "maker": Role.DISBURSEMENT,
            "checker": Role.ACCOUNTS,
            "collector": Role.COLLECTION_MANAGER,
            "admin": Role.ADMIN,
            "director": Role.SUPER_ADMIN,
        }
        lender = Lender(memory=memory, brand_id=brand.id, staff={})
        lender.staff = {name: lender.hire(name, role) for name, role in people.items()}
        return lender

    return make


@pytest.fixture
def lender(new_lender: Callable[[], Lender]) -> Lender:
    return new_lender()


def _brand(brand_id: BrandId) -> Brand:
    officer = Officer(name="Meera Iyer", phone="02067001234", email="grievance@bharat.example")
    return Brand(
        id=brand_id,
        code="bharat",
        name="Bharat Credit",
        lender="bharat-finance",
        legal_name="Bharat Finance Private Limited",
        rbi_reg_no="N-13.02345",
        address="4th Floor, Sahyadri House, Pune 411016",
        gst_state="MH",
        grievance_officer=officer,
        nodal_officer=officer,
    )


def _product() -> LoanProduct:
    return LoanProduct(
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
            fee_rule=FeeRule(pct=Decimal("2.5"), minimum=750_00, maximum=5_000_00),
            day_count=DayCount.MONTHLY,
            penal=PenalPolicy(
                rate_per_day_pct=Decimal("0.1"), grace_days=3, max_per_instalment=1_000_00
            ),
            foreclosure=ForeclosurePolicy(fee_pct=Decimal(4), disclosed=True),
        ),
    )


def _details(person: Person) -> PersonalDetails:
    return PersonalDetails(
        email=Email.parse(f"{person.phone}@mail.example"),
        residence=Residence(line1="12 Karve Road", city="Pune", state="MH", pincode="411038"),
        household_income=SALARY * 12,
    )


def _employment() -> Employment:
    return Employment(
        employer=EMPLOYER, joined_on=date(2021, 6, 1), net_salary=SALARY, salary_day=1
    )


def _statement(person: Person, *, until: date) -> Statement:
    """Return seven months of salary and rent."""
    rows: list[Row] = []
    balance = 40_000_00

    def add(on: date, narration: str, *, credit: Paise = 0, debit: Paise = 0) -> None:
        nonlocal balance
        balance += credit - debit
        rows.append(Row(on=on, narration=narration, debit=debit, credit=credit, balance=balance))

    for month in (date(2026, number, 1) for number in range(5, 12)):
        add(month, f"NEFT CR-CITI0000004-{EMPLOYER}-SALARY {month:%b %Y}".upper(), credit=SALARY)
        add(month.replace(day=3), "UPI-RENT-LANDLORD@OKAXIS-PAYMENT", debit=25_000_00)
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


def _report(person: Person, *, on: date) -> CreditReport:
    """Return a report of one card, well kept or late as the person is."""
    ends = on.year * 12 + on.month - 1
    history = tuple(
        MonthStatus(f"{month // 12}-{month % 12 + 1:02d}", person.dpd if month > ends - 3 else 0)
        for month in range(ends - 1, ends - 25, -1)
    )
    card = Tradeline(
        ref="1",
        lender="HDFC BANK",
        type_code="10",
        type_label="Credit Card",
        ownership=Ownership.INDIVIDUAL,
        open=True,
        opened_on=date(2020, 1, 15),
        reported_on=on - timedelta(days=20),
        credit_limit=1_00_000_00,
        balance=5_000_00,
        overdue=0,
        history=history,
    )
    return CreditReport(
        bureau="MEMORY",
        report_id=f"report-{person.pan[-4:]}",
        bureau_date=on,
        outcome=Outcome.HIT,
        scores=(Score(name="ERS", value=person.score),),
        tradelines=(card,),
        names=(person.name.upper(),),
    )
