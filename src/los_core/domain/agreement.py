"""What is put before the customer and signed: Key Facts Statement and loan agreement, on file.

The content of both is computed from one pricing (`keyfacts`, `letters`); here is their state.
"""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

import attrs

from los_core.domain.ids import BrandId, CustomerId, DocumentId, LoanId, OfferId


@attrs.define(kw_only=True)
class KeyFactsOnFile:
    """A Key Facts Statement as issued for one offer.

    Attributes:
        document: its whole content, JSON-ready, as hashed.
        valid_until: last day on which the lender stands by it (RBI: three working days at least
            for tenures of seven days and more).
    """

    id: UUID
    brand_id: BrandId
    loan_id: LoanId
    offer_id: OfferId
    proposal_no: str
    document: dict[str, object]
    hash: str
    terms_hash: str
    language: str
    issued_at: datetime
    valid_until: date
    acknowledged_at: datetime | None = None


class AgreementStatus(StrEnum):
    """Where a loan agreement stands."""

    DRAFT = "DRAFT"
    READY = "READY"
    SENDING = "SENDING"
    SENT = "SENT"
    SIGNED = "SIGNED"
    EXPIRED = "EXPIRED"
    FAILED = "FAILED"


@attrs.define(kw_only=True)
class Agreement:
    """One version of a loan's agreement.

    Attributes:
        reference: ours at the e-sign vendor: loan number and version.
        callback_token: names this agreement in the callback's address; unguessable.
        callback_secret: what the vendor must show; sealed.
        terms_hash: of the terms printed in it.
    """

    id: UUID
    brand_id: BrandId
    loan_id: LoanId
    version_no: int
    reference: str
    status: AgreementStatus = AgreementStatus.DRAFT
    terms_hash: str
    unsigned_document: DocumentId | None = None
    unsigned_sha256: str = ""
    signed_document: DocumentId | None = None
    signed_sha256: str = ""
    provider: str = ""
    docket_id: str = ""
    signing_url: str = attrs.field(default="", repr=False)
    callback_token: str = attrs.field(default="", repr=False)
    callback_secret: str = attrs.field(default="", repr=False)
    created_at: datetime
    sent_at: datetime | None = None
    signed_at: datetime | None = None
    expires_at: datetime | None = None
    version: int = 0


class DocumentType(StrEnum):
    """What a file is."""

    BANK_STATEMENT = "BANK_STATEMENT"
    KFS = "KFS"
    AGREEMENT = "AGREEMENT"
    SIGNED_AGREEMENT = "SIGNED_AGREEMENT"
    REPAYMENT_SCHEDULE = "REPAYMENT_SCHEDULE"
    NDC = "NDC"


@attrs.frozen(kw_only=True)
class DocumentOnFile:
    """A file we keep; its content is in storage under `key`, immutable."""

    id: DocumentId
    brand_id: BrandId
    customer_id: CustomerId
    loan_id: LoanId | None
    type: DocumentType
    name: str
    key: str
    sha256: str
    content_type: str
    size: int
    created_at: datetime


@attrs.define(kw_only=True)
class NoDues:
    """A no-dues certificate; a later reversal withdraws it and a new version may follow."""

    id: UUID
    brand_id: BrandId
    loan_id: LoanId
    certificate_no: str
    version_no: int
    document_id: DocumentId
    issued_on: date
    emailed_at: datetime | None = None
    withdrawn_at: datetime | None = None
