"""The first tables of brands, their rules and their staff."""

from sqlalchemy import Column, ForeignKey, MetaData, Table, Text, Uuid

from los_adapters.store.migrations.shapes import (
    belongs,
    brand_table,
    day,
    document,
    flag,
    index,
    instant,
    number,
    sealed,
    text,
    uuid,
)


def add(metadata: MetaData) -> None:
    """Add the tables."""
    Table(
        "brand",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("code", Text, nullable=False, unique=True),
        text("name"),
        text("lender"),
        text("legal_name"),
        text("rbi_reg_no"),
        text("address"),
        text("gst_state"),
        document("grievance_officer"),
        document("nodal_officer"),
        document("policy_links"),
        flag("active"),
        number("version"),
    )

    brand_table(metadata, "brand_settings", number("version"), document("document"), key=())
    brand_table(
        metadata,
        "product",
        text("code"),
        flag("active"),
        number("version"),
        document("document"),
        key=("code",),
    )
    brand_table(metadata, "rule_set", number("version"), document("document"), key=("version",))
    brand_table(
        metadata, "evaluation_config", number("version"), document("document"), key=("version",)
    )
    brand_table(metadata, "holiday", day("on"), text("name"), instant("added_at"), key=("on",))
    brand_table(
        metadata,
        "blocklist",
        text("kind"),
        text("value_index"),
        text("reason"),
        instant("at"),
        key=("kind", "value_index"),
    )
    brand_table(
        metadata,
        "provider",
        text("port"),
        text("name"),
        flag("is_primary"),
        flag("is_active"),
        number("version"),
        sealed("sealed"),
        key=("port", "name"),
    )

    Table(
        "staff",
        metadata,
        Column("id", Uuid, primary_key=True),
        Column("email", Text, nullable=False, unique=True),
        text("name"),
        text("password_hash"),
        document("roles"),
        flag("active"),
        number("security_version"),
        text("totp_secret"),
        flag("totp_confirmed"),
        number("totp_step"),
        number("failures"),
        instant("locked_until", null=True),
        number("capacity"),
        number("rating"),
        instant("last_allocated_at", null=True),
        instant("created_at"),
        number("version"),
    )
    brand_table(
        metadata,
        "staff_brand",
        Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
        index(None, "staff_id"),
        key=("staff_id",),
    )
    Table(
        "session",
        metadata,
        Column("id", Uuid, primary_key=True),
        uuid("customer_id", null=True),
        Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=True),
        Column("brand_id", Uuid, ForeignKey("brand.id"), nullable=True),
        text("token_hash"),
        text("previous_hash"),
        instant("rotated_at"),
        instant("created_at"),
        instant("expires_at"),
        instant("ends_at"),
        instant("revoked_at", null=True),
        text("device"),
        text("ip"),
        belongs("customer_id", "customer"),
        index(None, "token_hash"),
        index(None, "previous_hash"),
    )
