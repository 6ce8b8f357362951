"""Letters of one loan as a lender would fill them, and the laws of the `Letters` port.

Values only and assertions on bytes: a renderer of one's own is tested by calling `check_letters`.
"""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

import attrs

from los_core.domain.letters import (
    AgreementLetter,
    Borrower,
    Clause,
    Fee,
    KeyFacts,
    KeyFactsLetter,
    Lender,
    Line,
    NoDuesLetter,
    Officer,
    Row,
    ScheduleLetter,
    summary_box,
)
from los_core.ports.pdf import Letters

_Letter = TypeVar("_Letter", AgreementLetter, KeyFactsLetter, NoDuesLetter, ScheduleLetter)

LENDER = Lender(
    legal_name="Sahyadri Credit Private Limited",
    brand_name="QuickRupee",
    address=("4th Floor, Lotus Chambers, Baner Road", "Pune 411045, Maharashtra"),
    registration_no="N-13.02345",
    grievance=Officer(
        name="Meera Joshi", phone="+91 20 4567 8900", email="grievance@sahyadri.example"
    ),
    phone="1800 123 4567",
    email="care@quickrupee.example",
    website="quickrupee.example",
)
BORROWER = Borrower(
    name="Rohan Deshpande",
    address=("Flat 12, Sai Krupa Society", "Kothrud", "Pune 411038"),
    pan_masked="ABCPXXXX4F",
    phone_masked="98XXXXXX10",
)
FACTS = KeyFacts(
    proposal_no="QR-P-000042",
    loan_type="Personal loan, unsecured, digital",
    amount_paise=20_000_00,
    disbursal="In one amount, within one working day of signing",
    term="2 months",
    instalment_kind="monthly, equated",
    instalments=2,
    instalment_paise=10_200_00,
    first_due_on=date(2026, 4, 5),
    rate_pct=Decimal(15),
    rate_kind="FIXED",
    total_interest_paise=400_00,
    fees=(
        Fee(label="Processing fee", amount_paise=203_39, gst_paise=36_61, payable_to="LENDER"),
        Fee(label="Insurance", amount_paise=135_59, gst_paise=24_41, payable_to="THIRD_PARTY"),
    ),
    net_disbursed_paise=19_600_00,
    total_payable_paise=20_400_00,
    apr_pct=Decimal("17.07"),
    apr_method="12 times the monthly internal rate of return",
    contingent=(
        Line(label="Penal charge", local="दंड शुल्क", value="0.10 % a day on the overdue instalment"),
    ),
    conditions=(Line(label="Recovery agents", value="Clause 9 of the agreement"),),
    cooling_off_days=3,
    valid_until=date(2026, 3, 9),
)
SCHEDULE = (
    Row(
        number=1,
        due_on=date(2026, 4, 5),
        opening_paise=20_000_00,
        principal_paise=9_950_00,
        interest_paise=250_00,
        instalment_paise=10_200_00,
    ),
    Row(
        number=2,
        due_on=date(2026, 5, 5),
        opening_paise=10_050_00,
        principal_paise=10_050_00,
        interest_paise=150_00,
        instalment_paise=10_200_00,
    ),
)
KEY_FACTS = KeyFactsLetter(
    lender=LENDER,
    borrower=BORROWER,
    facts=FACTS,
    schedule=SCHEDULE,
    issued_on=date(2026, 3, 4),
    version=1,
)
AGREEMENT = AgreementLetter(
    lender=LENDER,
    borrower=BORROWER,
    loan_no="QR-000042",
    terms=(Line(label="Sanctioned amount", value="₹20,000.00"),),
    key_facts=summary_box(FACTS),
    schedule=SCHEDULE,
    clauses=(Clause(heading="The loan", text="The lender lends.\nThe borrower borrows."),),
    signatory="Anil Kulkarni",
    place="Pune",
    issued_on=date(2026, 3, 4),
    header="Loan {loan_no} of {customer_name}",
    footer="{lender_name} · {date} · {page}/{pages}",
)
PLAN = ScheduleLetter(
    lender=LENDER,
    borrower=BORROWER,
    loan_no="QR-000042",
    terms=(Line(label="Amount", value="₹20,000.00"),),
    rows=SCHEDULE,
    issued_on=date(2026, 3, 4),
    version=2,
)
NO_DUES = NoDuesLetter(
    lender=LENDER,
    borrower=BORROWER,
    certificate_no="NDC-000007",
    version=1,
    loan_no="QR-000042",
    sanctioned_paise=20_000_00,
    disbursed_on=date(2026, 3, 5),
    closed_on=date(2026, 5, 5),
    paid_paise=20_400_00,
    signatory="Anil Kulkarni",
    issued_on=date(2026, 5, 5),
)


def check_letters(letters: Letters) -> None:
    """Assert the laws of the port on a renderer.

    Every letter is a PDF file by its first and last bytes; equal letters give equal bytes; a letter
    that differs in its date or its borrower's name gives other bytes.
    """
    _check(letters.key_facts, KEY_FACTS)
    _check(letters.agreement, AGREEMENT)
    _check(letters.schedule, PLAN)
    _check(letters.no_dues, NO_DUES)


def _check(
    render: Callable[[_Letter], bytes],
    letter: _Letter,
) -> None:
    once = render(letter)
    assert once.startswith(b"%PDF-1.")
    assert once.rstrip().endswith(b"%%EOF")
    assert render(attrs.evolve(letter)) == once
    assert render(attrs.evolve(letter, issued_on=letter.issued_on + timedelta(days=1))) != once
    other = attrs.evolve(letter.borrower, name="Somebody Else")
    assert render(attrs.evolve(letter, borrower=other)) != once
