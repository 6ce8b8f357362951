"""Records as a lender would have them, for tests of stores: one brand, one customer, one loan.

Each builder takes the ids that tie it to its parents and returns a whole, legal record, with every
optional field set at least once somewhere, so that a round trip loses nothing unseen.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, Final
from uuid import UUID, uuid4

import attrs

from los_core.domain.access import Role
from los_core.domain.activity import Activity, Sitting
from los_core.domain.agreement import (
    Agreement,
    AgreementStatus,
    DocumentOnFile,
    DocumentType,
    KeyFactsOnFile,
    NoDues,
)
from los_core.domain.api_key import ApiKey
from los_core.domain.approval import Approval
from los_core.domain.assessment import (
    CamOnFile,
    DecisionKind,
    DecisionOnFile,
    ReportKind,
    ReportOnFile,
)
from los_core.domain.brand import Brand, Officer, PolicyLinks
from los_core.domain.charges import FeeRule
from los_core.domain.consent import Consent, Purpose
from los_core.domain.customer import (
    AadhaarIdentity,
    AadhaarSession,
    BankAccount,
    Customer,
    Employment,
    PanIdentity,
    PersonalDetails,
    Residence,
    StatementOnFile,
    StepState,
)
from los_core.domain.due_rules import FixedDay
from los_core.domain.facts import Received
from los_core.domain.ids import (
    AccountId,
    ApprovalId,
    BrandId,
    CustomerId,
    DocumentId,
    JobId,
    LoanId,
    OfferId,
    PaymentId,
    PayoutId,
    StaffId,
)
from los_core.domain.kyc import AccountNumber, Email, Ifsc, Pan, Phone, Uan
from los_core.domain.ledger import Account, Entry, Posting
from los_core.domain.lifecycle import Actor
from los_core.domain.loan import By, Loan, Move, Position
from los_core.domain.notification import Notification, NotificationKind
from los_core.domain.offers import LoanProduct, Offer
from los_core.domain.payout import Payout
from los_core.domain.policies import DayCount, Method
from los_core.domain.pricing import Product
from los_core.domain.servicing import (
    CollectionOrder,
    PaymentPurpose,
    Receipt,
    ReceiptStatus,
)
from los_core.domain.staff import OtpChallenge, SecureCode, SecurePurpose, Session, Staff
from los_core.domain.terms import Terms, terms_hash
from los_core.domain.work import AuditEvent, Job, SentMessage, WebhookEvent

AT: Final = datetime(2026, 1, 5, 6, 30, 0, 123456, tzinfo=UTC)
ON: Final = date(2026, 1, 5)

PAN: Final = "ABCPE1234F"
PHONE: Final = "9876543210"
ACCOUNT: Final = "004501234567"
NAME: Final = "Sunita Devi Rao"
EMAIL: Final = "sunita.rao@example.in"
PERSONAL: Final = (PAN, PHONE, ACCOUNT, NAME, EMAIL, "Lotus Chambers", "100200300400")
"""Texts of `customer` that may be nowhere in the clear."""


def brand(code: str) -> Brand:
    """Return a lender's brand."""
    officer = Officer(name="Meera Joshi", phone="+91 20 4567 8900", email="care@lender.example")
    return Brand(
        id=BrandId(uuid4()),
        code=code,
        name="QuickRupee",
        lender="sahyadri",
        legal_name="Sahyadri Credit Private Limited",
        rbi_reg_no="N-13.02345",
        address="Baner Road, Pune 411045",
        gst_state="MH",
        grievance_officer=officer,
        nodal_officer=officer,
        policy_links=PolicyLinks(terms="https://lender.example/terms"),
    )


