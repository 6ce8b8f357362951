"""The first tables of borrowers and of what is decided about them."""

from sqlalchemy import MetaData, UniqueConstraint

from los_adapters.store.migrations.shapes import (
    belongs,
    brand_table,
    choice,
    document,
    flag,
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
        "customer",
        uuid("id"),
        choice("status", "ACTIVE", "BLOCKED", "DECEASED", "DORMANT"),
        text("phone_index"),
        text("person"),
        instant("created_at"),
        number("version"),
        sealed("sealed"),
        UniqueConstraint("brand_id", "phone_index"),
        index("uq_customer_person", "brand_id", "person", unique=True, where="person <> ''"),
    )

    brand_table(
        metadata,
        "customer_account",
        text("account_index"),
        uuid("customer_id"),
        belongs("customer_id", "customer"),
        key=("account_index", "customer_id"),
    )

    brand_table(
        metadata,
        "consent",
        uuid("id"),
        uuid("customer_id"),
        choice(
            "purpose",
            "PRIVACY_NOTICE",
            "BUREAU_PULL",
            "KYC",
            "BANK_DATA",
            "TERMS",
            "EMPLOYMENT_DATA",
            "LOCATION",
            "MARKETING",
        ),
        text("text_version"),
        text("language"),
        text("channel"),
        instant("granted_at"),
        instant("expires_at", null=True),
        instant("withdrawn_at", null=True),
        sealed("sealed"),
        belongs("customer_id", "customer"),
        index(None, "brand_id", "customer_id"),
    )

    brand_table(
        metadata,
        "otp",
        uuid("id"),
        text("purpose"),
        text("phone_index"),
        text("code_hash"),
        instant("sent_at"),
        instant("expires_at"),
        number("tries"),
        flag("used"),
        index(None, "brand_id", "phone_index", "sent_at"),
    )

    brand_table(
        metadata,
        "report",
        uuid("id"),
        uuid("customer_id"),
        choice("kind", "BUREAU", "STATEMENT"),
        text("provider"),
        text("reference"),
        instant("fetched_at"),
        instant("expires_at"),
        text("purpose"),
        sealed("sealed"),
        sealed("sealed_raw", null=True),
        belongs("customer_id", "customer"),
        index(None, "brand_id", "customer_id", "kind", "fetched_at"),
    )

    brand_table(
        metadata,
        "decision",
        uuid("id"),
        uuid("loan_id"),
        choice("kind", "BRE", "EVALUATION"),
        text("verdict"),
        document("reasons"),
        uuid("actor_id", null=True),
        instant("at"),
        sealed("sealed"),
        belongs("loan_id", "loan"),
        index(None, "brand_id", "loan_id", "kind", "at"),
    )

    brand_table(
        metadata,
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
