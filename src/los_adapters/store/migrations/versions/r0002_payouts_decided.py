"""Payouts that people decide: why they stand where they stand, and when they are asked next."""

from collections.abc import Sequence

from alembic import op
from sqlalchemy import Column, Text

from los_adapters.store.migrations.guards import altered
from los_adapters.store.migrations.shapes import instant

revision = "0002"
down_revision = "0001"

STAGES = (
    "PREPARED",
    "INTENT",
    "SENDING",
    "UNKNOWN",
    "PENDING",
    "MANUAL",
    "SUCCESS",
    "FAILED",
    "RETURNED",
)


def upgrade() -> None:
    """Add the stage and the columns; what was approved before counts as approved when prepared."""
    with altered("payout") as batch:
        batch.add_column(Column("why", Text, nullable=False, server_default=""))
        batch.add_column(instant("approved_at", null=True))
        batch.add_column(instant("next_at", null=True))
        batch.drop_constraint(op.f("ck_payout_stage"), type_="check")
        batch.create_check_constraint(op.f("ck_payout_stage"), _among(STAGES))
        batch.create_index(
            op.f("ix_payout_brand_id_stage_settled_at"), ["brand_id", "stage", "settled_at"]
        )
    with altered("payout") as batch:
        batch.alter_column("why", server_default=None)
    op.execute("UPDATE payout SET approved_at = prepared_at WHERE stage <> 'PREPARED'")


def downgrade() -> None:
    """Take them away; what people had to decide is asked about again."""
    op.execute("UPDATE payout SET stage = 'UNKNOWN' WHERE stage = 'MANUAL'")
    with altered("payout") as batch:
        batch.drop_index(op.f("ix_payout_brand_id_stage_settled_at"))
        batch.drop_constraint(op.f("ck_payout_stage"), type_="check")
        batch.create_check_constraint(
            op.f("ck_payout_stage"), _among([name for name in STAGES if name != "MANUAL"])
        )
        batch.drop_column("next_at")
        batch.drop_column("approved_at")
        batch.drop_column("why")


def _among(stages: Sequence[str]) -> str:
    named = ", ".join(f"'{name}'" for name in stages)
    return f"stage IN ({named})"
