"""Products, holidays and the blocklist become records of their brand's settings."""

from alembic import op

from los_adapters.store.migrations.guards import add_brand_table
from los_adapters.store.migrations.isolation import REMOVED, on_postgresql
from los_adapters.store.migrations.shapes import day, document, flag, instant, number, text

revision = "0010"
down_revision = "0009"

MOVED = ("product", "holiday", "blocklist")
_HEAD = (
    "brand_id, id, kind, key, chief, document, version, created_at, created_by,"
    " updated_at, updated_by, removed_at, sealed"
)


def upgrade() -> None:
    """Move the rows; what was there before has no author, and an entry keeps when it was made."""
    with_all_rows("record", *MOVED)
    now = "now()" if on_postgresql() else "strftime('%Y-%m-%d %H:%M:%f', 'now')"
    build = "jsonb_build_object" if on_postgresql() else "json_object"
    on = "to_char(\"on\", 'YYYY-MM-DD')" if on_postgresql() else '"on"'
    lean = "document - 'version'" if on_postgresql() else "json_remove(document, '$.version')"
    block = (
        f"{build}('type', upper(kind), 'value_index', value_index, 'last4', '', 'reason', reason,"
        " 'expires_on', NULL)"
    )
    holiday = f"{build}('on', {on}, 'name', name)"
    move("product", to="loan-rules", key="code", content=lean, at=now, version="version")
    move("holiday", to="non-repayment-dates", key=on, content=holiday, at="added_at")
    move(
        "blocklist", to="blocklist", key="upper(kind) || ':' || value_index", content=block, at="at"
    )
    forced_again("record")
    for table in MOVED:
        op.drop_table(table)


def downgrade() -> None:
    """Put them back; the records stay, and are what they were when this is done again."""
    add_brand_table(
        "product",
        text("code"),
        flag("active"),
        number("version"),
        document("document"),
        key=("code",),
    )
    add_brand_table(
        "holiday", day("on"), text("name"), instant("added_at"), key=("on",), rights=REMOVED
    )
    add_brand_table(
        "blocklist",
        text("kind"),
        text("value_index"),
        text("reason"),
        instant("at"),
        key=("kind", "value_index"),
        rights=REMOVED,
    )
    with_all_rows("record", *MOVED)
    whole = (
        "document || jsonb_build_object('version', version)"
        if on_postgresql()
        else "json_set(document, '$.version', version)"
    )
    restore(
        "product (brand_id, code, active, version, document)",
        f"key, {field('active', 'boolean')}, version, {whole}",
        kind="loan-rules",
    )
    restore(
        'holiday (brand_id, "on", name, added_at)',
        f"{field('on', 'date')}, {field('name')}, created_at",
        kind="non-repayment-dates",
    )
    restore(
        "blocklist (brand_id, kind, value_index, reason, at)",
        f"lower({field('type')}), {field('value_index')}, {field('reason')}, created_at",
        kind="blocklist",
    )
    forced_again("record", *MOVED)


def move(table: str, *, to: str, key: str, content: str, at: str, version: str = "1") -> None:
    """Make a record of every row of a table, unless it is there from an earlier time."""
    new = "gen_random_uuid()" if on_postgresql() else "lower(hex(randomblob(16)))"
    op.execute(
        f"INSERT INTO record ({_HEAD})"  # noqa: S608 - our own names
        f" SELECT brand_id, {new}, '{to}', {key}, NULL, {content}, {version}, {at}, NULL,"
        f" {at}, NULL, NULL, NULL FROM {table} WHERE true ON CONFLICT DO NOTHING"
    )


def restore(into: str, what: str, *, kind: str) -> None:
    """Make a row of every record of a kind that was not removed."""
    op.execute(
        f"INSERT INTO {into} SELECT brand_id, {what} FROM record"  # noqa: S608 - our own names
        f" WHERE removed_at IS NULL AND kind = '{kind}'"
    )


def field(name: str, kind: str = "text") -> str:
    """Return a field of the document, as SQL."""
    if on_postgresql():
        return f"CAST(document->>'{name}' AS {kind})"
    return f"json_extract(document, '$.{name}')"


def with_all_rows(*tables: str) -> None:
    """Let the owner of the tables see the rows of every brand, which policies hide from it too."""
    if on_postgresql():
        for table in tables:
            op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")


def forced_again(*tables: str) -> None:
    """Undo `with_all_rows`."""
    if on_postgresql():
        for table in tables:
            op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
