"""Each invariant of the books, broken behind the store's back, is named with its loan.

One lender lives two loans by the services' own commands, one running and one completed; each test
breaks one thing in a copy of that database, with the triggers out of the way.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
from sqlalchemy import create_engine, text
from tests.contract.http.filling import hire
from tests.contract.http.installation import opened
from tests.contract.http.lending import lend

from los_adapters.cipher.aes import AesCipher
from los_adapters.cipher.local import LocalWrap
from los_adapters.clock import FixedClock
from los_adapters.entropy import SystemEntropy
from los_adapters.keys import Keys, new_key
from los_adapters.store.engine import connect
from los_adapters.store.work import SqlStore
from los_core.domain.access import Role
from los_core.domain.lifecycle import Status
from los_core.services.selfcheck import Report, Selfcheck

Plant = Callable[[str, str], Report]
KEYS = Keys.parse({field.name: new_key("test") for field in attrs.fields(Keys)})
TURNED_BACK = """
UPDATE ledger_entry SET amount = amount + CASE no WHEN 1 THEN 1 ELSE -1 END WHERE posting_id IN (
  SELECT posting_id FROM ledger_entry WHERE loan_id = :id AND account = '{account}' LIMIT 1
) AND no IN (1, (SELECT no FROM ledger_entry AS other WHERE other.posting_id
  = ledger_entry.posting_id AND account = '{account}'))
"""
A_PENAL_FACT = """
UPDATE fact SET kind = 'levied', document = json_object('kind', 'levied', 'charge', 'PENAL',
  'amount', 100, 'fact_id', json_extract(document, '$.fact_id'), 'source', source,
  'reference', reference,
  'value_date', value_date, 'instalment_no', NULL)
