"""The tables of borrowers and their loans: people, applications and papers.

Every key begins with the brand, and a foreign key includes it, so that no row can point across
brands. Nothing personal is in a plain column: a customer is one sealed document beside its blind
indexes. Tables of the installation (brands, staff, queue) are in `platform_tables`.
Source: data model §1–§4, reliability design §4–§6 and §9, decision D14.
"""

from typing import Final

from sqlalchemy import Boolean, Column, Index, UniqueConstraint
from sqlalchemy import text as sql

from los_adapters.store.columns import (
    belongs,
    brand_table,
    choice,
    day,
    document,
    exact,
    instant,
    number,
    paise,
    sealed,
    text,
    uuid,
)
from los_core.domain.agreement import AgreementStatus, DocumentType
from los_core.domain.assessment import DecisionKind, ReportKind
from los_core.domain.consent import Purpose
from los_core.domain.customer import CustomerStatus
from los_core.domain.lifecycle import Actor, ClosureType, Command, Status
from los_core.domain.offers import OfferStatus
from los_core.domain.terms import Terms

customer: Final = brand_table(
    "customer",
    uuid("id"),
    choice("status", CustomerStatus),
    text("phone_index"),
    text("person"),
    instant("created_at"),
    instant("erased_at", null=True),
    number("version"),
    sealed("sealed"),
    UniqueConstraint("brand_id", "phone_index"),
    Index(
        "uq_customer_person",
        "brand_id",
        "person",
        unique=True,
        sqlite_where=sql("person <> ''"),
        postgresql_where=sql("person <> ''"),
    ),
)

customer_account: Final = brand_table(
    "customer_account",
    text("account_index"),
    uuid("customer_id"),
    belongs("customer_id", "customer"),
    key=("account_index", "customer_id"),
)

customer_search: Final = brand_table(
    "customer_search",
    uuid("customer_id"),
    text("name"),
    text("phone"),
    text("pan_last4"),
    belongs("customer_id", "customer"),
    Index(None, "brand_id", "pan_last4"),
    key=("customer_id",),
)
for column in ("name", "phone"):
    Index(
        f"ix_customer_search_{column}",
        customer_search.c[column],
        postgresql_using="gin",
        postgresql_ops={column: "gin_trgm_ops"},
    ).ddl_if(dialect="postgresql")

consent: Final = brand_table(
    "consent",
    uuid("id"),
    uuid("customer_id"),
    choice("purpose", Purpose),
    text("text_version"),
    text("language"),
    text("channel"),
    instant("granted_at"),
    instant("expires_at", null=True),
    instant("withdrawn_at", null=True),
    sealed("sealed"),
    belongs("customer_id", "customer"),
    Index(None, "brand_id", "customer_id"),
)

otp: Final = brand_table(
    "otp",
    uuid("id"),
    text("purpose"),
    text("phone_index"),
    text("code_hash"),
    instant("sent_at"),
    instant("expires_at"),
    number("tries"),
    Column("used", Boolean, nullable=False),
    Index(None, "brand_id", "phone_index", "sent_at"),
)

loan: Final = brand_table(
    "loan",
    uuid("id"),
    uuid("customer_id"),
    text("loan_no"),
    text("product"),
    paise("applied_amount", least=1),
    number("applied_tenure"),
    text("purpose"),
    text("coupon"),
    instant("created_at"),
    choice("status", Status),
    number("version"),
    number("seq"),
    uuid("assigned_to", null=True),
    uuid("recommended_by", null=True),
    paise("recommended_amount", null=True),
    uuid("sanctioned_by", null=True),
    instant("submitted_at", null=True),
    uuid("offer_id", null=True),
    document("terms", Terms, null=True),
    text("terms_hash"),
    exact("apr_pct", null=True),
    paise("net_disbursal", null=True),
    day("planned_disbursal_on", null=True),
    day("disbursed_on", null=True),
    day("cooling_off_until", null=True),
    day("position_as_of", null=True),
    paise("outstanding_principal", null=True),
    paise("outstanding_interest", null=True),
    paise("outstanding_charges", null=True),
    paise("advance", null=True),
    day("oldest_unpaid_due_on", null=True),
    day("wake_on", null=True),
    day("arrears_since", null=True),
    choice("closure_type", ClosureType, null=True),
    day("closed_on", null=True),
    day("reapply_after", null=True),
    choice("held_from", Status, null=True),
    day("held_until", null=True),
    belongs("customer_id", "customer"),
    UniqueConstraint("brand_id", "loan_no"),
    Index(None, "brand_id", "status", "id"),
    Index(None, "brand_id", "customer_id"),
    Index(None, "brand_id", "assigned_to", "status"),
    Index(
        "ix_loan_wake",
        "brand_id",
        "wake_on",
        sqlite_where=sql("wake_on IS NOT NULL"),
        postgresql_where=sql("wake_on IS NOT NULL"),
    ),
    Index(
        "ix_loan_overdue",
        "brand_id",
        "oldest_unpaid_due_on",
        sqlite_where=sql("status = 'DISBURSED'"),
        postgresql_where=sql("status = 'DISBURSED'"),
    ),
)