def customer(brand_id: BrandId, customer_id: UUID) -> Customer:
    """Return a customer who has told and proved everything."""
    return Customer(
        id=CustomerId(customer_id),
        brand_id=brand_id,
        phone=Phone(PHONE),
        created_at=AT,
        phone_verified_at=AT,
        person="person-index",
        details=PersonalDetails(
            email=Email(EMAIL),
            residence=Residence(
                line1="4, Lotus Chambers", city="Pune", state="MH", pincode="411045", since=ON
            ),
            household_income=9_00_000_00,
        ),
        pan=PanIdentity(
            pan=Pan(PAN),
            state=StepState.VERIFIED,
            name=NAME,
            born_on=date(1994, 2, 11),
            name_match_pct=100,
            aadhaar_linked=True,
            aadhaar_last4="1234",
            checked_at=AT,
        ),
        aadhaar=AadhaarIdentity(
            last4="1234",
            reference="ekyc-1",
            state=StepState.VERIFIED,
            name=NAME,
            born_on=None,
            checked_at=AT,
        ),
        aadhaar_session=AadhaarSession(
            last4="1234", session="otp-session", provider="digitap", started_at=AT
        ),
        employment=Employment(
            employer="Kaveri Textiles",
            joined_on=date(2020, 6, 1),
            net_salary=62_500_00,
            salary_day=1,
            uan=Uan("100200300400"),
        ),
        accounts=(
            BankAccount(
                id=AccountId(UUID(int=7)),
                holder=NAME,
                number=AccountNumber(ACCOUNT),
                ifsc=Ifsc("HDFC0000123"),
                state=StepState.VERIFIED,
                verified_at=AT,
            ),
        ),
        statement=StatementOnFile(
            document_id=DocumentId(UUID(int=8)),
            bank="HDFC",
            account_last4="4567",
            period_from=date(2025, 7, 1),
            period_to=date(2025, 12, 31),
            months=6,
            account_matches=True,
            state=StepState.VERIFIED,
            read_at=AT,
        ),
    )


def terms(principal: int = 1_00_000_00) -> Terms:
    """Return the terms of a year's loan."""
    return Terms(
        method=Method.REDUCING,
        principal=principal,
        rate_pct=Decimal("18.50"),
        instalments=12,
        planned_on=ON,
        first_due_on=date(2026, 2, 5),
        anchor_day=5,
        day_count=DayCount.MONTHLY,
        non_repayment_dates=(date(2026, 10, 2),),
    )


def product(code: str = "PL12") -> LoanProduct:
    """Return a product, with a price list that holds every kind of value."""
    return LoanProduct(
        code=code,
        name="Personal loan",
        min_amount=10_000_00,
        max_amount=5_00_000_00,
        step=1_000_00,
        tenures=(6, 12, 24),
        price=Product(
            method=Method.REDUCING,
            rate_pct=Decimal("18.5"),
            due_rule=FixedDay(cycle_days=(5, 15)),
            fee_rule=FeeRule(pct=Decimal("2.5")),
            day_count=DayCount.MONTHLY,
        ),
    )


def loan(brand_id: BrandId, customer_id: CustomerId, loan_id: UUID, **changes: Any) -> Loan:
    """Return a loan that was just applied for."""
    new = Loan(
        id=LoanId(loan_id),
        brand_id=brand_id,
        customer_id=customer_id,
        loan_no=f"LN-{loan_id.hex}",
        product="PL12",
        applied_amount=1_00_000_00,
        applied_tenure=12,
        created_at=AT,
    )
    return attrs.evolve(new, **changes)


def by() -> By:
    """Return the customer as an actor."""
    return By(actor=Actor.CUSTOMER, actor_id=UUID(int=3), at=AT)


def begun(new: Loan) -> tuple[Loan, Move]:
    """Return a loan with the first line of its history."""
    return new, new.begin(by())


def grown(known: Loan) -> None:
    """Give a loan every field that a running one has."""
    known.terms = terms()
    known.terms_hash = terms_hash(known.terms)
    known.apr_pct = Decimal("19.97")
    known.net_disbursal = 97_050_00
    known.disbursed_on = ON
    known.assigned_to = StaffId(UUID(int=4))
    known.position = Position(
        as_of=ON,
        principal=1_00_000_00,
        interest=5_00,
        advance=1,
        oldest_unpaid_due_on=date(2026, 2, 5),
        wake_on=date(2026, 2, 5),
    )


def offer(brand_id: BrandId, loan_id: LoanId, offer_id: UUID, *, of: Terms | None = None) -> Offer:
    """Return an offer, of the usual terms or of these."""
    return Offer(
        id=OfferId(offer_id),
        brand_id=brand_id,
        loan_id=loan_id,
        product="PL12",
        tenure=12,
        terms=of or terms(),
        emi=9_194_00,
        total_interest=10_328_00,
        total_payable=1_10_328_00,
        total_cost=13_278_00,
        net_disbursal=97_050_00,
        apr_pct=Decimal("24.10"),
        made_at=AT,
        expires_at=AT + timedelta(days=7),
    )


