"""Forgetting customers: whose a vendor's message is, and log-ins that end in the same commit."""

from alembic import op
from sqlalchemy import text

from los_adapters.store.migrations.isolation import APP, on_postgresql
from los_adapters.store.migrations.shapes import uuid

revision = "0014"
down_revision = "0013"

UNSORTED = "owner IS NULL"


def upgrade() -> None:
    """Add the owner of vendors' messages, and let a brand delete its customers' log-ins."""
    op.add_column("webhook_event", uuid("owner", null=True))
    op.create_index(
        "ix_webhook_event_unsorted",
        "webhook_event",
        ["brand_id", "id"],
        sqlite_where=text(UNSORTED),
        postgresql_where=text(UNSORTED),
    )
    if on_postgresql():
        op.execute(f"GRANT SELECT (brand_id, customer_id), DELETE ON session TO {APP}")


def downgrade() -> None:
    """Take both away; messages stay under the keys they are sealed by."""
    if on_postgresql():
        op.execute(f"REVOKE DELETE, SELECT (brand_id, customer_id) ON session FROM {APP}")  # noqa: S608 - a right, no query
    op.drop_index("ix_webhook_event_unsorted", "webhook_event")
    op.drop_column("webhook_event", "owner")
