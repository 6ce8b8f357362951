"""What a database refuses becomes one refusal of ours, and tells nothing of the database."""

import logging
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from los_adapters.store.engine import busy_told
from los_core.domain.errors import DomainError, StoreAway, StoreFull
from los_http.errors import refusal_of

HIDDEN = "hunter2"
TELLTALE = ("pupil", "school", "uq_", "ck_", "fk_", "sqlite", "postgres", "insert", HIDDEN)
_TABLES = (
    "CREATE TABLE school (id INTEGER PRIMARY KEY)",
    """CREATE TABLE pupil (
        id INTEGER PRIMARY KEY, name VARCHAR(40) NOT NULL CONSTRAINT uq_pupil_name UNIQUE,
        age SMALLINT CONSTRAINT ck_pupil_age CHECK (age > 0),
        school_id INTEGER CONSTRAINT fk_pupil_school REFERENCES school (id))""",
    "INSERT INTO school VALUES (1)",
    "INSERT INTO pupil VALUES (1, 'hunter2', 7, 1)",
)
_ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def school(engine: Engine) -> Iterator[Engine]:
    _run(engine, *_TABLES)
    yield engine
    engine.dispose()
    _run(engine, "DROP TABLE pupil", "DROP TABLE school")


def _run(engine: Engine, *statements: str) -> None:
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)


def _refused(do: Callable[[], None]) -> DomainError:
    with pytest.raises(DomainError) as told, busy_told():
        do()
    return told.value


def _told(engine: Engine, *statements: str) -> DomainError:
    return _refused(lambda: _run(engine, *statements))


def _answer(err: DomainError) -> tuple[int, str, dict[str, str]]:
    """Return status, code and headers of the answer; it must tell nothing."""
    refusal = refusal_of(err)
    body = refusal.body(path="/x", at=datetime(2026, 11, 25, tzinfo=UTC)).decode().lower()
    assert [word for word in TELLTALE if word in body] == []
    return refusal.status, refusal.code, dict(refusal.headers)


@pytest.mark.parametrize(
    ("statement", "told", "constraint"),
    [
        ("INSERT INTO pupil VALUES (2, 'hunter2', 7, 1)", (409, "ON_FILE"), "pupil"),
        ("INSERT INTO pupil VALUES (1, 'hunter22', 7, 1)", (409, "ON_FILE"), "pupil"),
        ("INSERT INTO pupil VALUES (2, 'hunter22', 7, 9)", (409, "REFERRED"), "REFERRED"),
        ("DELETE FROM school", (409, "REFERRED"), "REFERRED"),
        ("INSERT INTO pupil VALUES (2, 'hunter22', 0, 1)", (422, "UNSTORABLE"), "ck_pupil_age"),
        ("INSERT INTO pupil VALUES (2, NULL, 7, 1)", (422, "UNSTORABLE"), "name"),
    ],
    ids=["unique", "primary key", "foreign key", "still referred to", "check", "null"],
)
def test_a_constraint_is_refused_and_named_in_the_log_alone(
    school: Engine,
    caplog: pytest.LogCaptureFixture,
    statement: str,
    told: tuple[int, str],
    constraint: str,
) -> None:
    with caplog.at_level(logging.ERROR):
        err = _told(school, statement)

    assert _answer(err)[:2] == told
    assert constraint in caplog.text
    assert HIDDEN not in caplog.text


def test_a_value_out_of_range_is_unstorable(pg_engine: Engine) -> None:
    for statement in ("SELECT 40000::smallint", "SELECT 'x'::uuid", "SELECT 1/0"):
        assert _answer(_told(pg_engine, statement))[:2] == (422, "UNSTORABLE")


def test_a_lock_that_is_not_had_in_time_is_busy(
    school: Engine, another_engine: Callable[[str], Engine]
) -> None:
    wait = "PRAGMA user_version" if _on_sqlite(school) else "SET LOCAL lock_timeout='20ms'"
    take = "UPDATE pupil SET age = 8"
    with school.connect() as first, first.begin():
        first.exec_driver_sql(take)
        if _on_sqlite(school):
            school = another_engine(str(school.url))
            event.listen(school, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout=20"))
        err = _told(school, wait, take)

    assert _answer(err) == (503, "BUSY", {"Retry-After": "1"})


def test_a_transaction_that_read_what_another_has_changed_is_busy(school: Engine) -> None:
    """Serialisable on PostgreSQL; on SQLite a reader that wants to write after a writer."""
    options: dict[str, Any] = {"isolation_level": "SERIALIZABLE"}
    if _on_sqlite(school):
        options = {"sqlite_begin": "BEGIN"}

    def cross() -> None:
        with school.connect() as one, school.connect() as other:
            both = [each.execution_options(**options) for each in (one, other)]
            for each in both:
                each.exec_driver_sql("SELECT sum(age) FROM pupil").all()
            for each in both:
                each.exec_driver_sql("UPDATE pupil SET age = age + 1")
                each.commit()

    assert _answer(_refused(cross))[:2] == (503, "BUSY")


def test_a_statement_that_takes_too_long_is_busy(school: Engine) -> None:
    def ask() -> None:
        with school.begin() as connection:
            if _on_sqlite(school):
                raw: Any = connection.connection.driver_connection
                threading.Timer(0.05, raw.interrupt).start()
            else:
                connection.exec_driver_sql("SET LOCAL statement_timeout='50ms'")
            connection.exec_driver_sql(_ENDLESS)

    assert _answer(_refused(ask))[:2] == (503, "BUSY")


def test_a_store_without_room_says_so(school: Engine) -> None:
    if _on_sqlite(school):
        statements = [
            "PRAGMA max_page_count=1",  # no more than there are
            "CREATE TABLE large AS SELECT randomblob(1000000) AS filler",
        ]
    else:
        statements = [
            "SET LOCAL work_mem='64kB'",
            "SET LOCAL temp_file_limit='64kB'",
            "SELECT count(*) FROM (SELECT i FROM generate_series(1, 200000) i ORDER BY -i) x",
        ]
    err = _told(school, *statements)

    assert isinstance(err, StoreFull)
    assert _answer(err) == (503, "STORE_FULL", {"Retry-After": "60"})


@pytest.mark.parametrize(
    ("code", "kind"),
    [("53100", StoreFull), ("53200", StoreFull), ("53300", StoreAway), ("25006", StoreAway)],
)
def test_what_cannot_be_provoked_is_told_by_its_code(
    pg_engine: Engine, code: str, kind: type[DomainError]
) -> None:
    raised = f"DO $$ BEGIN RAISE EXCEPTION 'full of {HIDDEN}' USING ERRCODE = '{code}'; END $$"
    err = _told(pg_engine, raised)

    assert type(err) is kind
    assert _answer(err)[0] == 503


def test_a_file_that_has_become_read_only_is_away(school: Engine) -> None:
    if _on_sqlite(school):
        err = _told(school, "PRAGMA query_only=ON", "UPDATE pupil SET age = 9")
    else:
        err = _told(school, "SET TRANSACTION READ ONLY", "UPDATE pupil SET age = 9")

    assert isinstance(err, StoreAway)


def test_what_is_none_of_these_is_a_bug(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as told, busy_told():
        _run(engine, "SELECT * FROM no_such_table")
    refusal = refusal_of(told.value)

    assert (refusal.status, refusal.code) == (500, "INTERNAL_ERROR")


def _on_sqlite(engine: Engine) -> bool:
    return engine.dialect.name == "sqlite"
