"""Letters from what is on file: Key Facts Statement, agreement, schedule, no-dues certificate.

Only arranges values that were computed once (`keyfacts`, `schedule`); it computes none. A Key Facts
Statement is stored as data, and its letter can be made again from it at any time.
"""

from datetime import date
from typing import Final

from los_core.domain import letters
from los_core.domain.agreement import KeyFactsOnFile
from los_core.domain.apr import AprMethod
from los_core.domain.brand import Brand, Settings
from los_core.domain.customer import Customer
from los_core.domain.documents import from_document
from los_core.domain.keyfacts import Contact, KeyFacts, Lender, PayableTo
from los_core.domain.letters import Clause, Line, day, percent
from los_core.domain.loan import Loan
from los_core.domain.rupees import format_rupees, rupees_in_words
from los_core.domain.schedule import Schedule
from los_core.domain.terms import Terms

_APR_WORDS: Final = {
    AprMethod.PERIODIC_NOMINAL: "Twelve times the monthly internal rate of return of the flows",
    AprMethod.SINGLE_PAYMENT_SIMPLE: "Cost over net amount, simple, for 365 days",
    AprMethod.XIRR_EFFECTIVE: "Effective annual rate of the dated flows",
}


def statement_lender(brand: Brand) -> Lender:
    """Return what part 2 of the statement says of the lender."""
    officer = brand.grievance_officer
    return Lender(
        name=brand.legal_name,
        grievance_officer=Contact(name=officer.name, phone=officer.phone, email=officer.email),
        recovery_clause=(
            "Overdue amounts may be followed up by our staff or by agents whose names are sent "
            "to you before they first contact you; they may call from 8 a.m. to 7 p.m. only."
        ),
        grievance_clause=(
            "Write to the grievance officer named here. If you have no answer within 30 days you "
            "may turn to the Reserve Bank at cms.rbi.org.in."
        ),
        transfer_clause="This loan may be transferred or securitised under RBI directions.",
    )


def read_key_facts(on_file: KeyFactsOnFile) -> KeyFacts:
    """Return the statement that was issued, from its stored content."""
    return from_document(KeyFacts, on_file.document)


def key_facts_letter(
    on_file: KeyFactsOnFile, *, brand: Brand, settings: Settings, customer: Customer
) -> letters.KeyFactsLetter:
    """Return the statement as a letter."""
    facts = read_key_facts(on_file)
    return letters.KeyFactsLetter(
        lender=_lender(brand),
        borrower=_borrower(customer),
        facts=_printed(facts),
        schedule=_rows(facts),
        issued_on=facts.issued_on,
        version=1,
        header=settings.agreement_header,
        footer=settings.agreement_footer,
    )


def agreement_letter(
    on_file: KeyFactsOnFile,
    loan: Loan,
    *,
    brand: Brand,
    settings: Settings,
    customer: Customer,
    issued_on: date,
) -> letters.AgreementLetter:
    """Return the loan agreement for accepted terms; its schedule is the statement's."""
    facts = read_key_facts(on_file)
    return letters.AgreementLetter(
        lender=_lender(brand),
        borrower=_borrower(customer),
        loan_no=loan.loan_no,
        terms=_sanction_lines(facts),
        key_facts=letters.summary_box(_printed(facts)),
        schedule=_rows(facts),
        clauses=_clauses(facts, brand),
        signatory=f"Authorised signatory, {brand.legal_name}",
        place=brand.address.rpartition(",")[2].strip() or brand.address,
        issued_on=issued_on,
        header=settings.agreement_header,
        footer=settings.agreement_footer,
    )


