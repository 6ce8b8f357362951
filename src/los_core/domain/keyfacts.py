"""The Key Facts Statement as a value, built from a `Pricing` so that no figure can differ.

Contents follow the RBI circular of 15-Apr-2024 (Annex A, parts 1 and 2, with the APR sheet and the
amortisation schedule). Layout, language and delivery are the letters' and adapters' work; whether
it was acknowledged in time is the loan's.
"""

from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

import attrs

from los_core.domain.apr import AprMethod
from los_core.domain.documents import document_hash, to_document
from los_core.domain.money import Paise
from los_core.domain.policies import ChargeKind, Gst, Method
from los_core.domain.pricing import Pricing
from los_core.domain.rupees import format_rupees
from los_core.domain.terms import Terms
from los_core.domain.workdays import add_working_days

SHORT_TENOR_DAYS = 7


class PayableTo(StrEnum):
    """Who keeps a fee."""

    LENDER = "LENDER"
    THIRD_PARTY = "THIRD_PARTY"


@attrs.frozen(kw_only=True)
class Contact:
    """A person or desk the borrower can turn to."""

    name: str
    phone: str
    email: str


@attrs.frozen(kw_only=True)
class Lender:
    """What part 2 of the statement says of the lender, in its own words."""

    name: str
    grievance_officer: Contact
    recovery_clause: str
    grievance_clause: str
    transfer_clause: str
    recovery_agents: tuple[str, ...] = ()


@attrs.frozen(kw_only=True)
class UpfrontFee:
    """One fee taken at disbursal, in paise; `gst` is on top of `amount`."""

    name: str
    payable_to: PayableTo
    amount: Paise
    gst: Gst


@attrs.frozen(kw_only=True)
class ContingentCharge:
    """A charge that only some conduct brings about; `terms` is the sentence the borrower reads."""

    name: str
    terms: str


@attrs.frozen(kw_only=True)
class Row:
    """One row of the amortisation schedule, in paise."""

    no: int
    due_on: date
    opening: Paise
    principal: Paise
    interest: Paise
    amount: Paise


@attrs.frozen(kw_only=True)
class KeyFacts:
    """The statement. Money in paise, rates in per cent per year unless the name says otherwise.

    `rate_per_day_pct` is None for loans quoted by the year. `valid_until` is the last day the
    lender is bound by the offer.
    """

    proposal_no: str
    issued_on: date
    valid_until: date
    lender: Lender
    loan_type: str
    amount: Paise
    net_disbursal: Paise
    planned_disbursal_on: date
    term_days: int
    instalment_type: str
    instalments: int
    instalment_amount: Paise
    first_due_on: date
    rate_pct: Decimal
    rate_per_day_pct: Decimal | None
    rate_type: str
    fees: tuple[UpfrontFee, ...]
    upfront_interest: Paise
    total_interest: Paise
    total_payable: Paise
    total_cost: Paise
    apr_pct: Decimal
    apr_method: AprMethod
    effective_annual_pct: Decimal
    contingent_charges: tuple[ContingentCharge, ...]
    cooling_off_days: int
    cooling_off_keeps_fee: bool
    rows: tuple[Row, ...]
    terms_hash: str


