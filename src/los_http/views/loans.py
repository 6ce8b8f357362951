"""A loan, its history, offers and papers. Customers see less of it than staff."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from los_core.domain.agreement import Agreement, DocumentOnFile, KeyFactsOnFile, NoDues
from los_core.domain.lifecycle import Status
from los_core.domain.loan import Loan, Move
from los_core.domain.offers import Offer
from los_core.domain.words import principal_reasons
from los_http.fields import Shown, View


class PositionView(View):
    """Where a running loan's money stood when something last happened to it."""

    as_of: date
    principal_paise: int
    interest_paise: int
    charges_paise: int
    advance_paise: int
    oldest_unpaid_due_on: date | None


class LoanView(View):
    """A loan as its customer sees it."""

    id: UUID
    loan_no: str
    product: str
    status: str
    stage: str
    version: int
    applied_amount_paise: int
    applied_tenure: int
    purpose: str
    created_at: datetime
    submitted_at: datetime | None
    offer_id: UUID | None
    principal_paise: int | None
    apr_pct: str | None
    net_disbursal_paise: int | None
    planned_disbursal_on: date | None
    disbursed_on: date | None
    cooling_off_until: date | None
    closure_type: str | None
    closed_on: date | None
    reapply_after: date | None
    position: PositionView | None


class LoansView(View):
    """Loans, newest first."""

    loans: list[LoanView]


class MoveView(View):
    """One line of a loan's history as its customer sees it."""

    seq: int
    row: str
    command: str
    source: str | None
    target: str
    actor: str
    at: datetime


class LoanStory(LoanView):
    """A loan with its history; `reasons` of a rejection are in the customer's words."""

    history: list[MoveView]
    reasons: list[str]


class DeskLoan(LoanView):
    """A loan as staff see it."""

    customer_id: UUID
    assigned_to: UUID | None
    recommended_by: UUID | None
    recommended_amount_paise: int | None
    sanctioned_by: UUID | None
    held_from: Status | None
    held_until: date | None


class DeskPage(View):
    """A page of loans, newest first; `next` is the cursor of the following page."""

    loans: list[DeskLoan]
    next: UUID | None


class DeskMove(MoveView):
    """One line of a loan's history as staff see it."""

    actor_id: UUID | None
    reasons: list[str]
    remark: str


class KeyFactsMark(View):
    """Which Key Facts Statement belongs to an offer, and whether it was acknowledged."""

    id: UUID
    proposal_no: str
    hash: str
    valid_until: date
    acknowledged_at: datetime | None


class OfferView(View):
    """An offer; `key_facts` is null in the answer to a sanction."""

    id: UUID
    product: str
    tenure: int
    amount_paise: int
    rate_pct: str
    rate_unit: str
    emi_paise: int
    total_interest_paise: int
    total_payable_paise: int
    total_cost_paise: int
    net_disbursal_paise: int
    apr_pct: str
    first_due_on: date
    status: str
    made_at: datetime
    expires_at: datetime
    key_facts: KeyFactsMark | None


class OffersView(View):
    """Offers in the order they were made."""

    offers: list[OfferView]


class AgreementView(View):
    """A version of the loan agreement."""

    id: UUID
    version_no: int
    reference: str
    status: str
    provider: str
    created_at: datetime
    sent_at: datetime | None
    signed_at: datetime | None
    expires_at: datetime | None
    unsigned_sha256: str
    signed_sha256: str


class AgreementStanding(View):
    """The agreement with a short-lived link to its file, and where it is signed while it is out."""

    agreement: AgreementView | None
    url: Shown
    signing_url: Shown


class DocumentView(View):
    """A file with a short-lived link to it."""

    id: UUID
    type: str
    name: str
    content_type: str
    size: int
    sha256: str
    created_at: datetime
    loan_id: UUID | None
    url: Shown


class DocumentsView(View):
    """Files, oldest first."""

    documents: list[DocumentView]


class NoDuesView(View):
    """A no-dues certificate."""

    id: UUID
    loan_id: UUID
    certificate_no: str
    version_no: int
    document_id: UUID
    issued_on: date
    emailed_at: datetime | None
    withdrawn_at: datetime | None


def loan_view(loan: Loan) -> LoanView:
    """Return a loan to its customer."""
    return LoanView(**_loan(loan))


def loans_view(loans: Sequence[Loan]) -> LoansView:
    """Return a customer's loans."""
    return LoansView(loans=[loan_view(loan) for loan in loans])


def loan_story(loan: Loan, moves: Sequence[Move]) -> LoanStory:
    """Return a loan and its history to its customer."""
    rejections = [move for move in moves if move.target is Status.REJECTED]
    said = loan.status is Status.REJECTED and rejections
    return LoanStory(
        **_loan(loan),
        history=[MoveView(**_move(move)) for move in moves],
        reasons=list(principal_reasons(rejections[-1].reasons)) if said else [],
    )


def desk_loan(loan: Loan) -> DeskLoan:
    """Return a loan to staff."""
    return DeskLoan(**desk_fields(loan))


def desk_page(loans: Sequence[Loan], *, limit: int) -> DeskPage:
    """Return a page of loans; a full page may have another after it."""
    return DeskPage(
        loans=[desk_loan(loan) for loan in loans],
        next=loans[-1].id if len(loans) == limit else None,
    )


