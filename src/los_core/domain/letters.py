"""What the papers of a loan say: the values a renderer turns into pages, and brand templates.

A letter is complete: everything printed is in it, so equal letters give equal bytes. No page
layout, no fonts, no storage here; the figures come from the schedule and the offer, never from
this module. Header and footer of a brand are text with {placeholders}: they are filled, never
interpreted, so markup or an expression in them is printed as it stands.

Source: RBI circular on Key Facts Statements of 15-Apr-2024, annexes A, B and C.
"""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Literal

import attrs

from los_core.domain.errors import Invalid
from los_core.domain.money import Paise
from los_core.domain.rupees import format_rupees

PLACEHOLDERS = frozenset({"loan_no", "customer_name", "lender_name", "date", "page", "pages"})
"""What a brand's header or footer may name."""

TEMPLATE_LENGTH = 300
"""A header or footer has at most this many characters, over at most three lines."""

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLACEHOLDER = re.compile(r"\{([A-Za-z][A-Za-z0-9_.]*)\}")


class BadTemplate(Invalid):
    """A header or footer that could not be printed as its author meant it."""

    code = "BAD_TEMPLATE"


@attrs.frozen(kw_only=True)
class Line:
    """A label and its value, both printed as they are; `local` is the label in Hindi, or empty."""

    label: str
    value: str
    local: str = ""


@attrs.frozen(kw_only=True)
class Officer:
    """Whom to complain to: the nodal grievance redressal officer."""

    name: str
    phone: str
    email: str


@attrs.frozen(kw_only=True)
class Lender:
    """The regulated entity that lends, as its letterhead names it."""

    legal_name: str
    brand_name: str
    address: tuple[str, ...]
    registration_no: str
    grievance: Officer
    phone: str = ""
    email: str = ""
    website: str = ""


@attrs.frozen(kw_only=True)
class Borrower:
    """The customer as printed; PAN and phone come masked and are never unmasked here."""

    name: str
    address: tuple[str, ...]
    pan_masked: str
    phone_masked: str


@attrs.frozen(kw_only=True)
class Fee:
    """A charge of the statement, net of tax, with its GST; `recurring` says one-time or not."""

    label: str
    amount_paise: Paise
    gst_paise: Paise
    payable_to: Literal["LENDER", "THIRD_PARTY"]
    recurring: bool = False


@attrs.frozen(kw_only=True)
class Row:
    """One instalment; `opening_paise` is the principal outstanding before it is paid."""

    number: int
    due_on: date
    opening_paise: Paise
    principal_paise: Paise
    interest_paise: Paise
    instalment_paise: Paise


@attrs.frozen(kw_only=True)
class Clause:
    """A numbered clause of the agreement; a line break in `text` begins a paragraph."""

    heading: str
    text: str


@attrs.frozen(kw_only=True)
class KeyFacts:
    """The figures and statements of a Key Facts Statement.

    `contingent` are charges that may come (penal, bounce, foreclosure, other); `conditions` are
    the qualitative part 2 without the cooling-off row, which `cooling_off_days` prints;
    `floating` is empty for a fixed rate. `apr_method` says in words how the APR was found.
    """

    proposal_no: str
    loan_type: str
    amount_paise: Paise
    disbursal: str
    term: str
    instalment_kind: str
    instalments: int
    instalment_paise: Paise
    first_due_on: date
    rate_pct: Decimal
    rate_kind: Literal["FIXED", "FLOATING"]
    total_interest_paise: Paise
    fees: tuple[Fee, ...]
    net_disbursed_paise: Paise
    total_payable_paise: Paise
    apr_pct: Decimal
    apr_method: str
    contingent: tuple[Line, ...]
    conditions: tuple[Line, ...]
    cooling_off_days: int
    valid_until: date
    floating: tuple[Line, ...] = ()


@attrs.frozen(kw_only=True)
class KeyFactsLetter:
    """The Key Facts Statement with its APR computation and repayment schedule."""

    lender: Lender
    borrower: Borrower
    facts: KeyFacts
    schedule: tuple[Row, ...]
    issued_on: date
    version: int
    header: str = ""
    footer: str = ""


@attrs.frozen(kw_only=True)
class AgreementLetter:
    """The loan agreement; `key_facts` is the summary box, `terms` the sanction as printed lines."""

    lender: Lender
    borrower: Borrower
    loan_no: str
    terms: tuple[Line, ...]
    key_facts: tuple[Line, ...]
    schedule: tuple[Row, ...]
    clauses: tuple[Clause, ...]
    signatory: str
    place: str
    issued_on: date
    header: str = ""
    footer: str = ""


