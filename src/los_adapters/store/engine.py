"""Connections: one engine per database, with the waits bounded and the writes durable.

Source: traps of SQLite and PostgreSQL locking measured for this design; reliability design §1;
decision D8. What a database's errors mean is in `faults`.
"""

import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, Final, ParamSpec, TypeVar

from sqlalchemy import Connection, Engine, Table, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from los_adapters.store.faults import refusal_of, sqlstate
from los_core.domain.errors import Busy

P = ParamSpec("P")
T = TypeVar("T")

_PRAGMAS: Final = (
    *("busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"),
    "secure_delete=ON",
)
"""Secure delete: what is erased is overwritten, as its page may stay free for years."""
_WAITS: Final = (
    "-c lock_timeout=2000 -c statement_timeout=10000"
    " -c idle_in_transaction_session_timeout=15000 -c timezone=UTC"
)
_UNDONE_POSTGRES: Final = {"40001", "40P01"}
"""Serialisation failure, deadlock: over at once, and worth another attempt."""
ATTEMPTS: Final = 3
_PAUSE_S: Final = 0.05
_WROTE: Final = "wrote"


def connect(url: str, *, pool_size: int = 20, pool_wait_s: float = 2.0) -> Engine:
    """Return an engine for a `sqlite` or `postgresql+psycopg` URL; nothing is opened yet.

    At most `pool_size` connections, and `pool_wait_s` to wait for one; then it is Busy. A
    transaction on SQLite begins by taking the write lock (a later upgrade would fail at once
    instead of waiting), unless the execution option `sqlite_begin` is "BEGIN", for reads.
    """
    on_sqlite = make_url(url).get_backend_name() == "sqlite"
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=pool_wait_s,
        hide_parameters=True,
        connect_args={}
        if on_sqlite
        else {"options": _WAITS, "application_name": "los", "connect_timeout": 3},
    )
    event.listen(engine, "after_execute", _note_writes)
    if on_sqlite:
        event.listen(engine, "connect", _set_pragmas)
        event.listen(engine, "begin", _begin)
    return engine


def reading(engine: Engine) -> Engine:
    """Return the engine for reads that must not queue behind writers."""
    return engine.execution_options(sqlite_begin="BEGIN")


def nothing_written(connection: Connection) -> None:
    """Begin to watch for writes by a connection."""
    connection.info[_WROTE] = False


def has_written(connection: Connection) -> bool:
    """Whether it inserted, updated or deleted since then."""
    return bool(connection.info.get(_WROTE))


def inserting(connection: Connection, table: Table) -> Any:
    """Return an insert of the database's own dialect, which knows ON CONFLICT."""
    own = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    return own(table)


@contextmanager
def busy_told() -> Iterator[None]:
    """Raise a refusal of ours where the database refuses, by the map of `faults`.

    Busy where it gave up waiting, StoreAway where it does not answer at all, StoreFull; Conflict
    and Unstorable where what was written breaks a constraint that no port refuses by name.
    """
    try:
        yield
    except PoolTimeoutError as err:
        raise Busy("every connection is in use", details={"retry_after_s": 1}) from err
    except DBAPIError as err:
        refusal = refusal_of(err)
        if refusal is None:
            raise
        raise refusal from err


def retried(call: Callable[P, T]) -> Callable[P, T]:
    """Run a call again, twice at most, where the database undid it for another's sake.

    Only for calls that are one transaction of their own and leave nothing behind when it is
    undone. Of two that wait for each other PostgreSQL undoes one, which then finds the way free. A
    wait that was too long is not repeated. A unit of work cannot be run again from here: its job
    or its client repeats it.
    """

    @wraps(call)
    def again(*args: P.args, **kwargs: P.kwargs) -> T:
        for attempt in range(1, ATTEMPTS):
            try:
                return call(*args, **kwargs)
            except Busy as err:
                fault = err.__cause__
                undone = isinstance(fault, DBAPIError) and sqlstate(fault.orig) in _UNDONE_POSTGRES
                if not undone:
                    raise
            time.sleep(random.uniform(0, _PAUSE_S * attempt))  # noqa: S311 - jitter is no secret
        return call(*args, **kwargs)

    return again


def _note_writes(connection: Connection, statement: Any, *_: object) -> None:
    if getattr(statement, "is_dml", False):
        connection.info[_WROTE] = True


def _set_pragmas(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # transactions begin where `_begin` says
    for pragma in _PRAGMAS:
        raw.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    connection.exec_driver_sql(options.get("sqlite_begin", "BEGIN IMMEDIATE"))
