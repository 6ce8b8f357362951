"""When members of staff were at work, and idle."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, Uuid

from los_adapters.store.migrations.guards import add_brand_table
from los_adapters.store.migrations.isolation import REMOVED
from los_adapters.store.migrations.shapes import choice, instant, number, text, uuid

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add the table; rows go when they are old."""
    add_brand_table(
        "sitting",
        uuid("id"),
        Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
        text("device"),
        text("ip"),
        instant("started_at"),
        instant("last_active_at"),
        number("idle_s"),
        instant("ended_at", null=True),
        choice("end_reason", "LOGOUT", "IDLE", "REPLACED", "REVOKED", null=True),
        instant("alerted_at", null=True),
        Index(None, "brand_id", "staff_id", "started_at"),
        Index(None, "brand_id", "started_at"),
        Index(None, "brand_id", "ended_at"),
        rights=REMOVED,
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("sitting")
