"""The audit trail, found by time."""

from alembic import op

revision = "0012"
down_revision = "0011"

NAME = "ix_audit_brand_id_at_id"


def upgrade() -> None:
    """Add the index."""
    op.create_index(NAME, "audit", ["brand_id", "at", "id"])


def downgrade() -> None:
    """Drop it."""
    op.drop_index(NAME, "audit")
