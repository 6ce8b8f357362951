"""One row by id from PostgreSQL: synchronous code in threads against asynchronous code.

Both serve the same number of clients from one process over as many connections, by turns; every
answer is checked. Printed for 4, 16 and 64 clients: the median of the rounds' ratios, threads to
event loop, and their range, for bare psycopg and for SQLAlchemy Core, which the product uses.
Limit: with Core, threads reach 0.8 of what the event loop reaches, in the median of the three.

    python benchmarks/sync_vs_async.py [--seconds 1] [--rounds 5]

Server: LOS_TEST_PG_URL, in which a database is made and dropped.
"""

import argparse
import asyncio
import os
import secrets
import statistics
import sys
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg_pool import AsyncConnectionPool, ConnectionPool
from sqlalchemy import URL, BigInteger, Column, MetaData, Table, Text, create_engine, make_url
from sqlalchemy import select as sa_select
from sqlalchemy.ext.asyncio import create_async_engine

DEFAULT_PG_URL = "postgresql+psycopg://postgres@127.0.0.1:5432/postgres"
LIMIT = 0.8
ROWS = 10_000
CLIENTS = (4, 16, 64)
SELECT = "SELECT id, brand, status, principal, outstanding FROM loan WHERE id = %s"
LOAN = Table(
    "loan",
    MetaData(),
    Column("id", BigInteger, primary_key=True),
    Column("brand", Text),
    Column("status", Text),
    Column("principal", BigInteger),
    Column("outstanding", BigInteger),
)
BY_ID = sa_select(LOAN)

Read = Callable[[int], Any]
AsyncRead = Callable[[int], Coroutine[Any, Any, Any]]


def main() -> int:
    """Measure, print, and return 1 if threads fall below the limit."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seconds", type=float, default=1.0)
    arguments.add_argument("--rounds", type=int, default=5)
    options = arguments.parse_args()
    with _database() as url:
        for clients in CLIENTS:
            run = _Run(url, options.seconds, clients)
            _compare("psycopg", _psycopg_threads, _psycopg_loop, run, options.rounds)
        core = [
            _compare(
                "SQLAlchemy Core",
                _core_threads,
                _core_loop,
                _Run(url, options.seconds, clients),
                options.rounds,
            )
            for clients in CLIENTS
        ]
    ratio = statistics.median(core)
    print(f"SQLAlchemy Core, threads to event loop: {ratio:.2f}, limit {LIMIT}")
    return 0 if ratio >= LIMIT else 1


class _Run(NamedTuple):
    """One side's turn."""

    url: URL
    seconds: float
    clients: int


def _compare(
    name: str,
    threads: Callable[[_Run], float],
    loop: Callable[[_Run], float],
    run: _Run,
    rounds: int,
) -> float:
    """Run both by turns; return the median ratio of threads to event loop."""
    warm_up = run._replace(seconds=0.3)
    threads(warm_up)
    loop(warm_up)
    pairs = [(threads(run), loop(run)) for _ in range(rounds)]
    ratios = sorted(a / b for a, b in pairs)
    ratio = statistics.median(ratios)
    print(
        f"{name}, {run.clients} clients: threads {statistics.median(a for a, _ in pairs):,.0f}/s, "
        f"event loop {statistics.median(b for _, b in pairs):,.0f}/s; "
        f"ratio {ratio:.2f} ({ratios[0]:.2f}..{ratios[-1]:.2f})"
    )
    return ratio


def _psycopg_threads(run: _Run) -> float:
    with ConnectionPool(
        _dsn(run.url),
        kwargs={"autocommit": True},
        min_size=run.clients,
        max_size=run.clients,
        open=True,
    ) as pool:
        pool.wait()

        def read(loan: int) -> Any:
            with pool.connection() as connection:
                return connection.execute(SELECT, (loan,)).fetchone()

        return _in_threads(read, run)


