"""The first tables of what is offered, agreed and written."""

from sqlalchemy import MetaData, UniqueConstraint

from los_adapters.store.migrations.shapes import (
    belongs,
    brand_table,
    choice,
    day,
    document,
    exact,
    index,
    instant,
    number,
    paise,
    sealed,
    text,
    uuid,
)


def add(metadata: MetaData) -> None:
    """Add the tables."""
    brand_table(
        metadata,
        "offer",
        uuid("id"),
        uuid("loan_id"),
        text("product"),
        number("tenure"),
        document("terms"),
        paise("emi"),
        paise("total_interest"),
        paise("total_payable"),
        paise("total_cost"),
        paise("net_disbursal"),
        exact("apr_pct"),
        choice("status", "OPEN", "ACCEPTED", "SUPERSEDED"),
        instant("made_at"),
        instant("expires_at"),
        belongs("loan_id", "loan"),
        index(None, "brand_id", "loan_id"),
    )

    brand_table(
        metadata,
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

    brand_table(
        metadata,
        "agreement",
        uuid("id"),
        uuid("loan_id"),
        number("version_no"),
        text("reference"),
        choice("status", "DRAFT", "READY", "SENDING", "SENT", "SIGNED", "EXPIRED", "FAILED"),
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

    brand_table(
        metadata,
        "file",
        uuid("id"),
        uuid("customer_id"),
        uuid("loan_id", null=True),
        choice(
            "type",
            "BANK_STATEMENT",
            "KFS",
            "AGREEMENT",
            "SIGNED_AGREEMENT",
            "REPAYMENT_SCHEDULE",
            "NDC",
        ),
        text("key"),
        text("sha256"),
        text("content_type"),
        number("size"),
        instant("created_at"),
        sealed("sealed_name"),
        belongs("customer_id", "customer"),
        belongs("loan_id", "loan"),
        index(None, "brand_id", "customer_id"),
        index(None, "brand_id", "loan_id"),
    )

    brand_table(
        metadata,
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
