"""Wrapped data keys and their rotation; whom they seal may be erased, and sealed values renewed."""

from alembic import op
from sqlalchemy import CheckConstraint, Column, LargeBinary, PrimaryKeyConstraint, Uuid

from los_adapters.store.migrations import guards, isolation
from los_adapters.store.migrations.shapes import index, instant, text, uuid

revision = "0007"
down_revision = "0006"

CURRENT = "retired_at IS NULL AND destroyed_at IS NULL"
PLAIN = {
    "report": (
        *("brand_id", "id", "customer_id", "kind", "provider"),
        *("reference", "fetched_at", "expires_at", "purpose"),
    ),
    "decision": (
        *("brand_id", "id", "loan_id", "kind", "verdict"),
        *("reasons", "actor_id", "at"),
    ),
    "cam": (
        *("brand_id", "id", "loan_id", "version_no", "prepared_by"),
        *("recommended", "tenure", "foir_deviation", "at"),
    ),
}
"""The columns of append-only tables that a change of keys leaves alone."""


def upgrade() -> None:
    """Add the tables, and let what is sealed in append-only tables be sealed again."""
    _add_data_key()
    _add_key_rotation()
    for table in ("data_key", "key_rotation"):
        isolation.isolate(table)
    op.add_column("customer", instant("erased_at", null=True))
    for table, columns in PLAIN.items():
        guards.guard_columns(table, columns)
    _sealed_rights("GRANT UPDATE ({columns}) ON {table} TO {role}")


def downgrade() -> None:
    """Take them away: what was sealed since opens with no key that is left."""
    _sealed_rights("REVOKE UPDATE ({columns}) ON {table} FROM {role}")
    for table in PLAIN:
        guards.guard_columns(table, None)
    op.drop_column("customer", "erased_at")
    op.drop_table("key_rotation")
    op.drop_table("data_key")


def _sealed_rights(statement: str) -> None:
    if isolation.on_postgresql():
        for table in PLAIN:
            columns = "sealed, sealed_raw" if table == "report" else "sealed"
            op.execute(statement.format(columns=columns, table=table, role=isolation.APP))


def _add_data_key() -> None:
    op.create_table(
        "data_key",
        Column("brand_id", Uuid, nullable=False),
        Column("id", LargeBinary, nullable=False),
        uuid("owner"),
        text("wrapped_by"),
        Column("wrapped", LargeBinary, nullable=True),
        instant("created_at"),
        instant("retired_at", null=True),
        instant("destroyed_at", null=True),
        CheckConstraint("(wrapped IS NULL) = (destroyed_at IS NOT NULL)", name="destroyed"),
        PrimaryKeyConstraint("brand_id", "id"),
        index(None, "brand_id", "owner"),
        index("uq_data_key_current", "brand_id", "owner", unique=True, where=CURRENT),
    )


def _add_key_rotation() -> None:
    op.create_table(
        "key_rotation",
        Column("brand_id", Uuid, nullable=False),
        Column("key_id", LargeBinary, nullable=False),
        instant("began_at"),
        text("at_table"),
        text("after"),
        instant("finished_at", null=True),
        PrimaryKeyConstraint("brand_id", "key_id"),
        index("uq_key_rotation_open", "brand_id", unique=True, where="finished_at IS NULL"),
    )