def _psycopg_loop(run: _Run) -> float:
    async def measure() -> float:
        async with AsyncConnectionPool(
            _dsn(run.url), kwargs={"autocommit": True}, min_size=run.clients, max_size=run.clients
        ) as pool:
            await pool.wait()

            async def read(loan: int) -> Any:
                async with pool.connection() as connection:
                    return await (await connection.execute(SELECT, (loan,))).fetchone()

            return await _in_loop(read, run)

    return asyncio.run(measure())


def _core_threads(run: _Run) -> float:
    engine = create_engine(
        run.url, pool_size=run.clients, max_overflow=0, isolation_level="AUTOCOMMIT"
    )

    def read(loan: int) -> Any:
        with engine.connect() as connection:
            return connection.execute(BY_ID.where(LOAN.c.id == loan)).one()

    try:
        return _in_threads(read, run)
    finally:
        engine.dispose()


def _core_loop(run: _Run) -> float:
    async def measure() -> float:
        engine = create_async_engine(
            run.url, pool_size=run.clients, max_overflow=0, isolation_level="AUTOCOMMIT"
        )

        async def read(loan: int) -> Any:
            async with engine.connect() as connection:
                return (await connection.execute(BY_ID.where(LOAN.c.id == loan))).one()

        try:
            return await _in_loop(read, run)
        finally:
            await engine.dispose()

    return asyncio.run(measure())


def _in_threads(read: Read, run: _Run) -> float:
    """Let the clients' threads read until the time is over; return reads per second."""
    counts = [0] * run.clients
    faults: list[BaseException] = []
    start = threading.Barrier(run.clients + 1)

    def client(number: int) -> None:
        loan = number
        start.wait()
        ends = time.perf_counter() + run.seconds
        try:
            while time.perf_counter() < ends:
                loan = _next(loan)
                _check(loan, read(loan))
                counts[number] += 1
        except BaseException as err:  # noqa: BLE001 # raised again where it is seen
            faults.append(err)

    clients = [threading.Thread(target=client, args=(number,)) for number in range(run.clients)]
    for thread in clients:
        thread.start()
    start.wait()
    began = time.perf_counter()
    for thread in clients:
        thread.join()
    if faults:
        raise faults[0]
    return sum(counts) / (time.perf_counter() - began)


async def _in_loop(read: AsyncRead, run: _Run) -> float:
    """Let the clients' tasks read until the time is over; return reads per second."""
    ends = time.perf_counter() + run.seconds

    async def client(number: int) -> int:
        loan, count = number, 0
        while time.perf_counter() < ends:
            loan = _next(loan)
            _check(loan, await read(loan))
            count += 1
        return count

    began = time.perf_counter()
    counts = await asyncio.gather(*(client(number) for number in range(run.clients)))
    return sum(counts) / (time.perf_counter() - began)


def _next(loan: int) -> int:
    """Return the next id of a sequence that looks random and is the same for both sides."""
    return (loan * 7919 + 13) % ROWS


def _check(loan: int, row: Any) -> None:
    if tuple(row) != (loan, "brand", "DISBURSED", 100 * loan, 50 * loan):
        raise AssertionError(f"asked for {loan}, got {row}")


@contextmanager
def _database() -> Iterator[URL]:
    """Make a database with the loans, and drop it."""
    server = make_url(os.environ.get("LOS_TEST_PG_URL", DEFAULT_PG_URL))
    name = f"los_test_bench_{secrets.token_hex(4)}"
    url = server.set(database=name)
    with psycopg.connect(_dsn(server), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        with psycopg.connect(_dsn(url), autocommit=True) as connection:
            connection.execute(
                "CREATE TABLE loan (id bigint PRIMARY KEY, brand text, status text,"
                " principal bigint, outstanding bigint)"
            )
            connection.execute(
                "INSERT INTO loan SELECT i, 'brand', 'DISBURSED', 100 * i, 50 * i"
                " FROM generate_series(0, %s) i",
                (ROWS - 1,),
            )
            connection.execute("ANALYZE loan")
        yield url
    finally:
        with psycopg.connect(_dsn(server), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _dsn(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


if __name__ == "__main__":
    sys.exit(main())
