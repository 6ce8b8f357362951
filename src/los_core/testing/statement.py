"""A statement to read, and the laws of the `StatementReader` port.

A `Rig` says how to make the files the reader is for; the laws then hold for any reader.
"""

from collections.abc import Callable
from datetime import date

import attrs

from los_core.domain.statement import Reason, Row, Statement, UnreadableStatement
from los_core.ports.statement import StatementReader

SAMPLE = Statement(
    account_holder="ROHAN DESHPANDE",
    account_last4="4321",
    bank="HDFC",
    ifsc="HDFC0000123",
    period_from=date(2026, 5, 1),
    period_to=date(2026, 7, 31),
    opening=10_000_00,
    closing=57_150_00,
    rows=(
        Row(
            on=date(2026, 5, 31),
            narration="NEFT CR-ICIC0SF0002-ACME TECHNOLOGIES PVT LTD-R DESHPANDE-SALARY MAY 2026",
            debit=0,
            credit=42_000_00,
            balance=52_000_00,
        ),
        Row(
            on=date(2026, 6, 5),
            narration="ACH D- BAJAJ FINANCE LTD-1972057786",
            debit=3_450_00,
            credit=0,
            balance=48_550_00,
        ),
        Row(
            on=date(2026, 6, 30),
            narration="NEFT CR-ICIC0SF0002-ACME TECHNOLOGIES PVT LTD-R DESHPANDE-SALARY JUN 2026",
            debit=0,
            credit=42_600_00,
            balance=91_150_00,
        ),
        Row(
            on=date(2026, 7, 4),
            narration="UPI-RAMESH KULKARNI-ramesh.kulkarni@okaxis-UTIB0000073-258842632162-RENT",
            debit=34_000_00,
            credit=0,
            balance=57_150_00,
        ),
    ),
)


@attrs.frozen(kw_only=True)
class Rig:
    """A reader, a statement it can be given, and how to put that into a file.

    `write` takes the password to lock the file with, or None.
    """

    reader: StatementReader
    statement: Statement
    write: Callable[[str | None], bytes]


def check_rows(rig: Rig) -> None:
    """Assert that what was written is read, amount by amount and day by day."""
    read = rig.reader.read(rig.write(None), password=None)
    assert without_blanks(read) == without_blanks(rig.statement)


def check_repeat(rig: Rig) -> None:
    """Assert that reading the same file twice gives the same statement."""
    pdf = rig.write(None)
    assert rig.reader.read(pdf, password=None) == rig.reader.read(pdf, password=None)


def check_password(rig: Rig) -> None:
    """Assert that a locked file opens with its password and says what is wrong without it."""
    locked = rig.write("rohan0190")
    read = rig.reader.read(locked, password="rohan0190")  # noqa: S106 - of an invented file
    assert without_blanks(read) == without_blanks(rig.statement)
    assert refusal(rig.reader, locked, password=None) is Reason.PASSWORD_REQUIRED
    assert refusal(rig.reader, locked, password="") is Reason.PASSWORD_WRONG
    assert refusal(rig.reader, locked, password="Rohan0190") is Reason.PASSWORD_WRONG  # noqa: S106


def check_garbage(rig: Rig) -> None:
    """Assert that what is no PDF is refused, and a file cut short is never read as whole."""
    pdf = rig.write(None)
    for garbage in (b"", b"%PDF-", b"PK\x03\x04" + bytes(200), bytes(range(256)) * 40):
        assert refusal(rig.reader, garbage, password=None) is Reason.DAMAGED
    assert refusal(rig.reader, pdf[: len(pdf) // 2], password=None) is not None


def refusal(reader: StatementReader, pdf: bytes, *, password: str | None) -> Reason | None:
    """Return why the reader refuses the file, None if it does not."""
    try:
        reader.read(pdf, password=password)
    except UnreadableStatement as err:
        return err.reason
    return None


def without_blanks(statement: Statement) -> Statement:
    """Return the statement with blanks taken out of narrations: banks lose some in wrapping."""
    rows = tuple(
        attrs.evolve(row, narration="".join(row.narration.split())) for row in statement.rows
    )
    return attrs.evolve(statement, rows=rows)