def desk_fields(loan: Loan) -> dict[str, Any]:
    """Return the fields of `DeskLoan`."""
    return _loan(loan) | {
        "customer_id": loan.customer_id,
        "assigned_to": loan.assigned_to,
        "recommended_by": loan.recommended_by,
        "recommended_amount_paise": loan.recommended_amount,
        "sanctioned_by": loan.sanctioned_by,
        "held_from": loan.held_from,
        "held_until": loan.held_until,
    }


def desk_move(move: Move) -> DeskMove:
    """Return a line of history to staff."""
    return DeskMove(
        **_move(move), actor_id=move.actor_id, reasons=list(move.reasons), remark=move.remark
    )


def offers_view(found: Sequence[tuple[Offer, KeyFactsOnFile]]) -> OffersView:
    """Return offers with their statements."""
    return OffersView(offers=[offer_view(offer, statement) for offer, statement in found])


def sanctioned_view(offers: Sequence[Offer]) -> OffersView:
    """Return the offers that a sanction made."""
    return OffersView(offers=[offer_view(offer, None) for offer in offers])


def offer_view(offer: Offer, statement: KeyFactsOnFile | None) -> OfferView:
    """Return one offer."""
    return OfferView(
        id=offer.id,
        product=offer.product,
        tenure=offer.tenure,
        amount_paise=offer.amount,
        rate_pct=f"{offer.terms.rate_pct:f}",
        rate_unit=offer.terms.rate_unit.value,
        emi_paise=offer.emi,
        total_interest_paise=offer.total_interest,
        total_payable_paise=offer.total_payable,
        total_cost_paise=offer.total_cost,
        net_disbursal_paise=offer.net_disbursal,
        apr_pct=f"{offer.apr_pct:f}",
        first_due_on=offer.terms.first_due_on,
        status=offer.status.value,
        made_at=offer.made_at,
        expires_at=offer.expires_at,
        key_facts=KeyFactsMark(
            id=statement.id,
            proposal_no=statement.proposal_no,
            hash=statement.hash,
            valid_until=statement.valid_until,
            acknowledged_at=statement.acknowledged_at,
        )
        if statement
        else None,
    )


def agreement_standing(agreement: Agreement | None, url: str) -> AgreementStanding:
    """Return an agreement to its customer or staff."""
    return AgreementStanding(
        agreement=AgreementView(
            id=agreement.id,
            version_no=agreement.version_no,
            reference=agreement.reference,
            status=agreement.status.value,
            provider=agreement.provider,
            created_at=agreement.created_at,
            sent_at=agreement.sent_at,
            signed_at=agreement.signed_at,
            expires_at=agreement.expires_at,
            unsigned_sha256=agreement.unsigned_sha256,
            signed_sha256=agreement.signed_sha256,
        )
        if agreement
        else None,
        url=url,
        signing_url=agreement.signing_url if agreement and agreement.signed_at is None else "",
    )


def documents_view(found: Sequence[tuple[DocumentOnFile, str]]) -> DocumentsView:
    """Return files with their links."""
    return DocumentsView(
        documents=[
            DocumentView(
                id=document.id,
                type=document.type.value,
                name=document.name,
                content_type=document.content_type,
                size=document.size,
                sha256=document.sha256,
                created_at=document.created_at,
                loan_id=document.loan_id,
                url=url,
            )
            for document, url in found
        ]
    )


def no_dues_view(certificate: NoDues) -> NoDuesView:
    """Return a certificate."""
    return NoDuesView(
        id=certificate.id,
        loan_id=certificate.loan_id,
        certificate_no=certificate.certificate_no,
        version_no=certificate.version_no,
        document_id=certificate.document_id,
        issued_on=certificate.issued_on,
        emailed_at=certificate.emailed_at,
        withdrawn_at=certificate.withdrawn_at,
    )


def _loan(loan: Loan) -> dict[str, Any]:
    position = loan.position
    return {
        "id": loan.id,
        "loan_no": loan.loan_no,
        "product": loan.product,
        "status": loan.status.value,
        "stage": loan.stage.value,
        "version": loan.version,
        "applied_amount_paise": loan.applied_amount,
        "applied_tenure": loan.applied_tenure,
        "purpose": loan.purpose,
        "created_at": loan.created_at,
        "submitted_at": loan.submitted_at,
        "offer_id": loan.offer_id,
        "principal_paise": loan.terms.principal if loan.terms else None,
        "apr_pct": None if loan.apr_pct is None else f"{loan.apr_pct:f}",
        "net_disbursal_paise": loan.net_disbursal,
        "planned_disbursal_on": loan.planned_disbursal_on,
        "disbursed_on": loan.disbursed_on,
        "cooling_off_until": loan.cooling_off_until,
        "closure_type": loan.closure_type.value if loan.closure_type else None,
        "closed_on": loan.closed_on,
        "reapply_after": loan.reapply_after,
        "position": position
        and PositionView(
            as_of=position.as_of,
            principal_paise=position.principal,
            interest_paise=position.interest,
            charges_paise=position.charges,
            advance_paise=position.advance,
            oldest_unpaid_due_on=position.oldest_unpaid_due_on,
        ),
    }


def _move(move: Move) -> dict[str, Any]:
    return {
        "seq": move.seq,
        "row": move.row,
        "command": move.command.value,
        "source": move.source.value if move.source else None,
        "target": move.target.value,
        "actor": move.actor.value,
        "at": move.at,
    }
