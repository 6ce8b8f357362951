"""Adding tables with their guards and altering them without losing any, for revisions.

To change a table a revision uses `altered`: SQLite makes most changes by making the table anew,
which loses its triggers. Source: traps of SQLite and Alembic measured for this design.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from alembic import op
from alembic.operations.base import BatchOperations
from sqlalchemy import Column, ForeignKey, PrimaryKeyConstraint, Uuid, bindparam, text
from sqlalchemy.sql.schema import SchemaItem

from los_adapters.store.migrations.isolation import CHANGED, isolate, on_postgresql

_REFUSE: Final = """
CREATE OR REPLACE FUNCTION los_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING
    MESSAGE = TG_TABLE_NAME || ' is append-only', ERRCODE = 'restrict_violation';
END $$
"""


def make_refusal() -> None:
    """Make what the triggers of PostgreSQL call."""
    if on_postgresql():
        op.execute(_REFUSE)


def drop_refusal() -> None:
    """Drop it, when no trigger is left."""
    if on_postgresql():
        op.execute("DROP FUNCTION los_append_only()")


def add_brand_table(
    name: str, *items: SchemaItem, key: tuple[str, ...] = ("id",), rights: str | None = CHANGED
) -> None:
    """Make a table of the brands' rows, the brand leading its key: its indexes, its wall.

    `rights` are what the application may do with its own brand's rows; None, in revisions before
    0004 only, is no wall.
    """
    op.create_table(
        name,
        Column("brand_id", Uuid, ForeignKey("brand.id"), nullable=False),
        *items,
        PrimaryKeyConstraint("brand_id", *key),
    )
    if rights is not None:
        isolate(name, rights=rights)


def append_only(tables: Iterable[str]) -> None:
    """Refuse every UPDATE, DELETE and TRUNCATE of these tables' rows."""
    for table in tables:
        for statement in _triggers(table):
            op.execute(statement)


def guard_columns(table: str, columns: Iterable[str] | None) -> None:
    """Refuse the UPDATE of these columns of an append-only table (of every one if None).

    What is left is what may be sealed again by another key.
    """
    on_table = f" ON {table}" if on_postgresql() else ""
    name = f"{table}_append_only" if on_postgresql() else f"{table}_no_update"
    op.execute(f"DROP TRIGGER {name}{on_table}")
    op.execute(_triggers(table, columns)[0])


@contextmanager
def altered(table: str) -> Iterator[BatchOperations]:
    """Alter a table, which keeps its triggers.

    PostgreSQL alters it in place. SQLite copies it into a new one, and the triggers are put back.
    """
    lost: list[str] = []
    if not on_postgresql():
        query = text(
            "SELECT sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name"
        ).bindparams(bindparam("name", table))
        lost = list(op.get_bind().execute(query).scalars())
    with op.batch_alter_table(table, recreate="always" if lost else "auto") as batch:
        yield batch
    for statement in lost:
        op.execute(statement)


def _triggers(table: str, columns: Iterable[str] | None = None) -> tuple[str, ...]:
    """Return the statements that make a table's triggers, that of UPDATE first."""
    of = f"UPDATE OF {', '.join(columns)}" if columns is not None else "UPDATE"
    if on_postgresql():
        rows = f"{table}_append_only BEFORE {of} OR DELETE ON {table} FOR EACH ROW"
        whole = f"{table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT"
        return tuple(
            f"CREATE TRIGGER {when} EXECUTE FUNCTION los_append_only()" for when in (rows, whole)
        )
    return tuple(
        f"CREATE TRIGGER {table}_no_{verb} BEFORE {event} ON {table}"
        f" BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        for verb, event in (("update", of), ("delete", "DELETE"))
    )