def schedule_letter(
    loan: Loan,
    terms: Terms,
    schedule: Schedule,
    *,
    brand: Brand,
    settings: Settings,
    customer: Customer,
    issued_on: date,
    version: int,
) -> letters.ScheduleLetter:
    """Return a repayment schedule from the actual credit date."""
    return letters.ScheduleLetter(
        lender=_lender(brand),
        borrower=_borrower(customer),
        loan_no=loan.loan_no,
        terms=(
            Line(label="Loan amount", value=format_rupees(terms.principal)),
            Line(label="Interest rate", value=f"{percent(terms.annual_rate_pct)} a year"),
            Line(label="Disbursed on", value=day(loan.disbursed_on) if loan.disbursed_on else "–"),
        ),
        rows=tuple(
            letters.Row(
                number=row.no,
                due_on=row.adjusted_due_on,
                opening_paise=row.opening,
                principal_paise=row.principal,
                interest_paise=row.interest,
                instalment_paise=row.amount,
            )
            for row in schedule
        ),
        issued_on=issued_on,
        version=version,
        header=settings.agreement_header,
        footer=settings.agreement_footer,
    )


def no_dues_letter(
    loan: Loan,
    *,
    certificate_no: str,
    version: int,
    paid: int,
    brand: Brand,
    settings: Settings,
    customer: Customer,
    issued_on: date,
) -> letters.NoDuesLetter:
    """Return the no-dues certificate of a completed loan."""
    assert loan.terms is not None, "a completed loan has terms"
    assert loan.disbursed_on is not None, "a completed loan was disbursed"
    assert loan.closed_on is not None, "a completed loan has closed"
    return letters.NoDuesLetter(
        lender=_lender(brand),
        borrower=_borrower(customer),
        certificate_no=certificate_no,
        version=version,
        loan_no=loan.loan_no,
        sanctioned_paise=loan.terms.principal,
        disbursed_on=loan.disbursed_on,
        closed_on=loan.closed_on,
        paid_paise=paid,
        signatory=f"Authorised signatory, {brand.legal_name}",
        issued_on=issued_on,
        header=settings.agreement_header,
        footer=settings.agreement_footer,
    )


def _lender(brand: Brand) -> letters.Lender:
    officer = brand.grievance_officer
    return letters.Lender(
        legal_name=brand.legal_name,
        brand_name=brand.name,
        address=tuple(part.strip() for part in brand.address.split(",")),
        registration_no=brand.rbi_reg_no,
        grievance=letters.Officer(name=officer.name, phone=officer.phone, email=officer.email),
        phone=brand.nodal_officer.phone,
        email=brand.nodal_officer.email,
    )


def _borrower(customer: Customer) -> letters.Borrower:
    address: tuple[str, ...] = ()
    if customer.details is not None:
        home = customer.details.residence
        lines = (home.line1, home.line2, f"{home.city} {home.pincode}, {home.state}")
        address = tuple(line for line in lines if line)
    return letters.Borrower(
        name=customer.name.title(),
        address=address,
        pan_masked=customer.pan.pan.masked if customer.pan else "",
        phone_masked=customer.phone.masked,
    )


def _printed(facts: KeyFacts) -> letters.KeyFacts:
    bullet = facts.instalments == 1
    officer = facts.lender.grievance_officer
    return letters.KeyFacts(
        proposal_no=facts.proposal_no,
        loan_type=facts.loan_type,
        amount_paise=facts.amount,
        disbursal="In full to the borrower's own verified bank account",
        term=f"{facts.term_days} days" if bullet else f"{facts.instalments} months",
        instalment_kind=facts.instalment_type,
        instalments=facts.instalments,
        instalment_paise=facts.instalment_amount,
        first_due_on=facts.first_due_on,
        rate_pct=facts.rate_pct,
        rate_kind="FIXED",
        total_interest_paise=facts.total_interest,
        fees=tuple(
            letters.Fee(
                label=fee.name,
                amount_paise=fee.amount,
                gst_paise=fee.gst.total,
                payable_to="LENDER" if fee.payable_to is PayableTo.LENDER else "THIRD_PARTY",
            )
            for fee in facts.fees
        ),
        net_disbursed_paise=facts.net_disbursal,
        total_payable_paise=facts.total_payable,
        apr_pct=facts.apr_pct,
        apr_method=_APR_WORDS[facts.apr_method],
        contingent=tuple(
            Line(label=charge.name, value=charge.terms) for charge in facts.contingent_charges
        ),
        conditions=(
            Line(label="Recovery agents", value=facts.lender.recovery_clause),
            Line(label="Grievances", value=facts.lender.grievance_clause),
            Line(
                label="Grievance officer",
                value=f"{officer.name}, {officer.phone}, {officer.email}",
            ),
            Line(label="Transfer", value=facts.lender.transfer_clause),
        ),
        cooling_off_days=facts.cooling_off_days,
        valid_until=facts.valid_until,
    )