def key_facts(made: Offer, key_facts_id: UUID) -> KeyFactsOnFile:
    """Return the statement of an offer."""
    return KeyFactsOnFile(
        id=key_facts_id,
        brand_id=made.brand_id,
        loan_id=made.loan_id,
        offer_id=made.id,
        proposal_no="KFS-1",
        document={"borrower": NAME, "amount": 1_00_000_00, "fees": [{"gst": 450_00}]},
        hash="ab" * 32,
        terms_hash=terms_hash(made.terms),
        language="en",
        issued_at=AT,
        valid_until=date(2026, 1, 8),
    )


def report(brand_id: BrandId, customer_id: CustomerId, report_id: UUID) -> ReportOnFile:
    """Return a bureau report."""
    return ReportOnFile(
        id=report_id,
        brand_id=brand_id,
        customer_id=customer_id,
        kind=ReportKind.BUREAU,
        provider="equifax",
        reference="req-1",
        fetched_at=AT,
        expires_at=AT + timedelta(days=30),
        purpose="LOAN_APPLICATION",
        document={"pan": PAN, "accounts": []},
        figures={"bureau.score": 765},
        raw=f"<report>{PAN}</report>".encode(),
    )


def decision(brand_id: BrandId, loan_id: LoanId, decision_id: UUID) -> DecisionOnFile:
    """Return a run of the hard rules."""
    return DecisionOnFile(
        id=decision_id,
        brand_id=brand_id,
        loan_id=loan_id,
        kind=DecisionKind.BRE,
        verdict="PASS",
        reasons=("AGE", "INCOME"),
        document={"input": {"phone": PHONE}},
        actor_id=None,
        at=AT,
    )


def cam(brand_id: BrandId, loan_id: LoanId, cam_id: UUID, version_no: int = 1) -> CamOnFile:
    """Return a credit appraisal memo."""
    return CamOnFile(
        id=cam_id,
        brand_id=brand_id,
        loan_id=loan_id,
        version_no=version_no,
        prepared_by=StaffId(UUID(int=4)),
        recommended=1_00_000_00,
        tenure=12,
        foir_deviation="0",
        document={"salary": 62_500_00},
        remarks=f"spoke to {NAME}",
        at=AT,
    )


def agreement(
    brand_id: BrandId, loan_id: LoanId, agreement_id: UUID, version_no: int = 1
) -> Agreement:
    """Return an agreement that was sent for signing."""
    return Agreement(
        id=agreement_id,
        brand_id=brand_id,
        loan_id=loan_id,
        version_no=version_no,
        reference=f"LN-1-{version_no}",
        status=AgreementStatus.SENT,
        terms_hash="cd" * 32,
        unsigned_document=DocumentId(UUID(int=9)),
        signing_url="https://esign.example/d/secret-docket",
        callback_token="callback-token",  # noqa: S106 - of a record in a test
        callback_secret="callback-secret",  # noqa: S106 - the same
        created_at=AT,
        expires_at=AT + timedelta(days=7),
    )


def file(
    brand_id: BrandId, customer_id: CustomerId, loan_id: LoanId | None, document_id: UUID
) -> DocumentOnFile:
    """Return a file's record."""
    return DocumentOnFile(
        id=DocumentId(document_id),
        brand_id=brand_id,
        customer_id=customer_id,
        loan_id=loan_id,
        type=DocumentType.KFS,
        name=f"{NAME}.pdf",
        key="kyc/1",
        sha256="ef" * 32,
        content_type="application/pdf",
        size=12_345,
        created_at=AT,
    )


def no_dues(brand_id: BrandId, loan_id: LoanId, certificate_id: UUID) -> NoDues:
    """Return a no-dues certificate."""
    return NoDues(
        id=certificate_id,
        brand_id=brand_id,
        loan_id=loan_id,
        certificate_no="NDC-1",
        version_no=1,
        document_id=DocumentId(UUID(int=9)),
        issued_on=ON,
    )


