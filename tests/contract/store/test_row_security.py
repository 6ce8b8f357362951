"""PostgreSQL's own wall: what a transaction of one brand can do with the store's conditions off.

Every statement here is raw SQL without a word about brands, in a session that logged in as the
application does and took the role that a unit of work takes.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
import pytest
from sqlalchemy import Connection, Engine, Table, create_engine, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from tests.contract.store.filling import CIPHER, filled
from tests.contract.store.test_migrations import content, differences

from los_adapters.store import money_tables, schema
from los_adapters.store import platform_tables as platform
from los_adapters.store.columns import metadata
from los_adapters.store.engine import connect
from los_adapters.store.keyring import Keys
from los_adapters.store.limits import SqlLimiter
from los_adapters.store.rotation import Rotation
from los_adapters.store.scope import across_brands, of_brand
from los_core.domain.ids import BrandId
from los_core.domain.limits import CODE_GAP
from los_core.testing import records
from los_core.testing.store import StoreRig

OF_NONE = {"session", "secure_code", "rate_limit"}
"""What is of work across brands alone."""
ACROSS = {"brand", "staff", "staff_brand", "job", "slot", "inbox", "webhook_event"} | OF_NONE
"""What work across brands may look at."""
OF_BRANDS = {name: table for name, table in metadata.tables.items() if name not in OF_NONE}
_BRAND_OF = {"brand": "id", "staff": "(SELECT brand_id FROM staff_brand WHERE staff_id = staff.id)"}
_KEY = {"brand": "id", "staff": "id"}
MEMBERS = "SELECT m.brand_id FROM staff s JOIN staff_brand m ON m.staff_id = s.id"


@attrs.frozen
class Wall:
    """A database full of two brands' rows, as the application logs in to it."""

    login: Engine
    rig: StoreRig

    @property
    def ours(self) -> BrandId:
        return self.rig.ours.id

    @property
    def theirs(self) -> BrandId:
        return self.rig.theirs.id

    @contextmanager
    def of(self, *brands: BrandId) -> Iterator[Connection]:
        """Open a transaction as a unit of work does, and name these brands."""
        with self.login.begin() as connection:
            of_brand(connection, self.ours)
            named = f"{{{','.join(map(str, brands))}}}"
            connection.execute(text("SELECT set_config('app.brands', :b, true)"), {"b": named})
            yield connection


@pytest.fixture
def wall(pg_engine: Engine, pg_login: Engine, rig_on: Callable[[Engine], StoreRig]) -> Wall:
    rig = rig_on(pg_login)
    filled(rig)
    filled(attrs.evolve(rig, ours=rig.theirs, theirs=rig.ours))
    for phone in ("98220", "98221"):
        SqlLimiter(pg_login, rig.clock).take(CODE_GAP, phone)
    assert list(Rotation(pg_login, Keys(CIPHER, rig.clock)).run(data_keys=True))
    assert [name for name, (rows, _) in content(pg_engine).items() if rows < 2] == []
    return Wall(pg_login, rig)


def owners(connection: Connection, table: Table) -> list[object]:
    """Return the brands of all the rows that can be seen, by asking for all rows."""
    if table.name == "staff":
        seen = connection.execute(text("SELECT count(*) FROM staff")).scalar()
        members = set(connection.execute(text(MEMBERS)).scalars())
        assert seen == len(members), "of the staff, one works for each brand"
        return [*members]
    column = "id" if table.name == "brand" else "brand_id"
    query = text(f'SELECT DISTINCT {column} FROM "{table.name}"')  # noqa: S608 - our own names
    return [*connection.execute(query).scalars()]


def refused(connection: Connection, statement: str) -> bool:
    """Whether PostgreSQL refuses for want of a right."""
    try:
        with connection.begin_nested():
            connection.execute(text(statement))
    except DBAPIError as err:
        return getattr(err.orig, "sqlstate", None) == "42501"
    return False


def test_a_brand_sees_its_own_rows_of_every_table_and_no_others(wall: Wall) -> None:
    for brand in (wall.ours, wall.theirs):
        with wall.of(brand) as connection:
            seen = {name: owners(connection, table) for name, table in OF_BRANDS.items()}
        assert seen == {name: [brand] for name in OF_BRANDS}


