"""Records of money's way in: payment orders and receipts; its way out is in `payout`.

They say what was asked of gateways and what came of it. What money *means* for a loan is in its
facts and the fold over them, never here.
"""

from datetime import date, datetime
from enum import StrEnum

import attrs

from los_core.domain.ids import ApprovalId, BrandId, LoanId, PaymentId, StaffId
from los_core.domain.money import Paise
from los_core.domain.redaction import covered


class PaymentPurpose(StrEnum):
    """What a payment is meant for."""

    INSTALMENT = "INSTALMENT"
    FORECLOSURE = "FORECLOSURE"
    COOLING_OFF_EXIT = "COOLING_OFF_EXIT"


@attrs.define(kw_only=True)
class CollectionOrder:
    """An order with a gateway that a customer was asked to pay."""

    reference: str
    brand_id: BrandId
    loan_id: LoanId
    purpose: PaymentPurpose
    amount: Paise
    provider: str
    provider_account: str
    order_id: str = ""
    checkout_url: str = attrs.field(default="", repr=False)
    created_at: datetime
    expires_on: date | None = None


class ReceiptStatus(StrEnum):
    """A receipt's way. POSTED means its fact is in the loan's timeline."""

    PENDING_APPROVAL = "PENDING_APPROVAL"
    POSTED = "POSTED"
    REJECTED = "REJECTED"
    REVERSED = "REVERSED"
    PARKED = "PARKED"


@attrs.define(kw_only=True)
class Receipt:
    """Money that came in, once per (brand, provider account, provider payment id).

    Attributes:
        value_date: the date it counts from: capture time in Kolkata, or the receipt's own date.
        reference: the gateway's payment id, or the client's id of a payment entered by hand.
        split: paise by component as the fold allocated it when it was posted; () before.
    """

    id: PaymentId
    brand_id: BrandId
    loan_id: LoanId
    receipt_no: str
    amount: Paise
    mode: str
    source: str
    account: str
    reference: str
    utr: str = ""
    purpose: PaymentPurpose = PaymentPurpose.INSTALMENT
    value_date: date
    status: ReceiptStatus
    split: tuple[tuple[str, Paise], ...] = ()
    maker: StaffId | None = None
    approval_id: ApprovalId | None = None
    note: str = attrs.field(default="", converter=covered)
    recorded_at: datetime
    version: int = 0
