"""What members of staff are told in the console."""

from alembic import op
from sqlalchemy import Column, ForeignKey, Index, Uuid

from los_adapters.store.migrations.guards import add_brand_table
from los_adapters.store.migrations.isolation import REMOVED
from los_adapters.store.migrations.shapes import choice, document, instant, text, uuid

revision = "0009"
down_revision = "0008"

KINDS = (
    "LOAN_ASSIGNED",
    "LOAN_STATUS_CHANGED",
    "PAYMENT_RECEIVED",
    "PAYMENT_APPROVAL_PENDING",
    "PAYMENT_APPROVAL_RESULT",
    "DOCUMENT_UPLOADED",
    "AGREEMENT_SIGNED",
    "AGREEMENT_EXPIRED",
    "AA_CONSENT_CHANGED",
    "PTP_DUE",
    "USER_INACTIVE",
    "SYSTEM_ALERT",
    "VERSION_UPDATE",
)


def upgrade() -> None:
    """Add the table; rows go when they are old."""
    add_brand_table(
        "notification",
        uuid("id"),
        Column("staff_id", Uuid, ForeignKey("staff.id"), nullable=False),
        choice("kind", *KINDS),
        text("title"),
        text("body"),
        document("metadata"),
        instant("created_at"),
        instant("read_at", null=True),
        instant("dismissed_at", null=True),
        Index(None, "brand_id", "staff_id", "created_at"),
        Index(None, "brand_id", "created_at"),
        rights=REMOVED,
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("notification")