def test_a_transaction_that_names_no_brand_sees_nothing(wall: Wall) -> None:
    with wall.of() as connection:
        seen = {name: owners(connection, table) for name, table in OF_BRANDS.items()}
    assert seen == {name: [] for name in OF_BRANDS}
    with wall.login.begin() as connection:
        connection.execute(text("SET LOCAL ROLE los_app"))
        assert owners(connection, money_tables.receipt) == []


def test_no_row_of_another_brand_can_be_changed_or_removed(wall: Wall) -> None:
    with wall.of(wall.ours) as connection:
        for name in OF_BRANDS:
            where = f"{_BRAND_OF.get(name, 'brand_id')} = '{wall.theirs}'"
            for statement in (
                f'UPDATE "{name}" SET {_KEY.get(name, "brand_id")} = NULL WHERE {where}',  # noqa: S608 - our own names
                f'DELETE FROM "{name}" WHERE {where}',  # noqa: S608
            ):
                if not refused(connection, statement):
                    assert connection.execute(text(statement)).rowcount == 0, statement


def test_no_row_can_be_given_to_another_brand(wall: Wall) -> None:
    with wall.of(wall.ours) as connection:
        for name in OF_BRANDS.keys() - {"brand", "staff"}:
            columns = [f'"{column.name}"' for column in metadata.tables[name].columns]
            values = [f"'{wall.theirs}'" if c == '"brand_id"' else c for c in columns]
            copied = f'SELECT {", ".join(values)} FROM "{name}"'  # noqa: S608 - our own names
            insert = f'INSERT INTO "{name}" ({", ".join(columns)}) {copied}'
            assert refused(connection, insert), name


def test_of_log_ins_a_brand_can_only_end_its_own_customers(wall: Wall) -> None:
    rig, ids = wall.rig, {}
    for brand in (wall.ours, wall.theirs):
        who = rig.add_customer(brand)
        ids[brand] = rig.entropy.uuid()
        new = records.session(ids[brand], records.staff(ids[brand]).id, f"token of {brand}")
        of_customer = attrs.evolve(new, staff_id=None, customer_id=who.id, brand_id=brand)
        rig.platform.add_session(of_customer)
    with wall.of(wall.ours) as connection:
        assert refused(connection, "SELECT token_hash FROM session")
        assert refused(connection, "UPDATE session SET revoked_at = now()")
        assert connection.execute(text("DELETE FROM session")).rowcount == 1
    assert rig.platform.session(ids[wall.ours]) is None
    assert rig.platform.session(ids[wall.theirs]) is not None


def test_names_are_found_by_the_function_only_and_of_the_own_brand_only(wall: Wall) -> None:
    asked = text(
        "SELECT count(*) FROM search_customers(:brand, ARRAY['sunita'], '', '', NULL, 100)"
    )
    with wall.of(wall.ours) as connection:
        assert refused(connection, "SELECT name FROM customer_search")
        assert refused(connection, "SELECT 1 FROM customer_search WHERE phone LIKE '98%'")
        assert connection.execute(asked, {"brand": wall.ours}).scalar() == 1
        assert connection.execute(asked, {"brand": wall.theirs}).scalar() == 0
    with wall.of() as connection:
        assert connection.execute(asked, {"brand": wall.ours}).scalar() == 0
    with wall.login.begin() as connection:
        across_brands(connection)
        assert refused(
            connection, f"SELECT search_customers('{wall.ours}', '{{}}', '', '', NULL, 9)"
        )


def test_rows_of_two_brands_do_not_go_in_together(wall: Wall) -> None:
    rows = f"('{wall.ours}', 'x', 1), ('{wall.theirs}', 'x', 1)"
    mixed = f"INSERT INTO counter (brand_id, series, value) VALUES {rows}"  # noqa: S608 - our own ids
    with wall.of(wall.ours) as connection:
        assert refused(connection, mixed)
    with wall.of(wall.ours, wall.theirs) as connection:
        assert connection.execute(text(mixed)).rowcount == 2


