"""The Key Facts Statement, as its reader goes through it."""

from datetime import date, datetime
from uuid import UUID

from los_core.domain.agreement import KeyFactsOnFile
from los_core.domain.documents import from_document
from los_core.domain.keyfacts import KeyFacts
from los_http.fields import View


class FeeLine(View):
    """A fee taken at disbursal; GST comes on top."""

    name: str
    payable_to: str
    amount_paise: int
    gst_paise: int


class ChargeLine(View):
    """A charge that only some conduct brings about, in the sentence the borrower reads."""

    name: str
    terms: str


class ScheduleLine(View):
    """One row of the amortisation schedule."""

    no: int
    due_on: date
    opening_paise: int
    principal_paise: int
    interest_paise: int
    amount_paise: int


class ContactView(View):
    """Whom to complain to."""

    name: str
    phone: str
    email: str


class LenderView(View):
    """The lender, and its clauses in its own words."""

    name: str
    grievance_officer: ContactView
    recovery_clause: str
    grievance_clause: str
    transfer_clause: str
    recovery_agents: list[str]


class KeyFactsContent(View):
    """The whole statement; rates and the APR are per cent a year."""

    proposal_no: str
    issued_on: date
    valid_until: date
    lender: LenderView
    loan_type: str
    amount_paise: int
    net_disbursal_paise: int
    planned_disbursal_on: date
    term_days: int
    instalment_type: str
    instalments: int
    instalment_paise: int
    first_due_on: date
    rate_pct: str
    rate_per_day_pct: str | None
    rate_type: str
    fees: list[FeeLine]
    upfront_interest_paise: int
    total_interest_paise: int
    total_payable_paise: int
    total_cost_paise: int
    apr_pct: str
    apr_method: str
    effective_annual_pct: str
    contingent_charges: list[ChargeLine]
    cooling_off_days: int
    cooling_off_keeps_fee: bool
    rows: list[ScheduleLine]


class KeyFactsView(View):
    """A statement on file; `hash` is of its content as it was stored."""

    id: UUID
    offer_id: UUID
    proposal_no: str
    hash: str
    terms_hash: str
    language: str
    issued_at: datetime
    valid_until: date
    acknowledged_at: datetime | None
    content: KeyFactsContent


def key_facts_view(statement: KeyFactsOnFile) -> KeyFactsView:
    """Return a whole statement."""
    return KeyFactsView(
        id=statement.id,
        offer_id=statement.offer_id,
        proposal_no=statement.proposal_no,
        hash=statement.hash,
        terms_hash=statement.terms_hash,
        language=statement.language,
        issued_at=statement.issued_at,
        valid_until=statement.valid_until,
        acknowledged_at=statement.acknowledged_at,
        content=_content(from_document(KeyFacts, statement.document, fill=True)),
    )


def _content(facts: KeyFacts) -> KeyFactsContent:
    officer = facts.lender.grievance_officer
    daily = facts.rate_per_day_pct
    return KeyFactsContent(
        proposal_no=facts.proposal_no,
        issued_on=facts.issued_on,
        valid_until=facts.valid_until,
        lender=LenderView(
            name=facts.lender.name,
            grievance_officer=ContactView(
                name=officer.name, phone=officer.phone, email=officer.email
            ),
            recovery_clause=facts.lender.recovery_clause,
            grievance_clause=facts.lender.grievance_clause,
            transfer_clause=facts.lender.transfer_clause,
            recovery_agents=list(facts.lender.recovery_agents),
        ),
        loan_type=facts.loan_type,
        amount_paise=facts.amount,
        net_disbursal_paise=facts.net_disbursal,
        planned_disbursal_on=facts.planned_disbursal_on,
        term_days=facts.term_days,
        instalment_type=facts.instalment_type,
        instalments=facts.instalments,
        instalment_paise=facts.instalment_amount,
        first_due_on=facts.first_due_on,
        rate_pct=f"{facts.rate_pct:f}",
        rate_per_day_pct=None if daily is None else f"{daily:f}",
        rate_type=facts.rate_type,
        fees=[
            FeeLine(
                name=fee.name,
                payable_to=fee.payable_to.value,
                amount_paise=fee.amount,
                gst_paise=fee.gst.total,
            )
            for fee in facts.fees
        ],
        upfront_interest_paise=facts.upfront_interest,
        total_interest_paise=facts.total_interest,
        total_payable_paise=facts.total_payable,
        total_cost_paise=facts.total_cost,
        apr_pct=f"{facts.apr_pct:f}",
        apr_method=facts.apr_method.value,
        effective_annual_pct=f"{facts.effective_annual_pct:f}",
        contingent_charges=[
            ChargeLine(name=charge.name, terms=charge.terms) for charge in facts.contingent_charges
        ],
        cooling_off_days=facts.cooling_off_days,
        cooling_off_keeps_fee=facts.cooling_off_keeps_fee,
        rows=[
            ScheduleLine(
                no=row.no,
                due_on=row.due_on,
                opening_paise=row.opening,
                principal_paise=row.principal,
                interest_paise=row.interest,
                amount_paise=row.amount,
            )
            for row in facts.rows
        ],
    )
