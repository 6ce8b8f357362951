"""Every table there was when the history began, its indexes, and the append-only triggers."""

from alembic import op
from sqlalchemy.schema import CreateIndex, CreateTable, DropTable

from los_adapters.store.migrations import baseline, guards

revision = "0001"
down_revision = None

APPEND_ONLY = (
    "fact",
    "posting",
    "ledger_entry",
    "loan_history",
    "report",
    "decision",
    "cam",
    "audit",
)


def upgrade() -> None:
    """Make the tables, parents first."""
    for table in baseline.tables().sorted_tables:
        op.execute(CreateTable(table))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            op.execute(CreateIndex(index))
    guards.make_refusal()
    guards.append_only(APPEND_ONLY)


def downgrade() -> None:
    """Drop the tables, children first, and with them their triggers."""
    for table in reversed(baseline.tables().sorted_tables):
        op.execute(DropTable(table))
    guards.drop_refusal()