def test_a_table_without_the_wall_is_not_let_in(pg_schema: Engine) -> None:
    open_ones = text(
        "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p')"
        " AND relnamespace = 'public'::regnamespace"
        " AND NOT (relrowsecurity AND relforcerowsecurity)"
    )
    with pg_schema.connect() as connection:
        assert list(connection.execute(open_ones).scalars()) == ["alembic_version"]


def test_work_across_brands_sees_what_it_needs_and_nothing_else(wall: Wall) -> None:
    with wall.login.begin() as connection:
        across_brands(connection)
        seen = {
            name for name in metadata.tables if not refused(connection, f'SELECT FROM "{name}"')
        }
        assert seen == ACROSS
        assert set(owners(connection, platform.job)) == {wall.ours, wall.theirs}


def test_who_logs_in_sees_nothing_before_taking_a_role(wall: Wall) -> None:
    with wall.login.begin() as connection:
        open_ones = [
            name for name in metadata.tables if not refused(connection, f'SELECT FROM "{name}"')
        ]
    assert open_ones == []


@pytest.mark.parametrize("name", schema.APPEND_ONLY)
def test_the_application_has_no_right_to_rewrite_or_to_take_guards_off(
    wall: Wall, name: str
) -> None:
    with wall.of(wall.ours) as connection:
        for statement in (
            f"UPDATE {name} SET brand_id = brand_id",  # noqa: S608 - our own names
            f"DELETE FROM {name}",  # noqa: S608
            f"TRUNCATE {name}",
            f"ALTER TABLE {name} DISABLE TRIGGER ALL",
            f"ALTER TABLE {name} DISABLE ROW LEVEL SECURITY",
            f"DROP TABLE {name}",
        ):
            assert refused(connection, statement), statement


def test_the_database_itself_commits_no_unbalanced_posting(wall: Wall) -> None:
    posting = text("SELECT id, loan_id FROM posting")
    stray = text(
        "INSERT INTO ledger_entry (brand_id, posting_id, no, loan_id, account, value_date, amount)"
        " VALUES (:brand, :posting, :no, :loan, 'BANK', :on, :amount)"
    )
    with wall.of(wall.ours) as connection:
        posting_id, loan_id = connection.execute(posting).one()
        row = {"brand": wall.ours, "posting": posting_id, "loan": loan_id, "on": records.ON}
    with pytest.raises(IntegrityError, match="debits do not equal credits"):  # noqa: SIM117 - the commit raises
        with wall.of(wall.ours) as connection:
            connection.execute(stray, {**row, "no": 8, "amount": 1})
    with wall.of(wall.ours) as connection:
        connection.execute(stray, {**row, "no": 8, "amount": 1})
        connection.execute(stray, {**row, "no": 9, "amount": -1})


def test_the_owner_needs_to_be_no_superuser_and_is_behind_the_wall_too(
    pg_schema: Engine, rig_on: Callable[[Engine], StoreRig]
) -> None:
    with owned(pg_schema) as engine:
        schema.create(engine)
        filled(rig := rig_on(engine))
        with engine.connect() as connection:
            assert owners(connection, money_tables.receipt) == []
        with schema.moving(engine) as connection:
            assert owners(connection, money_tables.receipt) == [rig.ours.id]
        first, *later = schema.known()
        schema.move(engine, first)
        full = content(engine)
        assert full["receipt"][0] == 1
        for revision in later:
            schema.move(engine, revision)
        schema.move(engine, first)
        assert differences(full, content(engine)) == []


@contextmanager
def owned(server: Engine) -> Iterator[Engine]:
    """Open a new database of an owner who may make roles and databases, and nothing more."""
    name = f"{server.url.database}_owned_{secrets.token_hex(3)}"
    make = """
    DO $$ BEGIN
      CREATE ROLE los_test_owner LOGIN CREATEROLE PASSWORD 'los_test_owner';
    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
    END $$
    """
    admin = create_engine(server.url, isolation_level="AUTOCOMMIT")
    url = server.url.set(database=name, username="los_test_owner", password="los_test_owner")
    engine = connect(url.render_as_string(hide_password=False))
    try:
        with admin.connect() as connection:
            connection.execute(text(make))
            connection.execute(text(f'CREATE DATABASE "{name}" OWNER los_test_owner'))
            yield engine
    finally:
        engine.dispose()
        with admin.connect() as connection:
            connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
        admin.dispose()
