"""Who may do what: grants, enrolments, secure codes, API keys, limits and brands' hosts."""

from alembic import op
from sqlalchemy import Boolean, Column, ForeignKey, Index, Text, UniqueConstraint, Uuid

from los_adapters.store.migrations.guards import add_brand_table, altered
from los_adapters.store.migrations.isolation import (
    REMOVED,
    close_to_platform,
    isolate,
    open_to_platform,
)
from los_adapters.store.migrations.shapes import (
    choice,
    document,
    instant,
    number,
    text,
    uuid,
)

revision = "0005"
down_revision = "0004"

OF_INSTALLATION = ("secure_code", "rate_limit")
TOLD_WITH_STAFF = ("audit", "audit_unsealed")
"""What happens to staff is written across brands, and told in the trail in the same breath."""


def upgrade() -> None:
    """Add columns and tables; whoever is on file has nothing granted and nothing begun."""
    _extend_staff()
    with altered("brand") as brand:
        brand.add_column(text("subdomain", null=True))
        brand.create_unique_constraint("uq_brand_subdomain", ["subdomain"])
    op.create_index("ix_session_staff_id", "session", ["staff_id"])
    op.create_table(
        "secure_code",
        Column("id", Uuid, primary_key=True),
        Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
        choice("purpose", "PASSWORD", "ACCESS"),
        Column("issued_by", Uuid, ForeignKey("staff.id"), nullable=True),
        instant("sent_at"),
        instant("expires_at"),
        number("tries"),
        Column("used", Boolean, nullable=False),
        Index(None, "staff_id", "sent_at"),
    )
    op.create_table(
        "rate_limit",
        Column("key", Text, primary_key=True),
        number("full_at"),
        Index(None, "full_at"),
    )
    add_brand_table(
        "api_key",
        uuid("id"),
        text("name"),
        document("scopes"),
        text("key_hash"),
        text("last4"),
        uuid("created_by"),
        instant("created_at"),
        instant("rotated_at", null=True),
        instant("last_used_at", null=True),
        instant("revoked_at", null=True),
        number("version"),
        UniqueConstraint("brand_id", "key_hash"),
    )

    for table in OF_INSTALLATION:
        isolate(table, rights="", visible="false")
        open_to_platform(table, rights=REMOVED)
    for table in TOLD_WITH_STAFF:
        open_to_platform(table, rights="INSERT")


def downgrade() -> None:
    """Forget them."""
    for table in TOLD_WITH_STAFF:
        close_to_platform(table)
    for table in ("api_key", "rate_limit", "secure_code"):
        op.drop_table(table)
    op.drop_index("ix_session_staff_id", "session")
    with altered("brand") as brand:
        brand.drop_constraint("uq_brand_subdomain", type_="unique")
        brand.drop_column("subdomain")
    with altered("staff") as staff:
        for name in ("granted", "denied", "totp_pending"):
            staff.drop_column(name)


def _extend_staff() -> None:
    new = {"granted": "[]", "denied": "[]", "totp_pending": ""}
    with altered("staff") as staff:
        for name, value in new.items():
            column = text(name) if name == "totp_pending" else document(name)
            staff.add_column(Column(name, column.type, nullable=False, server_default=value))
    with altered("staff") as staff:
        for name in new:
            staff.alter_column(name, server_default=None)
