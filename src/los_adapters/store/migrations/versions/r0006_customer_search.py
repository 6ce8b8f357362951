"""Finding customers by name, phone or the end of a PAN, through an index of trigrams.

What is searched is plain, in a table of its own. Names on file are sealed, and no revision holds
keys: `los reindex` fills the table for customers who were there before.
"""

from alembic import op

from los_adapters.store.migrations.guards import add_brand_table
from los_adapters.store.migrations.isolation import APP, SEARCH, on_postgresql
from los_adapters.store.migrations.shapes import belongs, index, text, uuid

revision = "0006"
down_revision = "0005"

_FUNCTION = """
CREATE FUNCTION search_customers(
  brand uuid, words text[], digits text, pan_end text, before uuid, most integer
) RETURNS SETOF uuid LANGUAGE plpgsql STABLE SECURITY DEFINER
SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
  patterns text[] = ARRAY(SELECT '%' || word || '%' FROM unnest(words) AS word);
BEGIN
  IF NOT coalesce(
    brand = ANY (NULLIF(current_setting('app.brands', true), '')::uuid[]), false
  ) THEN
    RETURN;
  END IF;
  RETURN QUERY SELECT s.customer_id FROM customer_search s
    WHERE s.brand_id = brand
      AND s.name LIKE coalesce(patterns[1], '%') AND s.name LIKE ALL (patterns)
      AND s.phone LIKE '%' || digits || '%'
      AND (pan_end = '' OR s.pan_last4 = pan_end)
      AND (before IS NULL OR s.customer_id < before)
    ORDER BY s.customer_id DESC LIMIT most;
END $$
"""
_SIGNATURE = "search_customers(uuid, text[], text, text, uuid, integer)"
"""The longest word leads: its trigrams are few rows. `patterns[1]` is planned as a constant."""

_FTS = (
    "CREATE VIRTUAL TABLE customer_fts USING fts5(name, phone, tokenize = 'trigram')",
    (
        "CREATE TABLE customer_fts_key"
        " (doc INTEGER PRIMARY KEY, brand_id CHAR(32) NOT NULL, customer_id CHAR(32) NOT NULL,"
        " UNIQUE (brand_id, customer_id))"
    ),
    (
        "CREATE TRIGGER customer_search_found AFTER INSERT ON customer_search BEGIN"
        " INSERT INTO customer_fts_key (brand_id, customer_id)"
        " VALUES (NEW.brand_id, NEW.customer_id);"
        " INSERT INTO customer_fts (rowid, name, phone)"
        " SELECT doc, NEW.name, NEW.phone FROM customer_fts_key"
        " WHERE brand_id = NEW.brand_id AND customer_id = NEW.customer_id; END"
    ),
    (
        "CREATE TRIGGER customer_search_changed AFTER UPDATE ON customer_search BEGIN"
        " UPDATE customer_fts SET name = NEW.name, phone = NEW.phone WHERE rowid ="
        " (SELECT doc FROM customer_fts_key"
        " WHERE brand_id = NEW.brand_id AND customer_id = NEW.customer_id); END"
    ),
    (
        "CREATE TRIGGER customer_search_lost AFTER DELETE ON customer_search BEGIN"
        " DELETE FROM customer_fts WHERE rowid = (SELECT doc FROM customer_fts_key"
        " WHERE brand_id = OLD.brand_id AND customer_id = OLD.customer_id);"
        " DELETE FROM customer_fts_key"
        " WHERE brand_id = OLD.brand_id AND customer_id = OLD.customer_id; END"
    ),
)
"""The keys have numbers of their own: VACUUM may renumber the rows of a table without."""


def upgrade() -> None:
    """Make the table and what searches it."""
    add_brand_table(
        "customer_search",
        uuid("customer_id"),
        text("name"),
        text("phone"),
        text("pan_last4"),
        belongs("customer_id", "customer"),
        index(None, "brand_id", "pan_last4"),
        key=("customer_id",),
        rights="SELECT (brand_id, customer_id), INSERT, UPDATE, DELETE",
    )
    if not on_postgresql():
        for statement in _FTS:
            op.execute(statement)
        return
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    for column in ("name", "phone"):
        op.execute(
            f"CREATE INDEX ix_customer_search_{column}"
            f" ON customer_search USING gin ({column} gin_trgm_ops)"
        )
    op.execute(f"CREATE POLICY search ON customer_search TO {SEARCH} USING (true)")
    op.execute(f"GRANT SELECT ON customer_search TO {SEARCH}")
    op.execute(_FUNCTION)
    op.execute(f"GRANT CREATE ON SCHEMA public TO {SEARCH}")
    op.execute(f"ALTER FUNCTION {_SIGNATURE} OWNER TO {SEARCH}")
    op.execute(f"REVOKE CREATE ON SCHEMA public FROM {SEARCH}")
    op.execute(f"REVOKE ALL ON FUNCTION {_SIGNATURE} FROM PUBLIC")
    op.execute(f"GRANT EXECUTE ON FUNCTION {_SIGNATURE} TO {APP}")


def downgrade() -> None:
    """Drop both; the extension stays, as others may use it."""
    if on_postgresql():
        op.execute(f"DROP FUNCTION {_SIGNATURE}")
    op.drop_table("customer_search")
    if not on_postgresql():
        op.execute("DROP TABLE customer_fts")
        op.execute("DROP TABLE customer_fts_key")
