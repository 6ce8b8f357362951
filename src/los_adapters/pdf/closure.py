"""Papers of a running or ended loan: schedule, no-dues certificate, settlement letter."""

from los_adapters.pdf.pages import SMALL
from los_adapters.pdf.parts import borrower_lines, grievance_text, paper, print_schedule
from los_core.domain.letters import Line, NoDuesLetter, ScheduleLetter, day
from los_core.domain.rupees import format_rupees


def render_schedule(letter: ScheduleLetter) -> bytes:
    """Return the repayment schedule as a PDF file."""
    sheet = paper(
        letter,
        "Repayment Schedule",
        local="चुकौती अनुसूची",
        reference=letter.loan_no,
        loan_no=letter.loan_no,
    )
    sheet.pairs(
        (
            Line(label="Loan number", value=letter.loan_no),
            Line(label="Date", value=f"{day(letter.issued_on)}, version {letter.version}"),
            *borrower_lines(letter.borrower),
            *letter.terms,
        )
    )
    if letter.version > 1:
        sheet.paragraph("This schedule replaces the versions issued before it.")
    sheet.heading("Instalments")
    print_schedule(sheet, letter.rows)
    sheet.paragraph(grievance_text(letter.lender), SMALL)
    return sheet.finish()


def render_no_dues(letter: NoDuesLetter) -> bytes:
    """Return the certificate, or the settlement letter where a balance was waived, as a PDF."""
    settled = letter.waived_paise is not None
    title = "Settlement Letter" if settled else "No Dues Certificate"
    local = "समझौता पत्र" if settled else "अदेयता प्रमाण पत्र"
    sheet = paper(
        letter,
        title,
        local=local,
        reference=letter.certificate_no,
        loan_no=letter.loan_no,
    )
    sheet.pairs(
        (
            Line(label="Certificate", value=letter.certificate_no),
            Line(label="Date", value=f"{day(letter.issued_on)}, version {letter.version}"),
            *borrower_lines(letter.borrower),
        )
    )
    sheet.gap(6)
    sheet.paragraph(f"Dear {letter.borrower.name},")
    sheet.gap(2)
    for paragraph in _statements(letter):
        sheet.paragraph(paragraph)
        sheet.gap(1.5)
    sheet.heading("The loan")
    sheet.pairs(_figures(letter), box=True)
    sheet.gap(3)
    sheet.paragraph(grievance_text(letter.lender))
    sheet.gap(4)
    sheet.signatures(
        ((f"For {letter.lender.legal_name}", (letter.signatory, "Authorised signatory")),)
    )
    return sheet.finish()


def _statements(letter: NoDuesLetter) -> tuple[str, ...]:
    loan = (
        f"loan {letter.loan_no} of {format_rupees(letter.sanctioned_paise)}, "
        f"disbursed on {day(letter.disbursed_on)}"
    )
    if letter.waived_paise is not None:
        return (
            (
                f"We confirm that your {loan}, was settled on {day(letter.closed_on)}. You paid "
                f"{format_rupees(letter.paid_paise)} in all; we waived the remaining "
                f"{format_rupees(letter.waived_paise)} and will not claim it."
            ),
            (
                "Because a balance was waived, the loan is reported to the credit information "
                "companies as settled, not as closed."
            ),
        )
    return (
        (
            f"We confirm that your {loan}, was repaid in full and closed on "
            f"{day(letter.closed_on)}. Nothing is due to us under this loan: no principal, "
            "interest, charge or tax."
        ),
        (
            "Any repayment mandate given for this loan is no longer in use, and the loan is "
            "reported to the credit information companies as closed."
        ),
        "Thank you for having repaid your loan with us.",
    )


def _figures(letter: NoDuesLetter) -> tuple[Line, ...]:
    waived = letter.waived_paise
    return (
        Line(label="Loan number", local="ऋण संख्या", value=letter.loan_no),
        Line(
            label="Sanctioned amount",
            local="स्वीकृत राशि",
            value=format_rupees(letter.sanctioned_paise),
        ),
        Line(label="Disbursed on", local="वितरण तिथि", value=day(letter.disbursed_on)),
        Line(label="Closed on", local="समापन तिथि", value=day(letter.closed_on)),
        Line(label="Paid in all", local="कुल भुगतान", value=format_rupees(letter.paid_paise)),
        Line(
            label="Amount waived" if waived is not None else "Amount due",
            local="माफ की गई राशि" if waived is not None else "शेष देय राशि",
            value=format_rupees(waived or 0),
        ),
    )
