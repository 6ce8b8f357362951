"""What every suite shares: hypothesis profiles and seed, and a PostgreSQL database of one's own."""

import os
import random
import secrets
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

DEFAULT_PG_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"

settings.register_profile(
    "ci",
    deadline=None,  # two busy cores: a slow example is no failure
    max_examples=60,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("deep", parent=settings.get_profile("ci"), max_examples=2000)
settings.load_profile("ci")  # --hypothesis-profile=deep, read later, wins


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the seed of the run here, so that its header can name it and workers share it."""
    if config.option.hypothesis_seed is None:
        seed = random.randrange(2**32)  # noqa: S311 # a test's seed is no secret
        config.option.hypothesis_seed = str(seed)


def pytest_report_header(config: pytest.Config) -> str:
    return f"hypothesis: repeat this run with --hypothesis-seed={config.option.hypothesis_seed}"


@pytest.fixture(scope="session")
def pg_url() -> Iterator[str]:
    """Yield the URL of an empty PostgreSQL database made for this worker, dropped at the end.

    `LOS_TEST_PG_URL` names the server and a database to connect to for making it; its user must be
    allowed to create databases. Where the server does not answer the test is skipped, or fails if
    `LOS_REQUIRE_SERVICES=1`.
    """
    server = make_url(os.environ.get("LOS_TEST_PG_URL", DEFAULT_PG_URL))
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    name = f"los_test_{worker}_{secrets.token_hex(4)}"
    if (fault := _fault(server)) is not None:
        reason = f"PostgreSQL at {server.render_as_string()} (LOS_TEST_PG_URL): {fault}"
        if os.environ.get("LOS_REQUIRE_SERVICES") == "1":
            pytest.fail(reason, pytrace=False)
        pytest.skip(reason)
    _on_server(server, f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    _on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


def _fault(server: URL) -> str | None:
    """Return why the server does not answer, or None if it does."""
    try:
        _on_server(server, "SELECT 1")
    except OperationalError as err:
        return str(err.orig)
    return None


def _on_server(server: URL, statement: str) -> None:
    """Run one statement outside any transaction, on a connection of its own."""
    engine = create_engine(
        server, isolation_level="AUTOCOMMIT", connect_args={"connect_timeout": 3}
    )
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()