def _rows(facts: KeyFacts) -> tuple[letters.Row, ...]:
    return tuple(
        letters.Row(
            number=row.no,
            due_on=row.due_on,
            opening_paise=row.opening,
            principal_paise=row.principal,
            interest_paise=row.interest,
            instalment_paise=row.amount,
        )
        for row in facts.rows
    )


def _sanction_lines(facts: KeyFacts) -> tuple[Line, ...]:
    return (
        Line(label="Sanctioned amount", value=format_rupees(facts.amount)),
        Line(label="In words", value=rupees_in_words(facts.amount)),
        Line(label="Net amount paid out", value=format_rupees(facts.net_disbursal)),
        Line(label="Interest rate", value=f"{percent(facts.rate_pct)} a year, fixed"),
        Line(label="Annual percentage rate", value=percent(facts.apr_pct)),
        Line(
            label="Repayment",
            value=f"{facts.instalments} × {format_rupees(facts.instalment_amount)}, "
            f"first on {day(facts.first_due_on)}",
        ),
        Line(label="Key Facts Statement", value=facts.proposal_no),
    )


def _clauses(facts: KeyFacts, brand: Brand) -> tuple[Clause, ...]:
    penal = "; ".join(f"{charge.name}: {charge.terms}" for charge in facts.contingent_charges)
    links = brand.policy_links
    published = ", ".join(link for link in (links.terms, links.privacy, links.faq) if link)
    clauses = [
        Clause(
            heading="The loan",
            text="The lender lends and the borrower borrows the sanctioned amount on the terms of "
            "this agreement and of the Key Facts Statement, which is part of it. Interest runs "
            "from the day the money reaches the borrower's account, on the principal outstanding, "
            "for the days it is outstanding.",
        ),
        Clause(
            heading="Repayment",
            text="The borrower pays each instalment on or before its due date. A due date that "
            "falls on a day without repayment moves as the schedule shows. Payments clear the "
            "oldest instalment first, interest before principal, then charges.",
        ),
        Clause(
            heading="Charges",
            text=f"No charge is made that the Key Facts Statement does not name. {penal}. Penal "
            "charges are not added to the principal and bear no interest.",
        ),
        Clause(
            heading="Leaving early",
            text=f"Within {facts.cooling_off_days} days of the disbursal the borrower may exit by "
            "paying the principal and the proportionate annual percentage rate, without penalty. "
            "Later the loan may be foreclosed for the amount the lender quotes for the day.",
        ),
        Clause(
            heading="If dues stay unpaid",
            text="An account is SMA-0 from the due date, SMA-1 after 30 days, SMA-2 after 60 days "
            "and a non-performing asset after 90 days. For a due date of 31 March these are 31 "
            "March, 30 April, 30 May and 29 June. The lender reports to credit information "
            "companies.",
        ),
        Clause(heading="Recovery", text=facts.lender.recovery_clause),
        Clause(heading="Grievances", text=facts.lender.grievance_clause),
        Clause(
            heading="Data",
            text="The lender uses the borrower's data for the purposes consented to and keeps it "
            "in India. Consent may be withdrawn as easily as it was given.",
        ),
        Clause(
            heading="Law",
            text="This agreement is governed by the laws of India."
            + (f" Policies: {published}." if published else ""),
        ),
    ]
    return tuple(clauses)