WHERE loan_id = :id AND kind = 'received'
"""


@attrs.frozen
class Lived:
    """A database with a running and a completed loan: their ids, as SQLite keeps them."""

    path: Path
    running: str
    completed: str


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    path = tmp_path_factory.mktemp("lived") / "los.db"
    with opened(f"sqlite:///{path}", keys=KEYS) as made:
        for role in Role:
            hire(made, made.ours, role)
        running = lend(made, made.ours, Status.DISBURSED).loan_id
        completed = lend(made, made.ours, Status.COMPLETED).loan_id
        assert running is not None
        assert completed is not None
        assert made.services.selfcheck.run().differences == ()
    return Lived(path, running.hex, completed.hex)


@pytest.fixture
def planted(lived: Lived, tmp_path: Path) -> Iterator[Plant]:
    """Yield what breaks a copy of the database by statements and checks it."""
    path = tmp_path / "los.db"
    shutil.copy(lived.path, path)
    engine = connect(f"sqlite:///{path}")
    cipher = AesCipher(LocalWrap(KEYS.kek))
    store = SqlStore(engine, cipher=cipher, clock=FixedClock(), entropy=SystemEntropy())

    def plant(statements: str, loan_id: str) -> Report:
        behind = create_engine(f"sqlite:///{path}")
        with behind.begin() as connection:
            triggers = "SELECT name FROM sqlite_master WHERE type = 'trigger'"
            for name in connection.execute(text(triggers)).scalars().all():
                connection.execute(text(f"DROP TRIGGER {name}"))
            for statement in statements.split(";"):
                done = connection.execute(text(statement), {"id": loan_id})
                assert done.rowcount > 0, "nothing was broken"
        behind.dispose()
        return Selfcheck(begin=store.begin, platform=store.platform).run()

    yield plant
    engine.dispose()


def test_books_that_nobody_touched_agree(planted: Plant, lived: Lived) -> None:
    report = planted("UPDATE loan SET purpose = 'Travel' WHERE id = :id", lived.running)
    assert (report.loans, report.differences) == (2, ())
    assert report.facts >= 3
    assert report.entries >= 10


@pytest.mark.parametrize(
    ("loan", "statements", "told"),
    [
        (
            "running",
            "UPDATE loan SET outstanding_principal = outstanding_principal - 1 WHERE id = :id",
            "principal is stored as",
        ),
        (
            "running",
            "UPDATE loan SET outstanding_interest = outstanding_interest + 1 WHERE id = :id",
            "interest is stored as 1",
        ),
        (
            "running",
            "UPDATE loan SET oldest_unpaid_due_on = '2026-12-06' WHERE id = :id",
            "oldest_unpaid_due_on is stored as 2026-12-06",
        ),
        ("running", TURNED_BACK.format(account="PRINCIPAL"), "PRINCIPAL on"),
        ("running", TURNED_BACK.format(account="GST_PAYABLE"), "paise of GST, its invoices"),
        (
            "running",
            "UPDATE ledger_entry SET amount = amount + 1 WHERE loan_id = :id AND account = 'BANK'",
            "sums to 1 paise, not to zero",
        ),
        (
            "completed",
            "DELETE FROM ledger_entry WHERE loan_id = :id AND account = 'PRINCIPAL'",
            "not to zero",
        ),
        (
            "completed",
            "UPDATE receipt SET split = '[[\"PRINCIPAL\", 99999999]]' WHERE loan_id = :id",
            "is split into more than its",
        ),
        (
            "completed",
            "UPDATE receipt SET amount = amount - 1 WHERE loan_id = :id",
            "what came in or went out is on record otherwise",
        ),
        (
            "completed",
            "UPDATE receipt SET status = 'PARKED' WHERE loan_id = :id",
            "receipts of 0 paise are posted, facts say otherwise",
        ),
        (
            "completed",
            "DELETE FROM fact WHERE loan_id = :id AND kind = 'received'",
            "it is completed and owes",
        ),
        (
            "completed",
            "UPDATE loan SET status = 'DISBURSED' WHERE id = :id",
            "it is running and owes nothing",
        ),
        (
            "running",
            "UPDATE payout SET stage = 'FAILED' WHERE loan_id = :id",
            "it has 0 payouts that succeeded, not 1",
        ),
        (
            "running",
            "UPDATE payout SET amount = amount + 1 WHERE loan_id = :id",
            "what came in or went out is on record otherwise",
        ),
        (
            "running",
            "DELETE FROM fact WHERE loan_id = :id",
            "its facts say not that it was paid out",
        ),
        (
            "running",
            "UPDATE loan SET status = 'DISBURSEMENT_FAILED' WHERE id = :id",
            "its facts say that it was paid out",
        ),
        (
            "running",
            "UPDATE agreement SET status = 'SENT' WHERE loan_id = :id",
            "G-AGR: no signed agreement",
        ),
        (
            "running",
            "UPDATE key_facts SET acknowledged_at = NULL WHERE loan_id = :id",
            "G-KFS: acknowledge",
        ),
        (
            "running",
            "UPDATE loan SET terms = json_set(terms, '$.small_balance', 1) WHERE id = :id",
            "its terms are not those that were accepted",
        ),
        (
            "running",
            "UPDATE loan SET terms = NULL WHERE id = :id",
            "without terms or position",
        ),
        (
            "completed",
            A_PENAL_FACT,
            "it cannot be worked out again: a charge of kind PENAL is computed, never levied",
        ),
        (
            "running",
            "DELETE FROM loan_history WHERE loan_id = :id AND seq = 3",
            "its history has",
        ),
        (
            "running",
            "UPDATE loan_history SET target = 'REJECTED' WHERE loan_id = :id AND seq = 3",
            "line 4 of its history starts from",
        ),
        (
            "completed",
            "UPDATE loan SET status = 'SETTLED' WHERE id = :id",
            "it is SETTLED, its history ends in COMPLETED",
        ),
    ],
)
def test_a_broken_invariant_is_named_with_its_loan(
    planted: Plant,
    lived: Lived,
    loan: str,
    statements: str,
    told: str,
) -> None:
    report = planted(statements, getattr(lived, loan))
    assert report.differences != ()
    assert len({found.loan_no for found in report.differences}) == 1
    assert [found.what for found in report.differences if told in found.what] != []
