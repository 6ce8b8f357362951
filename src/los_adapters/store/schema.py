"""The schema of a database and its history: where it stands, and moving it up or down.

The unit of work checks that debits equal credits, as SQLite has no trigger at commit. The revisions
are in `migrations`, which Alembic runs here, each move in one transaction.
"""

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Final

import attrs
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, func, inspect, select, text

from los_adapters.store import money_tables, platform_tables, tables
from los_adapters.store.scope import across_brands

APPEND_ONLY: Final = (
    money_tables.fact.name,
    money_tables.posting.name,
    money_tables.ledger_entry.name,
    tables.loan_history.name,
    tables.report.name,
    tables.decision.name,
    tables.cam.name,
    platform_tables.audit.name,
    platform_tables.audit_seal.name,
)
EMPTY: Final = "base"
"""The revision of a database without tables."""
_ONE_AT_A_TIME: Final = 7_305_131
"""The advisory lock under which the schema of a PostgreSQL database is moved."""


class SchemaRefused(Exception):
    """The database's schema is not one that this release can move or use."""


@attrs.frozen
class Revision:
    """One step of the history."""

    id: str
    title: str
    is_applied: bool


def create(engine: Engine) -> None:
    """Bring a database up to date; a second time, or two processes at once, do no harm."""
    move(engine)


def known() -> Sequence[str]:
    """Return the revisions this release knows, oldest first."""
    return _ids(_history())


def move(engine: Engine, to: str | None = None) -> Sequence[Revision]:
    """Bring a database to a revision (the newest if None) and return the history as it is then.

    Going down drops what later revisions added. All of it happens, or nothing.
    Raises: SchemaRefused: no such revision, or the database is of a newer release.
    """
    ids = known()
    goal = _checked(to or ids[-1])
    with moving(engine) as connection:
        current = _current(connection, ids)
        config = _config(connection)
        if goal == EMPTY or (current in ids and ids.index(goal) < ids.index(current)):
            command.downgrade(config, goal)
        elif goal != current:
            command.upgrade(config, goal)
    return history(engine)


@contextmanager
def moving(engine: Engine) -> Iterator[Connection]:
    """Open the transaction of a move, which no other move can overlap.

    SQLite checks parents row by row, so a table that is made anew would lose its children: the
    check is off meanwhile, and made once at the end.
    """
    with engine.connect() as connection:
        postgresql = connection.dialect.name == "postgresql"
        if not postgresql:
            _pragma(connection, "foreign_keys=OFF")
        try:
            with connection.begin():
                if postgresql:
                    connection.execute(text("SET LOCAL lock_timeout = '60s'"))
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_ONE_AT_A_TIME})"))
                    _see_all_brands(connection)
                yield connection
                if not postgresql:
                    orphans = connection.execute(text("PRAGMA foreign_key_check")).all()
                    assert not orphans, f"rows without parents after the move: {orphans}"
        finally:
            if not postgresql:
                _pragma(connection, "foreign_keys=ON")


def check(engine: Engine) -> None:
    """Return if the database has every revision this release knows, or more.

    During a rolling release processes of the older one start on the newer schema.
    Raises: SchemaRefused: a revision is pending.
    """
    ids = known()
    with engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current is None or current in ids[:-1]:
        raise SchemaRefused(
            f"the database is at revision {current or EMPTY} and this release needs {ids[-1]}:"
            " run `los migrate` as the owner of the tables"
        )


def history(engine: Engine) -> Sequence[Revision]:
    """Return every revision, oldest first, and whether the database has it.

    Raises: SchemaRefused: the database is of a newer release.
    """
    script = _history()
    ids = _ids(script)
    with engine.connect() as connection:
        current = _current(connection, ids)
    applied = ids[: ids.index(current) + 1] if current in ids else []
    titles = {each.revision: each.doc for each in script.walk_revisions()}
    return [Revision(id=each, title=titles[each], is_applied=each in applied) for each in ids]


def sql(*, start: str = EMPTY, to: str | None = None) -> str:
    """Return the statements that move a PostgreSQL database up from one revision to another.

    Raises: SchemaRefused: no such revision.
    """
    told = io.StringIO()
    config = Config(output_buffer=told)
    config.set_main_option("script_location", _LOCATION)
    config.attributes["dialect"] = "postgresql"
    command.upgrade(config, f"{_checked(start)}:{_checked(to or known()[-1])}", sql=True)
    return told.getvalue()


_LOCATION: Final = "los_adapters.store:migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", _LOCATION)
    config.attributes["connection"] = connection
    return config


def _checked(revision: str) -> str:
    if revision not in (ids := (EMPTY, *known())):
        raise SchemaRefused(f"there is no revision {revision!r}; there are {', '.join(ids)}")
    return revision


def _history() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _ids(script: ScriptDirectory) -> list[str]:
    return [each.revision for each in script.walk_revisions()][::-1]


def _current(connection: Connection, ids: Sequence[str]) -> str:
    """Return where the database stands. Raises: SchemaRefused: nobody here knows."""
    current = MigrationContext.configure(connection).get_current_revision()
    if current is None:
        if inspect(connection).has_table(platform_tables.brand.name):
            raise SchemaRefused(
                "the database has tables from before the history of migrations: begin a new one"
            )
        return EMPTY
    if current not in ids:
        raise SchemaRefused(
            f"the database is at revision {current}, which a newer release made;"
            f" this one knows up to {ids[-1]}: use the newer release"
        )
    return current


def _see_all_brands(connection: Connection) -> None:
    """Name every brand, as the owner of the tables is under their policies too."""
    walled = text("SELECT relrowsecurity FROM pg_class WHERE oid = to_regclass('brand')")
    if not connection.execute(walled).scalar():
        return
    across_brands(connection)
    ids = connection.execute(select(platform_tables.brand.c.id)).scalars()
    brands = f"{{{','.join(map(str, ids))}}}"
    mine = select(
        func.set_config("role", "none", True), func.set_config("app.brands", brands, True)
    )
    connection.execute(mine)


def _pragma(connection: Connection, setting: str) -> None:
    """Set it outside any transaction, inside which SQLite ignores it."""
    raw = connection.connection.dbapi_connection
    assert raw is not None, "the connection is open"
    raw.cursor().execute(f"PRAGMA {setting}")
