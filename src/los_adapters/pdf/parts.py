"""The parts that several letters share: the parties and the repayment schedule."""

from collections.abc import Sequence

from los_adapters.pdf.pages import BODY, Column, Heading, Paper
from los_core.domain.letters import (
    AgreementLetter,
    Borrower,
    KeyFactsLetter,
    Lender,
    Line,
    NoDuesLetter,
    Row,
    ScheduleLetter,
    day,
)
from los_core.domain.rupees import format_rupees


def paper(
    letter: AgreementLetter | KeyFactsLetter | NoDuesLetter | ScheduleLetter,
    title: str,
    *,
    local: str = "",
    reference: str,
    loan_no: str,
) -> Paper:
    """Return the letter's paper with letterhead and title printed."""
    sheet = Paper(
        Heading(
            title=title,
            reference=reference,
            loan_no=loan_no,
            lender=letter.lender,
            borrower=letter.borrower,
            issued_on=letter.issued_on,
            header=letter.header,
            footer=letter.footer,
        )
    )
    sheet.title(title, local=local)
    return sheet


def borrower_lines(borrower: Borrower) -> tuple[Line, ...]:
    """Return who the customer is, as label-value lines."""
    return (
        Line(label="Borrower", value=borrower.name),
        Line(label="PAN", value=borrower.pan_masked),
        Line(label="Address", value=", ".join(borrower.address)),
        Line(label="Mobile", value=borrower.phone_masked),
    )


def grievance_text(lender: Lender) -> str:
    """Return the sentence that says where to complain, and what to do after 30 days.

    Source: RBI Digital Lending Directions 2025, grievance redressal.
    """
    officer = lender.grievance
    return (
        f"Questions or complaints: {officer.name}, Nodal Grievance Redressal Officer, "
        f"{officer.phone}, {officer.email}. A complaint not resolved within 30 days may be taken "
        "to the Reserve Bank of India at https://cms.rbi.org.in."
    )


def print_schedule(sheet: Paper, rows: Sequence[Row]) -> None:
    """Print the amortisation table with its totals. Source: KFS circular, annex C."""
    columns = (
        Column("No.", 7, "R"),
        Column("Due date", 15),
        Column("Outstanding principal", 22, "R"),
        Column("Principal", 18, "R"),
        Column("Interest", 18, "R"),
        Column("Instalment", 19, "R"),
    )
    sheet.table(
        columns,
        [
            (
                str(row.number),
                day(row.due_on),
                format_rupees(row.opening_paise),
                format_rupees(row.principal_paise),
                format_rupees(row.interest_paise),
                format_rupees(row.instalment_paise),
            )
            for row in rows
        ],
        total=(
            "",
            "Total",
            "",
            format_rupees(sum(row.principal_paise for row in rows)),
            format_rupees(sum(row.interest_paise for row in rows)),
            format_rupees(sum(row.instalment_paise for row in rows)),
        ),
    )


def print_lines(sheet: Paper, lines: Sequence[Line], *, first: int = 1) -> None:
    """Print long label-value pairs as a numbered table; values may be whole sentences."""
    sheet.table(
        (Column("No.", 6, "R"), Column("Particulars", 34), Column("Details", 60, style=BODY)),
        [
            (str(number), "\n".join(filter(None, (line.label, line.local))), line.value)
            for number, line in enumerate(lines, start=first)
        ],
    )
