"""What is known and decided about an application, as kept on file.

The values themselves are `bre.Decision`, `evaluation.Evaluation`, `cam.Cam` and the reports of
`bureau` and `statement`; here is only their place in a loan's story.
"""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

import attrs

from los_core.domain.ids import BrandId, CustomerId, LoanId, StaffId
from los_core.domain.money import Paise


class ReportKind(StrEnum):
    """Which outside report it is."""

    BUREAU = "BUREAU"
    STATEMENT = "STATEMENT"


@attrs.frozen(kw_only=True)
class ReportOnFile:
    """An outside report about a customer.

    Attributes:
        document: the normalised report, JSON-ready; sealed at rest.
        figures: what rules read of it, by key, JSON-ready; sealed with it.
        raw: the vendor's own words; sealed at rest; empty where we made the report ourselves.
        purpose: what it was fetched for; `consent` allowed it.
    """

    id: UUID
    brand_id: BrandId
    customer_id: CustomerId
    kind: ReportKind
    provider: str
    reference: str
    fetched_at: datetime
    expires_at: datetime
    purpose: str
    document: dict[str, object] = attrs.field(repr=False)
    figures: dict[str, object] = attrs.field(repr=False)
    raw: bytes = attrs.field(default=b"", repr=False)


class DecisionKind(StrEnum):
    """Which engine decided."""

    BRE = "BRE"
    EVALUATION = "EVALUATION"


@attrs.frozen(kw_only=True)
class DecisionOnFile:
    """One run of an engine, whole enough to be replayed.

    Attributes:
        verdict: the engine's word, for lists.
        document: the decision's document; sealed at rest, as its input is personal.
    """

    id: UUID
    brand_id: BrandId
    loan_id: LoanId
    kind: DecisionKind
    verdict: str
    reasons: tuple[str, ...]
    document: dict[str, object] = attrs.field(repr=False)
    actor_id: UUID | None
    at: datetime


@attrs.frozen(kw_only=True)
class CamOnFile:
    """A version of a loan's credit appraisal memo; the latest one counts.

    Attributes:
        recommended: the amount it argues for, paise.
        tenure: instalments, or days for a bullet product.
        document: inputs and outputs; sealed at rest.
    """

    id: UUID
    brand_id: BrandId
    loan_id: LoanId
    version_no: int
    prepared_by: StaffId
    recommended: Paise
    tenure: int
    foir_deviation: str
    document: dict[str, object] = attrs.field(repr=False)
    remarks: str = ""
    at: datetime