def payout(brand_id: BrandId, loan_id: LoanId, payout_id: UUID, attempt: int = 1) -> Payout:
    """Return a prepared payout."""
    return Payout(
        id=PayoutId(payout_id),
        brand_id=brand_id,
        loan_id=loan_id,
        attempt=attempt,
        reference=f"P{payout_id.hex[-9:]}{attempt:02d}",
        amount=97_050_00,
        account_id=AccountId(UUID(int=7)),
        maker=StaffId(UUID(int=4)),
        prepared_at=AT,
    )


def order(brand_id: BrandId, loan_id: LoanId, reference: str) -> CollectionOrder:
    """Return an order at a gateway."""
    return CollectionOrder(
        reference=reference,
        brand_id=brand_id,
        loan_id=loan_id,
        purpose=PaymentPurpose.INSTALMENT,
        amount=9_194_00,
        provider="razorpay",
        provider_account="acc_1",
        order_id=f"order_{reference}",
        checkout_url="https://pay.example/o/secret-order",
        created_at=AT,
        expires_on=ON,
    )


def receipt(brand_id: BrandId, loan_id: LoanId, payment_id: UUID, **changes: Any) -> Receipt:
    """Return a receipt that was posted."""
    new = Receipt(
        id=PaymentId(payment_id),
        brand_id=brand_id,
        loan_id=loan_id,
        receipt_no="RC-1",
        amount=9_194_00,
        mode="UPI",
        source="razorpay",
        account="acc_1",
        reference=f"pay_{payment_id.hex}",
        value_date=ON,
        status=ReceiptStatus.POSTED,
        split=(("INTEREST", 1_541_67), ("PRINCIPAL", 7_652_33)),
        approval_id=ApprovalId(UUID(int=5)),
        recorded_at=AT,
    )
    return attrs.evolve(new, **changes)


def received(fact_id: UUID, reference: str) -> Received:
    """Return the fact of a receipt."""
    return Received(
        fact_id=fact_id, value_date=ON, source="razorpay", reference=reference, amount=9_194_00
    )


def posting(posting_id: UUID, reference: str) -> Posting:
    """Return the posting of a receipt."""
    return Posting(
        id=posting_id,
        reference=reference,
        entries=(
            Entry(account=Account.BANK, value_date=ON, amount=9_194_00),
            Entry(account=Account.INTEREST, value_date=ON, amount=-1_541_67),
            Entry(account=Account.PRINCIPAL, value_date=ON, amount=-7_652_33),
        ),
    )


def approval(brand_id: BrandId, approval_id: UUID) -> Approval:
    """Return a request for a second person."""
    return Approval.ask(
        id=ApprovalId(approval_id),
        brand_id=brand_id,
        entity="customer",
        entity_id=UUID(int=6),
        action="accept-name",
        payload={"name": NAME, "pct": 71},
        maker=StaffId(UUID(int=4)),
        at=AT,
        barred=[StaffId(UUID(int=5))],
    )


def consent(customer_id: CustomerId, consent_id: UUID) -> Consent:
    """Return a consent."""
    return Consent(
        id=consent_id,
        customer_id=customer_id,
        purpose=Purpose.BUREAU_PULL,
        text_version="2026-01",
        language="hi",
        granted_at=AT,
        channel="APP",
        ip="203.0.113.9",
        device="Pixel 8",
    )


def otp(brand_id: BrandId, challenge_id: UUID, **changes: Any) -> OtpChallenge:
    """Return a one-time code that was sent."""
    new = OtpChallenge(
        id=challenge_id,
        brand_id=brand_id,
        purpose="LOGIN",
        phone_index="phone-index",
        code_hash="right",
        sent_at=AT,
        expires_at=AT + timedelta(minutes=5),
    )
    return attrs.evolve(new, **changes)


def job(brand_id: BrandId, job_id: UUID, **changes: Any) -> Job:
    """Return a job that is due."""
    new = Job(
        id=JobId(job_id),
        brand_id=brand_id,
        kind="application.decide",
        key=str(job_id),
        payload={"loanId": str(UUID(int=1))},
        due_at=AT,
        created_at=AT,
    )
    return attrs.evolve(new, **changes)


