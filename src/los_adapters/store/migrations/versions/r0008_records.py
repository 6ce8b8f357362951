"""The brands' settings: records of every kind, what is personal or secret of them sealed."""

from alembic import op

from los_adapters.store.migrations.guards import add_brand_table
from los_adapters.store.migrations.shapes import (
    document,
    index,
    instant,
    number,
    sealed,
    text,
    uuid,
)

revision = "0008"
down_revision = "0007"

KEPT = "removed_at IS NULL"


def upgrade() -> None:
    """Add the table."""
    add_brand_table(
        "record",
        text("kind"),
        uuid("id"),
        text("key", null=True),
        text("chief", null=True),
        document("document"),
        number("version"),
        instant("created_at"),
        uuid("created_by", null=True),
        instant("updated_at"),
        uuid("updated_by", null=True),
        instant("removed_at", null=True),
        sealed("sealed", null=True),
        index(None, "brand_id", "kind", "created_at"),
        index("uq_record_key", "brand_id", "kind", "key", unique=True, where=KEPT),
        index("uq_record_chief", "brand_id", "kind", "chief", unique=True, where=KEPT),
    )


def downgrade() -> None:
    """Forget the settings."""
    op.drop_table("record")
