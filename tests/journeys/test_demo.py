"""The four journeys with real processes, on SQLite and on PostgreSQL, and what they left behind.

The demo checks itself as it goes; here everything is looked up again, in the lender's database and
in the vendors' books.
"""

import base64
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, RowMapping, create_engine, select, text, update
from tests.journeys.stage import CHILDREN, Books, Stage
from tests.journeys.verdict import verdict

from los_adapters.sandbox.personas import Personas
from los_adapters.store.money_tables import fact
from los_adapters.store.tables import loan
from los_core.domain.words import principal_reasons

ASHA, RAVI, MEENA, ARJUN = range(4)
OWED = {"PRINCIPAL", "INTEREST", "PENAL", "BOUNCE", "FEE", "ADVANCE", "SUSPENSE"}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def played(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Stage]:
    """Play the whole demo once per database; its exit code says that every step was verified."""
    db = request.getfixturevalue("pg_url") if request.param == "postgresql" else ""
    stage = Stage(folder=tmp_path_factory.mktemp("play") / request.param, db=db)
    try:
        assert stage.run() == 0, stage.said()
        yield stage
    finally:
        stage.end()


@pytest.fixture(scope="module")
def books(played: Stage) -> Books:
    return played.books()


def test_the_books_of_lender_and_vendors_agree_and_nothing_happened_twice(books: Books) -> None:
    assert verdict(books) == []


def test_a_completed_loan_owes_nothing_on_any_account(books: Books) -> None:
    for place in (ASHA, ARJUN):
        owed = dict.fromkeys(OWED, 0)
        for at, account, _, paise in books.ledger:
            if at == place and account in owed:
                owed[account] += paise
        assert owed == dict.fromkeys(OWED, 0)


def test_the_loan_of_the_silent_bank_was_found_by_inquiry(books: Books) -> None:
    [payout] = [p for p in books.payouts if p["loan_id"] == books.loans[MEENA][2]]
    assert payout["inquiries"] >= 1


def test_the_no_dues_certificates_arrived_by_mail(books: Books) -> None:
    for who in ("asha", "arjun"):
        [mail] = [m for m in books.mail(Personas()[who].email) if "no-dues" in m["subject"].lower()]
        [certificate] = [f for f in mail["files"] if f["name"].startswith("No-dues")]
        assert base64.b64decode(certificate["content"]).startswith(b"%PDF")


def test_the_rejected_customer_was_told_the_reasons_in_plain_words(books: Books) -> None:
    loan_id = books.loans[RAVI][2]
    [decision] = [
        d
        for d in books.decisions
        if d["loan_id"] == loan_id and d["kind"] == "BRE" and d["verdict"] == "REJECT"
    ]
    told = principal_reasons(tuple(decision["reasons"]))
    [mail] = [m for m in books.mail(Personas()["ravi"].email) if "our decision" in m["subject"]]
    assert told
    assert all(reason in mail["text"] for reason in told)
    assert not [p for p in books.payouts if p["loan_id"] == loan_id]


def test_no_process_outlives_the_demo(played: Stage) -> None:
    assert played.books().vendors, "the sandbox kept its state"
    running = subprocess.run(
        ["/bin/ps", "-eo", "args"], capture_output=True, text=True, check=True
    ).stdout
    assert str(played.folder) not in running
    assert not (played.folder / "pids.json").exists()
    assert all((played.folder / f"{child}.log").exists() for child in CHILDREN)


def test_selfcheck_names_the_loan_and_the_fact_that_was_altered(played: Stage) -> None:
    engine = create_engine(played.db or f"sqlite:///{played.folder / 'los.db'}")
    assert _selfcheck(played).returncode == 0
    with engine.connect() as connection:
        query = select(fact).where(fact.c.kind == "received").order_by(fact.c.value_date)
        chosen = connection.execute(query.limit(1)).mappings().one()
        number = select(loan.c.loan_no).where(loan.c.id == chosen["loan_id"])
        loan_no = connection.execute(number).scalar_one()
    _rewrite(engine, chosen, {**chosen["document"], "amount": chosen["document"]["amount"] + 1})
    found = _selfcheck(played)
    _rewrite(engine, chosen, chosen["document"])
    engine.dispose()
    assert found.returncode == 1
    assert loan_no in found.stdout
    assert f"{chosen['source']} {chosen['reference']}" in found.stdout
    assert _selfcheck(played).returncode == 0


def _rewrite(engine: Engine, chosen: RowMapping, document: object) -> None:
    """Put another document behind a fact, as nobody can who goes through the store."""
    query = update(fact).where(
        fact.c.loan_id == chosen["loan_id"], fact.c.reference == chosen["reference"]
    )
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            made = text("SELECT sql FROM sqlite_master WHERE name = 'fact_no_update'")
            again = connection.execute(made).scalar_one()
            connection.execute(text("DROP TRIGGER fact_no_update"))
        else:
            again = "ALTER TABLE fact ENABLE TRIGGER fact_append_only"
            connection.execute(text("ALTER TABLE fact DISABLE TRIGGER fact_append_only"))
        assert connection.execute(query.values(document=document)).rowcount == 1
        connection.execute(text(again))


def _selfcheck(stage: Stage) -> "subprocess.CompletedProcess[str]":
    """Run `los selfcheck` on a play's database."""
    folder: Path = stage.folder
    environment = {
        **os.environ,
        "LOS_ENV": "embedded",
        "LOS_DB__URL": stage.db or f"sqlite:///{folder / 'los.db'}",
        "LOS_CLOCK_FILE": str(folder / "clock"),
        "LOS_KEYS__FILE": str(folder / "keys.json"),
        "LOS_STORAGE__FOLDER": str(folder / "files"),
        "COLUMNS": "300",
    }
    return subprocess.run(
        [sys.executable, "-m", "los_cli", "selfcheck"],
        capture_output=True,
        text=True,
        check=False,
        env=environment,
        cwd=folder,
    )
