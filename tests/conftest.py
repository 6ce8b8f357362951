"""What every suite shares: hypothesis profiles and seed, and the servers there are."""

import os
import random
import secrets
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import URL, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from los_core.ports.errors import Unavailable

DEFAULT_PG_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
DEFAULT_REDIS_URL = "redis://127.0.0.1:6379/0"
DEFAULT_AMQP_URL = "amqp://guest:guest@127.0.0.1:5672//"

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
        _missing(f"PostgreSQL at {server.render_as_string()} (LOS_TEST_PG_URL): {fault}")
    _on_server(server, f'CREATE DATABASE "{name}"')
    yield server.set(database=name).render_as_string(hide_password=False)
    _on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def make_pg_url(pg_url: str) -> Iterator[Callable[[], str]]:
    """Yield what makes another empty database beside that of the worker; all go at the end."""
    server, names = make_url(pg_url), list[str]()

    def make() -> str:
        names.append(f"{server.database}_{secrets.token_hex(3)}")
        _on_server(server, f'CREATE DATABASE "{names[-1]}"')
        return server.set(database=names[-1]).render_as_string(hide_password=False)

    yield make
    for name in names:
        _on_server(server, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def redis_url() -> str:
    """Return the URL of the Redis that `LOS_TEST_REDIS_URL` names; keys in it carry a test's mark.

    Where it does not answer the test is skipped, or fails if `LOS_REQUIRE_SERVICES=1`.
    """
    from los_adapters.cache.redis import RedisCache  # noqa: PLC0415 # few tests need it

    url = os.environ.get("LOS_TEST_REDIS_URL", DEFAULT_REDIS_URL)
    cache = RedisCache(url)
    _answers(cache.ping, "Redis", "LOS_TEST_REDIS_URL")
    cache.close()
    return url


@pytest.fixture(scope="session")
def amqp_url() -> str:
    """Return the URL of the RabbitMQ that `LOS_TEST_AMQP_URL` names; queues carry a test's mark.

    Where it does not answer the test is skipped, or fails if `LOS_REQUIRE_SERVICES=1`.
    """
    from los_adapters.jobs.rabbitmq import ping  # noqa: PLC0415 # few tests need it

    url = os.environ.get("LOS_TEST_AMQP_URL", DEFAULT_AMQP_URL)
    _answers(lambda: ping(url), "RabbitMQ", "LOS_TEST_AMQP_URL")
    return url


def _answers(ping: Callable[[], None], name: str, variable: str) -> None:
    try:
        ping()
    except Unavailable as err:
        _missing(f"{name} ({variable}): {err.code}")


def _missing(reason: str) -> None:
    if os.environ.get("LOS_REQUIRE_SERVICES") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


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
