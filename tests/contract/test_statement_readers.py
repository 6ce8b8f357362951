from collections.abc import Callable
from datetime import date

import pytest

from los_adapters.sandbox.statements import Emi, Layout, StatementStory, statement_of, statement_pdf
from los_adapters.statement.local import LocalStatementReader
from los_adapters.statement.memory import MemoryStatementReader, file_of
from los_core.testing.statement import (
    SAMPLE,
    Rig,
    check_garbage,
    check_password,
    check_repeat,
    check_rows,
)

STORY = StatementStory(
    holder="ROHAN DESHPANDE",
    account_no="50100123454321",
    ifsc="HDFC0000123",
    branch="BANER",
    address=("FLAT 12 SAI KRUPA SOCIETY", "KOTHRUD", "PUNE 411038"),
    employer="ACME TECHNOLOGIES PRIVATE LIMITED",
    salary=42_000_00,
    salary_day=1,
    opening=12_345_67,
    rent=11_000_00,
    emis=(Emi(lender="BAJAJ FINANCE LTD", amount=3_450_00, day=5, bounced=(1,)),),
)


def local(layout: Layout) -> Rig:
    until = date(2026, 11, 24)
    return Rig(
        reader=LocalStatementReader(),
        statement=statement_of(STORY, until=until, months=3, layout=layout),
        write=lambda password: statement_pdf(
            STORY, until=until, months=3, layout=layout, password=password
        ),
    )


def memory() -> Rig:
    return Rig(
        reader=MemoryStatementReader(),
        statement=SAMPLE,
        write=lambda password: file_of(SAMPLE, password=password),
    )


RIGS: dict[str, Callable[[], Rig]] = {
    "memory": memory,
    "local-hdfc": lambda: local("HDFC"),
    "local-sbi": lambda: local("SBI"),
}


@pytest.fixture(params=sorted(RIGS))
def rig(request: pytest.FixtureRequest) -> Rig:
    return RIGS[request.param]()


def test_what_the_bank_printed_is_read(rig: Rig) -> None:
    check_rows(rig)


def test_the_same_file_reads_the_same_twice(rig: Rig) -> None:
    check_repeat(rig)


def test_a_locked_file_opens_with_its_password_only(rig: Rig) -> None:
    check_password(rig)


def test_what_is_no_whole_pdf_is_refused(rig: Rig) -> None:
    check_garbage(rig)
