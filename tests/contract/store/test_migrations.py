"""The history of the schema: it makes what the code expects, and moves full databases unharmed."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import op
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import BigInteger, Column, Engine, MetaData, UniqueConstraint, inspect, text
from sqlalchemy.exc import DBAPIError
from tests.contract.store.described import FULL_TEXT, described
from tests.contract.store.filling import CIPHER, filled

from los_adapters.store import schema
from los_adapters.store.columns import metadata
from los_adapters.store.keyring import Keys
from los_adapters.store.limits import SqlLimiter
from los_adapters.store.migrations import guards, shapes
from los_adapters.store.migrations.shapes import belongs, day, instant, number, uuid
from los_adapters.store.rotation import Rotation
from los_core.domain.limits import CODE_GAP
from los_core.testing.store import StoreRig

OpenBare = Callable[[], Engine]
Content = dict[str, tuple[int, dict[str, str]]]
"""By table: how many rows, and a checksum per column."""

IDS = schema.known()


def content(engine: Engine) -> Content:
    found = MetaData()
    found.reflect(engine, only=lambda name, _: not name.startswith(FULL_TEXT))
    with engine.connect() as connection:
        return {
            name: _sums([dict(row) for row in connection.execute(table.select()).mappings()])
            for name, table in found.tables.items()
            if name != "alembic_version"
        }


def _sums(rows: Sequence[dict[str, object]]) -> tuple[int, dict[str, str]]:
    columns = {name: sorted(repr(row[name]) for row in rows) for name in (rows[0] if rows else ())}
    return len(rows), {
        name: hashlib.sha256("\n".join(values).encode()).hexdigest()
        for name, values in columns.items()
    }


MOVED = {"blocklist", "holiday", "product"}
"""Tables whose rows are records since 0010."""


def differences(before: Content, after: Content) -> list[str]:
    """Return the tables and columns of both that do not hold the same."""
    told = []
    for name in before.keys() & after.keys():
        (rows, sums), (rows_after, sums_after) = before[name], after[name]
        told += [f"{name}: {rows} rows, then {rows_after}"] if rows != rows_after else []
        told += [f"{name}.{c}" for c in sums.keys() & sums_after.keys() if sums[c] != sums_after[c]]
    return sorted(told)


@contextmanager
def revising(engine: Engine) -> Iterator[None]:
    """Stand where the body of a revision stands."""
    with engine.begin() as connection:
        options = {"render_as_batch": True, "target_metadata": metadata}
        with Operations.context(MigrationContext.configure(connection, opts=options)):
            yield


def test_the_history_makes_the_tables_that_the_code_expects(bare: OpenBare) -> None:
    moved, expected = bare(), bare()
    schema.create(moved)
    if expected.dialect.name == "postgresql":
        with expected.begin() as connection:
            connection.execute(text("CREATE EXTENSION pg_trgm"))
    metadata.create_all(expected)
    assert described(moved) == described(expected)


@pytest.mark.parametrize("bare", ["postgresql"], indirect=True)
def test_the_statements_that_are_printed_make_the_same_tables(bare: OpenBare) -> None:
    moved, by_hand = bare(), bare()
    schema.create(moved)
    with by_hand.connect() as connection:
        raw = connection.connection.dbapi_connection
        assert raw is not None
        raw.execute(schema.sql())
    assert described(by_hand) == described(moved)
    assert [revision.is_applied for revision in schema.history(by_hand)] == [True] * len(IDS)


def test_a_table_that_a_revision_adds_is_like_those_of_the_code(bare: OpenBare) -> None:
    engine = bare()
    schema.create(engine)
    before = described(engine)["no_dues"]
    with revising(engine):
        op.drop_table("no_dues")
        guards.add_brand_table(
            "no_dues",
            uuid("id"),
            uuid("loan_id"),
            shapes.text("certificate_no"),
            number("version_no"),
            uuid("document_id"),
            day("issued_on"),
            instant("emailed_at", null=True),
            instant("withdrawn_at", null=True),
            belongs("loan_id", "loan"),
            UniqueConstraint("brand_id", "loan_id", "version_no"),
        )
    assert described(engine)["no_dues"] == before


def test_a_table_that_is_altered_keeps_its_triggers(
    bare: OpenBare, rig_on: Callable[[Engine], StoreRig]
) -> None:
    engine = bare()
    schema.create(engine)
    filled(rig_on(engine))
    full = content(engine)
    with revising(engine), guards.altered("fact") as batch:
        batch.add_column(Column("batch_no", BigInteger, nullable=True))
        batch.create_check_constraint("batch_no", "batch_no > 0")
    assert differences(full, content(engine)) == []
    with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
        connection.execute(text("UPDATE fact SET batch_no = 1"))


def test_the_history_is_one_line_numbered_in_order() -> None:
    script = ScriptDirectory(str(Path(schema.__file__).with_name("migrations")))
    assert len(script.get_heads()) == 1
    assert [f"{number:04}" for number in range(1, len(IDS) + 1)] == IDS


def test_every_revision_goes_down_and_up_on_a_full_database(
    bare: OpenBare, rig_on: Callable[[Engine], StoreRig]
) -> None:
    engine = bare()
    schema.create(engine)
    rig = rig_on(engine)
    filled(rig)
    SqlLimiter(engine, rig.clock).take(CODE_GAP, "a phone")
    assert list(Rotation(engine, Keys(CIPHER, rig.clock)).run(data_keys=True))
    full = content(engine)
    assert [name for name, (rows, _) in full.items() if rows == 0] == []
    for revision in IDS[-2::-1]:
        schema.move(engine, revision)
        assert differences(full, content(engine)) == []
    lowest = content(engine)
    assert lowest.keys() <= full.keys() | MOVED
    assert {name: rows for name, (rows, _) in lowest.items() if name in MOVED} == dict.fromkeys(
        MOVED, 1
    )
    for revision in IDS[1:]:
        schema.move(engine, revision)
        assert differences(lowest, content(engine)) == []
    assert content(engine).keys() == full.keys()


def test_the_first_revision_leaves_nothing_behind(bare: OpenBare) -> None:
    engine = bare()
    schema.create(engine)
    schema.move(engine, schema.EMPTY)
    assert inspect(engine).get_table_names() == ["alembic_version"]
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            left = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))
        else:
            ours = "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            left = connection.execute(text(f"{ours} AND proname LIKE 'los%'"))
        assert left.all() == []
    schema.create(engine)


def test_the_guards_stand_after_going_down_and_up(
    bare: OpenBare, rig_on: Callable[[Engine], StoreRig]
) -> None:
    engine = bare()
    schema.create(engine)
    schema.move(engine, IDS[0])
    schema.move(engine)
    filled(rig_on(engine))
    for name in schema.APPEND_ONLY:
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(metadata.tables[name].delete())


def test_a_move_that_fails_changes_nothing(bare: OpenBare) -> None:
    engine = bare()
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE ledger_entry (mine INTEGER)"))
    with pytest.raises(DBAPIError, match="already exists"):
        schema.create(engine)
    assert inspect(engine).get_table_names() == ["ledger_entry"]


def test_a_database_of_a_newer_release_is_refused_by_name(bare: OpenBare) -> None:
    engine = bare()
    schema.create(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for ask in (schema.create, schema.history):
        with pytest.raises(schema.SchemaRefused, match="9999, which a newer release made"):
            ask(engine)


def test_processes_start_on_the_newest_schema_or_a_newer_one(bare: OpenBare) -> None:
    engine = bare()
    with pytest.raises(schema.SchemaRefused, match="at revision base"):
        schema.check(engine)
    schema.move(engine, IDS[-2])
    with pytest.raises(schema.SchemaRefused, match="los migrate"):
        schema.check(engine)
    schema.move(engine)
    schema.check(engine)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    schema.check(engine)


def test_tables_from_before_the_history_are_refused(bare: OpenBare) -> None:
    engine = bare()
    metadata.tables["brand"].create(engine)
    with pytest.raises(schema.SchemaRefused, match="before the history"):
        schema.create(engine)


def test_a_revision_that_is_not_there_is_refused(bare: OpenBare) -> None:
    with pytest.raises(schema.SchemaRefused, match="0001"):
        schema.move(bare(), "42")
