"""Money as it was asked, paid, approved and posted."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from los_core.domain.approval import HELD, Approval
from los_core.domain.arrears import bucket
from los_core.domain.foreclosure import Quote
from los_core.domain.ledger import Posting
from los_core.domain.payout import Payout
from los_core.domain.servicing import CollectionOrder, Receipt
from los_core.services.repayments import Standing
from los_http.fields import Shown, View


class TimelineRow(View):
    """One instalment: what was asked, paid, and is still owed."""

    no: int
    due_on: date
    adjusted_due_on: date
    principal_paise: int
    interest_paise: int
    charges_paise: int
    paid_paise: int
    outstanding_paise: int
    status: str
    days_late: int
    paid_on: date | None


class TimelineView(View):
    """Where a loan's money stands on a business date; `dpd` counts the due date as day one."""

    loan_id: UUID
    loan_no: str
    status: str
    as_of: date
    dpd: int
    bucket: str
    outstanding_principal_paise: int
    total_due_paise: int
    total_owed_paise: int
    advance_paise: int
    suspense_paise: int
    oldest_unpaid_due_on: date | None
    closed_on: date | None
    rows: list[TimelineRow]


class OrderView(View):
    """An order that can be paid at the gateway."""

    reference: str
    loan_id: UUID
    purpose: str
    amount_paise: int
    provider: str
    order_id: str
    checkout_url: Shown
    created_at: datetime
    expires_on: date | None


class QuoteView(View):
    """What closes the loan on one day, itemised; `amount_paise` is what is paid."""

    on: date
    kind: str
    principal_paise: int
    due_interest_paise: int
    accrued_interest_paise: int
    charges_paise: int
    fee_paise: int
    gst_paise: int
    advance_paise: int
    interest_credit_paise: int
    fee_credit_paise: int
    amount_paise: int


class SplitLine(View):
    """What a receipt paid of one component."""

    component: str
    amount_paise: int


class ReceiptView(View):
    """Money that came in; `split` is empty until it is posted."""

    id: UUID
    receipt_no: str
    loan_id: UUID
    amount_paise: int
    mode: str
    source: str
    reference: str
    utr: str
    purpose: str
    value_date: date
    status: str
    split: list[SplitLine]
    maker: UUID | None
    approval_id: UUID | None
    note: str
    recorded_at: datetime


class ReceiptsView(View):
    """Receipts by value date."""

    receipts: list[ReceiptView]


class PayoutView(View):
    """One attempt to pay a loan out.

    `why` says why it stands where it stands, `next_at` when the bank is asked, or tried, again.
    """

    id: UUID
    attempt: int
    reference: str
    amount_paise: int
    stage: str
    maker: UUID
    checker: UUID | None
    provider: str
    bank_reference: str
    raw_code: str
    why: str
    prepared_at: datetime
    approved_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    inquiries: int
    next_at: datetime | None


class PayoutsView(View):
    """Payouts whose end is not known yet, the oldest first."""

    payouts: list[PayoutView]


class ApprovalView(View):
    """What awaits, or had, a second person's decision; `payload` is what is carried out."""

    id: UUID
    entity: str
    entity_id: UUID
    action: str
    payload: dict[str, Any]
    maker: UUID
    made_at: datetime
    expires_at: datetime
    status: str
    checker: UUID | None
    decided_at: datetime | None
    remark: str | None


class ApprovalsView(View):
    """Items awaiting a second person, oldest first."""

    approvals: list[ApprovalView]


class EntryView(View):
    """One side of a posting: debit positive, credit negative."""

    account: str
    value_date: date
    amount_paise: int


class PostingView(View):
    """A balanced transaction of the loan's ledger."""

    id: UUID
    reference: str
    entries: list[EntryView]


class LedgerView(View):
    """A loan's ledger in the order it was posted."""

    postings: list[PostingView]


def timeline_view(standing: Standing) -> TimelineView:
    """Return a loan's instalments and balances."""
    state = standing.state
    return TimelineView(
        loan_id=standing.loan.id,
        loan_no=standing.loan.loan_no,
        status=standing.loan.status.value,
        as_of=standing.as_of,
        dpd=standing.dpd,
        bucket=bucket(standing.dpd),
        outstanding_principal_paise=state.outstanding_principal,
        total_due_paise=state.total_due,
        total_owed_paise=state.total_owed,
        advance_paise=state.advance_held,
        suspense_paise=state.suspense_held,
        oldest_unpaid_due_on=state.oldest_unpaid_due_on,
        closed_on=state.closed_on,
        rows=[
            TimelineRow(
                no=row.no,
                due_on=row.due_on,
                adjusted_due_on=row.adjusted_due_on,
                principal_paise=row.principal,
                interest_paise=row.interest,
                charges_paise=row.charges,
                paid_paise=row.paid,
                outstanding_paise=row.outstanding,
                status=row.status.value,
                days_late=row.days_late,
                paid_on=row.paid_on,
            )
            for row in standing.rows
        ],
    )


