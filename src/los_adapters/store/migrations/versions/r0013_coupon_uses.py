"""Coupons taken by loans, and the code that an application came with."""

from alembic import op
from sqlalchemy import Column, Text

from los_adapters.store.migrations.guards import add_brand_table, altered
from los_adapters.store.migrations.shapes import belongs, index, instant, text, uuid

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Add them; whatever was applied for before had no coupon."""
    with altered("loan") as loan:
        loan.add_column(Column("coupon", Text, nullable=False, server_default=""))
    with altered("loan") as loan:
        loan.alter_column("coupon", server_default=None)
    add_brand_table(
        "coupon_use",
        text("code"),
        uuid("loan_id"),
        uuid("customer_id"),
        instant("redeemed_at"),
        instant("released_at", null=True),
        belongs("loan_id", "loan"),
        belongs("customer_id", "customer"),
        index(None, "brand_id", "loan_id"),
        key=("code", "loan_id"),
    )


def downgrade() -> None:
    """Forget them."""
    op.drop_table("coupon_use")
    with altered("loan") as loan:
        loan.drop_column("coupon")