def event(brand_id: BrandId, event_id: UUID, key: str = "evt_1") -> WebhookEvent:
    """Return a proven message of a gateway."""
    return WebhookEvent(
        id=event_id,
        brand_id=brand_id,
        port="payment",
        provider="razorpay",
        account="acc_1",
        event_key=key,
        kind="payment.captured",
        reference="order-1",
        body=b'{"contact": "+919876543210"}',
        received_at=AT,
    )


def message(brand_id: BrandId, loan_id: LoanId | None, message_id: str) -> SentMessage:
    """Return a message that is to be sent."""
    return SentMessage(
        id=message_id,
        brand_id=brand_id,
        channel="SMS",
        template="loan.disbursed",
        to_masked="98xxxxxx10",
        loan_id=loan_id,
        at=AT,
    )


def audit(brand_id: BrandId, event_id: UUID) -> AuditEvent:
    """Return a line of the trail."""
    return AuditEvent(
        id=event_id,
        brand_id=brand_id,
        at=AT,
        actor="STAFF",
        actor_id=UUID(int=4),
        action="loan.sanction",
        entity="loan",
        entity_id=UUID(int=1),
        facts={"amountPaise": 1_00_000_00, "reasons": ["AGE"]},
    )


def staff(staff_id: UUID, *brands: BrandId, email: str | None = None) -> Staff:
    """Return a credit executive."""
    return Staff(
        id=StaffId(staff_id),
        email=Email(email or f"s{staff_id.hex}@lender.example"),
        name="Ravi Kumar",
        password_hash="$2b$12$hash",  # noqa: S106 - of a record in a test
        roles=frozenset({Role.CREDIT_EXECUTIVE, Role.SUPPORT}),
        brands=frozenset(brands),
        last_allocated_at=AT,
        created_at=AT,
    )


def session(session_id: UUID, staff_id: StaffId, token_hash: str) -> Session:
    """Return a log-in."""
    return Session(
        id=session_id,
        staff_id=staff_id,
        token_hash=token_hash,
        rotated_at=AT,
        created_at=AT,
        expires_at=AT + timedelta(days=30),
        ends_at=AT + timedelta(days=90),
        device="Firefox",
        ip="203.0.113.9",
    )


def secure_code(code_id: UUID, staff_id: StaffId, **changes: Any) -> SecureCode:
    """Return a code that was asked for by e-mail."""
    code = SecureCode(
        id=code_id,
        staff_id=staff_id,
        purpose=SecurePurpose.PASSWORD,
        issued_by=None,
        sent_at=AT,
        expires_at=AT + timedelta(minutes=10),
    )
    return attrs.evolve(code, **changes)


def api_key(brand_id: BrandId, key_id: UUID, **changes: Any) -> ApiKey:
    """Return a key of a brand."""
    key = ApiKey(
        id=key_id,
        brand_id=brand_id,
        name="Their own app",
        scopes=frozenset({"loans:read", "customers:read"}),
        key_hash=f"hash of {key_id}",
        last4="wxyz",
        created_by=StaffId(UUID(int=4)),
        created_at=AT,
    )
    return attrs.evolve(key, **changes)


def notification(
    brand_id: BrandId, notification_id: UUID, staff_id: StaffId, **changes: Any
) -> Notification:
    """Return what somebody is told and has not read."""
    told = Notification(
        id=notification_id,
        brand_id=brand_id,
        staff_id=staff_id,
        kind=NotificationKind.LOAN_ASSIGNED,
        title="New loan for you",
        body="Loan LN-000001 is yours to work on.",
        metadata={"loanId": str(UUID(int=1))},
        created_at=AT,
    )
    return attrs.evolve(told, **changes)


def sitting(brand_id: BrandId, sitting_id: UUID, staff_id: StaffId, **changes: Any) -> Sitting:
    """Return the work of a log-in that has begun and was idle once."""
    activity = Activity.start(AT).ping(AT + timedelta(minutes=6))
    sat = Sitting(
        id=sitting_id,
        brand_id=brand_id,
        staff_id=staff_id,
        device="Firefox",
        ip="203.0.113.9",
        activity=activity,
    )
    return attrs.evolve(sat, **changes)