def key_facts(
    pricing: Pricing,
    *,
    lender: Lender,
    proposal_no: str,
    loan_type: str,
    issued_on: date,
    holidays: AbstractSet[date] = frozenset(),
) -> KeyFacts:
    """Return the statement for a priced loan.

    `proposal_no` is unique; `holidays` are the brand's non-repayment dates around `issued_on`.
    Source: RBI KFS circular of 15-Apr-2024, annexes A to C.
    """
    terms, schedule = pricing.terms, pricing.schedule
    daily = terms.rate_pct if terms.rate_pct != terms.annual_rate_pct else None
    return KeyFacts(
        proposal_no=proposal_no,
        issued_on=issued_on,
        valid_until=valid_until(issued_on, tenure_days=terms.tenure_days, holidays=holidays),
        lender=lender,
        loan_type=loan_type,
        amount=terms.principal,
        net_disbursal=pricing.net_disbursal,
        planned_disbursal_on=terms.planned_on,
        term_days=terms.tenure_days,
        instalment_type=_instalment_type(terms),
        instalments=terms.instalments,
        instalment_amount=schedule.emi,
        first_due_on=terms.first_due_on,
        rate_pct=terms.annual_rate_pct,
        rate_per_day_pct=daily,
        rate_type="Fixed",
        fees=_fees(pricing),
        upfront_interest=schedule.upfront_interest,
        total_interest=pricing.total_interest,
        total_payable=pricing.total_payable,
        total_cost=pricing.total_cost,
        apr_pct=pricing.apr_pct,
        apr_method=pricing.apr_method,
        effective_annual_pct=pricing.effective_annual_pct,
        contingent_charges=_contingent(pricing),
        cooling_off_days=terms.cooling_off.days,
        cooling_off_keeps_fee=terms.cooling_off.keeps_fee,
        rows=tuple(
            Row(
                no=row.no,
                due_on=row.due_on,
                opening=row.opening,
                principal=row.principal,
                interest=row.interest,
                amount=row.amount,
            )
            for row in schedule
        ),
        terms_hash=pricing.terms_hash,
    )


def valid_until(issued_on: date, *, tenure_days: int, holidays: AbstractSet[date]) -> date:
    """Return the last day of validity: three working days on, or one for a tenor under a week.

    Source: RBI KFS circular of 15-Apr-2024, paragraph on validity.
    """
    return add_working_days(issued_on, 1 if tenure_days < SHORT_TENOR_DAYS else 3, holidays)


def key_facts_document(facts: KeyFacts) -> dict[str, Any]:
    """Return the statement as JSON-ready data: paise as integers, rates and dates as text."""
    document: dict[str, Any] = to_document(facts)
    return document


def key_facts_hash(facts: KeyFacts) -> str:
    """Return the SHA-256, in hex, of the statement's canonical JSON.

    What the borrower acknowledges and the agreement repeats.
    """
    return document_hash(key_facts_document(facts))


def _fees(pricing: Pricing) -> tuple[UpfrontFee, ...]:
    fee = pricing.terms.fee
    if fee.net == 0:
        return ()
    return (
        UpfrontFee(name="Processing fee", payable_to=PayableTo.LENDER, amount=fee.net, gst=fee.gst),
    )


def _contingent(pricing: Pricing) -> tuple[ContingentCharge, ...]:
    terms = pricing.terms
    charges: list[ContingentCharge] = []
    if terms.penal.rate_per_day_pct:
        charges.append(ContingentCharge(name="Penal charge", terms=_penal_sentence(pricing)))
    if terms.bounce_charge:
        sentence = f"{format_rupees(terms.bounce_charge)} for each returned payment instruction"
        taxed = _taxed(terms.tax.pct(ChargeKind.BOUNCE))
        charges.append(ContingentCharge(name="Bounce charge", terms=sentence + taxed))
    pct = terms.foreclosure.applicable_pct
    sentence = "nil"
    if pct:
        taxed = _taxed(terms.tax.pct(ChargeKind.FORECLOSURE))
        sentence = f"{pct}% of the principal outstanding{taxed}; nil in the cooling-off period"
    charges.append(ContingentCharge(name="Foreclosure charge", terms=sentence))
    return tuple(charges)


def _instalment_type(terms: Terms) -> str:
    return "Single repayment" if terms.method is Method.BULLET else terms.frequency.capitalize()


def _penal_sentence(pricing: Pricing) -> str:
    penal = pricing.terms.penal
    sentence = (
        f"{penal.rate_per_day_pct}% per day of the unpaid principal and interest of an overdue"
        " instalment, never on charges"
    )
    if penal.grace_days:
        sentence += f"; nothing if paid within {penal.grace_days} days of the due date"
    if penal.max_per_instalment is not None:
        sentence += f"; at most {format_rupees(penal.max_per_instalment)} per instalment"
    if penal.max_pct_of_instalment is not None:
        sentence += f"; at most {penal.max_pct_of_instalment}% of the instalment"
    return f"{sentence}; no GST"


def _taxed(pct: Decimal) -> str:
    return f" plus {pct}% GST" if pct else ""
