"""The loan agreement: parties, sanction, key facts in short, clauses, schedule, signatures."""

from los_adapters.pdf.pages import SMALL
from los_adapters.pdf.parts import borrower_lines, grievance_text, paper, print_schedule
from los_core.domain.letters import AgreementLetter, Line, day


def render_agreement(letter: AgreementLetter) -> bytes:
    """Return the unsigned agreement as a PDF file."""
    lender, borrower = letter.lender, letter.borrower
    sheet = paper(
        letter,
        "Loan Agreement",
        local="ऋण अनुबंध",
        reference=letter.loan_no,
        loan_no=letter.loan_no,
    )
    sheet.paragraph(
        f"This agreement is made at {letter.place} on {day(letter.issued_on)} between "
        f"{lender.legal_name}, a company registered with the Reserve Bank of India under "
        f"{lender.registration_no} (the lender), and {borrower.name} (the borrower)."
    )
    sheet.heading("The parties")
    sheet.pairs(
        (
            *borrower_lines(borrower),
            Line(label="Lender", value=lender.legal_name),
            Line(label="RBI registration", value=lender.registration_no),
        )
    )
    sheet.heading("The loan sanctioned")
    sheet.pairs((Line(label="Loan number", value=letter.loan_no), *letter.terms))
    sheet.heading("Key facts in short  ·  मुख्य तथ्य संक्षेप में")
    sheet.pairs(letter.key_facts, box=True)
    sheet.paragraph("The Key Facts Statement given before this agreement is part of it.", SMALL)
    sheet.heading("Terms and conditions")
    for number, clause in enumerate(letter.clauses, start=1):
        sheet.clause(number, clause.heading, clause.text)
    sheet.heading("Schedule: repayment  ·  चुकौती अनुसूची")
    print_schedule(sheet, letter.schedule)
    sheet.paragraph(grievance_text(lender))
    sheet.heading("Signed by", keep_mm=45)
    sheet.signatures(
        (
            ("For the lender", (lender.legal_name, letter.signatory, "Authorised signatory")),
            ("The borrower", (borrower.name, f"Place: {letter.place}", "Date:")),
        )
    )
    return sheet.finish()
