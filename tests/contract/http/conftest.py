"""An installation per database, filled once and asked by every test of the folder."""

import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, make_url, text
from tests.contract.http.asking import Asker
from tests.contract.http.driven import Driven, drive
from tests.contract.http.filling import fill
from tests.contract.http.installation import opened
from tests.faults.driver import scratch

WALKS = ("test_bad_inputs.py", "test_check_order.py")
"""Every operation by every fault: refused before a database is asked, but for a few."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Walk over PostgreSQL in `nox -s deep` alone: over SQLite it already takes minutes."""
    if config.getoption("--hypothesis-profile") == "deep":
        return
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        walks = item.path.name in WALKS and "[postgresql-" in item.name
        (left if walks else kept).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


@pytest.fixture(
    scope="session",
    params=[
        pytest.param("sqlite", marks=pytest.mark.xdist_group("http-sqlite")),
        pytest.param("postgresql", marks=pytest.mark.xdist_group("http-postgresql")),
    ],
)
def asker(
    request: pytest.FixtureRequest,
) -> Iterator[Asker]:
    if request.param == "sqlite":
        # Nobody pulls the plug here, and a disk would only make it slower.
        with tempfile.TemporaryDirectory(prefix="los-http-", dir=scratch()) as folder:
            yield from _asker(_file(Path(folder)))
        return
    server = make_url(request.getfixturevalue("pg_url"))
    name = f"{server.database}_http_{secrets.token_hex(3)}"
    _on_server(server.render_as_string(hide_password=False), f'CREATE DATABASE "{name}"')
    yield from _asker(server.set(database=name).render_as_string(hide_password=False))
    _on_server(server.render_as_string(hide_password=False), f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Driven]:
    """All that came out of an installation that was asked everything once."""
    yield from drive(tmp_path_factory.mktemp("driven"))


def _asker(url: str) -> Iterator[Asker]:
    with opened(url) as made:
        fill(made)
        asking = Asker(made)
        yield asking
        asking.close()


def _file(folder: Path) -> str:
    return f"sqlite:///{folder / 'los.db'}"


def _on_server(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