@attrs.frozen(kw_only=True)
class ScheduleLetter:
    """A repayment schedule on its own; a later `version` replaces the earlier ones."""

    lender: Lender
    borrower: Borrower
    loan_no: str
    terms: tuple[Line, ...]
    rows: tuple[Row, ...]
    issued_on: date
    version: int
    header: str = ""
    footer: str = ""


@attrs.frozen(kw_only=True)
class NoDuesLetter:
    """The no-dues certificate, or the settlement letter where a balance was waived.

    `waived_paise` None: everything was paid. An amount: the loan was settled for less, and the
    letter says so instead of certifying that the contract was fulfilled in full.
    """

    lender: Lender
    borrower: Borrower
    certificate_no: str
    version: int
    loan_no: str
    sanctioned_paise: Paise
    disbursed_on: date
    closed_on: date
    paid_paise: Paise
    signatory: str
    issued_on: date
    waived_paise: Paise | None = None
    header: str = ""
    footer: str = ""


def summary_box(facts: KeyFacts) -> tuple[Line, ...]:
    """Return the key facts in short, with English and Hindi labels, to repeat in the agreement.

    Source: KFS circular, paragraph on the summary box; Hindi as a language the borrower may choose.
    """
    charges = sum(fee.amount_paise + fee.gst_paise for fee in facts.fees)
    rate = f"{percent(facts.rate_pct)} a year, {facts.rate_kind.lower()}"
    instalments = f"{facts.instalments} × {format_rupees(facts.instalment_paise)}"
    return (
        Line(label="Loan amount", local="ऋण राशि", value=format_rupees(facts.amount_paise)),
        Line(label="Loan term", local="ऋण की अवधि", value=facts.term),
        Line(label="Interest rate", local="ब्याज दर", value=rate),
        Line(label="Instalments", local="किस्तें", value=instalments),
        Line(label="First due date", local="पहली देय तिथि", value=day(facts.first_due_on)),
        Line(label="Fees with GST", local="शुल्क, जीएसटी सहित", value=format_rupees(charges)),
        Line(
            label="Amount you receive",
            local="आपको मिलने वाली राशि",
            value=format_rupees(facts.net_disbursed_paise),
        ),
        Line(
            label="Total you repay",
            local="कुल चुकौती राशि",
            value=format_rupees(facts.total_payable_paise),
        ),
        Line(
            label="Annual percentage rate (APR)",
            local="वार्षिक प्रतिशत दर",
            value=percent(facts.apr_pct),
        ),
        Line(
            label="Cooling-off period",
            local="ऋण वापसी की निःशुल्क अवधि",
            value=f"{facts.cooling_off_days} day{'' if facts.cooling_off_days == 1 else 's'}",
        ),
    )


def day(on: date) -> str:
    """Return a date as letters print it: 05 Mar 2026, in English whatever the locale."""
    return f"{on.day:02d} {_MONTHS[on.month - 1]} {on.year}"


def percent(rate: Decimal) -> str:
    """Return a rate with at least two decimals and no needless zeros after them: 24.00 %."""
    digits = f"{rate:f}"
    whole, _, fraction = digits.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(2, '0')} %"


def check_template(text: str) -> None:
    """Refuse a header or footer that could not be printed as it is meant.

    Braces around anything but a word are plain text. Raises: BadTemplate: an unknown placeholder
    (its name and the known ones are in the message), too long, or a control character.
    """
    unknown = sorted(set(_PLACEHOLDER.findall(text)) - PLACEHOLDERS)
    if unknown:
        known = ", ".join(sorted(PLACEHOLDERS))
        raise BadTemplate(f"unknown placeholder {{{unknown[0]}}}; known are {known}")
    if len(text) > TEMPLATE_LENGTH or text.count("\n") > 2:
        raise BadTemplate(f"a header or footer has at most {TEMPLATE_LENGTH} characters, 3 lines")
    if any(unicodedata.category(char) == "Cc" for char in text.replace("\n", "")):
        raise BadTemplate("a header or footer holds no control characters")


def fill_template(text: str, values: Mapping[str, str]) -> str:
    """Return `text` with its placeholders replaced, in one pass: values are never searched again.

    A placeholder without a value stays as it is written.
    """
    return _PLACEHOLDER.sub(lambda found: values.get(found[1], found[0]), text)
