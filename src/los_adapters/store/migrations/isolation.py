"""PostgreSQL's own wall between brands: roles, what they may do, and which rows they see.

Three roles that nobody logs in as; the application's login is a member of the first two and takes
one of them for each transaction. `los_app` sees the rows of the brands that the transaction named
(`app.brands`), `los_platform` sees all rows of the few tables that work across brands needs, and
`los_search` owns the search function. The owner of the tables is under the same policies. On SQLite
nothing here does anything. Source: decision D14, reliability design §9.
"""

from typing import Final

from alembic import op

APP: Final = "los_app"
PLATFORM: Final = "los_platform"
SEARCH: Final = "los_search"

APPENDED: Final = "SELECT, INSERT"
"""What the application may do where nothing is rewritten; the table is `append_only` too."""
CHANGED: Final = f"{APPENDED}, UPDATE"
"""What it may do where nothing is ever deleted."""
REMOVED: Final = f"{CHANGED}, DELETE"
"""What it may do where rows go."""

NAMED: Final = "ANY (NULLIF(current_setting('app.brands', true), '')::uuid[])"
"""The brands of the transaction. The setting is '' after one that set it, and no array then."""

_ROLE: Final = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN
    CREATE ROLE {role} NOLOGIN NOINHERIT;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another database's migration was faster: roles are of the whole server
END $$
"""
_MEMBER: Final = """
DO $$ BEGIN
  IF NOT pg_has_role(current_user, '{role}', 'MEMBER') THEN
    EXECUTE format('GRANT {role} TO %I', current_user);
  END IF;
END $$
"""


def on_postgresql() -> bool:
    """Whether the revision runs on PostgreSQL; it is SQLite otherwise."""
    return op.get_context().dialect.name == "postgresql"


def make_roles() -> None:
    """Make the roles that the server lacks, with the migrating user as their member."""
    if on_postgresql():
        for role in (APP, PLATFORM, SEARCH):
            op.execute(_ROLE.format(role=role))
            op.execute(_MEMBER.format(role=role))


def isolate(table: str, *, rights: str = CHANGED, visible: str = f"brand_id = {NAMED}") -> None:
    """Let the application see and write the rows of the brands named by its transaction only."""
    if on_postgresql():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY brands ON {table} USING ({visible}) WITH CHECK ({visible})")
        if rights:
            op.execute(f"GRANT {rights} ON {table} TO {APP}")


def open_to_platform(table: str, *, rights: str) -> None:
    """Let work across brands see and write every row."""
    if on_postgresql():
        op.execute(
            f"CREATE POLICY platform ON {table} TO {PLATFORM} USING (true) WITH CHECK (true)"
        )
        op.execute(f"GRANT {rights} ON {table} TO {PLATFORM}")


def close_to_platform(table: str) -> None:
    """Take from work across brands what `open_to_platform` gave."""
    if on_postgresql():
        op.execute(f"DROP POLICY platform ON {table}")
        op.execute(f"REVOKE ALL ON {table} FROM {PLATFORM}")


def lift(table: str) -> None:
    """Take policies and rights off again."""
    if on_postgresql():
        for policy in ("brands", "platform"):
            op.execute(f"DROP POLICY IF EXISTS {policy} ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
        op.execute(f"REVOKE ALL ON {table} FROM {APP}, {PLATFORM}")