def order_view(order: CollectionOrder) -> OrderView:
    """Return an order to pay."""
    return OrderView(
        reference=order.reference,
        loan_id=order.loan_id,
        purpose=order.purpose.value,
        amount_paise=order.amount,
        provider=order.provider,
        order_id=order.order_id,
        checkout_url=order.checkout_url,
        created_at=order.created_at,
        expires_on=order.expires_on,
    )


def quote_view(quote: Quote) -> QuoteView:
    """Return a quote, itemised."""
    return QuoteView(
        on=quote.on,
        kind=quote.kind.value,
        principal_paise=quote.principal,
        due_interest_paise=quote.due_interest,
        accrued_interest_paise=quote.accrued_interest,
        charges_paise=quote.charges,
        fee_paise=quote.fee,
        gst_paise=quote.gst.total,
        advance_paise=quote.advance,
        interest_credit_paise=quote.interest_credit,
        fee_credit_paise=quote.fee_credit,
        amount_paise=quote.amount,
    )


def receipt_view(receipt: Receipt) -> ReceiptView:
    """Return a receipt."""
    return ReceiptView(
        id=receipt.id,
        receipt_no=receipt.receipt_no,
        loan_id=receipt.loan_id,
        amount_paise=receipt.amount,
        mode=receipt.mode,
        source=receipt.source,
        reference=receipt.reference,
        utr=receipt.utr,
        purpose=receipt.purpose.value,
        value_date=receipt.value_date,
        status=receipt.status.value,
        split=[
            SplitLine(component=component, amount_paise=amount)
            for component, amount in receipt.split
        ],
        maker=receipt.maker,
        approval_id=receipt.approval_id,
        note=receipt.note,
        recorded_at=receipt.recorded_at,
    )


def receipts_view(receipts: Sequence[Receipt]) -> ReceiptsView:
    """Return receipts."""
    return ReceiptsView(receipts=[receipt_view(receipt) for receipt in receipts])


def payout_view(payout: Payout) -> PayoutView:
    """Return a payout attempt."""
    return PayoutView(
        id=payout.id,
        attempt=payout.attempt,
        reference=payout.reference,
        amount_paise=payout.amount,
        stage=payout.stage.value,
        maker=payout.maker,
        checker=payout.checker,
        provider=payout.provider,
        bank_reference=payout.bank_reference,
        raw_code=payout.raw_code,
        why=payout.why,
        prepared_at=payout.prepared_at,
        approved_at=payout.approved_at,
        sent_at=payout.sent_at,
        settled_at=payout.settled_at,
        inquiries=payout.inquiries,
        next_at=payout.next_at,
    )


def payouts_view(payouts: Sequence[Payout]) -> PayoutsView:
    """Return payouts in their order."""
    return PayoutsView(payouts=[payout_view(payout) for payout in payouts])


def approval_view(approval: Approval) -> ApprovalView:
    """Return an item and what became of it."""
    return ApprovalView(
        id=approval.id,
        entity=approval.entity,
        entity_id=approval.entity_id,
        action=approval.action,
        payload={name: value for name, value in approval.payload.items() if name != HELD},
        maker=approval.maker,
        made_at=approval.made_at,
        expires_at=approval.expires_at,
        status=approval.status.value,
        checker=approval.checker,
        decided_at=approval.decided_at,
        remark=approval.remark,
    )


def approvals_view(approvals: Sequence[Approval]) -> ApprovalsView:
    """Return the queue."""
    return ApprovalsView(approvals=[approval_view(approval) for approval in approvals])


def ledger_view(postings: Sequence[Posting]) -> LedgerView:
    """Return a loan's ledger."""
    return LedgerView(
        postings=[
            PostingView(
                id=posting.id,
                reference=posting.reference,
                entries=[
                    EntryView(
                        account=entry.account.value,
                        value_date=entry.value_date,
                        amount_paise=entry.amount,
                    )
                    for entry in posting.entries
                ],
            )
            for posting in postings
        ]
    )
