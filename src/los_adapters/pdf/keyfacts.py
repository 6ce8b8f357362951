"""The Key Facts Statement: part 1, part 2, APR computation, schedule, acknowledgement.

Source: RBI circular on Key Facts Statements of 15-Apr-2024, annexes A (parts 1 and 2), B and C.
"""

from collections.abc import Sequence
from typing import Literal

from los_adapters.pdf.pages import STRONG, Column, Paper
from los_adapters.pdf.parts import (
    borrower_lines,
    grievance_text,
    paper,
    print_lines,
    print_schedule,
)
from los_core.domain.letters import (
    Fee,
    KeyFacts,
    KeyFactsLetter,
    Line,
    day,
    percent,
    summary_box,
)
from los_core.domain.rupees import format_rupees

ACKNOWLEDGEMENT = (
    "I have received this statement, it was explained to me in a language I understand, and I had "
    "the time shown above to decide."
)
ACKNOWLEDGEMENT_LOCAL = (
    "मुझे यह विवरण मिला है, इसे मेरी समझ की भाषा में समझाया गया है, और निर्णय लेने के लिए मुझे "
    "ऊपर दिया गया समय मिला है।"
)


def render_key_facts(letter: KeyFactsLetter) -> bytes:
    """Return the statement as a PDF file."""
    facts = letter.facts
    sheet = paper(
        letter,
        "Key Facts Statement",
        local="मुख्य तथ्य विवरण",
        reference=facts.proposal_no,
        loan_no=facts.proposal_no,
    )
    sheet.pairs(
        (
            Line(label="Proposal", value=facts.proposal_no),
            Line(label="Date", value=f"{day(letter.issued_on)}, version {letter.version}"),
            *borrower_lines(letter.borrower),
            Line(label="Valid until", local="वैधता", value=day(facts.valid_until)),
            Line(label="Type of loan", local="ऋण का प्रकार", value=facts.loan_type),
        )
    )
    sheet.heading("Your loan at a glance  ·  आपका ऋण एक नज़र में")
    sheet.pairs(summary_box(facts), box=True)
    sheet.heading("Part 1: interest rate, fees and charges")
    print_lines(sheet, _part_one(facts))
    sheet.heading("Fees and charges")
    _print_fees(sheet, facts.fees)
    sheet.heading("Contingent charges")
    print_lines(sheet, facts.contingent)
    sheet.heading("Part 2: other information")
    print_lines(sheet, (*facts.conditions, _cooling_off(facts)))
    sheet.heading("Computation of the annual percentage rate", keep_mm=75)
    _print_apr(sheet, facts)
    sheet.heading("Repayment schedule  ·  चुकौती अनुसूची")
    print_schedule(sheet, letter.schedule)
    sheet.paragraph(grievance_text(letter.lender))
    sheet.heading("Acknowledgement  ·  पावती", keep_mm=60)
    sheet.paragraph(ACKNOWLEDGEMENT)
    sheet.paragraph(ACKNOWLEDGEMENT_LOCAL)
    sheet.signatures(
        (
            ("For the lender", (letter.lender.legal_name, f"Date: {day(letter.issued_on)}")),
            ("Borrower", (letter.borrower.name, "Date:")),
        )
    )
    return sheet.finish()


def _part_one(facts: KeyFacts) -> tuple[Line, ...]:
    rate = f"{percent(facts.rate_pct)} a year, {facts.rate_kind.lower()} rate"
    floating = facts.floating or (
        Line(label="Floating rate: benchmark, spread, reset", value="Not applicable"),
    )
    return (
        Line(label="Sanctioned loan amount", value=format_rupees(facts.amount_paise)),
        Line(label="Disbursal schedule", value=facts.disbursal),
        Line(label="Loan term", value=facts.term),
        Line(label="Type of instalments", value=facts.instalment_kind),
        Line(label="Number of instalments", value=str(facts.instalments)),
        Line(label="Instalment amount", value=format_rupees(facts.instalment_paise)),
        Line(label="Repayment begins on", value=day(facts.first_due_on)),
        Line(label="Interest rate and its type", value=rate),
        *floating,
        Line(
            label="Annual percentage rate (APR)",
            value=f"{percent(facts.apr_pct)} ({facts.apr_method})",
        ),
    )


def _print_fees(sheet: Paper, fees: Sequence[Fee]) -> None:
    columns = (
        Column("Fee or charge", 34),
        Column("Payable to", 26),
        Column("Levied", 14),
        Column("Amount", 18, "R"),
        Column("GST", 16, "R"),
        Column("Total", 18, "R", STRONG),
    )
    payee = {"LENDER": "The lender", "THIRD_PARTY": "Third party, through the lender"}
    sheet.table(
        columns,
        [
            (
                fee.label,
                payee[fee.payable_to],
                "Recurring" if fee.recurring else "Once",
                format_rupees(fee.amount_paise),
                format_rupees(fee.gst_paise),
                format_rupees(fee.amount_paise + fee.gst_paise),
            )
            for fee in fees
        ],
        total=(
            "Total" if fees else "No fees or charges",
            "",
            "",
            format_rupees(sum(fee.amount_paise for fee in fees)),
            format_rupees(sum(fee.gst_paise for fee in fees)),
            format_rupees(sum(fee.amount_paise + fee.gst_paise for fee in fees)),
        ),
    )


def _cooling_off(facts: KeyFacts) -> Line:
    days = facts.cooling_off_days
    return Line(
        label="Cooling-off period",
        value=(
            f"{days} day{'' if days == 1 else 's'} from disbursal: the loan may be given back by "
            "repaying the principal and the proportionate annual percentage rate, without penalty."
        ),
    )


def _print_apr(sheet: Paper, facts: KeyFacts) -> None:
    rows = (
        ("Sanctioned loan amount", format_rupees(facts.amount_paise)),
        (
            f"Loan term: {facts.term}; {facts.instalments} instalments, {facts.instalment_kind}",
            format_rupees(facts.instalment_paise),
        ),
        (f"Rate of interest, {facts.rate_kind.lower()}", percent(facts.rate_pct)),
        ("Total interest over the term", format_rupees(facts.total_interest_paise)),
        ("Fees and charges payable to the lender", format_rupees(_charges(facts, "LENDER"))),
        (
            "Fees and charges payable to third parties through the lender",
            format_rupees(_charges(facts, "THIRD_PARTY")),
        ),
        ("Net disbursed amount", format_rupees(facts.net_disbursed_paise)),
        ("Total amount to be paid by the borrower", format_rupees(facts.total_payable_paise)),
    )
    sheet.table(
        (Column("No.", 6, "R"), Column("Parameter", 66), Column("Value", 28, "R")),
        [(str(number), label, value) for number, (label, value) in enumerate(rows, start=1)],
        total=(str(len(rows) + 1), f"APR, {facts.apr_method}", percent(facts.apr_pct)),
    )


def _charges(facts: KeyFacts, payable_to: Literal["LENDER", "THIRD_PARTY"]) -> int:
    return sum(
        fee.amount_paise + fee.gst_paise for fee in facts.fees if fee.payable_to == payable_to
    )