loan_history: Final = brand_table(
    "loan_history",
    uuid("loan_id"),
    number("seq"),
    text("row"),
    choice("command", Command),
    choice("source", Status, null=True),
    choice("target", Status),
    choice("actor", Actor),
    uuid("actor_id", null=True),
    document("reasons", tuple[str, ...]),
    text("remark"),
    instant("at"),
    belongs("loan_id", "loan"),
    key=("loan_id", "seq"),
)

coupon_use: Final = brand_table(
    "coupon_use",
    text("code"),
    uuid("loan_id"),
    uuid("customer_id"),
    instant("redeemed_at"),
    instant("released_at", null=True),
    belongs("loan_id", "loan"),
    belongs("customer_id", "customer"),
    Index(None, "brand_id", "loan_id"),
    key=("code", "loan_id"),
)

offer: Final = brand_table(
    "offer",
    uuid("id"),
    uuid("loan_id"),
    text("product"),
    number("tenure"),
    document("terms", Terms),
    paise("emi"),
    paise("total_interest"),
    paise("total_payable"),
    paise("total_cost"),
    paise("net_disbursal"),
    exact("apr_pct"),
    choice("status", OfferStatus),
    instant("made_at"),
    instant("expires_at"),
    belongs("loan_id", "loan"),
    Index(None, "brand_id", "loan_id"),
)

key_facts: Final = brand_table(
    "key_facts",
    uuid("id"),
    uuid("loan_id"),
    uuid("offer_id"),
    text("proposal_no"),
    text("hash"),
    text("terms_hash"),
    text("language"),
    instant("issued_at"),
    day("valid_until"),
    instant("acknowledged_at", null=True),
    sealed("sealed"),
    belongs("loan_id", "loan"),
    belongs("offer_id", "offer"),
    UniqueConstraint("brand_id", "offer_id"),
)

report: Final = brand_table(
    "report",
    uuid("id"),
    uuid("customer_id"),
    choice("kind", ReportKind),
    text("provider"),
    text("reference"),
    instant("fetched_at"),
    instant("expires_at"),
    text("purpose"),
    sealed("sealed"),
    sealed("sealed_raw", null=True),
    belongs("customer_id", "customer"),
    Index(None, "brand_id", "customer_id", "kind", "fetched_at"),
)

decision: Final = brand_table(
    "decision",
    uuid("id"),
    uuid("loan_id"),
    choice("kind", DecisionKind),
    text("verdict"),
    document("reasons", tuple[str, ...]),
    uuid("actor_id", null=True),
    instant("at"),
    sealed("sealed"),
    belongs("loan_id", "loan"),
    Index(None, "brand_id", "loan_id", "kind", "at"),
)

cam: Final = brand_table(
    "cam",
    uuid("id"),
    uuid("loan_id"),
    number("version_no"),
    uuid("prepared_by"),
    paise("recommended"),
    number("tenure"),
    text("foir_deviation"),
    instant("at"),
    sealed("sealed"),
    belongs("loan_id", "loan"),
    UniqueConstraint("brand_id", "loan_id", "version_no"),
)

agreement: Final = brand_table(
    "agreement",
    uuid("id"),
    uuid("loan_id"),
    number("version_no"),
    text("reference"),
    choice("status", AgreementStatus),
    text("terms_hash"),
    uuid("unsigned_document", null=True),
    text("unsigned_sha256"),
    uuid("signed_document", null=True),
    text("signed_sha256"),
    text("provider"),
    text("docket_id"),
    instant("created_at"),
    instant("sent_at", null=True),
    instant("signed_at", null=True),
    instant("expires_at", null=True),
    number("version"),
    sealed("sealed"),
    belongs("loan_id", "loan"),
    UniqueConstraint("brand_id", "loan_id", "version_no"),
)

file: Final = brand_table(
    "file",
    uuid("id"),
    uuid("customer_id"),
    uuid("loan_id", null=True),
    choice("type", DocumentType),
    text("key"),
    text("sha256"),
    text("content_type"),
    number("size"),
    instant("created_at"),
    sealed("sealed_name"),
    belongs("customer_id", "customer"),
    belongs("loan_id", "loan"),
    Index(None, "brand_id", "customer_id"),
    Index(None, "brand_id", "loan_id"),
)

no_dues: Final = brand_table(
    "no_dues",
    uuid("id"),
    uuid("loan_id"),
    text("certificate_no"),
    number("version_no"),
    uuid("document_id"),
    day("issued_on"),
    instant("emailed_at", null=True),
    instant("withdrawn_at", null=True),
    belongs("loan_id", "loan"),
    UniqueConstraint("brand_id", "loan_id", "version_no"),
)
