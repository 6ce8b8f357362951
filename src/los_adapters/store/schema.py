"""Making the tables, and the triggers that keep what was written from being rewritten.

The unit of work checks that debits equal credits, as SQLite has no trigger at commit.
"""

from typing import Final

from sqlalchemy import Connection, Engine, text

from los_adapters.store import money_tables, platform_tables, tables
from los_adapters.store.columns import metadata

APPEND_ONLY: Final = (
    money_tables.fact.name,
    money_tables.posting.name,
    money_tables.ledger_entry.name,
    tables.loan_history.name,
    tables.report.name,
    tables.decision.name,
    tables.cam.name,
    platform_tables.audit.name,
)
_ONE_AT_A_TIME: Final = 7_305_131
"""The advisory lock under which the schema of a PostgreSQL database is made."""

_REFUSE: Final = """
CREATE OR REPLACE FUNCTION los_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$
"""


def create(engine: Engine) -> None:
    """Make what is missing; a second time, or two processes at once, do no harm."""
    with engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET LOCAL lock_timeout = '60s'"))
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
        metadata.create_all(connection)
        _forbid_rewriting(connection)


def _forbid_rewriting(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(_REFUSE))
    for name in APPEND_ONLY:
        for statement in _triggers(connection.dialect.name, name):
            connection.execute(text(statement))


def _triggers(dialect: str, table: str) -> tuple[str, ...]:
    if dialect == "postgresql":
        rows = f"{table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW"
        whole = f"{table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        return tuple(
            f"CREATE OR REPLACE TRIGGER {when} EXECUTE FUNCTION los_append_only()"
            for when in (rows, whole)
        )
    return tuple(
        f"CREATE TRIGGER IF NOT EXISTS {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb in ("UPDATE", "DELETE")
    )
