"""Records of money's way in and out: payout attempts, payment orders and receipts.

They say what was asked of banks and gateways and what came of it. What money *means* for a loan
is in its facts and the fold over them, never here.
"""

from datetime import date, datetime
from enum import StrEnum

import attrs

from los_core.domain.errors import Conflict
from los_core.domain.ids import (
    AccountId,
    ApprovalId,
    BrandId,
    LoanId,
    PaymentId,
    PayoutId,
    StaffId,
)
from los_core.domain.money import Paise


class PayoutStage(StrEnum):
    """The disbursement machine. Source: reliability design §6."""

    PREPARED = "PREPARED"
    INTENT = "INTENT"
    SENDING = "SENDING"
    UNKNOWN = "UNKNOWN"
    PENDING = "PENDING"
    SUCCESS = "SUCCESS"
    FAILED = "FAILED"
    RETURNED = "RETURNED"


_NEXT: dict[PayoutStage, tuple[PayoutStage, ...]] = {
    PayoutStage.PREPARED: (PayoutStage.INTENT, PayoutStage.FAILED),
    PayoutStage.INTENT: (PayoutStage.SENDING,),
    PayoutStage.SENDING: (
        PayoutStage.INTENT,
        PayoutStage.UNKNOWN,
        PayoutStage.PENDING,
        PayoutStage.SUCCESS,
        PayoutStage.FAILED,
    ),
    PayoutStage.UNKNOWN: (PayoutStage.PENDING, PayoutStage.SUCCESS, PayoutStage.FAILED),
    PayoutStage.PENDING: (PayoutStage.SUCCESS, PayoutStage.FAILED),
    PayoutStage.SUCCESS: (PayoutStage.RETURNED,),
    PayoutStage.FAILED: (),
    PayoutStage.RETURNED: (),
}


@attrs.define(kw_only=True)
class Payout:
    """One attempt to pay a loan out.

    Attributes:
        reference: twelve characters, from loan and attempt number, stored before anything is sent.
        provider, provider_account: the bank it was given to; "" until then.
        bank_reference: UTR or RRN, unique per brand.
        sent_at: business instant of the order; its date in Kolkata dates the inquiry.
        inquiries: how often the bank has been asked.
    """

    id: PayoutId
    brand_id: BrandId
    loan_id: LoanId
    attempt: int
    reference: str
    amount: Paise
    account_id: AccountId
    stage: PayoutStage = PayoutStage.PREPARED
    maker: StaffId
    checker: StaffId | None = None
    provider: str = ""
    provider_account: str = ""
    bank_reference: str = ""
    raw_code: str = ""
    prepared_at: datetime
    sent_at: datetime | None = None
    settled_at: datetime | None = None
    inquiries: int = 0
    version: int = 0

    def go(self, stage: PayoutStage) -> None:
        """Move to `stage`. Raises: Conflict: the machine has no such step."""
        if stage not in _NEXT[self.stage]:
            raise Conflict(f"a payout in {self.stage} cannot become {stage}", code="PAYOUT_STAGE")
        self.stage = stage

    @property
    def live(self) -> bool:
        """Whether money may still move, or has moved, on this attempt."""
        return self.stage not in (PayoutStage.FAILED, PayoutStage.RETURNED)


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
    note: str = ""
    recorded_at: datetime
    version: int = 0
