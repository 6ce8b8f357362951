"""What only a database can get wrong: rows rewritten, rows mixed, values in the clear, waits."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import attrs
import pytest
from sqlalchemy import Engine, event, insert, inspect, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError
from tests.contract.store.filling import SECRETS, filled

from los_adapters.store import money_tables, platform_tables, tables
from los_adapters.store.columns import metadata
from los_adapters.store.engine import busy_told, connect, retried
from los_adapters.store.schema import APPEND_ONLY, create
from los_adapters.store.work import SqlWork
from los_core.domain.errors import Busy
from los_core.domain.ledger import Account
from los_core.testing import records
from los_core.testing.store import StoreRig, together

_COUNT = text("UPDATE pair SET count = count + 1 WHERE no = :no")


def everything(engine: Engine, *, searched: bool) -> str:
    """Return every value of every row, of the tables that are searched or of all others."""
    with engine.begin() as connection:
        return "\n".join(
            repr(tuple(row))
            for name in inspect(connection).get_table_names()
            if name.startswith(("customer_search", "customer_fts")) == searched
            for row in connection.execute(text(f'SELECT * FROM "{name}"'))  # noqa: S608 - our own names
        )


def test_nothing_personal_is_in_the_clear_but_what_is_searched(
    sql: StoreRig, engine: Engine
) -> None:
    filled(sql)
    found = everything(engine, searched=False)
    assert "pay_1" in found
    assert [secret for secret in SECRETS if secret in found] == []
    found = everything(engine, searched=True)
    assert records.NAME.casefold() in found
    assert [secret for secret in SECRETS if secret in found] == [records.PHONE]


def test_no_file_of_the_database_holds_anything_personal_but_what_is_searched(
    sqlite_engine: Engine, tmp_path: Path, rig_on: Callable[[Engine], StoreRig]
) -> None:
    filled(rig_on(sqlite_engine))
    held = b"".join(path.read_bytes() for path in tmp_path.glob("los.db*"))
    assert b"pay_1" in held
    assert [secret for secret in SECRETS if secret.encode() in held] == [records.PHONE]


@pytest.mark.parametrize("name", APPEND_ONLY)
def test_what_was_written_is_not_rewritten(sql: StoreRig, engine: Engine, name: str) -> None:
    filled(sql)
    table = metadata.tables[name]
    for statement in (update(table).values(brand_id=sql.theirs.id), table.delete()):
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(statement)


def test_debits_that_do_not_equal_credits_are_never_committed(
    sql: StoreRig, engine: Engine
) -> None:
    loan = sql.add_loan()
    posting = records.posting(sql.entropy.uuid(), "fact-1")
    stray = {
        "posting_id": posting.id,
        "no": 9,
        "loan_id": loan.id,
        "account": Account.BANK,
        "value_date": records.ON,
        "amount": 1,
    }
    with pytest.raises(AssertionError, match="debits do not equal credits"):  # noqa: SIM117, PT012 - the error comes of leaving the block
        with sql.begin(sql.brand_id) as uow:
            uow.books.post([(loan.id, posting)], posted_on=records.ON)
            assert isinstance(uow, SqlWork)
            uow.tx.add(money_tables.ledger_entry, stray)
    with engine.begin() as connection:
        assert connection.execute(select(money_tables.posting)).all() == []


def test_a_row_cannot_point_across_brands(sql: StoreRig, engine: Engine) -> None:
    loan = sql.add_loan()
    theirs = attrs.asdict(records.payout(sql.theirs.id, loan.id, sql.entropy.uuid()))
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(insert(money_tables.payout).values(**theirs))


@pytest.mark.parametrize("change", [{"amount": 0}, {"stage": "LOST"}, {"version": -1}])
def test_the_database_refuses_what_the_domain_would(
    sql: StoreRig, engine: Engine, change: dict[str, Any]
) -> None:
    loan = sql.add_loan()
    row = records.payout(sql.brand_id, loan.id, sql.entropy.uuid())
    name, value = next(iter(change.items()))
    with sql.begin(sql.brand_id) as uow:
        uow.payouts.add(row)
    wrong = text(f"UPDATE payout SET {name} = :value")  # noqa: S608 - our own names
    with pytest.raises(IntegrityError), engine.begin() as connection:
        connection.execute(wrong, {"value": value})


def test_instants_come_back_in_utc_and_naive_ones_are_refused(
    sql: StoreRig, engine: Engine
) -> None:
    kolkata = timezone(timedelta(hours=5, minutes=30))
    at = datetime(2026, 1, 5, 12, 0, 0, 5, tzinfo=kolkata)
    row = {"brand_id": sql.brand_id, "consumer": "c", "message_id": "m", "at": at}
    with engine.begin() as connection:
        connection.execute(insert(platform_tables.inbox).values(**row))
        (kept,) = connection.execute(select(platform_tables.inbox.c.at)).scalars()
    assert (kept, kept.utcoffset()) == (at, timedelta(0))
    naive = {**row, "at": at.replace(tzinfo=None)}
    with pytest.raises(StatementError), engine.begin() as connection:
        connection.execute(insert(platform_tables.inbox).values(**naive))


def test_sealed_rows_open_in_their_own_place_only(sql: StoreRig, engine: Engine) -> None:
    first, second = sql.add_customer(), sql.add_customer()
    customer = tables.customer.c
    with engine.begin() as connection:
        of_second = select(customer.sealed).where(customer.id == second.id).scalar_subquery()
        connection.execute(
            update(tables.customer).where(customer.id == first.id).values(sealed=of_second)
        )
    with pytest.raises(ValueError, match="moved"), sql.begin(sql.brand_id) as uow:
        uow.customers.get(first.id)


def test_errors_do_not_show_the_values(sql: StoreRig, engine: Engine) -> None:
    row = {"brand_id": sql.brand_id, "consumer": records.PAN, "message_id": "m", "at": records.AT}
    with pytest.raises(IntegrityError) as refused, engine.begin() as connection:
        connection.execute(insert(platform_tables.inbox), [row, row])
    assert "SQL parameters hidden" in str(refused.value)


def test_sqlite_is_durable_and_checks_parents(sqlite_engine: Engine) -> None:
    with sqlite_engine.connect() as connection:
        found = {
            pragma: connection.execute(text(f"PRAGMA {pragma}")).scalar()
            for pragma in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 5000,
    }


def test_postgresql_bounds_every_wait(pg_engine: Engine) -> None:
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    with pg_engine.connect() as connection:
        found = [connection.execute(text(f"SHOW {name}")).scalar() for name in names]
    assert found == ["2s", "10s", "15s"]


def test_a_transaction_names_its_brand_and_the_next_one_does_not_inherit_it(
    pg_engine: Engine, pg_login: Engine, rig_on: Callable[[Engine], StoreRig]
) -> None:
    assert pg_engine.url.database == pg_login.url.database
    rig = rig_on(pg_login)
    pg_login.dispose()
    named = text("SELECT current_setting('app.brands', true), current_user")
    with rig.begin(rig.brand_id) as uow:
        assert isinstance(uow, SqlWork)
        assert uow.tx.connection.execute(named).one() == (f"{{{rig.brand_id}}}", "los_app")
    assert pg_login.pool.checkedin() == 1  # type: ignore[attr-defined]  # the same one again
    with pg_login.connect() as connection:
        assert connection.execute(named).one() == ("", "los_test_login")


def test_whoever_waits_too_long_is_told_that_others_hold_it(
    sql: StoreRig,
    engine: Engine,
    another_engine: Callable[[str], Engine],
    second_on: Callable[[Engine, StoreRig], StoreRig],
) -> None:
    loan = sql.add_loan()
    hasty = another_engine(engine.url.render_as_string(hide_password=False))

    @event.listens_for(hasty, "connect")
    def _lose_patience(raw: Any, _record: object) -> None:
        if hasty.dialect.name == "sqlite":
            raw.execute("PRAGMA busy_timeout=20")
        else:
            raw.execute("SET lock_timeout = '20ms'")
            raw.commit()

    other = second_on(hasty, sql)
    with sql.begin(sql.brand_id) as uow:
        assert uow.loans.lock(loan.id) is not None
        with pytest.raises(Busy) as told, other.begin(sql.brand_id) as second:
            second.loans.lock(loan.id)
    assert told.value.details == {"retry_after_s": 1}
    with other.begin(sql.brand_id) as third:
        assert third.loans.lock(loan.id) is not None


def test_of_two_that_wait_for_each_other_the_one_undone_is_run_again(pg_engine: Engine) -> None:
    made = "CREATE TABLE IF NOT EXISTS pair (no INTEGER PRIMARY KEY, count INTEGER)"
    with pg_engine.begin() as connection:
        connection.execute(text(made))
        connection.execute(text("INSERT INTO pair VALUES (1, 0), (2, 0)"))
    met, attempts = threading.Barrier(2), []

    @retried
    def both(first: int) -> None:
        attempts.append(first)
        with busy_told(), pg_engine.begin() as connection:
            connection.execute(_COUNT, {"no": first})
            if attempts.count(first) == 1:
                met.wait()
            connection.execute(_COUNT, {"no": 3 - first})

    together(lambda number: both(number + 1), racers=2)
    with pg_engine.begin() as connection:
        counts = list(connection.execute(text("SELECT count FROM pair")).scalars())
        connection.execute(text("DROP TABLE pair"))
    assert (counts, len(attempts)) == ([2, 2], 3)


def test_what_is_undone_again_and_again_is_told(pg_engine: Engine) -> None:
    attempts = []

    @retried
    def undone(code: str) -> None:
        attempts.append(code)
        raised = f"DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '{code}'; END $$"
        with busy_told(), pg_engine.begin() as connection:
            connection.execute(text(raised))

    for code in ("40001", "40P01", "55P03"):
        with pytest.raises(Busy):
            undone(code)
    assert attempts == ["40001"] * 3 + ["40P01"] * 3 + ["55P03"]


def test_reading_does_not_wait_for_a_writer(sql: StoreRig) -> None:
    with sql.begin(sql.brand_id) as uow:
        uow.desk.next_number("loan")
        assert sql.platform.brand(sql.brand_id) == sql.ours


def test_making_the_tables_twice_harms_nothing(sql: StoreRig, engine: Engine) -> None:
    loan_id = filled(sql)
    create(engine)
    with sql.begin(sql.brand_id) as uow:
        assert uow.loans.get(loan_id) is not None


def test_processes_that_start_together_make_the_tables_once(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    start = "import sys; from los_adapters.store.engine import connect; from los_adapters.store.schema import create; create(connect(sys.argv[1]))"  # noqa: E501 - one program
    started = [
        subprocess.Popen([sys.executable, "-c", start, url], stderr=subprocess.PIPE)  # noqa: S603 - our own program
        for _ in range(3)
    ]
    told = [process.communicate(timeout=60)[1].decode() for process in started]
    assert [process.returncode for process in started] == [0, 0, 0], told


def test_every_table_is_a_brands_or_says_why_not() -> None:
    of_the_installation = {"brand", "staff", "session", "secure_code", "rate_limit"}
    others = {
        table.name
        for table in metadata.tables.values()
        if next(iter(table.primary_key.columns)).name != "brand_id"
    }
    assert others == of_the_installation


def test_a_connection_is_waited_for_as_long_as_was_said(tmp_path: Path) -> None:
    engine = connect(f"sqlite:///{tmp_path / 'los.db'}", pool_size=1, pool_wait_s=0.05)
    with engine.connect():
        begun = time.monotonic()
        with pytest.raises(Busy) as refused, busy_told(), engine.connect():
            pytest.fail("there was a second connection")
        assert time.monotonic() - begun < 1
    assert refused.value.details["retry_after_s"] == 1
    engine.dispose()
