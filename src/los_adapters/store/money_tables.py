"""The tables of money: payouts, orders, receipts, facts, the ledger; and of approvals.

What may exist once is unique here, whatever a service believes: one live payout per loan, one
receipt per payment, one UTR, one fact per source and reference. Amounts are paise.
Source: data model §3 and §4, reliability design §4–§6.
"""

from typing import Final
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy import text as sql

from los_adapters.store.columns import (
    belongs,
    brand_table,
    choice,
    day,
    document,
    instant,
    number,
    paise,
    sealed,
    text,
    uuid,
)
from los_core.domain.approval import ApprovalStatus
from los_core.domain.ledger import Account
from los_core.domain.money import LIMIT
from los_core.domain.payout import PayoutStage
from los_core.domain.servicing import PaymentPurpose, ReceiptStatus

payout: Final = brand_table(
    "payout",
    uuid("id"),
    uuid("loan_id"),
    number("attempt"),
    text("reference"),
    paise("amount", least=1),
    uuid("account_id"),
    choice("stage", PayoutStage),
    uuid("maker"),
    uuid("checker", null=True),
    text("provider"),
    text("provider_account"),
    text("bank_reference"),
    text("raw_code"),
    text("why"),
    instant("prepared_at"),
    instant("approved_at", null=True),
    instant("sent_at", null=True),
    instant("settled_at", null=True),
    number("inquiries"),
    instant("next_at", null=True),
    number("version"),
    belongs("loan_id", "loan"),
    UniqueConstraint("brand_id", "loan_id", "attempt"),
    UniqueConstraint("brand_id", "reference"),
    Index(None, "brand_id", "stage", "settled_at"),
    Index(
        "uq_payout_live",
        "brand_id",
        "loan_id",
        unique=True,
        sqlite_where=sql("stage NOT IN ('FAILED', 'RETURNED')"),
        postgresql_where=sql("stage NOT IN ('FAILED', 'RETURNED')"),
    ),
    Index(
        "uq_payout_bank_reference",
        "brand_id",
        "bank_reference",
        unique=True,
        sqlite_where=sql("bank_reference <> ''"),
        postgresql_where=sql("bank_reference <> ''"),
    ),
)

collection_order: Final = brand_table(
    "collection_order",
    text("reference"),
    uuid("loan_id"),
    choice("purpose", PaymentPurpose),
    paise("amount", least=1),
    text("provider"),
    text("provider_account"),
    text("order_id"),
    instant("created_at"),
    day("expires_on", null=True),
    sealed("sealed_url"),
    belongs("loan_id", "loan"),
    Index(None, "brand_id", "loan_id"),
    Index("ix_collection_order_gateway", "brand_id", "provider", "provider_account", "order_id"),
    key=("reference",),
)

receipt: Final = brand_table(
    "receipt",
    uuid("id"),
    uuid("loan_id"),
    text("receipt_no"),
    paise("amount", least=1),
    text("mode"),
    text("source"),
    text("account"),
    text("reference"),
    text("utr"),
    choice("purpose", PaymentPurpose),
    day("value_date"),
    choice("status", ReceiptStatus),
    document("split", tuple[tuple[str, int], ...]),
    uuid("maker", null=True),
    uuid("approval_id", null=True),
    text("note"),
    instant("recorded_at"),
    number("version"),
    belongs("loan_id", "loan"),
    UniqueConstraint("brand_id", "source", "account", "reference"),
    Index(
        "uq_receipt_utr",
        "brand_id",
        "utr",
        unique=True,
        sqlite_where=sql("utr <> ''"),
        postgresql_where=sql("utr <> ''"),
    ),
    Index(None, "brand_id", "loan_id"),
    Index(None, "brand_id", "status"),
)

fact: Final = brand_table(
    "fact",
    uuid("loan_id"),
    text("kind"),
    text("source"),
    text("reference"),
    uuid("fact_id"),
    day("value_date"),
    instant("recorded_at"),
    document("document", object),
    belongs("loan_id", "loan"),
    key=("loan_id", "kind", "source", "reference"),
)

posting: Final = brand_table(
    "posting",
    uuid("id"),
    uuid("loan_id"),
    number("seq"),
    text("reference"),
    day("posted_on"),
    belongs("loan_id", "loan"),
    UniqueConstraint("brand_id", "loan_id", "reference"),
    UniqueConstraint("brand_id", "loan_id", "seq"),
)

ledger_entry: Final = brand_table(
    "ledger_entry",
    uuid("posting_id"),
    number("no"),
    uuid("loan_id"),
    choice("account", Account),
    day("value_date"),
    paise("amount", least=-LIMIT),
    belongs("posting_id", "posting"),
    Index(None, "brand_id", "loan_id", "account", "value_date"),
    key=("posting_id", "no"),
)

approval: Final = brand_table(
    "approval",
    uuid("id"),
    text("entity"),
    uuid("entity_id"),
    text("action"),
    uuid("maker"),
    instant("made_at"),
    instant("expires_at"),
    document("barred", frozenset[UUID]),
    choice("status", ApprovalStatus),
    uuid("checker", null=True),
    instant("decided_at", null=True),
    text("remark", null=True),
    sealed("sealed"),
    Index(None, "brand_id", "status", "made_at"),
    Index(None, "brand_id", "entity_id", "entity"),
)
