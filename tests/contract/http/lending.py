"""Takes customers' loans to any status by the services' own commands.

For statuses that no command of this release leads to, a row is put.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final
from uuid import UUID

from tests.contract.http.installation import Installation
from tests.contract.http.people import EMPLOYER, SALARY, Borrower, Lender, Person, statement_of

from los_adapters.entropy import SystemEntropy
from los_adapters.payout.memory import Behaviour
from los_adapters.statement.memory import file_of
from los_core.domain.access import Role
from los_core.domain.bureau import CreditReport, Outcome, Score
from los_core.domain.consent import Purpose
from los_core.domain.customer import BankAccount, Employment, PersonalDetails, Residence
from los_core.domain.ids import AccountId
from los_core.domain.kyc import Aadhaar, AccountNumber, Email, Ifsc, Pan, Phone
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan
from los_core.domain.servicing import PaymentPurpose
from los_core.ports.errors import Unavailable
from los_core.ports.identity import AadhaarRecord, Address, PanRecord
from los_core.testing import records

AMOUNT: Final = 20_000_00
TENURE: Final = 3
BORN_ON: Final = date(1994, 5, 17)

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
"""What the next run of jobs moves on: lent last, in an order that moves none of them."""


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


def _step(  # noqa: C901 - one case per station
    made: Installation, lender: Lender, who: Borrower, to: Status
) -> None:
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


def put(made: Installation, status: Status) -> None:
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
    identity.send_code(lender.id, phone)
    code = made.fakes.messages.sent[-1].variables["otp"]
    pair = identity.redeem_code(lender.id, phone, code)
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
    statement = file_of(statement_of(person, until=today))
    services.banking.read_statement(caller, statement, password=None, name="statement.pdf")
    made.fakes.bureau.reports[person.pan] = CreditReport(
        bureau="MEMORY",
        report_id=f"report-{person.number}",
        bureau_date=today,
        outcome=Outcome.HIT,
        scores=(Score(name="ERS", value=780),),
        names=(person.name.upper(),),
    )
