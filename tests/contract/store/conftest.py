"""Empty stores with two brands on file: in memory, on SQLite, on PostgreSQL."""

import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from tests.contract.store.filling import CIPHER

from los_adapters.store.columns import metadata
from los_adapters.store.engine import connect
from los_adapters.store.memory import MemoryStore
from los_adapters.store.schema import create
from los_adapters.store.work import SqlStore
from los_core.ports.work import Begin, Platform
from los_core.testing.store import Counting, Hands, StoreRig, brands_on_file

_MAKE_LOGIN = """
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'los_test_login') THEN
    CREATE ROLE los_test_login LOGIN NOINHERIT PASSWORD 'los_test_login'
      IN ROLE los_app, los_platform;
  END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
  NULL; -- another worker was faster
END $$
"""


def rig_of(begin: Begin, platform: Platform, clock: Hands, entropy: Counting) -> StoreRig:
    ours, theirs = brands_on_file(platform)
    return StoreRig(
        begin=begin, platform=platform, clock=clock, entropy=entropy, ours=ours, theirs=theirs
    )


def sql_rig_on(engine: Engine, first: StoreRig) -> StoreRig:
    """Return a rig on another engine for the database of the first."""
    store = SqlStore(engine, cipher=CIPHER, clock=first.clock, entropy=first.entropy)
    return attrs.evolve(first, begin=store.begin, platform=store.platform)


def sql_rig(engine: Engine) -> StoreRig:
    clock, entropy = Hands(), Counting()
    store = SqlStore(engine, cipher=CIPHER, clock=clock, entropy=entropy)
    return rig_of(store.begin, store.platform, clock, entropy)


@pytest.fixture(scope="session")
def sqlite_empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the file that every test's database begins as a copy of."""
    path = tmp_path_factory.mktemp("empty") / "los.db"
    engine = connect(f"sqlite:///{path}")
    create(engine)
    engine.dispose()
    return path


@pytest.fixture
def sqlite_engine(sqlite_empty: Path, tmp_path: Path) -> Iterator[Engine]:
    shutil.copy(sqlite_empty, tmp_path / "los.db")
    engine = connect(f"sqlite:///{tmp_path / 'los.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def pg_schema(pg_url: str) -> Iterator[Engine]:
    engine = connect(pg_url)
    create(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def pg_engine(pg_schema: Engine) -> Engine:
    """The database of the session, emptied: replicas run no triggers and check no parents."""
    with pg_schema.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.tables.values():
            connection.execute(text(f'DELETE FROM "{table.name}"'))  # noqa: S608 - our own names
    return pg_schema


@pytest.fixture(scope="session")
def pg_login(pg_schema: Engine) -> Iterator[Engine]:
    """The same database as the application logs in to it: neither superuser nor owner."""
    with pg_schema.begin() as connection:
        connection.execute(text(_MAKE_LOGIN))
    url = pg_schema.url.set(username="los_test_login", password="los_test_login")
    engine = connect(url.render_as_string(hide_password=False))
    yield engine
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], Engine]]:
    """Open new databases without tables, of one kind; dropped at the end."""
    opened: list[Engine] = []
    made: list[str] = []

    def on_server(statement: str) -> None:
        server = create_engine(request.getfixturevalue("pg_url"), isolation_level="AUTOCOMMIT")
        with server.connect() as connection:
            connection.execute(text(statement))
        server.dispose()

    def open_one() -> Engine:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path / f'bare{len(opened)}.db'}"
        else:
            server = make_url(request.getfixturevalue("pg_url"))
            made.append(f"{server.database}_bare_{secrets.token_hex(3)}")
            on_server(f'CREATE DATABASE "{made[-1]}"')
            url = server.set(database=made[-1]).render_as_string(hide_password=False)
        opened.append(connect(url))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.dispose()
    for name in made:
        on_server(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(params=["sqlite", "postgresql"])
def engine(request: pytest.FixtureRequest) -> Engine:
    name = "sqlite_engine" if request.param == "sqlite" else "pg_engine"
    found: Engine = request.getfixturevalue(name)
    return found


@pytest.fixture
def sql(engine: Engine, request: pytest.FixtureRequest) -> StoreRig:
    if engine.dialect.name == "sqlite":
        return sql_rig(engine)
    return sql_rig(request.getfixturevalue("pg_login"))


@pytest.fixture
def rig_on() -> Callable[[Engine], StoreRig]:
    return sql_rig


@pytest.fixture
def second_on() -> Callable[[Engine, StoreRig], StoreRig]:
    return sql_rig_on


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def rig(request: pytest.FixtureRequest) -> StoreRig:
    if request.param == "memory":
        clock, entropy = Hands(), Counting()
        store = MemoryStore(clock=clock, entropy=entropy)
        return rig_of(store.begin, store.platform, clock, entropy)
    if request.param == "sqlite":
        return sql_rig(request.getfixturevalue("sqlite_engine"))
    request.getfixturevalue("pg_engine")
    return sql_rig(request.getfixturevalue("pg_login"))


@pytest.fixture
def another_engine() -> Iterator[Callable[[str], Engine]]:
    """Open further engines, closed at the end."""
    opened: list[Engine] = []

    def open_one(url: str) -> Engine:
        opened.append(connect(url))
        return opened[-1]

    yield open_one
    for engine in opened:
        engine.dispose()
