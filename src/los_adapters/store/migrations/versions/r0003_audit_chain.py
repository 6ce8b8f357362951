"""The chain over the audit trail: seals, and what waits for one."""

from alembic import op
from sqlalchemy import UniqueConstraint

from los_adapters.store.migrations.guards import add_brand_table, append_only
from los_adapters.store.migrations.shapes import belongs, instant, number, text, uuid

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Have everything that is on record wait for its seal."""
    add_brand_table(
        "audit_unsealed",
        uuid("event_id"),
        belongs("event_id", "audit"),
        key=("event_id",),
        rights=None,
    )
    add_brand_table(
        "audit_seal",
        number("seq"),
        uuid("event_id"),
        instant("sealed_at"),
        text("prev_hash"),
        text("hash"),
        belongs("event_id", "audit"),
        UniqueConstraint("brand_id", "event_id"),
        key=("seq",),
        rights=None,
    )
    append_only(["audit_seal"])
    op.execute("INSERT INTO audit_unsealed (brand_id, event_id) SELECT brand_id, id FROM audit")


def downgrade() -> None:
    """Forget the chain; the trail itself stays."""
    op.drop_table("audit_seal")
    op.drop_table("audit_unsealed")
