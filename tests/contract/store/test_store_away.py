"""A database that does not answer is said to be away, and is used again as soon as it is back."""

import socket
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, text

from los_core.domain.errors import StoreAway
from los_core.domain.work import Job
from los_core.testing import records
from los_core.testing.store import StoreRig


@pytest.fixture
def nowhere() -> str:
    """The address of a server that is not there."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    return f"postgresql+psycopg://nobody@127.0.0.1:{port}/nothing"


def test_a_server_that_is_not_there_is_away_for_transactions_and_for_the_platform(
    nowhere: str,
    sql: StoreRig,
    another_engine: Callable[[str], Engine],
    second_on: Callable[[Engine, StoreRig], StoreRig],
) -> None:
    rig = second_on(another_engine(nowhere), sql)
    with pytest.raises(StoreAway) as told, rig.begin(rig.ours.id):
        pass
    assert told.value.details == {"retry_after_s": 2}
    with pytest.raises(StoreAway):
        rig.platform.brands()


def test_a_connection_cut_in_a_transaction_undoes_it_and_the_next_one_works(
    pg_engine: Engine, pg_login: Engine, rig_on: Callable[[Engine], StoreRig]
) -> None:
    rig = rig_on(pg_login)
    with pytest.raises(StoreAway):
        _number_and_cut(rig, pg_engine)
    pg_engine.dispose()
    with rig.begin(rig.ours.id) as uow:
        assert uow.desk.next_number("cut") == 1


def test_what_a_claim_took_whose_answer_was_lost_is_claimed_again_at_once(
    pg_engine: Engine, rig_on: Callable[[Engine], StoreRig], monkeypatch: pytest.MonkeyPatch
) -> None:
    rig = rig_on(pg_engine)
    with rig.begin(rig.brand_id) as uow:
        uow.desk.add_job(records.job(rig.brand_id, rig.entropy.uuid()))
    _lose_the_answer_to_one_commit(pg_engine, monkeypatch)
    with pytest.raises(StoreAway):
        _claimed(rig)
    [job] = _claimed(rig)
    assert job.attempts == 2
    assert rig.platform.finish_job(job)


def _claimed(rig: StoreRig) -> list[Job]:
    return rig.platform.claim_jobs(limit=9, now=rig.clock.now(), lease_s=60, worker="w")


def _lose_the_answer_to_one_commit(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the server commit and the driver see the connection end: no server can be made to."""
    commit = engine.dialect.do_commit

    def lost(connection: Any) -> None:
        monkeypatch.undo()
        commit(connection)
        raise psycopg.OperationalError("the server closed the connection unexpectedly")

    monkeypatch.setattr(engine.dialect, "do_commit", lost)


def _number_and_cut(rig: StoreRig, engine: Engine) -> None:
    with rig.begin(rig.ours.id) as uow:
        assert uow.desk.next_number("cut") == 1
        _cut_everybody_else(engine)
        uow.desk.next_number("cut")


def _cut_everybody_else(engine: Engine) -> None:
    query = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with engine.connect() as connection:
        connection.execute(text(query))
